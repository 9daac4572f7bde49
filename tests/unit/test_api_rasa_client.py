"""Reading what Rasa answers, and finding the process that has a conversation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rasa_client import Answer, RasaClient, RasaFault, Utterance, addresses, order_of, read_answer


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


BASES = ("http://a", "http://b", "http://c")
Asked = list[tuple[str, str, Any]]


def client(answering: Callable[[httpx.Request], httpx.Response], urls: str = ",".join(BASES)) -> tuple[RasaClient, Asked]:
    """A client of processes that answer as told, and what they were asked."""
    asked: Asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.host, str(request.url.raw_path, "ascii"), json.loads(request.content) if request.content else None))
        return answering(request)

    return RasaClient(httpx.AsyncClient(transport=httpx.MockTransport(handler)), urls, 1.0), asked


def telling(body: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(200, json=body)


def down(*hosts: str, fault: type[httpx.TransportError] = httpx.ConnectError) -> Callable[[httpx.Request], httpx.Response]:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host in hosts:
            raise fault("down")
        return httpx.Response(200, json=[{"text": "好"}])
    return handler


async def test_slots_come_with_the_form_that_is_being_filled() -> None:
    rasa, asked = client(telling({"slots": {"region": "370102", "what": None}, "active_loop": {"name": "ticket_form", "rejected": False}}), "http://a/")
    assert await rasa.slots("c1") == {"region": "370102", "what": None, "active_loop": "ticket_form"}
    assert asked == [("a", "/conversations/c1/tracker?include_events=NONE", None)]


@pytest.mark.parametrize("loop", [{}, {"name": None}, None], ids=str)
async def test_without_a_form_there_is_none(loop: Any) -> None:
    rasa, _ = client(telling({"slots": {}, "active_loop": loop}))
    assert await rasa.slots("c1") == {"active_loop": None}


@pytest.mark.parametrize("body", [[], {}, {"slots": []}, 5, "x"], ids=str)
async def test_what_is_no_tracker_is_a_fault(body: Any) -> None:
    rasa, _ = client(telling(body))
    with pytest.raises(RasaFault, match="not a tracker"):
        await rasa.slots("c1")


async def test_slots_are_set_and_emptied_as_events() -> None:
    rasa, asked = client(telling({}), "http://a")
    await rasa.remember("c1", {"region": "370102", "what": ["甲", 1]})
    await rasa.forget("c1", ["region"])
    path = "/conversations/c1/tracker/events?include_events=NONE"
    assert asked == [("a", path, [{"event": "slot", "name": "region", "value": "370102"}, {"event": "slot", "name": "what", "value": ["甲", 1]}]),
                     ("a", path, [{"event": "slot", "name": "region", "value": None}])]


async def test_nothing_to_remember_asks_nobody() -> None:
    rasa, asked = client(telling({}))
    await rasa.remember("c1", {})
    assert asked == []


@pytest.mark.parametrize("doing", [lambda rasa: rasa.slots("c1"), lambda rasa: rasa.remember("c1", {"a": 1}), lambda rasa: rasa.ask("c1", "好", "web", {})],
                         ids=["slots", "remember", "ask"])
@pytest.mark.parametrize(("answering", "reason"), [
    (lambda _: httpx.Response(500), "status 500"), (lambda _: httpx.Response(409), "status 409"), (down("a", "b", "c"), "ConnectError"),
    (down("a", "b", "c", fault=httpx.ReadTimeout), "timeout")], ids=["500", "409", "down", "slow"])
async def test_each_way_of_failing_is_a_fault(doing: Any, answering: Any, reason: str) -> None:
    rasa, _ = client(answering)
    with pytest.raises(RasaFault) as fault:
        await doing(rasa)
    assert fault.value.reason == reason


def test_addresses_are_a_list_with_commas() -> None:
    assert addresses("http://a/, http://b:5005 ,,") == ("http://a", "http://b:5005")


def test_every_process_gets_its_share_and_a_sender_keeps_its_own() -> None:
    first = [order_of(f"conversation {number}", BASES)[0] for number in range(600)]
    assert all(first.count(base) > 150 for base in BASES)
    assert first == [order_of(f"conversation {number}", BASES)[0] for number in range(600)]


async def test_when_the_chosen_process_is_down_the_next_one_answers() -> None:
    chosen, following, _ = (base.removeprefix("http://") for base in order_of("c1", BASES))
    rasa, asked = client(down(chosen))
    assert (await rasa.ask("c1", "好", "web", {})).utterances == (Utterance("好"),)
    assert [host for host, *_ in asked] == [chosen, following]


@pytest.mark.parametrize("fault", [httpx.ReadError, httpx.RemoteProtocolError, httpx.ReadTimeout])
async def test_a_turn_that_may_have_been_taken_is_not_taken_elsewhere(fault: type[httpx.TransportError]) -> None:
    rasa, asked = client(down("a", "b", "c", fault=fault))
    with pytest.raises(RasaFault):
        await rasa.ask("c1", "好", "web", {})
    assert len(asked) == 1


def test_the_mood_of_a_turn_holds_wherever_it_stands() -> None:
    form = {"text": "在哪儿？", "custom": {"outcome": "ticket_form"}}
    angry = read_answer([{"text": "对不住。", "custom": {"outcome": "smalltalk", "mood": "angry"}}, form])
    assert (angry.outcome, angry.facts) == ("ticket_form", {"mood": "angry"})
    assert read_answer([form]).facts == {}
