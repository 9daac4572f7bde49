"""A seat's stream, read in a thread: the frames that came, and a wait for the one that is wanted."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any, Callable

import websockets


class DeskStream:
    """Open within its block; `frames` are those that came."""

    def __init__(self, base: str, key: str) -> None:
        self._address, self._key = base.replace("http", "ws", 1) + "/v1/operator/stream", key
        self.frames: list[dict[str, Any]] = []
        self._open = threading.Event()
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> "DeskStream":
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._read(),), daemon=True)
        self._thread.start()
        assert self._open.wait(30), "the stream did not open"
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._socket.close(), self._loop)
        self._thread.join(10)

    def send(self, frame: dict[str, Any]) -> None:
        asyncio.run_coroutine_threadsafe(self._socket.send(json.dumps(frame)), self._loop).result(10)

    def until(self, wanted: Callable[[dict[str, Any]], bool], patience: float) -> dict[str, Any]:
        """Return the first frame of this kind."""
        deadline = time.monotonic() + patience
        while True:
            if found := next((frame for frame in list(self.frames) if wanted(frame)), None):
                return found
            assert time.monotonic() < deadline, self.frames
            time.sleep(0.02)

    async def _read(self) -> None:
        async with websockets.connect(self._address) as self._socket:  # type: ignore[attr-defined]
            await self._socket.send(json.dumps({"key": self._key}))
            self._open.set()
            async for text in self._socket:
                self.frames.append(json.loads(text))
