"""An act as it is done: who, when, with what particulars; and what the trail keeps of it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Mapping

from tickets.errors import InvalidTicket
from tickets.vocabulary import Act, Card, Channel, Grade, Result, Role, Status


@dataclass(frozen=True)
class Actor:
    """Who acts: `name` is the label of his key, `department` and `region` (its code) say for which office a handler acts."""

    role: Role
    name: str = ""
    department: str = ""
    region: str | None = None


SYSTEM = Actor(Role.SYSTEM)
CALLER = Actor(Role.CALLER)


@dataclass(frozen=True)
class Details:
    """Particulars of an act; what an act does not need stays None. `due_at` and `by_hours` come from the calendar, never from people."""

    department: str | None = None       # where to, or which office
    region: str | None = None           # of that office
    category: str | None = None         # set right while dispatching
    helpers: tuple[str, ...] = ()       # 协办单位
    days: int | None = None             # 延期, working days
    until: date | None = None           # 挂账
    result: Result | None = None        # of an answer
    grade: Grade | None = None          # of a rating
    channel: Channel | None = None      # where a refused request belongs
    lead: str | None = None             # 主工单 of a merged one
    level: int | None = None            # 督办
    reached: bool | None = None         # 回访: was the caller there
    content: bool | None = None         # 回访: is he content
    card: Card | None = None
    due_at: datetime | None = None
    by_hours: bool | None = None
    last: bool | None = None            # 回访: no further tries are due; 退单: it may not be returned again

    def to_dict(self) -> dict[str, Any]:
        """Return what is set as plain JSON values."""
        return {name: _plain(value) for name in _NAMES if (value := getattr(self, name)) not in (None, ())}

    @staticmethod
    def from_dict(raw: Mapping[str, Any]) -> Details:
        """Read what `to_dict` wrote; raises InvalidTicket naming the field that cannot be read."""
        values: dict[str, Any] = {}
        for name, value in raw.items():
            if name not in _NAMES:
                raise InvalidTicket(f"没有“{name}”这一项。", name)
            try:
                values[name] = _READ[name](value) if name in _READ else value
            except (ValueError, TypeError, AttributeError):
                raise InvalidTicket(f"“{name}”这一项填得不对。", name) from None
        return Details(**values)


_NAMES = tuple(one.name for one in fields(Details))
_READ: Mapping[str, Any] = {"helpers": tuple, "until": date.fromisoformat, "result": Result, "grade": Grade, "channel": Channel, "card": Card,
                            "due_at": datetime.fromisoformat}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Bounds:
    """How far local policy lets acts go; `return_until` is worked out for one ticket."""

    return_until: datetime | None = None
    longest_extension: int = 10
    most_returns: int = 2
    most_reworks: int = 1
    most_tries: int = 3
    highest_supervision: int = 3
    retry: timedelta = timedelta(0)     # between tries of calling back
    most_questions: int = 2             # to the caller while one office has it: each stops the clock
    most_words: int = 100               # of 催办, and of 补充
    urges_a_day: int = 100              # 催办
    dispatcher: str = ""                # the office that sends on within its district (首接负责)


@dataclass(frozen=True)
class Doing:
    """One act, by whom, when, in which words, and within which bounds."""

    act: Act
    actor: Actor
    at: datetime
    note: str = field(default="", repr=False)
    details: Details = Details()
    bounds: Bounds = Bounds()


@dataclass(frozen=True)
class TrailEntry:
    """One act in the append-only trail; `version` is the ticket's after the act. Replaying all entries gives the ticket."""

    number: str
    version: int
    act: Act
    role: Role
    at: datetime
    source: Status
    target: Status
    note: str = field(default="", repr=False)
    actor: str = ""
    office: str = ""                    # department of the actor
    office_region: str | None = None
    details: Details = Details()

    @property
    def doing(self) -> Doing:
        """Return the act that made this entry."""
        return Doing(self.act, Actor(self.role, self.actor, self.office, self.office_region), self.at, self.note, self.details)
