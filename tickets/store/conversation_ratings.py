"""Ratings of conversations in the database: one row each, and nothing personal."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from core.db import Database, Moment, metadata
from tickets.conversation_ratings import ConversationRating
from tickets.vocabulary import Grade

conversation_ratings = Table(
    "conversation_ratings", metadata,
    Column("session_digest", String(64), primary_key=True),
    Column("channel", String(10), nullable=False),
    Column("grade", String(5), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("region", String(6)),
    Column("at", Moment, nullable=False, index=True),
    Column("about", String(120)),  # number of a ticket or code of an item
)


class SqlConversationRatings:
    """Keeps one rating a conversation; see the port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, session_digest: str) -> ConversationRating | None:
        """Return the rating of a conversation, or None."""
        query = select(conversation_ratings).where(conversation_ratings.c.session_digest == session_digest)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return ConversationRating(**{**row._mapping, "grade": Grade(row.grade)}) if row else None

    def add(self, rating: ConversationRating) -> bool:
        """Keep a rating; False if the conversation has one already. Of two at once the later one waits and is turned away."""
        values = {**vars(rating), "grade": rating.grade.value}
        with self._database.write() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            return connection.execute(insert(conversation_ratings).values(**values).on_conflict_do_nothing()).rowcount == 1
