"""Bodies of the ticket endpoints."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, constr

from api.schemas import RegionCode, ShortText, TicketText

Kind = Literal["咨询", "求助", "投诉", "举报", "建议", "表扬"]
Source = Literal["web", "ivr", "operator"]


class NewTicketBody(BaseModel):
    """`request_id` (a UUID of the sender's) makes sending twice harmless; a source other than web needs that channel's key."""

    type: Kind
    text: TicketText
    region: RegionCode | None = None
    address: ShortText | None = None
    name: constr(strip_whitespace=True, min_length=1, max_length=50) | None = None  # type: ignore[valid-type]
    phone: constr(strip_whitespace=True, min_length=1, max_length=30) | None = None  # type: ignore[valid-type]
    anonymous: bool = False
    confidential: bool = False
    source_channel: Source = "web"
    request_id: UUID | None = None

    class Config:
        schema_extra = {"example": {
            "type": "求助", "text": "小区门口路灯坏了一个月没人修，晚上老人走路看不见。", "region": "370102",
            "address": "历下区解放路阳光花园南门", "name": "王建国", "phone": "13800001234", "anonymous": False,
            "confidential": False, "source_channel": "web", "request_id": "0b9a3c1e-7c1d-4b52-9a0e-2f4d5c6b7a81"}}


class TextBody(BaseModel):
    text: TicketText

    class Config:
        schema_extra = {"example": {"text": "小区门口路灯坏了一个月没人修"}}


class ElementsBody(BaseModel):
    """The five elements; null is not said."""

    who: str | None
    when: str | None
    where: str | None
    cause: str | None
    course: str | None


class ClassificationBody(BaseModel):
    type: str
    category: str
    department: str
    urgency: str
    elements: ElementsBody
    similar: list[dict[str, Any]]


class AlarmBody(BaseModel):
    """A danger heard in a ticket's words: what to tell at once."""

    outcome: str
    text: str


class TicketBody(BaseModel):
    """A ticket as its owner may see it; the phone is masked, `code` is shown once, when a ticket without a phone is opened."""

    number: str
    type: str
    title: str
    text: str
    category: str
    department: str
    urgency: str
    status: str
    status_text: str
    due_on: date
    opened_at: datetime
    region: str | None = None
    address: str | None = None
    name: str | None = None
    phone: str | None = None
    anonymous: bool
    confidential: bool
    answer: str | None = None
    rating: str | None = None
    code: str | None = None
    alarm: AlarmBody | None = None
