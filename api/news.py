"""News in Redis for everybody who listens in this process, over one connection however many they are."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import Any, Awaitable, Iterator

from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.background import stop
from api.ports import Log

HOME = "hotline:news"  # always listened to: a connection that listens to nothing cannot be read
PING_S = 10.0          # a connection that says nothing is asked for a sign of life, and given as long again to answer
RETRY_S = 0.5


class Listener:
    """Hears of some channels. A nudge says only that something may have changed there: what it was is read from the store."""

    def __init__(self, news: News) -> None:
        self._news = news
        self._nudged: dict[str, None] = {}
        self._woken = asyncio.Event()

    def subscribe(self, channel: str) -> None:
        """Listen to a channel; the first nudge comes as soon as Redis listens, or when it cannot be reached."""
        self._news.add(channel, self)

    def unsubscribe(self, channel: str) -> None:
        """Listen to a channel no more."""
        self._nudged.pop(channel, None)
        self._news.remove(channel, self)

    async def next(self, timeout: float) -> str | None:
        """Return the next channel with news; None after `timeout` seconds."""
        if not self._nudged:
            self._woken.clear()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), timeout)
        channel = next(iter(self._nudged), None)
        if channel is not None:
            del self._nudged[channel]
        return channel

    def nudge(self, channel: str) -> None:
        """Note news; many of one channel are one."""
        self._nudged[channel] = None
        self._woken.set()


class News:
    """Connects with the first listener. After a fault of Redis it subscribes again, and every listener is told to look."""

    def __init__(self, redis: Redis[str], log: Log) -> None:
        self._redis = redis
        self._log = log
        self._listeners: dict[str, set[Listener]] = {}
        self._confirmed: set[str] = set()  # what Redis says it listens to
        self._changed = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    @contextmanager
    def listen(self, *channels: str) -> Iterator[Listener]:
        """Yield a listener to these channels, and to those that it subscribes to later."""
        listener = Listener(self)
        try:
            for channel in channels:
                self.add(channel, listener)
            yield listener
        finally:
            for channel in [name for name, listeners in self._listeners.items() if listener in listeners]:
                self.remove(channel, listener)

    def add(self, channel: str, listener: Listener) -> None:
        """Nudge `listener` of this channel from now on."""
        self._listeners.setdefault(channel, set()).add(listener)
        if channel in self._confirmed:
            listener.nudge(channel)
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep())
        self._changed.set()

    def remove(self, channel: str, listener: Listener) -> None:
        """Nudge `listener` of this channel no more."""
        listeners = self._listeners.get(channel, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(channel, None)
            self._changed.set()

    async def close(self) -> None:
        """Leave Redis."""
        await stop([self._keeping] if self._keeping else [])

    async def _keep(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as line:
                    await line.subscribe(HOME)
                    await _first(self._hear(line), self._ask(line))
            except (RedisError, OSError) as error:
                self._log.warning("news_fault", error=type(error).__name__)
            self._confirmed.clear()
            for channel in list(self._listeners):
                self._wake(channel)
            await asyncio.sleep(RETRY_S)

    async def _ask(self, line: Any) -> None:
        """Tell Redis what is wanted of it, whenever that changes: one writer alone, so that no order is turned round."""
        asked: set[str] = set()
        self._changed.set()
        while True:
            await self._changed.wait()
            self._changed.clear()
            new, old = self._listeners.keys() - asked, asked - self._listeners.keys()
            asked |= new
            asked -= old
            self._confirmed -= old
            if new:
                await line.subscribe(*new)
            if old:
                await line.unsubscribe(*old)

    async def _hear(self, line: Any) -> None:
        """Pass on what Redis tells; return when it says nothing any more."""
        pinged = False
        while True:
            told = await line.get_message(timeout=PING_S)
            if told is None and pinged:
                return
            pinged = told is None
            if told is None:
                await line.ping()
            elif told["type"] in ("subscribe", "message"):  # once it listens everybody looks: something may have come before
                if told["type"] == "subscribe":
                    self._confirmed |= {told["channel"]} & self._listeners.keys()
                self._wake(told["channel"])

    def _wake(self, channel: str) -> None:
        for listener in self._listeners.get(channel, ()):
            listener.nudge(channel)


async def _first(*works: Awaitable[None]) -> None:
    """Do several things until one of them ends; raises what it raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await stop(tasks)
    for task in done:
        task.result()
