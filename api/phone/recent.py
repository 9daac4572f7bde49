"""The last call of a number, for as long as it may be gone on with."""

from __future__ import annotations

import re

from redis.asyncio import Redis

WINDOW_S = 600
_IDLE = ("", "smalltalk", "repeated", "refused", "out_of_scope", "rated", "fault")
_ASKED = ("ticket_form", "clarified")  # the bot waits for an answer: whoever hangs up here was hardly done
_BROKEN = re.compile(r"drop|lost|timeout|time_out|disconnect|network|fault|error|broke|fail|掉线|断线|中断|断了", re.IGNORECASE)


class RecentCalls:
    """Kept in Redis by `line`: what stands for one number at one exchange."""

    def __init__(self, redis: Redis[str]) -> None:
        self._redis = redis

    async def note(self, line: str, call: str) -> None:
        """The call lives, or has just broken off."""
        await self._redis.set(_key(line), call, ex=WINDOW_S)

    async def forget(self, line: str) -> None:
        """The call came to its proper end."""
        await self._redis.delete(_key(line))

    async def last(self, line: str) -> str | None:
        """Return the call that may be gone on with."""
        return await self._redis.get(_key(line))


def has_business(outcome: str | None) -> bool:
    """Whether the newest answer was about anything that is worth going on with."""
    return (outcome or "") not in _IDLE


def broken_off(outcome: str | None, reason: str) -> bool:
    """Whether a call that ended for this reason was cut short: the line broke, or the bot had asked something."""
    return bool(_BROKEN.search(reason)) or outcome in _ASKED


def _key(line: str) -> str:
    return f"hotline:phone:last:{line}"
