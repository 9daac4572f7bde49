"""Limits, errors and headers; knowledge, tickets, health and the description of the interface."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from api.main import create_app
from api.ports import Parts
from core.settings import Settings
from tests.support.gateway_fixtures import Chat, key_headers
from tests.support.redis_server import free_port

pytest_plugins = ("tests.support.gateway_fixtures",)
TICKET = {"type": "求助", "text": "小区门口路灯坏了一个月没人修", "region": "370102", "phone": "13800001234"}
REQUEST_ID = "0b9a3c1e-7c1d-4b52-9a0e-2f4d5c6b7a81"


def error(answer: httpx.Response) -> tuple[int, str, str | None]:
    told = answer.json()["error"]
    return answer.status_code, told["code"], told.get("field")


@pytest.mark.parametrize(("path", "extra", "limit"), [
    ("/v1/knowledge/match", {}, 500), ("/v1/tickets/classify", {}, 5000), ("/v1/tickets", {"type": "求助"}, 5000)])
async def test_text_past_its_limit_is_refused_with_the_limit_named(client: httpx.AsyncClient, path: str, extra: dict[str, Any], limit: int) -> None:
    answer = await client.post(path, json={**extra, "text": "长" * (limit + 1)})
    assert error(answer) == (422, "invalid_request", "text")
    assert f"最多 {limit} 个字" in answer.json()["error"]["message"]
    assert (await client.post(path, json={**extra, "text": "长" * limit})).status_code in (200, 201)


async def test_a_chat_message_has_two_thousand_characters_at_most(chat: Chat) -> None:
    answer = await chat.send("长" * 2001)
    assert error(answer) == (422, "invalid_request", "text")
    assert "最多 2000 个字" in answer.json()["error"]["message"]
    assert (await chat.send("长" * 2000)).status_code == 200


@pytest.mark.parametrize("text", ["", "  ", None, 5, ["身份证"]])
async def test_words_are_asked_for_in_chinese(client: httpx.AsyncClient, text: Any) -> None:
    answer = await client.post("/v1/knowledge/match", json={"text": text})
    assert error(answer) == (422, "invalid_request", "text")
    assert any("\u4e00" <= char <= "\u9fff" for char in answer.json()["error"]["message"])


async def test_a_body_above_64_kb_is_refused_whether_its_length_is_told_or_not(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b"x" * 1024

    headers = {"Content-Type": "application/json"}
    for content in (b"x" * (64 * 1024 + 1), chunks()):
        answer = await client.post("/v1/knowledge/match", content=content, headers=headers)
        assert error(answer) == (413, "body_too_large", None)


async def test_half_a_character_pair_is_stored_as_a_question_mark(chat: Chat) -> None:
    raw = b'{"text": "\\ud83d \\u0000 hello", "client_message_id": "m1"}'
    answer = await chat.client.post(chat.path, content=raw, headers={**chat.headers, "Content-Type": "application/json"})
    assert answer.status_code == 200
    assert (await chat.state())["messages"][1]["text"] == "?   hello"


@pytest.mark.parametrize(("method", "path", "expected"), [
    ("GET", "/v1/nothing", (404, "not_found", None)), ("DELETE", "/v1/tickets", (405, "method_not_allowed", None)),
    ("GET", "/docs", (404, "not_found", None)), ("GET", "/chat/../../core/settings.py", (404, "not_found", None)),
    ("GET", "/v1/tickets/123", (422, "invalid_request", "number"))])
async def test_every_error_is_an_envelope(client: httpx.AsyncClient, method: str, path: str, expected: tuple[int, str, str | None]) -> None:
    assert error(await client.request(method, path)) == expected


async def test_what_is_not_json_is_said_to_be_so(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/knowledge/match", content=b"{text", headers={"Content-Type": "application/json"})
    assert error(answer) == (422, "invalid_json", None)


async def test_an_unknown_region_is_named(client: httpx.AsyncClient) -> None:
    assert error(await client.post("/v1/chat/sessions", json={"region": "379999"})) == (422, "unknown_region", "region")
    assert error(await client.post("/v1/chat/sessions", json={"region": "110101"})) == (422, "invalid_request", "region")


async def test_the_page_may_load_from_this_host_alone_and_answers_are_not_kept(client: httpx.AsyncClient) -> None:
    page, answer = await client.get("/"), await client.post("/v1/chat/sessions")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert (page.headers["X-Frame-Options"], page.headers["Cache-Control"]) == ("DENY", "no-cache")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in (await client.get("/", headers={"Origin": "http://elsewhere"})).headers


async def test_a_question_is_matched_and_worded(client: httpx.AsyncClient, parts: Parts) -> None:
    found = (await client.post("/v1/knowledge/match", json={"text": "烟台身份证丢了"})).json()
    assert found.pop("took_ms") < 1000
    assert found == {"decision": "answer", "facet": "materials", "answer": "要带居民户口簿。", "candidates": [
        {"code": "id-card-reissue", "name": "居民身份证丢失补领", "kind": "item", "score": 0.9, "matched_on": "居民身份证丢失补领"}]}
    assert parts.knowledge.asked_about[0][2] == "370600"  # type: ignore[attr-defined]


async def test_without_a_clear_match_there_is_no_answer(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/knowledge/match", json={"text": "补证"})).json()["answer"] is None
    assert (await client.post("/v1/knowledge/match", json={"text": "天气"})).json()["decision"] == "none"


async def test_a_whole_item_is_given_without_its_file(client: httpx.AsyncClient) -> None:
    item = (await client.get("/v1/knowledge/items/id-card-reissue")).json()
    assert item["record"] == "item"
    assert (item["code"], item["as_of"], item["materials"][0]["name"]) == ("id-card-reissue", "2026-11-01", "居民户口簿")
    assert "source" not in item
    assert error(await client.get("/v1/knowledge/items/nothing")) == (404, "item_not_found", None)


async def test_a_life_event_is_given_with_its_plan(client: httpx.AsyncClient) -> None:
    event = (await client.get("/v1/knowledge/items/life-theft")).json()
    assert (event["record"], event["name"], [step["title"] for step in event["steps"]]) == ("life_event", "遭了贼一件事", ["补身份证", "换锁"])
    assert [[step["key"] for step in stage] for stage in event["plan"]["stages"]] == [["card"], ["lock"]]
    assert [paper["name"] for paper in event["plan"]["bring"]] == ["居民户口簿"]
    assert "source" not in event


async def test_a_ticket_is_opened_and_shown_to_whoever_knows_the_last_four_digits(client: httpx.AsyncClient) -> None:
    opened = await client.post("/v1/tickets", json=TICKET)
    ticket = opened.json()
    assert opened.status_code == 201
    assert (len(ticket["number"]), ticket["number"][:8], ticket["type"], ticket["phone"]) == (16, "20261120", "求助", "138********")
    assert "code" not in ticket
    path = f"/v1/tickets/{ticket['number']}"
    assert (await client.get(path, params={"phone_last4": "1234"})).json() == {**ticket, "photos": 0}
    assert error(await client.get(path, params={"phone_last4": "9999"})) == (404, "ticket_not_found", None)
    assert error(await client.get(path)) == (422, "proof_required", "phone_last4")


@pytest.mark.parametrize(("body", "region"), [
    ({"region": "370102", "address": "烟台"}, "370102"), ({"address": "烟台毓璜顶"}, "370600"), ({}, "370100")],
    ids=["the one given", "the one named", "the hotline's own"])
async def test_a_ticket_has_the_region_of_its_place(client: httpx.AsyncClient, body: dict[str, str], region: str) -> None:
    sent = {key: value for key, value in TICKET.items() if key != "region"}
    assert (await client.post("/v1/tickets", json={**sent, **body})).json()["region"] == region


async def test_an_anonymous_ticket_is_shown_to_whoever_has_its_code(client: httpx.AsyncClient) -> None:
    ticket = (await client.post("/v1/tickets", json={**TICKET, "type": "举报", "name": "王建国", "anonymous": True})).json()
    assert len(ticket["code"]) == 8
    assert "phone" not in ticket
    assert "name" not in ticket
    shown = (await client.get(f"/v1/tickets/{ticket['number']}", params={"code": ticket["code"]})).json()
    assert shown == {**{key: value for key, value in ticket.items() if key != "code"}, "photos": 0}


async def test_the_same_request_opens_one_ticket(client: httpx.AsyncClient) -> None:
    body = {**TICKET, "request_id": REQUEST_ID}
    first, second = await client.post("/v1/tickets", json=body), await client.post("/v1/tickets", json=body)
    assert first.json()["number"] == second.json()["number"]
    assert error(await client.post("/v1/tickets", json={**body, "text": "另一件事情，暖气不热"})) == (409, "request_reused", "request_id")


async def test_guessing_at_a_ticket_is_stopped(client: httpx.AsyncClient) -> None:
    number = (await client.post("/v1/tickets", json=TICKET)).json()["number"]
    tried = [(await client.get(f"/v1/tickets/{number}", params={"phone_last4": f"{n:04d}"})).status_code for n in range(6)]
    assert tried == [404, 404, 404, 404, 404, 429]


async def test_a_ticket_says_it_came_by_phone_only_with_that_channels_key(client: httpx.AsyncClient, parts: Parts) -> None:
    body = {**TICKET, "source_channel": "ivr"}
    assert error(await client.post("/v1/tickets", json=body)) == (401, "unauthorised", None)
    assert error(await client.post("/v1/tickets", json=body, headers=key_headers(parts, "operator"))) == (403, "forbidden", None)
    assert (await client.post("/v1/tickets", json=body, headers=key_headers(parts, "ivr"))).status_code == 201


async def test_a_danger_written_into_a_ticket_is_answered_at_once(client: httpx.AsyncClient) -> None:
    ticket = (await client.post("/v1/tickets", json={**TICKET, "text": "楼下着火了没人管"})).json()
    assert ticket["alarm"] == {"outcome": "emergency_119", "text": "请马上拨打119。"}


@pytest.mark.parametrize(("change", "field"), [
    ({"type": "闲聊"}, "type"), ({"request_id": "1"}, "request_id"), ({"phone": "12"}, "phone"), ({"anonymous": "也许"}, "anonymous"),
    ({"region": "1"}, "region"), ({"address": "长" * 201}, "address")])
async def test_a_wrong_field_of_a_ticket_is_named_in_chinese(client: httpx.AsyncClient, change: dict[str, Any], field: str) -> None:
    answer = await client.post("/v1/tickets", json={**TICKET, **change})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert not any(word in answer.json()["error"]["message"] for word in ("value", "valid", "expected"))


async def test_a_text_is_classified_with_its_elements(client: httpx.AsyncClient) -> None:
    found = (await client.post("/v1/tickets/classify", json={"text": TICKET["text"]})).json()
    assert set(found) == {"type", "category", "department", "urgency", "elements", "similar"}
    assert set(found["elements"]) == {"who", "when", "where", "cause", "course"}
    assert (found["type"], found["similar"]) == ("求助", [])


async def test_the_process_lives_and_all_its_parts_are_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "ok"}
    ready = await client.get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "parts": {
        "rasa": "ok", "actions": "ok", "redis": "ok", "database": "ok"}})


async def test_what_is_down_is_named(settings: Settings, parts: Parts) -> None:
    app = create_app(settings.copy(update={"actions_url": f"http://127.0.0.1:{free_port()}"}), parts)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway") as client:
        ready = await client.get("/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "down", "parts": {
        "rasa": "ok", "actions": "down", "redis": "ok", "database": "ok"}})


async def test_the_description_names_every_call_with_chinese_examples(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    assert set(described["paths"]) >= {
        "/v1/knowledge/match", "/v1/knowledge/items/{code}", "/v1/chat/sessions", "/v1/chat/sessions/{id}/messages", "/v1/ivr/calls",
        "/v1/ivr/calls/{call_id}/turns", "/v1/ivr/calls/{call_id}/end", "/v1/tickets/classify", "/v1/tickets", "/v1/tickets/{number}",
        "/health/live", "/health/ready", "/v1/operator/queue"}
    assert described["components"]["schemas"]["NewMessage"]["example"]["text"] == "俺身份证丢了咋补，要带啥？"


def test_a_gateway_without_its_sentences_does_not_start(settings: Settings, parts: Parts) -> None:
    from dataclasses import replace

    from api.phrases import PhraseMissing, Phrases
    with pytest.raises(PhraseMissing, match="utter_crisis"):
        create_app(settings, replace(parts, phrases=Phrases({})))


async def test_many_sessions_from_one_address_are_slowed_down(app: FastAPI, client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post("/v1/chat/sessions") for _ in range(121)))
    assert sorted(answer.status_code for answer in answers) == [200] * 120 + [429]
    elsewhere = httpx.ASGITransport(app=app, client=("198.51.100.9", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://gateway") as other:
        assert (await other.post("/v1/chat/sessions")).status_code == 200
