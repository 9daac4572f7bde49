"""What is known for a ticket, told to the page whose conversation it is."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.ports import Parts
from api.rasa_client import RasaFault
from tests.support.fake_rasa import FakeRasa
from tests.support.gateway_fixtures import Chat, begin_chat
from tickets.draft import Draft
from tickets.model import TicketType

pytest_plugins = ("tests.support.gateway_fixtures",)
DRAFT = Draft(TicketType.COMPLAINT, text="路灯坏了", where="解放路", phone="13812345678")


async def form(chat: Chat, headers: dict[str, str] | None = None) -> httpx.Response:
    return await chat.client.get(f"/v1/chat/sessions/{chat.id}/form", headers=chat.headers if headers is None else headers)


async def test_the_form_that_rasa_keeps_is_told_and_never_logged(chat: Chat, rasa: FakeRasa, parts: Parts) -> None:
    rasa.slots = {"ticket_draft": DRAFT.to_dict()}
    assert (await form(chat)).json() == {"type": "投诉", "text": "路灯坏了", "address": "解放路", "phone": "13812345678", "region": "370102"}
    assert "13812345678" not in repr(parts.log.lines)  # type: ignore[attr-defined]


async def test_without_rasa_the_messages_tell(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    await chat.say("没有这事")

    async def silent(*_: Any) -> None:
        raise RasaFault("timeout")

    monkeypatch.setattr("api.rasa_client.RasaClient.slots", silent)
    assert (await form(chat)).json() == {"text": "没有这事", "region": "370102"}


async def test_only_its_own_token_opens_the_form_of_a_conversation(client: httpx.AsyncClient, chat: Chat, rasa: FakeRasa) -> None:
    rasa.slots = {"ticket_draft": DRAFT.to_dict()}
    other = await begin_chat(client)
    for headers in ({}, other.headers, {"Authorization": "Bearer x"}):
        answer = await form(chat, headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorised")


async def test_a_session_that_asks_too_often_is_held_back(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.channels.form.FORMS", 1)
    assert [(await form(chat)).status_code for _ in range(2)] == [200, 429]
