"""A Rasa that misbehaves on demand: what it does depends on the message it gets."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from typing import Any, Callable, Iterator

import uvicorn

from tests.support.redis_server import free_port

CARD = {"kind": "item", "code": "id-card-reissue", "name": "居民身份证丢失补领", "as_of": "2026-11-01",
        "rows": [{"title": "要带的材料", "lines": ["居民户口簿（原件）"]}], "basis": ["《中华人民共和国居民身份证法》"]}
ANSWERED = [{"text": "补身份证带上户口簿就行。", "custom": {
    "outcome": "answered", "item": "id-card-reissue", "facet": "materials", "region": "370102", "card": CARD}}]
SCRIPT: dict[str, Any] = {
    "转人工": [{"text": "好，我帮您转人工。", "custom": {"outcome": "handoff", "action": "transfer"}}],
    "再见": [{"text": "感谢您的来电，再见。", "custom": {"outcome": "smalltalk", "action": "hangup"}}],
    "补证": [{"text": "您要补哪一个证？", "custom": {"outcome": "clarified", "options": ["身份证", "驾驶证"]}}],
    "路灯坏了": [{"text": "记下了，在什么地方？", "custom": {"outcome": "ticket_form", "ticket_type": "求助"}}],
    "没有这事": [{"text": "这件事我手里没有准确的答案。", "custom": {"outcome": "not_found", "options": ["转人工", "登记工单"]}}],
    "就会说这几句": [{"text": "让您着急了，对不住。", "custom": {"outcome": "smalltalk", "mood": "angry"}}],
    "几点开门": [{"text": "几点开门，我这里没有准确信息。", "custom": {**ANSWERED[0]["custom"], "facet": "hours", "unanswered": True, "options": ["转人工", "登记工单"]}}],
    "空": [],
    "对象": {"text": "不是列表"},
    "只有卡": [{"text": "请看。"}, {"custom": {"outcome": "answered", "card": CARD, "item": "id-card-reissue"}}],
}


class FakeRasa:
    """An ASGI app; `requests` holds the bodies it was sent, `overlaps` the greatest number at once per sender.

    `forgotten` holds path and slots of each time that slots were emptied; `remembers` makes that fail.
    `remembered` holds path and slots of each time that slots were set. `slots` is what every tracker holds.
    """

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.forgotten: list[tuple[str, list[str]]] = []
        self.remembers = False
        self.remembered: list[tuple[str, dict[str, Any]]] = []
        self.slots: dict[str, Any] = {}
        self.running: dict[str, int] = {}
        self.overlap = 0

    async def __call__(self, scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        if scope["type"] != "http":
            return
        body = b""
        more = True
        while more:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
        if scope["method"] == "GET" and scope["path"].endswith("/tracker"):
            await _answer(send, 200, json.dumps({"slots": self.slots, "active_loop": {}}).encode())
            return
        if scope["method"] == "GET":
            await _answer(send, 200, b'{"status": "ok"}')
            return
        asked = json.loads(body)
        if scope["path"].endswith("/tracker/events"):
            if known := {event["name"]: event["value"] for event in asked if event["value"] is not None}:
                self.remembered.append((scope["path"], known))
            self.forgotten.append((scope["path"], [event["name"] for event in asked if event["value"] is None]))
            await _answer(send, 500 if self.remembers else 200, b"{}")
            return
        self.requests.append(asked)
        sender = asked["sender"]
        self.running[sender] = self.running.get(sender, 0) + 1
        self.overlap = max(self.overlap, self.running[sender])
        try:
            await self._reply(asked["message"], send)
        finally:
            self.running[sender] -= 1

    async def _reply(self, text: str, send: Callable[[Any], Any]) -> None:
        if text.startswith("慢"):
            await asyncio.sleep(8)
        if text.startswith("等一下"):
            await asyncio.sleep(0.3)
        if text.startswith("一滴一滴"):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(40):
                await send({"type": "http.response.body", "body": b" ", "more_body": True})
                await asyncio.sleep(0.2)
            await send({"type": "http.response.body", "body": json.dumps(ANSWERED).encode()})
        elif text.startswith("坏了"):
            await _answer(send, 500, b"oops")
        elif text.startswith("乱码"):
            await _answer(send, 200, b"<html>")
        else:
            await _answer(send, 200, json.dumps(SCRIPT.get(text, ANSWERED)).encode())


async def _answer(send: Callable[[Any], Any], status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(app: Any, port: int | None = None) -> Iterator[str]:
    """Serve an ASGI app over real HTTP in a thread, on this port or a free one; yield its address."""
    port = port or free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, ws="wsproto", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started:
        if time.monotonic() > until:
            raise RuntimeError("the server did not start")
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(5)
