"""The words for a danger are told whatever keeps a message from being kept; and what nobody needs twenty times is not kept."""

from __future__ import annotations

import asyncio
import json
import threading

import httpx
import pytest
import redis

from api.errors import ApiError
from api.ports import Parts
from tests.support.gateway_fakes import FakeDetector
from tests.support.gateway_fixtures import Chat

pytest_plugins = ("tests.support.gateway_fixtures",)


async def test_a_refusal_does_not_withhold_the_words(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(*_: object) -> None:
        raise ApiError("turn_in_progress")

    monkeypatch.setattr("api.turns.Turns.take", busy)
    assert (await chat.send("身份证丢了")).status_code == 409
    assert "119" in (await chat.say("家里着火了"))["messages"][0]["text"]


async def test_who_comes_back_to_a_session_that_is_over_hears_the_words_and_a_stranger_does_not(chat: Chat, redis_url: str) -> None:
    redis.from_url(redis_url).hset(f"hotline:conversation:{chat.id}", "due", "1")
    assert "119" in (await chat.say("家里着火了"))["messages"][0]["text"]
    assert (await chat.send("身份证丢了")).json()["error"]["code"] == "session_not_found"
    chat.token = "x" * 43
    assert (await chat.send("家里着火了")).json()["error"]["code"] == "session_not_found"


async def test_a_person_who_ended_his_session_hears_the_words(chat: Chat) -> None:
    (await chat.client.post(chat.path.replace("messages", "end"), headers=chat.headers)).raise_for_status()
    assert "119" in (await chat.say("家里着火了"))["messages"][0]["text"]


async def test_beyond_twenty_alarms_a_minute_the_words_are_told_and_nothing_is_kept(chat: Chat) -> None:
    for number in range(20):
        await chat.say("家里着火了", f"m{number}")
    last = (await chat.state())["last_seq"]
    told = await chat.say("家里着火了", "one-more")
    assert ("119" in told["messages"][0]["text"], told["messages"][0]["seq"], (await chat.state())["last_seq"]) == (True, 0, last)
    assert (await chat.send("身份证丢了", "calm")).status_code == 200


async def test_hearing_holds_up_nobody_and_a_stranger_is_not_heard(chat: Chat, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    go_on = threading.Event()

    def slow(_: object, text: str) -> None:
        heard.append(text)
        go_on.wait(20)

    monkeypatch.setattr(FakeDetector, "detect", slow)
    stranger = httpx.Headers({"Authorization": "Bearer " + "x" * 43})
    body = {"text": "着火", "client_message_id": "m"}
    assert (await chat.client.post(chat.path, json=body, headers=stranger)).status_code == 401
    assert heard == []
    turn = asyncio.create_task(chat.say("身份证丢了"))
    while not heard:
        await asyncio.sleep(0.01)
    assert (await chat.client.get("/health/live")).is_success  # while that one is listened to
    go_on.set()
    await turn


@pytest.mark.parametrize("previous", [{"session_id": "w" + "0" * 32 + ":messages", "token": "t"}, {"session_id": "w\x00", "token": "t"},
                                      {"session_id": "w" + "0" * 32, "token": "\ud800"}])
async def test_a_made_up_previous_session_is_passed_over(client: httpx.AsyncClient, chat: Chat, previous: dict[str, str]) -> None:
    given = {**previous, "session_id": previous["session_id"].replace("w" + "0" * 32, chat.id)}
    answer = await client.post("/v1/chat/sessions", content=json.dumps({"previous": given}), headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text


async def test_a_made_up_call_token_opens_nothing(client: httpx.AsyncClient, chat: Chat) -> None:
    for token in (f"{chat.id}:messages.x", "\x00.x", "x"):
        answer = await client.post("/v1/ivr/calls/1/turns", data={"token": token, "text": "你好"})
        assert answer.status_code == 401, answer.text
