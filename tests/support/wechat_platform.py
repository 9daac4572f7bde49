"""The platform of the official accounts, written from its protocol: it posts messages to the webhook and takes what is sent to people."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import struct
import time
from dataclasses import dataclass, field
from typing import Any, Callable
from urllib.parse import parse_qs
from xml.etree import ElementTree

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from api.gateway import Gateway
from tests.support.gateway_fakes import NOW

TOKEN, APP_ID, SECRET = "callback-token", "wx0123456789abcdef", "app-secret"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
OPENID, ACCOUNT = "oPersonOne_-123", "gh_hotline"


@dataclass
class FakePlatform:
    """The API as an ASGI app. `codes` are answers of the message API in turn, 0 for good after them; None hangs up."""

    codes: list[int | None] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.sent]

    async def __call__(self, scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(self._answer(scope, body)).encode()})

    def _answer(self, scope: Any, body: bytes) -> dict[str, Any]:
        asked = json.loads(body)
        if scope["path"] == "/cgi-bin/stable_token":
            self.asked.append(asked)
            self.tokens.append(f"token-{len(self.tokens) + 1}")
            return {"access_token": self.tokens[-1], "expires_in": 7200}
        assert scope["path"] == "/cgi-bin/message/custom/send" and asked["msgtype"] == "text"
        code = self.codes.pop(0) if self.codes else 0
        if code is None:
            raise ConnectionError("down")
        if not self.tokens or parse_qs(scope["query_string"].decode())["access_token"] != [self.tokens[-1]]:
            code = 40001
        if code == 0:
            self.sent.append((asked["touser"], asked["text"]["content"]))
            self.raw.append(body)
        return {"errcode": code, "errmsg": "ok" if code == 0 else "no"}


@dataclass
class Phone:
    """A person's side: posts what he writes as the platform does, `sealed` in 安全模式."""

    client: httpx.AsyncClient
    sealed: bool = False
    openid: str = OPENID
    count: int = 0

    async def text(self, words: str, number: int | None = None, **more: Any) -> httpx.Response:
        return await self.post("text", number, f"<Content>{_cdata(words)}</Content>", **more)

    async def event(self, name: str, key: str = "") -> httpx.Response:
        self.count += 1
        return await self.deliver(self._xml("event", f"<Event>{_cdata(name)}</Event><EventKey>{_cdata(key)}</EventKey>"))

    async def post(self, kind: str, number: int | None, inner: str, **more: Any) -> httpx.Response:
        self.count += 1
        number = number or 7_000_000_000_000_000 + self.count
        return await self.deliver(self._xml(kind, f"{inner}<MsgId>{number}</MsgId>"), **more)

    async def deliver(self, xml: str, **query: str) -> httpx.Response:
        asked = {"timestamp": str(int(NOW.timestamp())), "nonce": secrets.token_hex(5), "openid": self.openid, **query}
        if self.sealed:
            inner = seal(xml)
            xml = f"<xml><ToUserName>{_cdata(ACCOUNT)}</ToUserName><Encrypt>{_cdata(inner)}</Encrypt></xml>"
            asked = {"encrypt_type": "aes", "msg_signature": sign(asked["timestamp"], asked["nonce"], inner), **asked}
        asked = {"signature": sign(asked["timestamp"], asked["nonce"]), **asked}
        return await self.client.post("/v1/wechat", params=asked, content=xml.encode(), headers={"Content-Type": "text/xml"})

    def _xml(self, kind: str, inner: str) -> str:
        return (f"<xml><ToUserName>{_cdata(ACCOUNT)}</ToUserName><FromUserName>{_cdata(self.openid)}</FromUserName>"
                f"<CreateTime>{int(NOW.timestamp()) + self.count}</CreateTime><MsgType>{_cdata(kind)}</MsgType>{inner}</xml>")


def said(answer: httpx.Response, sealed: bool = False) -> str:
    """Return the words of a passive answer, "" for the word that it was taken."""
    assert answer.status_code == 200, answer.text
    if answer.text == "success":
        return ""
    root = ElementTree.fromstring(answer.content)
    if sealed:
        inner = root.findtext("Encrypt") or ""
        assert root.findtext("MsgSignature") == sign(root.findtext("TimeStamp") or "", root.findtext("Nonce") or "", inner)
        root = ElementTree.fromstring(unseal(inner))
    assert (root.findtext("ToUserName"), root.findtext("FromUserName"), root.findtext("MsgType")) == (OPENID, ACCOUNT, "text")
    return root.findtext("Content") or ""


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted([TOKEN, *parts])).encode()).hexdigest()


def seal(xml: str, app_id: str = APP_ID) -> str:
    message = xml.encode()
    plain = secrets.token_bytes(16) + struct.pack(">I", len(message)) + message + app_id.encode()
    pad = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(bytes(range(32))), modes.CBC(bytes(range(16)))).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def unseal(text: str) -> bytes:
    decryptor = Cipher(algorithms.AES(bytes(range(32))), modes.CBC(bytes(range(16)))).decryptor()
    plain = decryptor.update(base64.b64decode(text)) + decryptor.finalize()
    plain = plain[:-plain[-1]]
    (length,) = struct.unpack(">I", plain[16:20])
    assert plain[20 + length:] == APP_ID.encode()
    return plain[20:20 + length]


def _cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>"


async def until(true: Callable[[], bool]) -> None:
    """Wait for what must come; raises TimeoutError where it does not."""
    end = time.monotonic() + 30
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(0.02)


async def settled(gateway: Gateway) -> None:
    """Wait until nobody is to be looked at any more: all that was to be sent was sent."""
    end = time.monotonic() + 30
    while await gateway.parts.redis.exists("hotline:wechat:due"):
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(0.02)
