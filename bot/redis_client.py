"""The Redis of Rasa's two stores: synchronous calls within Rasa's event loop, so none of them may take long."""

from __future__ import annotations

from typing import Any

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

CONNECT_S, ANSWER_S = 1.0, 1.5
AGAIN_S = 0.05


def connect(host: str | None, port: int | str = 6379, db: int | str = 0, username: str | None = None, password: str | None = None,
            use_ssl: bool = False) -> "Redis[str]":
    """Return a client that connects when it is first used; only connecting is tried a second time, never a command."""
    options: dict[str, Any] = {"host": host or "127.0.0.1", "port": int(port), "db": int(db), "username": username or None,
                               "password": password or None, "ssl": use_ssl, "socket_connect_timeout": CONNECT_S, "socket_timeout": ANSWER_S}
    return Redis(decode_responses=True, retry=Retry(ConstantBackoff(AGAIN_S), 1), **options)
