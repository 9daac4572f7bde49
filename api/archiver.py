"""Moves conversations that are over from Redis into the archive, and forgets what the archive has held for long enough.

May be killed anywhere: the archive keeps a conversation in one step and the same one twice is the same once; Redis lets go of it only
if no step came in between. Any number may run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError

from api.archive import Archive, Kept
from api.conversations import DUE, conversation_key, conversation_of, messages_key
from core.clock import Clock
from core.logs import get_logger

_log = get_logger(__name__)
_AT_ONCE = 50
_FORGOTTEN_AT_ONCE = 100
_PUT_ASIDE_S = 3600  # a conversation that could not be kept
_LET_GO = """
if redis.call('EXISTS', KEYS[1]) == 0 then return redis.call('ZREM', KEYS[3], ARGV[3]) end
local now = redis.call('HMGET', KEYS[1], 'key', 'version')
if (now[1] or '') ~= ARGV[1] or (now[2] or '') ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
return redis.call('ZREM', KEYS[3], ARGV[3])
"""


class Archiver:
    """`redis` with decode_responses."""

    def __init__(self, redis: Redis[str], archive: Archive) -> None:
        self._redis = redis
        self._archive = archive
        self._let_go = redis.register_script(_LET_GO)

    def step(self) -> bool:
        """Archive some conversations, those first that have been over for longest; True if more may wait."""
        now, _ = self._redis.time()
        ids = self._redis.zrangebyscore(DUE, "-inf", now, start=0, num=_AT_ONCE)
        moved = 0
        for id in ids:
            try:
                moved += self._move(id)
            except (RedisError, OperationalError, InterfaceError):
                raise
            except Exception as error:  # one that cannot be read or kept must not stop the others
                _log.error("conversation_not_archived", id=id, error=type(error).__name__)
                self._redis.zadd(DUE, {id: now + _PUT_ASIDE_S}, xx=True)
        if moved:
            _log.info("conversations_archived", count=moved)
        return len(ids) >= _AT_ONCE

    def _move(self, id: str) -> bool:
        kept = self._read(id)
        if kept:
            self._archive.keep(kept)
        fields = kept.conversation.fields if kept else {}
        return bool(self._let_go(keys=[conversation_key(id), messages_key(id), DUE], args=[fields.get("key", ""), fields.get("version", ""), id]))

    def _read(self, id: str) -> Kept | None:
        """Return the conversation as it stands at one moment, None for one that is not there."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(conversation_key(id))
            pipe.zrange(messages_key(id), 0, -1, withscores=True)
            fields, said = pipe.execute()
        if "owner" not in fields:
            return None
        return Kept(conversation_of(id, fields), [{**json.loads(text), "seq": int(seq)} for text, seq in said])


@dataclass(frozen=True)
class Forgetting:
    """Deletes conversations that ended longer ago than `kept`."""

    archive: Archive
    clock: Clock
    kept: timedelta

    def step(self) -> bool:
        """Delete some; True if more may wait."""
        return self.archive.forget(self.clock() - self.kept, _FORGOTTEN_AT_ONCE) >= _FORGOTTEN_AT_ONCE
