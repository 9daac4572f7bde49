"""Conversations in Redis: who owns them, what was said, and what was already answered."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Mapping, Sequence, cast

from redis.asyncio import Redis

from api.ports import Channel

Owner = Literal["bot", "queue", "operator"]
Message = dict[str, Any]  # id, seq, author, text, at, card?, options?, client_message_id?

# One atomic step: numbers the messages, keeps them, changes fields, remembers what the step was, tells listeners.
# Returns the first and last number; nothing when the conversation is gone; false when the step was done before.
_APPEND = """
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
if ARGV[3] ~= '' and redis.call('EXISTS', KEYS[3]) == 1 then return false end
local count = tonumber(ARGV[5])
local last = redis.call('HINCRBY', KEYS[1], 'seq', count)
for i = 1, count do redis.call('ZADD', KEYS[2], last - count + i, ARGV[5 + i]) end
for i = 6 + count, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[1])
if ARGV[3] ~= '' then
  redis.call('SET', KEYS[3], (last - count + 1) .. ' ' .. last .. ' ' .. ARGV[4], 'EX', ARGV[1])
end
redis.call('PUBLISH', ARGV[2], last)
return {last - count + 1, last}
"""
_HAND_OVER = """
local owner = redis.call('HGET', KEYS[1], 'owner')
if not owner then return '' end
if owner == ARGV[1] then
  redis.call('HSET', KEYS[1], 'owner', ARGV[2])
  owner = ARGV[2]
  redis.call('PUBLISH', ARGV[3], 'owner')
end
return owner
"""


class ConversationGone(Exception):
    """The conversation does not exist or has expired."""


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

    def opened_by(self, token: str) -> bool:
        """Say, in constant time, whether `token` is this conversation's."""
        return hmac.compare_digest(self.digest, digest_of(token))


def digest_of(token: str) -> str:
    """Return what is kept of a token: never the token itself."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def new_message(author: str, text: str, at: datetime, **extra: Any) -> Message:
    """Return a message that has no number yet; extras that are empty are left out."""
    kept = {key: value for key, value in extra.items() if value}
    return {"id": secrets.token_hex(8), "author": author, "text": text, "at": at.isoformat(timespec="seconds"), **kept}


class Conversations:
    """`ttl` is in seconds from the last message."""

    def __init__(self, redis: Redis[str], ttl: int) -> None:
        self._redis = redis
        self._ttl = ttl
        self._append = redis.register_script(_APPEND)
        self._hand_over = redis.register_script(_HAND_OVER)

    async def open(self, id: str, channel: Channel, region: str | None, caller: str | None, token: str) -> None:
        """Begin a conversation owned by the bot."""
        fields: dict[str | bytes, bytes | float | int | str] = {"channel": channel, "owner": "bot", "region": region or "", "caller": caller or "",
                  "digest": digest_of(token), "seq": 0}
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_key(id), mapping=fields)
            pipe.expire(_key(id), self._ttl)
            await pipe.execute()

    async def load(self, id: str) -> Conversation:
        """Return the conversation; raise ConversationGone."""
        fields = await self._redis.hgetall(_key(id))
        if "owner" not in fields:
            raise ConversationGone(id)
        return Conversation(id, cast(Channel, fields["channel"]), cast(Owner, fields["owner"]), fields["region"] or None, fields["caller"] or None,
                            fields["digest"], fields.get("outcome") or None, fields.get("operator") or None,
                            int(fields["seq"]), fields)

    async def append(self, id: str, messages: Sequence[Message], *, fields: Mapping[str, str] | None = None,
                     once: str = "", note: Mapping[str, Any] | None = None) -> list[Message]:
        """Keep messages and fields in one step and return the messages with their numbers.

        With `once`, a step of that name happens a single time: a repeat changes nothing and returns what was kept then.
        Raises ConversationGone.
        """
        flat = [part for pair in (fields or {}).items() for part in pair]
        result = await self._append(
            keys=[_key(id), _messages_key(id), _once_key(id, once)],
            args=[self._ttl, channel_of(id), once, _dump(note or {}), len(messages), *map(_dump, messages), *flat])
        if result is None:
            done = await self.done(id, once)
            return done[0] if done else []
        if not result:
            raise ConversationGone(id)
        return [{**message, "seq": int(result[0]) + offset} for offset, message in enumerate(messages)]

    async def done(self, id: str, once: str) -> tuple[list[Message], Mapping[str, Any]] | None:
        """Return the messages and the note of a step that was done once, None if it was not."""
        kept = await self._redis.get(_once_key(id, once))
        if kept is None:
            return None
        first, last, note = kept.split(" ", 2)
        return await self.messages(id, int(first) - 1, int(last)), json.loads(note)

    async def messages(self, id: str, after: int = 0, until: int | None = None) -> list[Message]:
        """Return what was said after number `after`, in order."""
        kept = await self._redis.zrangebyscore(_messages_key(id), f"({after}", "+inf" if until is None else until, withscores=True)
        return [{**json.loads(text), "seq": int(seq)} for text, seq in kept]

    async def hand_over(self, id: str, expected: Owner, to: Owner) -> Owner:
        """Change the owner if it still is `expected`; return the owner as it now is. Raises ConversationGone."""
        owner = await self._hand_over(keys=[_key(id)], args=[expected, to, channel_of(id)])
        if not owner:
            raise ConversationGone(id)
        return owner  # type: ignore[no-any-return]


def channel_of(id: str) -> str:
    """Return the Redis channel on which news of a conversation is told."""
    return f"hotline:news:{id}"


def _key(id: str) -> str:
    return f"hotline:conversation:{id}"


def _messages_key(id: str) -> str:
    return f"hotline:conversation:{id}:messages"


def _once_key(id: str, once: str) -> str:
    return f"hotline:conversation:{id}:once:{once}"


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
