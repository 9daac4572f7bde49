"""Signs of a conversation: who types, and how far each side has read. They pass: no step of the conversation is counted for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from redis.asyncio import Redis

from api.conversations import Conversation, channel_of, conversation_key

Side = Literal["caller", "operator"]
TYPING_S = 6      # so long a sign of typing holds; whoever goes on typing gives it anew
A_MINUTE = 120    # signs of one session over HTTP

# `due` and `version` stay as they are: a sign neither keeps a conversation alive nor holds up the archiver.
# A sign that only goes on is no news: who told it looks again when the one before has run out.
_TYPES = """
local before = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
if before ~= ARGV[1] then redis.call('PUBLISH', ARGV[3], '') end
"""
_STOPS = "if redis.call('DEL', KEYS[1]) == 1 then redis.call('PUBLISH', ARGV[1], '') end"
_READS = """
local seq, owner, operator = unpack(redis.call('HMGET', KEYS[1], 'seq', 'owner', 'operator'))
if not seq or (ARGV[3] ~= '' and (owner ~= 'operator' or operator ~= ARGV[3])) then return end
local read = math.min(tonumber(ARGV[2]), tonumber(seq))
if read <= tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0') then return end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d', read))
redis.call('PUBLISH', ARGV[4], '')
"""


@dataclass(frozen=True)
class Signs:
    """Of one side: for how many seconds more it types (0: it does not), and the number up to which it has read (0: unknown)."""

    typing_s: float = 0.0
    read: int = 0


class SignBoard:
    """Kept in Redis, told as news of the conversation. A person is known by his key's id: his sign ends with his having it."""

    def __init__(self, redis: Redis[str]) -> None:
        self._redis = redis
        self._types, self._stops, self._reads = map(redis.register_script, (_TYPES, _STOPS, _READS))

    async def types(self, id: str, side: Side, who: str = "") -> None:
        """This side types; `who` is the person's key id."""
        await self._types(keys=[_typing_key(id, side)], args=[who, TYPING_S, channel_of(id)])

    async def stops(self, id: str, side: Side) -> None:
        """This side types no more, or has said what it typed."""
        await self._stops(keys=[_typing_key(id, side)], args=[channel_of(id)])

    async def reads(self, id: str, side: Side, seq: int, who: str = "") -> None:
        """This side has read up to a number, which only grows and never passes the last one; of a person only while he has it."""
        await self._reads(keys=[conversation_key(id)], args=[_read_field(side), seq, who, channel_of(id)])

    async def of(self, conversation: Conversation, side: Side) -> Signs:
        """Return the signs of a side; a person's typing counts only while he has the conversation."""
        read = int(conversation.fields.get(_read_field(side)) or 0)
        if side == "operator" and conversation.owner != "operator":
            return Signs(read=read)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.get(_typing_key(conversation.id, side))
            pipe.pttl(_typing_key(conversation.id, side))
            who, left = await pipe.execute()
        types = who is not None and (side == "caller" or who == conversation.operator)
        return Signs(max(left, 1) / 1000 if types else 0.0, read)


def _typing_key(id: str, side: Side) -> str:
    return f"{conversation_key(id)}:typing:{side}"


def _read_field(side: Side) -> str:
    return f"{side}_read"
