"""The whole life of a ticket: its clock, its cards, its outbox; personal columns encrypted."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from core.cipher import Cipher
from core.clock import SHANGHAI
from core.db import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what stood in the clear must not stay in the file's free pages
    old, acts = sa.table("tickets", *map(sa.column, _OLD)), sa.table("ticket_acts", *map(sa.column, _OLD_ACTS))
    moments = {name: Moment for name in ("opened_at", "changed_at")}
    rows = [dict(row._mapping) for row in connection.execute(sa.select(*(sa.column(name, moments.get(name)) for name in _OLD)).select_from(old))]
    entries = [dict(row._mapping) for row in connection.execute(
        sa.select(*(sa.column(name, Moment if name == "at" else None) for name in _OLD_ACTS)).select_from(acts).order_by(acts.c.version))]
    trails: dict[str, list[dict[str, Any]]] = {row["number"]: [] for row in rows}
    for entry in entries:
        trails[entry["number"]].append(entry)
    cipher = context.config.attributes.get("cipher")
    if cipher is None and any(row[name] for row in rows for name in _HIDDEN):
        raise ValueError("this database holds tickets of an older version: migrate it with its keys (hotline serve does)")
    op.drop_table("ticket_acts")
    op.drop_table("tickets")
    tickets, ticket_acts = _create()
    for row in rows:
        trail = trails[row["number"]]
        due_at = _due_at(row["due_on"])
        connection.execute(tickets.insert(), _renewed(row, trail, due_at, cipher))
        if trail:
            connection.execute(ticket_acts.insert(), [_told(entry, row, due_at) for entry in trail])
    op.add_column("api_keys", sa.Column("department", sa.String(60)))
    op.add_column("api_keys", sa.Column("region", sa.String(6)))


def downgrade() -> None:
    raise NotImplementedError("what is encrypted is not written in the clear again; restore a backup instead")


_OLD = ("number", "type", "status", "urgency", "category", "department", "region", "due_on", "title", "text", "address", "happened", "who", "cause",
        "name", "phone", "anonymous", "confidential", "source_channel", "request_digest", "code_digest", "answer", "rating", "urged", "opened_at",
        "changed_at", "version")
_OLD_ACTS = ("number", "version", "act", "role", "at", "source", "target", "note")
_HIDDEN = ("name", "phone", "address")
_BAD = ("不满意", "非常不满意")
_RESULT = "已解释"  # older answers did not say what came of them


def _due_at(due_on: Any) -> datetime:
    """The first moment that is too late."""
    day = date.fromisoformat(due_on) if isinstance(due_on, str) else due_on
    return datetime.combine(day + timedelta(days=1), time(0), SHANGHAI)


def _renewed(row: dict[str, Any], trail: list[dict[str, Any]], due_at: datetime, cipher: Cipher | None) -> dict[str, Any]:
    """The new row, as the new life would have made it of the same acts."""
    at = {entry["act"]: entry["at"] for entry in trail}
    sent, answered, stopped = at.get("dispatch"), at.get("reply"), at.get("reply") or at.get("withdraw")
    running = sent is not None and row["status"] == "dispatched"
    more = {"first_department": row["department"] if sent else None, "first_region": row["region"] if sent else None,
            "supplements": sum(entry["act"] == "supplement" for entry in trail) or None,
            "stopped_at": stopped.isoformat() if sent and stopped else None, "rating_reason": "" if row["rating"] else None}
    kept = {name: row[name] for name in _OLD if name not in (*_HIDDEN, "due_on")}
    hidden = {name: cipher.hide(row[name]) if cipher else None for name in _HIDDEN}
    return {
        **kept, **hidden, "phone_index": cipher.index(row["phone"]) if cipher else None, "office_region": row["region"],
        "status": "rated" if row["rating"] else row["status"], "result": _RESULT if row["answer"] else None,
        "content": row["rating"] not in _BAD if row["rating"] else None,
        "late": bool(answered and answered >= due_at), "running": running,
        "started_at": sent, "dispatched_at": sent, "due_at": due_at if sent else None, "replied_at": answered, "closed_at": at.get("close"),
        # First looked at on its last day: then a card is surely due, and the new life goes on from there.
        "wake_at": due_at - timedelta(days=1) if running else None,
        **dict.fromkeys(("enterprise", "rating_excluded", "by_hours", "first_contact"), False),
        **dict.fromkeys(("returns", "reworks", "supervision"), 0),
        "more": {name: value for name, value in more.items() if value is not None},
    }


def _told(entry: dict[str, Any], row: dict[str, Any], due_at: datetime) -> dict[str, Any]:
    """The new trail entry: with the particulars that the older version kept elsewhere, so that the trail replays to the row."""
    details: dict[str, Any] = {}
    if entry["act"] == "dispatch":
        details = {"department": row["department"], "due_at": due_at.isoformat(), "by_hours": False}
        details |= {"region": row["region"]} if row["region"] else {}
    elif entry["act"] == "reply":
        details = {"result": _RESULT}
    elif entry["act"] == "rate":
        entry = {**entry, "note": "", "target": "rated"}
        details = {"grade": row["rating"]}
    return {**entry, "actor": "", "office": "", "office_region": None, "details": details}


def _create() -> tuple[sa.Table, sa.Table]:
    tickets = op.create_table(
        "tickets",
        sa.Column("number", sa.String(16), primary_key=True),
        sa.Column("type", sa.String(4), nullable=False),
        sa.Column("queue", sa.String(10)),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("urgency", sa.String(4), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("department", sa.String(60), nullable=False),
        sa.Column("office_region", sa.String(6)),
        sa.Column("region", sa.String(6)),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("address", "name", "phone", "id_number")),
        sa.Column("phone_index", sa.String(64)),
        *(sa.Column(name, sa.Text) for name in ("happened", "who", "cause")),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("anonymous", "confidential", "enterprise")),
        *(sa.Column(name, sa.Float) for name in ("latitude", "longitude")),
        sa.Column("source_channel", sa.String(20), nullable=False),
        sa.Column("request_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("code_digest", sa.String(64)),
        sa.Column("parent", sa.String(16)),
        sa.Column("lead", sa.String(16)),
        sa.Column("answer", sa.Text),
        sa.Column("result", sa.String(4)),
        sa.Column("rating", sa.String(5)),
        sa.Column("rating_excluded", sa.Boolean, nullable=False),
        sa.Column("content", sa.Boolean),
        sa.Column("reached", sa.Boolean),
        sa.Column("card", sa.String(2)),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("late", "running", "by_hours", "first_contact")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("returns", "reworks", "supervision", "urged")),
        sa.Column("opened_at", Moment, nullable=False),
        *(sa.Column(name, Moment) for name in ("started_at", "dispatched_at", "received_at", "due_at", "replied_at", "closed_at")),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("wake_at", Moment),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("more", sa.JSON, nullable=False),
    )
    op.create_index("tickets_by_office", "tickets", ["department", "office_region", "opened_at"])
    op.create_index("tickets_by_opening", "tickets", ["opened_at"])
    op.create_index("tickets_by_phone", "tickets", ["phone_index"])
    op.create_index("tickets_by_lead", "tickets", ["lead"])
    op.create_index("tickets_by_waking", "tickets", ["wake_at"])
    acts = op.create_table(
        "ticket_acts",
        sa.Column("number", sa.String(16), sa.ForeignKey("tickets.number"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.String(20), nullable=False) for name in ("act", "role")),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("office", sa.String(60), nullable=False),
        sa.Column("office_region", sa.String(6)),
        sa.Column("at", Moment, nullable=False),
        *(sa.Column(name, sa.String(20), nullable=False) for name in ("source", "target")),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(60), nullable=False, unique=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", Moment, nullable=False),
        sa.Column("told_at", Moment),
        sa.Column("dead", sa.Boolean, nullable=False),
        sa.Column("fault", sa.String(200)),
    )
    op.create_index("outbox_by_turn", "outbox", ["told_at", "dead", "kind", "next_at"])
    return tickets, acts
