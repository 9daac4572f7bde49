"""Open311 GeoReport v2 as a civic client speaks it, against the real store."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
import pytest

from api.ports import Parts
from tests.support.gateway_fakes import NOW
from tickets.model import NewTicket, Queue, TicketType

pytest_plugins = ("tests.support.gateway_fixtures",)
BASE = "/open311/v2"
LAMP = {"description": "小区门口路灯坏了一个月，我是王建国，电话13812345678", "address_string": "历下区解放路100号", "lat": "36.66512", "long": "117.02034",
        "first_name": "建国", "last_name": "王", "phone": "13812345678"}


@pytest.fixture
def key(parts: Parts) -> str:
    return parts.keys.create("open311", "城市随手拍")  # type: ignore[attr-defined]


async def service_code(client: httpx.AsyncClient, name: str = "路灯不亮") -> str:
    services = (await client.get(f"{BASE}/services.json")).json()
    return next(str(one["service_code"]) for one in services if one["service_name"] == name)


async def post(client: httpx.AsyncClient, key: str | None, kind: str = "json", **fields: Any) -> httpx.Response:
    form = {**LAMP, "service_code": await service_code(client), **fields, **({"api_key": key} if key else {})}
    return await client.post(f"{BASE}/requests.{kind}", data={name: value for name, value in form.items() if value is not None})


async def test_the_discovery_names_the_endpoint_and_both_formats(client: httpx.AsyncClient) -> None:
    told = (await client.get(f"{BASE}/discovery.json")).json()
    assert told["endpoints"][0]["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert told["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    tree = ElementTree.fromstring((await client.get(f"{BASE}/discovery.xml")).text)
    assert [one.text for one in tree.findall("endpoints/endpoint/formats/format")] == ["text/xml", "application/json"]


async def test_every_leaf_of_the_catalogue_is_a_service_with_a_definition(client: httpx.AsyncClient) -> None:
    services = (await client.get(f"{BASE}/services.json")).json()
    assert len(services) >= 180
    assert len({one["service_code"] for one in services}) == len(services)
    assert {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"} <= set(services[0])
    code = services[0]["service_code"]
    definition = (await client.get(f"{BASE}/services/{code}.json")).json()
    assert definition["service_code"] == code
    assert definition["attributes"][0]["code"] == "where"
    tree = ElementTree.fromstring((await client.get(f"{BASE}/services.xml")).text)
    assert tree.tag == "services" and len(tree.findall("service")) == len(services)


async def test_a_request_becomes_a_ticket_and_shows_nothing_of_its_caller(client: httpx.AsyncClient, key: str, parts: Parts) -> None:
    posted = await post(client, key)
    assert posted.status_code == 201
    told = posted.json()[0]
    number = re.findall(r"\d{16}", told["service_notice"])[0]
    public_id = told["service_request_id"]
    ticket = parts.tickets.view(number, at=NOW, phone_last4="5678")
    assert (ticket.category, ticket.phone, ticket.name, ticket.source_channel) == ("路灯不亮", "13812345678", "王建国", "open311")
    assert (await client.get(f"{BASE}/requests/{number}.json")).status_code == 404, "the number is for whoever handed it in"
    shown = await client.get(f"{BASE}/requests/{public_id}.json")
    assert shown.json()[0] | {"service_request_id": public_id, "status": "open", "service_name": "路灯不亮", "lat": 36.665, "long": 117.02} == shown.json()[0]
    for kind in ("json", "xml"):
        for url in (f"{BASE}/requests/{public_id}.{kind}", f"{BASE}/requests.{kind}"):
            text = (await client.get(url)).text
            assert public_id in text
            secrets = (number, "138", "5678", "王", "建国", "解放路", "一个月", "36.66512")
            assert not [secret for secret in secrets if secret in text.replace(public_id, "")]


async def test_moments_are_told_as_days(client: httpx.AsyncClient, key: str) -> None:
    await post(client, key)
    shown = (await client.get(f"{BASE}/requests.json")).json()[0]
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert shown[name].endswith("T00:00:00+08:00")
    day = shown["requested_datetime"][:10]
    for hour in ("00:00:01", "23:59:59"):
        found = (await client.get(f"{BASE}/requests.json?end_date={day}T{hour}%2B08:00")).json()
        assert len(found) == 1, "the hour of a filter tells nothing either"


async def test_xml_is_answered_in_xml(client: httpx.AsyncClient, key: str) -> None:
    posted = await post(client, key, "xml")
    tree = ElementTree.fromstring(posted.text)
    number = tree.findtext("request/service_request_id")
    assert posted.headers["content-type"].startswith("text/xml") and number and len(number) == 20
    again = ElementTree.fromstring((await client.get(f"{BASE}/tokens/{number}.xml")).text)
    assert again.findtext("request/token") == number


@pytest.mark.parametrize(("fields", "status"), [
    ({"service_code": "00000000"}, 400), ({"address_string": None, "lat": None}, 400), ({"lat": "north"}, 400), ({"lat": "91"}, 400),
    ({"lat": "nan"}, 400), ({"phone": "12"}, 400), ({"description": "长" * 5001}, 400),
], ids=["service", "no place", "words for degrees", "beyond the pole", "no number", "phone", "too long"])
async def test_what_cannot_be_taken_is_refused_in_the_format_asked_for(client: httpx.AsyncClient, key: str, fields: dict[str, Any],
                                                                       status: int) -> None:
    answer = await post(client, key, **fields)
    assert answer.status_code == status
    assert answer.json()[0]["code"] == status and answer.json()[0]["description"]
    tree = ElementTree.fromstring((await post(client, key, "xml", **fields)).text)
    assert tree.tag == "errors" and tree.findtext("error/code") == str(status)


async def test_only_a_key_for_it_may_hand_in(client: httpx.AsyncClient, parts: Parts) -> None:
    assert (await post(client, None)).status_code == 403
    assert (await post(client, "hk_wrong")).status_code == 403
    assert (await post(client, parts.keys.create("editor", "编辑"))).status_code == 403  # type: ignore[attr-defined]


async def test_the_same_request_id_is_taken_once(client: httpx.AsyncClient, key: str) -> None:
    first, second = [(await post(client, key, request_id="a1")).json()[0]["service_request_id"] for _ in range(2)]
    assert first == second


async def test_lists_are_filtered(client: httpx.AsyncClient, key: str) -> None:
    number = (await post(client, key)).json()[0]["service_request_id"]
    code, other = await service_code(client), await service_code(client, "垃圾清运")

    async def found(query: str) -> list[str]:
        return [one["service_request_id"] for one in (await client.get(f"{BASE}/requests.json?{query}")).json()]

    assert await found(f"service_request_id={number},1") == [number]
    assert await found(f"service_code={code}") == [number]
    assert await found(f"service_code={other}") == []
    assert await found("status=open") == [number]
    assert await found("status=closed") == []
    assert await found(f"end_date={quote((NOW - timedelta(days=1)).isoformat())}") == []
    for day in ("start_date=yesterday", "end_date=0001-01-01", "start_date=0001-01-01", "end_date=9999-12-31T23:59:59Z"):
        assert (await client.get(f"{BASE}/requests.json?{day}")).status_code == 400
    assert (await client.get(f"{BASE}/requests.json?status=lost")).status_code == 400


@pytest.mark.parametrize("hidden", [
    {"type": TicketType.REPORT}, {"confidential": True}, {"anonymous": True},
    {"type": TicketType.COMPLAINT, "queue": Queue.BUSINESS, "matter": {"enterprise": "海天商贸"}},
    {"queue": Queue.ERRAND, "matter": {"item": "社保卡"}, "address": "解放路1号"}, {"queue": Queue.CALL_BACK}, {"queue": Queue.RATING}, {"queue": Queue.POLICE},
], ids=["a report", "confidential", "anonymous", "business", "errand", "call back", "rating", "police"])
async def test_whoever_stays_hidden_and_special_queues_are_not_listed(client: httpx.AsyncClient, parts: Parts, hidden: dict[str, Any]) -> None:
    new = NewTicket(**{"type": TicketType.HELP, "text": "隔壁工厂半夜偷排污水", "source_channel": "web", "phone": "13812345678", **hidden})
    number = parts.tickets.open(new, NOW).ticket.number
    public_id = parts.public_tickets.id_of(number)
    assert len(public_id) == 20
    assert (await client.get(f"{BASE}/requests/{public_id}.json")).status_code == 404
    assert (await client.get(f"{BASE}/requests.json")).json() == []


async def test_tokens_are_counted_like_questions(client: httpx.AsyncClient, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    token = (await post(client, key)).json()[0]["service_request_id"]
    assert (await client.get(f"{BASE}/tokens/{token}.json")).status_code == 200
    monkeypatch.setattr("api.open311.routes.ADDRESS_QUESTIONS", 0)
    assert (await client.get(f"{BASE}/tokens/{token}.json")).status_code == 429
