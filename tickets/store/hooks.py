"""Webhooks and their deliveries in the database. A turn belongs to one worker, so that a system is told in order and by one voice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Iterable, Sequence

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    case,
    delete,
    exists,
    insert,
    or_,
    select,
    true,
    update,
)

from core.cipher import Cipher
from core.db import Database, Moment, metadata
from tickets.hooks import Turn, Webhook
from tickets.store.renewal import encrypting
from tickets.store.tables import PERSONAL, outbox
from tickets.telling import Letter

webhooks = Table(
    "webhooks", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("url", String(500), nullable=False),
    Column("secret", Text, nullable=False, info=PERSONAL),  # encrypted, and renewed with the personal columns: see core.cipher
    Column("department", String(60)),
    Column("office_region", String(6)),
    Column("events", JSON, nullable=False),         # empty: all
    Column("active", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),    # in a row
    Column("next_at", Moment),                      # not called before: it rests, or a worker has its turn
)

deliveries = Table(
    "deliveries", metadata,
    Column("event_id", String(60), ForeignKey("outbox.id"), primary_key=True),
    Column("webhook_id", Integer, ForeignKey("webhooks.id"), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("told_at", Moment),
    Column("dead", Boolean, nullable=False),
    Column("fault", String(200)),
    Index("deliveries_by_turn", "webhook_id", "told_at", "dead", "next_at"),
)

_WAITING = and_(deliveries.c.told_at.is_(None), deliveries.c.dead.is_(False))


class SqlHooks:
    """Webhooks whose secrets are encrypted by `cipher`; see the port."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def add(self, hook: Webhook) -> int:
        """Store a webhook and return its id; the one it brings is not used."""
        row = {"url": hook.url, "department": hook.department, "office_region": hook.office_region, "events": list(hook.events),
               "active": hook.active, "failures": 0}
        with encrypting(self._database) as connection:
            row["secret"] = self._cipher.hide(hook.secret)
            return int(connection.execute(insert(webhooks).values(row)).inserted_primary_key[0])

    def all(self) -> Sequence[Webhook]:
        """Return every webhook, the oldest first."""
        with self._database.read() as connection:
            return [self._hook(row) for row in connection.execute(select(webhooks).order_by(webhooks.c.id))]

    def remove(self, id: int) -> bool:
        """Delete a webhook with all that waits for it; tell whether there was one."""
        with self._database.write() as connection:
            # Locked first: whoever is just adding deliveries of it is waited for.
            if connection.execute(select(webhooks.c.id).where(webhooks.c.id == id).with_for_update()).first() is None:
                return False
            connection.execute(delete(deliveries).where(deliveries.c.webhook_id == id))
            connection.execute(delete(webhooks).where(webhooks.c.id == id))
        return True

    def enqueue(self, letters: Sequence[Letter]) -> int:
        """Let each event wait for every webhook that wants it; what was added before stays as it is."""
        with self._database.write() as connection:
            # Locked, so that two workers never add the same delivery at once and none is added to a webhook that is being removed.
            active = select(webhooks).where(webhooks.c.active.is_(True)).order_by(webhooks.c.id).with_for_update()
            hooks = [self._hook(row) for row in connection.execute(active)]
            wanted = [(letter, hook.id) for hook in hooks for letter in letters if hook.wants(letter)]
            if not wanted:
                return 0
            known = {(row.event_id, row.webhook_id) for row in connection.execute(
                select(deliveries.c.event_id, deliveries.c.webhook_id).where(deliveries.c.event_id.in_([letter.id for letter in letters])))}
            fresh = [{"event_id": letter.id, "webhook_id": hook, "tries": 0, "next_at": letter.at, "dead": False}
                     for letter, hook in wanted if (letter.id, hook) not in known]
            if fresh:
                connection.execute(insert(deliveries), fresh)
        return len(fresh)

    def take_turn(self, at: datetime, lease: timedelta, limit: int) -> Turn | None:
        """Return the webhook that has rested longest of those that something waits for, with up to `limit` letters."""
        due = and_(deliveries.c.webhook_id == webhooks.c.id, _WAITING, deliveries.c.next_at <= at)
        free = and_(webhooks.c.active.is_(True), or_(webhooks.c.next_at.is_(None), webhooks.c.next_at <= at), exists().where(due))
        # SQLite puts what is NULL first, PostgreSQL last.
        order = (webhooks.c.next_at.is_not(None), webhooks.c.next_at, webhooks.c.id)
        with self._database.write() as connection:
            row = connection.execute(select(webhooks).where(free).order_by(*order).limit(1).with_for_update(skip_locked=True, of=webhooks)).first()
            if row is None:
                return None
            connection.execute(update(webhooks).where(webhooks.c.id == row.id).values(next_at=at + lease))
            waiting = select(outbox, deliveries.c.tries.label("failed")).join(deliveries, deliveries.c.event_id == outbox.c.id).where(
                deliveries.c.webhook_id == row.id, _WAITING, deliveries.c.next_at <= at).order_by(outbox.c.place).limit(limit)
            letters = tuple(Letter(one.id, one.name, one.number, one.at, one.payload, one.failed) for one in connection.execute(waiting))
        return Turn(self._hook(row), letters)

    def told(self, webhook: int, event: str, at: datetime) -> None:
        """Note that the webhook has taken the event."""
        self._set(self._one(webhook, event), told_at=at, fault=None)

    def put_off(self, webhook: int, event: str, until: datetime | None, fault: str) -> None:
        """Count a failed try of one event; with `until` None it is dead."""
        fate: dict[str, Any] = {"dead": True} if until is None else {"next_at": until}
        self._set(self._one(webhook, event), tries=deliveries.c.tries + 1, fault=fault[:200], **fate)

    def away(self, webhook: int, until: datetime, most: int, fault: str) -> None:
        """Let the webhook rest; what has failed `most` times with this one is dead."""
        tries = deliveries.c.tries + 1
        with self._database.write() as connection:
            connection.execute(update(webhooks).where(webhooks.c.id == webhook).values(failures=webhooks.c.failures + 1, next_at=until))
            connection.execute(update(deliveries).where(deliveries.c.webhook_id == webhook, _WAITING).values(
                tries=tries, fault=fault[:200], dead=case((tries >= most, true()), else_=deliveries.c.dead)))

    def end_turn(self, webhook: int, at: datetime) -> None:
        """Give the webhook back; it has answered, so its next pause is short again."""
        with self._database.write() as connection:
            connection.execute(update(webhooks).where(webhooks.c.id == webhook).values(failures=0, next_at=at))

    def dead(self, limit: int) -> Sequence[tuple[Letter, Webhook, str]]:
        """Return deliveries that were given up, newest first, each with its webhook and last fault."""
        given_up = select(outbox, deliveries.c.webhook_id, deliveries.c.tries.label("failed"), deliveries.c.fault.label("why")).join(
            deliveries, deliveries.c.event_id == outbox.c.id).where(deliveries.c.dead.is_(True)).order_by(outbox.c.place.desc()).limit(limit)
        hooks = {hook.id: hook for hook in self.all()}
        with self._database.read() as connection:
            return [(Letter(row.id, row.name, row.number, row.at, row.payload, row.failed), hooks[row.webhook_id], row.why or "")
                    for row in connection.execute(given_up) if row.webhook_id in hooks]

    def again(self, at: datetime, event: str | None = None, webhook: int | None = None) -> int:
        """Let dead deliveries wait anew, of one event or one webhook where asked; return how many. The webhook's rest ends."""
        chosen = [deliveries.c.dead.is_(True), *([deliveries.c.event_id == event] if event else []),
                  *([deliveries.c.webhook_id == webhook] if webhook else [])]
        with self._database.write() as connection:
            hooks = list(connection.execute(select(deliveries.c.webhook_id).where(*chosen).distinct()).scalars())
            count = connection.execute(update(deliveries).where(*chosen).values(dead=False, tries=0, next_at=at)).rowcount
            connection.execute(update(webhooks).where(webhooks.c.id.in_(hooks), webhooks.c.failures > 0).values(failures=0, next_at=at))
        return int(count)

    @staticmethod
    def _one(webhook: int, event: str) -> Iterable[Any]:
        return deliveries.c.webhook_id == webhook, deliveries.c.event_id == event

    def _set(self, which: Iterable[Any], **values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(update(deliveries).where(*which).values(**values))

    def _hook(self, row: Any) -> Webhook:
        return Webhook(row.id, row.url, self._cipher.show(row.secret) or "", row.department, row.office_region, tuple(row.events), row.active,
                       row.failures)
