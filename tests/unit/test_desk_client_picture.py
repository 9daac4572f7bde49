"""What the screen shows, in terminals of any size."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from prompt_toolkit.utils import get_cwidth

from cli.desk.commands import ask_help, enter, scroll
from cli.desk.hearing import cut_off, hear
from cli.desk.model import Desk
from cli.desk.picture import KEYS_LINE, Line, picture
from core.clock import SHANGHAI
from tests.support.desk_frames import ID, OTHER, conversation, line, message, seat, waiting

AT = datetime(2026, 11, 23, 9, 3, 5, tzinfo=SHANGHAI)
PACKAGE = {"type": "package", "id": ID, "reason": "angry", "mood": "angry", "elderly": True, "caller": "138****8000",
           "summary": {"text": "问过路灯报修，没有登记成。", "failed": ["灯杆也歪了"]},
           "form": {"type": "求助", "filled": {"地点": "解放路"}, "missing": ["手机号"]}}


def place(code: str) -> str:
    return {"370102": "历下区"}.get(code, code)


def busy() -> Desk:
    """A desk with everything on it."""
    desk = hear(seat(), line(waiting(OTHER, reason="emergency_119", alarm=True, last_text="着火了"), waiting("w3", elderly=True, channel="ivr"), waiting("w4")))[0]
    desk = hear(desk, {**PACKAGE})[0]
    desk = hear(desk, {"type": "suggestions", "id": ID, "suggestions": [{"text": f"第{n}条建议，" * 20, "name": f"事项{n}"} for n in (1, 2, 3)]})[0]
    return hear(desk, conversation(*(message(seq, "caller", f"第{seq}句，路灯坏了三天没有人来修") for seq in range(3, 40))))[0]


def text(lines: list[Line]) -> str:
    return "\n".join("".join(part for _, part in each) for each in lines)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40), (200, 60), (62, 10)])
@pytest.mark.parametrize("desk", [busy(), ask_help(busy())[0], Desk(prefix="d")], ids=["busy", "help", "empty"])
def test_nothing_is_wider_or_higher_than_its_place(desk: Desk, columns: int, rows: int) -> None:
    shown = picture(desk, columns, rows, AT, place)
    assert sum(shown.widths) + 2 <= columns
    for lines, width in zip((shown.left, shown.middle, shown.right), shown.widths):
        assert len(lines) <= rows - 5 or desk.help and rows < 24
        assert all(get_cwidth(row) <= width for row in text(lines).split("\n"))
    assert get_cwidth(text([shown.title])) <= columns


def test_the_keys_fit_in_eighty_columns() -> None:
    assert get_cwidth(KEYS_LINE) <= 80


def test_help_is_whole_in_the_smallest_terminal() -> None:
    shown = picture(ask_help(Desk(prefix="d"))[0], 80, 24, AT, place).middle
    assert "F10　退出" in text(shown)
    assert len(shown) <= 19


def test_the_line_tells_who_waits_how_long_and_why_and_marks_alarms_and_the_elderly() -> None:
    shown = picture(busy(), 100, 30, AT, place)
    left = text(shown.left)
    for word in ("等候的人（3）", "1 ！火警119", "3分05秒", "历下区", "“着火了”", "老人", "电话"):
        assert word in left
    assert shown.left[1][0][0] == "class:alarm"
    assert "class:elderly" in {style for each in shown.left for style, _ in each}


def test_the_conversation_says_who_spoke_when_and_ends_with_the_newest() -> None:
    middle = text(picture(busy(), 120, 24, AT, place).middle)
    assert "09:39 来电人：第39句" in middle
    assert "09:01" not in middle
    assert "第39句" not in text(picture(scroll(busy(), 60)[0], 120, 24, AT, place).middle)


def test_scrolling_stops_at_the_first_words() -> None:
    assert "09:01 来电人：路灯坏了" in text(picture(scroll(busy(), 10_000)[0], 120, 24, AT, place).middle)


def test_new_words_stand_below_a_mark_and_another_conversation_shows_their_number() -> None:
    desk = hear(hear(seat(), {"type": "next", "id": OTHER})[0], conversation(message(3, "caller", "解放路")))[0]
    assert "●1" in text(picture(desk, 80, 24, AT, place).middle[:1])
    shown = text(picture(enter(desk, "切换 1")[0], 80, 24, AT, place).middle)
    assert shown.index("在什么地方") < shown.index("以下是新消息") < shown.index("解放路")


def test_what_is_not_acknowledged_looks_so() -> None:
    desk = enter(seat(), "马上派人")[0]
    assert "我（正在送）：马上派人" in text(picture(desk, 80, 24, AT, place).middle)
    desk = hear(desk, {"type": "error", "request": "d-1", "code": "invalid_request", "message": "不行"})[0]
    assert "我（未送出）：马上派人" in text(picture(desk, 80, 24, AT, place).middle)


def test_typing_is_shown_until_the_server_takes_it_back_or_is_out_of_reach() -> None:
    desk = hear(seat(), {**conversation(last_seq=2), "typing": True})[0]
    assert "对方正在输入" in text(picture(desk, 80, 24, AT, place).middle)
    assert "正在输入" not in text(picture(cut_off(desk, "连接断了")[0], 80, 24, AT, place).middle)
    assert "正在输入" not in text(picture(hear(desk, conversation(last_seq=2))[0], 80, 24, AT, place).middle)


def test_the_last_words_that_the_caller_has_read_are_marked() -> None:
    desk = hear(seat(), {**conversation(*(message(seq, "operator", f"第{seq}句") for seq in (3, 4, 5))), "read": 4})[0]
    shown = text(picture(desk, 80, 24, AT, place).middle)
    assert ("第4句（已读）" in shown, shown.count("已读")) == (True, 1)
    assert "已读" not in text(picture(seat(), 80, 24, AT, place).middle)


def test_what_is_handed_over_and_three_suggestions_stand_at_the_right() -> None:
    right = text(picture(busy(), 120, 40, AT, place).right)
    for word in ("生气", "老人", "138****8000", "问过路灯报修", "没答上：灯杆也歪了", "正在登记：求助", "地点：解放路", "还缺：手机号", "F3 事项1", "F4 事项2", "F5 事项3"):
        assert word in right


def test_in_a_small_terminal_the_suggestions_keep_their_place() -> None:
    right = text(picture(busy(), 80, 18, AT, place).right)
    assert "F5 事项3" in right
    assert "……" in right


def test_without_a_link_the_screen_says_so() -> None:
    assert "未连接" in text([picture(replace(seat(), linked=False), 80, 24, AT, place).title])
