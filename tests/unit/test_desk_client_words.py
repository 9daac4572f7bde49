"""Words of strangers on the operators' terminal: harmless, and no wider than their column."""

from __future__ import annotations

import pytest
from prompt_toolkit.utils import get_cwidth

from cli.desk.clean import cut, fold, one_line, plain


@pytest.mark.parametrize(("text", "left"), [
    ("\x1b[2J\x1b[H清屏", "清屏"), ("\x1b]0;标题\x07你好", "你好"), ("\x1b]52;c;aGk=\x1b\\剪贴板", "剪贴板"), ("\x9b31m红", "红"), ("\x1bc重置", "重置"),
    ("响\x07铃\x08退", "响铃退"), ("甲\r\n乙\u2028丙\x0b丁", "甲\n乙\n丙\n丁"), ("正\u202e反\u2066看\u200b不见", "正反看不见"), ("半\ud800个", "半个"),
    ("\x1b]没有结束的也不能藏住后面的话", "没有结束的也不能藏住后面的话"), ("a" + "\u0301" * 50, "a\u0301\u0301"), (None, ""), (12, ""),
], ids=repr)
def test_what_could_act_on_a_terminal_is_taken_out_and_the_words_stay(text: object, left: str) -> None:
    assert plain(text) == left


def test_on_one_line_breaks_are_spaces() -> None:
    assert one_line("  甲\n\n乙\t丙 ") == "甲 乙 丙"


@pytest.mark.parametrize("width", [2, 7, 20])
def test_lines_are_folded_by_columns_and_lose_nothing(width: int) -> None:
    text = "小区门口的lamp坏了38天，没人修"
    lines = fold(text, width)
    assert max(map(get_cwidth, lines)) <= width
    assert "".join(lines) == text


def test_a_column_narrower_than_a_character_still_ends() -> None:
    assert fold("路灯", 1) == ["路", "灯"]


def test_what_is_cut_says_so_and_fits() -> None:
    assert cut("解放路十二号", 7) == "解放路…"
    assert cut("解放路", 6) == "解放路"
