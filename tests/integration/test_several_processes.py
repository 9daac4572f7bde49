"""Several Rasa processes and several gateways: one that is down is passed over, and a port is shared."""

from __future__ import annotations

import socket

import httpx
import pytest

from api.__main__ import listening
from api.main import create_app
from api.ports import Parts
from api.rasa_client import order_of
from core.settings import Settings
from tests.support.fake_rasa import FakeRasa
from tests.support.gateway_fixtures import begin_chat
from tests.support.redis_server import free_port

pytest_plugins = ("tests.support.gateway_fixtures",)


async def test_every_conversation_is_answered_while_one_of_two_processes_is_down(settings: Settings, parts: Parts, rasa_url: str, rasa: FakeRasa) -> None:
    down = f"http://127.0.0.1:{free_port()}"
    app = create_app(settings.copy(update={"rasa_url": f"{down},{rasa_url}"}), parts)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway") as client:
        ready = await client.get("/health/ready")
        chats = [await begin_chat(client) for _ in range(12)]
        turns = [await chat.say("补身份证要带什么") for chat in chats]
    assert (ready.status_code, ready.json()["parts"]["rasa"]) == (200, "ok")
    assert {turn["outcome"] for turn in turns} == {"answered"}
    assert [asked["sender"] for asked in rasa.requests] == [chat.id for chat in chats]
    assert {order_of(chat.id, (down, rasa_url))[0] for chat in chats} == {down, rasa_url}


async def test_rasa_is_down_when_all_its_processes_are(settings: Settings, parts: Parts) -> None:
    app = create_app(settings.copy(update={"rasa_url": ",".join(f"http://127.0.0.1:{free_port()}" for _ in range(2))}), parts)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway") as client:
        ready = await client.get("/health/ready")
    assert (ready.status_code, ready.json()["parts"]["rasa"]) == (503, "down")


def test_two_gateways_listen_on_one_port_and_a_stranger_does_not() -> None:
    with listening("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        first.listen()
        with listening("127.0.0.1", port) as second:
            second.listen()
            with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
                stranger.bind(("127.0.0.1", port))
        with socket.create_connection(("127.0.0.1", port), 5):
            pass
