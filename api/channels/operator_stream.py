"""The WebSocket of the desk: a person's acts come in; what changes goes out (api.channels.operator_telling), on whichever gateway."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from api.background import stop
from api.channels import operator_frames as frames
from api.channels.operator_telling import Outlet, Telling, TooSlow
from api.conversations import ConversationGone
from api.desk.desk import Desk, desk_of
from api.errors import ApiError, body
from api.gateway import Gateway, gateway_of
from api.keys import verify
from api.ports import Key
from api.rates import Rate

router = APIRouter(prefix="/v1/operator", tags=["人工座席"])
PROTOCOL = "hotline"   # Sec-WebSocket-Protocol: hotline, <key>; a key never stands in the address, where logs keep it
KEY_WAIT_S = 10.0
HEARTBEAT_S = 10.0     # presence lasts three of them
OPENINGS = 60          # a minute for one key
FRAMES = 120           # refused ones, after which the line is cut
KEY_TRUSTED_S = 300.0  # without the database a key that was good lately still is: its conversations need it
TYPING_S = 2.0         # one sign of somebody who types is enough for so long: what callers are told of it lasts three times that
NORMAL, SLOW = 1000, 4408
_CLOSE = {"unauthorised": 4401, "forbidden": 4403, "too_many_requests": 4429}


@router.websocket("/stream")
async def stream(socket: WebSocket, gateway: Annotated[Gateway, Depends(gateway_of)], desk: Annotated[Desk, Depends(desk_of)]) -> None:
    """The key comes as the second sub-protocol, or in the first frame: {"key"}."""
    offered = socket.scope.get("subprotocols", [])
    await socket.accept(PROTOCOL if PROTOCOL in offered else None)
    try:
        token = await _token(socket, offered)
        key = await _person(socket, token)
        await gateway.rates.check("desk-streams", key.id, OPENINGS)
        await Connection(socket, gateway, desk, key, token).run()
    except ApiError as error:
        await _close(socket, _CLOSE.get(error.code, 1011), error.code)
    except (RedisError, OperationalError):
        await _close(socket, 1011, "service_unavailable")
    except TooSlow:
        gateway.parts.log.warning("desk_too_slow")
        await _close(socket, SLOW)
    except (WebSocketDisconnect, asyncio.TimeoutError, RuntimeError):
        return  # he has gone, and asks for what he missed when he comes back


class Connection:
    """One person at one console."""

    def __init__(self, socket: WebSocket, gateway: Gateway, desk: Desk, key: Key, token: str) -> None:
        self._socket, self._gateway, self._desk = socket, gateway, desk
        self._key, self._token = key, token
        self._outlet = Outlet(socket)
        self._rate = Rate()
        self._presence: frames.Presence | None = None
        self._typed: dict[str, float] = {}

    async def run(self) -> None:
        """Serve until the person goes; raises what ended it."""
        with self._gateway.news.listen() as news:
            self._telling = Telling(self._gateway, self._desk, self._key, self._outlet, news)
            tasks = [asyncio.ensure_future(work) for work in (
                self._read(), self._beat(), self._telling.listen(), self._telling.tell_line(), self._telling.tell_conversations())]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await stop(tasks)
        for task in done:
            task.result()

    async def _read(self) -> None:
        refused = 0
        while True:
            event = await self._socket.receive()
            if event["type"] == "websocket.disconnect":
                if event.get("code") == NORMAL and self._presence:  # whoever only lost the line keeps his seat for a while
                    await self._gateway.presence.away(self._key.id)
                return
            if not self._rate.allows():
                refused += 1
                if refused > FRAMES:
                    raise ApiError("too_many_requests")
                if refused == 1:
                    await self._outlet.send({"type": "error", "request": None, **body("too_many_requests")["error"]})
                continue
            refused = 0
            await self._answer(event.get("text") or "")

    async def _answer(self, text: str) -> None:
        request: int | str | None = None
        try:
            frame = frames.frame_of(text)
            request = frame.request
            told = await self._act(frame)
            await self._outlet.send({"type": "done", "request": request, **told})
        except frames.BadFrame as error:
            await self._refuse(error.request, error)
        except ApiError as error:
            await self._refuse(request, error)
        except ConversationGone:
            await self._refuse(request, ApiError("conversation_not_found"))
        except (RedisError, OperationalError):
            await self._refuse(request, ApiError("service_unavailable"))

    async def _refuse(self, request: int | str | None, error: ApiError) -> None:
        await self._outlet.send({"type": "error", "request": request, **body(error.code, error.message, error.field)["error"]})

    async def _act(self, frame: Any) -> dict[str, Any]:
        """Do what a frame asks and return what `done` tells of it."""
        if isinstance(frame, frames.Presence):
            if frame.region:
                self._gateway.region(frame.region)
            first, self._presence = self._presence is None, frame
            await self._here()
            if first:
                await self._telling.watch_own()
            return {}
        if isinstance(frame, frames.Next):
            id = await self._desk.next(self._key, frame.skills, self._gateway.region(frame.region) if frame.region else None)
            if id:
                await self._telling.watch(id, 0)
            return {"id": id}
        return await self._act_on(frame, frame.id)

    async def _act_on(self, frame: Any, id: str) -> dict[str, Any]:
        desk, key, told = self._desk, self._key, {"id": id}
        if frame.type == "claim":
            await desk.claim(id, key, over=key.role == "supervisor")
            await self._telling.watch(id, 0)
        elif frame.type == "say":
            told["message"] = await desk.say(id, key, frame.text, frame.client_message_id, frame.item)
        elif frame.type == "typing":
            await self._types(id)
        elif frame.type == "read":
            await desk.read(id, key, frame.seq)
        elif frame.type == "suggest":
            await self._telling.suggest(id)
        elif frame.type == "watch":
            await self._telling.watch(id, frame.after)
        elif frame.type == "return":
            await desk.give_back(id, key, frame.note)
        elif frame.type == "end":
            await desk.end(id, key, frame.reason)
        else:
            await desk.transfer(id, key, frame.to, frame.skill, frame.note, clear=frame.clear)
        return told

    async def _types(self, id: str) -> None:
        now = time.monotonic()
        self._typed = {typed: at for typed, at in self._typed.items() if now - at < TYPING_S}
        if id not in self._typed:
            await self._desk.typing(id, self._key)
            self._typed[id] = now

    async def _beat(self) -> None:
        """Say that this side lives, and that the person does; a key that was revoked meanwhile opens nothing any more."""
        verified = time.monotonic()
        while True:
            await self._outlet.send({"type": "alive"})
            await asyncio.sleep(HEARTBEAT_S)
            try:
                await _person(self._socket, self._token)
                verified = time.monotonic()
            except OperationalError:
                if time.monotonic() - verified > KEY_TRUSTED_S:
                    raise
            await self._here()

    async def _here(self) -> None:
        if seat := self._presence:
            state = "ready" if seat.type == "ready" else "paused"
            await self._gateway.presence.here(self._key.id, self._key.name, seat.skills, seat.region, state, self._gateway.parts.clock())


async def _token(socket: WebSocket, offered: list[str]) -> str:
    if PROTOCOL in offered and len(offered) > 1:
        return next(part for part in offered if part != PROTOCOL)
    try:
        first = frames.object_of(await asyncio.wait_for(socket.receive_text(), KEY_WAIT_S))
    except (frames.BadFrame, KeyError):
        raise ApiError("unauthorised") from None
    if not isinstance(first.get("key"), str):
        raise ApiError("unauthorised")
    return str(first["key"])


async def _person(socket: WebSocket, token: str) -> Key:
    key = await verify(socket, token)
    if key.role not in ("operator", "supervisor"):
        raise ApiError("forbidden")
    return key


async def _close(socket: WebSocket, status: int, code: str | None = None) -> None:
    with suppress(WebSocketDisconnect, RuntimeError, asyncio.TimeoutError):
        if code:
            await asyncio.wait_for(socket.send_json({"type": "error", "request": None, **body(code)["error"]}), 1.0)
        await asyncio.wait_for(socket.close(status), 1.0)
