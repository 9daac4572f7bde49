"""News of Redis: one connection for all who listen, and nothing missed when it breaks."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import AsyncIterator, Iterator

import pytest
import redis.asyncio

from api import news as news_module
from api.news import News
from tests.support.gateway_fakes import RecordingLog
from tests.support.redis_server import RedisServer

PATIENCE = 15.0


@pytest.fixture
def server() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def store(server: RedisServer) -> "AsyncIterator[redis.asyncio.Redis[str]]":
    store: redis.asyncio.Redis[str] = redis.asyncio.from_url(server.url, decode_responses=True, socket_timeout=2, socket_connect_timeout=1)
    yield store
    await store.close()


@pytest.fixture
async def news(store: "redis.asyncio.Redis[str]") -> AsyncIterator[News]:
    news = News(store, RecordingLog())
    yield news
    await news.close()


async def listened(store: "redis.asyncio.Redis[str]", channel: str, count: int) -> None:
    while dict(await store.pubsub_numsub(channel))[channel] != count:
        await asyncio.sleep(0.02)


async def test_many_listeners_share_one_connection(news: News, store: "redis.asyncio.Redis[str]") -> None:
    with ExitStack() as stack:
        listeners = [stack.enter_context(news.listen("a")) for _ in range(40)]
        other = stack.enter_context(news.listen("b"))
        for listener in (*listeners, other):
            assert await listener.next(PATIENCE)  # Redis listens
        assert len(await store.client_list(_type="pubsub")) == 1
        await store.publish("a", "1")
        assert [await listener.next(PATIENCE) for listener in listeners] == ["a"] * 40
        assert await other.next(0.01) is None
        with news.listen("a") as late:
            assert await late.next(PATIENCE) == "a"  # it is listened to already
    await asyncio.wait_for(listened(store, "a", 0), PATIENCE)


async def test_a_channel_left_and_taken_again_is_heard(news: News, store: "redis.asyncio.Redis[str]") -> None:
    with news.listen() as listener:
        for _ in range(20):
            listener.subscribe("a")
            assert await listener.next(PATIENCE) == "a"
            listener.unsubscribe("a")
        listener.subscribe("a")
        assert await listener.next(PATIENCE) == "a"
        await asyncio.wait_for(listened(store, "a", 1), PATIENCE)
        while await listener.next(0.05):
            pass
        await store.publish("a", "1")
        assert await listener.next(PATIENCE) == "a"


async def test_after_a_restart_of_redis_everybody_looks_again(news: News, store: "redis.asyncio.Redis[str]", server: RedisServer,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news_module, "RETRY_S", 0.02)
    with news.listen("a") as one, news.listen("b") as two:
        assert [await one.next(PATIENCE), await two.next(PATIENCE)] == ["a", "b"]
        server.kill()
        assert [await one.next(PATIENCE), await two.next(PATIENCE)] == ["a", "b"]  # each finds out by himself that it is away
        server.start()
        await asyncio.wait_for(listened(store, "b", 1), PATIENCE)
        while await two.next(0.1):
            pass
        await store.publish("b", "1")
        assert await two.next(PATIENCE) == "b"


async def test_a_connection_that_says_nothing_is_given_up(news: News, store: "redis.asyncio.Redis[str]", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news_module, "PING_S", 0.05)
    monkeypatch.setattr(news_module, "RETRY_S", 0.02)

    async def unheard(*_: object) -> None:
        return None

    monkeypatch.setattr("redis.asyncio.client.PubSub.ping", unheard)
    with news.listen("a") as listener:
        assert [await listener.next(PATIENCE) for _ in range(3)] == ["a"] * 3
