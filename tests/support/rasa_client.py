"""A client as made for Rasa's Socket.IO channel: it knows three events and keeps the session id it was told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator

import aiohttp
import socketio

PATIENCE = 15.0  # seconds; a busy machine


class RasaVisitor:
    """One connection; `texts` are what it would show, `numbered` what it was told by number."""

    def __init__(self) -> None:
        self.io = socketio.AsyncClient(reconnection=False)
        self.session: str | None = None
        self.shown: list[dict[str, Any]] = []
        self.numbered: list[dict[str, Any]] = []
        self._news = asyncio.Condition()
        self.io.on("session_confirm", self._confirmed)
        self.io.on("bot_uttered", self._uttered)
        self.io.on("hotline_message", self._message)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.shown]

    @property
    def conversation(self) -> str:
        """The part of the session id that staff know."""
        return (self.session or "").split(".")[0]

    async def ask(self, **body: Any) -> str:
        """Send session_request and return the id that is confirmed."""
        self.session = None
        await self.io.emit("session_request", body)
        await self.until(lambda: self.session is not None)
        return str(self.session)

    async def say(self, message: Any, **more: Any) -> None:
        await self.io.emit("user_uttered", {"message": message, "session_id": self.session, "customData": {}, **more})

    async def until(self, seen: Any) -> None:
        """Wait until `seen()` holds."""
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(seen), PATIENCE)

    async def hears(self, words: str, times: int = 1) -> None:
        """Wait until some messages hold these words."""
        await self.until(lambda: sum(words in text for text in self.texts) >= times)

    async def _confirmed(self, session: str) -> None:
        await self._note(lambda: setattr(self, "session", session))

    async def _uttered(self, message: dict[str, Any]) -> None:
        await self._note(lambda: self.shown.append(message))

    async def _message(self, message: dict[str, Any]) -> None:
        await self._note(lambda: self.numbered.append(message))

    async def _note(self, change: Any) -> None:
        async with self._news:
            change()
            self._news.notify_all()


@asynccontextmanager
async def connected(address: str, origin: str | None = None, **options: Any) -> AsyncIterator[RasaVisitor]:
    """Connect as a page of `origin` would; raises socketio.exceptions.ConnectionError."""
    if not hasattr(aiohttp, "ClientWSTimeout"):  # the client wants it of a newer aiohttp than Rasa allows, which takes the number itself
        aiohttp.ClientWSTimeout = lambda ws_close: ws_close  # type: ignore[attr-defined]
    visitor = RasaVisitor()
    await visitor.io.connect(address, headers={"Origin": origin} if origin else {}, **{"transports": ["websocket"], **options})
    try:
        yield visitor
    finally:
        if visitor.io.transport() == "polling":  # a polite parting waits for the open poll, up to half a minute
            await visitor.io.eio.disconnect(abort=True)
        else:
            await visitor.io.disconnect()
