"""How often one session or one address may ask."""

from __future__ import annotations

import ipaddress

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
