"""Lists of tickets for staff: what is wanted, newest first, and where the next page begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Sequence

from core.clock import SHANGHAI
from tickets.errors import InvalidTicket
from tickets.model import Ticket
from tickets.vocabulary import Card, Pending, Queue, Status

MOST = 100  # tickets on a page
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_CURSOR = re.compile(r"(\d{1,17})-(\d{16})")


@dataclass(frozen=True)
class Place:
    """Where a page ended: the moment of opening and the number of its last ticket."""

    opened_at: datetime
    number: str

    @property
    def cursor(self) -> str:
        """Return the place as a word that `place_of` reads."""
        return f"{(self.opened_at - _EPOCH) // timedelta(microseconds=1)}-{self.number}"


def place_of(cursor: str) -> Place:
    """Return the place that a cursor names; raises InvalidTicket."""
    found = _CURSOR.fullmatch(cursor)
    if not found:
        raise InvalidTicket("翻页标记不对，请从第一页重新查。", "after")
    return Place((_EPOCH + timedelta(microseconds=int(found[1]))).astimezone(SHANGHAI), found[2])


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; None does not narrow. `region` may be a county, a city (370100) or the province (370000)."""

    status: Status | None = None
    department: str | None = None
    office_region: str | None = None
    region: str | None = None
    category: str | None = None
    queue: Queue | None = None
    card: Card | None = None
    pending: Pending | None = None
    phone: str | None = None    # digits only
    helper: str | None = None   # a department that was asked to help
    after: Place | None = None

    @property
    def region_prefix(self) -> str | None:
        """Return how the codes of all places in `region` begin."""
        return re.sub(r"(00){1,2}$", "", self.region) if self.region else None


@dataclass(frozen=True)
class Page:
    """Some tickets, newest first; `next` is where the following page begins, None on the last one."""

    tickets: Sequence[Ticket]
    next: Place | None


def page(found: Sequence[Ticket], limit: int) -> Page:
    """Return the page that `found` makes, of which one more than `limit` was asked for."""
    shown = found[:limit]
    return Page(shown, Place(shown[-1].opened_at, shown[-1].number) if len(found) > limit else None)
