"""A gateway with one waiting caller, as the operators' API is described: enough for the terminal client, with faults on demand."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse

from tests.support.desk_frames import ID, conversation, line, message, waiting

KEY = "hk_seat"


class DeskPeer:
    """`frames` are what the seat sent; `lost` answers to messages are stored and then the stream is cut; `streams` counts its openings."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.messages = [message(1, "caller", "我要找人工"), message(2, "bot", "正在为您转人工。")]
        self.owner = "queue"
        self.lost = 0
        self.streams = 0
        self.refuse = False
        self._sockets: set[WebSocket] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.app = FastAPI()
        self.app.middleware("http")(self._keyed)
        self.app.get("/v1/operator/queue")(self._queue)
        self.app.post("/v1/operator/next")(self._next)
        self.app.get("/v1/operator/conversations/{id}/package")(self._package)
        self.app.websocket("/v1/operator/stream")(self._stream)

    def said(self, author: str) -> list[str]:
        """Return what somebody said, in order."""
        return [said["text"] for said in self.messages if said["author"] == author]

    def caller_says(self, text: str) -> None:
        """A message arrives, and is told to the seat if it is there."""
        self._call(self._add("caller", text))

    def cut(self, and_refuse: bool = False) -> None:
        """Cut every stream; with `and_refuse` the key is no good any more."""
        self.refuse = and_refuse
        self._call(self._cut())

    def _call(self, job: Any) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(job, self._loop).result(10)

    async def _keyed(self, request: Request, call_next: Any) -> Response:
        if request.headers.get("X-API-Key") != KEY:
            return JSONResponse({"error": {"code": "unauthorised", "message": "身份没有通过，请检查密钥或令牌"}}, 401)
        return await call_next(request)  # type: ignore[no-any-return]

    async def _queue(self) -> Any:
        return self._line()

    async def _next(self) -> Response:
        if self.owner != "queue":
            return Response(status_code=204)
        self.owner = "operator"
        await self._tell(self._line())
        return JSONResponse({**self._state(0)})

    async def _package(self, id: str) -> Any:
        return {"id": id, "channel": "web", "region": "370102", "reason": "asked", "mood": "calm", "elderly": False, "caller": None,
                "summary": {"text": "一上来就要找人工。", "failed": []}, "form": None, "transcript": []}

    async def _stream(self, socket: WebSocket) -> None:
        await socket.accept()
        self._loop = asyncio.get_running_loop()
        if json.loads(await socket.receive_text()) != {"key": KEY} or self.refuse:
            await socket.send_json({"error": {"code": "unauthorised", "message": "身份没有通过"}})
            await socket.close(4401)
            return
        self.streams += 1
        self._sockets.add(socket)
        try:
            await socket.send_json(self._line())
            while True:
                frame = json.loads(await socket.receive_text())
                self.frames.append(frame)
                await self._act(socket, frame)
        except (WebSocketDisconnect, RuntimeError):
            self._sockets.discard(socket)

    async def _act(self, socket: WebSocket, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "say":
            if frame["client_message_id"] not in {said.get("client_message_id") for said in self.messages}:
                await self._add("operator", frame["text"], tell=not self.lost, client_message_id=frame["client_message_id"])
            if self.lost:
                self.lost -= 1
                await self._cut()
                return
        elif kind == "watch":
            await socket.send_json(self._state(frame["after"]))
        elif kind == "suggest":
            await socket.send_json({"type": "suggestions", "id": ID, "suggestions": [{"text": "带上户口簿。", "item": "x", "name": "身份证补领", "score": 0.9}]})
        elif kind in ("end", "return", "transfer"):
            self.owner = "bot"
        if "request" in frame:
            await socket.send_json({"type": "done", "request": frame["request"]})

    async def _add(self, author: str, text: str, tell: bool = True, **more: Any) -> None:
        self.messages.append(message(len(self.messages) + 1, author, text, **more))
        if tell:
            await self._tell(self._state(len(self.messages) - 1))

    async def _tell(self, frame: dict[str, Any]) -> None:
        for socket in list(self._sockets):
            await socket.send_json(frame)

    async def _cut(self) -> None:
        for socket in list(self._sockets):
            self._sockets.discard(socket)
            await socket.close(1012)

    def _line(self) -> dict[str, Any]:
        return line(waiting(reason="crisis", alarm=True)) if self.owner == "queue" else line()

    def _state(self, after: int) -> dict[str, Any]:
        return conversation(*self.messages[after:], owner=self.owner, last_seq=len(self.messages))
