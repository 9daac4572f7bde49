"""Bodies of the endpoints for staff."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Iterable

from pydantic import BaseModel, conint, conlist

from api.schemas import RegionCode, ShortText, TicketText
from tickets.doing import Details, TrailEntry
from tickets.model import Ticket
from tickets.particulars import TAKES, needed
from tickets.vocabulary import Act, Channel, Result


class ActBody(BaseModel):
    """One act. `version` is the ticket's as it was seen: when it has moved on since, nothing is done (409 ticket_changed)."""

    act: Act
    text: TicketText | None = None
    version: conint(ge=0) | None = None  # type: ignore[valid-type]
    department: ShortText | None = None
    region: RegionCode | None = None
    category: ShortText | None = None
    helpers: conlist(ShortText, max_items=10) | None = None  # type: ignore[valid-type]
    days: conint(ge=1, le=100) | None = None  # type: ignore[valid-type]
    until: date | None = None
    result: Result | None = None
    channel: Channel | None = None
    lead: ShortText | None = None
    level: conint(ge=1, le=9) | None = None  # type: ignore[valid-type]
    reached: bool | None = None
    content: bool | None = None

    class Config:
        extra = "forbid"
        schema_extra = {"example": {"act": "reply", "text": "路灯已于11月21日修好，请您晚上看一下。", "result": "已解决", "version": 4}}

    @property
    def details(self) -> Details:
        """Return the particulars."""
        values = self.dict(exclude={"act", "text", "version"}, exclude_none=True)
        return Details(**{**values, "helpers": tuple(values.get("helpers", ()))})


class RowBody(BaseModel):
    """A ticket in a list: nothing of the caller."""

    number: str
    type: str
    queue: str | None = None
    title: str
    category: str
    department: str
    office_region: str | None = None
    region: str | None = None
    urgency: str
    status: str
    status_text: str
    version: int
    opened_at: datetime
    due_at: datetime | None = None
    due_on: date | None = None
    card: str | None = None
    pending: str | None = None
    supervision: int
    urged: int


class PageBody(BaseModel):
    """Tickets, newest first; `next` goes into `after` for the following page and is missing on the last."""

    tickets: list[RowBody]
    next: str | None = None


class OpenActBody(BaseModel):
    """An act open to this key now: `needs` must come with it, `takes` may."""

    act: str
    label: str
    needs: list[str]
    takes: list[str]


class StaffTicketBody(RowBody):
    """A ticket as this key may see it; departments are not told whose a report or a confidential ticket is."""

    text: str
    who: str | None = None
    when: str | None = None
    where: str | None = None
    cause: str | None = None
    name: str | None = None
    phone: str | None = None
    id_number: str | None = None
    anonymous: bool
    confidential: bool
    enterprise: bool
    source_channel: str
    matter: dict[str, Any]
    parent: str | None = None
    lead: str | None = None
    first_department: str | None = None
    helpers: list[str]
    helped: list[str]
    started_at: datetime | None = None
    received_at: datetime | None = None
    replied_at: datetime | None = None
    closed_at: datetime | None = None
    running: bool
    late: bool
    asked_days: int | None = None
    extended_days: int
    suspended_until: date | None = None
    returns: int
    reworks: int
    supplements: int
    answer: str | None = None
    result: str | None = None
    channel: str | None = None
    tries: int
    reached: bool | None = None
    content: bool | None = None
    rating: str | None = None
    rating_reason: str | None = None
    acts: list[OpenActBody]


class EntryBody(BaseModel):
    """One act of the trail; `version` is the ticket's after it."""

    version: int
    act: str
    label: str
    role: str
    actor: str
    office: str
    office_region: str | None = None
    at: datetime
    source: str
    target: str
    note: str
    details: dict[str, Any]


class TrailBody(BaseModel):
    number: str
    entries: list[EntryBody]


def row(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket as a line of a list."""
    return {**_plain(ticket, RowBody), "status_text": ticket.status.label}


def whole(ticket: Ticket, acts: Iterable[Act]) -> dict[str, Any]:
    """Return a ticket with the acts open to whoever looks at it."""
    elements = ticket.elements
    opened = [{"act": act.value, "label": act.label, "needs": list(needed(act)), "takes": list(TAKES.get(act, ()))} for act in acts]
    return {**_plain(ticket, StaffTicketBody), "status_text": ticket.status.label, "who": elements.who, "when": elements.when,
            "where": elements.where, "cause": elements.cause, "acts": opened}


def entry(done: TrailEntry) -> dict[str, Any]:
    """Return one act of the trail."""
    return {"version": done.version, "act": done.act.value, "label": done.act.label, "role": done.role.value, "actor": done.actor,
            "office": done.office, "office_region": done.office_region, "at": done.at, "source": done.source.value, "target": done.target.value,
            "note": done.note, "details": done.details.to_dict()}


def _plain(ticket: Ticket, model: type[BaseModel]) -> dict[str, Any]:
    """The fields of `model` that the ticket has under the same name, enums as their values."""
    values = {name: getattr(ticket, name) for name in model.__fields__ if hasattr(ticket, name)}
    return {name: getattr(value, "value", value) for name, value in values.items()}
