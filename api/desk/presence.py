"""Who sits at the desk now: kept alive by heartbeats, seen by every gateway."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Mapping, Sequence

from redis.asyncio import Redis

from api.desk.line import covers
from api.desk.moves import DESK, OWNED
from core.clock import Clock, system_clock

HEARTBEAT_S = 30.0  # who was not heard of for so long is gone
_SEATS = "hotline:desk:seats"
_FORGOTTEN_S = 7 * 86_400.0
State = Literal["ready", "paused"]


@dataclass(frozen=True)
class Seat:
    """A person at the desk; no `skills` are all, `busy` counts the conversations he has."""

    key_id: str
    name: str
    skills: tuple[str, ...]
    region: str | None
    state: State
    busy: int


class Presence:
    """Times are compared with this machine's clock: the clocks of gateways must agree to a second or so."""

    def __init__(self, redis: Redis[str], clock: Clock = system_clock) -> None:
        self._redis = redis
        self._clock = clock

    async def acts(self, key_id: str, name: str, skills: Sequence[str], region: str | None, at: datetime) -> None:
        """Somebody takes callers: he is here, whether or not his console tells so; one that never told so is never missed by `lost`."""
        kept = json.loads(await self._redis.hget(_SEATS, key_id) or "{}")
        beats = bool(kept.get("beats", kept))
        told = beats and kept["state"] != "away" and at.timestamp() - kept["seen"] < HEARTBEAT_S
        if not told:
            await self.here(key_id, name, skills, region, "ready", at, beats=beats)

    async def here(self, operator_key_id: str, name: str, skills: Sequence[str], region: str | None, state: State, at: datetime, *,
                   beats: bool = True) -> None:
        """Somebody is at his desk, or still is; to be told at least every 10 s."""
        seat = {"name": name, "skills": list(skills), "region": region or "", "state": state, "seen": at.timestamp(), "beats": beats}
        kept = await self._redis.hget(_SEATS, operator_key_id)
        await self._redis.hset(_SEATS, operator_key_id, json.dumps(seat, ensure_ascii=False))
        if kept is None or json.loads(kept)["state"] != state:
            await self._redis.publish(DESK, operator_key_id)

    async def away(self, key_id: str) -> None:
        """Somebody has left; what he has in hand goes back to the line if he is not here again within the time of a heartbeat."""
        kept = await self._redis.hget(_SEATS, key_id)
        if kept is not None:
            await self._redis.hset(_SEATS, key_id, json.dumps({**json.loads(kept), "state": "away"}, ensure_ascii=False))
            await self._redis.publish(DESK, key_id)

    async def present(self) -> list[Seat]:
        """Return who is here."""
        now = self._clock().timestamp()
        busy = Counter((await self._redis.hgetall(OWNED)).values())
        return [_seat(key_id, seat, busy[key_id]) for key_id, seat in (await self._seats()).items()
                if seat["state"] != "away" and now - seat["seen"] < HEARTBEAT_S]

    async def anybody_for(self, skill: str, region: str | None) -> bool:
        """Whether somebody is ready who takes this skill and region, busy or not."""
        return any(seat.state == "ready" and (not seat.skills or skill in seat.skills) and covers(seat.region, region)
                   for seat in await self.present())

    async def used(self) -> bool:
        """Whether anybody sat at this desk in the last week; a hotline whose people work elsewhere never says that nobody is there."""
        return bool(await self._seats())

    async def lost(self) -> set[str]:
        """Return the key ids of those who were here and have not been heard of for the time of a heartbeat."""
        now = self._clock().timestamp()
        return {key_id for key_id, seat in (await self._seats()).items() if seat.get("beats", True) and now - seat["seen"] >= HEARTBEAT_S}

    async def _seats(self) -> Mapping[str, Any]:
        seats = {key_id: json.loads(seat) for key_id, seat in (await self._redis.hgetall(_SEATS)).items()}
        old = [key_id for key_id, seat in seats.items() if self._clock().timestamp() - seat["seen"] > _FORGOTTEN_S]
        if old:
            await self._redis.hdel(_SEATS, *old)
        return {key_id: seat for key_id, seat in seats.items() if key_id not in old}


def _seat(key_id: str, seat: Mapping[str, Any], busy: int) -> Seat:
    return Seat(key_id, seat["name"], tuple(seat["skills"]), seat["region"] or None, seat["state"], busy)
