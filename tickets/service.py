"""Everything that can be asked of tickets: open, classify, look up, act."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Callable, Sequence

from core.calendar import Due, WorkingCalendar
from core.clock import SHANGHAI
from core.ids import Below, new_id, ticket_number
from core.logs import get_logger
from tickets.codes import digest_code, digest_request, query_code, same
from tickets.elements import elements
from tickets.errors import InvalidTicket, NumberTaken, RequestReused, StaleTicket, TicketBusy, TicketNotFound, TooManyAttempts
from tickets.load import Policy
from tickets.model import Act, Elements, NewTicket, Role, Ticket, TicketType, TrailEntry, Urgency
from tickets.ports import AttemptLimiter, Extract, TicketRepository
from tickets.routing import Classification, Router
from tickets.validation import MAX_TEXT, checked, tidy
from zh.normalise import normalise

_log = get_logger(__name__)
_TRIES = 5  # for a number that is taken, and for a ticket that others change at the same moment
_NO_TICKET = "0" * 16  # hashed for unknown numbers, so that they take as long as known ones


@dataclass(frozen=True)
class Opened:
    """A ticket just opened, or opened before by the same request (`created` False); `code` where it has no phone."""

    ticket: Ticket
    code: str | None
    created: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class TicketService:
    """The use cases; all that varies comes in: repository, limiter, calendar, extraction, randomness."""

    repository: TicketRepository
    limiter: AttemptLimiter
    router: Router
    policy: Policy
    calendar: WorkingCalendar
    extract: Extract
    below: Below = secrets.randbelow
    make_id: Callable[[], str] = new_id

    def classify(self, text: str, type: TicketType | None = None) -> Classification:
        """Return type, category, department, urgency and the five elements of what a caller said (1–5000 characters)."""
        text = normalise(text[:MAX_TEXT])
        return self.router.classify(text, elements(text, self.extract(text)), type)

    def open(self, new: NewTicket, at: datetime) -> Opened:
        """Accept and dispatch a request; the same request_id again returns the same ticket and code.

        Raises InvalidTicket, and RequestReused when a known request_id comes with another content.
        """
        new = checked(new)
        request_id = new.request_id or self.make_id()
        before = self.repository.find_request(digest_request(request_id))
        if before:
            return self._again(before, new, request_id)
        guess = self.classify(new.text, new.type)
        category = self.router.category(new.category) if new.category else None
        if new.category and category is None:
            raise InvalidTicket("没有这个类别。", "category")
        due = self._due(new.type, guess.urgency, at)
        for year in due.unpublished:
            _log.warning("holidays_not_published", year=year)
        code = None if new.phone else query_code(request_id)
        for _ in range(_TRIES):
            number = ticket_number(at.astimezone(SHANGHAI).date(), self.below)
            ticket = Ticket(
                number=number, type=new.type, text=new.text, title=new.title or _title(new.text),
                category=category.name if category else guess.category,
                department=category.department if category else guess.department,
                urgency=guess.urgency, due_on=due.day, source_channel=new.source_channel, opened_at=at, changed_at=at,
                request_digest=digest_request(request_id), region=new.region, elements=_elements(new, guess.elements),
                name=new.name, phone=new.phone, anonymous=new.anonymous, confidential=new.confidential,
                code_digest=digest_code(code, number) if code else None,
            )
            ticket, accepted = ticket.perform(Act.ACCEPT, by=Role.SYSTEM, at=at)
            ticket, dispatched = ticket.perform(Act.DISPATCH, by=Role.SYSTEM, at=at, note="；".join((ticket.department, *guess.reasons)))
            try:
                created = self.repository.add(ticket, (accepted, dispatched))
            except NumberTaken:
                continue
            if not created:  # the same request came twice at once, and the other one was stored
                stored = self.repository.find_request(ticket.request_digest)
                return self._again(stored or ticket, new, request_id)
            _log.info("ticket_opened", number=number, category=ticket.category, department=ticket.department, urgency=ticket.urgency.value)
            return Opened(ticket, code, True, tuple(f"{year}年的放假安排还没有公布，到期日只按周末推算" for year in due.unpublished))
        raise TicketBusy

    def view(self, number: str, *, at: datetime, phone_last4: str | None = None, code: str | None = None, asker: str = "",
             trusted: bool = False) -> Ticket:
        """Return the ticket to whoever proves it is his: by the last four digits of the phone, or by the query code;
        `trusted` is the conversation that opened it.

        Raises TicketNotFound for a wrong number and a wrong proof alike, TooManyAttempts past the limit.
        """
        number = _digits(number)
        if trusted and (known := self.repository.find(number)):
            return known
        if not self.limiter.take(number, asker, at):
            raise TooManyAttempts
        ticket = self.repository.find(number)
        if not _proven(ticket, _digits(phone_last4 or ""), _digits(code or "")) or ticket is None:
            raise TicketNotFound
        self.limiter.give_back(number, asker, at)
        return ticket

    def urge(self, number: str, *, at: datetime, note: str = "", phone_last4: str | None = None, code: str | None = None,
             asker: str = "", trusted: bool = False) -> Ticket:
        """Press for progress; proof as for `view`, or `trusted` for the conversation that opened the ticket."""
        return self._for_caller(number, Act.URGE, note, at, phone_last4, code, asker, trusted)

    def supplement(self, number: str, text: str, *, at: datetime, phone_last4: str | None = None, code: str | None = None,
                   asker: str = "", trusted: bool = False) -> Ticket:
        """Add words to a ticket (1–5000 characters)."""
        return self._for_caller(number, Act.SUPPLEMENT, text, at, phone_last4, code, asker, trusted)

    def withdraw(self, number: str, *, at: datetime, note: str = "", phone_last4: str | None = None, code: str | None = None,
                 asker: str = "", trusted: bool = False) -> Ticket:
        """Take a ticket back."""
        return self._for_caller(number, Act.WITHDRAW, note, at, phone_last4, code, asker, trusted)

    def rate(self, number: str, grade: str, *, at: datetime, phone_last4: str | None = None, code: str | None = None,
             asker: str = "", trusted: bool = False) -> Ticket:
        """Rate a closed ticket, once, with one of the five grades."""
        return self._for_caller(number, Act.RATE, grade, at, phone_last4, code, asker, trusted)

    def act(self, number: str, act: Act, *, by: Role, at: datetime, note: str = "") -> Ticket:
        """Perform any act of the table for someone already known; raises TicketNotFound, ActRefused, InvalidTicket, TicketBusy."""
        note = tidy(note)
        if len(note) > MAX_TEXT:
            raise InvalidTicket(f"内容最多{MAX_TEXT}个字，请简短一些。", "text")
        for _ in range(_TRIES):
            ticket = self.repository.find(_digits(number))
            if ticket is None:
                raise TicketNotFound
            after, entry = ticket.perform(act, by=by, at=at, note=note)
            try:
                self.repository.save(after, entry)
            except StaleTicket:
                continue
            _log.info("ticket_act", number=after.number, act=act.value, role=by.value, status=after.status.value)
            return after
        raise TicketBusy

    def trail(self, number: str) -> Sequence[TrailEntry]:
        """Return every act on a ticket in order, for staff."""
        return self.repository.trail(_digits(number))

    def recent(self, limit: int = 20, department: str | None = None) -> Sequence[Ticket]:
        """Return the newest tickets, for staff."""
        return self.repository.recent(limit, department)

    def _for_caller(self, number: str, act: Act, note: str, at: datetime, phone_last4: str | None, code: str | None,
                    asker: str, trusted: bool) -> Ticket:
        if not trusted:
            self.view(number, at=at, phone_last4=phone_last4, code=code, asker=asker)
        return self.act(number, act, by=Role.CALLER, at=at, note=note)

    def _again(self, ticket: Ticket, new: NewTicket, request_id: str) -> Opened:
        if (ticket.text, ticket.type) != (new.text, new.type):
            raise RequestReused
        return Opened(ticket, query_code(request_id) if ticket.code_digest else None, False)

    def _due(self, kind: TicketType, urgency: Urgency, at: datetime) -> Due:
        term = self.policy.term(kind, urgency)
        local = at.astimezone(SHANGHAI)
        if term.hours is not None:
            return Due((local + timedelta(hours=term.hours)).date())
        return self.calendar.due(local.date(), term.working_days or 1)


def _proven(ticket: Ticket | None, last4: str, code: str) -> bool:
    if code:
        digest = digest_code(code, ticket.number if ticket else _NO_TICKET)
        return bool(ticket and ticket.code_digest and same(digest, ticket.code_digest))
    return bool(ticket and ticket.phone and len(last4) == 4 and same(last4, ticket.phone[-4:]))


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())[:20]


def _title(text: str) -> str:
    line = text.split("\n", 1)[0]
    return line if len(line) <= 30 else line[:29] + "…"


def _elements(new: NewTicket, found: Elements) -> Elements:
    return Elements(new.who or found.who, new.when or found.when, new.address or found.where, new.cause or found.cause, new.text)
