"""The one script by which a conversation changes hands: owner, line and what is said of it in a single step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, Mapping, Sequence, cast

from redis.asyncio import Redis

from api.conversations import DUE, STEPPED, Message, Owner, channel_of, once_key

DESK = "hotline:desk"       # Redis channel on which every change of the line or of an owner is told
LINE = "hotline:line"       # id -> the entry of the line as JSON
OWNED = "hotline:desk:owned"  # id -> key id of the person who has it

# A place in the line is kept, an alarm in it is never lowered, and whoever belongs to nobody else belongs to the bot.
# An alarm leaves the line only for a person, or by one (`leave` with `operator`). Whom a person has waits for nobody but with an alarm.
_MOVE = STEPPED + """
local spec = cjson.decode(ARGV[1])
local owner = redis.call('HGET', KEYS[1], 'owner')
local due = tonumber(redis.call('HGET', KEYS[1], 'due') or '')
if not owner or (due and due <= tonumber(redis.call('TIME')[1])) then
  redis.call('HDEL', KEYS[3], spec.id)
  redis.call('HDEL', KEYS[4], spec.id)
  return {'gone'}
end
if spec.once and redis.call('EXISTS', KEYS[6]) == 1 then return {'again'} end
local operator = redis.call('HGET', KEYS[1], 'operator') or ''
local waits = redis.call('HGET', KEYS[3], spec.id)
local to = spec.to[owner]
if redis.call('HEXISTS', KEYS[1], 'ended') == 1 and not waits and owner ~= 'operator' then return {'ended', owner, operator} end
if not to or (spec.operator and owner == 'operator' and operator ~= spec.operator) then return {'refused', owner, operator} end
for name, value in pairs(spec.seen) do
  if (redis.call('HGET', KEYS[1], name) or '') ~= value then return {'refused', owner, operator} end
end
if spec.entry and to == 'operator' and not spec.entry.alarm then
  return {'done', to, operator, owner, tonumber(redis.call('HGET', KEYS[1], 'seq')), waits or ''}
end
local alarm = waits and cjson.decode(waits).alarm
local leaves = spec.leave and (spec.operator or not alarm)
if alarm and to == 'bot' and not leaves then to = 'queue' end
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
elseif leaves or to == 'bot' or (to ~= owner and not (alarm and to == 'queue')) then
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
if spec.once then redis.call('SET', KEYS[6], (last - count + 1) .. ' ' .. last .. ' {}', 'EX', redis.call('HGET', KEYS[1], 'idle') or 86400) end
if not spec.quiet then
  redis.call('PUBLISH', ARGV[2], last)
  if to ~= owner or spec.entry or spec.leave then redis.call('PUBLISH', ARGV[3], spec.id) end
end
return {'done', to, operator, owner, last, waits or ''}
"""


@dataclass(frozen=True)
class Move:
    """What may happen: `to` names for each owner that may be found the next one; all others are refused.

    `operator`: found with a person, it must be this one. `seen`: fields that must still be so. `entry` puts it into the line;
    whoever changes hands leaves it, but an alarm only to a person or with `leave` by `operator`. `quiet`: nobody is told.
    With `once`, a move of that name is made a single time (Conversations.done tells what was said in it).
    """

    to: Mapping[Owner, Owner]
    operator: str | None = None
    seen: Mapping[str, str] | None = None
    entry: Mapping[str, Any] | None = None
    fields: Mapping[str, str] | None = None
    messages: Sequence[Message] = ()
    leave: bool = False
    quiet: bool = False
    once: str = ""


@dataclass(frozen=True)
class Moved:
    """What came of it; `owner` and `operator` are whom it belonged to where it was refused, else `owner` is the next one.

    `waited` is the entry that it had in the line before. `again`: it was made before, "gone": the conversation is over or was never there.
    """

    result: Literal["done", "refused", "ended", "gone", "again"]
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
        spec |= {name: True for name in ("leave", "quiet", "once") if getattr(move, name)}
        spec |= {"operator": move.operator} if move.operator is not None else {}
        spec |= {"entry": dict(move.entry)} if move.entry is not None else {}
        conversation = f"hotline:conversation:{id}"
        told = await self._run(keys=[conversation, f"{conversation}:messages", LINE, OWNED, DUE, once_key(id, move.once)],
                               args=[json.dumps(spec, ensure_ascii=False), channel_of(id), DESK])
        result, *rest = told
        if result in ("gone", "again"):
            return Moved(result)
        owner, operator = cast(Owner, rest[0]), str(rest[1])
        if result != "done":
            return Moved(result, owner, operator)
        return Moved("done", owner, operator, cast(Owner, rest[2]), int(rest[3]), json.loads(rest[4]) if rest[4] else None)
