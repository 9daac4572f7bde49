"""Reports over stored tickets: the tallies in one pass of the database, the ledger as a stream."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, Iterator, Mapping, Sequence

from sqlalchemy import and_, case, func, literal, literal_column, not_, or_, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Float

from core.calendar import WorkingCalendar
from core.cipher import Cipher
from core.clock import SHANGHAI
from core.db import Database, Moment
from tickets.doing import Actor
from tickets.load import RankingRules, Term
from tickets.model import Ticket
from tickets.reports.measures import Dimension, Line, Tally
from tickets.reports.period import Period
from tickets.reports.ratings import CONVERSATION, TICKET, Grades
from tickets.reports.steps import Steps, ends_after, months, working_day_numbers
from tickets.store.conversation_ratings import conversation_ratings
from tickets.store.rows import ticket_of
from tickets.store.tables import tickets
from tickets.views import may_see, seen_by
from tickets.vocabulary import Card, Grade, Result, Role, Status, Urgency

_BATCH = 500  # tickets that a ledger holds at a time
_CALLER = dict.fromkeys(("name", "phone", "id_number", "address", "exact_place", "matter"))
_t = tickets.c


class SqlReports:
    """Counts and lists tickets; `receive` is how soon an office must receive a ticket, by urgency, `rules` how offices are ranked."""

    def __init__(self, database: Database, cipher: Cipher, receive: Mapping[Urgency, Term], calendar: WorkingCalendar,
                 rules: RankingRules = RankingRules()) -> None:
        self._database = database
        self._cipher = cipher
        self._receive = receive
        self._calendar = calendar
        self.rules = rules

    def tallies(self, period: Period, by: Dimension, at: datetime) -> list[Line]:
        """Return one line for each value of a dimension among the tickets opened in a period, as things stand at `at`, in order of key."""
        keys = (*_keys(by, period), _excluded().label("excluded"))
        counts = self._counts(period, at)
        query = select(*keys, *counts).where(_opened_in(period)).group_by(*(literal_column(key.name) for key in keys))
        with self._database.read() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL jit = off"))  # compiling the calendar takes longer than counting by it
            found = connection.execute(query).all()
        tallies: defaultdict[tuple[str, ...], Tally] = defaultdict(Tally)
        for row in found:
            told = {count.name: int(row._mapping[count.name] or 0) for count in counts}
            tally = Tally(opened=told["opened"], excluded=told["opened"]) if row.excluded else Tally(**told)
            tallies[tuple(value or "" for value in row[:len(keys) - 1])] += tally
        return [Line(key, tallies[key]) for key in sorted(tallies)]

    def grades(self, period: Period) -> Grades:
        """Return the grades given in a period: of conversations as they were given, of tickets opened in it unless an appeal was upheld."""
        r = conversation_ratings.c
        talks = select(r.channel, r.grade, func.count()).where(r.at >= period.start, r.at < period.end).group_by(r.channel, r.grade)
        rated = and_(_opened_in(period), _t.rating.is_not(None), _t.rating_excluded.is_(False))
        own = select(_t.source_channel, _t.rating, func.count()).where(rated).group_by(_t.source_channel, _t.rating)
        found: dict[tuple[str, str], dict[Grade, int]] = {}
        with self._database.read() as connection:
            for what, query in ((CONVERSATION, talks), (TICKET, own)):
                for channel, grade, count in connection.execute(query):
                    found.setdefault((what, channel), {})[Grade(grade)] = count
        return found

    def ledger(self, period: Period, actor: Actor, callers: bool = False) -> Iterator[Ticket]:
        """Yield the tickets opened in a period as `actor` may see them, oldest first; a department gets what it answers for.

        Without `callers` nothing of the caller is even read. Raises KeysFaulty when no key reads a personal column.
        """
        query = select(tickets).where(_opened_in(period)).order_by(_t.opened_at, _t.number)
        if actor.role is Role.DEPARTMENT:
            query = query.where(_t.department == actor.department, _t.office_region.is_not_distinct_from(actor.region))
        with self._database.read() as connection:
            for row in connection.execution_options(stream_results=True, max_row_buffer=_BATCH).execute(query):
                told = dict(row._mapping) if callers else {**row._mapping, **_CALLER}
                ticket = ticket_of(told, self._cipher)
                if may_see(ticket, actor):
                    yield seen_by(ticket, actor)

    def _counts(self, period: Period, at: datetime) -> list[Any]:
        """What `Tally` counts of tickets that are not excluded; docs/reports.md has each in words."""
        first, last = period.first, max(period.last, at.astimezone(SHANGHAI).date())
        settled = and_(_t.closed_at.is_not(None), _t.result.is_not(None))
        overdue = and_(_t.running.is_(True), _t.due_at.is_not(None), _t.due_at <= at)
        reached = case((_t.received_at.is_not(None), _t.received_at), (_t.replied_at >= _t.dispatched_at, _t.replied_at), else_=None)
        with_office = and_(_t.dispatched_at.is_not(None), _t.first_contact.is_(False),
                           _t.status.not_in((Status.ACCEPTED.value, Status.RETURNING.value)))
        heard = and_(_t.reached.is_(True), _t.content.is_not(None))
        by_answer = _t.result.in_((Result.SOLVED.value, Result.PARTLY.value))
        graded = and_(_t.rating.is_not(None), _t.rating_excluded.is_(False))
        good = [grade.value for grade in Grade if not grade.bad]
        sent = _t.started_at.is_not(None)
        answered = or_(settled, _t.reworks > 0)
        handled = and_(settled, _t.first_contact.is_(False), _t.replied_at.is_not(None))
        numbers = working_day_numbers(self._calendar, first, last)
        days = _stepped(_t.replied_at, numbers) - _stepped(_t.opened_at, numbers)
        conditions = {
            "settled": settled, "in_hand": not_(settled), "overdue": overdue, "red": _t.card == Card.RED.value, "supervised": _t.supervision > 0,
            "to_receive": and_(with_office, or_(reached.is_not(None), not_(self._in_time(literal(at, Moment), first, last)))),
            "received": and_(with_office, self._in_time(reached, first, last)),
            "solved": and_(settled, or_(and_(heard, _t.content.is_(True)), and_(not_(heard), by_answer))),
            "graded": graded, "satisfied": and_(graded, _t.rating.in_(good)),
            "due": or_(and_(settled, _t.due_at.is_not(None)), overdue),
            "on_time": and_(settled, _t.late.is_(False), _t.replied_at < _t.due_at),
            "sent": sent, "returned": and_(sent, _t.returns > 0), "answered": answered, "reworked": and_(answered, _t.reworks > 0),
            "first_contact": _t.first_contact.is_(True), "handled": handled,
        }
        return [func.count().label("opened"), *(func.count().filter(condition).label(name) for name, condition in conditions.items()),
                func.sum(_t.urged).label("urges"), func.sum(days).filter(handled).label("working_days")]

    def _in_time(self, moment: Any, first: Any, last: Any) -> Any:
        """Whether a moment is within the time to receive what was dispatched last."""
        def within(term: Term) -> Any:
            if term.hours is not None:
                return _HoursBetween(_t.dispatched_at, moment) < term.hours
            return moment < _stepped(_t.dispatched_at, ends_after(self._calendar, term.working_days or 1, first, last), Moment)
        return or_(*(and_(_t.urgency == urgency.value, within(term)) for urgency, term in self._receive.items()))


class _HoursBetween(FunctionElement):
    """Hours on the clock from one moment to another."""

    type = Float()
    inherit_cache = True


def _hours_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(julianday({end}) - julianday({start})) * 24"


def _hours_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXTRACT(EPOCH FROM {end} - {start}) / 3600"


compiles(_HoursBetween, "sqlite")(_hours_sqlite)
compiles(_HoursBetween, "postgresql")(_hours_postgresql)


def _stepped(moment: Any, steps: Steps[Any], kind: Any = None) -> Any:
    """The value of `steps` at a moment, as a tree of comparisons: a year of days costs nine of them."""
    def value(found: Any) -> Any:
        return literal(found, kind) if kind else literal(found)

    def tree(before: Any, changes: Sequence[tuple[datetime, Any]]) -> Any:
        if not changes:
            return value(before)
        middle = len(changes) // 2
        since, found = changes[middle]
        return case((moment < since, tree(before, changes[:middle])), else_=tree(found, changes[middle + 1:]))
    return tree(steps.first, steps.changes)


def _keys(by: Dimension, period: Period) -> list[Any]:
    return {
        Dimension.DEPARTMENT: [_t.department, _t.office_region], Dimension.REGION: [_t.region], Dimension.CATEGORY: [_t.category],
        Dimension.TYPE: [_t.type], Dimension.QUEUE: [_t.queue], Dimension.MONTH: [_stepped(_t.opened_at, months(period)).label("month")],
    }[by]


def _opened_in(period: Period) -> Any:
    return and_(_t.opened_at >= period.start, _t.opened_at < period.end)


def _excluded() -> Any:
    """Merged into another, withdrawn, or refused; of archived ones a refusal has no result, and what was withdrawn was never closed."""
    return or_(_t.lead.is_not(None), _t.status.in_((Status.WITHDRAWN.value, Status.REFUSED.value)),
               and_(_t.status == Status.ARCHIVED.value, or_(_t.result.is_(None), _t.closed_at.is_(None))))
