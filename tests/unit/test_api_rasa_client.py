"""Reading what Rasa's channel answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rasa_client import Answer, RasaFault, Utterance, read_answer


def test_the_last_custom_that_is_not_empty_is_the_outcome() -> None:
    answer = read_answer([
        {"text": "一", "custom": {"outcome": "answered", "item": "a"}}, {"text": "二", "custom": {"outcome": "handoff", "item": "b"}},
        {"text": "三", "custom": {}}, {"text": "四"}])
    assert (answer.outcome, answer.facts) == ("handoff", {"item": "b"})
    assert [said.text for said in answer.utterances] == ["一", "二", "三", "四"]


def test_each_message_keeps_its_own_card_and_options() -> None:
    answer = read_answer([{"text": "一", "custom": {"card": {"code": "a"}}}, {"text": "二", "custom": {"options": ["甲", "乙"]}}])
    assert answer.utterances == (Utterance("一", {"code": "a"}), Utterance("二", None, ("甲", "乙")))
    assert answer.options == ("甲", "乙")


def test_buttons_stand_in_for_missing_options() -> None:
    answer = read_answer([{"text": "选哪个", "buttons": [{"title": "甲", "payload": "/a"}, {"payload": "/b"}]}])
    assert answer.options == ("甲",)


@pytest.mark.parametrize(("entries", "reason"), [
    ([], "empty"), ([{"custom": {"outcome": "answered"}}], "empty"), ([{"text": "  "}], "empty"), ({}, "not a list of messages"),
    (["你好"], "not a list of messages"), (None, "not a list of messages")],
    ids=["nothing", "a card without words", "blank", "an object", "strings", "null"])
def test_what_cannot_be_told_is_a_fault(entries: object, reason: str) -> None:
    with pytest.raises(RasaFault) as fault:
        read_answer(entries)
    assert fault.value.reason == reason


_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                     lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                         st.sampled_from(["text", "custom", "buttons", "outcome", "card", "options", "title"]), inner, max_size=4))


@given(_JSON)
def test_any_json_is_read_or_is_a_fault(entries: Any) -> None:
    try:
        answer = read_answer(entries)
    except RasaFault:
        return
    assert all(said.text.strip() == said.text != "" for said in answer.utterances)


@pytest.mark.parametrize(("facts", "about"), [
    ({"ticket": {"number": "2026110112345678"}, "item": "id-lost"}, "2026110112345678"), ({"item": "id-lost"}, "id-lost"), ({"ticket": None}, None), ({"item": 7}, None)])
def test_a_turn_is_about_its_ticket_and_else_its_item(facts: dict[str, Any], about: str | None) -> None:
    assert Answer((), "answered", facts).about == about
