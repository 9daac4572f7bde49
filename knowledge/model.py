"""What the hotline knows: service items, policy answers, and what a match of a caller's words yields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Facet = Literal["materials", "process", "time_limit", "fee", "location", "hours", "phone", "conditions",
                "online", "visits", "basis", "result"]
FACETS: tuple[Facet, ...] = ("materials", "process", "time_limit", "fee", "location", "hours", "phone", "conditions",
                             "online", "visits", "basis", "result")
Decision = Literal["answer", "clarify", "none"]
Kind = Literal["item", "life_event", "policy", "beyond"]  # what a record of the knowledge is


@dataclass(frozen=True)
class Material:
    """One thing to bring; `required` False means only in some cases, which `note` names."""

    name: str
    form: str | None = None
    copies: int | None = None
    source: str | None = None
    required: bool = True
    note: str | None = None


@dataclass(frozen=True)
class Limit:
    """A time limit; value 0 is settled on the spot."""

    value: int
    unit: Literal["工作日", "自然日", "小时", "分钟", "个月"] = "工作日"
    note: str | None = None


@dataclass(frozen=True)
class Fee:
    """What it costs; `amount` is told only when `charged`."""

    charged: bool
    amount: str | None = None
    basis: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Online:
    """Whether it can be done online, and through which channel."""

    available: bool
    channel: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Result:
    """What the caller ends up holding."""

    name: str
    validity: str | None = None


@dataclass(frozen=True)
class Question:
    """A question that callers always ask about the item."""

    ask: str
    answer: str


@dataclass(frozen=True)
class Item:
    """A service item; None and empty tuples mean unknown, never no."""

    code: str
    name: str
    topic: str
    kind: str
    action: str
    subject: tuple[str, ...]
    department: str
    aliases: tuple[str, ...]
    basis: tuple[str, ...]
    as_of: date
    summary: str | None = None
    conditions: str | None = None
    materials: tuple[Material, ...] = ()
    not_required: tuple[str, ...] = ()
    process: tuple[str, ...] = ()
    legal_limit: Limit | None = None
    promised_limit: Limit | None = None
    no_limit: str | None = None  # no rule sets a number of days: what governs the time instead, such as a yearly schedule
    fee: Fee | None = None
    location: str | None = None
    hours: str | None = None
    phone: str | None = None
    online: Online | None = None
    visits: int | None = None
    reach: str | None = None
    result: Result | None = None
    questions: tuple[Question, ...] = ()
    region: str | None = None  # the region whose variant this is; None for the form that holds wherever none does
    only_in: tuple[str, ...] = ()  # codes of the regions in which alone it holds, a city's for its counties too; empty for everywhere
    valid_from: date | None = None  # the first day on which it holds
    valid_to: date | None = None  # the last one
    national: tuple[tuple[str, str], ...] = ()  # fields of the national layout that have no field here, such as 实施编码
    source: str = field(default="", compare=False)  # file and line, for error messages


@dataclass(frozen=True)
class Policy:
    """An answer about the reform or the hotline itself, told with its date."""

    code: str
    name: str
    topic: str
    aliases: tuple[str, ...]
    answer: str
    document: str
    stated_on: str
    as_of: date
    source: str = field(default="", compare=False)


@dataclass(frozen=True)
class Candidate:
    """One ranked match; `score` lies in 0..1, `matched_on` is the name that carried it."""

    code: str
    name: str
    kind: Kind
    score: float
    matched_on: str


@dataclass(frozen=True)
class Match:
    """The retriever's verdict on one text; `choices` are codes to ask back with, at most four, only when clarify.

    Where a text holds several requests, the verdict is on the first, and `others` are the texts of the further ones in their order.
    """

    decision: Decision
    facet: Facet | None
    candidates: tuple[Candidate, ...]
    choices: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """A sentence still to be worded: the name of a response in bot/domain, its values, and the card to show."""

    response: str
    values: dict[str, str]
    card: dict[str, object] | None = None
