"""Tickets and their trail in the database."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.db import Database, Moment, metadata
from tickets.errors import NumberTaken, StaleTicket
from tickets.model import Act, Elements, Grade, Role, Status, Ticket, TicketType, TrailEntry, Urgency

tickets = Table(
    "tickets", metadata,
    Column("number", String(16), primary_key=True),
    Column("type", String(4), nullable=False),
    Column("status", String(20), nullable=False),
    Column("urgency", String(4), nullable=False),
    Column("category", String(40), nullable=False),
    Column("department", String(60), nullable=False),
    Column("region", String(6)),
    Column("due_on", Date, nullable=False),
    Column("title", String(100), nullable=False),
    Column("text", Text, nullable=False),
    Column("address", Text),
    Column("happened", Text),
    Column("who", Text),
    Column("cause", Text),
    Column("name", String(50)),
    Column("phone", String(20)),
    Column("anonymous", Boolean, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("source_channel", String(20), nullable=False),
    Column("request_digest", String(64), nullable=False, unique=True),
    Column("code_digest", String(64)),
    Column("answer", Text),
    Column("rating", String(5)),
    Column("urged", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("version", Integer, nullable=False),
    Index("tickets_by_department", "department", "opened_at"),
    Index("tickets_by_opening", "opened_at"),
)

ticket_acts = Table(
    "ticket_acts", metadata,
    Column("number", String(16), ForeignKey("tickets.number"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("act", String(20), nullable=False),
    Column("role", String(20), nullable=False),
    Column("at", Moment, nullable=False),
    Column("source", String(20), nullable=False),
    Column("target", String(20), nullable=False),
    Column("note", Text, nullable=False),
)

_PLAIN = ("number", "category", "department", "region", "due_on", "title", "text", "name", "phone", "anonymous", "confidential",
          "source_channel", "request_digest", "code_digest", "answer", "urged", "opened_at", "changed_at", "version")


class SqlTickets:
    """The repository over one database; each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, ticket: Ticket, trail: Sequence[TrailEntry]) -> bool:
        """Store a new ticket with its trail; see the port."""
        try:
            with self._database.write() as connection:
                connection.execute(insert(tickets).values(_row(ticket)))
                connection.execute(insert(ticket_acts), [_act_row(entry) for entry in trail])
        except IntegrityError:
            if self.find_request(ticket.request_digest):
                return False
            if self.find(ticket.number):
                raise NumberTaken(ticket.number) from None
            raise
        return True

    def save(self, ticket: Ticket, entry: TrailEntry) -> None:
        """Store the ticket after an act and append the act; see the port."""
        with self._database.write() as connection:
            unchanged = (tickets.c.number == ticket.number, tickets.c.version == entry.version - 1)
            if connection.execute(update(tickets).where(*unchanged).values(_row(ticket))).rowcount != 1:
                raise StaleTicket(ticket.number)
            connection.execute(insert(ticket_acts).values(_act_row(entry)))

    def find(self, number: str) -> Ticket | None:
        """Return the ticket, or None."""
        return self._one(tickets.c.number == number)

    def find_request(self, request_digest: str) -> Ticket | None:
        """Return the ticket that this request opened, or None."""
        return self._one(tickets.c.request_digest == request_digest)

    def trail(self, number: str) -> Sequence[TrailEntry]:
        """Return every act in order."""
        query = select(ticket_acts).where(ticket_acts.c.number == number).order_by(ticket_acts.c.version)
        with self._database.read() as connection:
            return [_entry(row._mapping) for row in connection.execute(query)]

    def recent(self, limit: int, department: str | None = None) -> Sequence[Ticket]:
        """Return the newest tickets first."""
        query = select(tickets).order_by(tickets.c.opened_at.desc(), tickets.c.number).limit(limit)
        if department is not None:
            query = query.where(tickets.c.department == department)
        with self._database.read() as connection:
            return [_ticket(row._mapping) for row in connection.execute(query)]

    def _one(self, condition: Any) -> Ticket | None:
        with self._database.read() as connection:
            row = connection.execute(select(tickets).where(condition)).first()
        return _ticket(row._mapping) if row else None


def _row(ticket: Ticket) -> dict[str, Any]:
    return {
        **{name: getattr(ticket, name) for name in _PLAIN},
        "type": ticket.type.value, "status": ticket.status.value, "urgency": ticket.urgency.value,
        "rating": ticket.rating.value if ticket.rating else None,
        "address": ticket.elements.where, "happened": ticket.elements.when, "who": ticket.elements.who, "cause": ticket.elements.cause,
    }


def _ticket(row: Mapping[str, Any]) -> Ticket:
    return Ticket(
        **{name: row[name] for name in _PLAIN},
        type=TicketType(row["type"]), status=Status(row["status"]), urgency=Urgency(row["urgency"]),
        rating=Grade(row["rating"]) if row["rating"] else None,
        elements=Elements(row["who"], row["happened"], row["address"], row["cause"], row["text"]),
    )


def _act_row(entry: TrailEntry) -> dict[str, Any]:
    return {"number": entry.number, "version": entry.version, "act": entry.act.value, "role": entry.role.value, "at": entry.at,
            "source": entry.source.value, "target": entry.target.value, "note": entry.note}


def _entry(row: Mapping[str, Any]) -> TrailEntry:
    return TrailEntry(row["number"], row["version"], Act(row["act"]), Role(row["role"]), row["at"], Status(row["source"]),
                      Status(row["target"]), row["note"])
