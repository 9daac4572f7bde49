"""Tickets as staff work on them: every view through `tickets.views`, every act with its particulars checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Sequence

from core.clock import SHANGHAI
from tickets import particulars
from tickets.doing import Actor, Details, Doing, TrailEntry
from tickets.duplicates import Similar
from tickets.errors import InvalidTicket
from tickets.listing import MOST, Page, Wanted, page
from tickets.model import Ticket
from tickets.service import TicketService
from tickets.transitions import TRANSITIONS, open_to
from tickets.validation import phone_digits
from tickets.views import entry_seen_by, may_see, seen_by
from tickets.vocabulary import Act, Role

_GOOD_ANSWER = "经调查核实，情况已查实。"
_STAFF = (Role.OPERATOR, Role.DEPARTMENT, Role.SUPERVISOR, Role.ADMIN)


@dataclass(frozen=True)
class Desk:
    """What one member of staff may ask of the ticket service. A ticket that he may not see does not exist for him: TicketNotFound."""

    service: TicketService
    actor: Actor

    def page(self, wanted: Wanted, limit: int = 50) -> Page:
        """Return a page of at most `limit` (1–100) tickets; a department's are those of its office, or those it helps with."""
        if self.actor.role not in _STAFF:
            return Page((), None)
        if self.actor.role is Role.DEPARTMENT:
            if wanted.phone:
                raise InvalidTicket("承办单位不能按电话查工单。", "phone")
            if wanted.department not in (None, self.actor.department):
                return Page((), None)
            if wanted.helper:
                wanted = replace(wanted, department=None, helper=self.actor.department)
            else:
                wanted = replace(wanted, department=self.actor.department, office_region=self.actor.region or "")
        if wanted.phone:
            wanted = replace(wanted, phone=phone_digits(wanted.phone))
        limit = min(max(limit, 1), MOST)
        found = page(self.service.repository.listed(wanted, limit + 1), limit)
        return Page([seen_by(ticket, self.actor) for ticket in found.tickets if may_see(ticket, self.actor)], found.next)

    def ticket(self, number: str) -> Ticket:
        """Return a ticket as the actor may see it."""
        return self.service.seen(number, self.actor)

    def trail(self, number: str) -> Sequence[TrailEntry]:
        """Return every act on a ticket in order, without what the actor must not learn of the caller."""
        ticket = self.ticket(number)
        return [entry_seen_by(entry, ticket, self.actor) for entry in self.service.trail(ticket.number)]

    def similar(self, number: str, at: datetime) -> Sequence[Similar]:
        """Return the open tickets that this one may be merged into, those that the actor may see."""
        self.ticket(number)
        return [one for one in self.service.similar_to(number, at) if may_see(one.ticket, self.actor)]

    def open_acts(self, ticket: Ticket, at: datetime) -> list[Act]:
        """Return the acts open to the actor at `at`; only what depends on their particulars is left to be refused when they are done."""
        # Words and particulars with which every guard is content that can be content at all.
        bounds, least = self.service.deadlines.bounds(ticket), Details(days=1, level=ticket.supervision + 1, department="街道办事处")

        def is_open(act: Act) -> bool:
            guard = TRANSITIONS[ticket.status, act].guard
            return guard is None or guard(ticket, Doing(act, self.actor, at, _GOOD_ANSWER, least, bounds)) is None

        return [act for act in open_to(ticket.status, self.actor.role) if is_open(act)]

    def act(self, number: str, act: Act, at: datetime, text: str = "", details: Details = Details(), version: int | None = None) -> Ticket:
        """Do an act; with `version`, only if the ticket still is what the actor saw.

        Raises TicketNotFound, ActRefused, InvalidTicket, TicketChanged, TicketBusy.
        """
        self.ticket(number)
        particulars.check(act, details, at.astimezone(SHANGHAI).date())
        if details.category and self.service.router.category(details.category) is None:
            raise InvalidTicket("没有这个类别。", "category")
        after = self.service.act(number, act, by=self.actor, at=at, note=text, details=details, version=version)
        return seen_by(after, self.actor)
