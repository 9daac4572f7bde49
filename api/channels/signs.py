"""What a page tells besides words: that its caller types, and how far he has read; over HTTP and over the stream."""

from __future__ import annotations

from typing import Annotated, Literal, Union

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import BaseModel, ConstrainedInt, Extra, Field, StrictBool, parse_raw_as

from api.channels.web import SessionId, authorised, bearer_of
from api.conversations import ConversationGone
from api.errors import ApiError
from api.gateway import Gateway, gateway_of
from api.schemas import failures
from api.signs import A_MINUTE

LONGEST = 200  # characters of a frame
router = APIRouter(prefix="/v1/chat", tags=["网页聊天"])


class Number(ConstrainedInt):
    """The number of a message."""

    strict = True
    ge = 0
    le = 2**53


class SignsTold(BaseModel):
    """`typing`: he types (holds for six seconds), or no more; `read`: he has read up to this number; `elderly`: he reads large print, or no more."""

    typing: StrictBool | None = None
    read: Number | None = None
    elderly: StrictBool | None = None

    class Config:
        schema_extra = {"example": {"typing": True, "read": 12}}


class Typing(BaseModel):
    type: Literal["typing"]

    class Config:
        extra = Extra.forbid


class Read(BaseModel):
    type: Literal["read"]
    seq: Number

    class Config:
        extra = Extra.forbid


Frame = Annotated[Union[Typing, Read], Field(discriminator="type")]


@router.post("/sessions/{id}/signs", status_code=204, response_model=None, responses=failures(401, 404, 429, 503), summary="正在输入、已经读到哪里")
async def signs(id: SessionId, body: SignsTold, gateway: Annotated[Gateway, Depends(gateway_of)],
                bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_of)] = None) -> None:
    await authorised(gateway, id, bearer.credentials if bearer else None)
    await gateway.rates.check("signs", id, A_MINUTE)
    if body.read is not None:
        await gateway.signs.reads(id, "caller", body.read)
    if body.typing is not None:
        await (gateway.signs.types if body.typing else gateway.signs.stops)(id, "caller")
    if body.elderly is not None:  # no sign that passes: whoever needs large print waits less long for a person
        try:
            await gateway.conversations.append(id, [], fields={"elderly": "1" if body.elderly else ""})
        except ConversationGone:  # over in this very moment
            raise ApiError("session_not_found") from None


async def take(gateway: Gateway, id: str, text: object) -> None:
    """Take one frame of the stream; raise ApiError("invalid_request") for any but the two that there are."""
    if not isinstance(text, str) or len(text) > LONGEST:
        raise ApiError("invalid_request")
    try:
        frame: Typing | Read = parse_raw_as(Frame, text)  # type: ignore[arg-type]
    except (ValueError, RecursionError):  # pydantic's errors are among the first
        raise ApiError("invalid_request") from None
    if isinstance(frame, Read):
        await gateway.signs.reads(id, "caller", frame.seq)
    else:
        await gateway.signs.types(id, "caller")
