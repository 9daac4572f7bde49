"""Random lives of several tickets at once: whoever does whatever whenever, some things stay true."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.fake_tickets import FakeTickets
from tests.support.ticket_life import (
    CALENDAR,
    CITY,
    ELSEWHERE,
    EVERYBODY,
    LAMP,
    OFFICE,
    REGION,
    WAGES,
    as_opened,
    moment,
    ticket_service,
)
from tickets.acting import TRIES
from tickets.doing import Actor, Details
from tickets.errors import InvalidTicket, TicketBusy, TicketError, TicketNotFound
from tickets.model import ActRefused, Ticket, replay
from tickets.timers import due_act, wake_at
from tickets.transitions import TRANSITIONS
from tickets.vocabulary import Act, Channel, Grade, Result, Role, Status, TicketType

START = moment("2026-02-09 09:00")  # before 春节, whose days off are not known yet
BLIND = replace(CALENDAR, published=frozenset(), holidays=frozenset(), make_up_days=frozenset())
BY_TIME = {Act.WARN, Act.RESCHEDULE}  # only the scheduler does these
MOVE_DEADLINES = {Act.DISPATCH, Act.REWORK, Act.GRANT_EXTENSION, Act.RESUME, Act.SEND_BACK, Act.UNMERGE, Act.SUPPLEMENT, Act.RESCHEDULE}
CLOCK_RUNS = {Status.ACCEPTED, Status.DISPATCHED, Status.RETURNING, Status.RECEIVED, Status.HANDLING}
ANSWERED = {Status.CLOSED, Status.FOLLOWED_UP, Status.RATED}
ENDED = ANSWERED | {Status.ARCHIVED, Status.REFUSED, Status.WITHDRAWN}
NEW = (LAMP, replace(LAMP, type=TicketType.REPORT), replace(LAMP, text="老板拖欠工资", confidential=True), replace(LAMP, text="路灯坏了，还漏电"),
       replace(LAMP, anonymous=True), replace(LAMP, text="谁管", region=None))
OFFICES = [OFFICE.department, WAGES, "公安局"]
MAIN_LINE = {Status.ACCEPTED: (Act.DISPATCH,), Status.DISPATCHED: (Act.RECEIVE, Act.REPLY, Act.APPROVE), Status.RECEIVED: (Act.REPLY, Act.APPROVE),
             Status.HANDLING: (Act.REPLY, Act.APPROVE), Status.REPLIED: (Act.APPROVE,), Status.CLOSED: (Act.FOLLOW_UP,)}

details = st.builds(
    Details, department=st.sampled_from([*OFFICES, None]), region=st.sampled_from([REGION, ELSEWHERE, CITY, None]),
    helpers=st.sampled_from([(), (WAGES,), (WAGES, "公安局")]), days=st.integers(-1, 11), until=st.dates(date(2026, 2, 1), date(2026, 3, 31)),
    result=st.sampled_from(Result), grade=st.sampled_from(Grade), channel=st.sampled_from(Channel), level=st.integers(0, 4), reached=st.booleans(),
    content=st.booleans(), due_at=st.just(START + timedelta(days=999)), last=st.booleans(), by_hours=st.booleans())
notes = st.sampled_from(["说明", "说明", "说明", " "])


def sound(seed: int) -> Details:
    """Return particulars that make sense, varied by a number: cheaper than a strategy of ten."""
    return Details(department=OFFICES[seed % 3], helpers=(WAGES,), days=seed % 4 + 1, until=date(2026, 2, 20) + timedelta(days=seed % 30),
                   result=list(Result)[seed % 4], grade=list(Grade)[seed % 5], channel=list(Channel)[seed % 6], level=seed % 3 + 1,
                   reached=seed % 3 > 0, content=seed % 2 > 0)


def worth_trying(ticket: Ticket, act: Act) -> bool:
    """Whether there is anything to decide, to opine on or to appeal, so that random lives get anywhere."""
    if act.value.startswith(("grant_", "deny_")) and act not in (Act.GRANT_RETURN, Act.DENY_RETURN):
        return bool(ticket.pending and ticket.pending.name.lower() in act.value)
    return bool(ticket.helpers) if act is Act.OPINE else bool(ticket.rating) if act is Act.APPEAL else act is not Act.URGE


class Lives(RuleBasedStateMachine):
    """The service over tickets in memory, and what was true before each step."""

    def __init__(self) -> None:
        super().__init__()
        self.repository = FakeTickets()
        self.service = ticket_service(self.repository, BLIND)
        self.at = START
        self.learnt = False
        self.before: dict[str, Ticket] = {}
        self.entries_before = 0

    @property
    def numbers(self) -> list[str]:
        return sorted(self.repository.tickets)

    def do(self, number: str, act: Act, actor: Actor, words: str, particulars: Details) -> bool:
        """Act; tell whether it was done. Whatever is refused must have changed nothing."""
        before = (dict(self.repository.tickets), len(self.repository.entries))
        try:
            self.service.act(number, act, by=actor, at=self.at, note=words, details=particulars)
        except (ActRefused, InvalidTicket, TicketNotFound, TicketBusy) as error:
            assert isinstance(error, TicketError)
            assert error.message.endswith("。")
            assert (self.repository.tickets, len(self.repository.entries)) == before
            return False
        note(f"{number} {act.value} by {actor.role.value}")
        return True

    @initialize()
    def the_first_ticket(self) -> None:
        self.service.open(LAMP, self.at)

    @precondition(lambda self: len(self.repository.tickets) < 5)
    @rule(new=st.sampled_from(NEW))
    def open(self, new: Any) -> None:
        assert self.service.open(new, self.at).created

    @rule(which=st.integers(0, 4), seeds=st.lists(st.integers(0, 9999), min_size=2, max_size=8))
    def those_who_may_work_on_one(self, which: int, seeds: list[int]) -> None:
        number = self.numbers[which % len(self.numbers)]
        for seed in seeds:
            one, other = divmod(seed, 100)
            ticket = self.repository.tickets[number]
            acts = [act for status, act in TRANSITIONS if status is ticket.status and act not in BY_TIME and worth_trying(ticket, act)]
            decisions = [act for act in acts if act.value.startswith(("grant_", "deny_"))]
            if not acts:
                return
            act = (decisions or acts)[one % len(decisions or acts)] if other % 2 else acts[one % len(acts)]
            roles = sorted(TRANSITIONS[ticket.status, act].roles)
            role = roles[other % len(roles)]
            department = ticket.helpers[0] if act is Act.OPINE else ticket.department
            actor = Actor(role, "handler", department, ticket.office_region) if role is Role.DEPARTMENT else Actor(role, "someone")
            self.do(number, act, actor, "说明", replace(sound(seed), lead=self.numbers[other % len(self.numbers)]))
            self.at += timedelta(hours=other % 9)

    @rule(which=st.integers(0, 4), act=st.sampled_from(sorted(set(Act) - BY_TIME)), actor=st.sampled_from(EVERYBODY),
          particulars=details, words=notes)
    def anything_by_anybody(self, which: int, act: Act, actor: Actor, particulars: Details, words: str) -> None:
        self.do(self.numbers[which % len(self.numbers)], act, actor, words, particulars)

    @rule(which=st.integers(0, 4), seed=st.integers(0, 99))
    def what_usually_comes_next(self, which: int, seed: int) -> None:
        ticket = self.repository.tickets[self.numbers[which % len(self.numbers)]]
        for act in MAIN_LINE.get(ticket.status, ()):
            here = self.repository.tickets[ticket.number]
            self.at += timedelta(hours=5)  # whoever was not reached is not called again at once
            office = Actor(Role.DEPARTMENT, "handler", here.department, here.office_region)
            assert self.do(ticket.number, act, office if act in (Act.RECEIVE, Act.REPLY) else Actor(Role.OPERATOR), "已修好", sound(seed))

    @rule(which=st.integers(0, 4), lead=st.integers(0, 4))
    def two_say_the_same(self, which: int, lead: int) -> None:
        numbers = self.numbers
        self.do(numbers[which % len(numbers)], Act.MERGE, Actor(Role.OPERATOR), "", Details(lead=numbers[lead % len(numbers)]))

    @rule(hours=st.sampled_from([1, 7, 24, 30, 72, 200]))
    def time_goes_by(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule()
    def the_scheduler_works(self) -> None:
        for _ in range(4):  # each look does one thing
            for number in self.repository.awake(self.at, 100):
                assert self.service.acting.wake(number, self.at) is not None
        assert self.repository.awake(self.at, 100) == []
        assert [number for number, one in self.repository.tickets.items() if due_act(one, self.at, self.service.deadlines)] == []

    @precondition(lambda self: not self.learnt)
    @rule()
    def the_holidays_are_published(self) -> None:
        self.learnt = True
        self.service = ticket_service(self.repository)
        for number in self.repository.running("", 100):
            self.service.acting.reschedule(number, self.at)
            assert not self.service.acting.reschedule(number, self.at)

    @rule(times=st.integers(1, TRIES))
    def others_are_faster(self, times: int) -> None:
        self.repository.overtaken = times
        self.do(self.numbers[0], Act.URGE, Actor(Role.CALLER), "", Details())
        self.repository.overtaken = 0

    @invariant()
    def what_has_ended_was_answered(self) -> None:
        for ticket in self.repository.tickets.values():
            acts = [entry.act for entry in self.repository.trail(ticket.number)]
            if ticket.status in ANSWERED or (ticket.status is Status.ARCHIVED and Act.WITHDRAW not in acts and Act.REFUSE not in acts):
                assert ticket.answer
                assert ticket.answer.strip()
                assert ticket.result
                assert ticket.closed_at
            if ticket.status is Status.REFUSED:
                assert ticket.answer
                assert ticket.channel

    @invariant()
    def clocks_run_only_where_an_office_must_work(self) -> None:
        for ticket in self.repository.tickets.values():
            assert ticket.running == (ticket.status in CLOCK_RUNS and ticket.started_at is not None)
            assert (ticket.stopped_at is None) == ticket.running or ticket.started_at is None
            assert ticket.due_at or not ticket.running

    @invariant()
    def nobody_waits_for_a_lead_that_has_ended(self) -> None:
        for ticket in self.repository.tickets.values():
            if ticket.status is Status.MERGED:
                lead = self.repository.tickets[ticket.lead or ""]
                assert lead.number != ticket.number
                assert lead.status not in ENDED | {Status.MERGED}

    @invariant()
    def the_trail_is_whole_and_replays_to_the_ticket(self) -> None:
        for number, ticket in self.repository.tickets.items():
            first = next(change.ticket for change in self.repository.changes if change.ticket.number == number)
            trail = self.repository.trail(number)
            assert [entry.version for entry in trail] == list(range(1, ticket.version + 1))
            assert all(one.target is two.source and one.at <= two.at for one, two in zip(trail, trail[1:], strict=False))
            assert replay(as_opened(first), trail) == ticket

    @invariant()
    def what_is_told_is_told_once(self) -> None:
        told = [one.id for change in self.repository.changes for one in (*change.events, *change.notices)]
        assert len(told) == len(set(told))
        # Not when: a year whose holidays come out meanwhile moves that.
        assert all((self.repository.waking[number] is None) == (wake_at(one, self.service.deadlines) is None)
                   for number, one in self.repository.tickets.items())

    @invariant()
    def bounds_are_kept(self) -> None:
        for ticket in self.repository.tickets.values():
            acts = [entry.act for entry in self.repository.trail(ticket.number)]
            assert acts.count(Act.RATE) == (ticket.rating is not None) <= 1
            assert acts.count(Act.REWORK) == ticket.reworks
            assert (acts.count(Act.GRANT_RETURN), acts.count(Act.URGE)) == (ticket.returns, ticket.urged)
            assert (ticket.returns <= 2, ticket.kept) == (True, ticket.returns == 2)
            assert 0 <= ticket.extended_days <= 10
            assert 0 <= ticket.supervision <= 3
            assert ticket.tries <= 3

    @invariant()
    def nobody_sees_what_he_may_not(self) -> None:
        for ticket in self.repository.tickets.values():
            hidden = ticket.confidential or ticket.anonymous or ticket.type is TicketType.REPORT
            for actor in EVERYBODY:
                own = (actor.department, actor.region) == (ticket.department, ticket.office_region)
                helps = actor.department in ticket.helpers and actor.region in (ticket.office_region, ticket.region)
                centre = actor.role in (Role.SYSTEM, Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN)
                try:
                    seen = self.service.seen(ticket.number, actor)
                except TicketNotFound:
                    assert not centre
                    assert actor.role is not Role.DEPARTMENT or not (own or helps)
                    continue
                assert centre or (actor.role is Role.DEPARTMENT and (own or helps))
                assert centre or not hidden or (seen.name, seen.phone, seen.id_number, seen.rating_reason) == (None,) * 4

    @invariant()
    def deadlines_and_cards_move_by_acts_that_may(self) -> None:
        fresh = self.repository.entries[self.entries_before:]
        for number, now in self.repository.tickets.items():
            was, entries = self.before.get(number), [entry for entry in fresh if entry.number == number]
            if was is None:
                continue
            acts = {entry.act for entry in entries}
            assert now.due_at == was.due_at or acts & MOVE_DEADLINES
            assert now.due_at == was.due_at or was.due_at is None or now.due_at is not None
            assert all(entry.source in CLOCK_RUNS for entry in entries if entry.act is Act.WARN)
            assert now.card in (was.card, None) or Act.WARN in acts
            assert now.version == was.version + len(entries)
        self.before, self.entries_before = dict(self.repository.tickets), len(self.repository.entries)


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=70, stateful_step_count=20, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
