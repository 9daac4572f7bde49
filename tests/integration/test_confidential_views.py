"""Who wants to stay hidden stays hidden: in every view of a department, in the trail, events, notices, public data and logs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import select

from core.db import Database
from core.logs import configure_logs
from core.settings import Settings
from tests.support.ticket_store import AT
from tickets.bootstrap import build
from tickets.desk import Desk
from tickets.doing import Actor, Details
from tickets.listing import Wanted
from tickets.model import NewTicket, Ticket, TicketType
from tickets.service import TicketService
from tickets.store.public import PublicTickets
from tickets.store.tables import outbox
from tickets.vocabulary import Act, Grade, Result, Role

pytest_plugins = ("tests.support.ticket_store",)

SECRETS = ("王建国", "13812345678", "138 1234 5678", "幺三八幺二三四五六七八", "11010519491231002X", "11010519491231002x")
WISHES = {"confidential": {"confidential": True}, "reporter": {"type": TicketType.REPORT}, "anonymous": {"anonymous": True}}
OPERATOR = Actor(Role.OPERATOR, "一号")


def told(about: str) -> str:
    return f"我叫王建国，{about}，打138 1234 5678或者幺三八幺二三四五六七八，证号11010519491231002x"


def printed(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


@pytest.fixture
def service(database: Database, url: str, key_file: Path, tmp_path: Path) -> TicketService:
    return build(Settings(database_url=url, keys_file=key_file, data_dir=tmp_path), None, lambda text: ())


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that this process logs meanwhile."""
    handlers, level, stream = logging.getLogger().handlers[:], logging.getLogger().level, io.StringIO()
    configure_logs("test", "DEBUG")
    logging.getLogger().handlers[0].setStream(stream)  # type: ignore[attr-defined]
    yield stream
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(params=WISHES)
def life(request: pytest.FixtureRequest, service: TicketService, log: io.StringIO) -> Ticket:
    """A ticket whose caller says who he is wherever words are taken, from the first word to a bad grade and the work that follows.

    Of an anonymous one nothing is kept by which his later words could be known: there he says nothing of himself.
    """
    wish: dict[str, Any] = {"type": TicketType.COMPLAINT, **WISHES[request.param]}
    new = NewTicket(text=told("路灯坏了"), source_channel="web", request_id="r1", title=told("路灯"), region="370102", address="解放路12号",
                    who=told("物业"), when="昨晚", cause=told("没人管"), name="王建国", phone="13812345678", id_number="11010519491231002X", **wish)
    number = service.open(new, AT).ticket.number
    office = office_of(service, number)
    later = str if new.anonymous else told
    steps: list[tuple[Act, Actor, str, Details]] = [
        (Act.SUPPLEMENT, Actor(Role.CALLER), later("又坏了一盏"), Details()), (Act.URGE, OPERATOR, later("急"), Details()),
        (Act.RECEIVE, office, "", Details()), (Act.REPLY, office, "已修好", Details(result=Result.SOLVED)), (Act.APPROVE, OPERATOR, "", Details()),
        (Act.RATE, Actor(Role.CALLER), later("没有修好"), Details(grade=Grade.VERY_BAD)),
        (Act.RECEIVE, office, "", Details()), (Act.ASK_CALLER, office, "在哪根杆", Details()), (Act.SUPPLEMENT, OPERATOR, later("东边那根"), Details()),
    ]
    for n, (act, by, note, details) in enumerate(steps):
        service.act(number, act, by=by, at=AT + timedelta(hours=n), note=note, details=details)
    found = service.repository.find(number)
    assert found is not None
    return found


def office_of(service: TicketService, number: str) -> Actor:
    ticket = service.repository.find(number)
    assert ticket is not None
    return Actor(Role.DEPARTMENT, "小张", ticket.department, ticket.office_region)


def test_no_department_learns_whose_ticket_it_is(service: TicketService, life: Ticket) -> None:
    desk = Desk(service, office_of(service, life.number))
    views = {"ticket": asdict(desk.ticket(life.number)), "page": [asdict(ticket) for ticket in desk.page(Wanted()).tickets],
             "trail": [asdict(entry) for entry in desk.trail(life.number)]}
    assert len(views["page"]) == 1
    assert len(views["trail"]) > 10
    for name, view in views.items():
        seen = printed(view)
        assert not any(secret in seen for secret in SECRETS), name
        assert "路灯坏了" in seen or name == "trail", "the matter itself is shown"
    assert (desk.ticket(life.number).phone, desk.ticket(life.number).id_number) == (None, None)


def test_what_an_act_of_a_department_answers_hides_him_too(service: TicketService, life: Ticket) -> None:
    desk = Desk(service, office_of(service, life.number))
    after = printed(asdict(desk.act(life.number, Act.HANDLE, AT + timedelta(days=1), "在修")))
    assert not any(secret in after for secret in SECRETS)


def test_a_department_that_helps_sees_no_more(service: TicketService, life: Ticket) -> None:
    service.act(life.number, Act.ASSIST, by=OPERATOR, at=AT + timedelta(days=1), details=Details(helpers=("公安局",)))
    desk = Desk(service, Actor(Role.DEPARTMENT, "小李", "公安局", life.office_region))
    seen = printed(asdict(desk.ticket(life.number))) + printed([asdict(entry) for entry in desk.trail(life.number)])
    assert not any(secret in seen for secret in SECRETS)


def test_the_centre_knows_whom_to_call(service: TicketService, life: Ticket) -> None:
    seen = Desk(service, OPERATOR).ticket(life.number)
    expected = (None, None, None) if life.anonymous else ("王建国", "13812345678", "11010519491231002X")
    assert (seen.name, seen.phone, seen.id_number) == expected


def test_events_and_notices_name_nobody(database: Database, life: Ticket) -> None:
    with database.read() as connection:
        rows = [dict(row._mapping) for row in connection.execute(select(outbox))]
    assert len(rows) > 10
    assert not any(secret in printed(rows) for secret in SECRETS)


def test_the_public_sees_neither_him_nor_his_words(database: Database, life: Ticket) -> None:
    shown = list(PublicTickets(database).between(AT - timedelta(days=1), AT + timedelta(days=9)))
    assert life.number not in [ticket.number for ticket in shown]
    assert PublicTickets(database).find([PublicTickets(database).id_of(life.number)]) == []


def test_logs_name_nobody(log: io.StringIO, service: TicketService, life: Ticket) -> None:
    with pytest.raises(Exception, match="现在不能"):
        service.act(life.number, Act.RATE, by=Actor(Role.CALLER), at=AT, note=told("再评一次"), details=Details(grade=Grade.BAD))
    lines = log.getvalue()
    assert lines.count("ticket_act") >= 9
    assert not any(secret in lines for secret in (*SECRETS, life.text))
