"""The lock of a turn: kept while the turn lasts, taken although the answer was lost, and never the reason why a done turn fails."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator

import pytest
import redis.asyncio

from api.conversations import ConversationMoved, Conversations, new_message
from api.errors import ApiError
from api.turn_lock import TurnLock
from tests.support.gateway_fakes import NOW

pytest_plugins = ("tests.support.gateway_fixtures",)


@pytest.fixture
async def store(redis_url: str) -> "AsyncIterator[redis.asyncio.Redis[str]]":
    store: redis.asyncio.Redis[str] = redis.asyncio.from_url(redis_url, decode_responses=True)
    yield store
    await store.close()


async def test_a_turn_longer_than_its_lease_keeps_it(store: "redis.asyncio.Redis[str]") -> None:
    lock = TurnLock(store, lease=1.0, renewed=0.02)
    async with lock.hold("w"):
        await store.pexpire("hotline:turn:w", 100_000)  # renewed, it is shorter again
        while await store.pttl("hotline:turn:w") > 1000:
            await asyncio.sleep(0.01)
        with pytest.raises(ApiError):
            async with TurnLock(store, wait=0.05).hold("w"):
                pass
    assert not await store.exists("hotline:turn:w")


async def test_a_lost_answer_leaves_no_lock_behind(store: "redis.asyncio.Redis[str]") -> None:
    lock = TurnLock(store)
    take, calls = lock._take, []

    async def lossy(**given: Any) -> Any:
        answer = await take(**given)
        calls.append(answer)
        if len(calls) == 1:
            raise redis.ConnectionError("lost")
        return answer

    lock._take = lossy  # type: ignore[assignment]
    async with lock.hold("w"):
        assert calls == [1, 1]
    assert not await store.exists("hotline:turn:w")


async def test_a_lock_that_cannot_be_freed_does_not_undo_the_turn(store: "redis.asyncio.Redis[str]") -> None:
    lock = TurnLock(store)

    async def broken(**_: Any) -> None:
        raise redis.ConnectionError("gone")

    lock._release = broken  # type: ignore[assignment]
    async with lock.hold("w"):
        done = True
    assert done


async def test_what_the_bot_says_is_refused_where_a_person_took_the_conversation(store: "redis.asyncio.Redis[str]") -> None:
    conversations = Conversations(store, 60)
    await conversations.open("w", "web", None, None, "t")
    words = new_message("bot", "好的。", NOW)
    assert [m["seq"] for m in await conversations.append("w", [words], once="a", unless="operator")] == [1]
    await store.hset("hotline:conversation:w", "owner", "operator")
    with pytest.raises(ConversationMoved):
        await conversations.append("w", [words], once="b", unless="operator")
    assert [m["seq"] for m in await conversations.append("w", [words], once="a", unless="operator")] == [1]  # it was told before
    assert (await conversations.load("w")).seq == 1
