"""Tickets as the public may see them, read without any personal column."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Iterator, Sequence

from sqlalchemy import and_, select

from core.db import Database
from tickets.open_data import PublicTicket
from tickets.store.tables import tickets
from tickets.vocabulary import Queue, Status, TicketType

_COLUMNS = (tickets.c.number, tickets.c.type, tickets.c.category, tickets.c.department, tickets.c.status, tickets.c.region, tickets.c.opened_at,
            tickets.c.changed_at.label("updated_at"), tickets.c.due_at, tickets.c.closed_at, tickets.c.result, tickets.c.rating,
            tickets.c.latitude, tickets.c.longitude)
_DONE = [status.value for status in (Status.CLOSED, Status.FOLLOWED_UP, Status.RATED, Status.ARCHIVED, Status.REFUSED, Status.WITHDRAWN)]
# Whoever reports, asks for confidentiality or is called back is not shown even without a name.
_SHOWN = and_(tickets.c.confidential.is_(False), tickets.c.type != TicketType.REPORT.value,
              tickets.c.queue.is_(None) | tickets.c.queue.not_in([Queue.RATING.value, Queue.CALL_BACK.value]))
_BATCH = 1000


class PublicTickets:
    """Reads what anybody may know."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, numbers: Sequence[str]) -> list[PublicTicket]:
        """Return the public ones among these numbers."""
        return self._all(select(*_COLUMNS).where(_SHOWN, tickets.c.number.in_(numbers)).order_by(tickets.c.number))

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

    def _all(self, query: Any) -> list[PublicTicket]:
        with self._database.read() as connection:
            return [PublicTicket(**row._mapping) for row in connection.execute(query)]
