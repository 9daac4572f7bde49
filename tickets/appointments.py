"""Appointments at service centres: which slots there are, which are free, and which one a caller's wish comes nearest to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Iterator, Mapping, Sequence

from core.calendar import WorkingCalendar
from core.clock import SHANGHAI
from tickets.centres import Centre, Centres
from tickets.errors import InvalidTicket
from tickets.model import NewTicket
from tickets.ports import Bookings

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_MIDDAY = time(12)


@dataclass(frozen=True)
class Slot:
    """A moment that can be booked, and how many seats are left."""

    day: date
    start: time
    free: int

    @property
    def at(self) -> datetime:
        return datetime.combine(self.day, self.start, SHANGHAI)

    @property
    def matter(self) -> dict[str, str]:
        """How a ticket keeps it."""
        return {"day": self.day.isoformat(), "slot": f"{self.start:%H:%M}"}


@dataclass(frozen=True)
class Wish:
    """When a caller would like to come, as far as he said: a day, from when, until when."""

    day: date | None = None
    start: time | None = None
    end: time | None = None

    @property
    def empty(self) -> bool:
        return self == Wish()

    def grants(self, slot: Slot) -> bool:
        """Whether a slot is what he asked for."""
        if self.day not in (None, slot.day):
            return False
        return self.start is None or (self.start <= slot.start < self.end if self.end else self.start == slot.start)

    def distance(self, slot: Slot) -> tuple[int, int]:
        """How far off a slot is: in days, then in minutes."""
        days = abs((slot.day - self.day).days) if self.day else 0
        minute, wanted = _minutes(slot.start), _minutes(self.start) if self.start else 0
        if self.start is None or (self.end and wanted <= minute < _minutes(self.end)):
            return days, 0
        return days, abs(minute - wanted)


@dataclass(frozen=True)
class Appointments:
    """Answers what can be booked; a seat itself is taken together with the ticket, by the store."""

    centres: Centres
    calendar: WorkingCalendar
    bookings: Bookings

    def slots(self, code: str, day: date, now: datetime) -> Sequence[Slot]:
        """Return the slots of a day that can still be booked, full ones with none free; empty on a closed day.

        Raises InvalidTicket for an unknown centre.
        """
        centre = self._centre(code)
        taken = self.bookings.taken(code, day, day)
        return [Slot(day, start, max(0, centre.seats - taken.get((day, f"{start:%H:%M}"), 0))) for start in self._starts(centre, day, now)]

    def nearest(self, code: str, wish: Wish, now: datetime) -> Slot | None:
        """Return the free slot that comes nearest to a wish, the earliest of equals; None when all are taken."""
        centre, today = self._centre(code), now.astimezone(SHANGHAI).date()
        last = today + timedelta(days=self.centres.days_ahead)
        taken = self.bookings.taken(code, today, last)
        free = [Slot(day, start, left) for day in _days(today, last) for start in self._starts(centre, day, now)
                if (left := centre.seats - taken.get((day, f"{start:%H:%M}"), 0)) > 0]
        return min(free, key=lambda slot: (wish.distance(slot), slot.at), default=None)

    def checked(self, new: NewTicket, now: datetime) -> NewTicket:
        """Return the request with the region of its centre; whether a seat is left only the store can say.

        Raises InvalidTicket for a centre or slot that does not exist or cannot be booked any more.
        """
        centre = self._centre(new.matter["office"], "matter.office")
        day = date.fromisoformat(new.matter["day"])
        if not self._open(centre, day):
            raise InvalidTicket("那天大厅不上班，请换一天。", "matter.day")
        if time.fromisoformat(new.matter["slot"]) not in self._starts(centre, day, now):
            raise InvalidTicket(f"这个时间不能预约。可以约今后{self.centres.days_ahead}天以内大厅上班的时间。", "matter.slot")
        return replace(new, region=centre.region)

    def _centre(self, code: str, field: str = "office") -> Centre:
        centre = self.centres.get(code)
        if centre is None:
            raise InvalidTicket("没有这个办事大厅，或者它不接受预约。", field)
        return centre

    def _open(self, centre: Centre, day: date) -> tuple[tuple[time, time], ...]:
        if not self.calendar.is_working(day):
            return ()
        return centre.hours.get(0 if day.weekday() > 4 else day.weekday(), ())

    def _starts(self, centre: Centre, day: date, now: datetime) -> Iterator[time]:
        now = now.astimezone(SHANGHAI)
        if not now.date() <= day <= now.date() + timedelta(days=self.centres.days_ahead):
            return
        for opens, closes in self._open(centre, day):
            moment = datetime.combine(day, opens, SHANGHAI)
            while moment + self.centres.slot <= datetime.combine(day, closes, SHANGHAI):
                if moment >= now + self.centres.notice:
                    yield moment.time()
                moment += self.centres.slot


def spoken(slot: Slot) -> str:
    """Return a slot as it is said: 11月24日周二上午9点半."""
    hour = slot.start.hour
    part, hour = ("上午", hour) if slot.start < _MIDDAY else ("中午", hour) if hour == 12 else ("下午", hour - 12)
    minutes = {0: "", 30: "半"}.get(slot.start.minute, f"{slot.start.minute:02d}分")
    return f"{slot.day.month}月{slot.day.day}日{WEEKDAYS[slot.day.weekday()]}{part}{hour}点{minutes}"


def slot_of(matter: Mapping[str, str]) -> Slot:
    """Return the slot that a ticket's matter holds."""
    return Slot(date.fromisoformat(matter["day"]), time.fromisoformat(matter["slot"]), 0)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=count) for count in range((last - first).days + 1))


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
