"""What a message says: from the trail as it was when the message was due, so that every try says the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Sequence

from core.clock import SHANGHAI
from core.pii import mask
from tickets.doing import TrailEntry
from tickets.model import Ticket
from tickets.notices.load import Template, Words
from tickets.views import hides_caller
from tickets.vocabulary import Act, Queue

MOST = 300  # characters of a message
_ANSWERS = frozenset({Act.REPLY, Act.ANSWER, Act.FOLLOW_LEAD})
_ENDS = "。！？；…"


def text(words: Words, template: str, ticket: Ticket, trail: Sequence[TrailEntry], *, link: str = "", lead: Ticket | None = None) -> str:
    """Return the message (at most 300 characters) about the last act of `trail`, which ends there.

    `link` is where this ticket can be rated, `lead` the ticket that it was merged into. Whoever is hidden hears the number and the status only;
    so does who was merged with a hidden caller, for the answer was written to that one. Raises KeyError for an unknown template.
    """
    kind, entry = words.templates[template], trail[-1]
    if hides_caller(ticket) or (entry.act is Act.FOLLOW_LEAD and lead and hides_caller(lead)):
        return words.hidden.format(number=ticket.number, stands=kind.stands)
    says = kind.queues.get(ticket.queue, kind.says) if ticket.queue else kind.says
    if link and _asks_for_rating(kind, ticket, trail):
        says += words.link
    blanks = {**_blanks(ticket, trail), "link": link}
    room = MOST - len(says.format(**blanks, words=""))
    return says.format(**blanks, words=_fitted(_said(trail), room))


def _asks_for_rating(kind: Template, ticket: Ticket, trail: Sequence[TrailEntry]) -> bool:
    """Once per ticket; and a call-back about a rating is not rated in turn."""
    return kind.link and ticket.queue is not Queue.RATING and all(entry.act is not Act.RATE for entry in trail)


def _blanks(ticket: Ticket, trail: Sequence[TrailEntry]) -> dict[str, str]:
    entry = trail[-1]
    department = next((one.details.department for one in reversed(trail) if one.details.department and one.act in _SENDS), ticket.department)
    until = next((one.details.until for one in reversed(trail) if one.details.until), None)
    result = next((one.details.result for one in reversed(trail) if one.details.result), None)
    return {
        "number": ticket.number, "department": department, "due": _due(entry, ticket), "until": f"{until.month}月{until.day}日" if until else "",
        "result": result.value if result else "", "channel": entry.details.channel.value if entry.details.channel else "",
    }


_SENDS = frozenset({Act.DISPATCH, Act.REDISPATCH, Act.TRANSFER})


def _said(trail: Sequence[TrailEntry]) -> str:
    """What the office wrote: to this act, or as the answer that it closes with. An answer to another caller's ticket is masked."""
    entry = trail[-1]
    if entry.act is Act.CLOSE:
        entry = next((one for one in reversed(trail) if one.act in _ANSWERS), entry)
    return mask(entry.note) if entry.act is Act.FOLLOW_LEAD else entry.note


def _due(entry: TrailEntry, ticket: Ticket) -> str:
    due, by_hours = (entry.details.due_at, entry.details.by_hours) if entry.details.due_at else (ticket.due_at, ticket.by_hours)
    if due is None:
        return ""
    if by_hours:
        return f"{_day(due)}{due.astimezone(SHANGHAI):%H点%M分}"
    return _day(due - timedelta(microseconds=1))  # `due_at` is the first moment that is too late


def _day(moment: datetime) -> str:
    day = moment.astimezone(SHANGHAI)
    return f"{day.month}月{day.day}日"


def _fitted(written: str, room: int) -> str:
    """Return what was written as whole sentences on one line, cut to `room` characters."""
    line = "".join(char for char in " ".join(written.split()) if char.isprintable())
    if len(line) <= room and (not line or line[-1] in _ENDS):
        return line
    return f"{line}。" if len(line) < room else f"{line[:room - 1]}…"
