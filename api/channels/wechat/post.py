"""The post of each person, in Redis: what came and is not taken yet, what was said and is not sent yet, and who is to be looked at.

A person is a blind index of his openid (32 hex characters); the openid itself is encrypted. Everything is forgotten when the window
closes in which the platform lets an account write to him.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Sequence, cast

from redis.asyncio import Redis

from api.channels.wechat.messages import Inbound, Kind
from api.channels.wechat.rendering import LIMIT
from core.cipher import Cipher
from core.ids import new_id

WINDOW_S = 48 * 3600
ANSWER_S = 3600   # the platform asks again within 15 seconds
CLAIM_S = 30.0    # a person whom a gateway that died had in hand is another's after this
NEWS = "hotline:wechat:news"      # channel on which a new conversation is told
_PEOPLE = "hotline:wechat:people"  # sorted set: who was heard of, by the moment
_DUE = "hotline:wechat:due"        # sorted set: who is to be looked at, and when

_NOW = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
"""
# Keeps what came before it is acknowledged, each message once; somebody looks after it if this gateway dies.
_ACCEPT = _NOW + """
redis.call('HSET', KEYS[1], 'openid', ARGV[2], 'heard', time[1])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('ZADD', KEYS[5], time[1], ARGV[1])
if ARGV[3] == '' then return 1 end
if not redis.call('SET', KEYS[3], '1', 'NX', 'EX', ARGV[4]) then return 0 end
redis.call('RPUSH', KEYS[2], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('ZADD', KEYS[4], 'LT', string.format('%.6f', now + ARGV[5]), ARGV[1])
return 1
"""
# Two who collect at once: the second finds the number moved on and adds nothing.
_COLLECT = """
local kept = redis.call('HMGET', KEYS[1], 'conversation', 'told')
if (kept[1] or '') ~= ARGV[1] or (kept[2] or '0') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'told', ARGV[3], 'options', ARGV[4])
for i = 6, #ARGV do redis.call('RPUSH', KEYS[2], ARGV[i]) end
if #ARGV > 5 then redis.call('EXPIRE', KEYS[2], ARGV[5]) end
return 1
"""
# Takes from the front as many texts as one message holds, and remembers them as the answer to this message.
_PASSIVE = """
local words, count = '', 0
while true do
  local piece = redis.call('LINDEX', KEYS[1], count)
  if not piece then break end
  local joined = words == '' and piece or (words .. '\\n\\n' .. piece)
  if #joined > tonumber(ARGV[1]) then break end
  words, count = joined, count + 1
end
if count > 0 then
  redis.call('LTRIM', KEYS[1], count, -1)
  redis.call('SET', KEYS[2], words, 'EX', ARGV[2])
end
return words
"""
_DROP = "if redis.call('LINDEX', KEYS[1], 0) == ARGV[1] then return redis.call('LPOP', KEYS[1]) end"
_CLAIM = _NOW + """
local claim = string.format('%.6f', now + ARGV[1])
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.6f', now), 'LIMIT', 0, ARGV[2])
for _, person in ipairs(found) do redis.call('ZADD', KEYS[1], claim, person) end
return {claim, unpack(found)}
"""
_WAKE = _NOW + "return redis.call('ZADD', KEYS[1], 'LT', string.format('%.6f', now + ARGV[2]), ARGV[1])"
# Whoever was woken while he was looked at is looked at again.
_SETTLE = _NOW + """
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0') ~= tonumber(ARGV[2]) then return end
if ARGV[3] == '' then redis.call('ZREM', KEYS[1], ARGV[1])
else redis.call('ZADD', KEYS[1], string.format('%.6f', now + ARGV[3]), ARGV[1]) end
"""


@dataclass(frozen=True)
class Entry:
    """What came from a person and is to be taken."""

    id: str
    kind: Kind
    text: str


@dataclass(frozen=True)
class Person:
    """One person as the post knows him; `told`: the number up to which the words of his conversation were collected."""

    openid: str = ""
    conversation: str = ""
    told: int = 0
    options: str = ""
    heard: int = 0


class Post:
    """`redis` with decode_responses. Raises what Redis raises."""

    def __init__(self, redis: Redis[str], cipher: Cipher, account: str) -> None:
        self._redis = redis
        self._cipher = cipher
        self._account = account
        self._accept, self._collect, self._passive, self._drop, self._claim, self._wake, self._settle = map(
            redis.register_script, (_ACCEPT, _COLLECT, _PASSIVE, _DROP, _CLAIM, _WAKE, _SETTLE))

    def person(self, openid: str) -> str:
        """Return under which name a person is kept: it leads nobody to him."""
        return str(self._cipher.index(f"wechat/{self._account}/{openid}"))[:32]

    def conversation_id(self, person: str) -> str:
        """Return the id of a new conversation of a person: one that is over can still be read under its own."""
        return "x" + str(self._cipher.index(f"wechat/{self._account}/{person}/{new_id()}"))[:32]

    async def find(self, person: str) -> Person:
        """Return what is known of a person. Raises KeysFaulty where his openid was written under keys that are gone."""
        kept = await self._redis.hgetall(_key(person))
        return Person(str(self._cipher.show(kept.get("openid")) or ""), kept.get("conversation", ""), int(kept.get("told", 0)),
                      kept.get("options", ""), int(kept.get("heard", 0)))

    async def accept(self, person: str, inbound: Inbound, look_after: float | None) -> bool:
        """Keep what came; False for a repeat. `look_after`: seconds until somebody else takes it; None: it is not to be taken at all."""
        entry = "" if look_after is None else _dump(asdict(Entry(inbound.id, inbound.kind, inbound.text)))
        done = await self._accept(keys=[_key(person), _key(person, "in"), _key(person, f"seen:{inbound.id}"), _DUE, _PEOPLE],
                                  args=[person, str(self._cipher.hide(inbound.sender)), entry, WINDOW_S, look_after or 0])
        return bool(done)

    async def waiting(self, person: str) -> tuple[Entry, str] | None:
        """Return the oldest message that is to be taken, and by which mark it is dropped."""
        kept = await self._redis.lindex(_key(person, "in"), 0)
        return (Entry(**json.loads(kept)), kept) if kept else None

    async def taken(self, person: str, mark: str) -> None:
        """Drop a message that was taken."""
        await self._drop(keys=[_key(person, "in")], args=[mark])

    async def renew(self, person: str, conversation: str) -> None:
        """Note that a person has another conversation now; all that listen are told."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_key(person), mapping={"conversation": conversation, "told": "0", "options": ""})
            pipe.expire(_key(person), WINDOW_S)
            pipe.publish(NEWS, "1")
            await pipe.execute()

    async def collect(self, person: str, known: Person, told: int, options: str, pieces: Sequence[str]) -> None:
        """Put texts to be sent behind those that wait, unless somebody else has done so."""
        await self._collect(keys=[_key(person), _key(person, "out")],
                            args=[known.conversation, str(known.told), str(told), options, WINDOW_S, *pieces])

    async def aside(self, conversation: str, seqs: Sequence[int] = ()) -> set[int]:
        """Return the numbers of what was told before its turn came, with `seqs` added."""
        key = f"hotline:wechat:aside:{conversation}"
        async with self._redis.pipeline(transaction=True) as pipe:
            if seqs:
                pipe.sadd(key, *seqs)
                pipe.expire(key, WINDOW_S)
            pipe.smembers(key)
            return {int(seq) for seq in (await pipe.execute())[-1]}

    async def passive(self, person: str, id: str) -> str:
        """Take what fits into one answer to message `id`, "" if nothing waits."""
        return cast(str, await self._passive(keys=[_key(person, "out"), _key(person, f"answer:{id}")], args=[LIMIT, ANSWER_S]))

    async def answered(self, person: str, id: str) -> str | None:
        """Return how message `id` was answered."""
        return await self._redis.get(_key(person, f"answer:{id}"))

    async def next_out(self, person: str) -> str | None:
        """Return the text that is to be sent next."""
        return await self._redis.lindex(_key(person, "out"), 0)

    async def sent(self, person: str, text: str) -> None:
        """Drop a text that was sent, and count failures anew."""
        await self._drop(keys=[_key(person, "out")], args=[text])
        await self._redis.delete(_key(person, "failures"))

    async def failed(self, person: str) -> int:
        """Return how often in a row nothing could be sent, this time included."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.incr(_key(person, "failures"))
            pipe.expire(_key(person, "failures"), WINDOW_S)
            return int((await pipe.execute())[0])

    async def forget(self, person: str) -> int:
        """Forget a person and return how many texts were never sent to him; what came from him and is not taken stays."""
        left = await self._redis.llen(_key(person, "out"))
        await self._redis.delete(_key(person), _key(person, "out"))
        await self._redis.zrem(_PEOPLE, person)
        return int(left)

    async def now(self) -> int:
        """Return the moment, in seconds since the epoch, by the one clock that all gateways share."""
        return int((await self._redis.time())[0])

    async def people(self, since: float) -> dict[str, str]:
        """Return the conversation of everybody heard of since a moment."""
        await self._redis.zremrangebyscore(_PEOPLE, "-inf", await self.now() - WINDOW_S)
        people = await self._redis.zrangebyscore(_PEOPLE, since, "+inf")
        async with self._redis.pipeline(transaction=False) as pipe:
            for person in people:
                pipe.hget(_key(person), "conversation")
            return {person: conversation for person, conversation in zip(people, await pipe.execute()) if conversation}

    async def wake(self, person: str, delay: float = 0.0) -> None:
        """See to it that a person is looked at within `delay` seconds."""
        await self._wake(keys=[_DUE], args=[person, delay])

    async def claim(self, most: int) -> tuple[str, list[str]]:
        """Take up to `most` people who are to be looked at now, for CLAIM_S; the mark is for `settle`."""
        mark, *people = await self._claim(keys=[_DUE], args=[CLAIM_S, most])
        return mark, people

    async def settle(self, person: str, mark: str, delay: float | None) -> None:
        """Let go of a person who was claimed: to be looked at again after `delay` seconds, None: when something happens."""
        await self._settle(keys=[_DUE], args=[person, mark, "" if delay is None else delay])


def _key(person: str, what: str = "") -> str:
    return f"hotline:wechat:{person}:{what}" if what else f"hotline:wechat:{person}"


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
