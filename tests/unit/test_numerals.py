"""Spoken numerals to digits and numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zh.normalise import normalise
from zh.numerals import DigitRun, digit_runs, digits_in, last_four, to_digits, to_number


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("幺三八零五三一幺二三四", ["13805311234"]),
        ("我的电话是幺三八零五三一幺二三四一直没人打", ["13805311234"]),
        ("二零二六幺幺二二", ["20261122"]),
        ("幺二三四五", ["12345"]),
        ("打12345一直打不通", ["12345"]),
        ("一二三四五一直打不通", ["12345"]),
        ("幺幺零", ["110"]),
        ("138 0531 1234", ["13805311234"]),
        ("0531-8278 1234", ["053182781234"]),
        ("幺三八00零零1234", ["13800001234"]),
        ("一八六零零零零,后面四个八", ["18600008888"]),
        ("一八六后面四个八", ["1868888"]),
        ("3号楼2单元501", ["3", "2", "501"]),
        ("三百二十一", []),
        ("三四个人", []),
        ("住了三四五年", []),
        ("我有三个八岁的孩子", []),
        ("一个问题", []),
        ("", []),
    ],
)
def test_digit_strings_are_read_and_numbers_in_words_left(text: str, runs: list[str]) -> None:
    assert digits_in(normalise(text)) == runs


def test_a_run_says_where_it_stands() -> None:
    assert digit_runs("电话幺三八一直") == [DigitRun(2, 5, "138")]


def test_commas_join_groups_only_where_pauses_are_asked_for() -> None:
    text = normalise("幺三八,零五三一,幺二三四")
    assert digits_in(text) == ["138", "0531", "1234"]
    assert digit_runs(text, pauses=True) == [DigitRun(0, 13, "13805311234")]


@pytest.mark.parametrize(
    ("text", "four"),
    [
        ("尾号幺二三四", "1234"),
        ("尾号是1234", "1234"),
        ("手机后四位是 5 6 7 8", "5678"),
        ("1234", "1234"),
        ("零零幺二", "0012"),
        ("我的手机是13805311234", "1234"),
        ("工单2026112200000001,尾号幺二三四", "1234"),
        ("1234还是5678", None),
        ("2026年办的", None),
        ("二零二六年", None),
        ("没有", None),
        ("2026112200000001", None),
    ],
)
def test_the_last_four_digits_are_taken_only_when_one_reading_is_left(text: str, four: str | None) -> None:
    assert last_four(normalise(text)) == four


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三百二十", 320), ("两百五", 250), ("三千五", 3500), ("一万二", 12000), ("百八十", 180), ("十", 10), ("二十万", 200000), ("1.5万", 15000),
        ("12", 12), ("两点五", 2.5), ("一百零八", 108), ("万", None), ("半", None), ("点", None), ("三个", None), ("", None), ("9" * 30, None),
    ],
)  # fmt: skip
def test_numbers_in_words_have_their_value(text: str, value: float | None) -> None:
    assert to_number(text) == value


@pytest.mark.parametrize(("run", "digits"), [("幺三八 0531", "1380531"), ("一二三", "123"), ("12a", None), ("十二", None), ("", None)])
def test_only_digits_become_digits(run: str, digits: str | None) -> None:
    assert to_digits(run) == digits


@given(st.text(alphabet="零〇幺一二三四五六七八九十百千万亿两个点0123456789 -,、后面尾号是年直.", max_size=80))
def test_no_text_breaks_the_reading(text: str) -> None:
    for pauses in (False, True):
        for run in digit_runs(text, pauses=pauses):
            assert 0 <= run.start < run.end <= len(text)
            assert run.digits.isdigit()
    four = last_four(text)
    assert four is None or len(four) == 4
    value = to_number(text)
    assert value is None or value >= 0


@given(st.text(alphabet="0123456789", min_size=3, max_size=20))
def test_digits_spoken_one_by_one_come_back(digits: str) -> None:
    spoken = digits.translate(str.maketrans("0123456789", "零幺二三四五六七八九"))
    few = len(digits) == 3 and set(digits) <= set("2345678")
    assert few or digits_in(spoken) == [digits]
