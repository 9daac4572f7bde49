"""A small city for tests of tickets: two matters, one office for each, everybody who acts, and the service over tickets in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from core.calendar import WorkingCalendar, published_calendar
from core.clock import SHANGHAI
from tests.support.fake_tickets import FakeTickets
from tickets.deadlines import Deadlines
from tickets.doing import CALLER, SYSTEM, Actor, Details
from tickets.load import Category, load_policy
from tickets.model import NewTicket, Ticket
from tickets.routing import Router
from tickets.service import TicketService
from tickets.store.attempts import MemoryAttempts
from tickets.vocabulary import Act, Result, Role, Status, TicketType, Urgency

LAMPS, WAGES = "城市管理局", "人力资源和社会保障局"
REGION, ELSEWHERE, CITY = "370102", "370112", "370100"
OFFICE = Actor(Role.DEPARTMENT, "handler", LAMPS, REGION)
OTHER_OFFICE = Actor(Role.DEPARTMENT, "other", WAGES, REGION)
OPERATOR, SUPERVISOR = Actor(Role.OPERATOR, "operator"), Actor(Role.SUPERVISOR, "supervisor")
EVERYBODY = (CALLER, SYSTEM, OPERATOR, OFFICE, OTHER_OFFICE, SUPERVISOR, Actor(Role.EDITOR, "editor"), Actor(Role.ADMIN, "admin"))

POLICY = load_policy()
CALENDAR = published_calendar()
DEADLINES = Deadlines(POLICY, CALENDAR)
CATALOGUE = (Category("路灯不亮", ("市政", "路灯不亮"), LAMPS, TicketType.HELP, ("路灯坏了",)),
             Category("拖欠工资", ("劳动", "拖欠工资"), WAGES, TicketType.COMPLAINT, ("老板拖欠工资",)))


def moment(text: str) -> datetime:
    """Return a moment in Shanghai: "2026-11-05 10:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


NOW = moment("2026-11-05 10:00")  # a Thursday of a month without holidays
LAMP = NewTicket(TicketType.HELP, "路灯坏了", "web", region=REGION, phone="13812345678", name="王建国")
SOLVED = Details(result=Result.SOLVED)


def ticket_service(repository: FakeTickets | None = None, calendar: WorkingCalendar = CALENDAR) -> TicketService:
    """Return the service over tickets in memory; numbers are counted up."""
    numbers = count(1)
    return TicketService(repository or FakeTickets(), MemoryAttempts(POLICY.attempts), Router(CATALOGUE, POLICY), POLICY, calendar,
                         lambda text: (), lambda limit: next(numbers))


def ticket(status: Status = Status.SUBMITTED, **fields: Any) -> Ticket:
    """Return a ticket of the lamps' office as it may stand in a status."""
    plain = Ticket("2026110500000001", TicketType.HELP, "路灯坏了", "路灯坏了", "路灯不亮", LAMPS, Urgency.GENERAL, "web", NOW, NOW, "digest",
                   region=REGION, office_region=REGION, phone="13812345678", name="王建国", status=status)
    return replace(plain, **fields)


def as_opened(first: Ticket) -> Ticket:
    """Return a ticket as it was handed in, from what it became when it was accepted and dispatched."""
    told = [one.name for one in fields(Ticket)]
    kept = {name: getattr(first, name) for name in (*told[:told.index("status")], "office_region")}
    return Ticket(**{**kept, "changed_at": first.opened_at})


@dataclass
class Life:
    """One ticket's way through the service, act by act."""

    service: TicketService = field(default_factory=ticket_service)
    new: NewTicket = LAMP
    opened_at: datetime = NOW
    number: str = ""
    at: datetime = NOW

    def __post_init__(self) -> None:
        self.at = self.opened_at
        self.number = self.service.open(self.new, self.opened_at).ticket.number

    @property
    def ticket(self) -> Ticket:
        """The ticket as it is stored."""
        found = self.service.repository.find(self.number)
        assert found
        return found

    @property
    def acts(self) -> list[Act]:
        """Every act on it."""
        return [entry.act for entry in self.service.trail(self.number)]

    def on(self, when: str) -> Life:
        """Let time go on to a moment."""
        assert moment(when) >= self.at
        self.at = moment(when)
        return self

    def do(self, act: Act, by: Actor = OFFICE, note: str = "说明", details: Details = Details(), **particulars: Any) -> Life:
        """Perform an act now."""
        self.service.act(self.number, act, by=by, at=self.at, note=note, details=replace(details, **particulars))
        return self

    def wake(self) -> Life:
        """Let the scheduler look at it, until nothing is due any more."""
        while self.service.acting.wake(self.number, self.at):
            pass
        return self

    def answered(self) -> Life:
        """Take it to a reply of its office."""
        return self.do(Act.RECEIVE).do(Act.REPLY, details=SOLVED, note="已修好")

    def closed(self) -> Life:
        """Take it to its end."""
        return self.answered().do(Act.APPROVE, OPERATOR)


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
