"""好差评 in every channel: a conversation once, by its own caller; a ticket by the link in a message."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from api.call_rating import PHRASES, CallRating, keep
from api.calls import Heard, conversation_id
from api.channels.ivr import CallAnswer, CallId, CallTurn, IvrKey, told
from api.channels.web import SessionId, authorised
from api.errors import ApiError
from api.gateway import Gateway, gateway_of
from api.rates import ADDRESS_MESSAGES, ADDRESS_TICKETS, SESSION_MESSAGES, address_of
from api.schemas import ShortText, failures
from api.tickets.caller import Number
from tickets.transitions import open_to
from tickets.vocabulary import Act, Grade, Role

__all__ = ["PHRASES", "router"]
router = APIRouter(prefix="/v1", tags=["好差评"])
TheGateway = Annotated[Gateway, Depends(gateway_of)]
Bearer = Annotated["HTTPAuthorizationCredentials | None", Depends(HTTPBearer(auto_error=False))]


class ConversationGrade(BaseModel):
    """One of the five grades, once a conversation; with a bad one say why, so that it can be mended."""

    grade: Grade
    reason: ShortText | None = None

    class Config:
        extra = "forbid"
        schema_extra = {"example": {"grade": "不满意", "reason": "问了三遍也没说清楚要带什么"}}


class ConversationRated(BaseModel):
    """What is said to a rating."""

    grade: str
    text: str


class TicketToRate(BaseModel):
    """What the link in a message shows of its ticket; `open`: it can be rated now."""

    number: str
    status: str
    status_text: str
    rating: str | None = None
    open: bool


@router.post("/chat/sessions/{id}/rating", response_model=ConversationRated, responses=failures(401, 404, 409, 429, 503),
             summary="评价这次会话，只评一次")
async def rate_session(id: SessionId, body: ConversationGrade, request: Request, gateway: TheGateway, bearer: Bearer = None) -> Any:
    conversation = await authorised(gateway, id, bearer.credentials if bearer else None)
    await gateway.rates.check("messages", id, SESSION_MESSAGES)
    await gateway.rates.check("messages", address_of(request), ADDRESS_MESSAGES)
    async with gateway.lock.hold(f"{id}:rating"):
        name = await keep(gateway, conversation, body.grade, body.reason or "")
    return {"grade": body.grade.value, "text": gateway.parts.phrases.render(name, "web", grade=body.grade.value)}


@router.post("/ivr/calls/{call_id}/rating", response_model=CallAnswer, response_model_exclude_none=True,
             responses=failures(401, 403, 404, 409), summary="事情办完以后请来电人评价：先不带内容问，再带按键或话")
async def rate_call(call_id: CallId, key: IvrKey, gateway: TheGateway, body: CallTurn | None = None) -> Any:
    heard = Heard(body.text or "", body.dtmf or "", body.confidence) if body else Heard()
    return told(await CallRating(gateway).turn(conversation_id(key.id, call_id), heard))


@router.get("/tickets/{number}/rating", response_model=TicketToRate, response_model_exclude_none=True, responses=failures(401, 404, 429),
            summary="短信里的评价链接打开的工单")
async def ticket_to_rate(number: Number, request: Request, gateway: TheGateway, bearer: Bearer = None) -> Any:
    await gateway.rates.check("tickets", address_of(request), ADDRESS_TICKETS)
    if bearer is None:
        raise ApiError("unauthorised")
    if not gateway.parts.may_rate(number, bearer.credentials):
        raise ApiError("ticket_not_found")
    ticket = await run_in_threadpool(gateway.parts.tickets.view, number, at=gateway.parts.clock(), trusted=True)
    return {"number": ticket.number, "status": ticket.status.value, "status_text": ticket.status.label,
            "rating": ticket.rating.value if ticket.rating else None,
            "open": ticket.rating is None and Act.RATE in open_to(ticket.status, Role.CALLER)}
