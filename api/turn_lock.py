"""One turn at a time in a conversation, across processes; other conversations are not held up."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import asynccontextmanager
from typing import AsyncIterator
from weakref import WeakValueDictionary

from redis.asyncio import Redis

from api.errors import ApiError

EXPIRY_MS = 15_000  # a turn lasts 4 s at most; a gateway that died in one frees it after this
WAIT_S = 12.0       # three turns before this one
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class TurnLock:
    """A Redis lock with token and expiry, behind a fair lock of this process so that messages keep their order."""

    def __init__(self, redis: Redis[str], wait: float = WAIT_S) -> None:
        self._redis = redis
        self._wait = wait
        self._release = redis.register_script(_RELEASE)
        self._here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        """Wait for `name` and hold it; raise ApiError("turn_in_progress") after `wait` seconds."""
        until = time.monotonic() + self._wait
        here = self._here.setdefault(name, asyncio.Lock())
        try:
            await asyncio.wait_for(here.acquire(), self._wait)
        except asyncio.TimeoutError:
            raise ApiError("turn_in_progress") from None
        try:
            key, token = f"hotline:turn:{name}", secrets.token_hex(16)
            pause = 0.005
            while not await self._redis.set(key, token, nx=True, px=EXPIRY_MS):
                if time.monotonic() > until:
                    raise ApiError("turn_in_progress")
                await asyncio.sleep(pause)
                pause = min(pause * 2, 0.1)
            try:
                yield
            finally:
                await self._release(keys=[key], args=[token])
        finally:
            here.release()
