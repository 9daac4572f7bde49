"""What callers do to their own tickets over HTTP, and what they are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.main import create_app
from api.ports import Parts
from core.cipher import load_cipher
from core.settings import Settings
from tests.support.gateway_fakes import NOW
from tests.support.gateway_fixtures import key_headers
from tickets.model import Act, Actor, Details, Result, Role
from tickets.notices.link import may_rate, rating_token

pytest_plugins = ("tests.support.gateway_fixtures",)
LAMP = {"type": "求助", "text": "小区门口路灯坏了一个月没人修", "region": "370102", "phone": "13800001234"}
OFFICE = Actor(Role.DEPARTMENT, "小张", "城市管理局", "370102")
MINE = {"phone_last4": "1234"}


def error(answer: httpx.Response) -> tuple[int, str, str | None]:
    told = answer.json()["error"]
    return answer.status_code, told["code"], told.get("field")


async def opened(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("/v1/tickets", json={**LAMP, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def done(client: httpx.AsyncClient, number: str, what: str, **body: Any) -> httpx.Response:
    return await client.post(f"/v1/tickets/{number}/{what}", json={**MINE, **body})


def do(parts: Parts, number: str, act: Act, by: Actor | Role, note: str = "", **details: Any) -> None:
    parts.tickets.act(number, act, by=by, at=NOW, note=note, details=Details(**details))  # type: ignore[attr-defined]


def answer_it(parts: Parts, number: str) -> None:
    do(parts, number, Act.RECEIVE, OFFICE)
    do(parts, number, Act.REPLY, OFFICE, "路灯已修好", result=Result.SOLVED)


async def test_urging_is_counted_and_shown(client: httpx.AsyncClient) -> None:
    number = (await opened(client))["number"]
    assert [(await done(client, number, "urge", **word)).json()["urged"] for word in ({}, {"text": "快点吧"})] == [1, 2]


async def test_words_are_added_and_kept_in_the_trail(client: httpx.AsyncClient, parts: Parts) -> None:
    number = (await opened(client))["number"]
    assert (await done(client, number, "supplement", text="是南门第二盏")).status_code == 200
    assert parts.tickets.trail(number)[-1].note == "是南门第二盏"  # type: ignore[attr-defined]
    assert error(await done(client, number, "supplement")) == (422, "invalid_request", "text")


async def test_a_ticket_is_taken_back_once(client: httpx.AsyncClient) -> None:
    number = (await opened(client))["number"]
    assert (await done(client, number, "withdraw", text="已经好了")).json()["status_text"] == "已撤销"
    again = await done(client, number, "withdraw")
    assert error(again) == (409, "transition_refused", None)
    assert again.json()["error"] == {"code": "transition_refused", "message": "工单已撤销，您现在不能撤销。", "act": "withdraw", "status": "withdrawn", "may": []}


async def test_an_answer_that_nobody_has_approved_is_not_told(client: httpx.AsyncClient, parts: Parts) -> None:
    number = (await opened(client))["number"]

    async def told() -> tuple[Any, Any]:
        ticket = (await client.get(f"/v1/tickets/{number}", params=MINE)).json()
        return ticket.get("answer"), ticket.get("result")

    answer_it(parts, number)
    assert await told() == (None, None)
    do(parts, number, Act.SEND_BACK, Role.OPERATOR, "没说哪天修的")
    assert await told() == (None, None)
    do(parts, number, Act.REPLY, OFFICE, "11月20日修好", result=Result.SOLVED)
    do(parts, number, Act.APPROVE, Role.OPERATOR)
    assert await told() == ("11月20日修好", "已解决")


async def test_an_answer_sent_back_stays_untold_when_the_caller_takes_the_ticket_back(client: httpx.AsyncClient, parts: Parts) -> None:
    number = (await opened(client))["number"]
    answer_it(parts, number)
    do(parts, number, Act.SEND_BACK, Role.OPERATOR, "没说哪天修的")
    assert "answer" not in (await done(client, number, "withdraw")).json()
    do(parts, number, Act.ARCHIVE, Role.OPERATOR)
    assert "answer" not in (await client.get(f"/v1/tickets/{number}", params=MINE)).json()


async def test_a_closed_ticket_is_rated_once_with_a_named_grade(client: httpx.AsyncClient, parts: Parts) -> None:
    number = (await opened(client))["number"]
    early = await done(client, number, "rate", grade="满意")
    assert error(early) == (409, "transition_refused", None)
    answer_it(parts, number)
    do(parts, number, Act.APPROVE, Role.OPERATOR)
    wrong = await done(client, number, "rate", grade="还行")
    assert error(wrong) == (422, "invalid_request", "grade")
    assert "非常满意、满意、基本满意、不满意、非常不满意" in wrong.json()["error"]["message"]
    rated = await done(client, number, "rate", grade="基本满意", reason="慢了点")
    assert rated.json() == {"number": number, "rating": "基本满意", "status": "rated", "status_text": "已评价"}
    assert error(await done(client, number, "rate", grade="满意"))[:2] == (409, "transition_refused")


async def test_the_link_in_the_message_rates_without_more_proof(settings: Settings, parts: Parts, client: httpx.AsyncClient) -> None:
    cipher = load_cipher(settings.personal_keys)
    linked = create_app(settings, replace(parts, may_rate=lambda number, token: may_rate(number, token, cipher)))
    number, other = [(await opened(client))["number"] for _ in range(2)]
    for one in (number, other):
        answer_it(parts, one)
        do(parts, one, Act.APPROVE, Role.OPERATOR)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=linked), base_url="http://gateway") as page:
        async def rate(one: str, token: str) -> httpx.Response:
            return await page.post(f"/v1/tickets/{one}/rate", json={"grade": "满意", "token": token})

        good = rating_token(number, cipher)
        assert error(await rate(other, good)) == (404, "ticket_not_found", None)
        assert error(await rate(number, "A" * 22)) == (404, "ticket_not_found", None)
        assert (await rate(number, good)).json()["rating"] == "满意"
        assert error(await rate(number, good))[:2] == (409, "transition_refused")


@pytest.mark.parametrize(("what", "body"), [
    ("urge", {}), ("supplement", {"text": "补充"}), ("withdraw", {}), ("rate", {"grade": "满意"})])
async def test_nothing_is_done_without_proof_or_with_a_wrong_one(client: httpx.AsyncClient, parts: Parts, what: str, body: dict[str, str]) -> None:
    number = (await opened(client))["number"]
    path = f"/v1/tickets/{number}/{what}"
    before = len(parts.tickets.trail(number))  # type: ignore[attr-defined]
    assert error(await client.post(path, json=body)) == (422, "proof_required", "phone_last4")
    assert error(await client.post(path, json={**body, "phone_last4": "9999"})) == (404, "ticket_not_found", None)
    assert error(await client.post(path, json={**body, "code": "12345678"})) == (404, "ticket_not_found", None)
    assert error(await client.post(f"/v1/tickets/{'9' * 16}/{what}", json={**body, **MINE})) == (404, "ticket_not_found", None)
    assert error(await client.post(path, json={**body, **MINE, "trusted": True})) == (422, "invalid_request", "trusted")
    assert len(parts.tickets.trail(number)) == before  # type: ignore[attr-defined]


async def test_an_anonymous_caller_acts_with_his_code(client: httpx.AsyncClient) -> None:
    ticket = await opened(client, type="举报", anonymous=True)
    answer = await client.post(f"/v1/tickets/{ticket['number']}/urge", json={"code": ticket["code"]})
    assert answer.json()["urged"] == 1


async def test_guessing_by_acting_is_stopped_like_guessing_by_looking(client: httpx.AsyncClient) -> None:
    number = (await opened(client))["number"]
    tried = [(await client.post(f"/v1/tickets/{number}/urge", json={"phone_last4": f"{n:04d}"})).status_code for n in range(6)]
    assert tried == [404] * 5 + [429]


async def test_one_address_acts_sixty_times_a_minute_at_most(client: httpx.AsyncClient) -> None:
    number = (await opened(client))["number"]  # counts as well
    answers = [(await done(client, number, "urge")).status_code for _ in range(60)]
    assert answers == [200] * 5 + [409] * 54 + [429]  # five a day are told to the office; the others count as acts all the same


async def test_a_special_queue_and_its_matter_are_handed_on(app: FastAPI, client: httpx.AsyncClient, parts: Parts) -> None:
    handed: list[Any] = []
    real = parts.tickets.open
    object.__setattr__(parts.tickets, "open", lambda new, at: handed.append(new) or real(replace(new, queue=None, matter={}, id_number=None), at))
    more = {"queue": "营商环境投诉", "matter": {"enterprise": "甲公司"}, "enterprise": True, "id_number": "11010519491231002X"}
    await opened(client, **more)
    assert (handed[0].queue.value, handed[0].matter, handed[0].enterprise, handed[0].id_number) == (
        "营商环境投诉", {"enterprise": "甲公司"}, True, "11010519491231002X")


@pytest.mark.parametrize("queue", ["未接来电回拨", "110转办"])
async def test_what_only_the_centre_hands_in_needs_its_key(client: httpx.AsyncClient, queue: str) -> None:
    assert error(await client.post("/v1/tickets", json={**LAMP, "queue": queue})) == (403, "forbidden", "queue")


async def test_a_follow_up_of_a_rating_opens_by_itself_only(client: httpx.AsyncClient, parts: Parts) -> None:
    body = {**LAMP, "queue": "差评回访", "source_channel": "operator"}
    assert error(await client.post("/v1/tickets", json=body, headers=key_headers(parts, "operator"))) == (422, "invalid_request", "queue")


async def test_the_proof_comes_in_a_header_too(client: httpx.AsyncClient) -> None:
    plain, hidden = await opened(client), await opened(client, confidential=True)
    for ticket, proof, status in ((plain, "1234", 200), (plain, "9999", 404), (hidden, "1234", 404), (hidden, hidden["code"], 200), (plain, "12", 422)):
        assert (await client.get(f"/v1/tickets/{ticket['number']}", headers={"X-Ticket-Proof": proof})).status_code == status


async def test_no_name_is_shown_whole_and_of_a_hidden_caller_nothing(client: httpx.AsyncClient) -> None:
    more = {"name": "王建国", "address": "解放路12号"}
    plain, hidden = await opened(client, **more), await opened(client, **more, type="举报")
    assert (plain["name"], plain["address"]) == ("王**", "解放路12号")
    assert not hidden.keys() & {"name", "phone", "address", "text"}
    assert (await opened(client, name="欧阳修文"))["name"] == "欧阳**"


async def test_long_texts_are_classified_sixty_times_a_minute_without_a_key(client: httpx.AsyncClient, parts: Parts) -> None:
    object.__setattr__(parts.tickets, "similar", lambda *_: ())
    body = {"text": "路灯坏了" * 126}
    tried = [(await client.post("/v1/tickets/classify", json=body)).status_code for _ in range(61)]
    assert tried == [200] * 60 + [429]
    assert (await client.post("/v1/tickets/classify", json=body, headers=key_headers(parts, "operator"))).status_code == 200
