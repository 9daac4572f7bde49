"""The last call of a number, for as long as it may be gone on with."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Mapping

from redis.asyncio import Redis

from api.phone import pending

WINDOW_S = 600
SPOKEN_AT = "spoken_at"  # field of a call: when its newest prompt was given out, ISO 8601
_LONGEST_TURN = timedelta(seconds=90)  # a prompt of 120 characters, said slowly, and the answer to it
_TICKETS = ("rated", "booked")
_IDLE = ("", "smalltalk", "repeated", "refused", "out_of_scope", "rated", "fault")
_ASKED = ("ticket_form", "clarified")  # the bot waits for an answer: whoever hangs up here was hardly done
_PENDING = ("more", "confirm", "message", "person")  # and so it does with these questions of its own
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


def broken_off(fields: Mapping[str, str], reason: str) -> bool:
    """Whether a call that ended for this reason was cut short: the line broke, or the bot had asked something or was in the middle."""
    asked = pending.read(fields.get("pending", ""))
    return bool(_BROKEN.search(reason)) or fields.get("outcome") in _ASKED or (asked is not None and asked.kind in _PENDING)


def is_over(fields: Mapping[str, str], now: datetime) -> bool:
    """Whether nobody can be speaking in a call any more: its end was told, or no turn came for longer than any takes."""
    if "ended" in fields:
        return True
    spoken_at = fields.get(SPOKEN_AT)
    return spoken_at is not None and now - datetime.fromisoformat(spoken_at) > _LONGEST_TURN


def of_ticket(outcome: str | None) -> bool:
    """Whether an answer belonged to a form or told of a ticket: such words are said once, to whoever is on the line then."""
    return bool(outcome) and (str(outcome).startswith("ticket") or outcome in _TICKETS)


def _key(line: str) -> str:
    return f"hotline:phone:last:{line}"
