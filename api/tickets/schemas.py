"""Bodies of the ticket endpoints."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, constr

from api.schemas import RegionCode, ShortText, TicketText
from core.pii import mask
from tickets.model import Ticket
from tickets.views import answer_for_caller, hides_caller, question_for_caller
from tickets.vocabulary import Grade

Kind = Literal["咨询", "求助", "投诉", "举报", "建议", "表扬"]
Source = Literal["web", "ivr", "operator"]
SpecialQueue = Literal["营商环境投诉", "帮办代办", "预约", "未接来电回拨", "110转办"]  # 差评回访 opens by itself

_DOUBLE = frozenset("欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 夏侯 司徒 长孙 宇文".split())


class NewTicketBody(BaseModel):
    """`request_id` (a UUID of the sender's) makes sending twice harmless; a source other than web needs that channel's key.

    `matter` is what a special queue wants to know; 未接来电回拨 and 110转办 are opened with a key only. `hold` (an operator's only) accepts
    without dispatching: he answers it, refuses it or dispatches it himself. `latitude` and `longitude` are degrees (WGS 84).
    """

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
    queue: SpecialQueue | None = None
    matter: dict[str, Any] = Field(default_factory=dict)
    enterprise: bool = False
    hold: bool = False
    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)
    id_number: constr(strip_whitespace=True, min_length=1, max_length=18) | None = None  # type: ignore[valid-type]

    class Config:
        schema_extra = {"example": {
            "type": "求助", "text": "小区门口路灯坏了一个月没人修，晚上老人走路看不见。", "region": "370102",
            "address": "历下区解放路阳光花园南门", "name": "王建国", "phone": "13800001234", "anonymous": False,
            "confidential": False, "source_channel": "web", "request_id": "0b9a3c1e-7c1d-4b52-9a0e-2f4d5c6b7a81"}}


class TextBody(BaseModel):
    text: TicketText
    region: RegionCode | None = None
    address: ShortText | None = None

    class Config:
        schema_extra = {"example": {"text": "小区门口路灯坏了一个月没人修"}}


class ElementsBody(BaseModel):
    """The five elements; null is not said."""

    who: str | None
    when: str | None
    where: str | None
    cause: str | None
    course: str | None


class SimilarBody(BaseModel):
    """An open ticket of the last 30 days that may be about the same; number, title, department and reasons for staff keys only."""

    score: float
    category: str
    opened_on: date
    status: str
    status_text: str
    number: str | None = None
    title: str | None = None
    department: str | None = None
    reasons: list[str] | None = None


class SuggestionBody(BaseModel):
    """Where a request could be dispatched, and why."""

    category: str
    path: list[str]
    department: str
    region: str | None = None
    score: float
    reasons: list[str]


class ClassificationBody(BaseModel):
    type: str
    category: str
    department: str
    urgency: str
    elements: ElementsBody
    similar: list[SimilarBody]
    suggestions: list[SuggestionBody] | None = None


class AlarmBody(BaseModel):
    """A danger heard in a ticket's words: what to tell at once."""

    outcome: str
    text: str


class TicketBody(BaseModel):
    """A ticket as its owner may see it; name and phone are masked, the answer stands once it is approved and the ticket closed.

    Of a report, a confidential or an anonymous one neither words nor address are shown, its title is its category.
    `photos` (how many) is told when it is looked up.
    `question` is what the caller is asked to add, `channel` the lawful one where it was refused.
    `code` is shown once, when a ticket is opened that has no phone or a hidden caller.
    """

    number: str
    type: str
    title: str
    text: str | None = None
    category: str
    department: str
    urgency: str
    status: str
    status_text: str
    due_on: date | None = None
    opened_at: datetime
    region: str | None = None
    address: str | None = None
    name: str | None = None
    phone: str | None = None
    anonymous: bool
    confidential: bool
    queue: str | None = None
    urged: int = 0
    answer: str | None = None
    result: str | None = None
    question: str | None = None
    channel: str | None = None
    rating: str | None = None
    photos: int | None = None
    code: str | None = None
    alarm: AlarmBody | None = None


class ProofBody(BaseModel):
    """Whose ticket it is: the phone left with it or its last four digits, or the query code of a ticket that was given one."""

    phone_last4: constr(regex=r"^\d{4}$") | None = None  # type: ignore[valid-type]
    phone: constr(regex=r"^\d{11,12}$") | None = None  # type: ignore[valid-type]
    code: constr(regex=r"^\d{8}$") | None = None  # type: ignore[valid-type]

    class Config:
        extra = "forbid"


class UrgeBody(ProofBody):
    """催办 or 撤销, with a word if the caller likes."""

    text: ShortText | None = None

    class Config:
        schema_extra = {"example": {"phone_last4": "1234", "text": "已经三天了，麻烦快一点。"}}


class SupplementBody(ProofBody):
    text: TicketText

    class Config:
        schema_extra = {"example": {"phone_last4": "1234", "text": "补充一下：是小区南门往里第二盏灯。"}}


class RatingBody(ProofBody):
    """One of the five grades, once a ticket; with a bad one say why, so that it can be mended."""

    grade: Grade
    reason: ShortText | None = None
    token: constr(regex=r"^[A-Za-z0-9_-]{22}$") | None = None  # type: ignore[valid-type]  # of the link in the message

    class Config:
        schema_extra = {"example": {"phone_last4": "1234", "grade": "满意"}}


class RatedBody(BaseModel):
    """What a rating came to; the link in a message opens no more of the ticket than this."""

    number: str
    rating: str
    status: str
    status_text: str


def family(name: str) -> str:
    """Return a name as strangers may read it: 王**, 欧阳**."""
    return f"{name[:2] if name[:2] in _DOUBLE and len(name) > 2 else name[:1]}**"


def told(ticket: Ticket) -> dict[str, Any]:
    """Return what the owner of a ticket is told of it."""
    answer, hidden = answer_for_caller(ticket), hides_caller(ticket)
    return {
        "number": ticket.number, "type": ticket.type.value, "queue": ticket.queue.value if ticket.queue else None,
        "title": ticket.category if hidden else ticket.title,
        "text": None if hidden else ticket.text, "category": ticket.category, "department": ticket.department, "urgency": ticket.urgency.value,
        "status": ticket.status.value, "status_text": ticket.status.label, "due_on": ticket.due_on,
        "opened_at": ticket.opened_at, "region": ticket.region, "address": None if hidden else ticket.elements.where,
        "name": family(ticket.name) if ticket.name and not hidden else None,
        "phone": mask(ticket.phone) if ticket.phone and not hidden else None,  # not even the last four: they prove who owns the ticket
        "anonymous": ticket.anonymous, "confidential": ticket.confidential, "urged": ticket.urged, "answer": answer,
        "result": ticket.result.value if ticket.result and answer else None, "question": question_for_caller(ticket),
        "channel": ticket.channel.value if ticket.channel else None, "rating": ticket.rating.value if ticket.rating else None}
