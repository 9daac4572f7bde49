"""Building blocks of request bodies: clean text, codes, and the error as OpenAPI shows it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConstrainedStr, errors

CHAT_LIMIT, TICKET_LIMIT, MATCH_LIMIT = 2000, 5000, 500


class CleanText(ConstrainedStr):
    """Text with something to be seen in it; half of a broken character pair and NUL are replaced, as no store can keep them."""

    strict = True  # a number is no text
    strip_whitespace = True
    min_length = 1

    @classmethod
    def __get_validators__(cls) -> Any:
        yield _storable
        yield from super().__get_validators__()
        yield _visible


def _visible(value: str) -> str:
    """Refuse text of nothing but marks that cannot be seen (zero-width spaces, direction marks)."""
    if not any(char.isprintable() and not char.isspace() for char in value):
        raise errors.AnyStrMinLengthError(limit_value=1)
    return value


def _storable(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return value.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")


class ChatText(CleanText):
    max_length = CHAT_LIMIT


class TicketText(CleanText):
    max_length = TICKET_LIMIT


class MatchText(CleanText):
    max_length = MATCH_LIMIT


class ShortText(CleanText):
    max_length = 200


class RegionCode(ConstrainedStr):
    regex = r"^37\d{4}$"


class MessageId(ConstrainedStr):
    regex = r"^[A-Za-z0-9_.:\-]{1,64}$"


class ErrorDetail(BaseModel):
    """`act`, `status` and `may` (roles) come with transition_refused, `version` with ticket_changed."""

    code: str
    message: str
    field: str | None = None
    act: str | None = None
    status: str | None = None
    may: list[str] | None = None
    version: int | None = None


class ErrorBody(BaseModel):
    """Every error looks like this."""

    error: ErrorDetail

    class Config:
        schema_extra = {"example": {"error": {"code": "invalid_request", "message": "text：最多 2000 个字", "field": "text"}}}


class MessageBody(BaseModel):
    """One message of a conversation; `name` is the person's who said it."""

    id: str
    seq: int
    author: str
    name: str | None = None
    text: str
    at: str
    card: dict[str, Any] | None = None
    options: list[str] | None = None
    client_message_id: str | None = None


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the error answers of an endpoint for OpenAPI."""
    told = {401: "没有通过身份验证", 403: "没有权限", 404: "没有找到", 409: "现在不能这样做", 413: "内容太大",
            422: "请求内容不对", 429: "太频繁", 503: "暂时不可用"}
    return {status: {"model": ErrorBody, "description": told[status]} for status in (*statuses, 422)}
