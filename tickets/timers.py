"""What a ticket does by itself as time goes by, and when it should be looked at next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from core.clock import SHANGHAI
from tickets.deadlines import Deadlines
from tickets.doing import Details
from tickets.model import Ticket
from tickets.vocabulary import Act, Status


@dataclass(frozen=True)
class DueAct:
    """An act whose time has come."""

    act: Act
    details: Details = Details()
    note: str = ""


def wake_at(ticket: Ticket, deadlines: Deadlines) -> datetime | None:
    """Return when the ticket should be looked at next; None when time changes nothing about it."""
    if ticket.running:
        moments = (deadlines.yellow_at(ticket), deadlines.red_at(ticket))
        return moments[0] if ticket.card is None else moments[1] if ticket.card.name == "YELLOW" else None
    waits = deadlines.policy.waits
    if ticket.status is Status.WAITING and ticket.stopped_at:
        return deadlines.end_of_day_after(ticket.stopped_at, waits.caller_days)
    if ticket.status is Status.SUSPENDED and ticket.suspended_until:
        return datetime.combine(ticket.suspended_until, time(0), SHANGHAI)
    if ticket.pending or (ticket.content is False and ticket.supervision):
        return None  # somebody has to decide first
    if ticket.status in (Status.RATED, Status.REFUSED, Status.WITHDRAWN):
        return deadlines.end_of_day_after(ticket.changed_at, waits.archive_days)
    if ticket.status is Status.FOLLOWED_UP or (ticket.status is Status.CLOSED and not ticket.phone):
        return deadlines.end_of_day_after(ticket.changed_at, waits.rating_days)
    return None


def due_act(ticket: Ticket, at: datetime, deadlines: Deadlines) -> DueAct | None:
    """Return the act that is due on a ticket at `at`, or None."""
    card = deadlines.card_at(ticket, at)
    if card:
        return DueAct(Act.WARN, Details(card=card))
    when = wake_at(ticket, deadlines)
    if when is None or at < when or ticket.running:
        return None
    if ticket.status is Status.WAITING:
        return DueAct(Act.RESUME, note="等待补充的期限已到，按现有情况继续办理")
    if ticket.status is Status.SUSPENDED:
        return DueAct(Act.RESUME, note="挂账到期")
    return DueAct(Act.ARCHIVE)
