"""Everything that can be asked of tickets: open, classify, look up, act."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Callable, Sequence

from core.calendar import WorkingCalendar
from core.ids import Below, new_id
from core.logs import get_logger
from tickets.acting import Acting
from tickets.appointments import Appointments
from tickets.change import Change
from tickets.codes import digest_code, digest_request, query_code, same
from tickets.deadlines import Deadlines
from tickets.doing import CALLER, Actor, Details, TrailEntry
from tickets.duplicates import CANDIDATES, WINDOW, Similar, similar, similar_to
from tickets.errors import InvalidTicket, NumberTaken, RequestReused, TicketBusy, TicketNotFound, TooManyAttempts, TooManyGuesses
from tickets.lessons import Lesson, lesson_of
from tickets.load import Policy
from tickets.model import NewTicket, Ticket, TicketType
from tickets.opening import Opening, follow_up_of
from tickets.ports import AttemptLimiter, Extract, TicketRepository
from tickets.routing import Classification, Router
from tickets.suggestions import Suggestion, suggestions
from tickets.validation import MAX_TEXT, checked, phone_digits, scrubbed, tidy
from tickets.views import hides_caller, may_see, seen_by
from tickets.vocabulary import Act, Grade, Queue, Role

_log = get_logger(__name__)
_TRIES = 5  # for a number that is taken
_UNKEYED = frozenset({"web", "open311"})  # channels on which anybody can give anybody's phone
_NOTICES_A_DAY = 10
_DAY = timedelta(days=1)
_NO_TICKET = "0" * 16  # hashed for unknown numbers, so that they take as long as known ones


@dataclass(frozen=True)
class Opened:
    """A ticket just opened, or opened before by the same request (`created` False); `code` where no phone proves whose it is."""

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
    appointments: Appointments | None = None  # None: this city books none
    guesses: AttemptLimiter | None = None     # bounds the four digits over a day

    @cached_property
    def deadlines(self) -> Deadlines:
        """Return what works out moments."""
        return Deadlines(self.policy, self.calendar)

    @cached_property
    def opening(self) -> Opening:
        """Return what makes tickets of requests."""
        return Opening(self.router, self.deadlines, self.extract, self.below)

    @cached_property
    def acting(self) -> Acting:
        """Return what performs acts on stored tickets."""
        return Acting(self.repository, self.deadlines, self._follow_up, self._lesson)

    def classify(self, text: str, type: TicketType | None = None) -> Classification:
        """Return type, category, department, urgency and the five elements of what a caller said (1–5000 characters)."""
        return self.opening.classify(text, type)

    def suggest(self, text: str, region: str | None) -> tuple[Suggestion, ...]:
        """Return three to five categories with the office of `region` (six digits) for whoever dispatches by hand."""
        return suggestions(text[:MAX_TEXT], region, self.router)

    def similar(self, text: str, category: str, region: str | None, where: str | None, at: datetime) -> tuple[Similar, ...]:
        """Return the open tickets of the last 30 days, of this category and region, with the same place or nearly the same text."""
        return similar(text[:MAX_TEXT], where, self.repository.open_about(category, region, at - WINDOW, CANDIDATES))

    def similar_to(self, number: str, at: datetime) -> tuple[Similar, ...]:
        """Return the open tickets that a stored one may be merged into; raises TicketNotFound."""
        ticket = self.repository.find(_digits(number))
        if ticket is None:
            raise TicketNotFound
        return similar_to(ticket, self.repository.open_about(ticket.category, ticket.region, at - WINDOW, CANDIDATES))

    def open(self, new: NewTicket, at: datetime) -> Opened:
        """Accept and dispatch a request; the same request_id again returns the same ticket and code.

        Raises InvalidTicket, SlotTaken for an appointment that comes too late, and RequestReused when a known request_id comes
        with another content.
        """
        new = checked(new)
        request_id = new.request_id or self.make_id()
        before = self.repository.find_request(digest_request(request_id))
        if before:
            return self._again(before, new, request_id)
        if new.queue is Queue.APPOINTMENT:
            new = self._bookable(new, at)
        code = None if new.phone and not hides_caller(new) else query_code(request_id)
        flooded = self._flooded(new, at)
        for _ in range(_TRIES):
            first = self.opening.first(new, request_id, code, at)
            if flooded:
                first = replace(first, notices=())
            try:
                created = self.repository.add(first)
            except NumberTaken:
                continue
            ticket = first.ticket
            if not created:  # the same request came twice at once, and the other one was stored
                return self._again(self.repository.find_request(ticket.request_digest) or ticket, new, request_id)
            unpublished = self.deadlines.unpublished(ticket)
            for year in unpublished:
                _log.warning("holidays_not_published", year=year)
            _log.info("ticket_opened", number=ticket.number, category=ticket.category, department=ticket.department, urgency=ticket.urgency.value)
            return Opened(ticket, code, True, tuple(f"{year}年的放假安排还没有公布，到期日只按周末推算" for year in unpublished))
        raise TicketBusy

    def view(self, number: str, *, at: datetime, phone_last4: str | None = None, code: str | None = None, phone: str | None = None, asker: str = "",
             trusted: bool = False, fleeting: bool = False) -> Ticket:
        """Return the ticket to whoever proves it is his: by the phone or its last four digits, where the caller is not hidden, or by the query code;
        `trusted` is the conversation that opened it.

        Raises TicketNotFound for a wrong number and a wrong proof alike, TooManyAttempts past the limit, TooManyGuesses where only the four
        digits are past theirs. When others have used up the tries of a
        ticket, an asker without a wrong try still passes with the right proof, unless `fleeting`: one that can be made anew at will.
        """
        number, last4, code = _digits(number), _digits(phone_last4 or ""), _digits(code or "")
        if trusted and (known := self.repository.find(number)):
            return known
        within = self.limiter.take(number, asker, at)
        if not within and (fleeting or not self.limiter.excused(number, asker, at)):
            raise TooManyAttempts
        guesses = None if phone or code else self.guesses
        if guesses and not guesses.take(number, "", at):
            raise TooManyGuesses
        ticket = self.repository.find(number)
        if not _proven(ticket, last4, code, phone or "") or ticket is None:
            raise TicketNotFound if within else TooManyAttempts
        self.limiter.give_back(number, asker, at)
        if guesses:
            guesses.give_back(number, "", at)
        return ticket

    def urge(self, number: str, *, at: datetime, note: str = "", phone_last4: str | None = None, code: str | None = None, phone: str | None = None,
             asker: str = "", trusted: bool = False) -> Ticket:
        """Press for progress; proof as for `view`, or `trusted` for the conversation that opened the ticket."""
        return self._for_caller(number, Act.URGE, note, at, phone_last4, code, phone, asker, trusted)

    def supplement(self, number: str, text: str, *, at: datetime, phone_last4: str | None = None, code: str | None = None, phone: str | None = None,
                   asker: str = "", trusted: bool = False) -> Ticket:
        """Add words to a ticket (1–5000 characters)."""
        return self._for_caller(number, Act.SUPPLEMENT, text, at, phone_last4, code, phone, asker, trusted)

    def withdraw(self, number: str, *, at: datetime, note: str = "", phone_last4: str | None = None, code: str | None = None,
                 phone: str | None = None, asker: str = "", trusted: bool = False) -> Ticket:
        """Take a ticket back."""
        return self._for_caller(number, Act.WITHDRAW, note, at, phone_last4, code, phone, asker, trusted)

    def rate(self, number: str, grade: str, *, at: datetime, reason: str = "", phone_last4: str | None = None, code: str | None = None,
             phone: str | None = None, asker: str = "", trusted: bool = False) -> Ticket:
        """Rate a closed ticket, once, with one of the five grades; a bad one may come with its reason."""
        if grade not in {one.value for one in Grade}:
            raise InvalidTicket("评价请从非常满意、满意、基本满意、不满意、非常不满意里选一个。", "grade")
        return self._for_caller(number, Act.RATE, reason, at, phone_last4, code, phone, asker, trusted, Details(grade=Grade(grade)))

    def act(self, number: str, act: Act, *, by: Actor | Role, at: datetime, note: str = "", details: Details = Details(),
            version: int | None = None) -> Ticket:
        """Perform any act of the table for someone already known, with `version` only on the ticket as it was then.

        A department that may not see a ticket does not learn that there is one. Words on a ticket whose caller is hidden lose his name and numbers.
        Raises TicketNotFound, TicketChanged, ActRefused, InvalidTicket, TicketBusy.
        """
        note = tidy(note)
        if len(note) > MAX_TEXT:
            raise InvalidTicket(f"内容最多{MAX_TEXT}个字，请简短一些。", "text")
        actor = by if isinstance(by, Actor) else Actor(by)
        ticket = self.repository.find(_digits(number))
        if ticket is None or (actor.role is Role.DEPARTMENT and not may_see(ticket, actor)):
            raise TicketNotFound
        return self.acting.act(ticket.number, act, by=actor, at=at, note=scrubbed(note, ticket), details=details, version=version)

    def seen(self, number: str, actor: Actor) -> Ticket:
        """Return a ticket as `actor` may see it; raises TicketNotFound where he may not."""
        ticket = self.repository.find(_digits(number))
        if ticket is None or not may_see(ticket, actor):
            raise TicketNotFound
        return seen_by(ticket, actor)

    def trail(self, number: str) -> Sequence[TrailEntry]:
        """Return every act on a ticket in order, for staff."""
        return self.repository.trail(_digits(number))

    def recent(self, limit: int = 20, department: str | None = None) -> Sequence[Ticket]:
        """Return the newest tickets, for staff."""
        return self.repository.recent(limit, department)

    def _for_caller(self, number: str, act: Act, note: str, at: datetime, phone_last4: str | None, code: str | None, phone: str | None,
                    asker: str, trusted: bool, details: Details = Details()) -> Ticket:
        if not trusted:
            self.view(number, at=at, phone_last4=phone_last4, code=code, phone=phone, asker=asker)
        return self.act(number, act, by=CALLER, at=at, note=note, details=details)

    def _bookable(self, new: NewTicket, at: datetime) -> NewTicket:
        if self.appointments is None:
            raise InvalidTicket("这里还没有开通预约，请直接到大厅取号。", "queue")
        return self.appointments.checked(new, at)

    def _flooded(self, new: NewTicket, at: datetime) -> bool:
        """Whether a phone has had its messages of a day, so that nobody can have another one's telephone ring all day."""
        if new.phone is None or new.source_channel not in _UNKEYED:
            return False
        newest = self.repository.of_phone(new.phone, _NOTICES_A_DAY)
        return len(newest) == _NOTICES_A_DAY and all(ticket.opened_at > at - _DAY for ticket in newest)

    def _again(self, ticket: Ticket, new: NewTicket, request_id: str) -> Opened:
        if (ticket.text, ticket.type) != (new.text, new.type):
            raise RequestReused
        return Opened(ticket, query_code(request_id) if ticket.code_digest else None, False)

    def _lesson(self, before: Ticket, entry: TrailEntry) -> Lesson | None:
        return lesson_of(before, entry, self.router, self.extract)

    def _follow_up(self, ticket: Ticket, at: datetime) -> Change:
        # Nobody can take this id beforehand and so keep a bad rating out; that it is opened once is the rated ticket's own lock.
        return self.opening.first(follow_up_of(ticket), self.make_id(), None, at)


def _proven(ticket: Ticket | None, last4: str, code: str, phone: str) -> bool:
    if code:
        digest = digest_code(code, ticket.number if ticket else _NO_TICKET)
        return bool(ticket and ticket.code_digest and same(digest, ticket.code_digest))
    if ticket is None or ticket.phone is None or hides_caller(ticket):
        return False
    return same(_plain(phone), ticket.phone) if phone else len(last4) == 4 and same(last4, ticket.phone[-4:])


def _plain(phone: str) -> str:
    """The digits as they are kept; what is no phone proves nothing."""
    try:
        return phone_digits(phone)
    except InvalidTicket:
        return ""


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())[:20]
