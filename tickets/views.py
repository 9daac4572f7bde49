"""Who may see what of a ticket: the one place that hides callers from departments."""

from __future__ import annotations

from dataclasses import replace

from core.pii import mask
from tickets.doing import Actor, TrailEntry
from tickets.model import NewTicket, Ticket
from tickets.transitions import helps
from tickets.vocabulary import Act, Role, Status, TicketType

_CENTRE = frozenset({Role.SYSTEM, Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN})


_NAMES_HIM = frozenset({"enterprise", "case"})  # what of a queue's particulars tells who called


def hides_caller(ticket: Ticket | NewTicket) -> bool:
    """Whether departments must not learn whose ticket it is: reporters always, and whoever asked for it."""
    return ticket.confidential or ticket.anonymous or ticket.type is TicketType.REPORT


def may_see(ticket: Ticket, actor: Actor) -> bool:
    """Whether the ticket exists for `actor`: the centre sees all, a department its own and those it helps with, an editor none."""
    if actor.role in _CENTRE:
        return True
    if actor.role is not Role.DEPARTMENT:
        return False
    return (actor.department, actor.region) == (ticket.department, ticket.office_region) or helps(ticket, actor)


def seen_by(ticket: Ticket, actor: Actor) -> Ticket:
    """Return the ticket without what `actor` must not see of the caller."""
    if actor.role in _CENTRE or not hides_caller(ticket):
        return ticket
    matter = {name: value for name, value in ticket.matter.items() if name not in _NAMES_HIM}
    return replace(ticket, name=None, phone=None, id_number=None, rating_reason=None, matter=matter)


def withholds_photos(ticket: Ticket, actor: Actor) -> bool:
    """Whether `actor`, who may see the ticket, must not see its photos: a yard or a number plate tells who took them."""
    return actor.role not in _CENTRE and hides_caller(ticket)


def entry_seen_by(entry: TrailEntry, ticket: Ticket, actor: Actor) -> TrailEntry:
    """Return an act of a ticket's trail without what `actor` must not learn of the caller."""
    if actor.role in _CENTRE:
        return entry
    if entry.role is Role.CALLER:
        entry = replace(entry, actor="")
    return replace(entry, note="") if entry.act is Act.RATE and hides_caller(ticket) else entry


def answer_for_others(lead: Ticket) -> str:
    """Return a lead's answer as those hear it whose tickets were merged into it: of its caller they learn nothing."""
    if hides_caller(lead):
        return f"您反映的问题和别的工单一并办理，现在已经办结，结果是{lead.result.value if lead.result else '见答复'}。"
    told = lead.answer or ""
    return mask(told.replace(lead.name, "诉求人") if lead.name else told)


def answer_for_caller(ticket: Ticket) -> str | None:
    """Return the answer once it stands: what nobody has approved yet, or what was sent back, is not told."""
    return ticket.answer if ticket.closed_at else None


def question_for_caller(ticket: Ticket) -> str | None:
    """Return what the caller is asked to add, while his answer is waited for."""
    return ticket.question if ticket.status is Status.WAITING else None
