"""Seats at service centres: taken in the same transaction as their ticket is stored, given back with it."""

from __future__ import annotations

from datetime import date
from typing import Any, Mapping

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, UniqueConstraint, and_, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from core.cipher import Cipher
from core.clock import SHANGHAI
from core.db import Database, metadata
from tickets.errors import InvalidTicket, SlotTaken
from tickets.model import Ticket
from tickets.store.rows import matter_of
from tickets.store.tables import tickets
from tickets.vocabulary import Queue, Status

appointments = Table(
    "appointments", metadata,
    Column("number", String(16), ForeignKey("tickets.number"), primary_key=True),
    Column("office", String(30), nullable=False),
    Column("day", Date, nullable=False),
    Column("slot", String(5), nullable=False),
    Column("seat", Integer, nullable=False),
    UniqueConstraint("office", "day", "slot", "seat", name="appointments_one_a_seat"),
)
_GONE = frozenset({Status.WITHDRAWN, Status.REFUSED})


class SqlBookings:
    """Which seats are taken."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def taken(self, office: str, first: date, last: date) -> Mapping[tuple[date, str], int]:
        """Return how many seats of each slot are taken; see the port."""
        a = appointments.c
        query = select(a.day, a.slot, func.count().label("seats")).where(a.office == office, a.day.between(first, last)).group_by(a.day, a.slot)
        with self._database.read() as connection:
            return {(row.day, row.slot): row.seats for row in connection.execute(query)}


def take_seat(connection: Any, ticket: Ticket, seats: Mapping[str, int], cipher: Cipher) -> None:
    """Take the first free seat for a ticket just stored, if it is an appointment; raises SlotTaken when none is left,
    InvalidTicket where its phone holds a seat already that day or for the same item.

    Two that want the last seat meet at the unique constraint: the later one waits for the earlier one's end and goes on to the next seat.
    """
    if ticket.queue is not Queue.APPOINTMENT or not ticket.matter:
        return
    a = appointments.c
    where = {"office": ticket.matter["office"], "day": date.fromisoformat(ticket.matter["day"]), "slot": ticket.matter["slot"]}
    _check_phone(connection, ticket, where["day"], cipher)
    booked = select(a.seat).where(and_(*(a[name] == value for name, value in where.items())))
    taken = {row.seat for row in connection.execute(booked)}
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    for seat in range(seats.get(where["office"], 0)):
        if seat in taken:
            continue
        row = insert(appointments).values(number=ticket.number, seat=seat, **where).on_conflict_do_nothing()
        if connection.execute(row).rowcount == 1:
            return
    raise SlotTaken


def _check_phone(connection: Any, ticket: Ticket, day: date, cipher: Cipher) -> None:
    own = connection.execute(select(tickets.c.phone_index).where(tickets.c.number == ticket.number)).scalar()
    if own is None:
        return
    if connection.dialect.name == "postgresql":
        # Two bookings of one phone at once would not see each other; writers of SQLite come one after the other anyway.
        connection.execute(select(func.pg_advisory_xact_lock(int(own[:15], 16))))
    today = ticket.opened_at.astimezone(SHANGHAI).date()
    held = (select(appointments.c.day, tickets.c.matter).join(tickets, tickets.c.number == appointments.c.number)
            .where(tickets.c.phone_index == own, appointments.c.day >= today, appointments.c.number != ticket.number))
    for row in connection.execute(held):
        if row.day == day:
            raise InvalidTicket("这个手机号那天已经约过了，一天只能约一次。要改时间，请先撤销原来的预约。", "matter.day")
        if _same_item(matter_of(row.matter, cipher), ticket.matter):
            raise InvalidTicket("这个手机号已经约过这件事了。要改时间，请先撤销原来的预约。", "matter.item")


def _same_item(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    name = "item_code" if "item_code" in one and "item_code" in other else "item"
    return one.get(name) == other.get(name)


def give_back_seat(connection: Any, ticket: Ticket) -> None:
    """Free the seat of an appointment that was taken back or refused."""
    if ticket.queue is Queue.APPOINTMENT and ticket.status in _GONE:
        connection.execute(delete(appointments).where(appointments.c.number == ticket.number))
