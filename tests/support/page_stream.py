"""A page's WebSocket to the gateway, and its next frame."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Callable

from websockets.client import WebSocketClientProtocol, connect

from tests.support.gateway_fixtures import Chat

PATIENCE = 20.0  # seconds on a busy machine; no test waits for it unless it fails


def stream(address: str, chat: Chat, **options: Any) -> connect:
    return connect(f"{address.replace('http', 'ws')}/v1/chat/sessions/{chat.id}/stream", **options)


async def frame(socket: WebSocketClientProtocol) -> dict[str, Any]:
    """The next frame that is not a heartbeat."""
    while True:
        told = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
        if told.get("type") != "alive":
            return told  # type: ignore[no-any-return]


async def until(socket: WebSocketClientProtocol, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The next frame that fits."""
    while not fits(told := await frame(socket)):
        pass
    return told


@asynccontextmanager
async def watching(address: str, chat: Chat) -> AsyncIterator[WebSocketClientProtocol]:
    """A stream that has told how the conversation stands."""
    async with stream(address, chat) as socket:
        await socket.send(json.dumps({"token": chat.token}))
        await frame(socket)
        yield socket
