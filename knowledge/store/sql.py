"""Versions of records in the database. Rows are only ever added; the newest row of a code is its head."""

from __future__ import annotations

import json
from datetime import date, datetime
from itertools import islice
from typing import Any, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text, func, insert, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from core.db import Database, Moment, metadata
from knowledge.document import text_of
from knowledge.errors import ConcurrentChange
from knowledge.record import Change, Head, Version

BATCH = 500  # rows a statement, and codes a query: SQLite allows 999 variables by default

versions = Table(
    "knowledge_versions", metadata,
    Column("code", String(120), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(12), nullable=False),
    Column("document", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("author", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", String(500), nullable=False),
    Index("knowledge_versions_by_state", "state", "valid_from"),
)

revisions = Table(
    "knowledge_revision", metadata,
    Column("id", Integer, primary_key=True),  # the one row has 1
    Column("revision", Integer, nullable=False),
)


class SqlKnowledge:
    """The store over one database; see knowledge.ports.Store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def heads(self) -> Mapping[str, Head]:
        """Return the newest version of each record by code."""
        with self._database.read() as connection:
            return _heads(connection)

    def newest(self, codes: Sequence[str]) -> Mapping[str, Version]:
        """Return the newest version of those of `codes` that exist."""
        found: dict[str, Version] = {}
        with self._database.read() as connection:
            for start in range(0, len(codes), BATCH):
                wanted = versions.c.code.in_(codes[start:start + BATCH])
                for row in connection.execute(select(versions).where(wanted).order_by(versions.c.number)):
                    found[row.code] = _version(row._mapping)
        return found

    def versions(self, code: str) -> Sequence[Version]:
        """Return every version, oldest first."""
        query = select(versions).where(versions.c.code == code).order_by(versions.c.number)
        with self._database.read() as connection:
            return [_version(row._mapping) for row in connection.execute(query)]

    def in_force(self, day: date) -> Iterator[Version]:
        """Yield what callers hear on `day`, by code."""
        began = or_(versions.c.valid_from.is_(None), versions.c.valid_from <= day)
        decided = (select(versions.c.code, func.max(versions.c.number).label("number"))
                   .where(versions.c.state != "draft", began).group_by(versions.c.code).subquery())
        lasts = or_(versions.c.valid_to.is_(None), versions.c.valid_to >= day)
        query = (select(versions).join(decided, (versions.c.code == decided.c.code) & (versions.c.number == decided.c.number))
                 .where(versions.c.state == "published", lasts).order_by(versions.c.code))
        with self._database.read() as connection:
            for row in connection.execution_options(stream_results=True).execute(query):
                yield _version(row._mapping)

    def put(self, changes: Iterable[Change], *, author: str, at: datetime, note: str) -> int:
        """Append a version a change, all or none; see the port."""
        count, heard = 0, False
        try:
            with self._database.write() as connection:
                numbers = {code: head.number for code, head in _heads(connection).items()}
                drawn = iter(changes)
                while batch := list(islice(drawn, BATCH)):
                    rows = []
                    for change in batch:
                        newest = numbers.get(change.code, 0)
                        if change.after is not None and change.after != newest:
                            raise ConcurrentChange(change.code)
                        numbers[change.code] = newest + 1
                        rows.append(_row(change, numbers[change.code], author, at, note))
                        heard = heard or change.state != "draft"
                    connection.execute(insert(versions), rows)
                    count += len(rows)
                if heard:
                    connection.execute(update(revisions).values(revision=revisions.c.revision + 1))
        except IntegrityError:  # only PostgreSQL lets two write at once
            raise ConcurrentChange from None
        return count

    def revision(self) -> int:
        """Return the number that grows with every change callers can hear."""
        with self._database.read() as connection:
            return int(connection.execute(select(revisions.c.revision)).scalar_one())


def _heads(connection: Connection) -> dict[str, Head]:
    newest = select(versions.c.code, func.max(versions.c.number).label("number")).group_by(versions.c.code).subquery()
    query = select(versions.c.code, versions.c.kind, versions.c.number, versions.c.state, versions.c.digest, versions.c.author).join(
        newest, (versions.c.code == newest.c.code) & (versions.c.number == newest.c.number))
    return {row.code: Head(row.kind, row.number, row.state, row.digest, row.author) for row in connection.execute(query)}


def _row(change: Change, number: int, author: str, at: datetime, note: str) -> dict[str, Any]:
    # A withdrawal holds from now on, whatever days stand in the document that it withdraws.
    told = {} if change.state == "withdrawn" else change.document
    days = {name: date.fromisoformat(told[name]) if told.get(name) else None for name in ("valid_from", "valid_to")}
    return {"code": change.code, "number": number, "kind": change.kind, "state": change.state, "document": text_of(change.document),
            "digest": change.digest, "author": author, "at": at, "note": note, **days}


def _version(row: Mapping[str, Any]) -> Version:
    return Version(row["kind"], row["code"], row["number"], row["state"], json.loads(row["document"]), row["digest"],
                   row["author"], row["at"], row["note"], row["valid_from"], row["valid_to"])
