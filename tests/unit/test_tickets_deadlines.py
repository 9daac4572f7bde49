"""Terms over the holidays of 2026, what stops and moves them, and the cards that they earn."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fake_tickets import FakeTickets
from tests.support.ticket_life import (
    CALENDAR,
    DEADLINES,
    HOUR,
    LAMP,
    OPERATOR,
    OTHER_OFFICE,
    POLICY,
    SOLVED,
    SUPERVISOR,
    Life,
    moment,
    ticket,
    ticket_service,
)
from tickets.deadlines import Deadlines
from tickets.doing import CALLER, SYSTEM, Details
from tickets.load import Term
from tickets.vocabulary import Act, Card, Queue, Status, TicketType, Urgency

# Nobody had published a year beyond 2025 yet.
EARLIER = replace(CALENDAR, published=frozenset(year for year in CALENDAR.published if year < 2026),
                  holidays=frozenset(day for day in CALENDAR.holidays if day.year < 2026),
                  make_up_days=frozenset(day for day in CALENDAR.make_up_days if day.year < 2026))


def opened(at: str, **values: object) -> Life:
    return Life(new=replace(LAMP, **values), opened_at=moment(at))  # type: ignore[arg-type]


@pytest.mark.parametrize(("at", "last_day"), [
    ("2026-11-05 10:00", date(2026, 11, 12)), ("2026-11-05 23:59", date(2026, 11, 12)), ("2026-11-06 00:00", date(2026, 11, 13)),
    ("2026-11-07 10:00", date(2026, 11, 13)), ("2026-02-13 09:00", date(2026, 2, 27)), ("2026-02-18 09:00", date(2026, 2, 28)),
    ("2026-02-26 09:00", date(2026, 3, 4)), ("2026-09-18 09:00", date(2026, 9, 24)), ("2026-09-30 09:00", date(2026, 10, 13)),
], ids=["an ordinary week", "to the last minute of its day", "from the first minute of its day", "a Saturday counts nothing",
        "over 春节 with the make-up Saturday before it", "from within 春节", "the make-up Saturday after 春节 counts", "the make-up Sunday is day 1",
        "over 国庆 with the make-up Saturday after it"])
def test_day_one_is_the_first_working_day_after_the_first_dispatch(at: str, last_day: date) -> None:
    life = opened(at)
    assert (life.ticket.due_on, life.ticket.term_days, life.ticket.by_hours, life.ticket.running) == (last_day, 5, False, True)
    assert life.ticket.due_at == moment(f"{last_day} 00:00") + 24 * HOUR


@pytest.mark.parametrize(("at", "due_at"), [("2026-11-06 22:30", "2026-11-07 22:30"), ("2026-10-01 03:00", "2026-10-02 03:00"),
                                            ("2026-02-16 23:00", "2026-02-17 23:00")], ids=["a weekend", "国庆", "the eve of 春节"])
def test_danger_runs_on_the_clock_over_nights_and_holidays(at: str, due_at: str) -> None:
    life = opened(at, text="电线断了掉在地上，漏电")
    assert (life.ticket.urgency, life.ticket.due_at, life.ticket.by_hours) == (Urgency.CRITICAL, moment(due_at), True)


def test_an_answer_in_the_last_second_is_in_time() -> None:
    at_last, too_late = (opened("2026-11-05 10:00").do(Act.RECEIVE) for _ in range(2))
    assert not at_last.on("2026-11-12 23:59:59").do(Act.REPLY, details=SOLVED).ticket.late
    assert too_late.on("2026-11-13 00:00").do(Act.REPLY, details=SOLVED).ticket.late


@pytest.mark.parametrize(("queue", "urgency", "term"), [
    (None, Urgency.GENERAL, Term(working_days=5)), (None, Urgency.URGENT, Term(working_days=2)), (None, Urgency.CRITICAL, Term(hours=24)),
    (Queue.RATING, Urgency.GENERAL, Term(working_days=1)), (Queue.CALL_BACK, Urgency.GENERAL, Term(hours=4)),
    (Queue.ERRAND, Urgency.CRITICAL, Term(hours=24)), (Queue.BUSINESS, Urgency.GENERAL, Term(working_days=5)),
])
def test_a_queue_has_a_term_of_its_own_but_danger_is_never_put_off(queue: Queue | None, urgency: Urgency, term: Term) -> None:
    assert POLICY.term_of(ticket(queue=queue, urgency=urgency)) == term


def test_a_city_may_give_a_type_another_term() -> None:
    own = Deadlines(replace(POLICY, terms_by_type={TicketType.HELP: {Urgency.GENERAL: Term(working_days=3)}}), CALENDAR)
    assert own.policy.term_of(ticket()) == Term(working_days=3)


def test_the_clock_stops_at_the_answer_and_goes_on_when_it_is_sent_back() -> None:
    life = opened("2026-11-05 10:00").answered()
    assert (life.ticket.running, life.ticket.stopped_at) == (False, moment("2026-11-05 10:00"))
    life.on("2026-11-10 09:00").do(Act.SEND_BACK, OPERATOR)
    assert (life.ticket.running, life.ticket.paused_days, life.ticket.due_on) == (True, 3, date(2026, 11, 17))


def test_waiting_for_the_caller_counts_for_nobody() -> None:
    life = opened("2026-11-05 10:00").do(Act.RECEIVE).do(Act.ASK_CALLER)
    assert life.on("2026-11-09 10:00").do(Act.SUPPLEMENT, CALLER).ticket.due_on == date(2026, 11, 16)
    assert (life.ticket.status, life.ticket.paused_days, life.ticket.running) == (Status.HANDLING, 2, True)


def test_words_that_nobody_waits_for_move_nothing() -> None:
    life = opened("2026-11-05 10:00").answered().on("2026-11-10 10:00").do(Act.SUPPLEMENT, CALLER)
    assert (life.ticket.due_on, life.ticket.paused_days, life.ticket.running) == (date(2026, 11, 12), 0, False)


def test_a_weekend_of_waiting_moves_nothing_for_it_held_no_working_day() -> None:
    life = opened("2026-11-05 10:00").do(Act.RECEIVE).on("2026-11-06 16:00").do(Act.ASK_CALLER)
    assert life.on("2026-11-08 10:00").do(Act.RESUME, OPERATOR).ticket.due_on == date(2026, 11, 12)


def test_hours_stand_still_to_the_minute() -> None:
    life = opened("2026-10-01 03:00", text="路灯坏了，还漏电").do(Act.RECEIVE).on("2026-10-01 05:00").do(Act.ASK_CALLER, OPERATOR)
    assert life.on("2026-10-01 05:45").do(Act.RESUME, OPERATOR).ticket.due_at == moment("2026-10-02 03:45")


def test_a_suspended_ticket_stands_still_until_its_day() -> None:
    life = opened("2026-09-28 10:00").do(Act.RECEIVE).do(Act.ASK_SUSPENSION, until=date(2026, 10, 9)).do(Act.GRANT_SUSPENSION, SUPERVISOR)
    assert (life.ticket.status, life.ticket.running, life.ticket.due_on) == (Status.SUSPENDED, False, date(2026, 10, 10))
    life.on("2026-10-09 00:00").wake()
    # 29 and 30 September, 8 and 9 October stood still: Saturday the 10th, a make-up day, and four more.
    assert (life.ticket.status, life.ticket.paused_days, life.ticket.due_on) == (Status.HANDLING, 4, date(2026, 10, 15))


def test_neither_a_return_nor_a_transfer_starts_the_term_again() -> None:
    life = opened("2026-11-05 10:00")
    due = life.ticket.due_at
    life.on("2026-11-06 10:00").do(Act.ASK_RETURN)
    assert life.ticket.running
    life.on("2026-11-09 10:00").do(Act.GRANT_RETURN, OPERATOR).do(Act.DISPATCH, OPERATOR, department=OTHER_OFFICE.department)
    assert (life.ticket.due_at, life.ticket.running, life.ticket.started_at, life.ticket.dispatched_at) == (due, True, life.opened_at, life.at)
    life.do(Act.TRANSFER, OPERATOR, department="公安局").do(Act.TRANSFER, OPERATOR, department=OTHER_OFFICE.department)
    assert (life.ticket.due_at, life.ticket.term_days) == (due, 5)


def test_two_working_days_to_return_count_from_the_newest_dispatch() -> None:
    life = opened("2026-11-05 10:00")
    assert DEADLINES.bounds(life.ticket).return_until == moment("2026-11-10 00:00")
    life.on("2026-11-09 10:00").do(Act.TRANSFER, OPERATOR, department="公安局")
    assert DEADLINES.bounds(life.ticket).return_until == moment("2026-11-12 00:00")
    assert DEADLINES.bounds(ticket()).return_until is None


def test_an_extension_adds_working_days_to_the_last_one() -> None:
    life = opened("2026-09-28 10:00").do(Act.RECEIVE).do(Act.ASK_EXTENSION, days=3)
    assert life.ticket.due_on == date(2026, 10, 10)
    life.do(Act.GRANT_EXTENSION, OPERATOR)
    assert (life.ticket.due_on, life.ticket.extended_days, life.ticket.asked_days) == (date(2026, 10, 14), 3, None)
    assert life.do(Act.ASK_EXTENSION, days=7).do(Act.DENY_EXTENSION, OPERATOR).ticket.due_on == date(2026, 10, 14)


def test_an_extension_of_hours_is_in_days_on_the_clock() -> None:
    life = opened("2026-10-01 03:00", text="路灯坏了，还漏电").do(Act.RECEIVE).do(Act.ASK_EXTENSION, days=1).do(Act.GRANT_EXTENSION, OPERATOR)
    assert life.ticket.due_at == moment("2026-10-03 03:00")


@pytest.mark.parametrize(("fields", "term", "due_at"), [
    ({}, 3, "2026-11-11 00:00"), ({"urgency": Urgency.URGENT}, 1, "2026-11-07 00:00"), ({"queue": Queue.RATING}, 1, "2026-11-07 00:00"),
    ({"urgency": Urgency.CRITICAL}, None, "2026-11-05 22:00"), ({"queue": Queue.CALL_BACK}, None, "2026-11-05 12:00"),
], ids=["5 days: 3", "2 days: 1", "1 day: 1", "24 h: 12 h", "4 h: 2 h"])
def test_a_rework_has_less_time_than_the_first_try(fields: dict[str, object], term: int | None, due_at: str) -> None:
    again = ticket(Status.RATED, content=False, due_at=moment("2026-11-01 00:00"), **fields)
    details = DEADLINES.completed(again, Act.REWORK, Details(), moment("2026-11-05 10:00"))
    assert (details.days, details.due_at, details.by_hours) == (term, moment(due_at), term is None)


@pytest.mark.parametrize(("at", "yellow", "red"), [
    ("2026-11-05 10:00", "2026-11-11 00:00", "2026-11-13 00:00"), ("2026-11-06 10:00", "2026-11-12 00:00", "2026-11-16 00:00"),
    ("2026-02-06 10:00", "2026-02-12 00:00", "2026-02-14 00:00"), ("2026-02-09 10:00", "2026-02-13 00:00", "2026-02-24 00:00"),
    ("2026-09-23 10:00", "2026-09-30 00:00", "2026-10-09 00:00"),
], ids=["an ordinary week", "red after the weekend", "red on the make-up Saturday", "red after 春节", "yellow before 国庆, red after the first day"])
def test_yellow_is_one_working_day_before_and_red_the_first_one_after(at: str, yellow: str, red: str) -> None:
    life = opened(at)
    assert (DEADLINES.yellow_at(life.ticket), DEADLINES.red_at(life.ticket)) == (moment(yellow), moment(red))


def test_hours_turn_yellow_with_a_quarter_left_and_red_when_they_are_over() -> None:
    life = opened("2026-10-01 03:00", text="路灯坏了，还漏电")
    assert (DEADLINES.yellow_at(life.ticket), DEADLINES.red_at(life.ticket)) == (moment("2026-10-01 21:00"), moment("2026-10-02 03:00"))


@pytest.mark.parametrize(("card", "at", "earned"), [
    (None, "2026-11-10 23:59", None), (None, "2026-11-11 00:00", Card.YELLOW), (Card.YELLOW, "2026-11-12 23:59", None),
    (Card.YELLOW, "2026-11-13 00:00", Card.RED), (None, "2026-11-20 00:00", Card.RED), (Card.RED, "2026-11-20 00:00", None),
])
def test_a_card_is_shown_once_when_its_time_has_come(card: Card | None, at: str, earned: Card | None) -> None:
    running = replace(opened("2026-11-05 10:00").ticket, card=card)
    assert DEADLINES.card_at(running, moment(at)) is earned
    assert DEADLINES.card_at(replace(running, running=False), moment(at)) is None


def test_what_has_no_deadline_earns_nothing() -> None:
    fresh = ticket()
    assert (DEADLINES.yellow_at(fresh), DEADLINES.red_at(fresh), DEADLINES.card_at(fresh, moment("2030-01-01 00:00"))) == (None, None, None)
    assert (DEADLINES.unpublished(fresh), DEADLINES.rescheduled(fresh)) == ((), None)


def test_a_year_that_was_not_published_is_counted_again_when_it_is() -> None:
    repository = FakeTickets()
    life = Life(ticket_service(repository, EARLIER), opened_at=moment("2026-02-13 09:00"))
    assert (life.ticket.due_on, Deadlines(POLICY, EARLIER).unpublished(life.ticket)) == (date(2026, 2, 20), (2026,))
    life.do(Act.RECEIVE).do(Act.ASK_EXTENSION, days=2).do(Act.GRANT_EXTENSION, OPERATOR)
    life.on("2026-02-14 09:00").do(Act.ASK_CALLER).on("2026-02-16 09:00").do(Act.SUPPLEMENT, CALLER)
    learnt = ticket_service(repository)
    assert learnt.acting.reschedule(life.number, life.at)
    # Five working days, two more by extension, and the Monday that stood still while nobody knew it for a holiday.
    assert (life.ticket.due_on, learnt.deadlines.unpublished(life.ticket)) == (CALENDAR.due(date(2026, 2, 13), 8).day, ())
    assert life.acts[-1] is Act.RESCHEDULE
    assert not learnt.acting.reschedule(life.number, life.at)


def test_a_card_for_a_day_that_was_no_deadline_is_taken_back() -> None:
    repository = FakeTickets()
    life = Life(ticket_service(repository, EARLIER), opened_at=moment("2026-02-13 09:00")).on("2026-02-19 09:00").wake()
    assert life.ticket.card is Card.YELLOW
    ticket_service(repository).acting.reschedule(life.number, life.at)
    assert (life.ticket.card, life.ticket.due_on) == (None, date(2026, 2, 27))


@pytest.mark.parametrize("life", [
    opened("2026-11-05 10:00").answered(), opened("2026-11-05 10:00").do(Act.RECEIVE).do(Act.ASK_CALLER), opened("2026-10-01 03:00", text="路灯坏了，还漏电"),
], ids=["answered", "waiting", "in hours"])
def test_nothing_but_a_running_count_of_days_is_counted_again(life: Life) -> None:
    assert Deadlines(POLICY, EARLIER).rescheduled(replace(life.ticket, due_at=moment("2026-01-01 00:00"))) is None


def test_days_that_people_put_in_move_no_deadline() -> None:
    life = opened("2026-11-05 10:00").do(Act.RECEIVE).do(Act.ASK_CALLER).do(Act.RESUME, days=100, due_at=moment("2027-01-01 00:00"))
    assert (life.ticket.paused_days, life.ticket.due_on) == (0, date(2026, 11, 12))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 10, 31)), st.lists(st.integers(0, 20 * 24), min_size=1, max_size=2))
def test_however_often_a_clock_stood_still_the_working_days_it_ran_are_the_same(start: datetime, gaps: list[int]) -> None:
    life = Life(opened_at=moment(start.isoformat())).do(Act.RECEIVE)
    for hours in gaps:
        life.do(Act.ASK_CALLER)
        life.at += hours * HOUR
        life.do(Act.RESUME, SYSTEM)
    now = life.ticket
    assert now.due_at and now.started_at
    last = now.due_at - HOUR
    assert DEADLINES.working_days_between(now.started_at, last) == 5 + now.paused_days
    assert DEADLINES.rescheduled(now) is None
