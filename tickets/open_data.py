"""What anybody may know of a ticket: nothing of the caller, not his words, and a place only roughly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Mapping

from core.clock import SHANGHAI
from core.pii import mask
from tickets.validation import without_firm
from tickets.vocabulary import Status

STEPS = 200  # to a degree: places are told to about five hundred metres
_DONE = frozenset(status.value for status in (Status.CLOSED, Status.FOLLOWED_UP, Status.RATED, Status.ARCHIVED, Status.REFUSED, Status.WITHDRAWN))


@dataclass(frozen=True)
class PublicTicket:
    """One ticket as the public sees it; `updated_at` is its newest act, `due_at` the first moment that is too late; all moments are told as days.

    `public_id` names it to the public, who could ask after the caller's affair with its `number`.
    """

    number: str
    public_id: str | None
    type: str
    category: str
    department: str
    status: str
    region: str | None
    opened_at: datetime
    updated_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    result: str | None
    rating: str | None
    latitude: float | None
    longitude: float | None

    @property
    def closed(self) -> bool:
        """Whether nothing more is done about it."""
        return self.status in _DONE

    def place(self) -> tuple[float, float] | None:
        """Return longitude and latitude, each rounded, or None where no place is known."""
        longitude, latitude = rough(self.longitude), rough(self.latitude)
        return None if longitude is None or latitude is None else (longitude, latitude)


@dataclass(frozen=True)
class TypicalCase:
    """A closed complaint of the business environment whose caller let it be told without his name."""

    category: str
    region: str | None
    closed_at: datetime
    result: str
    answer: str
    enterprise: str | None

    def told(self) -> str:
        """Return the answer without numbers and with the enterprise, by its full or its short name, as 某企业."""
        return mask(without_firm(self.answer, self.enterprise, "某企业"))


# Columns of the typical cases, in order.
TYPICAL_COLUMNS = ("分类", "区县", "办结月份", "办理结果", "答复")
# Columns of the open-data export, in order.
COLUMNS = ("编号", "诉求类型", "分类", "主办单位", "状态", "区划", "受理时间", "办结时间", "办理结果", "满意度", "经度", "纬度")


def rough(degrees: float | None) -> float | None:
    """Return degrees rounded so far that no house is told from its neighbours."""
    return None if degrees is None else round(degrees * STEPS) / STEPS


def row(ticket: PublicTicket, serial: int) -> list[Any]:
    """Return a ticket as a row of COLUMNS; its own number stays at home, `serial` tells it apart."""
    place = ticket.place() or (None, None)
    return [serial, ticket.type, ticket.category, ticket.department, Status(ticket.status).label, ticket.region, _day(ticket.opened_at),
            _day(ticket.closed_at), ticket.result, ticket.rating, *place]


def feature(ticket: PublicTicket, serial: int) -> dict[str, Any] | None:
    """Return a ticket as a GeoJSON feature (RFC 7946), None where no place is known."""
    place = ticket.place()
    if place is None:
        return None
    properties: Mapping[str, Any] = dict(zip(COLUMNS[1:-2], row(ticket, serial)[1:-2]))
    return {"type": "Feature", "id": serial, "geometry": {"type": "Point", "coordinates": list(place)}, "properties": properties}


def typical_row(case: TypicalCase, county: str) -> list[str]:
    """Return a typical case as a row of TYPICAL_COLUMNS; its day stays at home."""
    return [case.category, county, case.closed_at.astimezone(SHANGHAI).strftime("%Y-%m"), case.result, case.told()]


def midnight(at: datetime) -> datetime:
    """Return the beginning of the day of a moment: what the public learns of it."""
    return datetime.combine(at.astimezone(SHANGHAI).date(), time(0), SHANGHAI)


def _day(at: datetime | None) -> str | None:
    return at.astimezone(SHANGHAI).date().isoformat() if at else None
