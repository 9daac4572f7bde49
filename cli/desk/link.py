"""The line to the gateway: the stream that finds back by itself, and the calls over HTTP."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any, Callable, Mapping
from urllib.parse import quote

import httpx
import websockets
from websockets.exceptions import WebSocketException

from cli.desk.clean import one_line

SILENCE_S = 30.0  # the server says that it is alive every 10 s
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
_CLOSED = {4401: "密钥没有通过，可能已经作废。请用 hotline admin key --role operator 重新发一个。",
           4403: "这个密钥没有坐席的权限。请用 hotline admin key --role operator 发一个。"}
_BIG = 4 * 2**20  # bytes of a frame: a long conversation comes in one


class Refused(Exception):
    """The gateway will not have us; the message says what to do."""


class Unreached(Exception):
    """The gateway did not answer, or not this; the message is for the person at the desk."""


class Link:
    """One seat's connection; `hear` gets every frame, `up` and `down` tell of the stream."""

    def __init__(self, url: str, key: str, hear: Callable[[Mapping[str, Any]], None], up: Callable[[], None], down: Callable[[str], None]) -> None:
        self._stream = url.replace("http", "ws", 1) + "/v1/operator/stream"
        self._key = key
        self._http = httpx.AsyncClient(base_url=url, headers={"X-API-Key": key}, timeout=10.0, trust_env=False)
        self._hear, self._up, self._down = hear, up, down
        self._frames: "asyncio.Queue[Mapping[str, Any]]" = asyncio.Queue()
        self._pause = FIRST_PAUSE_S

    def send(self, frame: Mapping[str, Any]) -> None:
        """Send a frame in order; what the stream did not take is dropped, for the desk asks again when it is open."""
        self._frames.put_nowait(frame)

    async def package(self, id: str) -> Mapping[str, Any]:
        """Return the package of a conversation as a frame; raise Unreached or Refused."""
        return {**await self._call("GET", f"/v1/operator/conversations/{quote(id, safe='')}/package"), "type": "package", "id": id}

    async def next(self, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        """Claim the best of the line; return its id in a frame, or a frame without one. Raise Unreached or Refused."""
        return {"type": "next", "id": (await self._call("POST", "/v1/operator/next", dict(wish))).get("id")}

    async def check(self) -> None:
        """Raise Refused or Unreached unless the gateway is there and knows the key."""
        await self._call("GET", "/v1/operator/queue")

    async def close(self) -> None:
        await self._http.aclose()

    async def run(self) -> None:
        """Keep the stream open until cancelled; raise Refused when the key is no good (any more)."""
        while True:
            try:
                async with websockets.connect(self._stream, max_size=_BIG, open_timeout=10, close_timeout=2) as socket:  # type: ignore[attr-defined]
                    await socket.send(json.dumps({"key": self._key}))  # not in the address or a header, where logs keep it
                    await self._talk(socket)
            except (OSError, asyncio.TimeoutError, WebSocketException) as error:
                code = getattr(error, "code", None) or 4000 + getattr(error, "status_code", 0)
                if code in _CLOSED:
                    raise Refused(_CLOSED[code]) from None
            self._down("连接断了，正在重连。写好的话会留着，连上以后再送。")
            await asyncio.sleep(self._pause * random.uniform(0.8, 1.2))  # a whole room must not come back at one moment
            self._pause = min(self._pause * 2, LONGEST_PAUSE_S)

    async def _talk(self, socket: Any) -> None:
        """Take frames until the stream ends, which raises."""
        self._frames = asyncio.Queue()
        self._up()
        sender = asyncio.ensure_future(self._pass_on(socket, self._frames))
        try:
            while True:
                frame = _frame_of(await asyncio.wait_for(socket.recv(), SILENCE_S))
                if frame.get("type") != "error":
                    self._pause = FIRST_PAUSE_S
                self._hear(frame)
        finally:
            sender.cancel()

    async def _pass_on(self, socket: Any, frames: "asyncio.Queue[Mapping[str, Any]]") -> None:
        try:
            while True:
                await socket.send(json.dumps(await frames.get(), ensure_ascii=False))
        except WebSocketException:
            return  # the reader sees the same end

    async def _call(self, method: str, path: str, body: Any = None) -> Mapping[str, Any]:
        try:
            answer = await self._http.request(method, path, json=body)
        except httpx.HTTPError:
            raise Unreached("网关没有应答，请稍后再试。") from None
        try:
            told = answer.json() if answer.content else {}
        except ValueError:
            raise Unreached(f"网关答非所问（HTTP {answer.status_code}），请检查地址。") from None
        if answer.status_code in (401, 403):
            raise Refused(_CLOSED[4000 + answer.status_code])
        if answer.is_error or not isinstance(told, Mapping):
            error = told.get("error") if isinstance(told, Mapping) else None
            raise Unreached((isinstance(error, Mapping) and one_line(error.get("message"))) or f"网关出错了（HTTP {answer.status_code}）。")
        return told


def _frame_of(text: Any) -> Mapping[str, Any]:
    try:
        frame = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(frame, Mapping):
        return {}
    error = frame.get("error")
    return {"type": "error", **error} if isinstance(error, Mapping) else frame
