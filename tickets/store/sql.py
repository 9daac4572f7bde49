"""The repository of tickets over one database; each method is one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Mapping, Sequence

from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.cipher import Cipher
from core.db import Database
from tickets.change import Change
from tickets.duplicates import MERGEABLE
from tickets.errors import NumberTaken, StaleTicket
from tickets.listing import Wanted
from tickets.model import Ticket, TrailEntry
from tickets.store.appointments import give_back_seat, take_seat
from tickets.store.lessons import keep as keep_lessons
from tickets.store.listing import listed
from tickets.store.photos import keep as keep_photos
from tickets.store.renewal import encrypting
from tickets.store.rows import act_row, entry_of, outbox_rows, ticket_of, ticket_row
from tickets.store.tables import outbox, ticket_acts, tickets

# Statements that stay the same, values apart: putting them together anew would cost more than the database does.
_INSERT = insert(tickets)
_UPDATE = update(tickets).where(tickets.c.number == bindparam("known_number"), tickets.c.version == bindparam("known_version"))


class SqlTickets:
    """Tickets with their trail and outbox; personal columns are encrypted by `cipher`."""

    def __init__(self, database: Database, cipher: Cipher, seats: Mapping[str, int] | None = None) -> None:
        """`seats`: how many can be booked at each service centre in one slot; without it none can."""
        self._database = database
        self._cipher = cipher
        self._seats = seats or {}

    def add(self, change: Change) -> bool:
        """Store a new ticket; see the port."""
        try:
            with encrypting(self._database) as connection:
                self._insert(connection, change)
        except IntegrityError:
            if self.find_request(change.ticket.request_digest):
                return False
            if self.find(change.ticket.number):
                raise NumberTaken(change.ticket.number) from None
            raise
        return True

    def save(self, *changes: Change) -> None:
        """Store all changes or none; see the port."""
        try:
            with encrypting(self._database) as connection:
                for change in changes:
                    if change.before < 0:
                        self._insert(connection, change)
                        continue
                    known = {"known_number": change.ticket.number, "known_version": change.before}
                    if connection.execute(_UPDATE, {**ticket_row(change, self._cipher), **known}).rowcount != 1:
                        raise StaleTicket(change.ticket.number)
                    give_back_seat(connection, change.ticket)
                    self._tell(connection, change)
        except IntegrityError:
            # A number drawn for a following ticket was taken, or the same follow-up was opened at once: read anew and try again.
            raise StaleTicket(changes[0].ticket.number) from None

    def find(self, number: str) -> Ticket | None:
        """Return the ticket, or None."""
        found = self._all(select(tickets).where(tickets.c.number == number))
        return found[0] if found else None

    def find_request(self, request_digest: str) -> Ticket | None:
        """Return the ticket that this request opened, or None."""
        found = self._all(select(tickets).where(tickets.c.request_digest == request_digest))
        return found[0] if found else None

    def of_phone(self, phone: str, limit: int) -> Sequence[Ticket]:
        """Return the newest tickets of a phone, found through its blind index."""
        newest = select(tickets).where(tickets.c.phone_index == self._cipher.index(phone)).order_by(tickets.c.opened_at.desc()).limit(limit)
        return self._all(newest)

    def children(self, number: str) -> Sequence[Ticket]:
        """Return the tickets that are merged into this one."""
        return self._all(select(tickets).where(tickets.c.lead == number, tickets.c.status == "merged").order_by(tickets.c.number))

    def trail(self, number: str) -> Sequence[TrailEntry]:
        """Return every act in order."""
        query = select(ticket_acts).where(ticket_acts.c.number == number).order_by(ticket_acts.c.version)
        with self._database.read() as connection:
            return [entry_of(row._mapping) for row in connection.execute(query)]

    def recent(self, limit: int, department: str | None = None, office_region: str | None = None) -> Sequence[Ticket]:
        """Return the newest tickets first, of one department or office where asked."""
        query = select(tickets).order_by(tickets.c.opened_at.desc(), tickets.c.number).limit(limit)
        if department is not None:
            query = query.where(tickets.c.department == department)
        if office_region is not None:
            query = query.where(tickets.c.office_region == office_region)
        return self._all(query)

    def listed(self, wanted: Wanted, limit: int) -> Sequence[Ticket]:
        """Return the newest tickets that are wanted; see the port."""
        return self._all(listed(wanted, limit, self._cipher, self._database.engine.dialect.name))

    def open_about(self, category: str, region: str | None, since: datetime, limit: int) -> Sequence[Ticket]:
        """Return the newest open tickets of a category and region; see the port."""
        about = and_(tickets.c.category == category, tickets.c.region == region, tickets.c.opened_at >= since,
                     tickets.c.status.in_(sorted(status.value for status in MERGEABLE)))
        return self._all(select(tickets).where(about).order_by(tickets.c.opened_at.desc(), tickets.c.number).limit(limit))

    def awake(self, at: datetime, limit: int) -> Sequence[str]:
        """Return the numbers of tickets that should be looked at by `at`, the longest due first."""
        return self._numbers(select(tickets.c.number).where(tickets.c.wake_at <= at).order_by(tickets.c.wake_at, tickets.c.number).limit(limit))

    def running(self, after: str, limit: int) -> Sequence[str]:
        """Return the numbers of tickets whose clock counts in days, in order, beyond `after`."""
        counting = and_(tickets.c.running.is_(True), tickets.c.by_hours.is_(False), tickets.c.number > after)
        return self._numbers(select(tickets.c.number).where(counting).order_by(tickets.c.number).limit(limit))

    def _insert(self, connection: Any, change: Change) -> None:
        connection.execute(_INSERT, ticket_row(change, self._cipher))
        take_seat(connection, change.ticket, self._seats, self._cipher)
        self._tell(connection, change)

    @staticmethod
    def _tell(connection: Any, change: Change) -> None:
        for table, rows in ((ticket_acts, [act_row(entry) for entry in change.entries]), (outbox, outbox_rows(change))):
            if rows:  # of nothing SQLAlchemy would insert one empty row
                connection.execute(insert(table), rows)
        keep_lessons(connection, change.lessons)
        keep_photos(connection, change.photos)

    def _all(self, query: Any) -> list[Ticket]:
        with self._database.read() as connection:
            return [ticket_of(row._mapping, self._cipher) for row in connection.execute(query)]

    def _numbers(self, query: Any) -> list[str]:
        with self._database.read() as connection:
            return [row.number for row in connection.execute(query)]
