"""The WebSocket of the web chat: pushes every new message and the state; takes the token, then signs. Who says anything else is cut off."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from redis.exceptions import RedisError

from api.background import stop
from api.channels import signs
from api.channels.following import following
from api.channels.web import authorised
from api.conversations import ConversationGone
from api.errors import ApiError, body
from api.gateway import Gateway, gateway_of
from api.origins import allowed
from api.rates import ADDRESS_STREAMS, SESSION_STREAMS, Rate, asker_of

router = APIRouter(prefix="/v1/chat", tags=["网页聊天"])
PROTOCOL = "hotline"        # Sec-WebSocket-Protocol: hotline, <token>; a token never stands in the address, where logs keep it
TOKEN_WAIT_S = 10.0
HEARTBEAT_S = 25.0          # below the 30–60 s after which proxies cut a silent connection
REFUSED = 1008
_CLOSE = {"invalid_request": REFUSED, "unauthorised": 4401, "session_not_found": 4404, "too_many_requests": 4429}


@router.websocket("/sessions/{id}/stream")
async def stream(socket: WebSocket, id: str, gateway: Annotated[Gateway, Depends(gateway_of)]) -> None:
    """First frame from the page: {"token", "after"}; or the token as the second sub-protocol and `?after=`."""
    if not allowed(socket.headers.get("origin"), socket.headers.get("host"), gateway.settings.allowed_origins):
        await socket.close(REFUSED)
        return
    offered = socket.scope.get("subprotocols", [])
    await socket.accept(PROTOCOL if PROTOCOL in offered else None)
    try:
        with gateway.places.hold(f"streams of {asker_of(socket)}", ADDRESS_STREAMS):
            token, after = await _opening(socket, offered)
            await authorised(gateway, id, token)
            with gateway.places.hold(f"streams of {id}", SESSION_STREAMS):
                await _serve(socket, gateway, id, after)
    except ApiError as error:
        await _close(socket, error.code)
    except (ConversationGone, RedisError):
        await _close(socket, "service_unavailable")
    except (WebSocketDisconnect, asyncio.TimeoutError, RuntimeError):
        return  # the page has gone: it asks for what it missed when it comes back


async def _opening(socket: WebSocket, offered: list[str]) -> tuple[str | None, int]:
    if PROTOCOL in offered and len(offered) > 1:
        after = socket.query_params.get("after", "0")
        return next(part for part in offered if part != PROTOCOL), int(after) if after.isdecimal() and len(after) < 16 else 0
    try:
        first = json.loads(await asyncio.wait_for(socket.receive_text(), TOKEN_WAIT_S))
    except (ValueError, KeyError):
        raise ApiError("unauthorised") from None
    if not isinstance(first, dict) or not isinstance(first.get("token"), str):
        raise ApiError("unauthorised")
    after = first.get("after", 0)
    return first["token"], after if isinstance(after, int) and 0 <= after < 2**53 else 0


async def _serve(socket: WebSocket, gateway: Gateway, id: str, after: int) -> None:
    """Push until the page goes; raise what it is cut off for."""
    async with following(gateway, id) as page:
        hearing = asyncio.ensure_future(_hear(socket, gateway, id))
        hearing.add_done_callback(lambda _: page.leave())
        try:
            stand = ""
            while not hearing.done():
                sight = await page.next(after, stand, HEARTBEAT_S)
                if sight:
                    await socket.send_json({"type": "state", **sight.state}, mode="text")
                    after, stand = sight.state["last_seq"], sight.state["stand"]
                elif not hearing.done():
                    await socket.send_json({"type": "alive"})
            hearing.result()
        finally:
            await stop([hearing])


async def _hear(socket: WebSocket, gateway: Gateway, id: str) -> None:
    """Take signs until the page goes; raise ApiError for anything else that it says, and for too much of it."""
    rate = Rate()
    while (event := await socket.receive())["type"] != "websocket.disconnect":
        if not rate.allows():
            raise ApiError("too_many_requests")
        await signs.take(gateway, id, event.get("text"))


async def _close(socket: WebSocket, code: str) -> None:
    try:
        await socket.send_json(body(code))
        await socket.close(_CLOSE.get(code, 1011))
    except (WebSocketDisconnect, RuntimeError):
        return
