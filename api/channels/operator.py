"""People at the desk: who waits, taking a conversation over, writing, and giving it back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, status
from pydantic import BaseModel

from api.channels.web import State, state_of
from api.conversations import Conversation, ConversationGone, new_message
from api.errors import ApiError
from api.gateway import Gateway, gateway_of
from api.keys import key_of
from api.ports import Key
from api.schemas import ChatText, MessageBody, ShortText, failures
from core.clock import SHANGHAI

PHRASES = ("utter_operator_joined", "utter_operator_left")
router = APIRouter(prefix="/v1/operator", tags=["人工座席"])
OperatorKey = Annotated[Key, Depends(key_of("operator"))]
TheGateway = Annotated[Gateway, Depends(gateway_of)]
ConversationId = Annotated[str, Path(regex=r"^w[0-9a-f]{32}$")]


class WaitingBody(BaseModel):
    """One conversation in the line; `alarm` ones come first."""

    id: str
    reason: str
    alarm: bool
    owner: str
    region: str | None = None
    waiting_since: str
    last_text: str | None = None


class Line(BaseModel):
    waiting: list[WaitingBody]


class OperatorMessage(BaseModel):
    text: ChatText

    class Config:
        schema_extra = {"example": {"text": "您好，我是座席，您反映的情况我看到了。"}}


class Correction(BaseModel):
    """What a caller said, and the record that he meant by it."""

    text: ShortText
    code: ShortText

    class Config:
        schema_extra = {"example": {"text": "俺那驾照快到日子了", "code": "driving-licence-renew"}}


@router.get("/queue", response_model=Line, response_model_exclude_none=True, responses=failures(401, 403, 503), summary="谁在等人工")
async def line(_: OperatorKey, gateway: TheGateway) -> Any:
    told = []
    for entry in await gateway.queue.waiting():
        try:
            conversation = await gateway.conversations.load(entry.id)
        except ConversationGone:
            await gateway.queue.leave(entry.id)
            continue
        said = [m["text"] for m in await gateway.conversations.messages(entry.id) if m["author"] == "caller"]
        since = datetime.fromtimestamp(entry.since, SHANGHAI).isoformat(timespec="seconds")
        told.append({"id": entry.id, "reason": entry.reason, "alarm": entry.alarm, "owner": conversation.owner,
                     "region": conversation.region, "waiting_since": since, "last_text": said[-1] if said else None})
    return {"waiting": told}


@router.post("/conversations/{id}/claim", response_model=State, response_model_exclude_none=True,
             responses=failures(401, 403, 404, 409, 503), summary="接入会话")
async def claim(id: ConversationId, key: OperatorKey, gateway: TheGateway) -> Any:
    async with gateway.lock.hold(id):  # a turn that the bot is in is finished first: never do both speak
        conversation = await _load(gateway, id)
        if conversation.owner == "operator" and conversation.operator != key.id:
            raise ApiError("conversation_taken")
        if conversation.owner != "operator":
            notice = new_message("system", gateway.parts.phrases.render("utter_operator_joined", "web"), gateway.parts.clock())
            await gateway.conversations.append(id, [notice], fields={"owner": "operator", "operator": key.id})
        await gateway.queue.leave(id)
    return await state_of(gateway, await _load(gateway, id), 0)


@router.get("/conversations/{id}/messages", response_model=State, response_model_exclude_none=True,
            responses=failures(401, 403, 404, 409, 503), summary="看会话")
async def read(id: ConversationId, key: OperatorKey, gateway: TheGateway,
               after: Annotated[int, Query(ge=0, le=2**53)] = 0) -> Any:
    return await state_of(gateway, await _own(gateway, id, key), after)


@router.post("/conversations/{id}/messages", response_model=MessageBody, response_model_exclude_none=True,
             responses=failures(401, 403, 404, 409, 413, 503), summary="回复来访人")
async def write(id: ConversationId, body: OperatorMessage, key: OperatorKey, gateway: TheGateway) -> Any:
    async with gateway.lock.hold(id):
        await _own(gateway, id, key)
        kept = await gateway.conversations.append(id, [new_message("operator", body.text, gateway.parts.clock())])
    return kept[0]


@router.post("/conversations/{id}/return", response_model=State, response_model_exclude_none=True,
             responses=failures(401, 403, 404, 409, 503), summary="交还给智能助手")
async def give_back(id: ConversationId, key: OperatorKey, gateway: TheGateway) -> Any:
    async with gateway.lock.hold(id):
        await _own(gateway, id, key)
        notice = new_message("bot", gateway.parts.phrases.render("utter_operator_left", "web"), gateway.parts.clock())
        await gateway.conversations.append(id, [notice], fields={"owner": "bot", "operator": ""})
        await gateway.queue.leave(id)
    return await state_of(gateway, await _load(gateway, id), 0)


@router.post("/corrections", status_code=status.HTTP_202_ACCEPTED, responses=failures(401, 403, 404, 413), summary="告诉知识库这句话说的是哪个事项")
async def correct(body: Correction, key: OperatorKey, gateway: TheGateway) -> dict[str, str]:
    gateway.parts.knowledge.catalogue.record(body.code)
    if gateway.parts.detector.detect(body.text) is None:  # nothing is kept of who is in danger
        gateway.parts.memory.pick(f"operator {key.id}", body.text, body.code, "operator")
    return {"status": "accepted"}


async def _load(gateway: Gateway, id: str) -> Conversation:
    try:
        return await gateway.conversations.load(id)
    except ConversationGone:
        raise ApiError("conversation_not_found") from None


async def _own(gateway: Gateway, id: str, key: Key) -> Conversation:
    conversation = await _load(gateway, id)
    if conversation.owner != "operator":
        raise ApiError("conversation_not_claimed")
    if conversation.operator != key.id:
        raise ApiError("conversation_taken")
    return conversation
