"""Tickets as the public may see them, read without any personal column but a typical case's consent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Iterator, Sequence

from sqlalchemy import and_, select

from core.cipher import Cipher
from core.db import Database
from tickets.open_data import PublicTicket, TypicalCase
from tickets.store.rows import matter_of
from tickets.store.tables import tickets
from tickets.validation import enterprise_of
from tickets.vocabulary import Queue, Status, TicketType

_COLUMNS = (tickets.c.number, tickets.c.public_id, tickets.c.type, tickets.c.category, tickets.c.department, tickets.c.status, tickets.c.region,
            tickets.c.opened_at, tickets.c.changed_at.label("updated_at"), tickets.c.due_at, tickets.c.closed_at, tickets.c.result, tickets.c.rating,
            tickets.c.latitude, tickets.c.longitude)
_DONE = [status.value for status in (Status.CLOSED, Status.FOLLOWED_UP, Status.RATED, Status.ARCHIVED, Status.REFUSED, Status.WITHDRAWN)]
# Whoever reports or asks to stay hidden is not shown even without a name; special queues are about one person or one firm.
_OPEN = and_(tickets.c.confidential.is_(False), tickets.c.anonymous.is_(False), tickets.c.type != TicketType.REPORT.value)
_SHOWN = and_(_OPEN, tickets.c.queue.is_(None))
_BATCH = 1000


class PublicTickets:
    """Reads what anybody may know."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, public_ids: Sequence[str]) -> list[PublicTicket]:
        """Return the public ones among these."""
        return self._all(select(*_COLUMNS).where(_SHOWN, tickets.c.public_id.in_(public_ids)).order_by(tickets.c.public_id))

    def id_of(self, number: str) -> str:
        """Return how the public calls the ticket of a number, shown or not; "" where there is none."""
        with self._database.read() as connection:
            return connection.execute(select(tickets.c.public_id).where(tickets.c.number == number)).scalar() or ""

    def newest(self, start: datetime, end: datetime, categories: Sequence[str], done: bool | None, limit: int) -> list[PublicTicket]:
        """Return the newest ones opened from `start` to before `end`, of some categories and open or done where asked."""
        query = select(*_COLUMNS).where(_SHOWN, tickets.c.opened_at >= start, tickets.c.opened_at < end)
        if categories:
            query = query.where(tickets.c.category.in_(categories))
        if done is not None:
            query = query.where(tickets.c.status.in_(_DONE) if done else tickets.c.status.not_in(_DONE))
        return self._all(query.order_by(tickets.c.opened_at.desc(), tickets.c.number).limit(limit))

    def between(self, start: datetime, end: datetime) -> Iterator[PublicTicket]:
        """Yield all opened from `start` to before `end`, oldest first, in batches."""
        at, number = start, ""
        while True:
            later = (tickets.c.opened_at > at) | ((tickets.c.opened_at == at) & (tickets.c.number > number))
            query = select(*_COLUMNS).where(_SHOWN, later, tickets.c.opened_at < end).order_by(tickets.c.opened_at, tickets.c.number).limit(_BATCH)
            batch = self._all(query)
            yield from batch
            if len(batch) < _BATCH:
                return
            at, number = batch[-1].opened_at, batch[-1].number

    def typical(self, start: datetime, end: datetime, cipher: Cipher) -> Iterator[TypicalCase]:
        """Yield closed complaints of the business environment from `start` to before `end` whose caller agreed to their being told.

        `cipher` reads who agreed, and the firm that must not be named.
        """
        asked = (tickets.c.category, tickets.c.region, tickets.c.closed_at, tickets.c.result, tickets.c.answer, tickets.c.matter)
        query = select(*asked).where(_OPEN, tickets.c.queue == Queue.BUSINESS.value, tickets.c.status.in_(_DONE), tickets.c.opened_at >= start,
                                     tickets.c.opened_at < end, tickets.c.closed_at.is_not(None), tickets.c.result.is_not(None),
                                     tickets.c.answer.is_not(None))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(tickets.c.opened_at, tickets.c.number)).all()
        for category, region, closed_at, result, answer, token in rows:
            matter = matter_of(token, cipher)
            if matter.get("publish") is True:
                yield TypicalCase(category, region, closed_at, result, answer, enterprise_of(matter))

    def _all(self, query: Any) -> list[PublicTicket]:
        with self._database.read() as connection:
            return [PublicTicket(**row._mapping) for row in connection.execute(query)]
