"""Lists for staff in real databases: each filter alone, and pages that neither lose nor repeat a ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite

from core.cipher import Cipher
from core.db import connect, migrate
from tests.support.fake_tickets import FakeTickets
from tests.support.ticket_store import AT, nth
from tickets.change import Change
from tickets.listing import Wanted, page, place_of
from tickets.model import Card, Pending, Queue, Status, Ticket
from tickets.store.listing import listed
from tickets.store.sql import SqlTickets

pytest_plugins = ("tests.support.ticket_store",)
TICKETS = (
    nth(1, status=Status.DISPATCHED),
    nth(2, status=Status.HANDLING, pending=Pending.EXTENSION, office_region="370103", region="370103"),
    nth(3, status=Status.HANDLING, card=Card.RED, department="公安局", helpers=("水务局", "街道“一”办")),
    nth(4, status=Status.RATED, queue=Queue.BUSINESS, phone="13900000000", region="370202"),
    nth(5, status=Status.WAITING, category="路灯不亮", region=None, helpers=("水务局",)),
)


def kept(ticket: Ticket) -> Change:
    return Change(-1, ticket, (), (), (), None)


@pytest.fixture
def full(store: SqlTickets) -> SqlTickets:
    for ticket in TICKETS:
        assert store.add(kept(ticket))
    return store


@pytest.mark.parametrize(("wanted", "found"), [
    ({}, "54321"), ({"status": Status.HANDLING}, "32"), ({"department": "公安局"}, "3"), ({"office_region": "370103"}, "2"),
    ({"region": "370102"}, "31"), ({"region": "370100"}, "321"), ({"region": "370000"}, "4321"), ({"category": "路灯不亮"}, "5"),
    ({"queue": Queue.BUSINESS}, "4"), ({"card": Card.RED}, "3"), ({"pending": Pending.EXTENSION}, "2"), ({"phone": "13900000000"}, "4"),
    ({"helper": "水务局"}, "53"), ({"helper": "街道“一”办"}, "3"), ({"helper": "水务"}, ""), ({"department": "生态环境局", "status": Status.HANDLING}, "2"),
], ids=str)
def test_each_filter_finds_what_it_names_and_nothing_else(full: SqlTickets, wanted: dict[str, Any], found: str) -> None:
    assert "".join(ticket.number[-1] for ticket in full.listed(Wanted(**wanted), 10)) == found
    memory = FakeTickets()
    for ticket in TICKETS:
        memory.add(kept(ticket))
    assert "".join(ticket.number[-1] for ticket in memory.listed(Wanted(**wanted), 10)) == found


def test_pages_lose_and_repeat_no_ticket_though_many_came_at_one_moment(store: SqlTickets) -> None:
    for n in range(23):
        assert store.add(kept(nth(n, opened_at=AT + timedelta(microseconds=n // 4))))
    seen: list[str] = []
    wanted = Wanted()
    for _ in range(9):
        found = page(store.listed(wanted, 6), 5)
        seen += [ticket.number for ticket in found.tickets]
        if found.next is None:
            break
        wanted = replace(wanted, after=place_of(found.next.cursor))
    assert seen == [nth(n).number for n in reversed(range(23))]


def test_a_ticket_that_comes_while_one_turns_pages_moves_nothing(full: SqlTickets) -> None:
    first = page(full.listed(Wanted(), 3), 2)
    full.add(kept(nth(9, opened_at=AT + timedelta(hours=1))))
    second = page(full.listed(Wanted(after=first.next), 3), 2)
    assert [ticket.number[-1] for ticket in second.tickets] == ["3", "2"]


@pytest.mark.parametrize("wanted", [{"status": Status.SUSPENDED}, {"card": Card.RED}, {"pending": Pending.APPEAL}, {"queue": Queue.POLICE}], ids=str)
def test_a_rare_kind_is_found_through_its_index_in_the_order_of_the_list(tmp_path: Path, cipher: Cipher, wanted: dict[str, Any]) -> None:
    url = f"sqlite:///{tmp_path / 'plan.db'}"
    migrate(url, cipher)
    query = listed(Wanted(**wanted), 51, cipher, "sqlite").compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with connect(url).read() as connection:
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    [name] = wanted
    assert plan == [f"SEARCH tickets USING INDEX tickets_by_{name} ({name}=?)"]
