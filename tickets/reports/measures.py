"""What is counted of tickets, and the rates made of it; docs/reports.md says the same in more words."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from fractions import Fraction
from typing import Callable, Iterable


class Dimension(str, Enum):
    """What a report has one line for; `columns` are the headings of its key."""

    DEPARTMENT = "department"
    REGION = "region"
    CATEGORY = "category"
    TYPE = "type"
    QUEUE = "queue"
    MONTH = "month"

    @property
    def columns(self) -> tuple[str, ...]:
        return {"department": ("承办单位", "所在区划"), "region": ("诉求区划",), "category": ("事项分类",), "type": ("诉求类型",),
                "queue": ("专席",), "month": ("月份",)}[self.value]


@dataclass(frozen=True)
class Tally:
    """Counts of tickets, unless it says otherwise. All but the first two are without what is excluded: withdrawn, refused, merged."""

    opened: int = 0
    excluded: int = 0
    settled: int = 0          # answered, and the answer approved
    in_hand: int = 0          # not settled yet
    overdue: int = 0          # of these: the clock runs and the deadline has passed
    red: int = 0              # bear the red card
    supervised: int = 0       # under 督办 of any level
    urges: int = 0            # times that callers pressed, not tickets
    to_receive: int = 0       # an office has received it, or should have by now
    received: int = 0         # of these: in time
    solved: int = 0           # settled, and solved by the caller's word or else by the answer's
    graded: int = 0           # graded by the caller, no appeal upheld
    satisfied: int = 0        # of these: 基本满意 or better
    due: int = 0              # settled under a deadline, or overdue
    on_time: int = 0          # of these: answered before it
    sent: int = 0             # dispatched to an office
    returned: int = 0         # of these: returned at least once
    answered: int = 0         # settled, or answered before and now handled again
    reworked: int = 0         # of these: handled again
    first_contact: int = 0    # settled at once, without an office
    handled: int = 0          # settled by an office
    working_days: int = 0     # working days from opening to answer, over all that offices settled

    @property
    def counted(self) -> int:
        """What the rates are about."""
        return self.opened - self.excluded

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, name) + getattr(other, name) for name in FIELDS))


FIELDS = tuple(one.name for one in fields(Tally))


@dataclass(frozen=True)
class Rate:
    """A part of a whole; nothing can be said of an empty whole."""

    part: int
    whole: int

    @property
    def value(self) -> Fraction | None:
        """Return it as a number, None where the whole is empty."""
        return Fraction(self.part, self.whole) if self.whole else None


@dataclass(frozen=True)
class Measure:
    """A rate, or an average where `average`: its heading, and how it is made of a tally."""

    name: str
    label: str
    rate: Callable[[Tally], Rate]
    average: bool = False


MEASURES = (
    Measure("response", "响应率", lambda tally: Rate(tally.received, tally.to_receive)),
    Measure("solved", "解决率", lambda tally: Rate(tally.solved, tally.settled)),
    Measure("satisfied", "满意率", lambda tally: Rate(tally.satisfied, tally.graded)),
    Measure("on_time", "按时办结率", lambda tally: Rate(tally.on_time, tally.due)),
    Measure("returned", "退单率", lambda tally: Rate(tally.returned, tally.sent)),
    Measure("reworked", "重办率", lambda tally: Rate(tally.reworked, tally.answered)),
    Measure("first_contact", "直接办结率", lambda tally: Rate(tally.first_contact, tally.counted)),
    Measure("days", "平均工作日", lambda tally: Rate(tally.working_days, tally.handled), average=True),
)

COUNTS = (("opened", "受理"), ("excluded", "不计入"), ("settled", "办结"), ("in_hand", "在办"), ("overdue", "超期未答"), ("red", "红牌"),
          ("supervised", "督办"), ("urges", "催办次数"))


@dataclass(frozen=True)
class Line:
    """One line of a report: its key, as wide as the dimension's columns, and what was counted."""

    key: tuple[str, ...]
    tally: Tally


def total(lines: Iterable[Line]) -> Tally:
    """Return all lines taken together."""
    return sum((line.tally for line in lines), Tally())
