"""The throw-away PostgreSQL of the tests."""

from __future__ import annotations

from sqlalchemy import inspect, text

from core.db import connect


def empty(url: str) -> None:
    """Drop every table, whatever an earlier test or an older schema left."""
    database = connect(url)
    with database.write() as connection:
        for table in inspect(connection).get_table_names():
            connection.execute(text(f'DROP TABLE "{table}" CASCADE'))
    database.close()
