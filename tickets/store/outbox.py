"""The outbox: letters are claimed for a while, told, put off, or given up. Several workers may share it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Sequence

from sqlalchemy import and_, delete, exists, func, select, update

from core.db import Database
from tickets.store.hooks import deliveries
from tickets.store.tables import outbox
from tickets.telling import Letter

FAULT = 200  # characters of a fault that are kept


class SqlOutbox:
    """The outbox in the database; see the port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, kind: str, limit: int, at: datetime, lease: timedelta) -> Sequence[Letter]:
        """Return letters whose turn has come; nobody else gets them before the lease is over.

        PostgreSQL lets every worker step over what others are claiming; SQLite lets one worker claim after the other.
        """
        due = and_(outbox.c.told_at.is_(None), outbox.c.dead.is_(False), outbox.c.kind == kind, outbox.c.next_at <= at)
        turn = select(outbox).where(due).order_by(outbox.c.next_at, outbox.c.place).limit(limit).with_for_update(skip_locked=True)
        with self._database.write() as connection:
            rows = connection.execute(turn).all()
            if rows:
                connection.execute(update(outbox).where(outbox.c.place.in_([row.place for row in rows])).values(next_at=at + lease))
        return [letter_of(row) for row in sorted(rows, key=lambda row: row.place)]

    def told(self, ids: Sequence[str], at: datetime) -> None:
        """Note that these letters have reached their reader."""
        with self._database.write() as connection:
            connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(told_at=at, dead=False, fault=None))

    def put_off(self, ids: Sequence[str], until: datetime | None, fault: str) -> None:
        """Count a failed try; with `until` None the letters are dead. What another worker has told meanwhile stays told."""
        fate: dict[str, Any] = {"dead": True} if until is None else {"next_at": until}
        waiting = and_(outbox.c.id.in_(ids), outbox.c.told_at.is_(None))
        with self._database.write() as connection:
            connection.execute(update(outbox).where(waiting).values(tries=outbox.c.tries + 1, fault=fault[:FAULT], **fate))

    def tell_again(self, window: timedelta) -> int:
        """Make the events wait again that were told last."""
        events = outbox.c.kind == "event"
        with self._database.write() as connection:
            newest = connection.execute(select(func.max(outbox.c.told_at)).where(events)).scalar()
            if newest is None:
                return 0
            lost = and_(events, outbox.c.told_at >= newest - window)
            return int(connection.execute(update(outbox).where(lost).values(told_at=None, next_at=outbox.c.at)).rowcount)

    def forget(self, before: datetime, limit: int) -> int:
        """Delete letters told before `before` that no webhook waits for or has failed to take, with their deliveries."""
        owed = exists().where(deliveries.c.event_id == outbox.c.id,
                              deliveries.c.told_at.is_(None) | (deliveries.c.told_at >= before))
        old = select(outbox.c.id).where(outbox.c.told_at < before, ~owed).order_by(outbox.c.told_at).limit(limit)
        with self._database.write() as connection:
            ids = list(connection.execute(old).scalars())
            connection.execute(delete(deliveries).where(deliveries.c.event_id.in_(ids)))
            connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))
        return len(ids)

    def dead(self, limit: int) -> Sequence[tuple[Letter, str]]:
        """Return letters that were given up, newest first, each with its last fault."""
        given_up = select(outbox).where(outbox.c.dead.is_(True)).order_by(outbox.c.place.desc()).limit(limit)
        with self._database.read() as connection:
            return [(letter_of(row), row.fault or "") for row in connection.execute(given_up)]

    def again(self, at: datetime, id: str | None = None) -> int:
        """Let dead letters wait anew, all or one; return how many."""
        chosen = outbox.c.dead.is_(True) if id is None else and_(outbox.c.dead.is_(True), outbox.c.id == id)
        with self._database.write() as connection:
            return int(connection.execute(update(outbox).where(chosen).values(dead=False, tries=0, next_at=at)).rowcount)


def letter_of(row: Any) -> Letter:
    """Return the letter of a row of the outbox."""
    return Letter(row.id, row.name, row.number, row.at, row.payload, row.tries)
