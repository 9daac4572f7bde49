"""The WebSocket of the web chat: pushes every new message and the state, and takes nothing but the token: who says more is cut off."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from redis.exceptions import RedisError

from api.channels.web import authorised, state_of
from api.conversations import ConversationGone, channel_of
from api.errors import ApiError, body
from api.gateway import Gateway, gateway_of
from api.news import Listener
from api.rates import ADDRESS_STREAMS, SESSION_STREAMS, asker_of

router = APIRouter(prefix="/v1/chat", tags=["网页聊天"])
PROTOCOL = "hotline"        # Sec-WebSocket-Protocol: hotline, <token>; a token never stands in the address, where logs keep it
TOKEN_WAIT_S = 10.0
HEARTBEAT_S = 25.0          # below the 30–60 s after which proxies cut a silent connection
_CLOSE = {"invalid_request": 1008, "unauthorised": 4401, "session_not_found": 4404, "too_many_requests": 4429}


@router.websocket("/sessions/{id}/stream")
async def stream(socket: WebSocket, id: str, gateway: Annotated[Gateway, Depends(gateway_of)]) -> None:
    """First frame from the page: {"token", "after"}; or the token as the second sub-protocol and `?after=`."""
    offered = socket.scope.get("subprotocols", [])
    await socket.accept(PROTOCOL if PROTOCOL in offered else None)
    try:
        with gateway.places.hold(f"streams of {asker_of(socket)}", ADDRESS_STREAMS):
            token, after = await _opening(socket, offered)
            await authorised(gateway, id, token)
            with gateway.places.hold(f"streams of {id}", SESSION_STREAMS):
                await _push(socket, gateway, id, after)
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


async def _push(socket: WebSocket, gateway: Gateway, id: str, after: int) -> None:
    """Listen first and read then, so that nothing falls between; news is only a nudge to read again."""
    with gateway.news.listen(channel_of(id)) as news:
        await news.next(HEARTBEAT_S)  # the server's word that it listens
        gone = asyncio.ensure_future(socket.receive())  # whatever it is: a page says nothing but that it goes
        try:
            told: tuple[Any, ...] = ()
            while not gone.done():
                state = await state_of(gateway, await gateway.conversations.load(id), after)
                now = (state["owner"], state.get("outcome"))
                if state["messages"] or now != told:
                    await socket.send_json({"type": "state", **state}, mode="text")
                    after, told = state["last_seq"], now
                if not await _nudge(news, gone):
                    await socket.send_json({"type": "alive"})
            if gone.result()["type"] != "websocket.disconnect":
                raise ApiError("invalid_request")
        finally:
            gone.cancel()


async def _nudge(news: Listener, gone: asyncio.Future[Any]) -> bool:
    """Wait for news, for the page to go, or for the next heartbeat; False only for the heartbeat."""
    waiting = asyncio.ensure_future(news.next(HEARTBEAT_S))
    try:
        await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
        return gone.done() or waiting.result() is not None
    finally:
        if not waiting.done():
            waiting.cancel()


async def _close(socket: WebSocket, code: str) -> None:
    try:
        await socket.send_json(body(code))
        await socket.close(_CLOSE.get(code, 1011))
    except (WebSocketDisconnect, RuntimeError):
        return
