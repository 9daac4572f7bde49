"""Signs of typing and reading between a page and the desk, over real sockets and a real Redis."""

from __future__ import annotations

import json
from typing import Any, Iterator

import httpx
import pytest
import redis
from fastapi import FastAPI
from websockets.client import connect

from api.archive import Archive
from api.archiver import Archiver
from api.conversations import DUE, conversation_key
from api.ports import Parts
from tests.support.fake_rasa import serving
from tests.support.gateway_fixtures import Chat, begin_chat, key_headers
from tests.support.page_stream import until, watching

pytest_plugins = ("tests.support.gateway_fixtures",)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
async def page(address: str, operator: dict[str, str]) -> Chat:
    """A conversation that the operator has; two messages were said."""
    page = await begin_chat(httpx.AsyncClient(base_url=address, trust_env=False, timeout=20))
    await desk(page, "claim", operator)
    return page


@pytest.fixture
def store(redis_url: str) -> redis.Redis[str]:
    return redis.from_url(redis_url, decode_responses=True)


async def sign(chat: Chat, **told: Any) -> httpx.Response:
    return await chat.client.post(f"/v1/chat/sessions/{chat.id}/signs", json=told, headers=chat.headers)


async def desk(chat: Chat, act: str, headers: dict[str, str], **body: Any) -> dict[str, Any]:
    answer = await chat.client.post(f"/v1/operator/conversations/{chat.id}/{act}", headers=headers, json=body or None)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def seen(chat: Chat, headers: dict[str, str], after: int = 0) -> dict[str, Any]:
    answer = await chat.client.get(f"/v1/operator/conversations/{chat.id}/messages", headers=headers, params={"after": after})
    return answer.json()  # type: ignore[no-any-return]


def console(address: str, headers: dict[str, str]) -> connect:
    return connect(f"{address.replace('http', 'ws')}/v1/operator/stream", subprotocols=["hotline", headers["X-API-Key"]])  # type: ignore[list-item]


async def test_a_person_who_types_is_told_to_the_caller_and_so_is_that_he_stopped(
        address: str, page: Chat, operator: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.signs.TYPING_S", 2)
    async with watching(address, page) as socket, console(address, operator) as seat:
        await seat.send(json.dumps({"type": "typing", "id": page.id}))
        told = await until(socket, lambda state: "typing" in state)
        assert (told["typing"], told["messages"], told["person"]) == (True, [], "测试")
        over = await until(socket, lambda state: "typing" not in state)  # nobody says so: the stream looks by itself
        assert over["stand"] != told["stand"]


async def test_a_caller_who_types_is_told_to_the_desk_and_so_is_that_he_stopped(
        address: str, page: Chat, operator: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.signs.TYPING_S", 2)
    async with watching(address, page) as socket, console(address, operator) as seat:
        await seat.send(json.dumps({"type": "watch", "id": page.id}))
        await until(seat, lambda told: told["type"] == "conversation")
        await socket.send('{"type": "typing"}')
        assert (await until(seat, lambda told: told["type"] == "conversation"))["typing"] is True
        assert "typing" not in await until(seat, lambda told: told["type"] == "conversation")


async def test_whoever_has_spoken_types_no_more(page: Chat, operator: dict[str, str], store: redis.Redis[str]) -> None:
    assert (await sign(page, typing=True)).status_code == 204
    assert (await seen(page, operator))["typing"] is True
    await page.say("在历下区")
    assert "typing" not in await seen(page, operator)
    await sign(page, typing=True)
    await sign(page, typing=False)
    assert "typing" not in await seen(page, operator)
    store.set(f"{conversation_key(page.id)}:typing:operator", store.hget(conversation_key(page.id), "operator") or "", ex=60)
    assert (await page.state())["typing"] is True
    await desk(page, "messages", operator, text="您好")
    assert "typing" not in await page.state()


async def test_the_typing_of_a_person_ends_with_his_having_the_conversation(page: Chat, operator: dict[str, str], parts: Parts,
                                                                            store: redis.Redis[str]) -> None:
    store.set(f"{conversation_key(page.id)}:typing:operator", store.hget(conversation_key(page.id), "operator") or "", ex=60)
    await desk(page, "claim", key_headers(parts, "supervisor"))  # takes it over
    state = await page.state()
    assert (state["owner"], "typing" in state) == ("operator", False)


async def test_how_far_was_read_only_grows_and_never_passes_what_was_said(page: Chat, operator: dict[str, str]) -> None:
    assert "read" not in await seen(page, operator)
    for told, read in ((1, 1), (0, 1), (2, 2), (1, 2), (2**53, 2)):
        assert (await sign(page, read=told)).status_code == 204
        assert (await seen(page, operator, after=2))["read"] == read


async def test_what_the_person_who_has_it_fetches_is_read_and_what_others_look_at_is_not(page: Chat, operator: dict[str, str], parts: Parts) -> None:
    await seen(page, key_headers(parts, "supervisor"))
    assert "read" not in await page.state()
    await seen(page, operator, after=2**53)  # nothing was told
    assert "read" not in await page.state()
    await seen(page, operator)
    assert (await page.state())["read"] == 2


async def test_a_console_tells_how_far_it_was_read_and_the_page_hears_of_it(address: str, page: Chat, operator: dict[str, str], parts: Parts) -> None:
    async with watching(address, page) as socket, console(address, operator) as seat:
        await seat.send(json.dumps({"type": "read", "id": page.id, "seq": 1, "request": 1}))
        assert (await until(socket, lambda state: "read" in state))["read"] == 1
        async with console(address, key_headers(parts, "supervisor")) as chief:
            await chief.send(json.dumps({"type": "read", "id": page.id, "seq": 2, "request": 1}))
            assert (await until(chief, lambda told: told.get("request") == 1))["code"] == "conversation_taken"
        assert (await page.state())["read"] == 1


async def test_a_page_tells_how_far_it_was_read_over_its_stream(address: str, page: Chat, operator: dict[str, str]) -> None:
    async with watching(address, page) as socket, console(address, operator) as seat:
        await seat.send(json.dumps({"type": "watch", "id": page.id}))
        await until(seat, lambda told: told["type"] == "conversation")
        await socket.send('{"type": "read", "seq": 2}')
        assert (await until(seat, lambda told: told["type"] == "conversation"))["read"] == 2


async def test_a_sign_is_no_step_of_the_conversation(page: Chat, store: redis.Redis[str], parts: Parts) -> None:
    def counted() -> tuple[Any, ...]:
        return (*store.hmget(conversation_key(page.id), "version", "due", "seq"), store.zscore(DUE, page.id))

    before = counted()
    await sign(page, typing=True, read=2)
    assert counted() == before
    store.zadd(DUE, {page.id: 1})
    archive = parts.archive
    assert isinstance(archive, Archive)
    Archiver(store, archive).step()
    assert not store.exists(conversation_key(page.id))
    assert (await sign(page, read=1)).status_code == 404
    assert not store.exists(conversation_key(page.id))


async def test_a_name_stands_at_the_messages_of_a_person_alone(page: Chat, operator: dict[str, str]) -> None:
    await desk(page, "messages", operator, text="您好")
    await page.say("您好")
    state = await page.state()
    assert [(said["author"], said.get("name")) for said in state["messages"]] == [
        ("bot", None), ("system", None), ("operator", "测试"), ("caller", None)]
    assert state["person"] == "测试"
    await desk(page, "return", operator)
    assert "person" not in await page.state()


@pytest.mark.parametrize("told", [{"read": -1}, {"read": "1"}, {"read": True}, {"read": 2**54}, {"typing": "yes"}, {"typing": 1}], ids=str)
async def test_a_faulty_sign_is_refused(page: Chat, told: dict[str, Any]) -> None:
    assert (await sign(page, **told)).status_code == 422


async def test_signs_want_the_token_of_the_conversation(page: Chat, operator: dict[str, str]) -> None:
    path = f"/v1/chat/sessions/{page.id}/signs"
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        assert (await page.client.post(path, json={"read": 1}, headers=headers)).status_code == 401
    assert "read" not in await seen(page, operator)


async def test_a_session_that_gives_too_many_signs_is_held_back(page: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.channels.signs.A_MINUTE", 2)
    assert [(await sign(page, read=1)).status_code for _ in range(3)] == [204, 204, 429]


async def test_large_print_chosen_in_a_conversation_puts_its_caller_before_others(address: str, parts: Parts, operator: dict[str, str]) -> None:
    first, second = [await begin_chat(httpx.AsyncClient(base_url=address, trust_env=False, timeout=20)) for _ in range(2)]
    assert (await sign(second, elderly=True)).status_code == 204
    for chat in (first, second):
        await chat.say("转人工")
    waiting = (await first.client.get("/v1/operator/queue", headers=operator)).json()["waiting"]
    assert [(entry["id"], entry["elderly"]) for entry in waiting] == [(second.id, True), (first.id, False)]
