"""Taking a conversation over, giving it back, and ending it: the only doors by which a person gets or loses it."""

from __future__ import annotations

from datetime import datetime
from typing import Mapping, Sequence

from redis.asyncio import Redis

from api.conversations import Message, Owner
from api.desk.line import entry_of
from api.desk.misunderstanding import UNDERSTOOD
from api.desk.moves import Move, Moved, Moves
from api.desk.waits import Waits
from api.errors import ApiError


class Ownership:
    """Every method is one step in Redis: it happens as a whole or not at all, and to one caller only."""

    def __init__(self, redis: Redis[str]) -> None:
        self._moves = Moves(redis)
        self._waits = Waits(redis)

    async def claim(self, id: str, key_id: str, name: str, at: datetime, notice: Sequence[Message] = (), *, over: bool = False) -> bool:
        """Give it to a person; False if he has it already, and then nothing is said. `over`: take it even from another person.

        Raises ApiError("conversation_taken") or ("conversation_not_found").
        """
        taken = {"operator": key_id, "operator_name": name, "operator_seen": repr(at.timestamp()), "callback": ""}
        moved = await self._moves.make(id, Move({"bot": "operator", "queue": "operator"}, fields=taken, messages=notice))
        if moved.result == "refused" and moved.operator == key_id:
            await self._moves.make(id, Move({"operator": "operator"}, operator=key_id, leave=True))  # an alarm in it has been seen
            return False
        if moved.result == "refused" and over:
            move = Move({"operator": "operator"}, operator=moved.operator, fields=taken, messages=notice, leave=True)
            moved = await self._moves.make(id, move)
        if moved.result == "refused":
            raise ApiError("conversation_taken")
        _require(moved)
        if moved.waited and moved.before == "queue":
            await self._waits.note(moved.waited["skill"], moved.waited["region"] or None, float(moved.waited["since"]), at)
        return True

    async def give_back(self, id: str, key_id: str, words: Sequence[Message] = (), fields: Mapping[str, str] | None = None) -> None:
        """Give it from this person to the bot, which says `words`; an alarm in it that was not looked at waits on in the line.

        Raises ApiError("conversation_not_claimed"), ("conversation_taken") or ("conversation_not_found").
        """
        passed_on = (fields or {}).get("outcome") == "transferred"
        _own(await self._moves.make(id, Move({"operator": "bot"}, operator=key_id, messages=words, fields={**(fields or {}), **UNDERSTOOD},
                                             leave=passed_on)))

    async def to_line(self, id: str, key_id: str, reason: str, at: datetime, words: Sequence[Message] = (), *, skill: str = "general",
                      region: str | None = None, elderly: bool = False, distressed: bool = False) -> None:
        """Put it from this person back into the line, before those who are merely next. Raises what give_back raises."""
        entry = entry_of(reason, at, skill=skill, region=region, elderly=elderly, distressed=distressed, returned=True)
        _own(await self._moves.make(id, Move({"operator": "queue"}, operator=key_id, entry=entry, messages=words)))

    async def end(self, id: str, reason: str, key_id: str | None = None, words: Sequence[Message] = ()) -> None:
        """End it: nobody has it and it waits for nobody; with `key_id` only this person may. Raises what give_back raises.

        An alarm that the caller ends waits on until a person has looked at it.
        """
        owners: dict[Owner, Owner] = {"operator": "bot"} if key_id else {"bot": "bot", "queue": "bot", "operator": "bot"}
        _own(await self._moves.make(id, Move(owners, operator=key_id, fields={"ended": reason}, messages=words, leave=key_id is not None)))

    async def alive(self, id: str, key_id: str, at: datetime) -> None:
        """The person who has it gives a sign of life."""
        await self._moves.make(id, Move({"operator": "operator"}, operator=key_id, fields={"operator_seen": repr(at.timestamp())}, quiet=True))


def _require(moved: Moved) -> None:
    if moved.result in ("gone", "ended"):
        raise ApiError("conversation_not_found")


def _own(moved: Moved) -> None:
    _require(moved)
    if moved.result == "refused":
        raise ApiError("conversation_not_claimed" if moved.owner != "operator" else "conversation_taken")
