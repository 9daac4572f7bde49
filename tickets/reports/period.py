"""The days that a report covers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.clock import SHANGHAI

_EARLIEST = date(2000, 1, 1)


class InvalidPeriod(ValueError):
    """The days make no period; the message is for whoever asked, in Chinese."""


@dataclass(frozen=True)
class Period:
    """From one day to another, both included, in Shanghai time; a ticket belongs to the day on which it was opened."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidPeriod(f"起止日期反了：{self.first}在{self.last}后面。")
        if self.first < _EARLIEST or self.last.year > 9000:
            raise InvalidPeriod(f"日期太早或者太晚：{self.first}到{self.last}。")

    @property
    def start(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(0), SHANGHAI)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(0), SHANGHAI)

    @property
    def label(self) -> str:
        """How it is written over a report."""
        return f"{self.first:%Y-%m-%d}至{self.last:%Y-%m-%d}"


def month_of(day: date) -> Period:
    """Return the month that holds a day."""
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def read_period(today: date, month: str | None = None, first: str | None = None, last: str | None = None) -> Period:
    """Return the period that was asked for: a month as 2026-10, or days as 2026-10-01; this month when nothing is.

    A first day alone reaches to today. Raises InvalidPeriod.
    """
    if month is not None and (first or last):
        raise InvalidPeriod("月份和起止日期只写一样。")
    if month is not None:
        if not re.fullmatch(r"\d{4}-\d{2}", month):
            raise InvalidPeriod(f"“{month}”不是月份，请写成 2026-10 这样。")
        return month_of(_day(f"{month}-01"))
    if last and not first:
        raise InvalidPeriod("写了截止日期，还要写开始日期。")
    if first:
        return Period(_day(first), _day(last) if last else max(today, _day(first)))
    return month_of(today)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidPeriod(f"“{text}”不是日期，请写成 2026-10-01 这样。") from None
