"""Builds the real parts of the gateway from settings."""

from __future__ import annotations

from typing import Any

import httpx
import redis
import redis.asyncio
import redis.asyncio.retry
from redis.backoff import ExponentialBackoff
from redis.retry import Retry
from sqlalchemy import text

from api.archive import Archive
from api.keys import KeyStore
from api.phrases import Phrases
from api.ports import Parts
from core.bootstrap import load_regions
from core.cipher import load_cipher
from core.clock import system_clock
from core.db import connect
from core.logs import get_logger
from core.settings import ROOT, Settings
from knowledge.bootstrap import remembering, serving
from safety.bootstrap import build_detector
from tickets.bootstrap import build_album
from tickets.bootstrap import serving as serving_tickets
from tickets.conversation_ratings import ConversationRatings
from tickets.notices.link import may_rate
from tickets.notices.notifier import message_gateway
from tickets.store.conversation_ratings import SqlConversationRatings
from tickets.store.public import PublicTickets

# A frozen Redis must not freeze the callers with it; seconds.
_REDIS: dict[str, Any] = {"socket_connect_timeout": 1.0, "socket_timeout": 2.0, "decode_responses": True}
# Redis starts again within about a second: connecting is tried that long. A command is never repeated, it may have been done.
_PAUSES, _TRIES = ExponentialBackoff(cap=0.5, base=0.1), 4


def build_parts(settings: Settings) -> Parts:
    """Build everything; raises by name what is missing or faulty. Nothing connects to Redis or Rasa yet."""
    database = connect(settings.database)

    def ping_database() -> None:
        with database.read() as connection:
            connection.execute(text("SELECT 1"))

    cipher = load_cipher(settings.personal_keys)
    tickets = serving_tickets(settings, redis.from_url(settings.redis_url, retry=Retry(_PAUSES, _TRIES), **_REDIS))
    tickets.classify("路灯坏了")  # what it loads on first use takes seconds; the first citizen shall not wait for it
    return Parts(
        redis=redis.asyncio.from_url(settings.redis_url, retry=redis.asyncio.retry.Retry(_PAUSES, _TRIES), **_REDIS),
        http=httpx.AsyncClient(limits=httpx.Limits(max_connections=200, max_keepalive_connections=50), trust_env=False,
                               timeout=httpx.Timeout(10.0, connect=1.0)),
        detector=build_detector(),
        knowledge=serving(settings),
        regions=load_regions(home=settings.region),
        tickets=tickets,
        photos=build_album(settings, tickets),
        public_tickets=PublicTickets(database),
        ratings=ConversationRatings(SqlConversationRatings(database), tickets.open, tickets.repository.find),
        archive=Archive(database, cipher),
        keys=KeyStore(database, system_clock),
        memory=remembering(settings),
        phrases=Phrases.load(ROOT / "bot" / "domain"),
        ping_database=ping_database,
        clock=system_clock,
        log=get_logger("api"),
        text_messages=message_gateway(settings),
        may_rate=lambda number, token: may_rate(number, token, cipher),
    )
