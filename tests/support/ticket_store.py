"""Fixtures of the tests that store tickets: both databases, a key file, and tickets as they were opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import MISSING, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.cipher import Cipher, load_cipher
from core.clock import SHANGHAI
from core.db import Database, connect, migrate
from tests.support.postgres import empty
from tickets.change import Change, change
from tickets.deadlines import Deadlines
from tickets.doing import Details
from tickets.load import load_policy
from tickets.model import Act, Elements, Role, Ticket, TicketType, TrailEntry, Urgency
from tickets.store.sql import SqlTickets

POSTGRES = os.environ.get("TEST_DATABASE_URL", "")
AT = datetime(2026, 11, 5, 10, 30, 15, 123456, tzinfo=SHANGHAI)
TEXT = "有人偷排😀"
NEW = Ticket(number="2026110500000001", type=TicketType.REPORT, text=TEXT, title="有人偷排", category="企业排污", department="生态环境局",
             urgency=Urgency.URGENT, source_channel="web", opened_at=AT, changed_at=AT, request_digest="a" * 64, region="370102",
             office_region="370102", elements=Elements("化工厂", "昨晚", "小清河北岸", "图省钱", TEXT), name="王建国", phone="13812345678",
             id_number="11010519491231002X", confidential=True)
# What acts change; the rest stays as it was opened. Where a ticket was sent first is what it was opened with.
_CHANGED = [one for one in fields(Ticket) if one.default is not MISSING]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.skipif(not POSTGRES, reason="TEST_DATABASE_URL is not set"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, without a schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'made' / 'hotline.db'}"
    empty(POSTGRES)
    return POSTGRES


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "personal.keys"


@pytest.fixture
def cipher(key_file: Path) -> Cipher:
    return load_cipher(key_file)


@pytest.fixture
def database(url: str, cipher: Cipher) -> Iterator[Database]:
    """A database of the newest schema."""
    migrate(url, cipher)
    database = connect(url)
    yield database
    database.close()


@pytest.fixture
def store(database: Database, cipher: Cipher) -> SqlTickets:
    return SqlTickets(database, cipher)


def nth(n: int, **changes: Any) -> Ticket:
    """Another new ticket."""
    return replace(NEW, number=f"20261105{n:08d}", request_digest=f"{n:064d}", **changes)


def opened(deadlines: Deadlines, ticket: Ticket = NEW) -> Change:
    """The change of a ticket that is accepted and dispatched."""
    accepted, first = ticket.perform(Act.ACCEPT, by=Role.SYSTEM, at=AT)
    where = Details(department=ticket.department, region=ticket.office_region)
    _, second = accepted.perform(Act.DISPATCH, by=Role.SYSTEM, at=AT, note="生态环境局", details=deadlines.completed(accepted, Act.DISPATCH, where, AT))
    return change(ticket, (first, second), deadlines, new=True)


def done(deadlines: Deadlines, ticket: Ticket, act: Act, role: Role = Role.CALLER, at: datetime = AT, **particulars: Any) -> Change:
    """The change of one more act on a stored ticket."""
    _, entry = ticket.perform(act, by=role, at=at, **particulars)
    return change(ticket, (entry,), deadlines)


def as_opened(ticket: Ticket, trail: list[TrailEntry]) -> Ticket:
    """The ticket before its first act, from what no act changes: replaying the trail on it must give the ticket."""
    kept = {"region", "elements", "name", "phone", "id_number", "anonymous", "confidential", "enterprise", "latitude", "longitude", "code_digest",
            "queue", "matter", "parent", "office_region"}
    first = {one.name: one.default for one in _CHANGED if one.name not in kept}
    sent = next((entry.details for entry in trail if entry.act is Act.DISPATCH), Details())
    return replace(ticket, **first, changed_at=ticket.opened_at, department=sent.department or ticket.department,
                   office_region=sent.region or ticket.office_region)


def deadlines() -> Deadlines:
    """As local policy and the published calendar have them."""
    from core.calendar import published_calendar
    return Deadlines(load_policy(), published_calendar())
