"""Long polling: the answer comes when there is something new, and the state is told by its mark."""

from __future__ import annotations

import asyncio
from typing import Any, Iterator

import httpx
import pytest
import redis
from fastapi import FastAPI

from api.channels.following import stand_of
from tests.support.fake_rasa import serving
from tests.support.gateway_fixtures import Chat, begin_chat
from tests.support.page_stream import until, watching

pytest_plugins = ("tests.support.gateway_fixtures",)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
async def page(address: str) -> Chat:
    return await begin_chat(httpx.AsyncClient(base_url=address, trust_env=False, timeout=40))


async def asked(chat: Chat, **wanted: Any) -> httpx.Response:
    return await chat.client.get(chat.path, params=wanted, headers=chat.headers)


async def poll(chat: Chat, **wanted: Any) -> dict[str, Any]:
    answer = await asked(chat, **wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def waiting(chat: Chat, redis_url: str, **wanted: Any) -> asyncio.Task[dict[str, Any]]:
    """A poll that has begun to listen: only news can answer it now."""
    poll_of = asyncio.create_task(poll(chat, **wanted))
    await listened_to(chat, redis_url, 1)
    return poll_of


async def listened_to(chat: Chat, redis_url: str, listeners: int) -> None:
    watcher = redis.from_url(redis_url)
    for _ in range(400):
        if watcher.pubsub_numsub(f"hotline:news:{chat.id}")[0][1] == listeners:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody listens" if listeners else "somebody still listens")


async def test_a_poll_is_answered_at_once_where_there_is_something_new(page: Chat) -> None:
    state = await poll(page, wait=25)
    assert [message["seq"] for message in state["messages"]] == [1]
    elsewhere = await poll(page, after=1, wait=25, stand="0123456789abcdef")
    assert (elsewhere["messages"], elsewhere["stand"]) == ([], state["stand"])


async def test_a_poll_is_answered_by_what_is_said(page: Chat, redis_url: str) -> None:
    stand = (await page.state())["stand"]
    poll_of = await waiting(page, redis_url, after=1, wait=25, stand=stand)
    await page.say("身份证丢了")
    assert [message["seq"] for message in (await poll_of)["messages"]][0] == 2


async def test_a_poll_is_answered_by_a_change_of_owner(page: Chat, redis_url: str, operator: dict[str, str]) -> None:
    stand = (await page.state())["stand"]
    poll_of = await waiting(page, redis_url, after=1, wait=25, stand=stand)
    await page.client.post(f"/v1/operator/conversations/{page.id}/claim", headers=operator)
    state = await poll_of
    assert (state["owner"], state["person"], state["stand"] != stand) == ("operator", "测试", True)


async def test_a_poll_in_which_nothing_happens_ends_with_the_state_as_it_is(page: Chat) -> None:
    before = await page.state(after=1)
    for stand in ({"stand": before["stand"]}, {}):  # without a mark it is what stood when it began
        assert await poll(page, after=1, wait=1, **stand) == before


async def test_the_mark_follows_the_state_and_not_the_messages(page: Chat) -> None:
    first = (await page.say("身份证丢了", "a"), await page.state())[1]
    second = (await page.say("身份证丢了", "b"), await page.state())[1]
    assert first["stand"] == second["stand"]
    assert len(first["messages"]) < len(second["messages"])
    assert (await page.say("没有这事", "c"), await page.state())[1]["stand"] != first["stand"]
    assert stand_of({"a": 1, "b": "\ud800"}) == stand_of({"b": "\ud800", "a": 1})


@pytest.mark.parametrize("wanted", [{"wait": 26}, {"wait": -1}, {"wait": "x"}, {"stand": "x" * 65}], ids=str)
async def test_a_faulty_wish_is_refused(page: Chat, wanted: dict[str, Any]) -> None:
    assert (await asked(page, **wanted)).status_code == 422


async def test_a_poll_holds_a_place_and_who_leaves_gives_it_back(page: Chat, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.channels.web.SESSION_STREAMS", 1)
    wanted = {"after": 1, "wait": 25, "stand": (await page.state())["stand"]}
    poll_of = await waiting(page, redis_url, **wanted)
    refused = await asked(page, **wanted)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_requests")
    assert (await asked(page, after=1)).status_code == 200  # who does not wait takes no place
    poll_of.cancel()
    await listened_to(page, redis_url, 0)
    again = await waiting(page, redis_url, **wanted)
    await page.say("身份证丢了")
    assert (await again)["messages"][0]["seq"] == 2


async def test_a_poll_of_a_conversation_that_goes_meanwhile_says_so(page: Chat, redis_url: str) -> None:
    stand = (await page.state())["stand"]
    poll_of = asyncio.create_task(asked(page, after=1, wait=25, stand=stand))
    await listened_to(page, redis_url, 1)
    store = redis.from_url(redis_url)
    store.delete(f"hotline:conversation:{page.id}")
    store.publish(f"hotline:news:{page.id}", "")
    answer = await poll_of
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "session_not_found")


async def test_who_waits_in_the_line_is_told_that_it_moved_though_nobody_speaks(
        address: str, page: Chat, operator: dict[str, str], redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.channels.following.LINE_S", 0.2)
    chats = (page, await begin_chat(page.client))
    for chat in chats:
        await chat.say("转人工")
    states = {(await chat.state())["queue"]["position"]: (chat, await chat.state()) for chat in chats}  # the clock stands: either may be first
    (first, _), (second, state) = states[1], states[2]
    async with watching(address, second) as socket:
        poll_of = await waiting(second, redis_url, after=state["last_seq"], wait=25, stand=state["stand"])
        await page.client.post(f"/v1/operator/conversations/{first.id}/claim", headers=operator)
        assert (await poll_of)["queue"]["position"] == 1
        assert (await until(socket, lambda told: told["queue"]["position"] == 1))["messages"] == []
