"""Alarms in every state of a conversation, and the way to a person and back."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from api.ports import Parts
from tests.support.fake_rasa import FakeRasa
from tests.support.gateway_fixtures import Chat, begin_chat, key_headers

pytest_plugins = ("tests.support.gateway_fixtures",)


class Desk:
    """A person with an operator key."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    async def queue(self) -> list[dict[str, object]]:
        return (await self.client.get("/v1/operator/queue", headers=self.headers)).json()["waiting"]  # type: ignore[no-any-return]

    async def act(self, chat: Chat, act: str, **body: str) -> httpx.Response:
        return await self.client.post(f"/v1/operator/conversations/{chat.id}/{act}", headers=self.headers, json=body or None)


@pytest.fixture
def desk(client: httpx.AsyncClient, operator: dict[str, str]) -> Desk:
    return Desk(client, operator)


ALARMS = [("家里着火了", "emergency_119", "119"), ("有人砍人", "emergency_110", "110"), ("我爸喘不上气了", "emergency_120", "120"),
          ("撞车了", "emergency_122", "122"), ("不想活了", "crisis", "12356")]


@pytest.mark.parametrize(("text", "outcome", "number"), ALARMS, ids=[outcome for _, outcome, _ in ALARMS])
@pytest.mark.parametrize("owner", ["bot", "queue", "operator"])
async def test_an_alarm_is_answered_first_and_brought_to_a_person_whoever_owns_the_conversation(
        chat: Chat, desk: Desk, rasa: FakeRasa, owner: str, text: str, outcome: str, number: str) -> None:
    if owner != "bot":
        await chat.say("转人工", "before")
    if owner == "operator":
        await desk.act(chat, "claim")
    asked_before = len(rasa.requests)
    reply = await chat.say(text, "alarm")
    assert reply["outcome"] == outcome
    assert [message["author"] for message in reply["messages"]] == ["bot"]
    assert number in reply["messages"][0]["text"]
    assert len(rasa.requests) == asked_before
    assert reply["owner"] == ("operator" if owner == "operator" else "queue")
    assert [(w["id"], w["reason"], w["alarm"], w["last_text"]) for w in await desk.queue()] == [(chat.id, outcome, True, text)]


async def test_an_accident_with_injured_people_names_both_numbers(chat: Chat) -> None:
    text = (await chat.say("撞伤人了"))["messages"][0]["text"]
    assert "122" in text
    assert "120" in text


async def test_an_alarm_does_not_wait_for_the_turn_before_it(chat: Chat) -> None:
    slow = asyncio.create_task(chat.say("慢慢说", "a"))
    await asyncio.sleep(0.1)
    reply = await asyncio.wait_for(chat.say("着火了", "b"), 1.0)
    assert reply["outcome"] == "emergency_119"
    await slow


async def test_a_repeated_alarm_is_answered_once(chat: Chat) -> None:
    first, second = await asyncio.gather(chat.say("着火了", "same"), chat.say("着火了", "same"))
    assert first == second
    assert [m["author"] for m in (await chat.state())["messages"]] == ["bot", "caller", "bot"]


async def test_alarms_stand_before_those_who_waited_longer(client: httpx.AsyncClient, desk: Desk) -> None:
    waiting, alarmed = await begin_chat(client), await begin_chat(client)
    await waiting.say("转人工")
    await alarmed.say("着火了")
    assert [entry["id"] for entry in await desk.queue()] == [alarmed.id, waiting.id]


async def test_a_wish_for_a_person_as_the_very_first_message_reaches_the_queue_and_says_so(chat: Chat, desk: Desk) -> None:
    reply = await chat.say("转人工")
    assert (reply["outcome"], reply["owner"]) == ("handoff", "queue")
    assert [m["author"] for m in reply["messages"]] == ["bot", "system"]
    assert "排上队" in reply["messages"][1]["text"]
    assert [(w["id"], w["reason"], w["owner"]) for w in await desk.queue()] == [(chat.id, "asked", "queue")]


async def test_the_bot_still_answers_while_the_caller_waits(chat: Chat) -> None:
    await chat.say("转人工", "a")
    reply = await chat.say("身份证丢了", "b")
    assert (reply["outcome"], reply["owner"]) == ("answered", "queue")


async def test_asking_again_for_a_person_keeps_the_place_and_says_so(chat: Chat, desk: Desk) -> None:
    await chat.say("转人工", "a")
    reply = await chat.say("转人工", "b")
    assert "已经在排队" in reply["messages"][1]["text"]
    assert len(await desk.queue()) == 1


async def test_once_a_person_has_the_conversation_the_bot_is_silent(chat: Chat, desk: Desk, rasa: FakeRasa) -> None:
    await chat.say("转人工", "a")
    claimed = await desk.act(chat, "claim")
    assert claimed.status_code == 200
    assert claimed.json()["owner"] == "operator"
    assert await desk.queue() == []
    asked = len(rasa.requests)
    reply = await chat.say("身份证丢了", "b")
    assert (reply["messages"], reply["owner"], reply["outcome"]) == ([], "operator", "transferred")
    assert len(rasa.requests) == asked
    written = await desk.act(chat, "messages", text="我来帮您看。")
    assert written.json()["author"] == "operator"
    seen = (await chat.state())["messages"]
    assert [(m["author"], m["text"]) for m in seen[-2:]] == [("caller", "身份证丢了"), ("operator", "我来帮您看。")]


async def test_a_conversation_that_is_given_back_is_answered_by_the_bot_again(chat: Chat, desk: Desk) -> None:
    await chat.say("转人工", "a")
    await desk.act(chat, "claim")
    assert (await desk.act(chat, "return")).json()["owner"] == "bot"
    assert (await chat.state())["messages"][-1]["author"] == "bot"
    reply = await chat.say("身份证丢了", "b")
    assert (reply["outcome"], reply["owner"]) == ("answered", "bot")


async def test_only_one_person_has_a_conversation(chat: Chat, desk: Desk, parts: Parts) -> None:
    other = Desk(desk.client, key_headers(parts, "operator"))
    await desk.act(chat, "claim")
    refused = await other.act(chat, "claim")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conversation_taken")
    assert (await other.act(chat, "messages", text="抢话")).status_code == 409
    assert (await desk.act(chat, "claim")).status_code == 200


async def test_a_claim_waits_for_the_turn_that_the_bot_is_in(chat: Chat, desk: Desk) -> None:
    turn = asyncio.create_task(chat.say("等一下"))
    await asyncio.sleep(0.1)
    await desk.act(chat, "claim")
    await turn
    assert [m["author"] for m in (await chat.state())["messages"]] == ["bot", "caller", "bot", "system"]


async def test_nobody_writes_into_a_conversation_that_he_has_not_taken(chat: Chat, desk: Desk) -> None:
    refused = await desk.act(chat, "messages", text="您好")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conversation_not_claimed")


@pytest.mark.parametrize("role", ["ivr", "department", "editor", "admin"])
async def test_the_desk_opens_only_to_operators(client: httpx.AsyncClient, parts: Parts, role: str) -> None:
    assert (await client.get("/v1/operator/queue", headers=key_headers(parts, role))).status_code == 403  # type: ignore[arg-type]


async def test_the_desk_is_closed_without_a_key(client: httpx.AsyncClient) -> None:
    for headers in ({}, {"X-API-Key": "hk_wrong"}):
        answer = await client.get("/v1/operator/queue", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorised")


async def test_a_revoked_key_opens_nothing(client: httpx.AsyncClient, parts: Parts, operator: dict[str, str]) -> None:
    key = parts.keys.verify(operator["X-API-Key"])
    assert key is not None
    assert parts.keys.revoke(key.id) is True  # type: ignore[attr-defined]
    assert (await client.get("/v1/operator/queue", headers=operator)).status_code == 401
