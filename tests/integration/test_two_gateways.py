"""Two gateways over one Redis: a repeat is answered once wherever it arrives, turns of one conversation wait for each other, others do not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any, Callable

import httpx
import pytest

from api.main import create_app
from api.ports import Parts
from core.settings import Settings
from tests.support.fake_rasa import FakeRasa
from tests.support.gateway_fixtures import Chat, build_parts

pytest_plugins = ("tests.support.gateway_fixtures",)


class GatedRasa(FakeRasa):
    """Answers what begins with 等着 only once its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    async def _reply(self, text: str, send: Callable[[Any], Any]) -> None:
        while text.startswith("等着") and not self.gate.is_set():
            await asyncio.sleep(0.01)
        await super()._reply(text, send)


@pytest.fixture
def rasa() -> GatedRasa:
    return GatedRasa()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.copy(update={"rasa_timeout": 10.0})


@pytest.fixture
async def second(settings: Settings, parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """Another gateway, which shares nothing but Redis, Rasa and the database."""
    others = build_parts(settings)
    transport = httpx.ASGITransport(app=create_app(settings, others), client=("203.0.113.8", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://second") as client:
        yield client
    await others.http.aclose()
    await others.redis.close()


def through(client: httpx.AsyncClient, chat: Chat) -> Chat:
    return Chat(client, chat.id, chat.token, chat.greeting)


async def until_asked(rasa: FakeRasa, count: int) -> None:
    while len(rasa.requests) < count:
        await asyncio.sleep(0.01)


async def test_a_repeat_at_the_other_gateway_waits_for_the_same_reply(chat: Chat, second: httpx.AsyncClient, rasa: GatedRasa) -> None:
    first = asyncio.create_task(chat.say("等着", "same"))
    await until_asked(rasa, 1)
    repeat = asyncio.create_task(through(second, chat).say("等着", "same"))
    rasa.gate.set()
    assert await first == await repeat
    assert (len(rasa.requests), (await chat.state())["last_seq"]) == (1, 3)


async def test_a_repeat_gets_its_reply_whoever_has_the_conversation_now(chat: Chat, second: httpx.AsyncClient, rasa: GatedRasa,
                                                                        operator: dict[str, str]) -> None:
    there = through(second, chat)
    answered, handed = await chat.say("身份证丢了", "m1"), await there.say("转人工", "m2")
    assert (answered["owner"], handed["owner"]) == ("bot", "queue")
    for act in ("claim", "return"):
        assert (await second.post(f"/v1/operator/conversations/{chat.id}/{act}", headers=operator)).status_code == 200
        before = await chat.state()
        assert [await gateway.say(text, id) for gateway in (chat, there) for text, id in (("身份证丢了", "m1"), ("转人工", "m2"))] == [
            answered, handed, answered, handed]
        assert await chat.state() == before
    assert len(rasa.requests) == 2


async def test_turns_of_one_conversation_are_taken_one_at_a_time(chat: Chat, second: httpx.AsyncClient, rasa: GatedRasa) -> None:
    there = through(second, chat)
    replies = await asyncio.gather(*(gateway.say(f"等一下{n}", f"{gateway is chat}-{n}") for n in range(3) for gateway in (chat, there)))
    said = (await chat.state())["messages"]
    assert rasa.overlap == 1
    assert [message["seq"] for message in said] == list(range(1, 14))
    assert [message["author"] for message in said] == ["bot", *["caller", "bot"] * 6]
    told = {message["seq"]: message for reply in replies for message in reply["messages"]}
    assert sorted(told) == [3, 5, 7, 9, 11, 13]
    assert [message for message in said[2::2]] == [told[seq] for seq in sorted(told)]


async def test_a_conversation_that_waits_holds_up_no_other(chat: Chat, client: httpx.AsyncClient, second: httpx.AsyncClient, rasa: GatedRasa) -> None:
    waiting = asyncio.create_task(chat.say("等着"))
    await until_asked(rasa, 1)
    for gateway in (client, second):
        other = (await gateway.post("/v1/chat/sessions")).json()
        reply = await Chat(gateway, other["session_id"], other["token"], other["greeting"]).say("身份证丢了")
        assert reply["outcome"] == "answered"
    assert not waiting.done()
    rasa.gate.set()
    assert (await waiting)["outcome"] == "answered"


async def test_an_alarm_waits_for_no_turn(chat: Chat, second: httpx.AsyncClient, rasa: GatedRasa) -> None:
    waiting = asyncio.create_task(chat.say("等着", "slow"))
    await until_asked(rasa, 1)
    assert (await through(second, chat).say("着火了", "alarm"))["outcome"] == "emergency_119"
    assert not waiting.done()
    rasa.gate.set()
    await waiting
    assert [message["seq"] for message in (await chat.state())["messages"]] == list(range(1, 6))
