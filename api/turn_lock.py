"""One turn at a time in a conversation, across processes; other conversations are not held up."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import asynccontextmanager, suppress
from typing import AsyncIterator
from weakref import WeakValueDictionary

from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.errors import ApiError

LEASE_S = 8.0    # a gateway that died in a turn frees it after this
RENEWED_S = 2.0  # a turn that takes longer keeps its lease
WAIT_S = 12.0    # three turns before this one
# The same holder may ask again: the answer to its first asking can be lost.
_TAKE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
"""
_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class TurnLock:
    """A lease in Redis, renewed while it is held, behind a fair lock of this process so that messages keep their order.

    Should a lease be lost all the same, what the bot says is refused where a person took the conversation.
    """

    def __init__(self, redis: Redis[str], wait: float = WAIT_S, lease: float = LEASE_S, renewed: float = RENEWED_S) -> None:
        self._wait, self._renewed = wait, renewed
        self._lease_ms = round(lease * 1000)
        self._take, self._renew, self._release = (redis.register_script(script) for script in (_TAKE, _RENEW, _RELEASE))
        self._here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        """Wait for `name` and hold it; raise ApiError("turn_in_progress") after `wait` seconds, RedisError where Redis is away."""
        until = time.monotonic() + self._wait
        here = self._here.setdefault(name, asyncio.Lock())
        try:
            await asyncio.wait_for(here.acquire(), self._wait)
        except asyncio.TimeoutError:
            raise ApiError("turn_in_progress") from None
        try:
            key, token = f"hotline:turn:{name}", secrets.token_hex(16)
            renewing: asyncio.Task[None] | None = None
            try:
                await self._taken(key, token, until)
                renewing = asyncio.create_task(self._keep(key, token))
                yield
            finally:
                if renewing:
                    renewing.cancel()
                with suppress(RedisError):  # it frees itself; what was done under it is done
                    await self._release(keys=[key], args=[token])
        finally:
            here.release()

    async def _taken(self, key: str, token: str, until: float) -> None:
        pause = 0.005
        while not await self._asked(key, token):
            if time.monotonic() > until:
                raise ApiError("turn_in_progress")
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.1)

    async def _asked(self, key: str, token: str) -> bool:
        try:
            return bool(await self._take(keys=[key], args=[token, self._lease_ms]))
        except RedisError:  # it may have been taken all the same: asked once more it is ours or nobody's
            return bool(await self._take(keys=[key], args=[token, self._lease_ms]))

    async def _keep(self, key: str, token: str) -> None:
        while True:
            await asyncio.sleep(self._renewed)
            with suppress(RedisError):
                await self._renew(keys=[key], args=[token, self._lease_ms])
