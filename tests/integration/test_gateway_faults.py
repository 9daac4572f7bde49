"""What a caller gets when Rasa, Redis or the knowledge base fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest
import redis.asyncio

from api.main import create_app
from api.ports import Parts
from core.settings import Settings
from tests.support.gateway_fakes import RecordingLog
from tests.support.gateway_fixtures import Chat, begin_chat
from tests.support.redis_server import free_port

pytest_plugins = ("tests.support.gateway_fixtures",)
FAULTS = {"慢": "timeout", "一滴一滴": "timeout", "坏了": "status 500", "乱码": "not json", "空": "empty", "对象": "not a list of messages"}


@pytest.mark.parametrize("text", ["慢，身份证丢了", "一滴一滴，身份证丢了"], ids=["silent", "one byte at a time"])
async def test_a_slow_rasa_is_not_waited_for_and_the_answer_comes_from_knowledge(chat: Chat, text: str) -> None:
    reply = await asyncio.wait_for(chat.say(text), timeout=7.5)  # Rasa itself would take eight seconds
    assert (reply["outcome"], reply["item"], reply["facet"], reply["region"]) == ("answered", "id-card-reissue", "materials", "370102")
    assert "居民户口簿" in reply["messages"][0]["text"]
    assert reply["messages"][0]["card"]["code"] == "id-card-reissue"


@pytest.mark.parametrize("text", ["坏了", "乱码", "空", "对象"])
async def test_every_fault_is_an_honest_apology_with_the_form_offered_and_is_logged(chat: Chat, parts: Parts, text: str) -> None:
    reply = await chat.say(text)
    assert reply["outcome"] == "fault"
    assert "填写工单" in reply["messages"][0]["text"]
    assert isinstance(parts.log, RecordingLog)
    assert parts.log.named("rasa_fault") == [{"turn_id": reply["turn_id"], "reason": FAULTS[text]}]


async def test_the_log_of_a_turn_holds_its_id_and_outcome_but_no_words(chat: Chat, parts: Parts) -> None:
    reply = await chat.say("我的电话13800001234，身份证丢了")
    assert isinstance(parts.log, RecordingLog)
    logged = parts.log.named("turn")[0]
    assert (logged["turn_id"], logged["outcome"], logged["answered_by"]) == (reply["turn_id"], "answered", "rasa")
    assert "13800001234" not in str(parts.log.lines)


@pytest.fixture
async def without_rasa(settings: Settings, parts: Parts) -> Chat:
    app = create_app(settings.copy(update={"rasa_url": f"http://127.0.0.1:{free_port()}"}), parts)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway")
    return await begin_chat(client)


async def test_without_rasa_a_region_in_the_question_counts(without_rasa: Chat, parts: Parts) -> None:
    reply = await without_rasa.say("烟台身份证丢了")
    assert reply["region"] == "370600"
    assert parts.knowledge.asked_about == [("id-card-reissue", "materials", "370600")]  # type: ignore[attr-defined]


async def test_without_rasa_an_unclear_question_lists_at_most_four_names(without_rasa: Chat) -> None:
    reply = await without_rasa.say("补证")
    assert reply["outcome"] == "clarified"
    assert reply["messages"][0]["options"] == ["第1种证", "第2种证", "第3种证", "第4种证"]


async def test_without_rasa_a_person_can_still_be_asked_for(without_rasa: Chat) -> None:
    reply = await without_rasa.say("转人工")
    assert (reply["outcome"], reply["owner"]) == ("handoff", "queue")


async def test_without_rasa_a_question_about_abortion_is_not_a_wish_for_a_person(without_rasa: Chat) -> None:
    assert (await without_rasa.say("人工流产怎么报销"))["outcome"] == "fault"


async def test_without_rasa_and_with_a_broken_index_the_apology_still_comes(without_rasa: Chat) -> None:
    assert (await without_rasa.say("出错"))["outcome"] == "fault"


async def test_without_rasa_a_ticket_can_still_be_left(without_rasa: Chat) -> None:
    opened = await without_rasa.client.post("/v1/tickets", json={"type": "求助", "text": "小区门口路灯坏了一个月没人修", "phone": "13800001234"})
    assert opened.status_code == 201
    assert len(opened.json()["number"]) == 16


@pytest.fixture
def without_redis(settings: Settings, parts: Parts) -> httpx.AsyncClient:
    dead = redis.asyncio.Redis(port=free_port(), decode_responses=True)
    app = create_app(settings, replace(parts, redis=dead))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway")


async def test_without_redis_an_alarm_is_heard_all_the_same(without_redis: httpx.AsyncClient) -> None:
    reply = await without_redis.post(f"/v1/chat/sessions/w{'0' * 32}/messages", headers={"Authorization": "Bearer x"},
                                     json={"text": "家里着火了", "client_message_id": "m1"})
    assert reply.status_code == 200
    assert reply.json()["outcome"] == "emergency_119"
    assert "119" in reply.json()["messages"][0]["text"]


async def test_without_redis_the_chat_names_the_numbers_to_ring(without_redis: httpx.AsyncClient) -> None:
    answer = await without_redis.post("/v1/chat/sessions", json={})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "service_unavailable"
    assert "12345" in answer.json()["error"]["message"]


async def test_without_redis_a_call_goes_to_a_person(without_redis: httpx.AsyncClient, exchange: dict[str, str]) -> None:
    began = await without_redis.post("/v1/ivr/calls", json={"call_id": "c1"}, headers=exchange)
    turn = await without_redis.post("/v1/ivr/calls/c1/turns", json={"text": "身份证丢了"}, headers=exchange)
    assert [(a.json()["action"], a.json()["transfer_to"]) for a in (began, turn)] == [("transfer", "operator")] * 2


async def test_without_redis_an_alarm_on_the_phone_is_transferred(without_redis: httpx.AsyncClient, exchange: dict[str, str]) -> None:
    turn = await without_redis.post("/v1/ivr/calls/c1/turns", json={"text": "着火了"}, headers=exchange)
    assert (turn.json()["action"], turn.json()["transfer_to"]) == ("transfer", "119")


async def test_an_error_nobody_thought_of_is_still_an_envelope(chat: Chat, parts: Parts) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    parts.knowledge.item = broken  # type: ignore[attr-defined]
    answer = await chat.client.get("/v1/knowledge/items/id-card-reissue")
    assert answer.status_code == 500
    assert answer.json() == {"error": {"code": "internal_error", "message": "系统出了点问题，请稍后再试"}}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert isinstance(parts.log, RecordingLog)
    assert parts.log.named("request_failed")[0]["error"] == "ZeroDivisionError"
