"""What one unit of work stores: the ticket after some acts, the acts, and what must be told of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tickets.deadlines import Deadlines
from tickets.doing import TrailEntry
from tickets.events import Event, Notice, event, notice, opened
from tickets.lessons import Lesson
from tickets.model import Ticket
from tickets.photos.photo import Photo
from tickets.timers import wake_at


@dataclass(frozen=True)
class Change:
    """A ticket that was at version `before` (-1: not stored yet) and what it became; stored whole or not at all."""

    before: int
    ticket: Ticket
    entries: tuple[TrailEntry, ...]
    events: tuple[Event, ...]
    notices: tuple[Notice, ...]
    wake_at: datetime | None
    lessons: tuple[Lesson, ...] = ()
    photos: tuple[Photo, ...] = ()


def change(start: Ticket, entries: tuple[TrailEntry, ...], deadlines: Deadlines, *, new: bool = False) -> Change:
    """Return what to store for `entries` on the ticket `start`; with `new` the ticket itself is told as well."""
    events, notices, ticket = [opened(start)] if new else [], [], start
    for entry in entries:
        before, ticket = ticket, ticket.after(entry)
        events.append(event(before, ticket, entry))
        message = notice(before, ticket, entry)
        if message:
            notices.append(message)
    return Change(-1 if new else start.version, ticket, entries, tuple(events), tuple(notices), wake_at(ticket, deadlines))
