"""The desk over HTTP: lists, tickets, trails and acts, each key within its bounds."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from api.ports import Parts
from tests.support.gateway_fakes import RecordingLog
from tests.support.gateway_fixtures import key_headers
from tickets.doing import Actor
from tickets.vocabulary import Role

pytest_plugins = ("tests.support.gateway_fixtures",)
LAMP = {"type": "求助", "text": "小区门口路灯坏了一个月没人修", "region": "370102", "name": "王建国", "phone": "13800001234"}
STAFF = "/v1/staff/tickets"


class Desk:
    """A member of staff with his key."""

    def __init__(self, client: httpx.AsyncClient, parts: Parts, role: str, *office: str) -> None:
        self.client = client
        self.headers = {"X-API-Key": parts.keys.create(role, f"测试{role}", *office)}  # type: ignore[attr-defined]

    async def get(self, path: str = "", **query: Any) -> httpx.Response:
        return await self.client.get(STAFF + path, params=query, headers=self.headers)

    async def do(self, number: str, act: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"{STAFF}/{number}/acts", json={"act": act, **body}, headers=self.headers)

    async def did(self, number: str, act: str, **body: Any) -> dict[str, Any]:
        answer = await self.do(number, act, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def numbers(self, **query: Any) -> list[str]:
        answer = await self.get(**query)
        assert answer.status_code == 200, answer.text
        return [ticket["number"] for ticket in answer.json()["tickets"]]


@pytest.fixture
def office(client: httpx.AsyncClient, parts: Parts) -> Desk:
    return Desk(client, parts, "department", "城市管理局", "370102")


@pytest.fixture
def other(client: httpx.AsyncClient, parts: Parts) -> Desk:
    return Desk(client, parts, "department", "公安局", "370102")


@pytest.fixture
def centre(client: httpx.AsyncClient, parts: Parts) -> Desk:
    return Desk(client, parts, "operator")


@pytest.fixture
def supervisor(client: httpx.AsyncClient, parts: Parts) -> Desk:
    return Desk(client, parts, "supervisor")


def error(answer: httpx.Response) -> tuple[int, str, str | None]:
    told = answer.json()["error"]
    return answer.status_code, told["code"], told.get("field")


async def opened(client: httpx.AsyncClient, **more: Any) -> str:
    answer = await client.post("/v1/tickets", json={**LAMP, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


# --- keys ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("role", "status"), [(None, 401), ("ivr", 403), ("editor", 403), ("operator", 200), ("department", 200),
                                              ("supervisor", 200), ("admin", 200)])
async def test_the_desk_is_open_to_staff_alone(client: httpx.AsyncClient, parts: Parts, role: Any, status: int) -> None:
    number = await opened(client)
    headers = key_headers(parts, role) if role else {}
    calls = [await client.get(f"{STAFF}{path}", headers=headers) for path in ("", f"/{number}", f"/{number}/trail")]
    assert [answer.status_code for answer in calls] == [status] * 3
    act = await client.post(f"{STAFF}/{number}/acts", json={"act": "warn"}, headers=headers)
    assert act.status_code == {200: 409}.get(status, status)


# --- the whole way ---------------------------------------------------------------------------------------------------
async def test_a_ticket_goes_its_whole_way_over_http(client: httpx.AsyncClient, office: Desk, centre: Desk) -> None:
    number = await opened(client)
    assert (await office.did(number, "receive"))["status"] == "received"
    assert (await office.did(number, "handle", text="已派人去看"))["status"] == "handling"
    replied = await office.did(number, "reply", text="路灯已修好", result="已解决")
    assert (replied["status"], replied["running"], replied["answer"]) == ("replied", False, "路灯已修好")
    assert (await centre.did(number, "approve"))["status"] == "closed"
    assert (await centre.did(number, "follow_up", reached=True, content=True))["status"] == "followed_up"
    assert (await centre.did(number, "archive"))["acts"] == []
    entries = (await centre.get(f"/{number}/trail")).json()["entries"]
    assert [entry["act"] for entry in entries] == ["accept", "dispatch", "receive", "handle", "reply", "approve", "close", "follow_up", "archive"]
    assert [entry["version"] for entry in entries] == list(range(1, 10))
    assert (entries[4]["role"], entries[4]["actor"], entries[4]["office"], entries[4]["office_region"], entries[4]["details"]) == (
        "department", "测试department", "城市管理局", "370102", {"result": "已解决"})


async def test_a_ticket_is_shown_with_the_acts_open_to_the_key(client: httpx.AsyncClient, office: Desk, centre: Desk, parts: Parts) -> None:
    number = await opened(client)
    mine, theirs = [(await desk.get(f"/{number}")).json() for desk in (office, centre)]
    assert [act["act"] for act in mine["acts"]] == ["redispatch", "receive", "ask_return"]
    assert {"act": "ask_return", "label": "申请退单", "needs": ["text"], "takes": []} in mine["acts"]
    assert "transfer" in [act["act"] for act in theirs["acts"]] and "receive" not in [act["act"] for act in theirs["acts"]]
    assert (mine["name"], mine["phone"], mine["due_on"], mine["status_text"]) == ("王建国", "13800001234", "2026-11-27", "已派单，正在办理")
    log = parts.log
    assert isinstance(log, RecordingLog)
    assert [seen["number"] for seen in log.named("ticket_seen")] == [number, number]


# --- refusals --------------------------------------------------------------------------------------------------------
async def test_a_refused_act_is_told_with_its_state_and_who_may(client: httpx.AsyncClient, centre: Desk) -> None:
    refused = await centre.do(await opened(client), "receive")
    assert refused.status_code == 409
    assert refused.json()["error"] == {"code": "transition_refused", "message": "工单已派单，正在办理，话务员现在不能签收，只有承办单位可以。",
                                       "act": "receive", "status": "dispatched", "may": ["department"]}


async def test_an_act_on_an_old_version_is_refused_with_the_new_one(client: httpx.AsyncClient, office: Desk) -> None:
    number = await opened(client)
    await client.post(f"/v1/tickets/{number}/urge", json={"phone_last4": "1234"})
    stale = await office.do(number, "receive", version=2)
    assert error(stale) == (409, "ticket_changed", "version")
    assert stale.json()["error"]["version"] == 3
    assert (await office.did(number, "receive", version=3))["version"] == 4


async def test_of_many_who_do_the_same_on_one_version_one_succeeds(client: httpx.AsyncClient, supervisor: Desk, parts: Parts) -> None:
    number = await opened(client)
    answers = await asyncio.gather(*(supervisor.do(number, "supervise", level=1, text="请抓紧", version=2) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert [entry.act.value for entry in parts.tickets.trail(number)].count("supervise") == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(("body", "status", "field"), [
    ({"act": "fly"}, 422, "act"), ({"act": "handle"}, 422, "text"), ({"act": "reply", "text": "好了"}, 422, "result"),
    ({"act": "reply", "text": "好了", "result": "办了"}, 422, "result"), ({"act": "handle", "text": "在办", "days": 3}, 422, "days"),
    ({"act": "handle", "text": "在办", "due_at": "2027-01-01"}, 422, "due_at"), ({"act": "handle", "text": "长" * 5001}, 422, "text"),
    ({"act": "redispatch", "department": "长" * 61}, 422, "department"), ({"act": "redispatch", "department": "公安局", "region": "379999"}, 422, "region"),
    ({"act": "redispatch", "department": "公安局", "category": "没有这类"}, 422, "category"), ({"act": "ask_extension", "text": "缺件", "days": 0}, 422, "days"),
    ({"act": "ask_suspension", "text": "冬天不能修", "until": "2026-11-20"}, 422, "until"), ({"act": "handle", "text": "在办", "version": "x"}, 422, "version"),
], ids=str)
async def test_what_an_act_lacks_or_cannot_take_is_named(client: httpx.AsyncClient, office: Desk, body: dict[str, Any], status: int, field: str) -> None:
    number = await opened(client)
    await office.did(number, "receive")
    answer = await office.do(number, **body)
    assert (answer.status_code, answer.json()["error"].get("field")) == (status, field), answer.text
    assert any("\u4e00" <= char <= "\u9fff" for char in answer.json()["error"]["message"])


# --- who sees what ---------------------------------------------------------------------------------------------------
async def test_another_departments_ticket_does_not_exist(client: httpx.AsyncClient, other: Desk, centre: Desk) -> None:
    number = await opened(client)
    unknown = await other.get(f"/{'9' * 16}")
    for answer in (await other.get(f"/{number}"), await other.get(f"/{number}/trail"), await other.do(number, "receive")):
        assert (answer.status_code, answer.json()) == (404, unknown.json())
    assert await other.numbers() == []
    await centre.did(number, "transfer", text="归公安", department="公安局")
    assert await other.numbers() == [number]


@pytest.mark.parametrize("more", [{"type": "举报"}, {"confidential": True}], ids=["a report", "confidential"])
async def test_no_answer_tells_a_department_whose_a_hidden_ticket_is(client: httpx.AsyncClient, office: Desk, centre: Desk, more: dict[str, Any]) -> None:
    said = "我叫王建国，手机138 0000 1234"
    ticket = (await client.post("/v1/tickets", json={**LAMP, **more, "text": f"小区门口路灯坏了。{said}"})).json()
    number, proof = ticket["number"], {"code": ticket["code"]}
    for act in ("supplement", "urge"):
        assert (await client.post(f"/v1/tickets/{number}/{act}", json={**proof, "text": said})).status_code == 200
    await centre.did(number, "supplement", text=f"来电补充：{said}")
    answers = [await office.get(), await office.get(f"/{number}"), await office.get(f"/{number}/trail"), await office.do(number, "receive"),
               await office.do(number, "receive")]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 409]
    for answer in answers:
        assert not any(private in answer.text for private in ("王建国", "0000 1234", "13800001234"))
    assert (await centre.get(f"/{number}")).json()["phone"] == "13800001234"


async def test_lists_hold_nothing_of_the_caller(client: httpx.AsyncClient, centre: Desk) -> None:
    await opened(client)
    answer = await centre.get()
    assert not any(private in answer.text for private in ("王建国", "13800001234"))


# --- lists -----------------------------------------------------------------------------------------------------------
async def test_a_list_is_narrowed_and_paged(client: httpx.AsyncClient, centre: Desk, office: Desk) -> None:
    numbers = [await opened(client, phone=f"1380000{n:04d}") for n in range(5)]
    noise = await opened(client, text="楼下烧烤店半夜噪音扰民", region="370600")
    await office.did(numbers[0], "receive")
    assert sorted(await centre.numbers()) == sorted([*numbers, noise])
    assert await centre.numbers(status="received") == [numbers[0]]
    assert await centre.numbers(region="370600") == [noise]
    assert await centre.numbers(phone="138 0000 0003") == [numbers[3]]
    assert sorted(await office.numbers(status="dispatched")) == sorted(numbers[1:])
    seen, pages, after = [], 0, None
    while pages < 9:
        pages += 1
        found = (await centre.get(limit=4, **({"after": after} if after else {}))).json()
        seen += [ticket["number"] for ticket in found["tickets"]]
        after = found.get("next")
        if after is None:
            break
    assert (pages, sorted(seen)) == (2, sorted([*numbers, noise]))


@pytest.mark.parametrize(("query", "field"), [({"status": "lost"}, "status"), ({"card": "蓝牌"}, "card"), ({"limit": 101}, "limit"),
                                              ({"after": "昨天"}, "after"), ({"phone": "12"}, "phone"), ({"region": "110101"}, "region")])
async def test_a_wrong_filter_is_named(centre: Desk, query: dict[str, Any], field: str) -> None:
    answer = await centre.get(**query)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


async def test_a_department_finds_what_it_was_asked_to_help_with(client: httpx.AsyncClient, centre: Desk, other: Desk) -> None:
    number = await opened(client)
    await centre.did(number, "assist", helpers=["公安局"])
    assert (await other.numbers(), await other.numbers(helping=True)) == ([], [number])
    assert [act["act"] for act in (await other.get(f"/{number}")).json()["acts"]] == ["opine"]
    assert error(await other.do(number, "receive"))[:2] == (409, "transition_refused")
    assert (await other.did(number, "opine", text="同意拆除"))["helped"] == ["公安局"]


async def test_the_description_shows_the_desk_with_an_example(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    assert set(described["paths"]) >= {STAFF, f"{STAFF}/{{number}}", f"{STAFF}/{{number}}/trail", f"{STAFF}/{{number}}/acts",
                                       *(f"/v1/tickets/{{number}}/{what}" for what in ("urge", "supplement", "withdraw", "rate"))}
    schemas = described["components"]["schemas"]
    assert schemas["ActBody"]["example"]["act"] == "reply"
    assert all(schemas[name]["example"]["phone_last4"] for name in ("UrgeBody", "SupplementBody", "RatingBody"))


async def test_an_operator_settles_a_held_ticket_at_first_contact(client: httpx.AsyncClient, parts: Parts, centre: Desk) -> None:
    held = {**LAMP, "source_channel": "operator", "hold": True}
    assert (await client.post("/v1/tickets", json={**LAMP, "hold": True})).status_code == 403
    opened = (await client.post("/v1/tickets", json=held, headers=centre.headers)).json()
    assert (opened["status"], opened.get("due_on")) == ("accepted", None)
    answered = await centre.did(opened["number"], "answer", text="这条路今晚停电检修，明天就亮。", result="已解释")
    assert answered["status"] == "closed"
    ticket = parts.tickets.seen(opened["number"], Actor(Role.OPERATOR))
    assert (ticket.first_contact, ticket.returns, ticket.dispatched_at) == (True, 0, None)


async def test_a_held_ticket_gets_its_deadline_when_it_is_dispatched(client: httpx.AsyncClient, centre: Desk) -> None:
    held = {**LAMP, "source_channel": "operator", "hold": True}
    number = (await client.post("/v1/tickets", json=held, headers=centre.headers)).json()["number"]
    sent = await centre.did(number, "dispatch")
    assert (sent["status"], sent["department"]) == ("dispatched", "城市管理局") and sent["due_on"]


async def test_what_may_be_merged_is_shown_to_whoever_may_see_it(client: httpx.AsyncClient, centre: Desk, office: Desk, other: Desk) -> None:
    numbers = [(await client.post("/v1/tickets", json=LAMP)).json()["number"] for _ in range(2)]
    for desk in (centre, office):
        assert [one["number"] for one in (await desk.get(f"/{numbers[0]}/similar")).json()["similar"]] == [numbers[1]]
    assert (await other.get(f"/{numbers[0]}/similar")).status_code == 404


async def test_whoever_looks_at_personal_data_leaves_a_trace_without_any(client: httpx.AsyncClient, centre: Desk, office: Desk, parts: Parts) -> None:
    number = await opened(client)
    await centre.get(f"/{number}/trail")
    await office.did(number, "receive")
    await centre.numbers(phone=LAMP["phone"])
    assert isinstance(parts.log, RecordingLog)
    traces = {event: values for _, event, values in parts.log.lines if event in ("trail_seen", "ticket_acted_on", "phone_searched")}
    assert len(traces) == 3 and all(values["key"] for values in traces.values())
    assert LAMP["phone"] not in str(traces)
