"""Who has which conversation: looked up once for all consoles of this gateway that ask at about the same time."""

from __future__ import annotations

import asyncio
from typing import Mapping

from redis.asyncio import Redis

from api.desk.moves import OWNED

GATHER_S = 0.05  # every change at the desk is told to every console at once


class Hands:
    """One for each gateway."""

    def __init__(self, redis: Redis[str]) -> None:
        self._redis = redis
        self._coming: asyncio.Task[Mapping[str, str]] | None = None

    async def now(self) -> Mapping[str, str]:
        """Return the key id of the person who has it, for each conversation that somebody has."""
        return await self._redis.hgetall(OWNED)

    async def soon(self) -> Mapping[str, str]:
        """As `now` will tell in a moment; all who ask until then share one look."""
        if self._coming is None or self._coming.done():
            self._coming = asyncio.ensure_future(self._later())
        return await asyncio.shield(self._coming)

    async def _later(self) -> Mapping[str, str]:
        await asyncio.sleep(GATHER_S)
        self._coming = None  # who asks from here on has heard of something newer
        return await self.now()
