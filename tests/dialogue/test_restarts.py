"""Every part of a product with two gateways and two Rasa processes is killed the hard way: each comes back, and nothing acknowledged is gone.

Takes minutes, so `make long` runs it; tests/dialogue/test_when_parts_fail.py kills single parts in every run.
"""

from __future__ import annotations

import json
import os
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.support.running_product import Chat, Product, launch, ready

pytestmark = [pytest.mark.stack, pytest.mark.skipif(not os.environ.get("TEST_LONG"), reason="runs in `make long`")]
PATIENCE_S = 120.0  # for a cold start on two busy cores; how fast it really is stands in docs/benchmarks/conversations.md
PARTS = ("redis", "gateway", "gateway-2", "rasa", "rasa-2", "actions")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = launch(Path(tmp_path_factory.mktemp("crowd")), HOTLINE_GATEWAYS="2", HOTLINE_RASA_WORKERS="2", HOTLINE_RASA_SPARE="1")
    assert back(running, {})
    yield running
    assert running.stop() == 0


def told(product: Product) -> dict[str, Any]:
    return dict(json.loads((product.data / "run.json").read_text()))


def listens(pid: int) -> bool:
    try:
        return any(found.status == psutil.CONN_LISTEN for found in psutil.Process(pid).connections("tcp"))
    except psutil.NoSuchProcess:
        return False


def back(product: Product, gone: dict[str, int], patience: float = PATIENCE_S) -> bool:
    """Wait until each part listens in a process that is none of those that are gone, and the product says that it is ready."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        children = told(product)["children"]
        if all(children[part] != gone.get(part) and listens(children[part]) for part in PARTS) and ready(product):
            return True
        time.sleep(0.2)
    return False


def kill(product: Product, *parts: str) -> dict[str, int]:
    victims = {part: product.child(part) for part in parts}
    for pid in victims.values():
        os.kill(pid, signal.SIGKILL)
    return victims


def message(chat: Chat, text: str, id: str) -> int | None:
    """Send a message and return the last number of the reply, None when nobody acknowledged it."""
    try:
        answer = chat.http.post(f"/v1/chat/sessions/{chat.id}/messages", json={"text": text, "client_message_id": id})
    except httpx.TransportError:
        return None
    return max(said["seq"] for said in answer.json()["messages"]) if answer.status_code == 200 else None


def repeated(chat: Chat, text: str) -> int:
    """Say it as a widget does: the same message again until it is acknowledged."""
    id = uuid.uuid4().hex
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        number = message(chat, text, id)
        if number is not None:
            return number
        time.sleep(0.2)
    raise AssertionError("never acknowledged")


def stored(chat: Chat) -> list[dict[str, Any]]:
    return list(chat.http.get(f"/v1/chat/sessions/{chat.id}/messages?after=0").json()["messages"])


@pytest.mark.parametrize("part", PARTS)
def test_whoever_is_killed_comes_back_and_every_acknowledged_message_is_there_once(crowd: Product, part: str) -> None:
    chats = [crowd.chat() for _ in range(3)]
    for chat in chats:
        repeated(chat, "护照丢了怎么补")
    gone = kill(crowd, part)
    last = {chat.id: repeated(chat, "身份证丢了补一个要多少钱") for chat in chats}
    assert back(crowd, gone)
    for chat in chats:
        kept = stored(chat)
        assert [one["seq"] for one in kept] == list(range(1, len(kept) + 1))
        assert kept[-1]["seq"] >= last[chat.id]
        assert [one["text"] for one in kept if one["author"] == "caller"] == ["护照丢了怎么补", "身份证丢了补一个要多少钱"]
        assert chat.say("办护照要多少钱")["item"] == "passport-first"


def spare_of(product: Product, patience: float = PATIENCE_S) -> int:
    """Wait until a spare has been begun, and return its process id."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        pid = told(product).get("spare")
        if pid:
            return int(pid)
        time.sleep(0.2)
    raise AssertionError("no spare")


def test_a_spare_takes_a_killed_rasas_place_and_conversations_go_on(crowd: Product) -> None:
    chats = [crowd.chat() for _ in range(3)]
    for chat in chats:
        repeated(chat, "护照丢了怎么补")
    spare = spare_of(crowd)
    gone = kill(crowd, "rasa")
    assert back(crowd, gone)
    assert crowd.child("rasa") == spare
    assert spare_of(crowd) != spare
    assert all(chat.say("要带什么材料")["item"] == "passport-renew" for chat in chats)


def test_a_part_that_lives_and_answers_nobody_is_replaced(crowd: Product) -> None:
    spare_of(crowd)
    gone = {"rasa": crowd.child("rasa")}
    os.kill(gone["rasa"], signal.SIGSTOP)
    assert back(crowd, gone, 3 * PATIENCE_S)
    assert crowd.chat().say("办护照要多少钱")["item"] == "passport-first"


def test_a_form_goes_on_in_another_process_when_its_own_is_killed(crowd: Product) -> None:
    chats = [crowd.chat() for _ in range(4)]
    for chat in chats:
        assert chat.say("小区门口路灯坏了一个月没人修")["outcome"] == "ticket_form"
    gone = kill(crowd, "rasa")
    assert all(chat.say("历下区解放路12号阳光花园小区门口")["outcome"] in ("ticket_form", "ticket_opened") for chat in chats)
    assert back(crowd, gone)


def test_what_a_killed_redis_acknowledged_it_still_knows(crowd: Product) -> None:
    chats = [crowd.chat() for _ in range(3)]
    last = {chat.id: repeated(chat, "身份证丢了补一个要多少钱") for chat in chats}
    gone = kill(crowd, "redis")
    assert back(crowd, gone)
    for chat in chats:
        assert stored(chat)[-1]["seq"] >= last[chat.id]
        assert chat.say("要带什么材料")["item"] == "id-card-reissue"
