"""A ticket, the acts on it, and the one table that says which act is open to whom and when."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum

from tickets.errors import InvalidTicket, TransitionRefused


class TicketType(str, Enum):
    """What the caller wants of us."""

    CONSULTATION = "咨询"
    HELP = "求助"
    COMPLAINT = "投诉"
    REPORT = "举报"
    SUGGESTION = "建议"
    PRAISE = "表扬"


class Urgency(str, Enum):
    """How long it can wait."""

    GENERAL = "一般"
    URGENT = "紧急"
    CRITICAL = "特急"


class Grade(str, Enum):
    """The five named grades (国办发〔2019〕51号); the last two are bad ones."""

    VERY_GOOD = "非常满意"
    GOOD = "满意"
    FAIR = "基本满意"
    BAD = "不满意"
    VERY_BAD = "非常不满意"


class Status(str, Enum):
    """Where a ticket stands; `label` is what the caller hears."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    REPLIED = "replied"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return _STATUS_LABELS[self]


_STATUS_LABELS = {Status.SUBMITTED: "已提交", Status.ACCEPTED: "已受理", Status.DISPATCHED: "已派单，正在办理",
                  Status.REPLIED: "承办单位已答复", Status.CLOSED: "已办结", Status.WITHDRAWN: "已撤销"}


class Act(str, Enum):
    """What can be done to a ticket."""

    ACCEPT = "accept"
    DISPATCH = "dispatch"
    URGE = "urge"
    SUPPLEMENT = "supplement"
    WITHDRAW = "withdraw"
    REPLY = "reply"
    CLOSE = "close"
    RATE = "rate"

    @property
    def label(self) -> str:
        return _ACT_LABELS[self]


_ACT_LABELS = {Act.ACCEPT: "受理", Act.DISPATCH: "派单", Act.URGE: "催办", Act.SUPPLEMENT: "补充", Act.WITHDRAW: "撤销",
               Act.REPLY: "答复", Act.CLOSE: "办结", Act.RATE: "评价"}


class Role(str, Enum):
    """Who acts; SYSTEM is the assistant that takes a request on and sends it out by itself."""

    CALLER = "caller"
    SYSTEM = "system"
    OPERATOR = "operator"
    DEPARTMENT = "department"
    SUPERVISOR = "supervisor"
    EDITOR = "editor"
    ADMIN = "admin"


class ActRefused(TransitionRefused):
    """The act is not open in this status to this role."""

    def __init__(self, status: Status, act: Act, role: Role, reason: str | None = None) -> None:
        super().__init__(reason or f"工单{status.label}，现在不能{act.label}。")
        self.status, self.act, self.role = status, act, role


@dataclass(frozen=True)
class Transition:
    """Where an act leads and who may do it."""

    target: Status
    roles: frozenset[Role]


_STAFF = frozenset({Role.SYSTEM, Role.OPERATOR, Role.SUPERVISOR})
_CALLER_SIDE = frozenset({Role.CALLER, Role.OPERATOR})  # an operator writes down what the caller says on the phone
_CALLER = frozenset({Role.CALLER})  # nobody takes a ticket back, or is content, on the caller's behalf
_HANDLER = frozenset({Role.DEPARTMENT})
_CENTRE = frozenset({Role.OPERATOR, Role.SUPERVISOR})

# What is not listed is refused. A closed ticket has an answer, because only a reply leads towards closing.
TRANSITIONS: dict[tuple[Status, Act], Transition] = {
    (Status.SUBMITTED, Act.ACCEPT): Transition(Status.ACCEPTED, _STAFF),
    (Status.ACCEPTED, Act.DISPATCH): Transition(Status.DISPATCHED, _STAFF),
    (Status.ACCEPTED, Act.URGE): Transition(Status.ACCEPTED, _CALLER_SIDE),
    (Status.ACCEPTED, Act.SUPPLEMENT): Transition(Status.ACCEPTED, _CALLER_SIDE),
    (Status.ACCEPTED, Act.WITHDRAW): Transition(Status.WITHDRAWN, _CALLER),
    (Status.DISPATCHED, Act.URGE): Transition(Status.DISPATCHED, _CALLER_SIDE),
    (Status.DISPATCHED, Act.SUPPLEMENT): Transition(Status.DISPATCHED, _CALLER_SIDE),
    (Status.DISPATCHED, Act.WITHDRAW): Transition(Status.WITHDRAWN, _CALLER),
    (Status.DISPATCHED, Act.REPLY): Transition(Status.REPLIED, _HANDLER),
    (Status.REPLIED, Act.SUPPLEMENT): Transition(Status.REPLIED, _CALLER_SIDE),
    (Status.REPLIED, Act.CLOSE): Transition(Status.CLOSED, _CENTRE),
    (Status.CLOSED, Act.RATE): Transition(Status.CLOSED, _CALLER),
}

# Acts that say nothing without words.
_NEEDS_WORDS = {Act.SUPPLEMENT: "补充的内容", Act.REPLY: "答复的内容"}


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


@dataclass(frozen=True)
class TrailEntry:
    """One act in the append-only trail; `version` is the ticket's after the act."""

    number: str
    version: int
    act: Act
    role: Role
    at: datetime
    source: Status
    target: Status
    note: str = field(default="", repr=False)


@dataclass(frozen=True)
class Ticket:
    """The record that a department must settle. Without `phone`, `code_digest` guards it."""

    number: str
    type: TicketType
    text: str = field(repr=False)
    title: str = field(repr=False)
    category: str
    department: str
    urgency: Urgency
    due_on: date
    source_channel: str
    opened_at: datetime
    changed_at: datetime
    request_digest: str = field(repr=False)
    region: str | None = None
    elements: Elements = field(default_factory=Elements, repr=False)
    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    anonymous: bool = False
    confidential: bool = False
    code_digest: str | None = field(default=None, repr=False)
    status: Status = Status.SUBMITTED
    answer: str | None = field(default=None, repr=False)
    rating: Grade | None = None
    urged: int = 0
    version: int = 0

    def perform(self, act: Act, *, by: Role, at: datetime, note: str = "") -> tuple[Ticket, TrailEntry]:
        """Return the ticket after `act` and the trail's new entry.

        Raises ActRefused for what the table does not list (and for a second rating), InvalidTicket for missing words
        or a grade that is none of the five.
        """
        rule = TRANSITIONS.get((self.status, act))
        if rule is None or by not in rule.roles:
            raise ActRefused(self.status, act, by)
        if act in _NEEDS_WORDS and not note.strip():
            raise InvalidTicket(f"请说明{_NEEDS_WORDS[act]}。", "text")
        after = replace(self._with_effect(act, by, note), status=rule.target, changed_at=at, version=self.version + 1)
        return after, TrailEntry(self.number, after.version, act, by, at, self.status, rule.target, note)

    def _with_effect(self, act: Act, by: Role, note: str) -> Ticket:
        if act is Act.URGE:
            return replace(self, urged=self.urged + 1)
        if act is Act.REPLY:
            return replace(self, answer=note)
        if act is Act.RATE:
            if self.rating is not None:
                raise ActRefused(self.status, act, by, "这张工单已经评价过了，每张工单只评价一次。")
            if note not in {grade.value for grade in Grade}:
                raise InvalidTicket("评价请从非常满意、满意、基本满意、不满意、非常不满意里选一个。", "grade")
            return replace(self, rating=Grade(note))
        return self
