"""The web chat: sessions, messages, and what was missed."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, constr
from redis.exceptions import RedisError

from api import resuming
from api.background import stop
from api.channels.following import following, sight_of
from api.conversations import Conversation, ConversationGone, is_web, new_message
from api.errors import ApiError
from api.gateway import Gateway, gateway_of
from api.rates import ADDRESS_MESSAGES, ADDRESS_SESSIONS, ADDRESS_STREAMS, SESSION_STREAMS, address_of, asker_of
from api.schemas import ChatText, MessageBody, MessageId, RegionCode, failures

PHRASES = ("utter_greet", *resuming.PHRASES)
router = APIRouter(prefix="/v1/chat", tags=["网页聊天"])
bearer_of = HTTPBearer(auto_error=False, description="开始会话时给的令牌")
LONGEST_WAIT_S = 25  # below the 30–60 s after which proxies cut a silent connection
SessionId = Annotated[str, Path(regex=r"^w[0-9a-f]{32}$", example="w0123456789abcdef0123456789abcdef")]


class Previous(BaseModel):
    """A conversation of the same caller that is over; what does not open one is passed over in silence."""

    session_id: constr(max_length=64)  # type: ignore[valid-type]
    token: constr(max_length=200)  # type: ignore[valid-type]


class NewSession(BaseModel):
    region: RegionCode | None = None
    elderly: bool = False
    previous: Previous | None = None

    class Config:
        schema_extra = {"example": {"region": "370102"}}


class Session(BaseModel):
    """A begun conversation; the token is shown this once. `resumed` says what the one before was about."""

    session_id: str
    token: str
    greeting: MessageBody
    resumed: MessageBody | None = None


class NewMessage(BaseModel):
    text: ChatText
    client_message_id: MessageId

    class Config:
        schema_extra = {"example": {"text": "俺身份证丢了咋补，要带啥？", "client_message_id": "5f6f0c1e-1"}}


class Reply(BaseModel):
    """What a message came to."""

    messages: list[MessageBody]
    owner: str
    outcome: str
    item: str | None = None
    facet: str | None = None
    region: str | None = None
    turn_id: str
    ticket_type: str | None = None
    ticket: dict[str, Any] | None = None


class Place(BaseModel):
    """Where the conversation stands in the line; without `minutes` nobody can tell how long it will take."""

    position: int
    minutes: int | None = None


class State(BaseModel):
    """What was said after a number, and how the conversation stands; `queue` while it waits for a person, `person` and `typing` while one has it.

    `read`: how far a person has read. `stand` is a mark of all but the messages.
    """

    messages: list[MessageBody]
    owner: str
    outcome: str | None = None
    last_seq: int
    stand: str
    queue: Place | None = None
    person: str | None = None
    typing: bool | None = None
    read: int | None = None


@router.post("/sessions", response_model=Session, response_model_exclude_none=True, responses=failures(429, 503), summary="开始会话")
async def begin(request: Request, gateway: Annotated[Gateway, Depends(gateway_of)], body: NewSession | None = None) -> Any:
    await gateway.rates.check("sessions", address_of(request), ADDRESS_SESSIONS)
    region = gateway.region(body.region if body else None)
    before = await resuming.find(gateway, body.previous.session_id, body.previous.token) if body and body.previous else None
    if before and not (body and body.region):
        region = before.conversation.region or region
    id, token = "w" + secrets.token_hex(16), secrets.token_urlsafe(32)
    await gateway.conversations.open(id, "web", region, None, token)
    greeting = new_message("bot", gateway.parts.phrases.render("utter_greet", "web"), gateway.parts.clock())
    resumed, fields = (resuming.said_of(gateway, before), resuming.fields_of(before)) if before else ([], {})
    fields |= {"elderly": "1"} if body and body.elderly else {}
    kept = await gateway.conversations.append(id, [greeting, *resumed], fields=fields)
    if before:
        await resuming.carry(gateway, before, id)
    return {"session_id": id, "token": token, "greeting": kept[0], "resumed": kept[1] if len(kept) > 1 else None}


@router.post("/sessions/{id}/messages", response_model=Reply, response_model_exclude_none=True,
             responses=failures(401, 404, 409, 413, 429, 503), summary="说一句话")
async def say(id: SessionId, body: NewMessage, request: Request, gateway: Annotated[Gateway, Depends(gateway_of)],
              bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_of)] = None) -> Any:
    refusal = await _refusal(gateway, id, bearer.credentials if bearer else None, request)
    alarm = await gateway.hearing.hear(body.text)
    if alarm:
        gateway.parts.memory.silence(id)
    try:
        if refusal:
            raise refusal
        await gateway.rates.check_message(id, address_of(request), alarm is not None)
        if alarm is None:
            await gateway.signs.stops(id, "caller")
        return await gateway.turns.take(id, body.text, body.client_message_id, alarm)
    except Exception as error:  # whatever it is: the words for a danger are owed to everybody who is no stranger here
        if alarm:
            gateway.parts.log.error("alarm_not_stored", outcome=alarm.outcome, error=type(error).__name__)
            return gateway.turns.unkept(body.text, body.client_message_id, alarm)
        if isinstance(error, ConversationGone):
            raise ApiError("session_not_found") from None
        raise


async def _refusal(gateway: Gateway, id: str, token: str | None, request: Request) -> Exception | None:
    """Return why nothing can be kept for this caller, None if it can; raise ApiError for a stranger, who is owed nothing."""
    try:
        await authorised(gateway, id, token)
    except RedisError as error:  # nobody can be told from a stranger now
        return error
    except ApiError as error:
        if error.code != "session_not_found" or not token:
            raise
        await gateway.rates.check("messages", address_of(request), ADDRESS_MESSAGES)
        try:
            if await resuming.find(gateway, id, token) is None:
                raise
        except RedisError:
            pass
        return error  # it was his and is over
    return None


@router.get("/sessions/{id}/messages", response_model=State, response_model_exclude_none=True,
            responses=failures(401, 404, 429, 503), summary="取回漏掉的消息")
async def missed(id: SessionId, request: Request, gateway: Annotated[Gateway, Depends(gateway_of)],
                 bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_of)] = None,
                 after: Annotated[int, Query(ge=0, le=2**53)] = 0, wait: Annotated[int, Query(ge=0, le=LONGEST_WAIT_S)] = 0,
                 stand: Annotated[str | None, Query(max_length=64)] = None) -> Any:
    """With `wait`, in seconds: as soon as there are messages, or the conversation stands otherwise than `stand` (without it, than now)."""
    sight = await sight_of(gateway, await authorised(gateway, id, bearer.credentials if bearer else None), after)
    stand = stand or sight.state["stand"]
    if not wait or sight.is_new(stand):
        return sight.state
    with gateway.places.hold(f"streams of {asker_of(request)}", ADDRESS_STREAMS), gateway.places.hold(f"streams of {id}", SESSION_STREAMS):
        try:
            return await _awaited(request, gateway, id, after, stand, wait)
        except ConversationGone:
            raise ApiError("session_not_found") from None


async def _awaited(request: Request, gateway: Gateway, id: str, after: int, stand: str, wait: float) -> dict[str, Any]:
    """Return the state once it is new, at the latest after `wait` seconds as it is; a page that goes leaves its place at once."""
    async with following(gateway, id) as page:
        gone = asyncio.ensure_future(_gone(request))
        gone.add_done_callback(lambda _: page.leave())
        try:
            sight = await page.next(after, stand, wait)
            return (sight or await sight_of(gateway, await gateway.conversations.load(id), after)).state
        finally:
            await stop([gone])


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


@router.post("/sessions/{id}/end", status_code=204, response_model=None, responses=failures(401, 404, 409, 429, 503), summary="结束会话")
async def end(id: SessionId, request: Request, gateway: Annotated[Gateway, Depends(gateway_of)],
              bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_of)] = None) -> None:
    """Nobody has it and it waits for nobody; it can still be read for a while, and gone on with in a new one."""
    await gateway.rates.check("messages", address_of(request), ADDRESS_MESSAGES)
    await authorised(gateway, id, bearer.credentials if bearer else None)
    async with gateway.lock.hold(id):
        if not (await gateway.conversations.load(id)).ended:
            await gateway.ownership.end(id, "caller")


async def authorised(gateway: Gateway, id: str, token: str | None) -> Conversation:
    """Return the conversation that `token` opens; raise ApiError("unauthorised") or ("session_not_found")."""
    if not token:
        raise ApiError("unauthorised")
    if not is_web(id):
        raise ApiError("session_not_found")
    try:
        conversation = await gateway.conversations.load(id)
    except ConversationGone:
        raise ApiError("session_not_found") from None
    if conversation.channel != "web":
        raise ApiError("session_not_found")
    if not conversation.opened_by(token):
        raise ApiError("unauthorised")
    return conversation
