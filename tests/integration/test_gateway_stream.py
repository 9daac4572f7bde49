"""The WebSocket of the chat over a real server, so that it goes through wsproto as in production."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Iterator

import httpx
import pytest
import redis
from fastapi import FastAPI
from websockets.client import WebSocketClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidStatusCode

from api.main import create_app
from api.ports import Parts
from core.settings import Settings
from tests.support.fake_rasa import serving
from tests.support.gateway_fixtures import Chat, begin_chat, build_parts
from tests.support.page_stream import frame, stream, watching

pytest_plugins = ("tests.support.gateway_fixtures",)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
async def page(address: str) -> Chat:
    return await begin_chat(httpx.AsyncClient(base_url=address, trust_env=False))


async def test_the_stream_gives_what_was_missed_and_then_what_comes(address: str, page: Chat) -> None:
    async with stream(address, page) as socket:
        await socket.send(json.dumps({"token": page.token, "after": 0}))
        first = await frame(socket)
        assert ([m["seq"] for m in first["messages"]], first["owner"], first["last_seq"]) == ([1], "bot", 1)
        await page.say("身份证丢了")
        seen: list[tuple[int, str]] = []
        while len(seen) < 2:
            seen += [(m["seq"], m["author"]) for m in (await frame(socket))["messages"]]
        assert seen == [(2, "caller"), (3, "bot")]


async def test_a_page_that_comes_back_gets_only_what_it_has_not_seen(address: str, page: Chat) -> None:
    await page.say("身份证丢了")
    async with stream(address, page) as socket:
        await socket.send(json.dumps({"token": page.token, "after": 2}))
        assert [m["seq"] for m in (await frame(socket))["messages"]] == [3]


async def test_a_change_of_owner_is_pushed(address: str, page: Chat, operator: dict[str, str]) -> None:
    async with stream(address, page) as socket:
        await socket.send(json.dumps({"token": page.token}))
        await frame(socket)
        await page.client.post(f"/v1/operator/conversations/{page.id}/claim", headers=operator)
        told = await frame(socket)
        assert (told["owner"], told["messages"][0]["author"]) == ("operator", "system")


async def test_the_token_may_come_as_a_sub_protocol(address: str, page: Chat) -> None:
    async with stream(address, page, subprotocols=["hotline", page.token]) as socket:
        assert socket.subprotocol == "hotline"
        assert (await frame(socket))["last_seq"] == 1


@pytest.mark.parametrize("opening", ['{"token": "wrong"}', "{}", "not json", "[]"])
async def test_a_stream_without_the_right_token_tells_nothing(address: str, page: Chat, opening: str) -> None:
    async with stream(address, page) as socket:
        await socket.send(opening)
        assert (await frame(socket))["error"]["code"] == "unauthorised"
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
        assert socket.close_code == 4401


async def test_a_page_that_goes_leaves_no_listener_behind(address: str, page: Chat, redis_url: str) -> None:
    watcher = redis.from_url(redis_url)
    channel = f"hotline:news:{page.id}"
    async with stream(address, page) as socket:
        await socket.send(json.dumps({"token": page.token}))
        await frame(socket)
        assert watcher.pubsub_numsub(channel)[0][1] == 1
    for _ in range(50):
        if watcher.pubsub_numsub(channel)[0][1] == 0:
            break
        await asyncio.sleep(0.05)
    assert watcher.pubsub_numsub(channel)[0][1] == 0


@pytest.mark.parametrize("more", ["x", "", "[]", "7", '{"type": "say", "text": "你好"}', '{"type": "read"}', '{"type": "read", "seq": "1"}', '{"type": "read", "seq": -1}',
                                  '{"type": "read", "seq": true}', '{"type": "typing", "text": "你好"}', '{"token": "x"}', "[" * 150, b"\x00", "x" * 60_000])
async def test_who_says_more_than_the_token_and_signs_is_cut_off(address: str, page: Chat, more: str | bytes) -> None:
    async with watching(address, page) as socket:
        await socket.send(more)
        assert (await frame(socket))["error"]["code"] == "invalid_request"
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
        assert socket.close_code == 1008


async def test_who_gives_signs_without_end_is_cut_off(address: str, page: Chat) -> None:
    async with watching(address, page) as socket:
        with pytest.raises(ConnectionClosed):
            for _ in range(10_000):
                await socket.send('{"type": "typing"}')
                await asyncio.sleep(0)
            await asyncio.wait_for(_drained(socket), 20)
        assert socket.close_code == 4429


async def _drained(socket: WebSocketClientProtocol) -> None:
    while True:
        await socket.recv()


async def test_only_pages_of_this_house_and_of_named_sites_may_open_a_stream(settings: Settings, parts: Parts) -> None:
    named = settings.copy(update={"widget_origins": "https://www.jinan.gov.cn"})
    with serving(create_app(named, build_parts(named))) as url:
        page = await begin_chat(httpx.AsyncClient(base_url=url, trust_env=False))
        for origin in (url, "https://www.jinan.gov.cn", None):
            async with stream(url, page, origin=origin) as socket:
                await socket.send(json.dumps({"token": page.token}))
                assert (await frame(socket))["last_seq"] == 1
        for origin in ("https://evil.example", "null", "https://www.jinan.gov.cn.evil.example"):
            with pytest.raises(InvalidStatusCode) as refused:
                async with stream(url, page, origin=origin):
                    pass
            assert refused.value.status_code == 403


async def test_a_session_has_five_streams_over_one_connection_to_redis(address: str, page: Chat, redis_url: str) -> None:
    async with AsyncExitStack() as stack:
        for place in range(6):
            socket = await stack.enter_async_context(stream(address, page))
            await socket.send(json.dumps({"token": page.token}))
            told = await frame(socket)
            assert told.get("error", {}).get("code") == (None if place < 5 else "too_many_requests")
        assert len(redis.from_url(redis_url).client_list(_type="pubsub")) == 1


@pytest.mark.parametrize("token", ["\ud800", "\x00", "x" * 300])
async def test_a_made_up_token_or_session_opens_nothing(address: str, page: Chat, token: str) -> None:
    for id, opening, code in ((page.id, token, "unauthorised"), (f"{page.id}:messages", page.token, "session_not_found")):
        async with stream(address, replace(page, id=id)) as socket:
            await socket.send(json.dumps({"token": opening}))
            assert (await frame(socket))["error"]["code"] == code
