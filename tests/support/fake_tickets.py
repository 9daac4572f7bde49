"""Tickets in memory, behind the same port as the database."""

from __future__ import annotations

from datetime import datetime
from typing import Sequence

from tickets.change import Change
from tickets.duplicates import MERGEABLE
from tickets.errors import NumberTaken, StaleTicket
from tickets.listing import Wanted
from tickets.model import Ticket, TrailEntry
from tickets.vocabulary import Status


class FakeTickets:
    """Keeps tickets in a dictionary; can be told to be overtaken by others."""

    def __init__(self) -> None:
        self.tickets: dict[str, Ticket] = {}
        self.entries: list[TrailEntry] = []
        self.changes: list[Change] = []
        self.waking: dict[str, datetime | None] = {}
        self.overtaken = 0

    def add(self, change: Change) -> bool:
        if self.find_request(change.ticket.request_digest):
            return False
        if change.ticket.number in self.tickets:
            raise NumberTaken
        self._keep(change)
        return True

    def save(self, *changes: Change) -> None:
        if self.overtaken:
            self.overtaken -= 1
            raise StaleTicket
        for change in changes:
            known = self.tickets.get(change.ticket.number)
            if (known.version if known else -1) != change.before:
                raise StaleTicket(change.ticket.number)
        for change in changes:
            self._keep(change)

    def find(self, number: str) -> Ticket | None:
        return self.tickets.get(number)

    def find_request(self, request_digest: str) -> Ticket | None:
        return next((ticket for ticket in self.tickets.values() if ticket.request_digest == request_digest), None)

    def children(self, number: str) -> Sequence[Ticket]:
        return [ticket for ticket in self.tickets.values() if ticket.lead == number and ticket.status is Status.MERGED]

    def awake(self, at: datetime, limit: int) -> Sequence[str]:
        due = sorted((when, number) for number, when in self.waking.items() if when and when <= at)
        return [number for _, number in due][:limit]

    def running(self, after: str, limit: int) -> Sequence[str]:
        return sorted(number for number, ticket in self.tickets.items() if ticket.running and not ticket.by_hours and number > after)[:limit]

    def trail(self, number: str) -> Sequence[TrailEntry]:
        return [entry for entry in self.entries if entry.number == number]

    def recent(self, limit: int, department: str | None = None, office_region: str | None = None) -> Sequence[Ticket]:
        return [ticket for ticket in self.tickets.values()
                if department in (None, ticket.department) and office_region in (None, ticket.office_region)][:limit]

    def listed(self, wanted: Wanted, limit: int) -> Sequence[Ticket]:
        found = sorted((ticket for ticket in self.tickets.values() if _fits(ticket, wanted)), key=_newest, reverse=True)
        return found[:limit]

    def of_phone(self, phone: str, limit: int) -> Sequence[Ticket]:
        return [ticket for ticket in self.tickets.values() if ticket.phone == phone][:limit]

    def open_about(self, category: str, region: str | None, since: datetime, limit: int) -> Sequence[Ticket]:
        found = [ticket for ticket in self.tickets.values() if (ticket.category, ticket.region) == (category, region)
                 and ticket.opened_at >= since and ticket.status in MERGEABLE]
        return sorted(found, key=lambda ticket: ticket.opened_at, reverse=True)[:limit]

    def _keep(self, change: Change) -> None:
        self.tickets[change.ticket.number] = change.ticket
        self.entries.extend(change.entries)
        self.changes.append(change)
        self.waking[change.ticket.number] = change.wake_at


def _newest(ticket: Ticket) -> tuple[datetime, str]:
    return ticket.opened_at, ticket.number


def _fits(ticket: Ticket, wanted: Wanted) -> bool:
    pairs = [(wanted.status, ticket.status), (wanted.department, ticket.department), (wanted.office_region, ticket.office_region),
             (wanted.category, ticket.category), (wanted.queue, ticket.queue), (wanted.card, ticket.card), (wanted.pending, ticket.pending),
             (wanted.phone, ticket.phone)]
    return (all(asked in (None, there) for asked, there in pairs) and (ticket.region or "").startswith(wanted.region_prefix or "")
            and (wanted.helper is None or wanted.helper in ticket.helpers)
            and (wanted.after is None or _newest(ticket) < (wanted.after.opened_at, wanted.after.number)))
