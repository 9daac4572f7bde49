"""What the database counts against the same definitions in plain Python, on SQLite and PostgreSQL; the ledger; the commands."""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result
from sqlalchemy import update
from typer.testing import CliRunner

from cli import common, main
from core.calendar import published_calendar
from core.cipher import load_cipher
from core.clock import SHANGHAI
from core.db import connect, migrate
from core.settings import Settings
from tests.support.postgres import empty
from tickets.bootstrap import build, build_reports
from tickets.change import Change
from tickets.conversation_ratings import rating_of
from tickets.doing import CALLER, SYSTEM, Actor, Details
from tickets.events import opened
from tickets.load import load_policy
from tickets.model import Act, Card, Grade, NewTicket, Queue, Role, Status, Ticket, TicketType, Urgency
from tickets.model import Result as Outcome
from tickets.reports.measures import Dimension, Line, Tally, total
from tickets.reports.period import Period
from tickets.store.conversation_ratings import SqlConversationRatings
from tickets.store.reports import SqlReports
from tickets.store.sql import SqlTickets
from tickets.store.tables import tickets

POSTGRES = os.environ.get("TEST_DATABASE_URL", "")
POLICY, CALENDAR = load_policy(), published_calendar()
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
AT = datetime(2026, 11, 6, 15, 20, tzinfo=SHANGHAI)
CENTRE, CITY = Actor(Role.SUPERVISOR), Actor(Role.DEPARTMENT, "", "城市管理局", "370102")
DISTRICTS = ("370102", "370103", None)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.skipif(not POSTGRES, reason="TEST_DATABASE_URL is not set"))])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "postgresql":
        empty(POSTGRES)
    settings = Settings(data_dir=tmp_path / "data", database_url=POSTGRES if request.param == "postgresql" else "")
    migrate(settings.database, load_cipher(settings.personal_keys))
    return settings


@pytest.fixture
def store(settings: Settings) -> Iterator[SqlTickets]:
    database = connect(settings.database)
    yield SqlTickets(database, load_cipher(settings.personal_keys))
    database.close()


@pytest.fixture
def reports(settings: Settings) -> SqlReports:
    return build_reports(settings)


def keep(store: SqlTickets, *tickets: Ticket) -> None:
    def change(ticket: Ticket) -> Change:
        _, entry = replace(ticket, status=Status.SUBMITTED, version=0).perform(Act.ACCEPT, by=SYSTEM, at=ticket.opened_at)
        return Change(-1, ticket, (entry,), (opened(ticket),), (), None)
    store.save(*map(change, tickets))


def some(number: int, at: datetime = datetime(2026, 10, 12, 9, tzinfo=SHANGHAI), **fields: Any) -> Ticket:
    plain = Ticket(f"{number:016d}", TicketType.COMPLAINT, "路灯坏了", "路灯坏了", "路灯不亮", "城市管理局", Urgency.GENERAL, "web", at, at,
                   f"{number:064d}", region="370102", office_region="370102")
    return replace(plain, **fields)


def any_ticket(number: int, chance: random.Random) -> Ticket:
    """A ticket in any state, whether acts could lead there or not: the definitions must hold for all."""
    def moment(since: datetime, hours: float, latest: datetime = AT) -> datetime:
        return min(since + timedelta(minutes=int(chance.uniform(0, hours * 60)) + 1, seconds=17), latest)

    def maybe(value: Any, share: float = 0.7) -> Any:
        return value if chance.random() < share else None
    at = datetime(2026, 9, 28, tzinfo=SHANGHAI) + timedelta(minutes=chance.randrange(37 * 24 * 60))
    dispatched = maybe(moment(at, 60), 0.9)
    replied = maybe(moment(at, 300))
    return some(
        number, at, type=chance.choice(list(TicketType)), queue=maybe(chance.choice(list(Queue)), 0.3), urgency=chance.choice(list(Urgency)),
        category=chance.choice(("路灯不亮", "企业排污", "供水停水")), department=chance.choice(("城市管理局", "生态环境局")),
        office_region=chance.choice(DISTRICTS), region=chance.choice(DISTRICTS), status=chance.choice(list(Status)), dispatched_at=dispatched,
        started_at=dispatched and at, received_at=maybe(dispatched and moment(dispatched, 80)), due_at=maybe(moment(at, 260, AT + timedelta(days=30))),
        replied_at=replied, closed_at=maybe(moment(replied or at, 100)), running=chance.random() < 0.3, late=chance.random() < 0.2,
        result=maybe(chance.choice(list(Outcome))), reached=maybe(chance.random() < 0.6), content=maybe(chance.random() < 0.6),
        rating=maybe(chance.choice(list(Grade))), rating_excluded=chance.random() < 0.2, first_contact=chance.random() < 0.2,
        returns=chance.choice((0, 0, 1, 2)), reworks=chance.choice((0, 0, 1)), urged=chance.choice((0, 1, 4)), supervision=chance.choice((0, 0, 1)),
        card=maybe(chance.choice(list(Card)), 0.4), lead=maybe("9" * 16, 0.1))


def expected(ticket: Ticket) -> Tally:
    """The definitions of docs/reports.md for one ticket."""
    archived = ticket.status is Status.ARCHIVED
    if (ticket.lead or ticket.status in (Status.WITHDRAWN, Status.REFUSED) or archived and (ticket.result is None or ticket.closed_at is None)):
        return Tally(opened=1, excluded=1)
    settled = ticket.closed_at is not None and ticket.result is not None
    overdue = ticket.running and ticket.due_at is not None and ticket.due_at <= AT
    reached = ticket.received_at
    if reached is None and ticket.replied_at and ticket.dispatched_at and ticket.replied_at >= ticket.dispatched_at:
        reached = ticket.replied_at
    to_receive = received = False
    if ticket.dispatched_at and not ticket.first_contact and ticket.status not in (Status.ACCEPTED, Status.RETURNING):
        term = POLICY.receive[ticket.urgency]
        if term.hours:
            latest = ticket.dispatched_at + timedelta(hours=term.hours)
        else:
            day = CALENDAR.due(ticket.dispatched_at.date(), term.working_days).day + timedelta(days=1)
            latest = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
        received = reached is not None and reached < latest
        to_receive = reached is not None or latest <= AT
    heard = ticket.reached and ticket.content is not None
    solved = settled and (ticket.content if heard else ticket.result in (Outcome.SOLVED, Outcome.PARTLY))
    graded = ticket.rating is not None and not ticket.rating_excluded
    handled = settled and not ticket.first_contact and ticket.replied_at is not None
    days = 0
    if handled:
        day = ticket.opened_at.date()
        while day < ticket.replied_at.date():
            day += timedelta(days=1)
            days += CALENDAR.is_working(day)
    answered = settled or ticket.reworks > 0
    return Tally(
        opened=1, settled=settled, in_hand=not settled, overdue=overdue, red=ticket.card is Card.RED, supervised=ticket.supervision > 0,
        urges=ticket.urged, to_receive=to_receive, received=received, solved=solved, graded=graded, satisfied=graded and not ticket.rating.bad,
        due=settled and ticket.due_at is not None or overdue,
        on_time=settled and not ticket.late and None not in (ticket.due_at, ticket.replied_at) and ticket.replied_at < ticket.due_at,
        sent=ticket.started_at is not None, returned=ticket.started_at is not None and ticket.returns > 0,
        answered=answered, reworked=answered and ticket.reworks > 0, first_contact=ticket.first_contact, handled=handled, working_days=days)


def key_of(ticket: Ticket, by: Dimension) -> tuple[str, ...]:
    return {
        Dimension.DEPARTMENT: (ticket.department, ticket.office_region or ""), Dimension.REGION: (ticket.region or "",),
        Dimension.CATEGORY: (ticket.category,), Dimension.TYPE: (ticket.type.value,),
        Dimension.QUEUE: (ticket.queue.value if ticket.queue else "",), Dimension.MONTH: (f"{ticket.opened_at:%Y-%m}",)}[by]


def test_the_database_counts_by_the_definitions(store: SqlTickets, reports: SqlReports) -> None:
    chance = random.Random(12345)
    tickets = [any_ticket(number, chance) for number in range(1, 601)]
    keep(store, *tickets)
    for period in (OCTOBER, Period(date(2026, 9, 1), date(2026, 11, 30)), Period(date(2026, 10, 8), date(2026, 10, 8))):
        among = [ticket for ticket in tickets if period.first <= ticket.opened_at.date() <= period.last]
        for by in Dimension:
            wanted: dict[tuple[str, ...], Tally] = {}
            for ticket in among:
                wanted[key_of(ticket, by)] = wanted.get(key_of(ticket, by), Tally()) + expected(ticket)
            found = reports.tallies(period, by, AT)
            for line in found:
                assert asdict(line.tally) == asdict(wanted[line.key]), line.key
            assert found == [Line(key, wanted[key]) for key in sorted(wanted)]
    every = total(reports.tallies(OCTOBER, Dimension.TYPE, AT))
    assert min(every.red, every.received, every.on_time, every.reworked, every.overdue, every.working_days) > 0


def test_a_period_without_tickets_has_no_lines(reports: SqlReports) -> None:
    assert [reports.tallies(OCTOBER, by, AT) for by in Dimension] == [[]] * len(Dimension)


def test_the_first_and_the_last_moment_of_a_day_in_shanghai_belong_to_it(store: SqlTickets, reports: SqlReports) -> None:
    midnight = datetime(2026, 10, 1, tzinfo=SHANGHAI)
    keep(store, *(some(number, at) for number, at in enumerate((midnight, OCTOBER.end - timedelta(microseconds=1), OCTOBER.end,
                                                                midnight - timedelta(microseconds=1)))))
    assert total(reports.tallies(OCTOBER, Dimension.MONTH, AT)).opened == 2


def test_a_life_through_the_service_counts_as_it_should(settings: Settings, reports: SqlReports) -> None:
    service = replace(build(settings, None), extract=lambda text: ())
    operator, at = Actor(Role.OPERATOR), datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)

    def life(request: str, *, wait: timedelta, result: Outcome, grade: Grade | None) -> None:
        ticket = service.open(NewTicket(TicketType.HELP, "小区门口路灯坏了一个月没人修", "web", request, region="370102", phone="13812345678"), at).ticket
        office = Actor(Role.DEPARTMENT, "", ticket.department, ticket.office_region)
        service.act(ticket.number, Act.RECEIVE, by=office, at=at + wait)
        service.act(ticket.number, Act.REPLY, by=office, at=at + wait + timedelta(days=1), note="办好了", details=Details(result=result))
        service.act(ticket.number, Act.APPROVE, by=operator, at=at + wait + timedelta(days=1))
        if grade:
            service.act(ticket.number, Act.RATE, by=CALLER, at=at + wait + timedelta(days=2), details=Details(grade=grade))
    life("prompt", wait=timedelta(hours=1), result=Outcome.SOLVED, grade=Grade.GOOD)
    life("slow", wait=timedelta(days=8), result=Outcome.UNSOLVED, grade=None)
    life("bad", wait=timedelta(hours=1), result=Outcome.EXPLAINED, grade=Grade.BAD)
    withdrawn = service.open(NewTicket(TicketType.HELP, "小区门口路灯坏了一个月没人修", "web", "withdrawn", region="370102", phone="13812345678"), at).ticket
    service.act(withdrawn.number, Act.WITHDRAW, by=CALLER, at=at)
    tally, = (line.tally for line in reports.tallies(OCTOBER, Dimension.QUEUE, at + timedelta(days=10)) if line.key == ("",))
    assert (tally.opened, tally.excluded, tally.settled, tally.in_hand) == (4, 1, 2, 1)
    assert (tally.solved, tally.graded, tally.satisfied) == (1, 2, 1)
    assert (tally.received, tally.to_receive) == (1, 3)  # what is handled again has been sent again, and nobody received it
    assert (tally.on_time, tally.due, tally.reworked, tally.answered) == (1, 3, 1, 3)
    followed, = (line.tally for line in reports.tallies(OCTOBER, Dimension.QUEUE, at + timedelta(days=10)) if line.key == ("差评回访",))
    assert followed.opened == 1


# --- the ledger ------------------------------------------------------------------------------------------------------
def test_the_centre_gets_every_ticket_of_the_period_oldest_first(store: SqlTickets, reports: SqlReports) -> None:
    at = datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)
    keep(store, *(some(number, at - timedelta(minutes=number), name="王建国", phone="13812345678") for number in range(1200)), some(5000, OCTOBER.end))
    found = list(reports.ledger(OCTOBER, CENTRE, callers=True))
    assert [ticket.number for ticket in found] == [f"{number:016d}" for number in reversed(range(1200))]
    assert {ticket.phone for ticket in found} == {"13812345678"}
    assert {(ticket.name, ticket.phone) for ticket in reports.ledger(OCTOBER, CENTRE)} == {(None, None)}


def test_a_department_gets_its_own_tickets_and_no_hidden_caller(store: SqlTickets, reports: SqlReports) -> None:
    told = {"name": "王建国", "phone": "13812345678", "id_number": "370102199001011234"}
    keep(store, some(1, **told), some(2, confidential=True, **told), some(3, type=TicketType.REPORT, **told), some(4, anonymous=True, **told),
         some(5, department="生态环境局", **told), some(6, office_region="370103", **told), some(7, office_region=None, **told))
    found = {int(ticket.number): (ticket.name, ticket.phone, ticket.id_number) for ticket in reports.ledger(OCTOBER, CITY, callers=True)}
    assert found == {1: ("王建国", "13812345678", "370102199001011234"), 2: (None,) * 3, 3: (None,) * 3, 4: (None,) * 3}
    citywide = replace(CITY, region=None)
    assert [int(ticket.number) for ticket in reports.ledger(OCTOBER, citywide)] == [7]
    assert list(reports.ledger(OCTOBER, Actor(Role.EDITOR))) == []


# --- the commands ----------------------------------------------------------------------------------------------------
@pytest.fixture
def hotline(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    for console in (common.console, common.errors):
        monkeypatch.setattr(console, "_width", 240)

    def run(*arguments: str) -> Result:
        return CliRunner(mix_stderr=False).invoke(main.app, list(arguments))
    return run


def settled(number: int, **fields: Any) -> Ticket:
    at = datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)
    answer = {"dispatched_at": at, "started_at": at, "received_at": at, "replied_at": at + timedelta(days=1), "closed_at": at + timedelta(days=1),
              "due_at": at + timedelta(days=5), "result": Outcome.SOLVED, "rating": Grade.GOOD, "status": Status.RATED}
    return some(number, **{**answer, **fields})


def test_a_report_is_shown_and_written(store: SqlTickets, hotline: Any, tmp_path: Path) -> None:
    keep(store, *(settled(number) for number in range(6)), settled(9, department="[red]生态环境局"))
    shown = hotline("report", "--month", "2026-10")
    assert shown.exit_code == 0, shown.stderr
    assert all(words in shown.stdout for words in ("城市管理局", "济南市历下区", "[red]生态环境局", "响应率", "合计", "100.0%"))
    csv_file, xlsx_file = tmp_path / "r.csv", tmp_path / "r.xlsx"
    assert hotline("report", "--from", "2026-10-01", "--to", "2026-10-31", "--by", "month", "--csv", str(csv_file), "--xlsx", str(xlsx_file)).exit_code == 0
    with csv_file.open(encoding="utf-8-sig", newline="") as file:
        month, whole = csv.DictReader(file)
    assert (month["月份"], month["办结"], month["解决率"], month["解决率分子"], month["平均工作日"]) == ("2026-10", "7", "100.0%", "7", "1.0")
    assert (whole["月份"], whole["办结"]) == ("合计", "7")
    assert openpyxl.load_workbook(xlsx_file).active.max_row == 3


def test_the_ranking_lists_small_offices_apart(store: SqlTickets, hotline: Any) -> None:
    keep(store, *(settled(number) for number in range(6)), settled(9, department="生态环境局"))
    said = hotline("report", "--month", "2026-10", "--ranking").stdout
    placed, apart = said.split("不排名")
    assert "城市管理局" in placed and "100.00" in placed
    assert "生态环境局" not in placed and "生态环境局" in apart


def test_the_ledger_is_written_for_a_department_with_hostile_titles_defused(store: SqlTickets, hotline: Any, tmp_path: Path) -> None:
    keep(store, settled(1, title="=HYPERLINK(\"http://x\")", name="+王建国", phone="13812345678"),
         settled(2, title="@x", name="王建国", phone="13812345678", confidential=True), settled(3, department="生态环境局"))
    for name in ("l.csv", "l.xlsx"):
        done = hotline("ledger", str(tmp_path / name), "--month", "2026-10", "--department", "城市管理局", "--region", "370102", "--callers")
        assert done.exit_code == 0, done.stderr
        assert "2 张工单" in done.stdout
    with (tmp_path / "l.csv").open(encoding="utf-8-sig", newline="") as file:
        one, hidden = csv.DictReader(file)
    assert (one["工单编号"], one["标题"], one["诉求人"]) == (f"{1:016d}", "'=HYPERLINK(\"http://x\")", "'+王建国")
    assert (hidden["标题"], hidden["诉求人"], hidden["联系电话"]) == ("'@x", "", "")
    sheet = openpyxl.load_workbook(tmp_path / "l.xlsx").active
    assert (sheet.cell(2, 1).value, sheet.cell(2, 1).data_type) == (f"{1:016d}", "s")
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize(("arguments", "words"), [
    (("report", "--month", "十月"), "不是月份"), (("report", "--png", "x.png"), "--ranking"), (("report", "--ranking", "--by", "type"), "只按承办单位"),
    (("report", "--csv", "r.pdf"), "不认识"), (("ledger", "l.csv", "--region", "370102"), "--department"), (("ledger", "l.csv", "--region", "1"), "没有代码"),
], ids=["a month in words", "a picture of no ranking", "a ranking of types", "an unknown kind of file", "a region of no department", "an unknown region"])
def test_wrong_use_is_told_in_words(hotline: Any, arguments: tuple[str, ...], words: str) -> None:
    result = hotline(*arguments)
    assert result.exit_code == 1
    assert words in result.stderr


def test_the_grades_of_a_month_are_counted_by_what_was_rated_and_how_it_came(settings: Settings) -> None:
    database, service = connect(settings.database), build(settings, None)
    october = datetime(2026, 10, 5, 9, tzinfo=SHANGHAI)
    ratings = SqlConversationRatings(database)
    for session, channel, grade, at in (("a", "web", Grade.GOOD, october), ("b", "web", Grade.BAD, october), ("c", "ivr", Grade.GOOD, AT)):
        ratings.add(rating_of(session, channel, grade, at))
    for request, excluded in (("r1", False), ("r2", True)):
        ticket = service.open(NewTicket(TicketType.HELP, "路灯坏了", "ivr", request, phone="13812345678"), october).ticket
        with database.write() as connection:
            connection.execute(update(tickets).where(tickets.c.number == ticket.number).values(rating="满意", rating_excluded=excluded))
    found = build_reports(settings).grades(OCTOBER)
    database.close()
    assert found == {("会话", "web"): {Grade.GOOD: 1, Grade.BAD: 1}, ("工单", "ivr"): {Grade.GOOD: 1}}
