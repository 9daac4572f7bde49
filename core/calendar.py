"""Working days as the State Council publishes them: holidays, and the make-up days (调休) that pay for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

_SATURDAY = 5


@dataclass(frozen=True)
class Due:
    """A due day, and the years on the way to it whose holidays are not published yet (weekends only were counted)."""

    day: date
    unpublished: tuple[int, ...] = ()


@dataclass(frozen=True)
class WorkingCalendar:
    """Holidays and make-up days of the published years; any other year knows weekends only."""

    published: frozenset[int]
    holidays: frozenset[date]
    make_up_days: frozenset[date]

    def is_published(self, year: int) -> bool:
        """Tell whether the holidays of `year` are known."""
        return year in self.published

    def is_working(self, day: date) -> bool:
        """Tell whether offices work on `day`; a make-up Saturday or Sunday counts."""
        if day.year not in self.published:
            return day.weekday() < _SATURDAY
        return day in self.make_up_days or (day.weekday() < _SATURDAY and day not in self.holidays)

    def due(self, start: date, working_days: int) -> Due:
        """Return the last of `working_days` (1 or more), where day 1 is the first working day after `start`.

        Raises ValueError below 1. `start` itself never counts (山东省政务服务热线管理办法: counted from the day after).
        """
        if working_days < 1:
            raise ValueError("working_days must be 1 or more")
        day, left, unpublished = start, working_days, set[int]()
        while left:
            day += timedelta(days=1)
            left -= self.is_working(day)
            if day.year not in self.published:
                unpublished.add(day.year)
        return Due(day, tuple(sorted(unpublished)))


def published_calendar() -> WorkingCalendar:
    """Return the calendar of every year that the installed chinesecalendar knows."""
    holidays, make_up = chinese_calendar.holidays, chinese_calendar.workdays
    # A year's list always has its National Day; a stray first of January may stand there before the year is published.
    published = frozenset(day.year for day in holidays if (day.month, day.day) == (10, 1))
    return WorkingCalendar(published, frozenset(holidays), frozenset(make_up))
