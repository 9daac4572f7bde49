"""What the world is told of a ticket: events for machines, notices for the caller. Neither holds anything personal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Mapping

from tickets.doing import TrailEntry
from tickets.model import Ticket
from tickets.vocabulary import Act, Card, Status

OPENED = "ticket.opened"
_PAST: Mapping[Act, str] = {
    Act.ACCEPT: "accepted", Act.REFUSE: "refused", Act.ANSWER: "answered_directly", Act.DISPATCH: "dispatched", Act.REDISPATCH: "redispatched",
    Act.TRANSFER: "transferred", Act.ASSIST: "assisted", Act.RECEIVE: "received", Act.HANDLE: "handled", Act.OPINE: "opinion_given",
    Act.ASK_CALLER: "waiting_for_caller", Act.REPLY: "answered", Act.APPROVE: "approved", Act.SEND_BACK: "sent_back", Act.CLOSE: "closed",
    Act.FOLLOW_UP: "followed_up", Act.RATE: "rated", Act.ARCHIVE: "archived", Act.ASK_RETURN: "return_asked", Act.GRANT_RETURN: "returned",
    Act.DENY_RETURN: "return_denied", Act.ASK_EXTENSION: "extension_asked", Act.GRANT_EXTENSION: "extended", Act.DENY_EXTENSION: "extension_denied",
    Act.ASK_SUSPENSION: "suspension_asked", Act.GRANT_SUSPENSION: "suspended", Act.DENY_SUSPENSION: "suspension_denied", Act.RESUME: "resumed",
    Act.APPEAL: "rating_appealed", Act.GRANT_APPEAL: "appeal_granted", Act.DENY_APPEAL: "appeal_denied", Act.REWORK: "reworked",
    Act.URGE: "urged", Act.SUPPLEMENT: "supplemented", Act.WITHDRAW: "withdrawn", Act.SUPERVISE: "supervised", Act.MERGE: "merged",
    Act.ADOPT: "adopted",
    Act.UNMERGE: "unmerged", Act.FOLLOW_LEAD: "closed", Act.RESCHEDULE: "rescheduled",
}
NAMES = frozenset({OPENED, "ticket.due_soon", "ticket.overdue", *(f"ticket.{past}" for past in _PAST.values())})


@dataclass(frozen=True)
class Event:
    """One thing that happened; `id` is the same whenever it is told again, so that repeats can be dropped."""

    id: str
    name: str
    number: str
    at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Notice:
    """One message to the caller; where it goes and what it says is looked up when it is sent."""

    id: str
    template: str
    number: str
    at: datetime


def opened(ticket: Ticket) -> Event:
    """Return the event of a ticket just opened (version 0)."""
    return Event(f"{ticket.number}-0", OPENED, ticket.number, ticket.opened_at, _payload(ticket))


def event(before: Ticket, ticket: Ticket, entry: TrailEntry) -> Event:
    """Return the event of an act; `ticket` is what it became. An office that loses it is named too, so that its system hears of that."""
    if entry.act is Act.WARN:
        name = "ticket.overdue" if entry.details.card is Card.RED else "ticket.due_soon"
    else:
        name = f"ticket.{_PAST[entry.act]}"
    payload = {**_payload(ticket), "act": entry.act.value, "role": entry.role.value}
    if (before.department, before.office_region) != (ticket.department, ticket.office_region):
        payload |= {"left_department": before.department, "left_office_region": before.office_region}
    return Event(f"{entry.number}-{entry.version}", name, entry.number, entry.at, payload)


def notice(before: Ticket, ticket: Ticket, entry: TrailEntry) -> Notice | None:
    """Return the message that an act brings the caller, if any; `ticket` is what it became."""
    template = _TEMPLATES.get(entry.act)
    if template is None or not ticket.phone:
        return None
    if entry.act is Act.ACCEPT and not ticket.running:
        return None  # he is told when an office has it
    if entry.act is Act.DISPATCH and before.started_at:
        return None  # he was told when it was dispatched first
    return Notice(f"{entry.number}-{entry.version}-{template}", template, entry.number, entry.at)


_TEMPLATES: Mapping[Act, str] = {
    Act.ACCEPT: "opened", Act.DISPATCH: "opened",
    Act.ANSWER: "closed", Act.REFUSE: "refused", Act.ASK_CALLER: "asked", Act.CLOSE: "closed", Act.FOLLOW_LEAD: "closed",
    Act.GRANT_EXTENSION: "extended", Act.GRANT_SUSPENSION: "suspended", Act.REWORK: "reworked", Act.MERGE: "merged",
}


def _payload(ticket: Ticket) -> dict[str, Any]:
    """Where the ticket stands; nothing of the caller, for events leave the house."""
    return {
        "number": ticket.number, "version": ticket.version, "status": ticket.status.value, "type": ticket.type.value,
        "queue": ticket.queue.value if ticket.queue else None, "category": ticket.category, "urgency": ticket.urgency.value,
        "department": ticket.department, "office_region": ticket.office_region, "region": ticket.region,
        "helpers": list(ticket.helpers),
        "due_at": ticket.due_at.isoformat() if ticket.due_at else None, "card": ticket.card.value if ticket.card else None,
        "result": ticket.result.value if ticket.result and ticket.status is not Status.REPLIED else None,
        "rating": ticket.rating.value if ticket.rating else None,
    }
