"""Conversations in Redis: who owns them, what was said, and what was already answered."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Mapping, Sequence, cast

from redis.asyncio import Redis

from api.ports import Channel

Owner = Literal["bot", "queue", "operator"]
Message = dict[str, Any]  # id, seq, author, text, at, card?, options?, client_message_id?, turn? (api.summary.mark_of)

AFTER_END_S = 900  # an ended conversation can still be read, and a call that dropped gone on with: api.phone.recent asks for 600
_BACKSTOP_S = 30 * 86400  # of keys that no archiver ever came for
_WEB = re.compile(r"w[0-9a-f]{32}")
DUE = "hotline:conversations"  # sorted set: every conversation by the moment at which it is over for its caller

# For every script that writes to a conversation, once it has written: counts the step, says until when the conversation lasts.
# The clock is that of Redis, the one clock that all gateways and workers share; moments are seconds since the epoch.
# One that was ended while it waits for a person or a person has it (a call that went over to the desk) is over when the desk lets go.
STEPPED = f"""
local function stepped(conversation, dues, id)
  redis.call('HINCRBY', conversation, 'version', 1)
  if redis.call('HEXISTS', conversation, 'ended_at') == 1 then return end
  local now = redis.call('TIME')[1]
  local lasts = redis.call('HGET', conversation, 'idle') or 86400
  if redis.call('HEXISTS', conversation, 'ended') == 1 and redis.call('HGET', conversation, 'owner') == 'bot' then
    redis.call('HSET', conversation, 'ended_at', now)
    lasts = {AFTER_END_S}
  end
  local due = string.format('%d', now + lasts)
  redis.call('HSET', conversation, 'due', due)
  redis.call('ZADD', dues, due, id)
end
"""
# Begins a conversation. One of the same id that is over but still here steps aside, under names of its own, for the archiver;
# one that is alive stays as it is and only takes the new token.
_OPEN = STEPPED + """
local now = redis.call('TIME')[1]
if redis.call('EXISTS', KEYS[1]) == 1 then
  local due = redis.call('HGET', KEYS[1], 'due')
  if not due or tonumber(due) > tonumber(now) then
    redis.call('HSET', KEYS[1], 'digest', ARGV[4])
    return 0
  end
  redis.call('RENAME', KEYS[1], KEYS[4])
  if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('RENAME', KEYS[2], KEYS[5]) end
  redis.call('ZREM', KEYS[3], ARGV[1])
  redis.call('ZADD', KEYS[3], due, ARGV[2])
end
redis.call('HSET', KEYS[1], 'opened_at', now, 'digest', ARGV[4], unpack(ARGV, 5))
redis.call('EXPIRE', KEYS[1], ARGV[3])
stepped(KEYS[1], KEYS[3], ARGV[1])
return 1
"""
# One atomic step: numbers the messages, keeps them, changes fields, remembers what the step was, tells listeners.
# Returns the first and last number; nothing when the conversation is gone; 0 when it has the owner it must not have;
# false when the step was done before.
_APPEND = STEPPED + """
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
if ARGV[5] ~= '' and redis.call('EXISTS', KEYS[3]) == 1 then return false end
if ARGV[8] ~= '' and redis.call('HGET', KEYS[1], 'owner') == ARGV[8] then return {0} end
local count = tonumber(ARGV[7])
local last = redis.call('HINCRBY', KEYS[1], 'seq', count)
for i = 1, count do redis.call('ZADD', KEYS[2], last - count + i, ARGV[8 + i]) end
for i = 9 + count, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
stepped(KEYS[1], KEYS[4], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
if ARGV[5] ~= '' then
  redis.call('SET', KEYS[3], (last - count + 1) .. ' ' .. last .. ' ' .. ARGV[6], 'EX', ARGV[4])
end
redis.call('PUBLISH', ARGV[2], last)
return {last - count + 1, last}
"""


class ConversationGone(Exception):
    """The conversation does not exist or has expired."""


class ConversationMoved(Exception):
    """Somebody else has the conversation meanwhile."""


@dataclass(frozen=True)
class Conversation:
    """One caller's conversation as it stands; `operator` is the key id of the person who has it."""

    id: str
    channel: Channel
    owner: Owner
    region: str | None
    caller: str | None
    digest: str
    outcome: str | None
    operator: str | None
    seq: int
    fields: Mapping[str, str]

    @property
    def ended(self) -> str | None:
        """Why it was ended, None while it was not; it can be read for AFTER_END_S longer, and nothing more is asked in it."""
        return self.fields.get("ended")

    def opened_by(self, token: str) -> bool:
        """Say, in constant time, whether `token` is this conversation's."""
        return hmac.compare_digest(self.digest, digest_of(token))


def digest_of(token: str) -> str:
    """Return what is kept of a token: never the token itself."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_message(author: str, text: str, at: datetime, **extra: Any) -> Message:
    """Return a message that has no number yet; extras that are empty are left out."""
    kept = {key: value for key, value in extra.items() if value}
    return {"id": secrets.token_hex(8), "author": author, "text": text, "at": at.isoformat(timespec="seconds"), **kept}


def conversation_of(id: str, fields: Mapping[str, str]) -> Conversation:
    """Return the conversation of a Redis hash."""
    return Conversation(id, cast(Channel, fields["channel"]), cast(Owner, fields["owner"]), fields["region"] or None, fields["caller"] or None,
                        fields["digest"], fields.get("outcome") or None, fields.get("operator") or None, int(fields["seq"]), fields)


def told(message: Message) -> Message:
    """Return a message as callers may see it: without the mark of its turn."""
    return {name: value for name, value in message.items() if name != "turn"}


class Conversations:
    """A conversation is over for its caller `idle` seconds after the last step in it, or AFTER_END_S after its end.

    As long as it is the line's or a person's, its end does not shorten it.
    Then it waits for api.archiver, and only that deletes it.
    """

    def __init__(self, redis: Redis[str], idle: int) -> None:
        self._redis = redis
        self._idle = idle
        self._open = redis.register_script(_OPEN)
        self._append = redis.register_script(_APPEND)

    async def open(self, id: str, channel: Channel, region: str | None, caller: str | None, token: str) -> None:
        """Begin a conversation owned by the bot; where one of this id is alive it only takes the new token."""
        key = secrets.token_hex(16)
        fields = {"key": key, "channel": channel, "owner": "bot", "region": region or "", "caller": caller or "", "seq": "0",
                  "idle": str(self._idle)}
        aside = f"{id}~{key}"
        await self._open(keys=[conversation_key(id), messages_key(id), DUE, conversation_key(aside), messages_key(aside)],
                         args=[id, aside, self._idle + _BACKSTOP_S, digest_of(token), *(part for pair in fields.items() for part in pair)])

    async def load(self, id: str) -> Conversation:
        """Return the conversation; raise ConversationGone for one that is over, whether archived already or not."""
        found, over = await self.find(id)
        if found is None or over:
            raise ConversationGone(id)
        return found

    async def find(self, id: str) -> tuple[Conversation | None, bool]:
        """Return the conversation as long as it is not archived, and whether it is over for its caller."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(conversation_key(id))
            pipe.time()
            fields, (now, _) = await pipe.execute()
        return (conversation_of(id, fields), float(fields.get("due", "inf")) <= now) if "owner" in fields else (None, True)

    async def append(self, id: str, messages: Sequence[Message], *, fields: Mapping[str, str] | None = None,
                     once: str = "", note: Mapping[str, Any] | None = None, unless: Owner | None = None) -> list[Message]:
        """Keep messages and fields in one step and return the messages with their numbers; the field `ended`, a reason, ends it.

        With `once`, a step of that name happens a single time: a repeat changes nothing and returns what was kept then.
        Raises ConversationGone, and ConversationMoved where the conversation's owner is `unless`.
        """
        flat = [part for pair in (fields or {}).items() for part in pair]
        result = await self._append(
            keys=[conversation_key(id), messages_key(id), once_key(id, once), DUE],
            args=[id, channel_of(id), self._idle + _BACKSTOP_S, self._idle, once, _dump(note or {}), len(messages), unless or "",
                  *map(_dump, messages), *flat])
        if result is None:
            done = await self.done(id, once)
            return done[0] if done else []
        if not result:
            raise ConversationGone(id)
        if len(result) == 1:
            raise ConversationMoved(id)
        return [{**message, "seq": int(result[0]) + offset} for offset, message in enumerate(messages)]

    async def done(self, id: str, once: str) -> tuple[list[Message], Mapping[str, Any]] | None:
        """Return the messages and the note of a step that was done once, None if it was not."""
        kept = await self._redis.get(once_key(id, once))
        if kept is None:
            return None
        first, last, note = kept.split(" ", 2)
        return await self.messages(id, int(first) - 1, int(last)), json.loads(note)

    async def messages(self, id: str, after: int = 0, until: int | None = None) -> list[Message]:
        """Return what was said after number `after`, in order."""
        kept = await self._redis.zrangebyscore(messages_key(id), f"({after}", "+inf" if until is None else until, withscores=True)
        return [{**json.loads(text), "seq": int(seq)} for text, seq in kept]


def is_web(id: str) -> bool:
    """Say whether an id may be one of a web conversation: a made-up one shall never name another key."""
    return _WEB.fullmatch(id) is not None


def channel_of(id: str) -> str:
    """Return the Redis channel on which news of a conversation is told."""
    return f"hotline:news:{id}"


def conversation_key(id: str) -> str:
    """Return the key of its hash."""
    return f"hotline:conversation:{id}"


def messages_key(id: str) -> str:
    """Return the key of its messages, a sorted set by number."""
    return f"hotline:conversation:{id}:messages"


def once_key(id: str, once: str) -> str:
    """Return the key that tells what a step that happens once came to."""
    return f"hotline:conversation:{id}:once:{once}"


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
