"""The line of conversations that wait for a person; alarms stand first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Iterable, Mapping, Sequence

from redis.asyncio import Redis

from api.conversations import Owner
from api.desk.moves import LINE, Move, Moves
from core.clock import Clock, system_clock

LIFTED_S = 300.0  # who has waited this long stands one class higher


@dataclass(frozen=True)
class Waiting:
    """One conversation in the line. `since` is seconds since the epoch; `priority` 0 before 1 before 2, as it is now."""

    id: str
    reason: str
    since: float
    skill: str
    region: str | None
    priority: int

    @property
    def alarm(self) -> bool:
        return is_alarm(self.reason)


@dataclass(frozen=True)
class Place:
    """Where somebody stands among those whom the same people serve: `position` counts from 1, `ahead` are before him."""

    position: int
    ahead: int


class Line:
    """Kept in Redis, so that every gateway sees the same line. Who is in it belongs to nobody but the line, or is alarmed at a desk."""

    def __init__(self, redis: Redis[str], clock: Clock = system_clock) -> None:
        self._redis = redis
        self._clock = clock
        self._moves = Moves(redis)

    async def join(self, id: str, reason: str, at: datetime, *, skill: str = "general", region: str | None = None, elderly: bool = False,
                   distressed: bool = False) -> str:
        """Put a conversation into the line and return its owner, "" where it is gone or over.

        It keeps its first place, and an alarm is never lowered to a wish. Whom a person has joins only with an alarm.
        """
        entry = entry_of(reason, at, skill=skill, region=region, elderly=elderly, distressed=distressed)
        moved = await self._moves.make(id, Move({"bot": "queue", "queue": "queue", "operator": "operator"}, entry=entry))
        return str(moved.owner) if moved.result == "done" else ""

    async def leave(self, id: str) -> Owner | None:
        """Take a conversation out of the line and return its owner, the bot if nobody has it; None where it is gone. An alarm stays."""
        return (await self._moves.make(id, Move({"bot": "bot", "queue": "bot", "operator": "operator"}, leave=True))).owner

    async def waiting(self) -> list[Waiting]:
        """Return the line, best first."""
        kept = await self._redis.hgetall(LINE)
        return ordered((waiting_of(id, json.loads(entry), self._clock().timestamp()) for id, entry in kept.items()))

    async def place_of(self, id: str) -> Place | None:
        """Return where it stands, None if it is not in the line."""
        return place_in(await self.waiting(), id)

    async def next_for(self, skills: Sequence[str], region: str | None) -> Waiting | None:
        """Return the best that somebody of these skills and this region may take."""
        return next((entry for entry in await self.waiting() if fits(skills, region, entry)), None)


def is_alarm(reason: str) -> bool:
    """Whether a life may hang on it."""
    return reason.startswith("emergency_") or reason == "crisis"


def entry_of(reason: str, at: datetime, *, skill: str, region: str | None, elderly: bool = False, distressed: bool = False,
             returned: bool = False) -> dict[str, Any]:
    """Return an entry of the line as it is kept."""
    return {"reason": reason, "since": repr(at.timestamp()), "at": at.isoformat(timespec="seconds"), "skill": skill, "region": region or "",
            "alarm": is_alarm(reason), "elderly": elderly, "distressed": distressed, "returned": returned}


def waiting_of(id: str, entry: Mapping[str, Any], now: float) -> Waiting:
    """Read an entry; `now` in seconds since the epoch decides how far waiting has lifted it."""
    since = float(entry["since"])
    first = 0 if entry["alarm"] else 1 if entry["elderly"] or entry["distressed"] or entry["returned"] else 2
    lifted = max(0, first - 1) if now - since >= LIFTED_S else first
    return Waiting(id, entry["reason"], since, entry["skill"], entry["region"] or None, lifted)


def ordered(entries: Iterable[Waiting]) -> list[Waiting]:
    """Alarms first of all, then by class, then who waits longest."""
    return sorted(entries, key=lambda entry: (not entry.alarm, entry.priority, entry.since, entry.id))


def place_in(line: Sequence[Waiting], id: str) -> Place | None:
    """Return the place among those whom the same people serve: of the same skill and city, and alarms, which everybody takes."""
    own = next((entry for entry in line if entry.id == id), None)
    if own is None:
        return None
    same = [entry.id for entry in line if entry.alarm or (entry.skill == own.skill and together(entry.region, own.region))]
    return Place(same.index(id) + 1, same.index(id))


def together(region: str | None, other: str | None) -> bool:
    """Whether the same people serve both: one city has one desk, and what has no region is everybody's."""
    return not region or not other or city_of(region) == city_of(other)


def city_of(region: str | None) -> str:
    """Return what all codes of a city begin with, "" for none."""
    return (region or "")[:4]


def fits(skills: Sequence[str], region: str | None, entry: Waiting) -> bool:
    """Whether somebody may take it: an alarm everybody; nobody's skills or region named is all of them."""
    return entry.alarm or ((not skills or entry.skill in skills) and covers(region, entry.region))


def covers(region: str | None, of: str | None) -> bool:
    """Whether a region (code of a province, city or county; None is everywhere) holds another; what has no region is everybody's."""
    if region is None or of is None:
        return True
    return of.startswith(region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else region)
