"""The webhook: the platform's verification, and messages that are answered within its five seconds or followed up."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from typing import Any, Mapping

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from redis.exceptions import RedisError

from api.background import stop
from api.channels.wechat.encryption import Envelope, Unreadable
from api.channels.wechat.messages import Inbound, Malformed, fields_of, inbound_of, reply, sealed_reply
from api.channels.wechat.post import Entry, Post
from api.channels.wechat.rendering import LIMIT, pieces_of, split
from api.channels.wechat.signing import FRESH_S, fresh, signature, signed
from api.channels.wechat.taking import Taking
from api.conversations import Message
from api.errors import ERRORS, ApiError
from api.gateway import Gateway
from api.ports import Alarm

BUDGET_S = 4.0      # the platform hangs up after five seconds
ALARM_S = 2.0       # however slow the store is, the words for a danger go out
LOOK_AFTER_S = 6.0  # a gateway that died has another gateway take what it had acknowledged
FOLLOW_S = 1.0      # what goes after an answer shall not be there before it
_TAKEN = "success"  # the platform's word for: it is here, do not send it again


class Waiting:
    """One request that waits for words; either the words are taken for it or it gives up, never both."""

    def __init__(self) -> None:
        self._open = True

    def close(self) -> bool:
        """Take the one chance; False if it was taken."""
        was, self._open = self._open, False
        return was


class Webhook:
    """`envelope` None: the account sends plain XML. `budget`: seconds within which an answer goes out."""

    def __init__(self, gateway: Gateway, post: Post, taking: Taking, token: str, envelope: Envelope | None, budget: float) -> None:
        self._gateway = gateway
        self._parts = gateway.parts
        self._post = post
        self._taking = taking
        self._token = token
        self._envelope = envelope
        self._budget = budget
        self._working: set[asyncio.Task[Any]] = set()
        self.router = APIRouter(prefix="/v1/wechat", tags=["微信公众号"])
        self.router.add_api_route("", self.verify, methods=["GET"], response_model=None, summary="公众平台验证服务器")
        self.router.add_api_route("", self.receive, methods=["POST"], response_model=None, summary="公众平台送来一条消息")

    async def close(self) -> None:
        """Stop; what was not taken is taken by the next gateway."""
        await stop([*self._working])

    async def verify(self, request: Request) -> Response:
        """Prove to the platform that this server knows the token."""
        query = request.query_params
        self._check(query, "signature")
        return PlainTextResponse(query.get("echostr", "")[:256])

    async def receive(self, request: Request) -> Response:
        """Answer one message: with words, or with "success" where they follow."""
        query = request.query_params
        # In 安全模式 only what is encrypted counts: whoever leaves the mark out shall not get round it.
        if (query.get("encrypt_type") == "aes") != (self._envelope is not None):
            raise ApiError("forbidden")
        if self._envelope is None:
            self._check(query, "signature")
        body = await request.body()
        try:
            fields = fields_of(body)
            if self._envelope:
                self._check(query, "msg_signature", fields.get("Encrypt", ""))
                fields = fields_of(self._envelope.open(fields.get("Encrypt", "")))
            inbound = inbound_of(fields)
        except Unreadable:
            raise ApiError("forbidden") from None
        except Malformed:
            raise ApiError("invalid_request") from None
        if inbound.kind == "nothing" or not (self._envelope or await self._first(query, body)):
            return PlainTextResponse(_TAKEN)
        words = await self._answer(inbound)
        return self._worded(inbound, words) if words else PlainTextResponse(_TAKEN)

    def _check(self, query: Mapping[str, str], name: str, *more: str) -> None:
        """Raise ApiError("forbidden") unless the query is signed under `name`, over `more` too, and fresh."""
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not (signed(query.get(name, ""), self._token, timestamp, nonce, *more) and fresh(timestamp, self._parts.clock().timestamp())):
            raise ApiError("forbidden")

    async def _first(self, query: Mapping[str, str], body: bytes) -> bool:
        """Whether this signature came with no other message: that of a plain one covers no body, and shall carry no second one."""
        used = hashlib.sha256(f"{query.get('timestamp')}/{query.get('nonce')}".encode("utf-8", "replace")).hexdigest()
        key, digest = f"hotline:wechat:used:{used}", hashlib.sha256(body).hexdigest()
        try:
            if await asyncio.wait_for(self._parts.redis.set(key, digest, nx=True, ex=2 * FRESH_S), ALARM_S / 2):
                return True
            return bool(await asyncio.wait_for(self._parts.redis.get(key), ALARM_S / 2) == digest)
        except (RedisError, asyncio.TimeoutError):  # a danger must be heard even now, and nothing else is taken
            return True

    async def _answer(self, inbound: Inbound) -> str:
        """Return the words that go out with the answer, "" where they follow or there are none."""
        person = self._post.person(inbound.sender)
        alarm = await self._gateway.hearing.hear(inbound.text) if inbound.text else None
        if alarm:
            return await self._alarmed(person, inbound, alarm)
        try:
            if answered := await self._post.answered(person, inbound.id):
                return answered
            await self._gateway.rates.check_message(person, None, False)
            await self._post.accept(person, inbound, LOOK_AFTER_S)
        except ApiError as error:
            return f"{ERRORS[error.code][1]}。"
        except RedisError as error:  # nothing is kept, so nothing is promised
            self._parts.log.error("wechat_without_store", error=type(error).__name__)
            return f"{ERRORS['service_unavailable'][1]}。"
        return await self._waited(person, inbound.id)

    async def _alarmed(self, person: str, inbound: Inbound, alarm: Alarm) -> str:
        """Whatever breaks, the words for a danger go out with the answer."""
        work = asyncio.create_task(self._heard(person, inbound, alarm))
        self._working.add(work)
        work.add_done_callback(self._done)
        await asyncio.wait({work}, timeout=ALARM_S)  # it goes on and is kept, however long that takes
        if work.done() and not work.cancelled() and work.exception() is None:
            said = work.result()
        else:
            self._parts.log.error("alarm_not_stored", outcome=alarm.outcome, done=work.done())
            said = self._gateway.turns.unkept(inbound.text, inbound.id, alarm)["messages"]
        words = split("\n\n".join(piece for message in said for piece in pieces_of(message)), LIMIT)
        return words[0] if words else ""

    async def _heard(self, person: str, inbound: Inbound, alarm: Alarm) -> list[Message]:
        await self._gateway.rates.check_message(person, None, True)
        await self._post.accept(person, inbound, None)
        return await self._taking.alarm(person, Entry(inbound.id, inbound.kind, inbound.text), alarm)

    async def _waited(self, person: str, id: str) -> str:
        waiting = Waiting()
        work = asyncio.create_task(self._work(person, id, waiting))
        self._working.add(work)
        work.add_done_callback(self._done)
        await asyncio.wait({work}, timeout=self._budget)
        if not work.done() and waiting.close():
            return ""
        try:
            return await work
        except Exception:  # logged by _done; what came is kept and taken again
            return ""

    async def _work(self, person: str, id: str, waiting: Waiting) -> str:
        """Take what came and return the words for the request if it still waits; all others are sent by api.channels.wechat.delivery."""
        async with self._gateway.lock.hold(f"wechat:{person}"):
            await self._taking.all(person)
            await self._taking.collect(person)
            words = await self._post.passive(person, id) if waiting.close() else ""
            left = await self._post.next_out(person)
        if left:
            await self._post.wake(person, FOLLOW_S if words else 0.0)
        return words

    def _done(self, work: asyncio.Task[Any]) -> None:
        self._working.discard(work)
        if not work.cancelled() and (error := work.exception()):
            self._parts.log.warning("wechat_later", error=type(error).__name__)

    def _worded(self, inbound: Inbound, words: str) -> Response:
        at = int(self._parts.clock().timestamp())
        xml = reply(inbound.sender, inbound.account, at, words)
        if self._envelope:
            sealed, nonce = self._envelope.seal(xml.encode("utf-8", "replace")), secrets.token_hex(8)
            xml = sealed_reply(sealed, signature(self._token, str(at), nonce, sealed), at, nonce)
        return Response(xml.encode("utf-8", "replace"), media_type="application/xml")
