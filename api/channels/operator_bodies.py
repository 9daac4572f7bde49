"""What people at the desk send and are told, as JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConstrainedStr, Field, StrictBool

from api.schemas import ChatText, MessageBody, MessageId, RegionCode, ShortText

Target = Literal["12333", "12366", "12329", "12315", "110", "119", "120", "queue"]
ConversationId = Annotated[str, Path(regex=r"^[a-z][0-9a-f]{32}$", example="w0123456789abcdef0123456789abcdef")]


class Skill(ConstrainedStr):
    regex = r"^[a-z][a-z\-]{0,30}\Z"


class NoteText(ShortText):
    max_length = 500


class WaitingBody(BaseModel):
    """One conversation in the line, best first; `alarm` ones come before all. Numbers in `last_text` are masked."""

    id: str
    reason: str
    skill: str
    priority: int
    alarm: bool
    owner: str
    channel: str
    region: str | None = None
    waiting_since: str
    position: int
    last_text: str | None = None
    mood: str | None = None
    elderly: bool


class Line(BaseModel):
    waiting: list[WaitingBody]


class DeskMessage(MessageBody):
    """A message; `suggested` is the record whose suggestion the operator sent."""

    suggested: str | None = None


class DeskState(BaseModel):
    """What was said after a number, 200 messages at most, and how the conversation stands; `mine`: this key has it.

    `typing` and `read` (how far) are the caller's.
    """

    id: str
    messages: list[DeskMessage]
    owner: str
    mine: bool
    last_seq: int
    outcome: str | None = None
    operator_name: str | None = None
    mood: str | None = None
    elderly: bool | None = None
    ended: str | None = None
    typing: bool | None = None
    read: int | None = None


class NextWanted(BaseModel):
    """Left empty: all skills, every region."""

    skills: list[Skill] = Field([], max_items=20)
    region: RegionCode | None = None

    class Config:
        schema_extra = {"example": {"skills": ["tickets"], "region": "370100"}}


class SeatTaken(BaseModel):
    """Who sits there; no skills are all of them, no region is every one. `away`: he leaves."""

    state: Literal["ready", "paused", "away"]
    skills: list[Skill] = Field([], max_items=20)
    region: RegionCode | None = None

    class Config:
        schema_extra = {"example": {"state": "ready", "skills": ["tickets"], "region": "370100"}}


class SeatBody(BaseModel):
    """Somebody who is at the desk; `busy` counts the conversations that he has."""

    key_id: str
    name: str
    skills: list[str]
    region: str | None = None
    state: str
    busy: int


class Seats(BaseModel):
    seats: list[SeatBody]


class ConversationBody(BaseModel):
    """A conversation that goes on, without its words; `since` is when it began, `outcome` that of the newest answer."""

    id: str
    channel: str
    owner: str
    region: str | None = None
    operator_name: str | None = None
    outcome: str | None = None
    ended: str | None = None
    since: str


class Conversations(BaseModel):
    conversations: list[ConversationBody]


class OperatorMessage(BaseModel):
    """A repeat of `client_message_id` is kept once; `item` is the record of the suggestion that the text came from."""

    text: ChatText
    client_message_id: MessageId | None = None
    item: ShortText | None = None

    class Config:
        schema_extra = {"example": {"text": "您好，我是座席，您反映的情况我看到了。", "client_message_id": "7c1e-1"}}


class GiveBack(BaseModel):
    note: NoteText | None = None


class Ending(BaseModel):
    reason: ShortText | None = None


class Handing(BaseModel):
    """Where the caller goes: a neighbour's number, or `queue` with the skill that is wanted.

    `clear`: he asked for confidence but agrees that the neighbour learns his name and number.
    """

    to: Target
    skill: Skill | None = None
    note: NoteText | None = None
    clear: StrictBool = False

    class Config:
        schema_extra = {"example": {"to": "12333", "note": "问的是异地转移社保"}}


class SummaryBody(BaseModel):
    items: list[str]
    facet: str | None = None
    answered: list[str]
    failed: list[str]
    ticket: str | None = None
    text: str


class FormBody(BaseModel):
    type: str
    filled: dict[str, str]
    missing: list[str]


class Package(BaseModel):
    """What is handed over; `form` is null where none is open, or Rasa does not answer."""

    id: str
    channel: str
    region: str | None = None
    region_name: str | None = None
    reason: str | None = None
    skill: str | None = None
    mood: str
    elderly: bool
    waiting_since: str | None = None
    caller: str | None = None
    may_call_back: bool
    note: str | None = None
    summary: SummaryBody
    form: FormBody | None
    transcript: list[DeskMessage]


class SuggestionBody(BaseModel):
    text: str
    item: str
    name: str
    score: float


class SuggestionList(BaseModel):
    suggestions: list[SuggestionBody]


class Correction(BaseModel):
    """What a caller said, and the record that he meant by it."""

    text: ShortText
    code: ShortText

    class Config:
        schema_extra = {"example": {"text": "俺那驾照快到日子了", "code": "driving-licence-renew"}}
