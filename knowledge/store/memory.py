"""Picks, misses, learned and rejected names in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Iterable, Sequence

from sqlalchemy import Column, Index, Integer, String, Table, delete, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from core.clock import Clock, system_clock
from core.db import Database, Moment, metadata
from knowledge.memory.model import Learned, Miss, Pick
from knowledge.store.sql import revisions

picks = Table(
    "memory_picks", metadata,
    Column("id", Integer, primary_key=True),
    Column("text", String(200), nullable=False),
    Column("code", String(120), nullable=False),
    Column("how", String(12), nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", String(32), nullable=False),
    Index("memory_picks_by_moment", "at"),
    Index("memory_picks_by_who", "who"),
)
misses = Table(
    "memory_misses", metadata,
    Column("id", Integer, primary_key=True),
    Column("text", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", String(32), nullable=False),
    Index("memory_misses_by_moment", "at"),
    Index("memory_misses_by_who", "who"),
)
silenced = Table(
    "memory_silenced", metadata,
    Column("who", String(32), primary_key=True),
    Column("at", Moment, nullable=False),
    Index("memory_silenced_by_moment", "at"),
)
learned = Table(
    "memory_learned", metadata,
    Column("code", String(120), primary_key=True),
    Column("text", String(200), primary_key=True),
    Column("author", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("evidence", Integer, nullable=False),
)
rejected = Table(
    "memory_rejected", metadata,
    Column("code", String(120), primary_key=True),
    Column("text", String(200), primary_key=True),
    Column("author", String(100), nullable=False),
    Column("at", Moment, nullable=False),
)
salts = Table(
    "memory_salt", metadata,
    Column("id", Integer, primary_key=True),  # the one row has 1
    Column("salt", String(64), nullable=False),
)


class SqlMemory:
    """The memory over one database; every method is one transaction."""

    def __init__(self, database: Database, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock

    def salt(self) -> str:
        """Return the secret of this installation that callers disappear behind."""
        with self._database.read() as connection:
            return str(connection.execute(select(salts.c.salt)).scalar_one())

    def keep_pick(self, pick: Pick) -> None:
        """Keep a pick, unless its caller is silenced."""
        self._keep(picks, pick.who, {"text": pick.text, "code": pick.code, "how": pick.how, "at": pick.at, "who": pick.who})

    def keep_miss(self, miss: Miss) -> None:
        """Keep a miss, unless its caller is silenced."""
        self._keep(misses, miss.who, {"text": miss.text, "at": miss.at, "who": miss.who})

    def _keep(self, table: Table, who: str, row: dict[str, object]) -> None:
        with self._database.write() as connection:
            if connection.execute(select(silenced.c.who).where(silenced.c.who == who)).first() is None:
                connection.execute(insert(table).values(row))

    def take_back(self, who: str, text: str, code: str) -> None:
        """Forget what one caller picked for these words."""
        with self._database.write() as connection:
            connection.execute(delete(picks).where(picks.c.who == who, picks.c.text == text, picks.c.code == code))

    def silence(self, who: str) -> None:
        """Forget what a caller said, and keep nothing more of him."""
        try:
            with self._database.write() as connection:
                for table in (picks, misses):
                    connection.execute(delete(table).where(table.c.who == who))
                if connection.execute(select(silenced.c.who).where(silenced.c.who == who)).first() is None:
                    connection.execute(insert(silenced).values(who=who, at=self._clock()))
        except IntegrityError:  # another process silenced him this very moment, and deleted as well
            pass

    def picks(self) -> list[Pick]:
        """Return all picks, oldest first."""
        # One that was under way while its caller was silenced is still not told.
        query = select(picks).where(picks.c.who.not_in(select(silenced.c.who))).order_by(picks.c.id)
        with self._database.read() as connection:
            return [Pick(row.text, row.code, row.how, row.at, row.who) for row in connection.execute(query)]

    def misses(self) -> list[Miss]:
        """Return all misses, oldest first."""
        query = select(misses).where(misses.c.who.not_in(select(silenced.c.who))).order_by(misses.c.id)
        with self._database.read() as connection:
            return [Miss(row.text, row.at, row.who) for row in connection.execute(query)]

    def expire(self, before: datetime) -> int:
        """Delete what is older and return how many picks and misses went."""
        with self._database.write() as connection:
            gone = sum(int(connection.execute(delete(table).where(table.c.at < before)).rowcount) for table in (picks, misses))
            connection.execute(delete(silenced).where(silenced.c.at < before))
        return gone

    def learned(self) -> list[Learned]:
        """Return every learned name, by code and text."""
        with self._database.read() as connection:
            rows = connection.execute(select(learned).order_by(learned.c.code, learned.c.text))
            return [Learned(row.code, row.text, row.author, row.at, row.evidence) for row in rows]

    def rejected(self) -> list[tuple[str, str]]:
        """Return (code, text) of every rejected name."""
        with self._database.read() as connection:
            return [(row.code, row.text) for row in connection.execute(select(rejected.c.code, rejected.c.text))]

    def accept(self, names: Sequence[Learned]) -> None:
        """Make names of records, all or none; the revision of the knowledge grows with them."""
        if not names:
            return
        with self._database.write() as connection:
            for name in names:
                connection.execute(delete(learned).where(learned.c.code == name.code, learned.c.text == name.text))
                connection.execute(insert(learned).values(code=name.code, text=name.text, author=name.author, at=name.at, evidence=name.evidence))
            _grow(connection)

    def reject(self, names: Iterable[tuple[str, str]], *, author: str, at: datetime) -> None:
        """Note that these (code, text) shall never be suggested again."""
        with self._database.write() as connection:
            for code, text in names:
                connection.execute(delete(rejected).where(rejected.c.code == code, rejected.c.text == text))
                connection.execute(insert(rejected).values(code=code, text=text, author=author, at=at))

    def forget(self, code: str, text: str) -> bool:
        """Take a learned name back; False when there is none."""
        with self._database.write() as connection:
            gone = bool(connection.execute(delete(learned).where(learned.c.code == code, learned.c.text == text)).rowcount)
            if gone:
                _grow(connection)
        return gone


def _grow(connection: Connection) -> None:
    connection.execute(update(revisions).values(revision=revisions.c.revision + 1))
