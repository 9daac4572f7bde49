"""Rasa's Socket.IO channel: session_request → session_confirm, user_uttered → bot_uttered."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable, Mapping

import socketio
from redis.exceptions import RedisError
from socketio.exceptions import ConnectionRefusedError
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp

from api import errors
from api.conversations import Conversation, ConversationGone, Message, channel_of, told
from api.errors import ApiError
from api.gateway import Gateway
from api.ports import Alarm
from api.rasa_face import wire
from api.rasa_face.delivery import PING_S, PONG_S, Delivery
from api.rasa_face.origins import Door
from api.rasa_face.sessions import Told, begin, open_of, over_of, say, untouched
from api.rates import ADDRESS_MESSAGES, ADDRESS_STREAMS, SESSION_STREAMS, Rate, address_of, asker_of
from api.shield import BODY_LIMIT

RETRY_S = 1.0
WAITING = 8   # messages of one connection that may wait for their turn
FLOOD = 600   # events of one connection that are too many, after which it is cut


@dataclass
class Visitor:
    """One connection. Its conversation may be had by other connections too, here or at another gateway."""

    address: str
    line: Any  # the engine's connection
    conversation: str = ""
    session: str = ""
    waiting: int = 0
    delivery: Delivery = field(default_factory=lambda: Delivery(0))
    news: asyncio.Task[None] | None = None
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    hearing: asyncio.Lock = field(default_factory=asyncio.Lock)
    speaking: asyncio.Lock = field(default_factory=asyncio.Lock)  # both are fair: sentences keep their order
    rate: Rate = field(default_factory=Rate)
    refused: int = 0
    here: ExitStack = field(default_factory=ExitStack)     # his place among those of his address
    within: ExitStack = field(default_factory=ExitStack)   # and among those of his conversation


class RasaSockets:
    """The Socket.IO server; `app` is mounted at /socket.io.

    Every message of the bot, of a person and of the line comes to a client through the news of its conversation, in order.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._told = Told(gateway.parts.redis, gateway.settings.session_hours * 3600)
        self._visitors: dict[str, Visitor] = {}
        quiet = logging.getLogger("api.rasa_face.engine")
        quiet.setLevel(logging.CRITICAL)  # the engine's lines hold what clients sent
        self._io = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins=[], ping_interval=PING_S, ping_timeout=PONG_S,
                                        max_http_buffer_size=BODY_LIMIT, http_compression=False, logger=quiet, engineio_logger=quiet)
        for name, handler in (("connect", self._came), ("disconnect", self._left), ("session_request", self._asked), ("user_uttered", self._said)):
            self._io.on(name, handler)
        self.app: ASGIApp = Door(socketio.ASGIApp(self._io, socketio_path=None), gateway.settings.allowed_origins, gateway.rates)

    async def close(self) -> None:
        """Leave all clients; what they were told is kept."""
        for sid in list(self._visitors):
            await self._left(sid)
        await self._io.shutdown()

    async def _came(self, sid: str, environ: Mapping[str, Any], auth: object = None) -> None:
        line = self._io.eio.sockets.get(self._io.manager.eio_sid_from_sid(sid, "/"))
        connection = HTTPConnection(environ["asgi.scope"])
        visitor = Visitor(address_of(connection), line)
        try:
            visitor.here.enter_context(self._gateway.places.hold(f"streams of {asker_of(connection)}", ADDRESS_STREAMS))
        except ApiError as error:
            raise ConnectionRefusedError(errors.body(error.code)["error"]) from None
        self._visitors[sid] = visitor
        if line is not None:
            line.handle_get_request = self._polling(visitor, line.handle_get_request)

    def _polling(self, visitor: Visitor, answer: Callable[[Mapping[str, Any]], Awaitable[Any]]) -> Callable[[Mapping[str, Any]], Awaitable[Any]]:
        """Return what answers a poll and takes note of it: a page that polls says no word when it goes."""
        async def polled(environ: Mapping[str, Any]) -> Any:
            delivery = visitor.delivery
            before = delivery.proved
            if "HTTP_UPGRADE" not in environ and visitor.line.queue.empty() and delivery.asked_for_more() > before:
                with suppress(RedisError):
                    await self._told.keep(visitor.conversation, delivery.proved)
            return await answer(environ)

        return polled

    async def _left(self, sid: str, reason: object = None) -> None:
        visitor = self._visitors.pop(sid, None)
        if visitor is None:
            return
        visitor.here.close()
        visitor.within.close()
        if not visitor.conversation:
            return
        if visitor.news:
            visitor.news.cancel()
        answered = visitor.line is not None and visitor.line.last_ping is None
        with suppress(RedisError):  # then some of it is told twice
            await self._told.keep(visitor.conversation, visitor.delivery.closed(time.monotonic(), answered))

    async def _asked(self, sid: str, *data: Any) -> None:
        """session_request {session_id?, region?, after?}: `after` is of clients that count what they have."""
        visitor, body = self._visitors.get(sid), _body(data)
        if visitor is None:
            return
        if not await self._unhurried(sid, visitor):
            await self._refuse(sid, ApiError("too_many_requests"))
            return
        await self._guarded(sid, None, "", lambda: self._open(sid, visitor, body, confirm=True))

    async def _said(self, sid: str, *data: Any) -> dict[str, Any] | None:
        """user_uttered {message, session_id?, message_id?}; the acknowledgement says what was wrong, nothing if all is well."""
        visitor, body = self._visitors.get(sid), _body(data)
        said = body.get("message")
        if visitor is None or not isinstance(said, str) or not said.strip():
            return None  # clients without opening words send null
        try:
            text = wire.words_of(said)
        except ApiError as error:
            return await self._refuse(sid, error)
        unhurried = await self._unhurried(sid, visitor)
        async with visitor.hearing:
            alarm = await self._gateway.hearing.hear(text)
        if alarm is None and (visitor.waiting >= WAITING or not unhurried):
            return await self._refuse(sid, ApiError("too_many_requests"))
        visitor.waiting += 1
        try:
            async with AsyncExitStack() as order:
                if alarm is None:
                    await order.enter_async_context(visitor.speaking)
                return await self._guarded(sid, alarm, text, lambda: self._turn(sid, visitor, body, text, alarm))
        finally:
            visitor.waiting -= 1

    async def _unhurried(self, sid: str, visitor: Visitor) -> bool:
        """Count an event; False for one too many. Who goes on all the same is cut off."""
        if visitor.rate.allows():
            visitor.refused = 0
            return True
        visitor.refused += 1
        if visitor.refused == FLOOD:
            await self._io.disconnect(sid)
        return False

    async def _turn(self, sid: str, visitor: Visitor, body: Mapping[str, Any], text: str, alarm: Alarm | None) -> None:
        message_id = wire.message_id(body) or secrets.token_hex(8)
        try:
            await self._open(sid, visitor, body, alarmed=alarm is not None)
            if wire.is_command(text) and untouched(await self._gateway.conversations.load(visitor.conversation)):
                return  # how clients open a chat; the greeting is on its way
            await say(self._gateway, visitor.conversation, text, message_id, alarm, visitor.address)
        except ConversationGone:  # it lay for too long, or was ended: his words begin a new one
            await self._open(sid, visitor, {}, anew=True, alarmed=alarm is not None)
            await say(self._gateway, visitor.conversation, text, message_id, alarm, visitor.address)

    async def _open(self, sid: str, visitor: Visitor, body: Mapping[str, Any], *, confirm: bool = False, anew: bool = False,
                    alarmed: bool = False) -> None:
        """See to it that the connection has a conversation: the one that a session id of ours opens, its own, or a new one.

        With an alarm neither is counted.
        """
        wanted = body.get("session_id")
        async with visitor.opening:
            if not anew and wanted != visitor.session and (found := await self._known(visitor, wanted, alarmed)):
                after = body.get("after")
                seen = after if type(after) is int and 0 <= after <= found.seq else await self._told.get(found.id)
                await self._bind(sid, visitor, found.id, str(wanted), seen)
            elif anew or not visitor.conversation:
                before = await over_of(self._gateway, visitor.session or wanted)
                id, token = await begin(self._gateway, None if alarmed else visitor.address, _text(body.get("region")), before)
                await self._bind(sid, visitor, id, wire.session_id(id, token), 0)
                confirm = True
            if confirm:
                await self._io.emit("session_confirm", visitor.session, to=sid)
            if visitor.news is None and sid in self._visitors:
                visitor.news = asyncio.create_task(self._follow(sid, visitor))

    async def _known(self, visitor: Visitor, wanted: object, alarmed: bool) -> Conversation | None:
        if wire.read_session(wanted) and not alarmed:
            await self._gateway.rates.check("sockets", visitor.address, ADDRESS_MESSAGES)
        return await open_of(self._gateway, wanted)

    async def _bind(self, sid: str, visitor: Visitor, id: str, session: str, seen: int) -> None:
        within = ExitStack()
        within.enter_context(self._gateway.places.hold(f"streams of {id}", SESSION_STREAMS))
        visitor.within.close()
        visitor.within = within
        if sid not in self._visitors:
            within.close()
        if visitor.news:
            visitor.news.cancel()
            await self._told.keep(visitor.conversation, visitor.delivery.standing(time.monotonic()))
        visitor.conversation, visitor.session, visitor.delivery, visitor.news = id, session, Delivery(seen), None

    async def _follow(self, sid: str, visitor: Visitor) -> None:
        """Listen first and read then, so that nothing falls between; news is only a nudge to read again."""
        while True:
            try:
                with self._gateway.news.listen(channel_of(visitor.conversation)) as news:
                    await news.next(PING_S)  # the server's word that it listens
                    while True:
                        await self._tell(sid, visitor)
                        await news.next(PING_S)
            except RedisError as error:
                self._gateway.parts.log.warning("rasa_news_fault", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def _tell(self, sid: str, visitor: Visitor) -> None:
        delivery, before = visitor.delivery, visitor.delivery.proved
        for message in await self._gateway.conversations.messages(visitor.conversation, delivery.last):
            if message["author"] != "caller":
                await self._utter(sid, message)
            delivery.sent(message["seq"], time.monotonic())
        if delivery.standing(time.monotonic()) > before:
            await self._told.keep(visitor.conversation, delivery.proved)

    async def _utter(self, sid: str, message: Message) -> None:
        """Send a message twice: whole, with its number and author, for clients that listen for it, and as Rasa's clients know it."""
        await self._io.emit("hotline_message", told(message), to=sid)
        await self._io.emit("bot_uttered", wire.bot_uttered(message), to=sid)

    async def _guarded(self, sid: str, alarm: Alarm | None, text: str, work: Callable[[], Awaitable[None]]) -> dict[str, Any] | None:
        """Do the work; whatever breaks, the caller hears of it, and the words for a danger are heard even when nothing can be kept."""
        try:
            await work()
            return None
        except Exception as error:  # its text is of a stranger: only the type is logged
            if alarm is None and isinstance(error, ApiError):
                return await self._refuse(sid, error)
            self._gateway.parts.log.error("rasa_socket_fault", error=type(error).__name__, alarm=alarm.outcome if alarm else None)
            if alarm is None:
                return await self._refuse(sid, ApiError("service_unavailable"))
            for message in self._gateway.turns.unkept(text, "unkept", alarm)["messages"]:
                await self._utter(sid, message)
            return None

    async def _refuse(self, sid: str, error: ApiError) -> dict[str, Any]:
        refusal = errors.body(error.code, error.message, error.field)
        await self._io.emit("bot_uttered", {"text": refusal["error"]["message"].rstrip("。") + "。"}, to=sid)
        return refusal


def _body(data: tuple[Any, ...]) -> Mapping[str, Any]:
    return data[0] if data and isinstance(data[0], dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
