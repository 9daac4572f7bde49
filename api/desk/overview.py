"""All conversations that go on, for who looks after the desk: whose they are, and not a word of what was said."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any, AsyncIterator

from redis.asyncio import Redis

from api.conversations import DUE, Owner, conversation_key
from api.desk.moves import LINE, OWNED
from core.clock import SHANGHAI

MOST = 200
_AT_ONCE = 200
_FIELDS = ("channel", "region", "owner", "operator_name", "outcome", "opened_at", "ended")


async def conversations_of(redis: Redis[str], owner: Owner | None, limit: int) -> list[dict[str, Any]]:
    """Return up to `limit` conversations that are not over, those first in which something happened last; `since` is when each began."""
    found: list[dict[str, Any]] = []
    async for ids in _newest_first(redis, owner):
        async with redis.pipeline(transaction=False) as pipe:
            for id in ids:
                pipe.hmget(conversation_key(id), _FIELDS)
            kept = [dict(zip(_FIELDS, values)) for values in await pipe.execute()]
        found += [_told(id, fields) for id, fields in zip(ids, kept) if fields["owner"] and owner in (None, fields["owner"])]
        if len(found) >= limit:
            break
    return found[:limit]


async def _newest_first(redis: Redis[str], owner: Owner | None) -> AsyncIterator[list[str]]:
    """Yield ids, some at a time; of those that wait or are in somebody's hands only these, for they are few among many."""
    now, _ = await redis.time()
    held = {"queue": LINE, "operator": OWNED}.get(owner or "")
    if held:
        ids = await redis.hkeys(held)
        dues = await redis.zmscore(DUE, ids) if ids else []
        newest = sorted(((due, id) for due, id in zip(dues, ids) if due is not None and due > now), reverse=True)
        for first in range(0, len(newest), _AT_ONCE):
            yield [id for _, id in newest[first:first + _AT_ONCE]]
        return
    for first in itertools.count(0, _AT_ONCE):
        ids = await redis.zrevrangebyscore(DUE, "+inf", f"({now}", start=first, num=_AT_ONCE)
        if not ids:
            return
        yield ids


def _told(id: str, fields: dict[str, str]) -> dict[str, Any]:
    known = {name: fields[name] for name in ("channel", "owner", "region", "operator_name", "outcome", "ended") if fields[name]}
    return {"id": id, **known, "since": datetime.fromtimestamp(float(fields["opened_at"]), SHANGHAI).isoformat(timespec="seconds")}
