"""How often one session or one address may ask."""

from __future__ import annotations

import ipaddress
import time
from collections import Counter
from contextlib import contextmanager
from typing import Callable, Iterator

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import HTTPConnection

from api.errors import ApiError

# Generous: whole community centres share one address.
SESSION_MESSAGES = 30
ADDRESS_MESSAGES = 600
ADDRESS_SESSIONS = 120
ADDRESS_QUESTIONS = 600
ADDRESS_TICKETS = 60
ADDRESS_LONG_TEXTS = 60
SESSION_ALARMS = 20    # beyond, the words for a danger are told and nothing more is kept
SESSION_STREAMS = 5    # open at once, at one gateway
ADDRESS_STREAMS = 60
WINDOW_S = 60
_HIT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""


class Rates:
    """Fixed windows of a minute in Redis."""

    def __init__(self, redis: Redis[str]) -> None:
        self._hit = redis.register_script(_HIT)

    async def check(self, what: str, who: str, limit: int) -> None:
        """Count one; raise ApiError("too_many_requests") above `limit` a minute.

        Without Redis nothing is counted: a citizen is not turned away because a counter is broken.
        """
        try:
            count = await self._hit(keys=[f"hotline:rate:{what}:{who}"], args=[WINDOW_S])
        except RedisError:
            return
        if int(count) > limit:
            raise ApiError("too_many_requests")

    async def check_message(self, id: str, address: str | None, alarmed: bool) -> None:
        """Count a message of a session, and of its address where there is one; raise ApiError("too_many_requests").

        Alarms are counted apart: nobody who cries for help pays for what was said before.
        """
        what, limit = ("alarms", SESSION_ALARMS) if alarmed else ("messages", SESSION_MESSAGES)
        await self.check(what, id, limit)
        if address:
            await self.check(what, address, ADDRESS_MESSAGES)


class Rate:
    """At most `most` events of one connection within a window; `clock` counts seconds."""

    def __init__(self, most: int = 120, window: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._window, self._clock = most, window, clock
        self._began, self._count = clock(), 0

    def allows(self) -> bool:
        """Count one event."""
        now = self._clock()
        if now - self._began >= self._window:
            self._began, self._count = now, 0
        self._count += 1
        return self._count <= self._most


class Places:
    """How many connections each holds open at this gateway."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()

    @contextmanager
    def hold(self, who: str, most: int) -> Iterator[None]:
        """Hold one of `most` places; raise ApiError("too_many_requests") where all are taken."""
        if self._held[who] >= most:
            raise ApiError("too_many_requests")
        self._held[who] += 1
        try:
            yield
        finally:
            self._held[who] -= 1
            if not self._held[who]:
                del self._held[who]


def address_of(connection: HTTPConnection) -> str:
    """Return the client's address as the server saw it (uvicorn reads the proxy's header for trusted proxies)."""
    return connection.client.host if connection.client else "unknown"


def asker_of(connection: HTTPConnection) -> str:
    """Return whom wrong tries are counted against: the address, of IPv6 its /64, for one line has a whole one of them to itself."""
    address = address_of(connection)
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))
