"""Events to a Redis Stream, for whoever reads along."""

from __future__ import annotations

import json
from typing import Any, Sequence

from redis import Redis
from redis.exceptions import RedisError

from tickets.errors import StreamAway
from tickets.telling import Letter

STREAM = "hotline:tickets"
_SERVER = "hotline:tickets:server"


class RedisStream:
    """Appends to `hotline:tickets`, which keeps about the newest `kept` entries; see the port."""

    def __init__(self, redis: Redis[Any], kept: int) -> None:
        self._redis = redis
        self._kept = kept

    def publish(self, letters: Sequence[Letter]) -> None:
        """Append events in order; the id by which repeats are dropped stands in each entry."""
        pipe = self._redis.pipeline(transaction=False)
        for letter in letters:
            entry = {"id": letter.id, "name": letter.name, "number": letter.number, "at": letter.at.isoformat(),
                     "payload": json.dumps(dict(letter.payload), ensure_ascii=False, separators=(",", ":"))}
            pipe.xadd(STREAM, entry, maxlen=self._kept, approximate=True)
        self._asked(pipe.execute)

    def run(self) -> str:
        """Return what tells this run of the server from any other."""
        return str(self._asked(lambda: self._redis.info("server"))["run_id"])

    def renewed(self) -> bool:
        """Whether this is another run of the server than `seen` noted: a server that is killed may lose the last second."""
        noted = self._asked(lambda: self._redis.get(_SERVER))
        return (noted.decode() if isinstance(noted, bytes) else noted) != self.run()

    def seen(self) -> None:
        """Note this run of the server."""
        run = self.run()
        self._asked(lambda: self._redis.set(_SERVER, run))

    @staticmethod
    def _asked(ask: Any) -> Any:
        try:
            return ask()
        except RedisError as error:
            raise StreamAway(type(error).__name__) from None
