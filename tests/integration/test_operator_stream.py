"""The desk over its WebSocket, on two gateways with one Redis, served over real sockets."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Callable, Iterator

import httpx
import pytest
import redis
import redis.asyncio
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from websockets.client import WebSocketClientProtocol, connect
from websockets.exceptions import ConnectionClosed

from api.desk.presence import Presence
from api.main import create_app
from api.ports import Parts, Role
from core.settings import Settings
from tests.support.fake_rasa import serving
from tests.support.gateway_fixtures import Chat, begin_chat, build_parts, key_headers

pytest_plugins = ("tests.support.gateway_fixtures",)
PATIENCE = 20.0  # seconds on a busy machine; no test waits for it unless it fails


@pytest.fixture
def here(app: FastAPI) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
def there(settings: Settings, parts: Parts) -> Iterator[str]:
    with serving(create_app(settings, build_parts(settings))) as url:
        yield url


@pytest.fixture
async def page(here: str) -> Chat:
    return await begin_chat(httpx.AsyncClient(base_url=here, trust_env=False, timeout=PATIENCE))


class Console:
    """One connected console: sends acts and waits for frames."""

    def __init__(self, socket: WebSocketClientProtocol) -> None:
        self.socket = socket
        self.seen: list[dict[str, Any]] = []
        self.requests = 0

    async def send(self, **frame: Any) -> int:
        self.requests += 1
        await self.socket.send(json.dumps({"request": self.requests, **frame}))
        return self.requests

    async def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next frame that fits; those before it are kept in `seen`."""
        async def found() -> dict[str, Any]:
            while True:
                frame = json.loads(await self.socket.recv())
                self.seen.append(frame)
                if fits(frame):
                    return frame  # type: ignore[no-any-return]
        return await asyncio.wait_for(found(), PATIENCE)

    async def once(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The one frame that fits, come already or still to come: news may arrive before the word that an act is done."""
        return next((frame for frame in self.seen if fits(frame)), None) or await self.until(fits)

    async def of_type(self, type: str) -> dict[str, Any]:
        return await self.until(lambda frame: frame["type"] == type)

    async def ask(self, **frame: Any) -> dict[str, Any]:
        """Send an act and return what it came to: done or error."""
        request = await self.send(**frame)
        return await self.until(lambda told: told["type"] in ("done", "error") and told["request"] == request)

    async def hears(self, id: str, text: str) -> dict[str, Any]:
        return await self.until(lambda told: told["type"] == "conversation" and told["id"] == id
                                and any(message["text"] == text for message in told["messages"]))


@asynccontextmanager
async def console(address: str, headers: dict[str, str]) -> AsyncIterator[Console]:
    path = f"{address.replace('http', 'ws')}/v1/operator/stream"
    async with connect(path, subprotocols=["hotline", headers["X-API-Key"]], open_timeout=PATIENCE) as socket:  # type: ignore[list-item]
        assert socket.subprotocol == "hotline"
        yield Console(socket)


async def test_a_caller_who_waits_shows_up_on_every_gateway_and_goes_when_he_is_taken(here: str, there: str, page: Chat, parts: Parts) -> None:
    async with console(here, key_headers(parts, "operator")) as first, console(there, key_headers(parts, "operator")) as second:
        assert (await first.of_type("queue"))["waiting"] == []
        await second.of_type("queue")
        await page.say("转人工")
        for desk in (first, second):
            told = await desk.until(lambda frame: frame["type"] == "queue" and bool(frame["waiting"]))
            assert [entry["id"] for entry in told["waiting"]] == [page.id]
        assert (await second.ask(type="claim", id=page.id))["type"] == "done"
        assert (await first.of_type("queue"))["waiting"] == []


async def test_who_talks_on_one_gateway_is_heard_on_the_other(here: str, there: str, page: Chat, parts: Parts) -> None:
    async with console(there, key_headers(parts, "operator")) as desk:
        await page.say("转人工", "a")
        assert (await desk.ask(type="claim", id=page.id))["type"] == "done"
        whole = await desk.once(lambda told: told["type"] == "conversation" and bool(told["messages"]))
        assert [message["seq"] for message in whole["messages"]] == list(range(1, whole["last_seq"] + 1))
        assert (whole["owner"], whole["mine"]) == ("operator", True)
        await page.say("身份证丢了", "b")
        await desk.hears(page.id, "身份证丢了")
        suggested = await desk.of_type("suggestions")
        assert [one["item"] for one in suggested["suggestions"]] == ["id-card-reissue"]
        said = await desk.ask(type="say", id=page.id, text=suggested["suggestions"][0]["text"], item="id-card-reissue", client_message_id="o1")
        again = await desk.ask(type="say", id=page.id, text=suggested["suggestions"][0]["text"], client_message_id="o1")
        assert said["message"]["id"] == again["message"]["id"]
        assert [message["text"] for message in (await page.state())["messages"] if message["author"] == "operator"] == ["要带居民户口簿。"]
        assert (await desk.ask(type="return", id=page.id))["type"] == "done"
        assert (await page.say("身份证丢了", "c"))["owner"] == "bot"


async def test_a_console_that_comes_back_is_told_what_it_missed(here: str, there: str, page: Chat, parts: Parts) -> None:
    key = key_headers(parts, "operator")
    async with console(here, key) as desk:
        await page.say("转人工", "a")
        await desk.ask(type="claim", id=page.id)
        last = (await desk.once(lambda told: told["type"] == "conversation" and bool(told["messages"])))["last_seq"]
    await page.say("还在吗", "b")
    async with console(there, key) as desk:
        await desk.ask(type="watch", id=page.id, after=last)
        told = await desk.once(lambda frame: frame["type"] == "conversation" and bool(frame["messages"]))
        assert [(message["seq"], message["text"]) for message in told["messages"]] == [(last + 1, "还在吗")]


async def test_who_loses_a_conversation_to_a_supervisor_is_told_and_hears_no_more(here: str, there: str, page: Chat, parts: Parts) -> None:
    async with console(here, key_headers(parts, "operator")) as desk, console(there, key_headers(parts, "supervisor")) as chief:
        await page.say("转人工", "a")
        await desk.ask(type="claim", id=page.id)
        assert (await chief.ask(type="watch", id=page.id))["type"] == "done"
        assert (await chief.ask(type="claim", id=page.id))["type"] == "done"
        lost = await desk.until(lambda told: told["type"] == "conversation" and not told["mine"])
        assert (lost["owner"], lost["messages"]) == ("operator", [])
        assert (await desk.ask(type="say", id=page.id, text="我还在"))["code"] == "conversation_taken"
        desk.seen.clear()
        await page.say("谁在？", "b")
        await chief.hears(page.id, "谁在？")
        await desk.ask(type="typing", id=page.id)
        assert not any("谁在？" in json.dumps(frame, ensure_ascii=False) for frame in desk.seen)


async def test_nobody_watches_what_is_not_his(here: str, page: Chat, parts: Parts) -> None:
    async with console(here, key_headers(parts, "operator")) as desk:
        await page.say("转人工")
        assert (await desk.ask(type="watch", id=page.id))["code"] == "conversation_not_claimed"
        assert (await desk.ask(type="suggest", id=page.id))["code"] == "conversation_not_claimed"
        assert (await desk.ask(type="watch", id="w" + "0" * 32))["code"] == "conversation_not_found"


async def test_every_act_goes_over_the_stream(here: str, page: Chat, parts: Parts) -> None:
    async with console(here, key_headers(parts, "operator")) as desk:
        await page.say("转人工", "a")
        assert (await desk.ask(type="next"))["id"] == page.id
        assert (await desk.ask(type="next"))["id"] is None
        assert (await desk.ask(type="typing", id=page.id))["type"] == "done"
        assert (await desk.ask(type="transfer", id=page.id, to="queue", skill="tax"))["type"] == "done"
        assert (await desk.ask(type="claim", id=page.id))["type"] == "done"
        assert (await desk.ask(type="transfer", id=page.id, to="12366"))["type"] == "done"
        assert (await desk.ask(type="claim", id=page.id))["type"] == "done"
        assert (await desk.ask(type="end", id=page.id, reason="办完了"))["type"] == "done"
        over = await desk.once(lambda told: told["type"] == "conversation" and told.get("ended") == "办完了")
        assert over["mine"] is False


async def test_who_says_that_he_is_ready_is_at_the_desk_and_leaves_it_with_a_proper_goodbye(here: str, parts: Parts, redis_url: str) -> None:
    key = key_headers(parts, "operator")
    presence = Presence(redis.asyncio.from_url(redis_url, decode_responses=True), parts.clock)  # the gateway's own belongs to another loop
    async with console(here, key) as desk:
        await desk.ask(type="ready", skills=["tax"], region="370100")
        (seat,) = await presence.present()
        assert (seat.skills, seat.region, seat.state) == (("tax",), "370100", "ready")
        await desk.ask(type="pause")
        assert not await presence.anybody_for("tax", None)
        assert (await desk.ask(type="ready", region="379999"))["code"] == "unknown_region"
    for _ in range(200):
        if not await presence.present():
            break
        await asyncio.sleep(0.05)
    assert await presence.present() == []


async def test_hostile_frames_are_answered_and_the_connection_goes_on(here: str, parts: Parts) -> None:
    async with console(here, key_headers(parts, "operator")) as desk:
        for text in ("", "{", "null", "[" * 5000, '{"type":"drop"}', '{"type":"say","id":"x"}', "9" * 20_000, '{"type":"claim","id":{"$ne":1}}'):
            await desk.socket.send(text)
            told = await desk.of_type("error")
            assert told["code"] in ("invalid_json", "invalid_request", "body_too_large"), text[:20]
        await desk.socket.send(b"\xff\xfe\x00")
        assert (await desk.of_type("error"))["code"] == "invalid_json"
        assert (await desk.ask(type="typing", id="w" + "0" * 32))["code"] == "conversation_not_found"


async def test_a_flood_is_told_once_and_then_cut_off(here: str, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.channels.operator_stream.FRAMES", 20)
    monkeypatch.setattr("api.channels.operator_stream.Rate.__init__.__defaults__", (20, 1000.0, lambda: 0.0))
    async with console(here, key_headers(parts, "operator")) as desk:
        with pytest.raises(ConnectionClosed):
            for _ in range(5000):
                await desk.socket.send("{}")
            while True:
                desk.seen.append(json.loads(await asyncio.wait_for(desk.socket.recv(), PATIENCE)))
        assert desk.socket.close_code == 4429
        refused = [frame["code"] for frame in desk.seen if frame["type"] == "error"]
        assert refused.count("too_many_requests") <= 2  # the warning and the goodbye


async def test_without_a_key_nothing_is_told(here: str) -> None:
    for opening in ('{"key": "hk_wrong"}', "{}", "not json", "[]", '{"key": 7}', '{"key": "\\ud800"}'):
        async with connect(f"{here.replace('http', 'ws')}/v1/operator/stream", open_timeout=PATIENCE) as socket:
            await socket.send(opening)
            assert json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))["code"] == "unauthorised"
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), PATIENCE)
            assert socket.close_code == 4401


async def test_the_key_may_come_in_the_first_frame(here: str, parts: Parts) -> None:
    async with connect(f"{here.replace('http', 'ws')}/v1/operator/stream", open_timeout=PATIENCE) as socket:
        await socket.send(json.dumps({"key": key_headers(parts, "operator")["X-API-Key"]}))
        assert (await Console(socket).of_type("queue"))["waiting"] == []


async def test_keys_of_other_roles_do_not_open_the_desk(here: str, parts: Parts) -> None:
    roles: tuple[Role, ...] = ("ivr", "department", "editor", "admin")
    for role in roles:
        async with console(here, key_headers(parts, role)) as desk:
            assert (await desk.of_type("error"))["code"] == "forbidden"
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(desk.socket.recv(), PATIENCE)
            assert desk.socket.close_code == 4403


async def test_a_key_that_is_revoked_closes_its_console(here: str, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.channels.operator_stream.HEARTBEAT_S", 0.1)
    key = key_headers(parts, "operator")
    async with console(here, key) as desk:
        await desk.of_type("alive")
        known = parts.keys.verify(key["X-API-Key"])
        assert known is not None
        parts.keys.revoke(known.id)  # type: ignore[attr-defined]
        assert (await desk.of_type("error"))["code"] == "unauthorised"


async def test_without_the_database_a_key_that_was_good_stays_so_for_a_while(here: str, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.channels.operator_stream.HEARTBEAT_S", 0.05)

    def away(_: str) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    async with console(here, key_headers(parts, "operator")) as desk:
        await desk.ask(type="ready")
        monkeypatch.setattr(parts.keys, "verify", away)
        desk.seen.clear()
        while sum(frame["type"] == "alive" for frame in desk.seen) < 5:
            await desk.of_type("alive")
        assert (await desk.ask(type="next"))["type"] == "done"
        monkeypatch.setattr("api.channels.operator_stream.KEY_TRUSTED_S", 0.0)
        assert (await desk.of_type("error"))["code"] == "service_unavailable"


async def test_what_came_into_his_hands_without_the_stream_is_told(here: str, there: str, page: Chat, parts: Parts) -> None:
    key = key_headers(parts, "operator")
    async with console(there, key) as desk, console(there, key_headers(parts, "operator")) as other:
        await desk.of_type("queue")
        await page.say("转人工")
        async with httpx.AsyncClient(base_url=here, trust_env=False, timeout=PATIENCE) as rest:
            assert (await rest.post("/v1/operator/next", headers=key)).json()["id"] == page.id  # say that this answer is lost
        told = await desk.hears(page.id, "转人工")
        assert told["mine"] is True
        await other.ask(type="pause")
        assert not any(frame["type"] == "conversation" for frame in other.seen)


async def test_a_console_that_goes_leaves_no_listener_behind(here: str, page: Chat, parts: Parts, redis_url: str) -> None:
    watcher = redis.from_url(redis_url)
    channels = ("hotline:desk", f"hotline:news:{page.id}")
    async with console(here, key_headers(parts, "operator")) as desk:
        await desk.ask(type="claim", id=page.id)
        await desk.once(lambda told: told["type"] == "conversation")
        assert [count for _, count in watcher.pubsub_numsub(*channels)] == [1, 1]
    for _ in range(200):
        if sum(count for _, count in watcher.pubsub_numsub(*channels)) == 0:
            break
        await asyncio.sleep(0.05)
    assert sum(count for _, count in watcher.pubsub_numsub(*channels)) == 0
