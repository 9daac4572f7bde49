"""Values that change at known moments, so that a database can count by the working calendar without knowing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Callable, Generic, TypeVar

from core.calendar import WorkingCalendar
from core.clock import SHANGHAI
from tickets.reports.period import Period, month_of

Value = TypeVar("Value")


@dataclass(frozen=True)
class Steps(Generic[Value]):
    """`first` until the first change, then each value from its moment on; the moments rise."""

    first: Value
    changes: tuple[tuple[datetime, Value], ...] = ()

    def at(self, moment: datetime) -> Value:
        """Return the value at a moment."""
        return next((value for since, value in reversed(self.changes) if moment >= since), self.first)


def working_day_numbers(calendar: WorkingCalendar, first: date, last: date) -> Steps[int]:
    """Return how many working days after `first` have begun: the difference of two moments is the working days between them."""
    count, changes = 0, []
    for day in _days(first + timedelta(days=1), last):
        if calendar.is_working(day):
            count += 1
            changes.append((_begin(day), count))
    return Steps(0, tuple(changes))


def ends_after(calendar: WorkingCalendar, working_days: int, first: date, last: date) -> Steps[datetime]:
    """Return, for what begins on a day, the first moment after so many working days more."""
    return _by_day(lambda day: _begin(calendar.due(day, working_days).day + timedelta(days=1)), first, last)


def months(period: Period) -> Steps[str]:
    """Return the month, as 2026-10."""
    return _by_day(lambda day: f"{day:%Y-%m}", month_of(period.first).first, period.last)


def _by_day(value_of: Callable[[date], Value], first: date, last: date) -> Steps[Value]:
    initial = newest = value_of(first)
    changes: list[tuple[datetime, Value]] = []
    for day in _days(first + timedelta(days=1), last):
        value = value_of(day)
        if value != newest:
            newest = value
            changes.append((_begin(day), value))
    return Steps(initial, tuple(changes))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=place) for place in range((last - first).days + 1)]


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI)
