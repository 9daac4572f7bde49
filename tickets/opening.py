"""From what a caller hands in to a ticket that an office has: classified, accepted, dispatched, with its deadline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.clock import SHANGHAI
from core.ids import Below, ticket_number
from tickets.change import Change, change
from tickets.codes import digest_code, digest_request
from tickets.deadlines import Deadlines
from tickets.doing import SYSTEM, Details
from tickets.elements import elements
from tickets.errors import InvalidTicket
from tickets.model import Elements, NewTicket, Ticket, TicketType
from tickets.ports import Extract
from tickets.routing import Classification, Router
from tickets.validation import MAX_TEXT
from tickets.views import hides_caller
from tickets.vocabulary import CENTRES_OWN, Act, Queue
from zh.normalise import normalise

_TITLE = 30  # characters


@dataclass(frozen=True)
class Opening:
    """Builds the first change of a ticket; stores nothing."""

    router: Router
    deadlines: Deadlines
    extract: Extract
    below: Below

    def classify(self, text: str, type: TicketType | None = None) -> Classification:
        """Return type, category, department, urgency and the five elements of what a caller said (1–5000 characters)."""
        text = normalise(text[:MAX_TEXT])
        return self.router.classify(text, elements(text, self.extract(text)), type)

    def first(self, new: NewTicket, request_id: str, code: str | None, at: datetime) -> Change:
        """Return the ticket that a checked request becomes, accepted and dispatched, under a number drawn anew.

        Raises InvalidTicket for a category that the catalogue does not have.
        """
        guess = self.classify(new.text, new.type)
        category = self.router.category(new.category or guess.category)
        if new.category and category is None:
            raise InvalidTicket("没有这个类别。", "category")
        leaf = category or self.router.backstop
        if new.queue in CENTRES_OWN:
            leaf = self.router.backstop
        elif new.queue and not new.category:
            leaf = self.deadlines.policy.leaves_by_queue.get(new.queue, leaf)
        department, office_region = self.router.office_of(leaf, new.region)
        number = ticket_number(at.astimezone(SHANGHAI).date(), self.below)
        ticket = Ticket(
            number=number, type=new.type, text=new.text, title=new.title or _title(new.text), category=leaf.name, department=department,
            office_region=office_region, urgency=guess.urgency, source_channel=new.source_channel, opened_at=at, changed_at=at,
            request_digest=digest_request(request_id), region=new.region, elements=_elements(new, guess.elements), name=new.name,
            phone=new.phone, id_number=new.id_number, anonymous=new.anonymous, confidential=new.confidential, enterprise=new.enterprise,
            latitude=new.latitude, longitude=new.longitude,
            code_digest=digest_code(code, number) if code else None, queue=new.queue, matter=dict(new.matter), parent=new.lead_of)
        accepted, entry = ticket.perform(Act.ACCEPT, by=SYSTEM, at=at, details=self.deadlines.completed(ticket, Act.ACCEPT, Details(), at))
        if new.held or new.queue in CENTRES_OWN:
            return change(ticket, (entry,), self.deadlines, new=True)
        details = self.deadlines.completed(accepted, Act.DISPATCH, Details(department=department, region=office_region), at)
        _, sent = accepted.perform(Act.DISPATCH, by=SYSTEM, at=at, details=details, note="；".join((department, *guess.reasons)))
        return change(ticket, (entry, sent), self.deadlines, new=True)


def follow_up_of(ticket: Ticket) -> NewTicket:
    """Return the request to call back whoever gave a bad grade (国办发〔2019〕51号); a hidden caller's own words stay with his ticket."""
    grade = ticket.rating.value if ticket.rating else ""
    said = f"，原因：{ticket.rating_reason}" if ticket.rating_reason and not hides_caller(ticket) else ""
    return NewTicket(TicketType.HELP, f"工单{ticket.number}被评价为{grade}{said}。请回访并核实整改情况。", ticket.source_channel,
                     title=f"差评回访：{ticket.title}"[:100], region=ticket.region, name=ticket.name, phone=ticket.phone,
                     confidential=hides_caller(ticket), queue=Queue.RATING, lead_of=ticket.number)


def _title(text: str) -> str:
    line = text.split("\n", 1)[0]
    return line if len(line) <= _TITLE else line[:_TITLE - 1] + "…"


def _elements(new: NewTicket, found: Elements) -> Elements:
    values: dict[str, Any] = {"who": new.who or found.who, "when": new.when or found.when, "where": new.address or found.where,
                              "cause": new.cause or found.cause, "course": new.text}
    return replace(found, **values)
