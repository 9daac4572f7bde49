"""The way to a person and back on the real product."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import redis.asyncio

from api.desk.presence import Presence
from core.clock import system_clock
from tests.support.running_product import Chat, Product

pytestmark = pytest.mark.stack


@pytest.fixture
def nobody_there(product: Product) -> None:
    """A desk at which one person sits who takes nothing of what is asked here."""
    async def sit() -> None:
        store = redis.asyncio.from_url(product.redis_url, decode_responses=True)
        await Presence(store).here("k1", "王", ("tax",), "370600", "ready", system_clock())
        await store.close()

    asyncio.run(sit())


@pytest.fixture(scope="module")
def desk(product: Product) -> httpx.Client:
    made = product.hotline("admin", "key", "--role", "operator")
    assert made.returncode == 0, made.stderr
    return product.http(**{"X-API-Key": next(word for word in made.stdout.split() if word.startswith("hk_"))})


def reason_of(desk: httpx.Client, chat: Chat) -> str:
    return next(entry["reason"] for entry in desk.get("/v1/operator/queue").json()["waiting"] if entry["id"] == chat.id)


def test_a_wish_for_a_person_as_the_very_first_message_is_seen_at_the_desk(chat: Chat, desk: httpx.Client) -> None:
    turn = chat.say("转人工")
    assert (turn["outcome"], turn["owner"]) == ("handoff", "queue")
    assert reason_of(desk, chat) == "asked"


def test_two_misunderstandings_in_a_row_lead_to_a_person(chat: Chat, desk: httpx.Client) -> None:
    first = chat.say("去美国的签证怎么办")
    assert (first["outcome"], first["owner"]) == ("not_found", "bot")
    second = chat.say("海员证咋办")
    assert (second["outcome"], second["owner"]) == ("handoff", "queue")
    assert reason_of(desk, chat) == "misunderstood"


def test_anger_at_the_hotline_leads_to_a_person_but_a_complaint_in_strong_words_to_the_form(product: Product, desk: httpx.Client) -> None:
    angry = product.chat()
    assert angry.say("你们这帮废物，我要投诉你们")["owner"] == "queue"
    assert reason_of(desk, angry) == "angry"
    assert product.chat().say("气死我了，小区物业收了钱不干活，路灯坏了一个月没人修")["outcome"] == "ticket_form"


def test_nobody_there_a_call_back_is_opened_in_the_chat(nobody_there: None, product: Product, chat: Chat) -> None:
    offer = chat.say("转人工")
    assert (offer["owner"], offer["options"]) == ("bot", ["要", "不要"])
    chat.say("好的")
    opened = chat.say("13912345678")
    assert (opened["outcome"], opened["ticket_type"]) == ("ticket_opened", "未接来电回拨")
    assert product.chat().tell("查工单进度", opened["ticket"]["number"], "5678")["outcome"] == "ticket_status"
    assert chat.say("护照丢了补一个多少钱")["outcome"] == "answered"


def test_nobody_there_a_call_back_is_opened_on_the_phone(nobody_there: None, product: Product, ivr_key: str) -> None:
    call = product.call(ivr_key, caller="13900007777")
    assert call.say("我要人工")["action"] == "continue"
    opened = call.turn(dtmf="1")
    assert opened["outcome"] == "ticket_opened"
    assert "7777" in opened["text"] and len(opened["prompt"]) <= 120


def test_given_back_the_bot_speaks_first_and_is_awake(chat: Chat, desk: httpx.Client) -> None:
    assert chat.say("护照丢了补一个多少钱")["outcome"] == "answered"
    chat.say("转人工")
    assert desk.post(f"/v1/operator/conversations/{chat.id}/claim").status_code == 200
    assert chat.say("您好，在吗")["messages"] == []
    assert desk.post(f"/v1/operator/conversations/{chat.id}/return", json={}).status_code == 200
    last = chat.http.get(f"/v1/chat/sessions/{chat.id}/messages").json()["messages"][-1]
    assert last["author"] == "bot" and "护照" in last["text"]
    turn = chat.say("那要带什么")
    assert (turn["outcome"], turn["owner"]) == ("answered", "bot")
