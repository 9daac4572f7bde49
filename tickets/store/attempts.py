"""Fixed windows of wrong look-ups, counted in Redis or, failing that, in this process."""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from core.logs import get_logger
from tickets.load import AttemptLimits
from tickets.ports import AttemptLimiter

_log = get_logger(__name__)
_CROWD = 20  # times the limit of a number: so many tries are an attack from many addresses, and nobody is excused


class MemoryAttempts:
    """Counts in this process; right for one process, and better than no bound when Redis is away."""

    def __init__(self, limits: AttemptLimits) -> None:
        self._limits = limits
        self._window = -1
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def take(self, number: str, asker: str, at: datetime) -> bool:
        window = _window(self._limits, at)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            verdicts = [self._bump(key) <= most for key, most in _keys(self._limits, number, asker, at)]
        return all(verdicts)

    def excused(self, number: str, asker: str, at: datetime) -> bool:
        with self._lock:
            if not asker or _window(self._limits, at) != self._window:
                return False
            return _excused(self._limits, [self._counts.get(key, 0) for key, _ in _keys(self._limits, number, asker, at)])

    def give_back(self, number: str, asker: str, at: datetime) -> None:
        with self._lock:
            if _window(self._limits, at) == self._window:
                for key, _ in _keys(self._limits, number, asker, at):
                    self._counts[key] = self._counts.get(key, 1) - 1

    def _bump(self, key: str) -> int:
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key]


class RedisAttempts:
    """Counts in Redis for all processes; while Redis fails, `spare` counts, so that guessing is bounded at any time."""

    def __init__(self, redis: Redis[Any], limits: AttemptLimits, spare: AttemptLimiter) -> None:
        self._redis = redis
        self._limits = limits
        self._spare = spare

    def take(self, number: str, asker: str, at: datetime) -> bool:
        keys = _keys(self._limits, number, asker, at)
        try:
            pipe = self._redis.pipeline(transaction=True)
            for key, _ in keys:
                # The window's number is in the key, so a key is dead after one window; two leave room for clock skew.
                pipe.incr(key).expire(key, self._limits.window_seconds * 2)
            counts = pipe.execute()[::2]
        except RedisError as error:
            _log.warning("attempts_counted_locally", error=type(error).__name__)
            return self._spare.take(number, asker, at)
        return all(count <= most for count, (_, most) in zip(counts, keys, strict=True))

    def excused(self, number: str, asker: str, at: datetime) -> bool:
        if not asker:
            return False
        try:
            counts = self._redis.mget([key for key, _ in _keys(self._limits, number, asker, at)])
        except RedisError as error:
            _log.warning("attempts_counted_locally", error=type(error).__name__)
            return self._spare.excused(number, asker, at)
        return _excused(self._limits, [int(count or 0) for count in counts])

    def give_back(self, number: str, asker: str, at: datetime) -> None:
        try:
            pipe = self._redis.pipeline(transaction=True)
            for key, _ in _keys(self._limits, number, asker, at):
                pipe.decr(key).expire(key, self._limits.window_seconds * 2)
            pipe.execute()
        except RedisError as error:
            _log.warning("attempts_counted_locally", error=type(error).__name__)
            self._spare.give_back(number, asker, at)


def _window(limits: AttemptLimits, at: datetime) -> int:
    return int(at.timestamp()) // limits.window_seconds


def _excused(limits: AttemptLimits, counts: list[int]) -> bool:
    of_number, of_asker = counts
    return of_asker <= 1 and of_number <= limits.per_number * _CROWD


def _keys(limits: AttemptLimits, number: str, asker: str, at: datetime) -> list[tuple[str, int]]:
    window = _window(limits, at)
    # An asker may be a phone number or an address: it is not written to Redis as it is.
    digest = hashlib.sha256(asker.encode("utf-8", "replace")).hexdigest()[:32]
    keys = [(f"hotline:attempts:number:{number}:{window}", limits.per_number)]
    if asker:
        keys.append((f"hotline:attempts:asker:{digest}:{window}", limits.per_asker))
    return keys
