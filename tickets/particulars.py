"""Which particulars each act takes from people; what an act does not take is refused, not lost."""

from __future__ import annotations

from datetime import date
from typing import Mapping

from tickets.doing import Details
from tickets.effects import PARTICULARS, WORDS
from tickets.errors import InvalidTicket
from tickets.vocabulary import Act

_OFFICE = ("department", "region", "category")
TAKES: Mapping[Act, tuple[str, ...]] = {
    Act.DISPATCH: _OFFICE, Act.REDISPATCH: _OFFICE, Act.TRANSFER: _OFFICE, Act.ASSIST: ("helpers",), Act.REPLY: ("result",), Act.ANSWER: ("result",),
    Act.REFUSE: ("channel",), Act.RATE: ("grade",), Act.ASK_EXTENSION: ("days",), Act.ASK_SUSPENSION: ("until",),
    Act.FOLLOW_UP: ("reached", "content"), Act.SUPERVISE: ("level",), Act.MERGE: ("lead",),
}
_LONGEST = {"department": 60, "category": 40}
_MOST_HELPERS = 10


def needed(act: Act) -> tuple[str, ...]:
    """Return what an act cannot do without: `text` and names of particulars."""
    words = ("text",) if act in WORDS else ()
    return words + ((PARTICULARS[act][0],) if act in PARTICULARS else ())


def check(act: Act, details: Details, today: date) -> None:
    """Raise InvalidTicket for a particular that the act does not take, or that nobody can mean."""
    given = details.to_dict()
    for name in given:
        if name not in TAKES.get(act, ()):
            raise InvalidTicket(f"“{act.label}”用不到这一项，请去掉。", name)
    for name, limit in _LONGEST.items():
        if len(given.get(name, "")) > limit:
            raise InvalidTicket(f"这一项最多{limit}个字。", name)
    if len(details.helpers) > _MOST_HELPERS or any(not 0 < len(name) <= _LONGEST["department"] for name in details.helpers):
        raise InvalidTicket(f"协办单位最多{_MOST_HELPERS}个，每个名称最多{_LONGEST['department']}个字。", "helpers")
    if details.until and details.until <= today:
        raise InvalidTicket("挂账的日期要在今天以后。", "until")
