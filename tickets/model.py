"""A ticket and the acts on it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Iterable, Mapping

from core.clock import SHANGHAI
from tickets.doing import Actor, Bounds, Details, Doing, TrailEntry
from tickets.effects import changes, missing, settled, target_of
from tickets.errors import InvalidTicket, TransitionRefused
from tickets.transitions import TRANSITIONS, roles_for
from tickets.vocabulary import Act, Card, Channel, Grade, Pending, Queue, Result, Role, Status, TicketType, Urgency

__all__ = ["TRANSITIONS", "Act", "ActRefused", "Actor", "Bounds", "Card", "Channel", "Details", "Doing", "Elements", "Grade", "NewTicket", "Pending",
           "Queue", "Result", "Role", "Status", "Ticket", "TicketType", "TrailEntry", "Urgency", "replay"]


class ActRefused(TransitionRefused):
    """The act is not open in this status to this role; says who may, or which bound it passes."""

    def __init__(self, status: Status, act: Act, role: Role, reason: str | None = None) -> None:
        may = "、".join(one.label for one in Role if one in roles_for(status, act))
        told = f"，只有{may}可以" if may and role not in roles_for(status, act) else ""
        super().__init__(reason or f"工单{status.label}，{'您' if role is Role.CALLER else role.label}现在不能{act.label}{told}。")
        self.status, self.act, self.role = status, act, role


@dataclass(frozen=True)
class Elements:
    """The five elements of a request; None is not said."""

    who: str | None = None
    when: str | None = None
    where: str | None = None
    cause: str | None = None
    course: str | None = None


@dataclass(frozen=True)
class NewTicket:
    """What a caller hands in. `request_id` makes opening idempotent: unguessable, one for each ticket wanted.

    `text` has 1–5000 characters; `when`, `who` and `cause` are in the caller's words; `category` overrides routing.
    """

    type: TicketType
    text: str = field(repr=False)
    source_channel: str
    request_id: str | None = field(default=None, repr=False)
    title: str | None = field(default=None, repr=False)
    category: str | None = None
    region: str | None = None
    address: str | None = field(default=None, repr=False)
    when: str | None = None
    who: str | None = field(default=None, repr=False)
    cause: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    anonymous: bool = False
    confidential: bool = False
    id_number: str | None = field(default=None, repr=False)
    latitude: float | None = field(default=None, repr=False)   # degrees, WGS 84
    longitude: float | None = field(default=None, repr=False)
    queue: Queue | None = None
    matter: Mapping[str, Any] = field(default_factory=dict)  # what the queue wants to know; see tickets.queues
    enterprise: bool = False
    held: bool = False          # accepted only: an operator answers it, refuses it or dispatches it himself
    lead_of: str | None = None  # number of the ticket that this one follows up


@dataclass(frozen=True)
class Ticket:
    """The record that a department must settle. Without `phone`, `code_digest` guards it.

    `due_at` is the first moment that is too late. `running`: the clock counts; `stopped_at`: since when it does not.
    """

    number: str
    type: TicketType
    text: str = field(repr=False)
    title: str = field(repr=False)
    category: str
    department: str
    urgency: Urgency
    source_channel: str
    opened_at: datetime
    changed_at: datetime
    request_digest: str = field(repr=False)
    region: str | None = None
    elements: Elements = field(default_factory=Elements, repr=False)
    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    id_number: str | None = field(default=None, repr=False)
    anonymous: bool = False
    confidential: bool = False
    enterprise: bool = False
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)
    code_digest: str | None = field(default=None, repr=False)
    queue: Queue | None = None
    matter: Mapping[str, Any] = field(default_factory=dict, repr=False)
    parent: str | None = None                # the ticket that this one follows up
    # From here on: what acts change.
    status: Status = Status.SUBMITTED
    version: int = 0
    office_region: str | None = None         # region code of the office that has it
    first_department: str | None = None      # 首接单位
    first_region: str | None = None
    helpers: tuple[str, ...] = ()
    helped: tuple[str, ...] = ()             # helpers that have given their opinion
    started_at: datetime | None = None       # first dispatch
    dispatched_at: datetime | None = None    # newest dispatch
    received_at: datetime | None = None
    due_at: datetime | None = None
    by_hours: bool = False
    running: bool = False
    stopped_at: datetime | None = None
    term_days: int | None = None             # working days of the term; None where it is in hours
    extended_days: int = 0
    paused_days: int = 0                     # working days on which the clock stood still
    asked_days: int | None = None
    suspended_until: date | None = None
    card: Card | None = None
    late: bool = False                       # answered after the deadline
    pending: Pending | None = None
    returns: int = 0
    kept: bool = False                       # may not be returned any more
    answer: str | None = field(default=None, repr=False)
    result: Result | None = None
    replied_at: datetime | None = None
    closed_at: datetime | None = None
    first_contact: bool = False
    channel: Channel | None = None
    tries: int = 0                           # of calling back
    reached: bool | None = None
    content: bool | None = None
    rating: Grade | None = None
    rating_reason: str | None = field(default=None, repr=False)
    appealed: bool = False
    rating_excluded: bool = False
    reworks: int = 0
    supervision: int = 0
    urged: int = 0
    urged_on: date | None = None             # the day of the newest 催办
    urged_that_day: int = 0
    supplements: int = 0
    question: str | None = field(default=None, repr=False)  # what the caller is asked to add
    questions: int = 0                       # asked of him while one office has it
    lead: str | None = None                  # 主工单, while merged

    @property
    def due_on(self) -> date | None:
        """The last day on which it can be settled in time."""
        if self.due_at is None:
            return None
        return (self.due_at if self.by_hours else self.due_at - timedelta(microseconds=1)).astimezone(SHANGHAI).date()

    def perform(self, act: Act, *, by: Actor | Role, at: datetime, note: str = "", details: Details = Details(),
                bounds: Bounds = Bounds()) -> tuple[Ticket, TrailEntry]:
        """Return the ticket after `act` and the trail's new entry.

        Raises ActRefused for what the table does not list or a guard refuses, InvalidTicket for missing words or particulars.
        """
        actor = by if isinstance(by, Actor) else Actor(by)
        doing = Doing(act, actor, at, note, details, bounds)
        rule = TRANSITIONS.get((self.status, act))
        if rule is None or actor.role not in rule.roles:
            raise ActRefused(self.status, act, actor.role)
        lacking = missing(doing)
        if lacking:
            raise InvalidTicket(f"请说明{lacking[1]}。", lacking[0])
        reason = rule.guard(self, doing) if rule.guard else None
        if reason:
            raise ActRefused(self.status, act, actor.role, reason)
        doing = settled(self, doing)
        target = target_of(self, doing, rule.target)
        entry = TrailEntry(self.number, self.version + 1, act, actor.role, at, self.status, target, note, actor.name, actor.department,
                           actor.region, doing.details)
        return self._after(doing, target), entry

    def after(self, entry: TrailEntry) -> Ticket:
        """Return the ticket after an act that the trail holds; nothing is checked again."""
        return self._after(entry.doing, entry.target)

    def _after(self, doing: Doing, target: Status) -> Ticket:
        return replace(self, **changes(self, doing, target), status=target, changed_at=doing.at, version=self.version + 1)


def replay(opened: Ticket, trail: Iterable[TrailEntry]) -> Ticket:
    """Return the ticket that a trail makes of the ticket as it was opened (version 0)."""
    for entry in trail:
        opened = opened.after(entry)
    return opened
