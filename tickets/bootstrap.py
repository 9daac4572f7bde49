"""Builds the ticket service from settings."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Sequence

from redis import Redis

from core.bootstrap import load_regions
from core.calendar import published_calendar
from core.db import connect
from core.settings import Settings
from tickets.load import load_catalogue, load_policy
from tickets.ports import AttemptLimiter, Extract, Span
from tickets.routing import Router
from tickets.service import TicketService
from tickets.store.attempts import MemoryAttempts, RedisAttempts
from tickets.store.sql import SqlTickets


def build(settings: Settings, redis_client: Redis[Any] | None, extract: Extract | None = None) -> TicketService:
    """Return the service over the configured database, whose schema `core.db.migrate` must have made.

    `extract` is the process's own, where it has one; else one is loaded at the first ticket, which takes seconds: a server
    that must answer at once passes its own or classifies something before it opens its doors.
    Without Redis wrong look-ups are counted in this process alone, which is right for one process only.
    Raises CatalogueError when the catalogue or the policy cannot be used.
    """
    policy, catalogue = load_policy(), load_catalogue()
    spare = MemoryAttempts(policy.attempts)
    limiter: AttemptLimiter = spare if redis_client is None else RedisAttempts(redis_client, policy.attempts, spare)
    departments = tuple(sorted({leaf.department for leaf in catalogue}))
    return TicketService(SqlTickets(connect(settings.database)), limiter, Router(catalogue, policy), policy,
                         published_calendar(), extract or _extraction(departments))


def _extraction(departments: tuple[str, ...]) -> Extract:
    @lru_cache(maxsize=1)
    def extractor() -> Any:
        # spaCy takes a second to load: a process that only looks tickets up never pays for it.
        from zh.extract import Extractor
        regions = load_regions()
        return Extractor(regions.names(), departments, regions.other_words())

    def extract(text: str) -> Sequence[Span]:
        spans: Sequence[Span] = extractor().extract(text)
        return spans

    return extract
