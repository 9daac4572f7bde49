"""Photos that callers add to their tickets: by the chat in which a ticket was opened or shown, or with the ticket's proof."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import BaseModel

from api.channels.web import SessionId, authorised, bearer_of
from api.errors import ApiError
from api.gateway import Gateway, gateway_of
from api.photos.uploads import ADDRESS_PHOTOS, body_of
from api.rates import address_of, asker_of
from api.schemas import failures
from api.tickets.proof import ProofHeader, proof_of
from tickets.errors import TicketNotFound

router = APIRouter(prefix="/v1", tags=["工单照片"])
TheGateway = Annotated[Gateway, Depends(gateway_of)]
Number = Annotated[str, Path(regex=r"^\d{16}$", example="2026110112345678")]
PhotoId = Annotated[UUID | None, Query(description="发送方给这张照片的编号，重发时不变，只存一次")]


class PhotoBody(BaseModel):
    """A photo as it is kept: upright, at most 2560 pixels a side, nothing but pixels."""

    id: str
    media_type: str
    width: int
    height: int
    bytes: int


_IMAGE = {"schema": {"type": "string", "format": "binary"}}
_ANSWERS: dict[str, Any] = {
    "status_code": 201, "response_model": PhotoBody, "responses": failures(404, 409, 413, 429, 503),
    "openapi_extra": {"requestBody": {"required": True, "content": {kind: _IMAGE for kind in ("image/jpeg", "image/png", "image/webp")}}}}


@router.post("/chat/sessions/{id}/tickets/{number}/photos", summary="在聊天里给工单补充照片", **_ANSWERS)
async def by_chat(id: SessionId, number: Number, request: Request, gateway: TheGateway, photo_id: PhotoId = None,
                  bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_of)] = None) -> Any:
    await gateway.rates.check("photos", address_of(request), ADDRESS_PHOTOS)
    await authorised(gateway, id, bearer.credentials if bearer else None)
    if not await _shown_in(gateway, id, number):
        raise TicketNotFound
    return await _taken(gateway, request, number, photo_id)


@router.post("/tickets/{number}/photos", summary="给工单补充照片", **_ANSWERS)
async def by_proof(number: Number, request: Request, gateway: TheGateway, photo_id: PhotoId = None, proof: ProofHeader = None) -> Any:
    await gateway.rates.check("photos", address_of(request), ADDRESS_PHOTOS)
    if proof is None:
        raise ApiError("proof_required", field="X-Ticket-Proof")
    await run_in_threadpool(gateway.parts.tickets.view, number, **proof_of(proof), asker=asker_of(request), at=gateway.parts.clock())
    return await _taken(gateway, request, number, photo_id)


async def _taken(gateway: Gateway, request: Request, number: str, photo_id: UUID | None) -> Any:
    """Only now, when the sender is known and a photo can be had, is the body read."""
    parts, request_id = gateway.parts, str(photo_id) if photo_id else None
    with gateway.uploads.place(request):
        photo = await run_in_threadpool(parts.photos.expect, number, request_id, parts.clock())
        if photo is None:
            photo = await gateway.uploads.attach(parts.photos, number, await body_of(request), request_id, parts.clock)
    return {name: getattr(photo, name) for name in PhotoBody.__fields__}


async def _shown_in(gateway: Gateway, id: str, number: str) -> bool:
    """Whether the ticket was opened in this conversation or shown in it against its proof: a card of it was told then."""
    cards = [message.get("card") or {} for message in await gateway.conversations.messages(id)]
    return any(card.get("kind") == "ticket" and card.get("number") == number for card in cards)
