"""The one script by which a conversation changes hands: owner, line and what is said of it in a single step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, Mapping, Sequence, cast

from redis.asyncio import Redis

from api.conversations import DUE, STEPPED, Message, Owner, channel_of

DESK = "hotline:desk"       # Redis channel on which every change of the line or of an owner is told
LINE = "hotline:line"       # id -> the entry of the line as JSON
OWNED = "hotline:desk:owned"  # id -> key id of the person who has it

# A place in the line is kept, an alarm in it is never lowered, and whoever belongs to nobody else belongs to the bot.
_MOVE = STEPPED + """
local spec = cjson.decode(ARGV[1])
local owner = redis.call('HGET', KEYS[1], 'owner')
if not owner then
  redis.call('HDEL', KEYS[3], spec.id)
  redis.call('HDEL', KEYS[4], spec.id)
  return {'gone'}
end
local operator = redis.call('HGET', KEYS[1], 'operator') or ''
local waits = redis.call('HGET', KEYS[3], spec.id)
local to = spec.to[owner]
if redis.call('HEXISTS', KEYS[1], 'ended') == 1 and not waits and owner ~= 'operator' then return {'ended', owner, operator} end
if not to or (spec.operator and owner == 'operator' and operator ~= spec.operator) then return {'refused', owner, operator} end
for name, value in pairs(spec.seen) do
  if (redis.call('HGET', KEYS[1], name) or '') ~= value then return {'refused', owner, operator} end
end
if spec.entry then
  local entry = spec.entry
  if waits then
    local kept = cjson.decode(waits)
    entry.since = kept.since
    for _, name in ipairs({'elderly', 'distressed', 'returned'}) do entry[name] = entry[name] or kept[name] end
    if kept.alarm or not entry.alarm then
      for _, name in ipairs({'reason', 'alarm', 'at'}) do entry[name] = kept[name] end
      if kept.alarm then entry.skill = kept.skill end
    end
  end
  redis.call('HSET', KEYS[3], spec.id, cjson.encode(entry))
  redis.call('HSET', KEYS[1], 'handoff', cjson.encode({reason = entry.reason, skill = entry.skill, since = entry.at}))
elseif to == 'bot' or to ~= owner or spec.leave then
  redis.call('HDEL', KEYS[3], spec.id)
end
for name, value in pairs(spec.fields) do redis.call('HSET', KEYS[1], name, value) end
redis.call('HSET', KEYS[1], 'owner', to)
if to == 'operator' then
  redis.call('HSET', KEYS[4], spec.id, redis.call('HGET', KEYS[1], 'operator') or '')
else
  redis.call('HDEL', KEYS[4], spec.id)
  redis.call('HSET', KEYS[1], 'operator', '', 'operator_name', '')
end
local count = #spec.messages
local last = redis.call('HINCRBY', KEYS[1], 'seq', count)
for i = 1, count do redis.call('ZADD', KEYS[2], last - count + i, spec.messages[i]) end
if count > 0 then redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1])) end
stepped(KEYS[1], KEYS[5], spec.id)
if not spec.quiet then
  redis.call('PUBLISH', ARGV[2], last)
  redis.call('PUBLISH', ARGV[3], spec.id)
end
return {'done', to, operator, owner, last, waits or ''}
"""


@dataclass(frozen=True)
class Move:
    """What may happen: `to` names for each owner that may be found the next one; all others are refused.

    `operator`: found with a person, it must be this one. `seen`: fields that must still be so. `entry` puts it into the line;
    whoever changes hands leaves it, and so does an alarm at a desk with `leave`. `quiet`: nobody is told.
    """

    to: Mapping[Owner, Owner]
    operator: str | None = None
    seen: Mapping[str, str] | None = None
    entry: Mapping[str, Any] | None = None
    fields: Mapping[str, str] | None = None
    messages: Sequence[Message] = ()
    leave: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Moved:
    """What came of it; `owner` and `operator` are whom it belonged to where it was refused, else `owner` is the next one.

    `waited` is the entry that it had in the line before.
    """

    result: Literal["done", "refused", "ended", "gone"]
    owner: Owner | None = None
    operator: str = ""
    before: Owner | None = None
    last_seq: int = 0
    waited: Mapping[str, Any] | None = None


class Moves:
    """Runs moves on Redis; nothing else writes the field `owner` once a conversation is open."""

    def __init__(self, redis: Redis[str]) -> None:
        self._run = redis.register_script(_MOVE)

    async def make(self, id: str, move: Move) -> Moved:
        """Make one move, or none of it."""
        spec: dict[str, Any] = {"id": id, "to": dict(move.to), "seen": dict(move.seen or {}), "fields": dict(move.fields or {}),
                                "messages": [json.dumps(message, ensure_ascii=False, separators=(",", ":")) for message in move.messages]}
        spec |= {name: True for name in ("leave", "quiet") if getattr(move, name)}
        spec |= {"operator": move.operator} if move.operator is not None else {}
        spec |= {"entry": dict(move.entry)} if move.entry is not None else {}
        conversation = f"hotline:conversation:{id}"
        told = await self._run(keys=[conversation, f"{conversation}:messages", LINE, OWNED, DUE],
                               args=[json.dumps(spec, ensure_ascii=False), channel_of(id), DESK])
        result, *rest = told
        if result == "gone":
            return Moved("gone")
        owner, operator = cast(Owner, rest[0]), str(rest[1])
        if result != "done":
            return Moved(result, owner, operator)
        return Moved("done", owner, operator, cast(Owner, rest[2]), int(rest[3]), json.loads(rest[4]) if rest[4] else None)
