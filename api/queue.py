"""The line of conversations that wait for a person; alarms stand first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redis.asyncio import Redis

_LINE, _REASONS = "hotline:queue", "hotline:queue:reasons"


@dataclass(frozen=True)
class Waiting:
    """One conversation in the line; `reason` is handoff, or the outcome of an alarm."""

    id: str
    reason: str
    since: float  # seconds since the epoch

    @property
    def alarm(self) -> bool:
        return self.reason != "handoff"


class Queue:
    """Kept in Redis, so that every gateway sees the same line."""

    def __init__(self, redis: Redis[str]) -> None:
        self._redis = redis

    async def join(self, id: str, reason: str, at: datetime) -> None:
        """Put a conversation into the line; it keeps its first place, and an alarm is never lowered to a wish."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(_LINE, {id: at.timestamp()}, nx=True)
            if reason == "handoff":
                pipe.hsetnx(_REASONS, id, reason)
            else:
                pipe.hset(_REASONS, id, reason)
            await pipe.execute()

    async def leave(self, id: str) -> None:
        """Take a conversation out of the line; nothing happens if it is not in it."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrem(_LINE, id)
            pipe.hdel(_REASONS, id)
            await pipe.execute()

    async def waiting(self) -> list[Waiting]:
        """Return the line: alarms first, then who waits longest."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrange(_LINE, 0, -1, withscores=True)
            pipe.hgetall(_REASONS)
            line, reasons = await pipe.execute()
        entries = [Waiting(id, reasons.get(id, "handoff"), since) for id, since in line]
        return sorted(entries, key=lambda entry: (not entry.alarm, entry.since))
