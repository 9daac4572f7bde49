"""Seats at service centres: never two tickets on one, on both databases, and over HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.ports import Parts
from core.clock import SHANGHAI
from core.db import migrate
from core.settings import Settings
from tests.support.postgres import empty
from tickets.bootstrap import build
from tickets.errors import InvalidTicket, SlotTaken
from tickets.model import Act, Actor, Channel, Details, NewTicket, Queue, Role, TicketType
from tickets.service import TicketService
from tickets.store.appointments import appointments

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=SHANGHAI)  # a Friday
MONDAY = date(2026, 11, 23)
pytest_plugins = ("tests.support.gateway_fixtures",)
POSTGRES = os.environ.get("TEST_DATABASE_URL", "")
CLIENTS, SEATS = 30, 4


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.skipif(not POSTGRES, reason="TEST_DATABASE_URL is not set"))])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TicketService]:
    if request.param == "postgresql":
        empty(POSTGRES)
    settings = Settings(data_dir=tmp_path, **({"database_url": POSTGRES} if request.param == "postgresql" else {}))
    migrate(settings.database)
    service = build(settings, None, extract=lambda text: ())
    yield service
    service.repository._database.close()  # type: ignore[attr-defined]


def booking(count: int = 0, **matter: Any) -> NewTicket:
    return NewTicket(TicketType.HELP, "预约办护照", "web", request_id=f"r{count}", phone=f"138{count:08d}", queue=Queue.APPOINTMENT,
                     matter={"office": "jinan-lixia", "item": "护照", "day": MONDAY.isoformat(), "slot": "09:30", **matter})


def seats_of(service: TicketService) -> list[tuple[str, int]]:
    with service.repository._database.read() as connection:  # type: ignore[attr-defined]
        return [(row.number, row.seat) for row in connection.execute(select(appointments).order_by(appointments.c.seat))]


def free(service: TicketService, slot: str = "09:30") -> int:
    assert service.appointments is not None
    return next(one.free for one in service.appointments.slots("jinan-lixia", MONDAY, NOW) if one.matter["slot"] == slot)


def test_a_booking_takes_one_seat_and_goes_to_its_centre(service: TicketService) -> None:
    ticket = service.open(booking(), NOW).ticket
    assert (ticket.queue, ticket.category, ticket.department, ticket.office_region) == (Queue.APPOINTMENT, "预约办事", "行政审批服务局", "370102")
    assert seats_of(service) == [(ticket.number, 0)]
    assert (free(service), free(service, "10:00")) == (SEATS - 1, SEATS)


def test_thirty_at_once_fill_the_slot_and_no_seat_twice(service: TicketService) -> None:
    def book(count: int) -> str | None:
        try:
            return service.open(booking(count), NOW).ticket.number
        except SlotTaken:
            return None

    with ThreadPoolExecutor(CLIENTS) as clients:
        booked = [number for number in clients.map(book, range(CLIENTS)) if number]
    assert len(booked) == SEATS
    assert {number for number, _ in seats_of(service)} == set(booked)
    assert [seat for _, seat in seats_of(service)] == list(range(SEATS))
    assert sorted(ticket.number for ticket in service.recent(100)) == sorted(booked)  # whoever was refused left no ticket


def test_the_same_request_thirty_times_takes_one_seat(service: TicketService) -> None:
    with ThreadPoolExecutor(CLIENTS) as clients:
        opened = list(clients.map(lambda _: service.open(booking(), NOW), range(CLIENTS)))
    assert len({one.ticket.number for one in opened}) == 1
    assert sum(one.created for one in opened) == 1
    assert len(seats_of(service)) == 1


def test_a_full_slot_still_answers_the_request_that_filled_it(service: TicketService) -> None:
    numbers = [service.open(booking(count), NOW).ticket.number for count in range(SEATS)]
    with pytest.raises(SlotTaken):
        service.open(booking(SEATS), NOW)
    assert service.open(booking(SEATS - 1), NOW + timedelta(days=5)).ticket.number == numbers[-1]


def test_a_withdrawn_booking_gives_its_seat_to_the_next(service: TicketService) -> None:
    numbers = [service.open(booking(count), NOW).ticket.number for count in range(SEATS)]
    service.withdraw(numbers[1], at=NOW, trusted=True)
    assert free(service) == 1
    last = service.open(booking(SEATS), NOW).ticket.number
    assert dict(seats_of(service))[last] == 1
    assert free(service) == 0


def test_a_refused_booking_gives_its_seat_back(service: TicketService) -> None:
    number = service.open(booking(), NOW).ticket.number
    office = {"department": "行政审批服务局", "region": "370102"}
    handler, operator = Actor(Role.DEPARTMENT, "窗口", **office), Actor(Role.OPERATOR, "话务")
    service.act(number, Act.ASK_RETURN, by=handler, at=NOW, note="不是我们的事项")
    service.act(number, Act.GRANT_RETURN, by=operator, at=NOW)
    assert free(service) == SEATS - 1
    service.act(number, Act.REFUSE, by=operator, at=NOW, note="请走诉讼", details=Details(channel=Channel.LAWSUIT))
    assert free(service) == SEATS


def test_the_database_itself_refuses_a_seat_twice(service: TicketService) -> None:
    first, second = (service.open(booking(count, slot=slot), NOW).ticket.number for count, slot in ((0, "09:30"), (1, "10:00")))
    with pytest.raises(IntegrityError), service.repository._database.write() as connection:  # type: ignore[attr-defined]
        connection.execute(appointments.update().where(appointments.c.number == second).values(slot="09:30"))
    assert {number for number, _ in seats_of(service)} == {first, second}


def test_what_cannot_be_booked_leaves_nothing(service: TicketService) -> None:
    for matter in ({"day": "2026-11-22"}, {"slot": "12:00"}, {"office": "nowhere"}):
        with pytest.raises(InvalidTicket):
            service.open(booking(**matter), NOW)
    assert (seats_of(service), list(service.recent(9))) == ([], [])


@pytest.mark.parametrize(("matter", "field"), [({"slot": "10:00", "item": "身份证"}, "matter.day"), ({"day": "2026-11-24"}, "matter.item")],
                         ids=["day", "item"])
def test_a_phone_books_one_seat_a_day_and_one_for_an_item(service: TicketService, matter: dict[str, Any], field: str) -> None:
    first = service.open(booking(), NOW).ticket.number
    again = replace(booking(1, **matter), phone=booking().phone)
    with pytest.raises(InvalidTicket) as refused:
        service.open(again, NOW)
    assert (refused.value.field, len(service.recent(9))) == (field, 1)
    service.withdraw(first, at=NOW, trusted=True)
    assert service.open(again, NOW).created


def test_of_many_bookings_of_one_phone_at_once_one_is_made(service: TicketService) -> None:
    def book(count: int) -> bool:
        try:
            return service.open(replace(booking(count, slot="10:00" if count % 2 else "09:30"), phone=booking().phone), NOW).created
        except InvalidTicket:
            return False

    with ThreadPoolExecutor(8) as clients:
        assert sum(clients.map(book, range(8))) == 1


async def test_slots_are_told_and_booked_over_http(client: httpx.AsyncClient) -> None:
    asked = {"office": "jinan-lixia", "day": MONDAY.isoformat()}
    told = (await client.get("/v1/appointments/slots", params=asked)).json()
    assert (told["name"], told["slots"][1]) == ("历下区政务服务中心", {"slot": "09:30", "free": SEATS})
    body = {"type": "求助", "text": "预约办护照", "phone": "13812345678", "queue": "预约",
            "matter": {"office": "jinan-lixia", "item": "护照", "day": MONDAY.isoformat(), "slot": "09:30"}}
    for count in range(SEATS):
        answer = await client.post("/v1/tickets", json={**body, "phone": f"1391234567{count}"})
        assert (answer.status_code, answer.json()["queue"]) == (201, "预约")
    full = await client.post("/v1/tickets", json=body)
    assert (full.status_code, full.json()["error"]["code"]) == (409, "slot_taken")
    assert (await client.get("/v1/appointments/slots", params=asked)).json()["slots"][1]["free"] == 0


@pytest.mark.parametrize(("params", "field"), [({"office": "nowhere", "day": "2026-11-23"}, "office"), ({"office": "jinan", "day": "星期一"}, "day")])
async def test_slots_of_nowhere_are_refused(client: httpx.AsyncClient, params: dict[str, str], field: str) -> None:
    answer = await client.get("/v1/appointments/slots", params=params)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


async def test_centres_of_a_city_are_told(client: httpx.AsyncClient) -> None:
    found = (await client.get("/v1/appointments/offices", params={"region": "370102"})).json()
    assert found[0] == {"code": "jinan-lixia", "name": "历下区政务服务中心", "region": "370102"}
    assert {office["region"][:4] for office in found} == {"3701"}


async def test_a_missed_call_opens_one_call_back_however_often_it_is_told(client: httpx.AsyncClient, exchange: dict[str, str], parts: Parts) -> None:
    body = {"call_id": "c-1", "caller": "13812345678", "at": "2026-11-20T09:28:00+08:00"}
    told = [(await client.post("/v1/ivr/missed-calls", json=body, headers=exchange)) for _ in range(3)]
    assert [answer.status_code for answer in told] == [201] * 3
    number, = {answer.json()["number"] for answer in told}
    ticket = parts.tickets.view(number, at=NOW, trusted=True)  # type: ignore[call-arg]
    assert (ticket.queue, ticket.phone, ticket.matter, ticket.by_hours) == (
        Queue.CALL_BACK, "13812345678", {"at": "2026-11-20T09:28:00+08:00"}, True)
    other = await client.post("/v1/ivr/missed-calls", json={**body, "call_id": "c-2"}, headers=exchange)
    assert other.json()["number"] != number


async def test_only_an_exchange_tells_missed_calls_and_only_of_numbers_that_can_be_called(
        client: httpx.AsyncClient, exchange: dict[str, str], operator: dict[str, str]) -> None:
    body = {"call_id": "c-1", "caller": "13812345678"}
    assert (await client.post("/v1/ivr/missed-calls", json=body)).status_code == 401
    assert (await client.post("/v1/ivr/missed-calls", json=body, headers=operator)).status_code == 403
    withheld = await client.post("/v1/ivr/missed-calls", json={**body, "caller": "anonymous"}, headers=exchange)
    assert (withheld.status_code, withheld.json()["error"]["field"]) == (422, "caller")
    naive = await client.post("/v1/ivr/missed-calls", json={**body, "at": "2026-11-20T09:28:00"}, headers=exchange)
    assert (naive.status_code, naive.json()["error"]["field"]) == (422, "at")


async def test_110_hands_a_case_over_through_an_operator(client: httpx.AsyncClient, operator: dict[str, str]) -> None:
    body = {"type": "求助", "text": "楼上天天放音响", "address": "历下区解放路12号", "phone": "13812345678", "source_channel": "operator", "queue": "110转办",
            "matter": {"case": "370102202611200045"}}
    answer = await client.post("/v1/tickets", json=body, headers=operator)
    assert (answer.status_code, answer.json()["queue"]) == (201, "110转办")
    without = await client.post("/v1/tickets", json={**body, "matter": {}}, headers=operator)
    assert (without.status_code, without.json()["error"]["field"]) == (422, "matter.case")
