"""Exact places and what special queues know are sealed; lists by status, card, what is pending and queue have their index; 催办 by the day."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from core.cipher import Cipher
from core.clock import SHANGHAI
from core.db import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BATCH = 1000
_STEPS = 200  # to a degree: what stays in the clear
_RARE = ("card", "pending", "queue")
_tickets = sa.table("tickets", sa.column("number", sa.String), sa.column("latitude", sa.Float), sa.column("longitude", sa.Float),
                    sa.column("exact_place", sa.Text), sa.column("matter", sa.Text), sa.column("pending", sa.String),
                    sa.column("urged", sa.Integer), sa.column("more", sa.JSON))
_acts = sa.table("ticket_acts", sa.column("number", sa.String), sa.column("version", sa.Integer), sa.column("act", sa.String),
                 sa.column("at", Moment))


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what stood in the clear must not stay in the file's free pages
    for name, kind in (("exact_place", sa.Text), ("matter", sa.Text), ("pending", sa.String(4))):
        op.add_column("tickets", sa.Column(name, kind))
    _seal(connection, context.config.attributes.get("cipher"))
    op.create_index("tickets_by_status", "tickets", ["status", "opened_at", "number"])
    for name in _RARE:
        some = sa.column(name).is_not(None)
        op.create_index(f"tickets_by_{name}", "tickets", [name, "opened_at", "number"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    raise NotImplementedError("what is encrypted is not written in the clear again; restore a backup instead")


def _seal(connection: Any, cipher: Cipher | None) -> None:
    t, last = _tickets.c, ""
    changed = ("latitude", "longitude", "exact_place", "matter", "pending", "more")
    update = sa.update(_tickets).where(t.number == sa.bindparam("known")).values({name: sa.bindparam(f"fresh_{name}") for name in changed})
    query = sa.select(t.number, t.latitude, t.longitude, t.urged, t.more).order_by(t.number).limit(_BATCH)
    while rows := connection.execute(query.where(t.number > last)).all():
        urged = _urged(connection, [row.number for row in rows if row.urged])
        fresh = [one for row in rows if (one := _sealed(row, urged.get(row.number, {}), cipher))]
        if fresh:
            connection.execute(update, fresh)
        last = rows[-1].number


def _urged(connection: Any, numbers: list[str]) -> dict[str, dict[str, Any]]:
    """For each ticket the day of its newest 催办, and how many it had that day."""
    a = _acts.c
    found: dict[str, dict[str, Any]] = {}
    query = sa.select(a.number, a.at).where(a.number.in_(numbers), a.act == "urge").order_by(a.number, a.version)
    for number, at in connection.execute(query) if numbers else ():
        day, before = at.astimezone(SHANGHAI).date().isoformat(), found.get(number, {})
        found[number] = {"urged_on": day, "urged_that_day": before["urged_that_day"] + 1 if before.get("urged_on") == day else 1}
    return found


def _sealed(row: Any, urged: dict[str, Any], cipher: Cipher | None) -> dict[str, Any] | None:
    """The row's new values, None where nothing of it moves."""
    more = {**row.more, **urged}
    matter, pending, placed = more.pop("matter", None), more.pop("pending", None), (row.latitude, row.longitude) != (None, None)
    if not (matter or pending or placed or urged):
        return None
    if cipher is None and (matter or placed):
        raise ValueError("this database holds tickets of an older version: migrate it with its keys (hotline serve does)")
    return {"known": row.number, "fresh_latitude": _rough(row.latitude), "fresh_longitude": _rough(row.longitude),
            "fresh_exact_place": cipher.hide(json.dumps([row.latitude, row.longitude])) if cipher and placed else None,
            "fresh_matter": cipher.hide(json.dumps(matter, ensure_ascii=False)) if cipher and matter else None,
            "fresh_pending": pending, "fresh_more": more}


def _rough(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees * _STEPS) / _STEPS
