"""What a ticket form of a page begins with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from api.conversations import Conversation, conversation_of
from api.desk.callback import CHOICES
from api.form import known_of
from tickets.draft import Draft
from tickets.model import TicketType

DRAFT = Draft(TicketType.COMPLAINT, text="路灯坏了三天", course="路灯坏了", where="解放路", name="王小明", phone="13812345678", region="370102")


def conversation(region: str = "370100") -> Conversation:
    return conversation_of("w" + "1" * 32, {"channel": "web", "owner": "bot", "region": region, "caller": "", "digest": "", "seq": "0"})


def said(*turns: tuple[str, str] | tuple[str, str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Messages of turns: the caller's words, the outcome, and more of its mark."""
    messages: list[dict[str, Any]] = []
    for words, outcome, *more in turns:
        messages += [{"author": "caller", "text": words}, {"author": "bot", "text": "好", "turn": {"outcome": outcome, **(more[0] if more else {})}}]
    return messages


def test_an_open_form_is_told_as_far_as_it_is_filled() -> None:
    slots = {"ticket_draft": DRAFT.to_dict()}
    assert known_of(conversation(), said(("别的事", "not_found")), slots) == {
        "type": "投诉", "text": "路灯坏了三天", "address": "解放路", "name": "王小明", "phone": "13812345678", "region": "370102"}
    bare = {"ticket_draft": Draft(TicketType.HELP).to_dict()}
    assert known_of(conversation(), [], bare) == {"type": "求助", "region": "370100"}


def test_who_wants_to_stay_anonymous_finds_neither_name_nor_number_filled_in() -> None:
    known = known_of(conversation(), [], {"ticket_draft": replace(DRAFT, anonymous=True).to_dict()})
    assert known == {"type": "投诉", "text": "路灯坏了三天", "address": "解放路", "region": "370102", "anonymous": True}


def test_who_wants_confidence_keeps_it_in_the_form() -> None:
    assert known_of(conversation(), [], {"ticket_draft": replace(DRAFT, confidential=True).to_dict()})["confidential"] is True
    wished = replace(conversation(), fields={"confidential": "1", "anonymous": "0"})
    assert known_of(wished, said(("路灯坏了", "not_found")), {}) == {"text": "路灯坏了", "region": "370100", "confidential": True}


@pytest.mark.parametrize("draft", [None, "x", {"type": "投诉"}, {"type": "没有", "asked": []}, {"unknown": 1}], ids=str)
def test_a_draft_that_cannot_be_read_is_none(draft: object) -> None:
    assert known_of(conversation(), [], {"ticket_draft": draft}) == {"region": "370100"}


@pytest.mark.parametrize(("turns", "told"), [
    ([("路灯坏了", "not_found"), ("您好", "smalltalk")], {"text": "路灯坏了"}),
    ([("路灯坏了", "fault"), ("井盖没了", "clarified")], {"text": "井盖没了"}),
    ([("路灯坏了", "ticket_form", {"ticket_type": "求助"}), ("解放路", "ticket_form", {"ticket_type": "求助"})], {"type": "求助", "text": "路灯坏了"}),
    ([("约个号", "ticket_form", {"ticket_type": "预约办事"})], {"text": "约个号"}),
    ([("几点开门", "answered", {"unanswered": "1"})], {"text": "几点开门"}),
    ([("身份证丢了", "answered")], {}),
    ([("路灯坏了", "not_found"), ("提交", "ticket_opened")], {}),
    ([("路灯坏了", "ticket_form"), ("算了", "smalltalk", {"draft": "dropped"})], {}),
], ids=["found nothing", "the last of them", "what began the form", "a special queue is no type", "an answer that is none", "an answer", "filed", "given up"])
def test_without_a_form_the_last_words_that_nobody_settled_are_told(turns: list[Any], told: dict[str, str]) -> None:
    assert known_of(conversation(""), said(*turns), {}) == told


def test_an_offered_call_back_is_no_matter_for_a_ticket() -> None:
    offered = said(("路灯坏了", "not_found"), ("转人工", "clarified"))
    offered[-1]["options"] = list(CHOICES)
    assert known_of(conversation(""), offered, {}) == {"text": "路灯坏了"}


def test_what_a_person_and_the_caller_said_to_each_other_settles_nothing() -> None:
    with_person = [*said(("路灯坏了", "not_found")), {"author": "caller", "text": "在吗"}, {"author": "operator", "text": "在", "turn": {"outcome": "answered"}}]
    assert known_of(conversation(""), with_person, {}) == {"text": "路灯坏了"}
