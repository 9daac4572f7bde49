"""Photos of tickets in the database: all but their pixels, which lie in files."""

from __future__ import annotations

from typing import Any, Collection, Sequence

from sqlalchemy import Column, ForeignKey, Integer, String, Table, UniqueConstraint, func, insert, select

from core.db import Database, Moment, metadata
from tickets.photos.errors import PhotoKept, TooManyPhotos
from tickets.photos.photo import MOST_PHOTOS, Photo

ticket_photos = Table(
    "ticket_photos", metadata,
    Column("id", String(32), primary_key=True),  # names the file
    Column("number", String(16), ForeignKey("tickets.number"), nullable=False),
    Column("media_type", String(20), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("request_id", String(36)),            # what the sender calls it
    UniqueConstraint("number", "request_id", name="ticket_photos_one_a_request"),
)


class SqlPhotos:
    """Reads photos; see the port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, number: str) -> Sequence[Photo]:
        """Return the photos of a ticket, the oldest first."""
        query = select(ticket_photos).where(ticket_photos.c.number == number).order_by(ticket_photos.c.at, ticket_photos.c.id)
        with self._database.read() as connection:
            return [Photo(**row._mapping) for row in connection.execute(query)]

    def count(self, number: str) -> int:
        """Return how many photos a ticket has."""
        query = select(func.count()).select_from(ticket_photos).where(ticket_photos.c.number == number)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def none(self) -> bool:
        """Whether there is no photo at all."""
        with self._database.read() as connection:
            return connection.execute(select(ticket_photos.c.id).limit(1)).first() is None

    def known(self, ids: Collection[str]) -> set[str]:
        """Return those of the ids that are photos."""
        with self._database.read() as connection:
            return {row.id for row in connection.execute(select(ticket_photos.c.id).where(ticket_photos.c.id.in_(list(ids))))}


def keep(connection: Any, photos: Sequence[Photo]) -> None:
    """Store photos in the transaction of the act that brings them; raises PhotoKept and TooManyPhotos.

    The act has moved the ticket's version by now, so that no two see the same number of photos.
    """
    for photo in photos:
        rows = connection.execute(select(ticket_photos.c.request_id).where(ticket_photos.c.number == photo.number)).all()
        if photo.request_id and any(row.request_id == photo.request_id for row in rows):
            raise PhotoKept
        if len(rows) >= MOST_PHOTOS:
            raise TooManyPhotos
        connection.execute(insert(ticket_photos), vars(photo))
