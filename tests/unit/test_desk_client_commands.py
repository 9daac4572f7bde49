"""The seat's state after what its person writes and presses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cli.desk.commands import KEYS, cancel, enter, exchange, leave, typing
from cli.desk.hearing import hear
from cli.desk.model import Desk, Fill, Next, Quit, Send
from tests.support.desk_frames import ID, OTHER, conversation, frames, line, message, seat, waiting


def two() -> Desk:
    return hear(seat(), {"type": "next", "id": OTHER})[0]


def test_words_go_to_the_caller_in_the_middle_under_a_name_of_their_own() -> None:
    step = enter(enter(seat(), "您好")[0], "我是坐席")
    assert frames(step) == [{"type": "say", "id": ID, "text": "我是坐席", "client_message_id": "d-2", "request": "d-2"}]


@pytest.mark.parametrize(("line_", "frame"), [
    ("转接 12333", {"to": "12333"}), ("转接 人社 问社保断缴", {"to": "12333", "note": "问社保断缴"}), ("／转接　１２３６６　开票", {"to": "12366", "note": "开票"}),
    ("转接 排队 tax 要懂税的", {"to": "queue", "skill": "tax", "note": "要懂税的"}), ("转接 排队 请接着办", {"to": "queue", "note": "请接着办"}),
])
def test_a_transfer_is_confirmed_and_then_sent(line_: str, frame: dict[str, Any]) -> None:
    asked = enter(seat(), line_)
    assert frames(asked) == []
    assert "确认" in asked[0].notice
    assert frames(enter(asked[0], "")) == [{"type": "transfer", "id": ID, **frame, "request": "d-1"}]


@pytest.mark.parametrize(("line_", "frame"), [
    ("交还", {"type": "return"}), ("交还 已答完", {"type": "return", "note": "已答完"}), ("结束", {"type": "end"}), ("/结束 已办好", {"type": "end", "reason": "已办好"}),
])
def test_giving_back_and_ending_are_confirmed(line_: str, frame: dict[str, str]) -> None:
    assert frames(enter(enter(seat(), line_)[0], "")) == [{"id": ID, **frame, "request": "d-1"}]


@pytest.mark.parametrize("between", [lambda desk: cancel(desk)[0], lambda desk: enter(desk, "等一下")[0], lambda desk: enter(two(), "切换 1")[0]],
                         ids=["escape", "words", "another conversation"])
def test_what_was_not_confirmed_at_once_is_not_done_later(between: Any) -> None:
    desk = between(enter(seat(), "结束")[0])
    assert frames(enter(desk, "")) == []


def test_nothing_is_ended_before_the_last_words_have_arrived() -> None:
    step = enter(enter(seat(), "再见")[0], "结束")
    assert step[0].confirming is None
    assert "还有话没有送到" in step[0].notice


@pytest.mark.parametrize("words", ["结束了吗", "交还给您了", "转接到12366可以吗", "我帮您接入", "就绪了再说", "第1条建议"])
def test_words_that_begin_like_a_command_are_words(words: str) -> None:
    assert frames(enter(seat(), words))[0]["text"] == words


def test_a_command_word_can_be_said_and_keeps_its_punctuation() -> None:
    assert frames(enter(seat(), "说 结束"))[0]["text"] == "结束"
    assert frames(enter(seat(), "说 好的，再见！"))[0]["text"] == "好的，再见！"


@pytest.mark.parametrize("words", ["/不存在", "／转街 12333", "/转接 99999"])
def test_a_mistyped_command_is_not_told_to_the_caller_and_given_back(words: str) -> None:
    step = enter(seat(), words)
    assert step[1] == (Fill(words),)


@pytest.mark.parametrize(("desk", "text"), [(Desk(prefix="d", linked=True), "您好"), (seat(), "字" * 2001)], ids=["nobody to tell", "too long"])
def test_words_that_cannot_be_sent_come_back_into_the_line(desk: Desk, text: str) -> None:
    after, effects = enter(desk, text)
    assert effects == (Fill(text),)
    assert after.asked == ()


def test_without_a_link_words_wait() -> None:
    desk, effects = enter(replace(seat(), linked=False), "您好")
    assert effects == ()
    assert [asked.text for asked in desk.unsent(ID)] == ["您好"]


def test_claiming_takes_the_best_or_the_one_at_a_place() -> None:
    desk = hear(replace(seat(), region="370102"), line(waiting(OTHER)))[0]
    assert enter(desk, "接入")[1] == (Next({"skills": ["general"], "region": "370102"}),)
    assert KEYS["f2"](desk)[1] == enter(desk, "接入")[1]
    assert frames(enter(desk, "接入 1")) == [{"type": "claim", "id": OTHER, "request": "d-1"}]
    assert enter(desk, "接入 2")[0].notice == "队列里没有第 2 位。"


def test_a_suggestion_goes_into_the_line_and_not_to_the_caller() -> None:
    desk = hear(seat(), {"type": "suggestions", "id": ID, "suggestions": [{"text": "带上户口簿。", "name": "身份证补领"}]})[0]
    assert enter(desk, "建议 1")[1] == (Fill("带上户口簿。", add=True),)
    assert KEYS["f4"](desk)[0].notice == "没有这一条建议。"


def test_a_pause_and_its_end_are_told_to_the_server() -> None:
    paused = enter(seat(), "暂停")
    assert frames(paused) == [{"type": "pause", "skills": ["general"], "region": None}]
    assert frames(KEYS["f9"](paused[0]))[0]["type"] == "ready"


def test_the_draft_stays_with_its_caller() -> None:
    before = two()
    after, words = exchange(before, enter(before, "切换 1")[0], "写给第二位的半句")
    assert words == ""
    back, words = exchange(after, enter(after, "切换 2")[0], "写给第一位的")
    assert words == "写给第二位的半句"
    assert back.talk(ID).draft == "写给第一位的"  # type: ignore[union-attr]


def test_what_was_written_for_a_caller_who_is_gone_reaches_nobody_else() -> None:
    before = two()
    assert exchange(before, before.drop(OTHER), "只对他说的") [1] == ""


def test_the_caller_hears_of_typing_now_and_then() -> None:
    desk, effects = typing(seat(), "您")
    assert effects == (Send({"type": "typing", "id": ID}),)
    assert typing(replace(desk, now=102.0), "您好")[1] == ()
    assert typing(replace(desk, now=103.0), "您好啊")[1] == effects
    assert typing(seat(), "/转接")[1] == ()


def test_who_leaves_with_conversations_in_hand_is_asked_twice() -> None:
    once = leave(seat())
    assert once[1] == ()
    assert leave(once[0])[1] == (Quit(),)
    assert leave(enter(once[0], "")[0])[1] == ()
    assert leave(Desk(prefix="d"))[1] == (Quit(),)


def test_a_lost_conversation_is_put_away_at_once() -> None:
    desk = hear(seat(), conversation(message(3, "system", "已回到队列"), owner="queue"))[0]
    assert KEYS["f8"](desk)[0].talks == ()


def test_every_key_does_something_at_an_empty_desk() -> None:
    for name, act in KEYS.items():
        assert isinstance(act(Desk(prefix="d"))[0], Desk), name
