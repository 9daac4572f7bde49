"""The judge of the load runs: what is lost, doubled, out of order or in the wrong place is seen, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.crowd import ledger
from benchmarks.crowd.checking import Findings, examine, examine_talk
from benchmarks.crowd.ledger import Stored, Talk, Turn

GREETING = Stored(1, "bot", "b0", "您好")


def said(mark: str, *told: str, faults: tuple[str, ...] = (), outcome: str = "answered") -> Turn:
    return Turn(mark, 1.0, 10.0, 0.01, outcome, told, "好的" if outcome else "", faults)


def row(*messages: tuple[str, str]) -> tuple[Stored, ...]:
    return (GREETING, *(Stored(seq, author, mark, "好的") for seq, (author, mark) in enumerate(messages, 2)))


TURNS = (said("c1", "b1"), said("c2", "b2", "b3"))
WHOLE = row(("caller", "c1"), ("bot", "b1"), ("caller", "c2"), ("bot", "b2"), ("bot", "b3"))
WEB = Talk("w1", "web", "20001", TURNS, WHOLE)


def test_a_conversation_kept_as_it_was_is_clean() -> None:
    assert examine_talk(WEB).clean


def test_a_notice_of_the_system_between_two_turns_is_no_fault() -> None:
    assert examine_talk(replace(WEB, stored=(*WHOLE, Stored(9, "system", "s1", "请稍等")))).clean


@pytest.mark.parametrize(("stored", "found"), [
    (row(("bot", "b1"), ("caller", "c2"), ("bot", "b2"), ("bot", "b3")), Findings(lost=1)),
    (row(("caller", "c1"), ("caller", "c2"), ("bot", "b2"), ("bot", "b3")), Findings(lost=1)),
    (None, Findings(lost=5)),
    (row(("caller", "c1"), ("bot", "b1"), ("caller", "c2"), ("caller", "c2"), ("bot", "b2"), ("bot", "b3")), Findings(doubled=1)),
    (row(("caller", "c1"), ("bot", "b1"), ("bot", "again"), ("caller", "c2"), ("bot", "b2"), ("bot", "b3")), Findings(doubled=1)),
    (row(("caller", "c2"), ("bot", "b2"), ("bot", "b3"), ("caller", "c1"), ("bot", "b1")), Findings(out_of_order=1)),
    ((*WHOLE[:2], replace(WHOLE[2], seq=2), *WHOLE[3:]), Findings(out_of_order=1)),
    ((*WHOLE, Stored(9, "caller", "c9", "别人的话")), Findings(foreign=1)),
    ((*WHOLE[:-1], replace(WHOLE[-1], text="地点：解放路20002号")), Findings(foreign=1)),
], ids=["message lost", "reply lost", "gone", "message doubled", "answered twice", "turns swapped", "number twice", "foreign message", "foreign house"])
def test_each_fault_is_seen_as_what_it_is(stored: tuple[Stored, ...] | None, found: Findings) -> None:
    assert examine_talk(replace(WEB, stored=stored)) == found


@pytest.mark.parametrize(("turn", "found"), [
    (said("c3", outcome="", faults=("ConnectionRefusedError",)), Findings(unanswered=1)),
    (replace(said("c3"), words=" "), Findings(empty=1, lost=1)),
    (replace(said("c3"), words="地点：解放路20002号"), Findings(foreign=1, lost=1)),
])
def test_what_the_caller_met_counts_too(turn: Turn, found: Findings) -> None:
    assert examine_talk(replace(WEB, turns=(*TURNS, turn))) == found


def test_a_message_that_was_never_acknowledged_may_be_there_or_not() -> None:
    talk = replace(WEB, turns=(*TURNS, said("c3", outcome="", faults=("timeout",))))
    kept = replace(talk, stored=(*WHOLE, Stored(7, "caller", "c3", "好的"), Stored(8, "bot", "b4", "好的")))
    assert examine_talk(talk) == examine_talk(kept) == Findings(unanswered=1)


def test_a_web_message_sent_again_is_kept_once_and_words_on_the_phone_once_a_try() -> None:
    twice = row(("caller", "c1"), ("bot", "b1"), ("caller", "c1"), ("bot", "b1"))
    turns = (said("c1", "b1", faults=("RemoteDisconnected",)),)
    assert examine_talk(Talk("w1", "web", "20001", turns, twice)).doubled == 2
    assert examine_talk(Talk("i1", "ivr", "20001", turns, twice)).clean
    assert examine_talk(Talk("i1", "ivr", "20001", (said("c1", "b1"),), twice)).doubled == 2


def test_silence_and_keys_leave_no_message_but_their_prompt() -> None:
    stored = row(("caller", "c1"), ("bot", "b1"), ("bot", "您在听吗"))
    assert examine_talk(Talk("i1", "ivr", "20001", (said("c1", "b1"), said("", "您在听吗")), stored)).clean
    assert examine_talk(Talk("i1", "ivr", "20001", (said("c1", "b1"), said("", "您在听吗")), stored[:-1])).lost == 1


def test_one_reply_told_in_two_conversations_is_foreign() -> None:
    other = replace(WEB, id="w2")
    assert examine([WEB, other]).foreign == 3
    assert examine([WEB]).clean


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    talks = [WEB, Talk("i1", "ivr", "20003", (said("c1", faults=("timeout",)),))]
    ledger.write(tmp_path / "talks.jsonl", talks)
    assert ledger.read(tmp_path / "talks.jsonl") == talks


def test_who_goes_to_a_person_because_nothing_can_be_stored_has_been_acknowledged_nothing() -> None:
    talk = Talk("i1", "ivr", "20001", (said("c1", "b1"), replace(said("c2", "给您转人工", outcome="fault"), handed=True)),
                row(("caller", "c1"), ("bot", "b1")))
    assert examine([talk], storm=True).clean
    assert examine([talk]).lost == 2
    assert examine([replace(talk, stored=(GREETING,))], storm=True).lost == 2
