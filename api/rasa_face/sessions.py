"""The conversations of Rasa's clients: begun, found again, spoken in, and how far each client has been told."""

from __future__ import annotations

import hashlib
import secrets

from redis.asyncio import Redis

from api import resuming
from api.archive import Kept
from api.channels.web import authorised
from api.conversations import Conversation, ConversationGone, Message, new_message
from api.errors import ApiError
from api.gateway import Gateway
from api.ports import Alarm
from api.rasa_face.wire import read_session
from api.rates import ADDRESS_SESSIONS

PHRASES = ("utter_greet", *resuming.PHRASES)


async def begin(gateway: Gateway, address: str | None, region: str | None, before: Kept | None = None) -> tuple[str, str]:
    """Begin a conversation with its greeting and return it with the token that opens it; `before` is the one that it goes on with.

    Without an address nobody is counted. Raises ApiError("too_many_requests").
    """
    if address:
        await gateway.rates.check("sessions", address, ADDRESS_SESSIONS)
    known = region if region and gateway.parts.regions.get(region) else before.conversation.region if before else None
    id, token = "w" + secrets.token_hex(16), secrets.token_urlsafe(32)
    await gateway.conversations.open(id, "web", known or gateway.settings.region, None, token)
    greeting = new_message("bot", gateway.parts.phrases.render("utter_greet", "web"), gateway.parts.clock())
    resumed, fields = (resuming.said_of(gateway, before), resuming.fields_of(before)) if before else ([], {})
    await gateway.conversations.append(id, [greeting, *resumed], fields=fields)
    if before:
        await resuming.carry(gateway, before, id)
    return id, token


async def open_of(gateway: Gateway, session: object) -> Conversation | None:
    """Return the conversation that a session id opens; None for one that is over, forged or made up by the client."""
    known = read_session(session)
    if known is None:
        return None
    try:
        conversation = await authorised(gateway, *known)
    except ApiError:
        return None
    return None if conversation.ended else conversation


async def over_of(gateway: Gateway, session: object) -> Kept | None:
    """Return the conversation that a session id opened and that is over, None for any other."""
    known = read_session(session)
    return await resuming.find(gateway, *known) if known else None


def untouched(conversation: Conversation) -> bool:
    """Say whether nobody has spoken in it yet: there is only the greeting, and what the conversation before was about."""
    return conversation.seq <= 2


async def say(gateway: Gateway, id: str, text: str, message_id: str, alarm: Alarm | None, address: str | None) -> list[Message]:
    """Take one message as the web chat does and return the reply; raises ApiError, ConversationGone and RedisError."""
    if alarm:
        gateway.parts.memory.silence(id)
    await gateway.rates.check_message(id, address, alarm is not None)
    messages: list[Message] = (await gateway.turns.take(id, text, message_id, alarm))["messages"]
    return messages


class Told:
    """The number up to which a client surely has what was said; it only grows, and lives as long as an idle conversation."""

    def __init__(self, redis: Redis[str], ttl: int) -> None:
        self._redis = redis
        self._ttl = ttl

    async def get(self, id: str) -> int:
        """Return the number, 0 if nothing is known."""
        return int(await self._redis.zscore(_told_key(id), "seq") or 0)

    async def keep(self, id: str, seq: int) -> None:
        """Raise the number to `seq`."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(_told_key(id), {"seq": seq}, gt=True)
            pipe.expire(_told_key(id), self._ttl)
            await pipe.execute()


class Senders:
    """Which conversation a sender of a key has: the name of a sender means nothing under another key."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._ttl = gateway.settings.session_hours * 3600

    async def conversation(self, key_id: str, sender: str, region: str | None) -> Conversation:
        """Return the sender's conversation, a new one if there is none or it is over."""
        name = f"hotline:rasa:sender:{hashlib.sha256(f'{key_id}/{sender}'.encode()).hexdigest()}"
        async with self._gateway.lock.hold(name):  # two first messages at once begin one conversation
            kept = await self._gateway.parts.redis.get(name)
            conversation = await self._alive(kept) if kept else None
            if conversation is None:
                id, _ = await begin(self._gateway, None, region)
                conversation = await self._gateway.conversations.load(id)
            await self._gateway.parts.redis.set(name, conversation.id, ex=self._ttl)
        return conversation

    async def _alive(self, id: str) -> Conversation | None:
        try:
            conversation = await self._gateway.conversations.load(id)
        except ConversationGone:
            return None
        return None if conversation.ended else conversation


def _told_key(id: str) -> str:
    return f"hotline:rasa:told:{id}"
