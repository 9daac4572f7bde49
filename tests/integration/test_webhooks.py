import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from cli.main import app
from core.cipher import load_cipher
from core.clock import system_clock
from core.db import Database, connect, migrate
from core.settings import Settings
from tests.support.department import Department, listening
from tests.support.office import AT, request, service_of, settings_of
from tests.support.postgres import empty
from tickets.hooks import Poster, Webhook
from tickets.service import TicketService
from tickets.store.hooks import SqlHooks, webhooks
from tickets.store.outbox import SqlOutbox
from tickets.telling import BackOff, new_secret, verify
from tickets.worker import Deliveries

POSTGRES = os.environ.get("TEST_DATABASE_URL", "")
LEASE = timedelta(seconds=600)
BACK_OFF = BackOff(timedelta(seconds=5), timedelta(hours=6), most=3)
SECRET = new_secret()
OFFICE = ("城市管理局", "370102")


class Clock:
    """Stands still until moved."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def department() -> Iterator[Department]:
    with listening() as department:
        yield department


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
def hooks(settings: Settings, database: Database) -> SqlHooks:
    return SqlHooks(database, load_cipher(settings.personal_keys))


@pytest.fixture
def tickets(settings: Settings) -> TicketService:
    return service_of(settings)


def hook(url: str, **fields: object) -> Webhook:
    return replace(Webhook(0, url, SECRET, *OFFICE), **fields)


def relayed(tickets: TicketService, hooks: SqlHooks, database: Database, *numbers: int) -> list[str]:
    """Open tickets and let their events wait for the webhooks; return the ids of the events in order."""
    for n in numbers:
        tickets.open(request(n), AT)
    letters = SqlOutbox(database).claim("event", 99, AT, LEASE)
    hooks.enqueue(letters)
    return [letter.id for letter in letters]


def posting(hooks: SqlHooks, clock: Clock, timeout: float = 20.0) -> Deliveries:
    return Deliveries(hooks, Poster(timeout, (), clock), clock, LEASE, BACK_OFF)


def test_a_department_is_told_of_its_tickets_signed_and_in_order(tickets: TicketService, hooks: SqlHooks, database: Database,
                                                                 department: Department) -> None:
    hooks.add(hook(department.url))
    hooks.add(hook(department.url + "/other", office_region="370103"))
    ids = relayed(tickets, hooks, database, 1, 2)
    step = posting(hooks, Clock()).step
    assert (step(), step()) == (True, False)
    assert department.ids == ids
    for headers, body in department.requests:
        told = json.loads(body)
        assert verify(SECRET, headers, body, AT) == f"{told['data']['number']}-{ids.index(headers['webhook-id']) % 3}"
        assert told["data"]["department"] == OFFICE[0]
    assert "13812345678" not in b"".join(body for _, body in department.requests).decode()


def test_events_that_are_relayed_twice_wait_once(tickets: TicketService, hooks: SqlHooks, database: Database, department: Department) -> None:
    hooks.add(hook(department.url))
    ids = relayed(tickets, hooks, database, 1)
    step = posting(hooks, Clock()).step
    step()
    assert hooks.enqueue(SqlOutbox(database).claim("event", 99, AT + LEASE, LEASE)) == 0
    assert step() is False
    assert department.ids == ids


def test_a_system_that_is_down_rests_longer_and_longer_and_gets_everything_later(tickets: TicketService, hooks: SqlHooks, database: Database,
                                                                                 department: Department) -> None:
    hooks.add(hook(department.url))
    ids = relayed(tickets, hooks, database, 1)
    department.statuses = [503, 429]
    clock = Clock()
    step = posting(hooks, clock).step
    assert step()
    for pause in (5, 15):
        clock.now += timedelta(seconds=pause - 1)
        assert not step()
        clock.now += timedelta(seconds=1)
        assert step()
    assert department.ids == [ids[0], ids[0], *ids]
    assert [one.failures for one in hooks.all()] == [0]


def test_what_could_not_be_told_is_a_dead_letter_and_can_be_sent_again(tickets: TicketService, hooks: SqlHooks, database: Database,
                                                                       department: Department) -> None:
    number = hooks.add(hook(department.url))
    ids = relayed(tickets, hooks, database, 1)
    department.statuses = [500] * 3
    clock = Clock()
    step = posting(hooks, clock).step
    for _ in range(5):
        step()
        clock.now += timedelta(hours=7)
    assert department.ids == [ids[0]] * 3
    assert [(letter.id, letter.tries, one.id, fault) for letter, one, fault in hooks.dead(9)] == [
        (id, 3, number, "对方系统异常（HTTP 500）") for id in reversed(ids)]
    assert SqlOutbox(database).forget(clock.now + timedelta(days=99), 9) == 0
    assert (hooks.again(clock.now, ids[2]), hooks.again(clock.now, webhook=number + 1), hooks.again(clock.now, webhook=number)) == (1, 0, 2)
    assert step()
    assert department.ids[3:] == ids
    assert hooks.dead(9) == []


def test_what_a_system_refuses_does_not_hold_up_the_rest(tickets: TicketService, hooks: SqlHooks, database: Database, department: Department) -> None:
    hooks.add(hook(department.url))
    ids = relayed(tickets, hooks, database, 1)
    department.broken[ids[1]] = 422
    clock = Clock()
    step = posting(hooks, clock).step
    for _ in range(4):
        step()
        clock.now += timedelta(hours=7)
    assert department.ids == [*ids, ids[1], ids[1]]
    assert [(letter.id, fault) for letter, _, fault in hooks.dead(9)] == [(ids[1], "对方拒收（HTTP 422）")]


def test_a_system_that_is_down_holds_up_no_other(tickets: TicketService, hooks: SqlHooks, database: Database, department: Department) -> None:
    hooks.add(hook("http://127.0.0.1:1/"))
    hooks.add(hook(department.url))
    ids = relayed(tickets, hooks, database, 1)
    step = posting(hooks, Clock()).step
    assert (step(), step(), step()) == (True, True, False)
    assert department.ids == ids


def test_a_redirect_is_not_followed(tickets: TicketService, hooks: SqlHooks, database: Database, department: Department) -> None:
    hooks.add(hook(department.url))
    ids = relayed(tickets, hooks, database, 1)
    department.statuses = [307]
    posting(hooks, Clock()).step()
    assert department.ids == ids[:1]
    assert [one.failures for one in hooks.all()] == [1]


def test_a_system_that_never_answers_is_left_waiting(tickets: TicketService, hooks: SqlHooks, database: Database, department: Department) -> None:
    hooks.add(hook(department.url))
    relayed(tickets, hooks, database, 1)
    department.hang.clear()
    posting(hooks, Clock(), timeout=0.2).step()
    assert [one.failures for one in hooks.all()] == [1]


def test_while_one_worker_has_the_turn_another_has_none(tickets: TicketService, hooks: SqlHooks, database: Database) -> None:
    hooks.add(hook("https://example.com/"))
    ids = relayed(tickets, hooks, database, 1)
    turn = hooks.take_turn(AT, LEASE, 2)
    assert turn is not None
    assert [letter.id for letter in turn.letters] == ids[:2]
    assert hooks.take_turn(AT, LEASE, 2) is None
    taken_up = hooks.take_turn(AT + LEASE, LEASE, 2)  # the first worker has died
    assert taken_up is not None
    assert taken_up.letters == turn.letters


def test_events_from_before_a_webhook_are_not_for_it(tickets: TicketService, hooks: SqlHooks, database: Database) -> None:
    relayed(tickets, hooks, database, 1)
    hooks.add(hook("https://example.com/"))
    assert hooks.take_turn(AT, LEASE, 9) is None


def test_a_removed_webhook_takes_what_waits_with_it(tickets: TicketService, hooks: SqlHooks, database: Database) -> None:
    number = hooks.add(hook("https://example.com/"))
    relayed(tickets, hooks, database, 1)
    assert (hooks.remove(number), hooks.remove(number)) == (True, False)
    assert hooks.take_turn(AT, LEASE, 9) is None
    assert hooks.all() == []


def test_the_secret_is_encrypted_in_the_database(hooks: SqlHooks, database: Database) -> None:
    hooks.add(hook("https://example.com/"))
    with database.read() as connection:
        stored = connection.execute(select(webhooks.c.secret)).scalar_one()
    assert SECRET not in stored
    assert hooks.all()[0].secret == SECRET


@pytest.fixture
def hotline(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DATABASE_URL", settings.database)
    monkeypatch.setattr("cli.common.console.width", 250)
    monkeypatch.setattr("cli.common.errors.width", 250)
    yield CliRunner()


def said(runner: CliRunner, *words: str) -> tuple[int, str]:
    result = runner.invoke(app, ["webhooks", *words])
    return result.exit_code, result.output


def test_webhooks_are_added_listed_and_removed_on_the_command_line(hotline: CliRunner, hooks: SqlHooks) -> None:
    code, told = said(hotline, "add", "https://example.com/hook", "--department", OFFICE[0], "--region", OFFICE[1], "--event", "ticket.overdue")
    one, = hooks.all()
    assert (code, one.url, one.department, one.office_region, one.events) == (0, "https://example.com/hook", *OFFICE, ("ticket.overdue",))
    assert one.secret in told
    code, told = said(hotline, "list")
    assert code == 0
    assert OFFICE[0] in told
    assert one.secret not in told
    assert said(hotline, "remove", str(one.id))[0] == 0
    assert said(hotline, "remove", str(one.id))[0] == 1


@pytest.mark.parametrize("words", [
    ("http://example.com/",), ("https://example.com/", "--event", "ticket.eaten"), ("https://example.com/", "--secret-from", "-"),
    ("https://example.com/", "--region", "370102"),
])
def test_what_cannot_be_a_webhook_is_refused(hotline: CliRunner, hooks: SqlHooks, words: tuple[str, ...]) -> None:
    assert said(hotline, "add", *words)[0] == 1
    assert hooks.all() == []


def test_a_given_secret_comes_from_standard_input_and_never_from_an_option(hotline: CliRunner, hooks: SqlHooks) -> None:
    assert hotline.invoke(app, ["webhooks", "add", "https://example.com/", "--secret-from", "-"], input=f"{SECRET}\n").exit_code == 0
    assert hooks.all()[0].secret == SECRET
    assert hotline.invoke(app, ["webhooks", "add", "https://example.com/", "--secret", SECRET]).exit_code == 2


def test_dead_letters_are_listed_and_sent_again_on_the_command_line(hotline: CliRunner, hooks: SqlHooks, tickets: TicketService,
                                                                    database: Database) -> None:
    number = hooks.add(hook("https://example.com/"))
    ids = relayed(tickets, hooks, database, 1)
    hooks.put_off(number, ids[0], None, "对方拒收")
    notice, = SqlOutbox(database).claim("notice", 9, AT, LEASE)
    SqlOutbox(database).put_off([notice.id], None, "号码不对")
    told = said(hotline, "dead")[1]
    assert ids[0] in told
    assert notice.id in told
    assert "2 条" in said(hotline, "retry")[1]
    assert (hooks.dead(9), SqlOutbox(database).dead(9)) == ([], [])
    turn = hooks.take_turn(system_clock() + timedelta(days=1), LEASE, 9)
    assert turn is not None
    assert ids[0] in [letter.id for letter in turn.letters]
