"""The database: one engine per process, units of work, and the one migration history."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Iterator

from alembic import command
from alembic.config import Config
from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text, create_engine, event, text
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

from core.cipher import Cipher
from core.clock import SHANGHAI

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_MIGRATION_LOCK = 12345  # any number that all processes of this product agree on

metadata = MetaData()
_PERSONAL = {"personal": True}  # marks a column as encrypted: see core.cipher and tickets.store.renewal


class Moment(TypeDecorator):
    """An aware moment: kept as UTC (SQLite has no zones), handed out in Shanghai time. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must carry its zone")
        value = value.astimezone(timezone.utc)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return (value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value).astimezone(SHANGHAI)


api_keys = Table(
    "api_keys", metadata,
    Column("id", String(32), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("label", String(100), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("department", String(60)),  # of a department's key: for which office it acts
    Column("region", String(6)),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

# Conversations that are over. An exchange may use a call's id again, so each has a key of its own.
conversations = Table(
    "conversations", metadata,
    Column("key", String(64), primary_key=True),
    Column("id", String(64), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("region", String(6)),
    Column("owner", String(10), nullable=False),  # at the end
    Column("outcome", String(40)),
    Column("about", String(120)),                 # number of a ticket or code of an item
    Column("opened_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("ended", String(100), nullable=False),  # why
    Column("messages", Integer, nullable=False),   # how many
    Column("digest", String(64), nullable=False),  # of its token
    Column("caller", Text, info=_PERSONAL),
    Column("caller_index", String(64)),            # finds a number without showing it
    Column("fields", Text, nullable=False, info=_PERSONAL),  # JSON: what else was known of it
    Index("conversations_by_id", "id", "opened_at"),
    Index("conversations_by_end", "ended_at"),
    Index("conversations_by_caller", "caller_index"),
)

conversation_messages = Table(
    "conversation_messages", metadata,
    Column("conversation", String(64), ForeignKey("conversations.key"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("author", String(10), nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False, info=_PERSONAL),  # JSON: words, card, options, ids
)


class Database:
    """Units of work over one engine: `write()` commits at its end or rolls back, `read()` never commits."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in a writing transaction; on SQLite it holds the write lock from its first moment."""
        with self.engine.connect() as connection:
            connection = connection.execution_options(writing=True)
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that is rolled back."""
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Give all pooled connections back."""
        self.engine.dispose()


def connect(url: str) -> Database:
    """Return the database behind an SQLAlchemy URL (sqlite or postgresql); connects on first use.

    The folder of a SQLite file is made. Raises ValueError on any other kind of database.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return Database(create_engine(parsed, future=True, pool_pre_ping=True))
    if backend != "sqlite":
        raise ValueError(f"unsupported database: {backend}")
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # Opening a file anew for each unit of work costs more than most units do; a pooled connection may change threads, one at a time.
    in_file = bool(parsed.database and parsed.database != ":memory:")
    pooled: dict[str, Any] = {"poolclass": QueuePool, "connect_args": {"check_same_thread": False}} if in_file else {}
    engine = create_engine(parsed, future=True, **pooled)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # The driver's own BEGIN comes too late and is never IMMEDIATE; ours is sent in _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    # The wait comes first: turning WAL on needs a lock that another process may hold at start-up.
    for pragma in ("busy_timeout = 20000", "journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads and then writes may fail half-way without waiting, unless it took the write lock first.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writing") else "BEGIN")


def migrate(url: str, cipher: Cipher | None = None) -> None:
    """Bring the database at `url` to the newest schema; processes that start together wait for each other.

    `cipher` encrypts what an old schema kept in the clear. Raises ValueError where that is needed and there is none.
    """
    database = connect(url)
    try:
        with database.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
            config.attributes.update(connection=connection, cipher=cipher)
            command.upgrade(config, "head")
    finally:
        database.close()
