"""The ticket form of the page: what it can begin with."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import BaseModel

from api.channels.web import SessionId, authorised, bearer_of
from api.form import known_of, slots_of
from api.gateway import Gateway, gateway_of
from api.schemas import failures

FORMS = 30  # a minute for one session: each asks Rasa
router = APIRouter(prefix="/v1/chat", tags=["网页聊天"])


class KnownForm(BaseModel):
    """As far as known, in the fields of POST /v1/tickets."""

    type: str | None = None
    text: str | None = None
    address: str | None = None
    name: str | None = None
    phone: str | None = None
    region: str | None = None
    anonymous: bool | None = None
    confidential: bool | None = None


@router.get("/sessions/{id}/form", response_model=KnownForm, response_model_exclude_none=True, responses=failures(401, 404, 429, 503),
            summary="工单里已经知道的内容")
async def form(id: SessionId, gateway: Annotated[Gateway, Depends(gateway_of)],
               bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_of)] = None) -> Any:
    conversation = await authorised(gateway, id, bearer.credentials if bearer else None)
    await gateway.rates.check("forms", id, FORMS)
    slots = await slots_of(gateway.rasa, conversation, gateway.parts.log)
    return known_of(conversation, await gateway.conversations.messages(id), slots or {})
