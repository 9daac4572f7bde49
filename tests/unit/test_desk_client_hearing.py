"""The seat's state after what the server says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cli.desk.commands import enter, rest, switch
from cli.desk.hearing import cut_off, hear, linked, reading, tick
from cli.desk.model import Desk, Fetch, Ring
from tests.support.desk_frames import ID, OTHER, conversation, frames, line, message, seat, waiting

WATCH = {"type": "watch", "id": ID, "after": 2, "request": f"watch:{ID}"}
TAKEN = {"type": "error", "code": "conversation_taken", "message": "这个会话已经由别的工作人员接待"}


def said(desk: Desk, id: str = ID) -> list[str]:
    talk = desk.talk(id)
    return [message.text for message in talk.said] if talk else []


def test_the_bell_rings_once_for_everybody_who_comes() -> None:
    desk, effects = hear(seat(), line(waiting()))
    assert effects == (Ring(),)
    desk, effects = hear(desk, line(waiting()))
    assert effects == ()
    assert hear(desk, line(waiting(), waiting(OTHER)))[1] == (Ring(),)


def test_at_a_pause_the_bell_rings_for_alarms_alone() -> None:
    desk = rest(seat(), False)[0]
    assert hear(desk, line(waiting()))[1] == ()
    assert hear(desk, line(waiting(reason="crisis", alarm=True)))[1] == (Ring(),)


def test_messages_are_kept_once_and_in_order_however_they_come() -> None:
    desk = seat()
    for frame in (conversation(message(3, "caller", "解放路"), message(2, "bot", "在什么地方？")), conversation(message(3, "caller", "解放路"))):
        desk = hear(desk, frame)[0]
    assert said(desk) == ["路灯坏了", "在什么地方？", "解放路"]


def test_a_gap_is_asked_for_and_what_fills_it_stands_in_its_place() -> None:
    desk, effects = hear(seat(), conversation(message(5, "caller", "第五句")))
    assert WATCH in frames((desk, effects))
    desk = hear(desk, conversation(message(3, "caller", "第三句"), message(4, "bot", "第四句"), message(5, "caller", "第五句")))[0]
    assert said(desk)[2:] == ["第三句", "第四句", "第五句"]
    assert desk.talk(ID).last_seq == 5  # type: ignore[union-attr]


def test_a_gap_of_the_server_is_asked_for_once_only() -> None:
    desk = hear(seat(), conversation(message(5, "caller", "第五句")))[0]
    step = hear(desk, conversation(message(5, "caller", "第五句")))
    assert not [frame for frame in frames(step) if frame["type"] == "watch"]
    assert step[0].talk(ID).last_seq == 5  # type: ignore[union-attr]


def test_new_words_of_the_caller_bring_a_new_package() -> None:
    assert Fetch(ID) in hear(seat(), conversation(message(3, "caller", "解放路")))[1]
    assert hear(seat(), conversation(message(3, "bot", "好的")))[1] == ()


def test_after_a_break_everything_missed_is_asked_for_and_everything_open_is_sent_again_under_its_name() -> None:
    desk = enter(cut_off(seat(), "断了")[0], "您好")[0]
    told = frames(linked(desk))
    assert [frame["type"] for frame in told] == ["ready", "watch", "say"]
    assert told[1] == WATCH
    assert told[2] == {"type": "say", "id": ID, "text": "您好", "client_message_id": "d-1", "request": "d-1"}


def test_what_the_server_acknowledged_is_never_sent_again() -> None:
    desk = hear(enter(seat(), "您好")[0], {"type": "done", "request": "d-1"})[0]
    assert [frame["type"] for frame in frames(linked(cut_off(desk, "断了")[0]))] == ["ready", "watch"]
    assert [asked.state for asked in desk.unsent(ID)] == ["kept"]


@pytest.mark.parametrize("mark", [{"client_message_id": "d-1"}, {}], ids=["by its name", "by its words"])
@pytest.mark.parametrize("acknowledged_first", [True, False])
def test_words_that_arrived_stand_in_the_conversation_once(mark: dict[str, str], acknowledged_first: bool) -> None:
    told = [{"type": "done", "request": "d-1"}, conversation(message(3, "operator", "您好", **mark))]
    desk = enter(seat(), "您好")[0]
    for frame in told if acknowledged_first else reversed(told):
        desk = hear(desk, frame)[0]
    assert said(desk)[-1] == "您好"
    assert desk.unsent(ID) == ()


def test_what_got_no_answer_is_sent_again_after_ten_seconds() -> None:
    desk = enter(seat(), "您好")[0]
    assert frames(tick(replace(desk, now=109.0))) == []
    assert [frame["request"] for frame in frames(tick(replace(desk, now=110.0)))] == ["d-1"]


def test_a_passing_fault_keeps_the_words_and_tries_again_soon() -> None:
    desk = hear(enter(seat(), "您好")[0], {"type": "error", "request": "d-1", "code": "service_unavailable", "message": "系统这会儿不可用"})[0]
    assert desk.notice == "系统这会儿不可用"
    assert [frame["request"] for frame in frames(tick(replace(desk, now=102.0)))] == ["d-1"]


def test_refused_words_stay_in_sight_and_are_not_sent_again() -> None:
    desk = hear(enter(seat(), "您好")[0], {"type": "error", "request": "d-1", "code": "invalid_request", "message": "不能为空"})[0]
    assert [asked.state for asked in desk.unsent(ID)] == ["refused"]
    assert [frame["type"] for frame in frames(linked(desk))] == ["ready", "watch"]


def test_a_conversation_that_somebody_else_has_is_marked_and_gets_no_more_words() -> None:
    desk = hear(enter(seat(), "您好")[0], {**TAKEN, "request": "d-1"})[0]
    assert not desk.talk(ID).mine  # type: ignore[union-attr]
    assert [asked.text for asked in desk.unsent(ID)] == ["您好"]
    assert frames(enter(desk, "还在吗")) == []


def test_a_conversation_that_went_back_to_the_line_by_silence_is_marked() -> None:
    desk = hear(seat(), conversation(message(3, "system", "已回到队列"), owner="queue"))[0]
    assert not desk.talk(ID).mine  # type: ignore[union-attr]
    assert "不在您这里" in desk.notice


def test_a_conversation_that_was_lost_during_a_break_is_marked() -> None:
    desk = hear(linked(cut_off(seat(), "断了")[0])[0], {"type": "error", "request": f"watch:{ID}", "code": "conversation_not_claimed", "message": "请先接入"})[0]
    assert not desk.talk(ID).mine  # type: ignore[union-attr]


def test_who_sits_here_is_named_as_the_server_names_him() -> None:
    assert hear(seat(), {**conversation(), "mine": True, "operator_name": "3 号坐席"})[0].name == "3 号坐席"


def test_a_conversation_that_this_key_already_has_appears_by_itself() -> None:
    desk = hear(linked(Desk(prefix="d"))[0], {**conversation(message(1, "caller", "在吗")), "mine": True})[0]
    assert (desk.current, said(desk)) == (ID, ["在吗"])
    assert hear(seat(), {**conversation(message(1, "caller", "在吗"), id=OTHER), "mine": True})[0].current == ID
    assert hear(linked(Desk(prefix="d"))[0], {**conversation(message(1, "caller", "在吗")), "mine": False})[0].talks == ()


def test_a_claim_that_a_colleague_won_is_told() -> None:
    desk = enter(hear(seat(), line(waiting(OTHER)))[0], "接入 1")[0]
    desk = hear(desk, {**TAKEN, "request": "d-1"})[0]
    assert desk.talk(OTHER) is None
    assert desk.notice == TAKEN["message"]


def test_the_best_of_the_line_comes_to_the_middle_with_package_and_suggestions() -> None:
    step = hear(linked(Desk(prefix="d"))[0], {"type": "next", "id": OTHER})
    assert step[0].current == OTHER
    assert Fetch(OTHER) in step[1]
    assert frames(step) == [{"type": "watch", "id": OTHER, "after": 0, "request": f"watch:{OTHER}"}, {"type": "suggest", "id": OTHER}]
    assert hear(linked(Desk(prefix="d"))[0], {"type": "next", "id": None})[0].notice == "现在没有人在等。"


def test_who_is_writing_to_one_caller_is_not_moved_to_another() -> None:
    desk = hear(replace(seat(), typed=True), {"type": "next", "id": OTHER})[0]
    assert desk.current == ID
    assert "Alt+2" in desk.notice


def test_unread_words_are_counted_until_they_are_looked_at() -> None:
    desk = hear(hear(seat(), {"type": "next", "id": OTHER})[0], conversation(message(3, "caller", "解放路"), message(4, "caller", "十二号")))[0]
    assert desk.talk(ID).unread == 2  # type: ignore[union-attr]
    desk = switch(switch(desk, "1")[0], "2")[0]
    assert desk.talk(ID).unread == 0  # type: ignore[union-attr]


@pytest.mark.parametrize("type", ["return", "end", "transfer"])
def test_what_was_given_away_leaves_the_screen_and_nothing_else_comes_to_the_middle(type: str) -> None:
    command = {"return": "交还", "end": "结束", "transfer": "转接 12333"}[type]
    desk = hear(seat(), {"type": "next", "id": OTHER})[0]
    desk = enter(enter(desk, command)[0], "")[0]
    desk = hear(desk, {"type": "done", "request": desk.asked[-1].request})[0]
    assert [talk.id for talk in desk.talks] == [ID]
    assert desk.current is None


@pytest.mark.parametrize("frame", [
    {}, {"type": "unheard"}, {"type": "queue", "waiting": "many"}, {"type": "queue", "waiting": [1, {"id": 5}]}, {"type": "conversation", "id": 7},
    {"type": "conversation", "id": ID, "owner": "operator", "messages": [{"seq": "x"}, None], "last_seq": "y"},
    {"type": "suggestions", "id": ID, "suggestions": [{}, 3]}, {"type": "package", "id": ID, "summary": [], "form": {"filled": [], "missing": 1}},
    {"type": "done"}, {"type": "error"}, {"type": "typing", "id": "unknown"},
    {"type": "conversation", "id": ID, "owner": "operator", "messages": [], "last_seq": 2, "typing": "yes", "read": "all"},
], ids=lambda frame: str(frame)[:40])
def test_a_frame_of_another_kind_than_expected_hurts_nothing(frame: dict[str, object]) -> None:
    desk = hear(seat(), frame)[0]
    assert said(desk) == ["路灯坏了", "在什么地方？"]


def test_the_caller_is_told_once_how_far_the_conversation_in_the_middle_was_read() -> None:
    desk, effects = reading(seat())
    assert frames((desk, effects)) == [{"type": "read", "id": ID, "seq": 2}]
    assert reading(desk)[1] == ()
    desk = hear(desk, conversation(message(3, "caller", "解放路")))[0]
    assert frames(reading(desk)) == [{"type": "read", "id": ID, "seq": 3}]
    aside = hear(hear(desk, {"type": "next", "id": OTHER})[0], conversation(message(4, "caller", "快点")))[0]
    assert aside.current == OTHER
    assert reading(aside)[1] == ()


def test_how_far_was_read_is_told_again_over_a_new_line_and_to_nobody_without_one() -> None:
    desk = cut_off(reading(seat())[0], "连接断了")[0]
    desk = hear(desk, conversation(message(3, "caller", "解放路")))[0]
    assert reading(desk)[1] == ()
    assert frames(reading(linked(desk)[0])) == [{"type": "read", "id": ID, "seq": 3}]
    lost = hear(desk, {**conversation(id=ID, owner="queue"), "mine": False})[0]
    assert reading(linked(lost)[0])[1] == ()


def test_what_the_caller_writes_cannot_act_on_the_terminal() -> None:
    assert said(hear(seat(), conversation(message(3, "caller", "\x1b[2J假的\x07")))[0])[-1] == "假的"
