"""The one input channel: a turn comes in, its messages go out whole, and a failure is never an empty success."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from rasa.core.actions import action
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from sanic import Sanic

from bot.channel import HotlineInput

Handler = Callable[[UserMessage], Awaitable[Any]]
TURN = {"sender": "c1", "message": "身份证丢了咋补", "channel": "web", "metadata": {"region": "370102", "caller": None, "turn_id": "t1"}}


@pytest.fixture(autouse=True)
def one_test_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting up the channel mends Rasa: put back after each test. Sanic serves more than one app only in its test mode."""
    monkeypatch.setattr(Sanic, "test_mode", True)
    monkeypatch.setattr(action, "DEFAULT_REQUEST_TIMEOUT", action.DEFAULT_REQUEST_TIMEOUT)
    monkeypatch.setattr(action.RemoteAction, "_validate_action_result", action.RemoteAction._validate_action_result)
    monkeypatch.setattr(Agent, "_create_tracker_store", Agent._create_tracker_store)
    monkeypatch.setattr(MessageProcessor, "handle_message", MessageProcessor.handle_message)


@asynccontextmanager
async def channel(handler: Handler) -> AsyncIterator[httpx.AsyncClient]:
    app = Sanic(f"test_{uuid.uuid4().hex}", configure_logging=False)
    app.blueprint(HotlineInput().blueprint(handler), url_prefix="/webhooks/hotline")
    server = await app.create_server(host="127.0.0.1", port=0, return_asyncio_server=True, access_log=False)
    assert server is not None
    await server.startup()
    port = server.server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/webhooks/hotline", trust_env=False) as client:
        yield client
    server.close()
    await server.wait_closed()


def answering(*replies: dict[str, Any]) -> tuple[Handler, list[UserMessage]]:
    heard: list[UserMessage] = []

    async def handler(message: UserMessage) -> None:
        heard.append(message)
        for reply in replies:
            await message.output_channel.send_response(message.sender_id, reply)

    return handler, heard


async def test_a_turn_reaches_the_handler_as_it_was_said() -> None:
    handler, heard = answering({"text": "好"})
    async with channel(handler) as client:
        answer = await client.post("/webhook", json=TURN)
    assert (answer.status_code, answer.json()) == (200, [{"text": "好"}])
    message = heard[0]
    assert (message.sender_id, message.text, message.input_channel, message.metadata) == ("c1", "身份证丢了咋补", "web", TURN["metadata"])


@pytest.mark.parametrize(("said", "heard_as"), [
    ("/restart", "restart"), ("  / /session_start", "session_start"), ("／restart", "restart"), ('//inform{"region": "x"}', 'inform{"region": "x"}'), ("1/2的房子", "1/2的房子"),
    ("/", ""),
], ids=["a command", "blanks and slashes", "full width", "an intent with values", "a slash within", "a slash alone"])
async def test_no_caller_gives_rasa_a_command(said: str, heard_as: str) -> None:
    handler, heard = answering()
    async with channel(handler) as client:
        assert (await client.post("/webhook", json={**TURN, "message": said})).status_code == 200
    assert heard[0].text == heard_as


@pytest.mark.parametrize("name", ["web", "ivr"])
async def test_replies_are_worded_for_the_callers_own_channel(name: str) -> None:
    handler, heard = answering()
    async with channel(handler) as client:
        await client.post("/webhook", json={**TURN, "channel": name})
    assert heard[0].output_channel.name() == name


async def test_text_custom_and_buttons_of_a_reply_stay_together_in_their_order() -> None:
    first = {"text": "要带户口簿。", "custom": {"outcome": "answered", "item": "id-lost"}, "buttons": [{"title": "好", "payload": "好"}]}
    handler, _ = answering({**first, "elements": [], "image": None}, {"text": "还有事吗？", "custom": {}})
    async with channel(handler) as client:
        assert (await client.post("/webhook", json=TURN)).json() == [first, {"text": "还有事吗？"}]


async def test_a_turn_that_fails_is_a_500_and_tells_nothing_of_the_fault() -> None:
    async def broken(message: UserMessage) -> None:
        await message.output_channel.send_response(message.sender_id, {"text": "半句"})
        raise RuntimeError("secret 13812345678")

    async with channel(broken) as client:
        answer = await client.post("/webhook", json=TURN)
    assert (answer.status_code, answer.json()) == (500, {"error": "the turn failed"})


@pytest.mark.parametrize("body", [
    {}, [], [TURN], "text", 5, None, {**TURN, "sender": None}, {**TURN, "sender": 7}, {**TURN, "message": None}, {**TURN, "message": ["a"]},
    {**TURN, "channel": "fax"}, {**TURN, "channel": None}, {**TURN, "channel": ["web"]}, {**TURN, "metadata": "x"}, {**TURN, "metadata": [1]},
    {key: value for key, value in TURN.items() if key != "channel"},
], ids=str)
async def test_a_bad_body_is_a_400_and_no_turn(body: Any) -> None:
    handler, heard = answering({"text": "好"})
    async with channel(handler) as client:
        answer = await client.post("/webhook", json=body)
    assert (answer.status_code, heard) == (400, [])
    assert set(answer.json()) == {"error"}


async def test_a_body_that_is_no_json_is_a_400() -> None:
    handler, heard = answering({"text": "好"})
    async with channel(handler) as client:
        assert (await client.post("/webhook", content=b"{not json")).status_code == 400
    assert heard == []


async def test_without_metadata_there_is_none() -> None:
    handler, heard = answering()
    async with channel(handler) as client:
        assert (await client.post("/webhook", json={key: TURN[key] for key in ("sender", "message", "channel")})).status_code == 200
    assert heard[0].metadata == {}


async def test_the_channel_says_that_it_is_there() -> None:
    handler, _ = answering()
    async with channel(handler) as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.json(), HotlineInput.name()) == (200, {"status": "ok"}, "hotline")
