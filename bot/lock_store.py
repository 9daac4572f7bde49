"""One turn at a time in a conversation, over all Rasa processes; who died frees it within seconds."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from contextlib import asynccontextmanager
from typing import AsyncGenerator
from weakref import WeakValueDictionary

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig
from redis import RedisError

from bot.redis_client import connect

logger = logging.getLogger(__name__)
PREFIX = "lock:turn:"  # not the name of Rasa's own locks, whose records never expire
LEASE_S = 4.0
RENEWED_S = 1.0
WAIT_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.005, 0.1
# The same holder may ask again: the answer to its first asking can be lost.
_TAKE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
"""
_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class LeaseLockStore(LockStore):
    """A lease in Redis behind a fair lock of this process; it is renewed while the turn lasts.

    Should a lease be lost all the same, the tracker store refuses the later of two writes.
    """

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        self._redis = connect(endpoint_config.url, **endpoint_config.kwargs)
        self._take = self._redis.register_script(_TAKE)
        self._renew = self._redis.register_script(_RENEW)
        self._release = self._redis.register_script(_RELEASE)
        self._here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        super().__init__()

    @asynccontextmanager
    async def lock(self, conversation_id: str, lock_lifetime: float = LEASE_S,
                   wait_time_in_seconds: float = WAIT_S) -> AsyncGenerator[TicketLock, None]:
        """Wait for the conversation and hold it; raises LockError after `wait_time_in_seconds`, or when Redis does not answer."""
        until = time.monotonic() + wait_time_in_seconds
        here = self._here.setdefault(conversation_id, asyncio.Lock())
        try:
            await asyncio.wait_for(here.acquire(), wait_time_in_seconds)
        except asyncio.TimeoutError:
            raise LockError("a turn of this conversation takes too long") from None
        try:
            key, token = PREFIX + conversation_id, secrets.token_hex(16)
            await self._taken(key, token, lock_lifetime, until)
            renewing = asyncio.create_task(self._renewed(key, token, lock_lifetime))
            try:
                yield TicketLock(conversation_id)
            finally:
                renewing.cancel()
                self._freed(key, token)
        finally:
            here.release()

    async def _taken(self, key: str, token: str, lease: float, until: float) -> None:
        pause = FIRST_PAUSE_S
        try:
            while not self._take(keys=[key], args=[token, round(lease * 1000)]):
                if time.monotonic() > until:
                    raise LockError("a turn of this conversation takes too long elsewhere")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
        except RedisError as error:
            raise LockError(f"Redis did not answer: {type(error).__name__}") from None

    async def _renewed(self, key: str, token: str, lease: float) -> None:
        while True:
            await asyncio.sleep(RENEWED_S)
            try:
                self._renew(keys=[key], args=[token, round(lease * 1000)])
            except RedisError as error:
                logger.warning("a lease was not renewed: %s", type(error).__name__)

    def _freed(self, key: str, token: str) -> None:
        """Free the conversation; what cannot be freed now frees itself. The turn itself is done and must not fail here."""
        try:
            self._release(keys=[key], args=[token])
        except RedisError as error:
            logger.warning("a lease was not freed: %s", type(error).__name__)
