"""Tables of tickets, their trail, and what must still be told of them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from core.db import Moment, metadata

# Marks a column as encrypted (see core.cipher): keys are renewed in every column that bears it.
PERSONAL = {"personal": True}

tickets = Table(
    "tickets", metadata,
    Column("number", String(16), primary_key=True),
    Column("public_id", String(20)),  # how the public calls it
    Column("type", String(4), nullable=False),
    Column("queue", String(10)),
    Column("status", String(20), nullable=False),
    Column("urgency", String(4), nullable=False),
    Column("category", String(40), nullable=False),
    Column("department", String(60), nullable=False),
    Column("office_region", String(6)),
    Column("region", String(6)),
    Column("title", String(100), nullable=False),
    Column("text", Text, nullable=False),
    # `phone_index` finds a phone without showing it.
    Column("address", Text, info=PERSONAL),
    Column("name", Text, info=PERSONAL),
    Column("phone", Text, info=PERSONAL),
    Column("id_number", Text, info=PERSONAL),
    Column("phone_index", String(64)),
    Column("happened", Text),
    Column("who", Text),
    Column("cause", Text),
    Column("anonymous", Boolean, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("enterprise", Boolean, nullable=False),
    # In the clear a place is rounded to some hundred metres; where exactly it is stands beside it as "[latitude, longitude]".
    Column("latitude", Float),
    Column("longitude", Float),
    Column("exact_place", Text, info=PERSONAL),
    Column("source_channel", String(20), nullable=False),
    Column("request_digest", String(64), nullable=False, unique=True),
    Column("code_digest", String(64)),
    Column("parent", String(16)),
    Column("lead", String(16)),
    Column("answer", Text),
    Column("result", String(4)),
    Column("rating", String(5)),
    Column("rating_excluded", Boolean, nullable=False),
    Column("content", Boolean),
    Column("reached", Boolean),
    Column("card", String(2)),
    Column("pending", String(4)),
    Column("late", Boolean, nullable=False),
    Column("running", Boolean, nullable=False),
    Column("by_hours", Boolean, nullable=False),
    Column("first_contact", Boolean, nullable=False),
    Column("returns", Integer, nullable=False),
    Column("reworks", Integer, nullable=False),
    Column("supervision", Integer, nullable=False),
    Column("urged", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("dispatched_at", Moment),
    Column("received_at", Moment),
    Column("due_at", Moment),
    Column("replied_at", Moment),
    Column("closed_at", Moment),
    Column("changed_at", Moment, nullable=False),
    Column("wake_at", Moment),
    Column("version", Integer, nullable=False),
    Column("matter", Text, info=PERSONAL),  # JSON of what a queue wants to know: firms, cases, free words
    Column("more", JSON, nullable=False),  # what nobody searches by
    Index("tickets_by_office", "department", "office_region", "opened_at"),
    Index("tickets_by_opening", "opened_at"),
    Index("tickets_by_phone", "phone_index"),
    Index("tickets_by_lead", "lead"),
    Index("tickets_by_waking", "wake_at"),
    Index("tickets_by_public_id", "public_id"),
    Index("tickets_by_matter", "category", "region", "opened_at"),
    Index("tickets_by_status", "status", "opened_at", "number"),
)
# Few tickets have one of these: an index of those alone costs the others nothing.
for _name in ("card", "pending", "queue"):
    _rare = tickets.c[_name].is_not(None)
    Index(f"tickets_by_{_name}", tickets.c[_name], tickets.c.opened_at, tickets.c.number, sqlite_where=_rare, postgresql_where=_rare)

ticket_acts = Table(
    "ticket_acts", metadata,
    Column("number", String(16), ForeignKey("tickets.number"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("act", String(20), nullable=False),
    Column("role", String(20), nullable=False),
    Column("actor", String(100), nullable=False),
    Column("office", String(60), nullable=False),
    Column("office_region", String(6)),
    Column("at", Moment, nullable=False),
    Column("source", String(20), nullable=False),
    Column("target", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("details", JSON, nullable=False),
)

# The transactional outbox: written with the act, emptied by the relay.
outbox = Table(
    "outbox", metadata,
    Column("place", Integer, primary_key=True, autoincrement=True),  # order of telling
    Column("id", String(60), nullable=False, unique=True),
    Column("kind", String(10), nullable=False),                      # event or notice
    Column("name", String(40), nullable=False),                      # of the event, or the notice's template
    Column("number", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("told_at", Moment),
    Column("dead", Boolean, nullable=False),                         # given up: for a person to look at
    Column("fault", String(200)),
    Index("outbox_by_turn", "told_at", "dead", "kind", "next_at"),
)
