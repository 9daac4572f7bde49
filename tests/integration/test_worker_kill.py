import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import and_, func, select

from core.cipher import load_cipher
from core.clock import system_clock
from core.db import Database, connect, migrate
from core.settings import ROOT, Settings
from tests.support.department import Department, listening
from tests.support.office import LAMP, service_of, settings_of
from tests.support.postgres import PostgresServer, binaries
from tests.support.redis_server import RedisServer, free_port
from tests.support.ticket_store import as_opened
from tickets.events import notice
from tickets.hooks import Webhook
from tickets.service import TicketService
from tickets.store.hooks import SqlHooks, deliveries
from tickets.store.streams import STREAM, RedisStream
from tickets.store.tables import outbox, tickets
from tickets.telling import new_secret, verify
from tickets.vocabulary import Act, Card

KILLS, SEED = int(os.environ.get("HOTLINE_TEST_KILLS", "5")), 12345  # `make long` kills more often
LONG = bool(os.environ.get("TEST_LONG"))
PATIENCE = 300.0  # seconds; only what never comes at all is a fault
WORKER, CLIENT, WEB, GATEWAY, REDIS, DATABASE = "worker", "client", "client web", "gateway", "redis", "postgresql"
HOTLINE_WORK = ("-m", "cli.main", "work")
WORK_ALONE = ("-c", "from cli.working import run; run()")  # the same without the other commands' imports: it is started two dozen times


@dataclass
class Office:
    """One installation and its real processes."""

    settings: Settings
    server: RedisServer
    redis: "redis.Redis[Any]"
    database: Database
    service: TicketService
    department: Department
    secret: str
    postgres: "PostgresServer | None" = None
    port: int = field(default_factory=free_port)  # of the gateway
    running: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)
    starts: int = 0

    def start(self, name: str, work: tuple[str, ...] = WORK_ALONE) -> None:
        """Start a worker or a client in the place of `name`; Redis on the port and in the folder that it had."""
        if name == REDIS:
            self.server.start()
            self.redis.connection_pool.disconnect()  # those to the server before
            return
        if name == DATABASE and self.postgres:
            self.postgres.start()
            return
        self.starts += 1
        journal, seed = str(self.journal(self.starts)), f"{SEED}-{self.starts}"
        words = {WEB: ("-m", "tests.support.web_client", journal, seed, f"http://127.0.0.1:{self.port}"), GATEWAY: ("-m", "tests.support.lean_gateway")}.get(
            name, work if name.startswith(WORKER) else ("-m", "tests.support.acting_client", journal, seed))
        own = {name: value for name, value in os.environ.items() if name != "HOTLINE_TEST_KILLS"}  # no setting of theirs
        environment = {**own, "HOTLINE_DATA_DIR": str(self.settings.data_dir), "DATABASE_URL": self.settings.database,
                       "REDIS_URL": self.settings.redis_url, "HOTLINE_PORT": str(self.port), "HOTLINE_WORKER_PAUSE": "0.05", "HOTLINE_WORKER_LEASE": "2",
                       "HOTLINE_RETRY_FIRST": "0.5", "HOTLINE_RETRY_LONGEST": "2", "HOTLINE_LOG_LEVEL": "WARNING"}
        with (self.settings.data_dir / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, stdout=log, stderr=log)
        self.running[name].journal = self.journal(self.starts)  # type: ignore[attr-defined]

    def journal(self, start: int) -> Path:
        """Where the client of one start writes down what it was promised."""
        return self.settings.data_dir / f"{start}.journal"

    def at_work(self, name: str) -> bool:
        """Whether a process has begun to work; fails when it has ended by itself."""
        process = self.running[name]
        assert process.poll() is None, (self.settings.data_dir / f"{name}.log").read_text(errors="replace")[-3000:]
        if name.startswith(CLIENT):
            return bool(process.journal.exists() and process.journal.stat().st_size)  # type: ignore[attr-defined]
        if name == GATEWAY:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0
        return f"hotline-worker-{process.pid}" in {one["name"] for one in self.redis.client_list()}

    def promised(self) -> list[list[str]]:
        """Return number and version of all that clients were promised."""
        return [line.split() for path in self.settings.data_dir.glob("*.journal") for line in path.read_text().splitlines()]

    def kill(self, name: str) -> None:
        """End a process as a power cut does."""
        if name == REDIS:
            self.server.kill()
            return
        if name == DATABASE and self.postgres:
            self.postgres.kill()
            return
        self.running[name].send_signal(signal.SIGKILL)
        self.running[name].wait(60)

    def all_told(self) -> bool:
        """Whether nothing waits any more: no letter, no delivery, no ticket to be woken, and nothing that Redis may have forgotten."""
        if RedisStream(self.redis, 1).renewed():  # asked first: what is told again waits before the server's run is noted
            return False
        waiting = and_(outbox.c.told_at.is_(None), outbox.c.dead.is_(False))
        owed = and_(deliveries.c.told_at.is_(None), deliveries.c.dead.is_(False))
        with self.database.read() as connection:
            left = sum(connection.execute(select(func.count()).select_from(table).where(which)).scalar_one()
                       for table, which in ((outbox, waiting), (deliveries, owed)))
        return not left and not self.service.repository.awake(system_clock(), 1)

    def numbers(self) -> list[str]:
        """Return the numbers of all tickets."""
        with self.database.read() as connection:
            return list(connection.execute(select(tickets.c.number)).scalars())


@pytest.fixture(params=[
    pytest.param("sqlite", marks=pytest.mark.skipif(not LONG and binaries() is not None, reason="runs in `make long`")),
    pytest.param("postgresql", marks=pytest.mark.skipif(binaries() is None, reason="PostgreSQL is not installed"))])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    with ExitStack() as stack:
        postgres = PostgresServer() if request.param == "postgresql" else None
        if postgres:  # one that nobody else misses while it is dead
            stack.callback(postgres.remove)
            postgres.start()
        url = postgres.url if postgres else f"sqlite:///{tmp_path / 'hotline.db'}"
        (tmp_path / REDIS).mkdir()
        server = RedisServer(tmp_path / REDIS)
        stack.callback(server.stop)
        server.start()
        settings = settings_of(tmp_path, url, redis_url=server.url)
        cipher = load_cipher(settings.personal_keys)
        migrate(url, cipher)
        database, department, secret = connect(url), stack.enter_context(listening()), new_secret()
        stack.callback(database.close)
        SqlHooks(database, cipher).add(Webhook(0, department.url, secret, "城市管理局", LAMP.region))
        office = Office(settings, server, redis.Redis.from_url(settings.redis_url), database, service_of(settings), department, secret, postgres)
        stack.callback(lambda: [process.kill() or process.wait() for process in office.running.values()])
        yield office


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def at_work(office: Office) -> list[str]:
    """Return the processes that have begun to work."""
    return [name for name in office.running if office.at_work(name)]


def check_everything_told(office: Office) -> None:
    """Every act has its event in the stream and at its office's system, every notice its one file, every ticket its cards once."""
    events, notices, own = set(), Counter[str](), set()
    for number in office.numbers():
        ticket, trail = office.service.repository.find(number), office.service.trail(number)
        assert ticket is not None
        assert [entry.version for entry in trail] == list(range(1, ticket.version + 1))
        events |= {f"{number}-{version}" for version in range(ticket.version + 1)}
        before = as_opened(ticket, trail)
        for entry in trail:
            after = before.after(entry)
            notices.update(message.id for message in (notice(before, after, entry),) if message)
            before = after
        cards = [entry.details.card for entry in trail if entry.act is Act.WARN]
        assert cards == [] or cards == [Card.RED]
        if ticket.running:
            assert cards == ([Card.RED] if ticket.due_at and ticket.due_at < system_clock() else [])
        if (ticket.department, ticket.office_region) == ("城市管理局", LAMP.region):
            own |= {f"{number}-{version}" for version in range(ticket.version + 1)}
    assert {fields[b"id"].decode() for _, fields in office.redis.xrange(STREAM)} == events
    assert Counter(path.stem for path in (office.settings.data_dir / "notices").glob("*.txt")) == notices
    assert set(office.department.ids) == own
    headers, body = office.department.requests[-1]
    assert verify(office.secret, headers, body, system_clock()) == headers["webhook-id"]


def test_kill_9_at_any_moment_loses_nothing(office: Office) -> None:
    draw = random.Random(SEED)
    servers = [REDIS] * (1 + KILLS // 5) + [DATABASE, GATEWAY] * (1 + KILLS // 10 if office.postgres else 0)
    victims = draw.sample([*servers, *[""] * (KILLS - len(servers))], KILLS)
    names = ["worker 1", "worker 2", "client 1", "client 2", *([WEB, GATEWAY] if office.postgres else [])]  # in the order in which they are ended
    for name in names:
        office.start(name)
    until(lambda: len(at_work(office)) == len(names))
    for kill in range(KILLS):
        # In the thick of it: most are at work, and something was done since the last kill.
        until(lambda: len(at_work(office)) >= 3 and len(office.promised()) > 2 * kill)  # noqa: B023
        time.sleep(draw.random() / 2)
        victim = victims[kill] or draw.choice(at_work(office))
        office.kill(victim)
        office.start(victim)
    for name in names[2:]:
        if name == WEB:  # through the last gateway too
            until(lambda: office.at_work(WEB))
        office.kill(name)
    until(office.all_told)
    for name in ("worker 1", "worker 2"):
        until(lambda: office.at_work(name))  # noqa: B023
        office.running[name].terminate()
        assert office.running[name].wait(60) == 0
    for number, version in office.promised():
        ticket = office.service.repository.find(number)
        assert ticket is not None
        assert ticket.version >= int(version)
    by_phone = Counter(ticket.phone for number in office.numbers() if (ticket := office.service.repository.find(number)) and ticket.source_channel == "web")
    assert max(by_phone.values(), default=1) == 1, "a request that was repeated opened one ticket"
    assert bool(by_phone) == bool(office.postgres)
    check_everything_told(office)


def test_two_workers_give_each_card_once(office: Office) -> None:
    subprocess.run([sys.executable, "-m", "tests.support.acting_client", str(office.journal(0)), "overdue", "30"], cwd=ROOT, check=True, timeout=PATIENCE,
                   env={**os.environ, "HOTLINE_DATA_DIR": str(office.settings.data_dir), "DATABASE_URL": office.settings.database})
    assert office.service.repository.awake(system_clock(), 1)
    for name in ("worker 1", "worker 2"):
        office.start(name, HOTLINE_WORK)
    for name in ("worker 1", "worker 2"):
        until(lambda: office.at_work(name))  # noqa: B023
    until(office.all_told)
    for process in office.running.values():
        process.terminate()
        assert process.wait(60) == 0
    check_everything_told(office)
