"""What may come over the WebSocket of the desk; all else is answered with an error."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, ConstrainedInt, ConstrainedStr, Field, StrictBool, ValidationError, parse_obj_as

from api.channels.operator_bodies import NoteText, Skill, Target
from api.errors import ApiError, field_message
from api.schemas import ChatText, MessageId, RegionCode, ShortText

LONGEST = 16_384  # characters; a text of 2,000 written as \uXXXX takes 12,000


class ConversationName(ConstrainedStr):
    regex = r"^[a-z][0-9a-f]{32}\Z"


class RequestNumber(ConstrainedInt):
    strict = True
    ge = 0
    le = 2**53


class RequestName(ConstrainedStr):
    strict = True
    regex = r"^[A-Za-z0-9_.:\-]{1,64}\Z"


class Sequence(RequestNumber):
    """The number of a message."""


class Frame(BaseModel):
    """`request` comes back with `done` or `error`."""

    request: Union[RequestNumber, RequestName, None] = None


class Presence(Frame):
    """At the desk: ready for the next one, or not now. Empty skills are all of them."""

    type: Literal["ready", "pause"]
    skills: list[Skill] = Field([], max_items=20)
    region: RegionCode | None = None


class Next(Frame):
    type: Literal["next"]
    skills: list[Skill] = Field([], max_items=20)
    region: RegionCode | None = None


class About(Frame):
    """About a conversation."""

    id: ConversationName


class Plain(About):
    type: Literal["claim", "typing", "suggest"]


class Read(About):
    """The person has read up to a number."""

    type: Literal["read"]
    seq: Sequence


class Watch(About):
    """Tell what was said after a number, and what comes."""

    type: Literal["watch"]
    after: Sequence = Sequence(0)


class Say(About):
    type: Literal["say"]
    text: ChatText
    client_message_id: MessageId | None = None
    item: ShortText | None = None


class Return(About):
    type: Literal["return"]
    note: NoteText | None = None


class End(About):
    type: Literal["end"]
    reason: ShortText | None = None


class Transfer(About):
    type: Literal["transfer"]
    to: Target
    skill: Skill | None = None
    note: NoteText | None = None
    clear: StrictBool = False


AnyFrame = Annotated[Union[Presence, Next, Plain, Read, Watch, Say, Return, End, Transfer], Field(discriminator="type")]


class BadFrame(ApiError):
    """A frame that is not understood; `request` is what it named itself, if that much could be read."""

    def __init__(self, code: str, message: str | None = None, field: str | None = None, request: int | str | None = None) -> None:
        super().__init__(code, message, field)
        self.request = request


def object_of(text: str) -> dict[str, Any]:
    """Return the JSON object that a frame holds; raise BadFrame."""
    if len(text) > LONGEST:
        raise BadFrame("body_too_large")
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame("invalid_json") from None
    if not isinstance(read, dict):
        raise BadFrame("invalid_request")
    return read


def frame_of(text: str) -> AnyFrame:
    """Read one frame; raise BadFrame, worded for the person."""
    read = object_of(text)
    try:
        return parse_obj_as(AnyFrame, read)  # type: ignore[arg-type, no-any-return]
    except ValidationError as error:
        fault = error.errors()[0]
        field = next((str(part) for part in reversed(fault["loc"]) if part in read or part in ("type", "id", "text", "to")), None)
        told = field_message(fault)
        raise BadFrame("invalid_request", f"{field}：{told}" if field else told, field, _request_in(read)) from None


def _request_in(read: dict[str, Any]) -> int | str | None:
    try:
        return Frame(request=read.get("request")).request
    except ValidationError:
        return None
