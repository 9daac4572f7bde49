import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from core.calendar import WorkingCalendar, published_calendar
from core.cipher import load_cipher
from core.db import Database, connect, metadata, migrate
from core.settings import Settings
from tests.support.office import AT, request, service_of, settings_of
from tests.support.postgres import empty
from tests.support.redis_server import running_redis
from tickets.doing import Actor
from tickets.errors import NoticeFailed, NoticeRefused
from tickets.service import TicketService
from tickets.store.hooks import SqlHooks, deliveries, webhooks
from tickets.store.outbox import SqlOutbox
from tickets.store.streams import STREAM, RedisStream
from tickets.telling import BackOff
from tickets.vocabulary import Act, Card, Role
from tickets.worker import Duty, Notices, Relay, Scheduler, work

POSTGRES = os.environ.get("TEST_DATABASE_URL", "")
LEASE = timedelta(seconds=60)
BACK_OFF = BackOff(timedelta(seconds=5), timedelta(hours=6), most=3)


class Clock:
    """Stands still until moved."""

    def __init__(self, now: datetime = AT) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Gateway:
    """A notifier that keeps what it sent, and fails as told."""

    def __init__(self, *faults: Exception | None) -> None:
        self.faults = list(faults)
        self.sent: list[tuple[str, str]] = []

    def send(self, id: str, template: str, number: str, at: datetime) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault:
            raise fault
        self.sent.append((id, template))


@pytest.fixture(scope="module")
def redis_server() -> Iterator[str]:
    with running_redis() as url:
        yield url


@pytest.fixture
def client(redis_server: str) -> "redis.Redis[Any]":
    client = redis.Redis.from_url(redis_server)
    client.flushall()
    return client


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.skipif(not POSTGRES, reason="TEST_DATABASE_URL is not set"))])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = f"sqlite:///{tmp_path / 'hotline.db'}" if request.param == "sqlite" else POSTGRES
    if request.param == "postgresql":
        empty(url)
    settings = settings_of(tmp_path, url)
    migrate(url, load_cipher(settings.personal_keys))
    return settings


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = connect(settings.database)
    yield database
    database.close()


@pytest.fixture
def outbox(database: Database) -> SqlOutbox:
    return SqlOutbox(database)


@pytest.fixture
def tickets(settings: Settings) -> TicketService:
    return service_of(settings)


def relay(settings: Settings, database: Database, client: "redis.Redis[Any]", clock: Clock, kept: int = 1000) -> Relay:
    return Relay(SqlOutbox(database), RedisStream(client, kept), SqlHooks(database, load_cipher(settings.personal_keys)), clock, LEASE)


def streamed(client: "redis.Redis[Any]") -> list[str]:
    return [fields[b"id"].decode() for _, fields in client.xrange(STREAM)]


def test_the_migration_makes_the_tables_of_webhooks(database: Database) -> None:
    with database.read() as connection:
        changes = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [change for change in changes if {webhooks.name, deliveries.name} & {word for word in map(str, change)}] == []
    assert {webhooks.name, deliveries.name} <= set(metadata.tables)


def test_letters_are_claimed_in_order_and_by_one_worker(tickets: TicketService, outbox: SqlOutbox) -> None:
    number = tickets.open(request(1), AT).ticket.number
    assert [letter.id for letter in outbox.claim("event", 2, AT, LEASE)] == [f"{number}-0", f"{number}-1"]
    assert [letter.id for letter in outbox.claim("event", 2, AT, LEASE)] == [f"{number}-2"]
    assert outbox.claim("event", 2, AT + LEASE / 2, LEASE) == []
    assert [letter.name for letter in outbox.claim("notice", 2, AT, LEASE)] == ["opened"]


def test_what_a_dead_worker_had_in_hand_is_taken_up_after_its_lease(tickets: TicketService, outbox: SqlOutbox) -> None:
    tickets.open(request(1), AT)
    first = outbox.claim("event", 9, AT, LEASE)
    assert outbox.claim("event", 9, AT + LEASE, LEASE) == first


def test_what_was_told_never_comes_again(tickets: TicketService, outbox: SqlOutbox) -> None:
    tickets.open(request(1), AT)
    outbox.told([letter.id for letter in outbox.claim("event", 9, AT, LEASE)], AT)
    assert outbox.claim("event", 9, AT + timedelta(days=1), LEASE) == []
    outbox.put_off([letter.id for letter in outbox.claim("event", 9, AT, LEASE)], AT, "too late")
    assert outbox.claim("event", 9, AT + timedelta(days=1), LEASE) == []


def test_a_letter_that_is_put_off_waits_and_then_dies_and_can_be_sent_again(tickets: TicketService, outbox: SqlOutbox) -> None:
    tickets.open(request(1), AT)
    notice, = outbox.claim("notice", 9, AT, LEASE)
    outbox.put_off([notice.id], AT + timedelta(minutes=5), "away")
    assert outbox.claim("notice", 9, AT + timedelta(minutes=4), LEASE) == []
    assert [letter.tries for letter in outbox.claim("notice", 9, AT + timedelta(minutes=5), LEASE)] == [1]
    outbox.put_off([notice.id], None, "refused " * 100)
    assert outbox.claim("notice", 9, AT + timedelta(days=9), LEASE) == []
    (letter, fault), = outbox.dead(9)
    assert (letter.id, letter.tries, fault[:8], len(fault)) == (notice.id, 2, "refused ", 200)
    assert (outbox.again(AT, "another"), outbox.again(AT, notice.id), outbox.dead(9)) == (0, 1, [])
    assert [(letter.id, letter.tries) for letter in outbox.claim("notice", 9, AT, LEASE)] == [(notice.id, 0)]


def test_many_workers_at_once_claim_every_letter_once(tickets: TicketService, settings: Settings) -> None:
    for n in range(40):
        tickets.open(request(n), AT)
    together = threading.Barrier(8)

    def claim_all(_: int) -> list[str]:
        box = SqlOutbox(connect(settings.database))
        together.wait()
        found: list[str] = []
        while letters := box.claim("event", 7, AT, LEASE):
            found += [letter.id for letter in letters]
        return found

    with ThreadPoolExecutor(8) as pool:
        claimed = Counter(id for ids in pool.map(claim_all, range(8)) for id in ids)
    # A worker that found nothing left may have been stepping over what others were just claiming: none is lost, none is double.
    assert set(claimed.values()) == {1}
    assert len(claimed) == 120


def test_the_relay_writes_every_event_into_the_stream(tickets: TicketService, settings: Settings, database: Database,
                                                      client: "redis.Redis[Any]") -> None:
    number = tickets.open(request(1), AT).ticket.number
    step = relay(settings, database, client, Clock()).step
    assert (step(), step()) == (True, False)
    entries = [fields for _, fields in client.xrange(STREAM)]
    assert [(entry[b"id"].decode(), entry[b"name"].decode()) for entry in entries] == [
        (f"{number}-0", "ticket.opened"), (f"{number}-1", "ticket.accepted"), (f"{number}-2", "ticket.dispatched")]
    payload = json.loads(entries[2][b"payload"])
    assert (payload["department"], payload["version"], entries[2][b"at"].decode()) == ("城市管理局", 2, AT.isoformat())


def test_nothing_personal_is_in_the_stream(tickets: TicketService, settings: Settings, database: Database, client: "redis.Redis[Any]") -> None:
    tickets.open(request(1, name="王建国", address="幸福路8号", text="我叫王建国，路灯坏了"), AT)
    relay(settings, database, client, Clock()).step()
    told = b"".join(value for _, fields in client.xrange(STREAM) for value in fields.values()).decode()
    assert "ticket.opened" in told
    assert not [word for word in ("13812345678", "王建国", "幸福路", "路灯坏") if word in told]


def test_the_stream_is_bounded(tickets: TicketService, settings: Settings, database: Database, client: "redis.Redis[Any]") -> None:
    for n in range(110):
        tickets.open(request(n), AT)
    step = relay(settings, database, client, Clock(), kept=100).step
    while step():
        pass
    assert 100 <= client.xlen(STREAM) < 330  # Redis trims whole blocks of 100


def test_while_redis_is_away_events_wait_and_are_never_given_up(tickets: TicketService, settings: Settings, database: Database,
                                                                client: "redis.Redis[Any]") -> None:
    number = tickets.open(request(1), AT).ticket.number
    clock = Clock()
    nobody = redis.Redis(port=1, socket_connect_timeout=1)
    for _ in range(50):
        assert relay(settings, database, nobody, clock).step() is False
        clock.now += timedelta(minutes=1)
    assert SqlOutbox(database).dead(9) == []
    relay(settings, database, client, clock).step()
    assert streamed(client) == [f"{number}-{version}" for version in range(3)]


def test_what_a_killed_redis_has_lost_is_told_again(tickets: TicketService, settings: Settings, database: Database) -> None:
    number = tickets.open(request(1), AT).ticket.number
    clock = Clock()
    for _ in range(2):  # each server starts with nothing
        with running_redis() as url:
            one = redis.Redis.from_url(url)
            step = relay(settings, database, one, clock).step
            while step():
                pass
            assert set(streamed(one)) == {f"{number}-{version}" for version in range(3)}
            length = one.xlen(STREAM)
            relay(settings, database, one, clock).step()
            assert one.xlen(STREAM) == length, "a worker that starts tells nothing again while the server is the same"
        clock.now += timedelta(days=1)


def test_what_a_server_lost_before_it_was_told_is_published_once_more(tickets: TicketService, outbox: SqlOutbox, settings: Settings,
                                                                      database: Database, client: "redis.Redis[Any]", monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker stalls between publishing and noting; meanwhile the server comes back empty, and another worker has seen to that already."""
    number = tickets.open(request(1), AT).ticket.number
    worker, runs = relay(settings, database, client, Clock()), ["first", "first", "first", "second"]
    monkeypatch.setattr(RedisStream, "run", lambda stream: runs[0] if len(runs) == 1 else runs.pop(0))
    worker.stream.seen()
    told = SqlOutbox.told

    def stalled(self: SqlOutbox, ids: list[str], at: datetime) -> None:
        client.delete(STREAM)
        told(self, ids, at)

    monkeypatch.setattr(SqlOutbox, "told", stalled)
    assert worker.step()
    assert streamed(client) == [f"{number}-{version}" for version in range(3)]


def test_old_letters_are_forgotten_once_everybody_was_told(tickets: TicketService, outbox: SqlOutbox) -> None:
    tickets.open(request(1), AT)
    events = outbox.claim("event", 9, AT, LEASE)
    outbox.told([letter.id for letter in events[:2]], AT)
    assert outbox.forget(AT, 9) == 0
    assert outbox.forget(AT + timedelta(days=30), 9) == 2
    assert [letter.id for letter in outbox.claim("event", 9, AT + LEASE, LEASE)] == [events[2].id]


def test_a_notice_is_sent_once(tickets: TicketService, outbox: SqlOutbox) -> None:
    number = tickets.open(request(1), AT).ticket.number
    gateway = Gateway()
    step = Notices(outbox, gateway, Clock(), LEASE, BACK_OFF).step
    assert (step(), step()) == (True, False)
    assert gateway.sent == [(f"{number}-2-opened", "opened")]


def test_a_notice_that_fails_is_tried_with_growing_pauses_and_then_dead(tickets: TicketService, outbox: SqlOutbox) -> None:
    tickets.open(request(1), AT)
    clock, gateway = Clock(), Gateway(NoticeFailed("down"), RuntimeError("a fault of ours"), NoticeFailed("down"))
    step = Notices(outbox, gateway, clock, LEASE, BACK_OFF).step
    assert step()
    for pause in (5, 15):
        clock.now += timedelta(seconds=pause - 1)
        assert not step()
        clock.now += timedelta(seconds=1)
        assert step()
    assert [fault for _, fault in outbox.dead(9)] == ["down"]
    assert gateway.sent == []


def test_a_notice_that_is_refused_is_dead_at_once(tickets: TicketService, outbox: SqlOutbox) -> None:
    tickets.open(request(1), AT)
    Notices(outbox, Gateway(NoticeRefused("no such number")), Clock(), LEASE, BACK_OFF).step()
    assert [(letter.tries, fault) for letter, fault in outbox.dead(9)] == [(1, "no such number")]


def test_the_scheduler_gives_each_card_once(tickets: TicketService) -> None:
    number = tickets.open(request(1), AT).ticket.number
    clock = Clock()
    workers = [Scheduler(tickets, published_calendar, clock) for _ in range(2)]
    for _ in range(12):
        for worker in workers:
            worker.step()
        clock.now += timedelta(days=1)
    acts = [(entry.act, entry.details.card) for entry in tickets.trail(number)]
    assert acts == [(Act.ACCEPT, None), (Act.DISPATCH, None), (Act.WARN, Card.YELLOW), (Act.WARN, Card.RED), (Act.SUPERVISE, None)]


def test_a_scheduler_that_slept_gives_the_red_card_at_once(tickets: TicketService) -> None:
    number = tickets.open(request(1), AT).ticket.number
    Scheduler(tickets, published_calendar, Clock(AT + timedelta(days=60))).step()
    assert [entry.details.card for entry in tickets.trail(number) if entry.act is Act.WARN] == [Card.RED]


def test_a_ticket_that_cannot_be_woken_keeps_no_other_from_it(tickets: TicketService, settings: Settings,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.worker._AT_ONCE", 1)
    first, second = (tickets.open(request(n), AT + timedelta(minutes=n)).ticket.number for n in range(2))
    stuck, other = sorted((first, second))
    acting = type(tickets.acting)
    wake = acting.wake
    monkeypatch.setattr(acting, "wake", lambda self, number, at: None if number == stuck else wake(self, number, at))
    scheduler = Scheduler(tickets, published_calendar, Clock(AT + timedelta(days=60)))
    for _ in range(4):
        scheduler.step()
    assert tickets.trail(stuck)[-1].act is Act.DISPATCH
    assert tickets.trail(other)[-1].act is Act.SUPERVISE


def test_when_a_year_is_published_deadlines_are_set_right(settings: Settings) -> None:
    known = published_calendar()
    before = WorkingCalendar(known.published - {2026}, frozenset(day for day in known.holidays if day.year != 2026), known.make_up_days)
    start = datetime(2026, 9, 29, 9, tzinfo=AT.tzinfo)  # 国庆 lies on the way
    tickets = service_of(settings, before)
    ticket = tickets.open(request(1), start).ticket
    calendars = [before]
    scheduler = Scheduler(tickets, lambda: calendars[-1], Clock(start))
    while scheduler.step():
        pass
    assert tickets.trail(ticket.number)[-1].act is Act.DISPATCH
    calendars.append(known)
    while scheduler.step():
        pass
    after = tickets.repository.find(ticket.number)
    assert after is not None
    assert ticket.due_at is not None
    assert after.due_at is not None
    assert after.due_at > ticket.due_at
    assert [entry.act for entry in tickets.trail(ticket.number)].count(Act.RESCHEDULE) == 1


def test_a_duty_that_fails_is_done_again(tickets: TicketService) -> None:
    stop, steps = threading.Event(), []

    def step() -> bool:
        steps.append(len(steps))
        if len(steps) == 1:
            raise RuntimeError("the database is away")
        stop.set()
        return False

    work([Duty("one", step, 0.01)], stop)
    assert steps == [0, 1]


def test_an_act_and_its_events_are_stored_together(tickets: TicketService, outbox: SqlOutbox) -> None:
    number = tickets.open(request(1), AT).ticket.number
    handler = Actor(Role.DEPARTMENT, "王", "城市管理局", "370102")
    tickets.act(number, Act.RECEIVE, by=handler, at=AT + timedelta(hours=1))
    assert [letter.name for letter in outbox.claim("event", 9, AT + timedelta(hours=1), LEASE)][-1] == "ticket.received"
