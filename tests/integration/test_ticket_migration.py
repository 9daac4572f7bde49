"""From the first shape of tickets to their whole life: nothing is lost, and what stood in the clear is encrypted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import JSON, Date, column, insert, inspect, table, text

import core.db
from core.cipher import Cipher
from core.clock import SHANGHAI
from core.db import Database, Moment, connect, migrate
from tests.support.ticket_store import NEW, as_opened, deadlines
from tickets.acting import Acting
from tickets.change import Change
from tickets.listing import Wanted
from tickets.model import (
    Act,
    ActRefused,
    Card,
    Details,
    Elements,
    Grade,
    Pending,
    Result,
    Role,
    Status,
    Ticket,
    TicketType,
    TrailEntry,
    Urgency,
    replay,
)
from tickets.store.public import PublicTickets
from tickets.store.rows import public_id, ticket_row
from tickets.store.sql import SqlTickets

pytest_plugins = ("tests.support.ticket_store",)

AT = datetime(2026, 11, 5, 10, 30, 15, 123456, tzinfo=SHANGHAI)
FIRM = "海天商贸有限公司"
DUE = date(2026, 11, 12)
PERSONAL = ("王建国", "13812345678", "解放路12号")
OLD = {"number": "", "type": "投诉", "status": "dispatched", "urgency": "紧急", "category": "路灯不亮", "department": "城市管理局", "region": "370102",
       "due_on": DUE, "title": "路灯坏了", "text": "路灯坏了😀", "address": "解放路12号", "happened": "昨晚", "who": "物业", "cause": "没人管",
       "name": "王建国", "phone": "13812345678", "anonymous": False, "confidential": False, "source_channel": "ivr", "request_digest": "",
       "code_digest": None, "answer": None, "rating": None, "urged": 0, "opened_at": AT, "changed_at": AT, "version": 2}
# What was done to each of the old tickets after 受理 and 派单: the act, who did it, the state it led to, and the words.
LIVES: dict[str, tuple[dict[str, Any], list[tuple[str, str, str, str]]]] = {
    "running": ({"urged": 2}, [("urge", "caller", "dispatched", "快点"), ("urge", "operator", "dispatched", ""),
                               ("supplement", "caller", "dispatched", "又坏了一盏")]),
    "replied": ({"status": "replied", "answer": "已修好"}, [("reply", "department", "replied", "已修好")]),
    "late": ({"status": "replied", "answer": "修好了", "due_on": date(2026, 11, 5)}, [("reply", "department", "replied", "修好了")]),
    "closed": ({"status": "closed", "answer": "已修好"}, [("reply", "department", "replied", "已修好"), ("close", "operator", "closed", "")]),
    "rated": ({"status": "closed", "answer": "已修好", "rating": "非常不满意"}, [
        ("reply", "department", "replied", "已修好"), ("close", "operator", "closed", ""), ("rate", "caller", "closed", "非常不满意")]),
    "withdrawn": ({"status": "withdrawn"}, [("withdraw", "caller", "withdrawn", "不用了")]),
    "anonymous": ({"name": None, "phone": None, "anonymous": True, "address": None, "code_digest": "c" * 64, "region": None}, []),
}
NUMBERS = {name: f"20261105{n:08d}" for n, name in enumerate(LIVES)}


def to_revision(database: Database, revision: str, cipher: Cipher | None = None) -> None:
    with database.write() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(core.db.__file__).parent / "migrations"))
        config.attributes.update(connection=connection, cipher=cipher)
        command.upgrade(config, revision)


def old_rows(name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    changes, acts = LIVES[name]
    number, entries, source = NUMBERS[name], [], "submitted"
    for version, (act, role, target, note) in enumerate([("accept", "system", "accepted", ""), ("dispatch", "system", "dispatched", "城市管理局"), *acts], 1):
        entries.append({"number": number, "version": version, "act": act, "role": role, "at": AT + timedelta(days=max(0, version - 2)),
                        "source": source, "target": target, "note": note})
        source = target
    return {**OLD, **changes, "number": number, "request_digest": NUMBERS[name] * 4, "version": len(entries), "changed_at": entries[-1]["at"]}, entries


@pytest.fixture
def old(url: str) -> Iterator[Database]:
    """A database as the version before left it, with tickets and a key of a channel."""
    database = connect(url)
    to_revision(database, "0003")
    kinds = {"due_on": Date(), "opened_at": Moment, "changed_at": Moment, "at": Moment, "created_at": Moment}

    def put(name: str, row: dict[str, Any]) -> None:
        with database.write() as connection:
            connection.execute(insert(table(name, *(column(one, kinds.get(one)) for one in row))).values(row))

    for name in LIVES:
        row, entries = old_rows(name)
        put("tickets", row)
        for entry in entries:
            put("ticket_acts", entry)
    put("api_keys", {"id": "1", "role": "ivr", "label": "交换机", "digest": "d", "created_at": AT})
    yield database
    database.close()


def migrated(old: Database, url: str, cipher: Cipher, name: str) -> tuple[Ticket, list[TrailEntry]]:
    migrate(url, cipher)
    store = SqlTickets(old, cipher)
    ticket = store.find(NUMBERS[name])
    assert ticket is not None
    return ticket, list(store.trail(ticket.number))


@pytest.mark.parametrize("name", LIVES)
def test_nothing_of_an_old_ticket_is_lost(old: Database, url: str, cipher: Cipher, name: str) -> None:
    ticket, trail = migrated(old, url, cipher, name)
    row, entries = old_rows(name)
    same = ("number", "category", "department", "region", "title", "text", "name", "phone", "anonymous", "confidential", "source_channel", "code_digest",
            "request_digest", "answer", "urged", "opened_at", "changed_at", "version", "due_on")
    assert {field: getattr(ticket, field) for field in same} == {field: row[field] for field in same}
    assert (ticket.type, ticket.urgency) == (TicketType.COMPLAINT, Urgency.URGENT)
    assert ticket.elements == Elements("物业", "昨晚", row["address"], "没人管", "路灯坏了😀")
    assert [(entry.version, entry.act.value, entry.role.value, entry.at, entry.source.value) for entry in trail] == [
        (entry["version"], entry["act"], entry["role"], entry["at"], entry["source"]) for entry in entries]
    assert [entry.note for entry in trail if entry.act is not Act.RATE] == [entry["note"] for entry in entries if entry["act"] != "rate"]


@pytest.mark.parametrize("name", LIVES)
def test_the_trail_of_an_old_ticket_replays_to_it(old: Database, url: str, cipher: Cipher, name: str) -> None:
    ticket, trail = migrated(old, url, cipher, name)
    assert replay(as_opened(ticket, trail), trail) == ticket


def test_old_states_go_on_in_the_new_life(old: Database, url: str, cipher: Cipher) -> None:
    found = {name: migrated(old, url, cipher, name)[0] for name in LIVES}
    assert {name: (ticket.status, ticket.running, ticket.late) for name, ticket in found.items()} == {
        "running": (Status.DISPATCHED, True, False), "replied": (Status.REPLIED, False, False), "late": (Status.REPLIED, False, True),
        "closed": (Status.CLOSED, False, False), "rated": (Status.RATED, False, False), "withdrawn": (Status.WITHDRAWN, False, False),
        "anonymous": (Status.DISPATCHED, True, False)}
    assert (found["rated"].rating, found["rated"].result, found["rated"].content) == (Grade.VERY_BAD, Result.EXPLAINED, False)
    assert found["replied"].replied_at == found["replied"].changed_at
    approved, _ = found["replied"].perform(Act.APPROVE, by=Role.OPERATOR, at=AT)
    assert approved.status is Status.REVIEWED
    with pytest.raises(ActRefused):
        found["rated"].perform(Act.RATE, by=Role.CALLER, at=AT, details=Details(grade=Grade.GOOD))


def test_an_old_clock_still_brings_its_cards(old: Database, url: str, cipher: Cipher) -> None:
    """A worker that looks finds something to do, so that it does not look at the same ticket for ever."""
    migrate(url, cipher)
    store = SqlTickets(old, cipher)
    acting = Acting(store, deadlines(), lambda ticket, at: pytest.fail("no follow-up"))
    last_day = datetime(2026, 11, 12, tzinfo=SHANGHAI)
    assert store.awake(last_day - timedelta(seconds=1), 9) == []
    due = store.awake(last_day, 9)
    assert due == [NUMBERS["running"], NUMBERS["anonymous"]]
    warned = acting.wake(due[0], last_day)
    assert warned is not None and warned.card is Card.YELLOW
    assert store.awake(last_day, 9) == [NUMBERS["anonymous"]]
    red = acting.wake(due[0], datetime(2026, 11, 13, tzinfo=SHANGHAI))
    assert red is not None and red.card is Card.RED


def test_the_phone_of_an_old_ticket_is_found_through_the_blind_index(old: Database, url: str, cipher: Cipher) -> None:
    migrate(url, cipher)
    numbers = {ticket.number for ticket in SqlTickets(old, cipher).of_phone("13812345678", 99)}
    assert numbers == set(NUMBERS.values()) - {NUMBERS["anonymous"]}


def test_the_public_gets_an_id_for_every_old_ticket(old: Database, url: str, cipher: Cipher) -> None:
    migrate(url, cipher)
    for number in NUMBERS.values():
        assert PublicTickets(old).id_of(number) == public_id(number, cipher)


def test_what_stood_in_the_clear_is_encrypted(old: Database, url: str, cipher: Cipher, tmp_path: Path) -> None:
    def written() -> str:
        with old.read() as connection:
            return repr(connection.execute(text("SELECT * FROM tickets")).all()) + repr(connection.execute(text("SELECT * FROM ticket_acts")).all())

    assert all(secret in written() for secret in PERSONAL)
    migrate(url, cipher)
    assert not any(secret in written() for secret in PERSONAL)
    old.close()
    if url.startswith("sqlite"):  # nor does it stay in pages that are free now
        content = b"".join(path.read_bytes() for path in (tmp_path / "made").iterdir())
        assert not any(secret.encode() in content for secret in PERSONAL)
        assert "路灯坏了😀".encode() in content


def test_without_keys_it_says_so_and_changes_nothing(old: Database, url: str, cipher: Cipher) -> None:
    with pytest.raises(ValueError, match="migrate it with its keys"):
        migrate(url)
    with old.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM tickets WHERE name = '王建国'")).scalar_one() == len(LIVES) - 1
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0003"
        assert "outbox" not in inspect(connection).get_table_names()
    migrate(url, cipher)
    assert SqlTickets(old, cipher).find(NUMBERS["running"]) is not None


def test_a_database_without_tickets_needs_no_keys_and_keeps_its_channel_keys(old: Database, url: str) -> None:
    with old.write() as connection:
        connection.execute(text("DELETE FROM ticket_acts"))
        connection.execute(text("DELETE FROM tickets"))
    migrate(url)
    with old.read() as connection:
        assert connection.execute(text("SELECT id, role, label, digest, department FROM api_keys")).all() == [("1", "ivr", "交换机", "d", None)]


def test_exact_places_and_what_a_queue_knows_are_sealed(url: str, cipher: Cipher, tmp_path: Path) -> None:
    database = connect(url)
    to_revision(database, "0011", cipher)
    told = (FIRM, "36.6651234", "117.0203456")
    plain = replace(NEW, latitude=36.6651234, longitude=117.0203456, matter={"enterprise": FIRM}, pending=Pending.EXTENSION, tries=2)
    row = ticket_row(Change(-1, plain, (), (), (), None), cipher)
    row |= {"latitude": plain.latitude, "longitude": plain.longitude,
            "more": {**row["more"], "matter": dict(plain.matter), "pending": "延期申请"}}
    before = {name: value for name, value in row.items() if name not in ("exact_place", "matter", "pending")}
    names = [column(name, Moment if name.endswith("_at") else JSON if name == "more" else None) for name in before]
    with database.write() as connection:
        connection.execute(insert(table("tickets", *names)).values(before))

    def written() -> str:
        with database.read() as connection:
            return repr(connection.execute(text("SELECT * FROM tickets")).all())

    assert all(secret in written() for secret in told[1:])  # the firm stands in JSON, which one database writes escaped
    migrate(url, cipher)
    assert SqlTickets(database, cipher).find(NEW.number) == plain
    assert [ticket.number for ticket in SqlTickets(database, cipher).listed(Wanted(pending=Pending.EXTENSION), 9)] == [NEW.number]
    assert not any(secret in written() for secret in told)
    with database.read() as connection:
        assert connection.execute(text("SELECT latitude, longitude FROM tickets")).one() == (36.665, 117.02)
    database.close()
    if url.startswith("sqlite"):
        content = b"".join(path.read_bytes() for path in (tmp_path / "made").iterdir())
        assert FIRM.encode() not in content and json.dumps(FIRM)[1:-1].encode() not in content
