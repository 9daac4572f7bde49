"""How long it will take until a person is free, told from how long the last ones took; unknown is said as unknown."""

from __future__ import annotations

import math
from datetime import datetime
from statistics import mean
from typing import Sequence

from redis.asyncio import Redis

from api.desk.line import city_of

KEPT, ENOUGH, FRESH_S = 20, 3, 3600.0
LONGEST = 60  # minutes; beyond that nobody can tell


class Waits:
    """Kept in Redis for each skill of a city: when the last ones were taken, and how long each had been the next."""

    def __init__(self, redis: Redis[str]) -> None:
        self._redis = redis

    async def note(self, skill: str, region: str | None, since: float, at: datetime) -> None:
        """Somebody who waited since `since` (seconds since the epoch) was taken."""
        now, key = at.timestamp(), _key(skill, region)
        last = await self._redis.lindex(key, 0)
        began = max(since, float(last.split()[0])) if last else since  # before that, it was another's turn
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.lpush(key, f"{now!r} {max(0.0, now - began)!r}")
            pipe.ltrim(key, 0, KEPT - 1)
            pipe.expire(key, int(FRESH_S))
            await pipe.execute()

    async def expected(self, skill: str, region: str | None, position: int, at: datetime) -> int | None:
        """Return the minutes that the one at this position (from 1) will likely wait."""
        kept = [tuple(map(float, entry.split())) for entry in await self._redis.lrange(_key(skill, region), 0, KEPT - 1)]
        return minutes([gap for taken, gap in kept if at.timestamp() - taken < FRESH_S], position)


def minutes(gaps: Sequence[float], position: int) -> int | None:
    """Return whole minutes, at least one; `gaps` are the seconds that each of the last ones took. None if too little is known."""
    if len(gaps) < ENOUGH:
        return None
    expected = max(1, math.ceil(mean(gaps) * position / 60))
    return expected if expected <= LONGEST else None


def _key(skill: str, region: str | None) -> str:
    return f"hotline:desk:waits:{skill}:{city_of(region)}"
