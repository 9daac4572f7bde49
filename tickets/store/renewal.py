"""Writing personal columns anew under the newest key while the product runs, and how that waits for who still writes under an older one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Sequence

from sqlalchemy import Column, Table, func, select, text, tuple_, update
from sqlalchemy.engine import Connection

from core.cipher import Cipher
from core.db import Database

_WRITERS = 12346  # any number that all processes of this product agree on
_PASSES = 5

Told = Callable[[int], None]  # how many more rows were looked at


class OldKeyInUse(Exception):
    """Somebody goes on writing under an older key: a process that reads another key file."""


@contextmanager
def encrypting(database: Database) -> Iterator[Connection]:
    """Yield a writing transaction in which values may be encrypted; a renewal begins after all that began before its key."""
    with database.write() as connection:
        _take(connection, "pg_advisory_xact_lock_shared")
        yield connection


def row_count(database: Database, tables: Sequence[Table]) -> int:
    """Return how many rows one pass looks at."""
    with database.read() as connection:
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


def renew_rows(database: Database, cipher: Cipher, tables: Sequence[Table], told: Told = lambda rows: None, batch: int = 200) -> int:
    """Bring every token in the columns that are marked as personal under the newest key; return how many were written anew.

    The newest key must be in the file already. Ends when a whole pass met nothing under an older key. May be killed and started
    again at any moment. An act that comes in between wins: a token is replaced only where it is still the one that was read.
    Raises KeysFaulty when no key reads a token, OldKeyInUse when passes do not get to an end.
    """
    with database.write() as connection:
        _take(connection, "pg_advisory_xact_lock")  # SQLite's write lock has waited by now
    written = 0
    for _ in range(_PASSES):
        stale = 0
        for table in tables:
            for rows in _batches(database, table, batch):
                renewals = _renewals(table, rows, cipher)
                stale += len(renewals)
                written += _write(database, table, renewals)
                told(len(rows))
        if not stale:
            return written
    raise OldKeyInUse


def personal(table: Table) -> list[Column[Any]]:
    """Return the columns that hold tokens of the cipher."""
    return [column for column in table.columns if column.info.get("personal")]


def _batches(database: Database, table: Table, batch: int) -> Iterator[list[Any]]:
    keys = list(table.primary_key.columns)
    query = select(*keys, *personal(table)).order_by(*keys).limit(batch)
    beyond: list[Any] = []
    while True:
        with database.read() as connection:
            rows = connection.execute(query.where(*beyond)).all()
        if not rows:
            return
        yield rows
        beyond = [tuple_(*keys) > tuple_(*rows[-1][:len(keys)])]


@dataclass(frozen=True)
class _Renewal:
    """One row's tokens that change: column → (old, new)."""

    key: tuple[Any, ...]
    tokens: dict[str, tuple[str, str]]


def _renewals(table: Table, rows: Sequence[Any], cipher: Cipher) -> list[_Renewal]:
    width = len(table.primary_key.columns)
    found = []
    for row in rows:
        pairs = {column.name: (token, cipher.renew(token)) for column in personal(table) if (token := row._mapping[column.name]) is not None}
        if changed := {name: (old, new) for name, (old, new) in pairs.items() if old != new}:
            found.append(_Renewal(tuple(row[:width]), changed))
    return found


def _write(database: Database, table: Table, renewals: list[_Renewal]) -> int:
    """Write tokens, the free rows together and then the others one by one; return how many were still there to be replaced.

    Who holds several rows waits for none, and who waits holds none: so no act runs into a deadlock for our sake.
    """
    if not renewals:
        return 0
    keys = list(table.primary_key.columns)
    mine = select(*keys).where(tuple_(*keys).in_([renewal.key for renewal in renewals])).with_for_update(skip_locked=True)
    with database.write() as connection:
        free = {tuple(row) for row in connection.execute(mine)}
        written = sum(_replace(connection, table, renewal) for renewal in renewals if renewal.key in free)
    for renewal in renewals:
        if renewal.key not in free:
            with database.write() as connection:
                written += _replace(connection, table, renewal)
    return written


def _replace(connection: Connection, table: Table, renewal: _Renewal) -> int:
    # All of a row or nothing: an act writes all of them anew.
    here = [key == value for key, value in zip(table.primary_key.columns, renewal.key)]
    same = [table.c[name] == old for name, (old, _) in renewal.tokens.items()]
    changed = connection.execute(update(table).where(*here, *same).values({name: new for name, (_, new) in renewal.tokens.items()}))
    return len(renewal.tokens) * int(changed.rowcount)


def _take(connection: Connection, lock: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT {lock}(:lock)"), {"lock": _WRITERS})
