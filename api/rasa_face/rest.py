"""Rasa's REST channel for other servers: /webhooks/rest/webhook. A key says who asks; a sender's name alone opens nothing."""

from __future__ import annotations

import secrets
from contextlib import AsyncExitStack
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from api.conversations import Conversation, ConversationGone, Message
from api.errors import ApiError
from api.gateway import Gateway, gateway_of
from api.keys import verify
from api.ports import Alarm, Key
from api.rasa_face import wire
from api.rasa_face.sessions import Senders, say, untouched
from api.schemas import ShortText, failures

router = APIRouter(prefix="/webhooks/rest", tags=["Rasa 客户端"])
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="角色为 rasa 的密钥")
_bearer = HTTPBearer(auto_error=False, description="同一把密钥，也可以放在这里")


class RasaMessage(BaseModel):
    """What Rasa's REST channel takes; an empty message only asks for what was said meanwhile."""

    sender: ShortText
    message: str | None = None
    message_id: str | None = None
    metadata: dict[str, Any] | None = None

    class Config:
        schema_extra = {"example": {"sender": "caller-17", "message": "身份证丢了咋补？"}}


class Button(BaseModel):
    title: str
    payload: str


class RasaAnswer(BaseModel):
    """One message as Rasa answers it; `custom` holds its number, author and card."""

    recipient_id: str
    text: str
    buttons: list[Button] | None = None
    custom: dict[str, Any]


async def rasa_key(request: Request, gateway: Annotated[Gateway, Depends(gateway_of)], token: Annotated[str | None, Security(_header)] = None,
                   bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None) -> Key:
    """FastAPI dependency: the verified key of role rasa."""
    key = await verify(request, token or (bearer.credentials if bearer else None))
    if key.role != "rasa":
        raise ApiError("forbidden")
    return key


@router.get("/", summary="REST 通道在不在")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@router.post("/webhook", response_model=list[RasaAnswer], response_model_exclude_none=True,
             responses=failures(401, 403, 409, 413, 429, 503), summary="按 Rasa 的 REST 通道说一句话")
async def receive(body: RasaMessage, key: Annotated[Key, Depends(rasa_key)], gateway: Annotated[Gateway, Depends(gateway_of)]) -> Any:
    text = wire.words_of(body.message) if body.message and body.message.strip() else ""
    alarm = await gateway.hearing.hear(text) if text else None
    message_id = wire.message_id(body.dict())
    try:
        region = (body.metadata or {}).get("region")
        conversation = await Senders(gateway).conversation(key.id, body.sender, region if isinstance(region, str) else None)
        if wire.is_command(text) and untouched(conversation):
            said = await gateway.conversations.messages(conversation.id)
        else:
            said = await _turn(gateway, conversation, text, message_id, (body.metadata or {}).get("after"), alarm)
    except Exception as error:  # whatever it is: the words for a danger are heard
        if alarm:
            gateway.parts.log.error("alarm_not_stored", outcome=alarm.outcome, error=type(error).__name__)
            said = gateway.turns.unkept(text, message_id or "unkept", alarm)["messages"]
        elif isinstance(error, ConversationGone):
            raise ApiError("session_not_found") from None
        else:
            raise
    return [wire.entry(message, body.sender) for message in said]


async def _turn(gateway: Gateway, conversation: Conversation, text: str, message_id: str | None, after: object,
                alarm: Alarm | None) -> list[Message]:
    """Take the turn and return all that its sender has not been told: a person may have written meanwhile.

    A request that comes again gets what it got, for its answer may have been lost; only the next one proves that it arrived.
    Who marks no requests cannot prove it: what a person wrote comes twice to him. Who counts (`after`) gets what is newer.
    """
    redis, name = gateway.parts.redis, f"hotline:rasa:rest:{conversation.id}"
    async with AsyncExitStack() as order:
        if alarm is None:  # an alarm waits for nobody; then a sentence may be told twice
            await order.enter_async_context(gateway.lock.hold(f"{conversation.id}:rest"))
        kept = await redis.hgetall(name) or {"told": "1", "last": "1", "message": "none"}  # the greeting is told to who asks for it
        told, last = int(kept["told"]), int(kept["last"])
        start, unsure = told if message_id and kept["message"] == message_id else last, 0
        if type(after) is int and 0 <= after <= last:
            start = after
        elif not message_id and not kept["message"]:
            start, unsure = told, last
        if text:
            await say(gateway, conversation.id, text, message_id or secrets.token_hex(8), alarm, None)
        said = [message for message in await gateway.conversations.messages(conversation.id, start)
                if message["author"] == "operator" or message["author"] != "caller" and message["seq"] > unsure]
        newest = max([last, *(message["seq"] for message in said)])
        async with redis.pipeline(transaction=True) as pipe:
            pipe.hset(name, mapping={"told": max(start, unsure), "last": newest, "message": message_id or ""})
            pipe.expire(name, gateway.settings.session_hours * 3600)
            await pipe.execute()
    return said
