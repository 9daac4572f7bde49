"""The composition root of the action server: the SDK makes actions without arguments, so they ask here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import redis

import tickets.bootstrap
from core.bootstrap import load_regions
from core.clock import Clock, system_clock
from core.regions import RegionTree
from core.settings import Settings, load_settings
from knowledge.bootstrap import Knowledge, LiveKnowledge, remembering, serving
from knowledge.memory.recorder import Memory
from tickets.service import TicketService


@dataclass(frozen=True)
class Parts:
    """What actions need; one per process."""

    settings: Settings
    knowledge: Knowledge | LiveKnowledge
    regions: RegionTree
    tickets: TicketService
    clock: Clock
    memory: Memory


@lru_cache(maxsize=1)
def parts() -> Parts:
    """Build everything on first use; raises SettingsError or KnowledgeFaulty by name when something is wrong."""
    settings = load_settings()
    client = redis.Redis.from_url(settings.redis_url, socket_timeout=1.5, socket_connect_timeout=1.5) if settings.redis_url else None
    return Parts(settings, serving(settings), load_regions(home=settings.region), tickets.bootstrap.serving(settings, client), system_clock,
                 remembering(settings))
