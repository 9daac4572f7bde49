"""Builds the real parts of the gateway from settings."""

from __future__ import annotations

from typing import Any

import httpx
import redis
import redis.asyncio
from sqlalchemy import text

from api.keys import KeyStore
from api.phrases import Phrases
from api.ports import Parts
from core.bootstrap import load_regions
from core.clock import system_clock
from core.db import connect
from core.logs import get_logger
from core.settings import ROOT, Settings
from knowledge.bootstrap import remembering, serving
from safety.bootstrap import build_detector
from tickets.bootstrap import build as build_tickets

# A frozen Redis must not freeze the callers with it; seconds.
_REDIS: dict[str, Any] = {"socket_connect_timeout": 1.0, "socket_timeout": 2.0, "decode_responses": True}


def build_parts(settings: Settings) -> Parts:
    """Build everything; raises by name what is missing or faulty. Nothing connects to Redis or Rasa yet."""
    database = connect(settings.database)

    def ping_database() -> None:
        with database.read() as connection:
            connection.execute(text("SELECT 1"))

    tickets = build_tickets(settings, redis.from_url(settings.redis_url, **_REDIS))
    tickets.classify("路灯坏了")  # what it loads on first use takes seconds; the first citizen shall not wait for it
    return Parts(
        redis=redis.asyncio.from_url(settings.redis_url, **_REDIS),
        http=httpx.AsyncClient(limits=httpx.Limits(max_connections=200, max_keepalive_connections=50), trust_env=False,
                               timeout=httpx.Timeout(10.0, connect=1.0)),
        detector=build_detector(),
        knowledge=serving(settings),
        regions=load_regions(home=settings.region),
        tickets=tickets,
        keys=KeyStore(database, system_clock),
        memory=remembering(settings),
        phrases=Phrases.load(ROOT / "bot" / "domain"),
        ping_database=ping_database,
        clock=system_clock,
        log=get_logger("api"),
    )
