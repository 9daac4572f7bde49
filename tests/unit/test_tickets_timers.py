"""What time alone does to a ticket, and when it is looked at next."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.ticket_life import DEADLINES, NOW, OPERATOR, SOLVED, SUPERVISOR, Life, moment, ticket
from tickets.doing import CALLER, Details
from tickets.timers import DueAct, due_act, wake_at
from tickets.vocabulary import Act, Card, Channel, Grade, Pending, Status

SECOND = timedelta(seconds=1)
WORKED_ON: dict[str, Any] = {"started_at": NOW, "dispatched_at": NOW, "due_at": moment("2026-11-13 00:00"),
                             "running": True, "term_days": 5}


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.DISPATCHED, Status.RECEIVED, Status.HANDLING, Status.RETURNING], ids=lambda one: one.value)
@pytest.mark.parametrize(("card", "when"), [(None, "2026-11-11 00:00"), (Card.YELLOW, "2026-11-13 00:00"), (Card.RED, None)])
def test_a_running_ticket_is_looked_at_for_its_next_card(status: Status, card: Card | None, when: str | None) -> None:
    running = ticket(status, card=card, **WORKED_ON)
    moment_of_it = moment(when) if when else None
    assert wake_at(running, DEADLINES) == moment_of_it
    if moment_of_it:
        due = due_act(running, moment_of_it, DEADLINES)
        assert due == DueAct(Act.WARN, Details(card=Card.YELLOW if card is None else Card.RED))


@pytest.mark.parametrize(("status", "fields", "when", "act"), [
    (Status.WAITING, {"stopped_at": NOW}, "2026-11-11 00:00", Act.RESUME),
    (Status.SUSPENDED, {"stopped_at": NOW, "suspended_until": date(2026, 12, 1)}, "2026-12-01 00:00", Act.RESUME),
    (Status.FOLLOWED_UP, {}, "2026-11-13 00:00", Act.ARCHIVE), (Status.RATED, {}, "2026-11-13 00:00", Act.ARCHIVE),
    (Status.REFUSED, {}, "2026-11-13 00:00", Act.ARCHIVE), (Status.WITHDRAWN, {}, "2026-11-13 00:00", Act.ARCHIVE),
], ids=lambda value: value.value if isinstance(value, Status) else "")
def test_waits_end_by_themselves_at_their_moment_and_not_before(status: Status, fields: dict[str, Any], when: str, act: Act) -> None:
    resting = ticket(status, **{**WORKED_ON, "running": False, **fields})
    assert wake_at(resting, DEADLINES) == moment(when)
    assert due_act(resting, moment(when) - SECOND, DEADLINES) is None
    due = due_act(resting, moment(when), DEADLINES)
    assert due is not None
    assert due.act is act


@pytest.mark.parametrize(("status", "fields"), [
    (Status.SUBMITTED, {}), (Status.ACCEPTED, {}), (Status.REPLIED, {"due_at": NOW}),
    (Status.REVIEWED, {}), (Status.CLOSED, {}), (Status.ARCHIVED, {}),
    (Status.MERGED, {"due_at": NOW, "lead": "2"}), (Status.RATED, {"pending": Pending.APPEAL}), (Status.FOLLOWED_UP, {"pending": Pending.APPEAL}),
], ids=lambda value: value.value if isinstance(value, Status) else "")
def test_nothing_else_is_moved_by_time(status: Status, fields: dict[str, Any]) -> None:
    resting = ticket(status, **fields)
    assert wake_at(resting, DEADLINES) is None
    assert due_act(resting, moment("2030-01-01 00:00"), DEADLINES) is None


def test_who_was_asleep_when_the_yellow_card_was_due_shows_the_red_one_at_once() -> None:
    assert due_act(ticket(Status.HANDLING, **WORKED_ON), moment("2026-11-16 00:00"), DEADLINES) == DueAct(Act.WARN, Details(card=Card.RED))


def test_cards_are_shown_once_each_however_often_the_ticket_is_looked_at() -> None:
    life = Life()
    for when in ("2026-11-11 00:00", "2026-11-11 00:00", "2026-11-12 09:00", "2026-11-13 00:00", "2026-11-20 00:00", "2026-12-20 00:00"):
        life.on(when).wake()
    assert [act for act in life.acts if act is Act.WARN] == [Act.WARN, Act.WARN]
    assert life.ticket.card is Card.RED


def test_an_answered_ticket_earns_no_card_any_more() -> None:
    life = Life().answered().on("2026-12-20 00:00").wake()
    assert (life.ticket.card, life.acts[-1]) == (None, Act.REPLY)


def test_work_goes_on_when_the_caller_keeps_silent() -> None:
    life = Life().do(Act.RECEIVE).do(Act.ASK_CALLER).on("2026-11-11 00:00").wake()
    assert (life.ticket.status, life.ticket.paused_days, life.ticket.due_on) == (Status.HANDLING, 4, date(2026, 11, 18))
    assert life.service.trail(life.number)[-1].note == "等待补充的期限已到，按现有情况继续办理"


def test_a_suspension_ends_on_its_day() -> None:
    life = Life().do(Act.RECEIVE).do(Act.ASK_SUSPENSION, until=date(2026, 12, 1)).do(Act.GRANT_SUSPENSION, SUPERVISOR)
    life.on("2026-11-30 23:59").wake()
    assert (life.ticket.status, life.ticket.card) == (Status.SUSPENDED, None)
    life.on("2026-12-01 00:00").wake()
    assert (life.ticket.status, life.ticket.suspended_until, life.acts[-1]) == (Status.HANDLING, None, Act.RESUME)


@pytest.mark.parametrize("ends", ["rated", "followed up", "refused", "withdrawn"])
def test_a_file_is_closed_in_the_end(ends: str) -> None:
    life = Life()
    if ends == "withdrawn":
        life.do(Act.WITHDRAW, CALLER)
    elif ends == "refused":
        life.do(Act.ASK_RETURN).do(Act.GRANT_RETURN, OPERATOR).do(Act.REFUSE, OPERATOR, channel=Channel.LAWSUIT)
    else:
        life.closed()
        life.do(Act.RATE, CALLER, grade=Grade.GOOD) if ends == "rated" else life.do(Act.FOLLOW_UP, OPERATOR, reached=True, content=True)
    assert life.on("2026-11-12 23:59").wake().ticket.status is not Status.ARCHIVED
    assert life.on("2026-11-13 00:00").wake().ticket.status is Status.ARCHIVED
    assert life.on("2027-11-13 00:00").wake().acts[-1] is Act.ARCHIVE


def test_an_undecided_appeal_keeps_the_file_open() -> None:
    life = Life().closed().do(Act.FOLLOW_UP, OPERATOR, reached=True, content=False).do(Act.RECEIVE).do(Act.REPLY, details=SOLVED)
    life.do(Act.APPROVE, OPERATOR).do(Act.RATE, CALLER, grade=Grade.VERY_BAD).do(Act.APPEAL)
    assert life.on("2026-12-30 00:00").wake().ticket.status is Status.RATED
    life.do(Act.GRANT_APPEAL, SUPERVISOR).on("2027-03-01 00:00").wake()
    assert (life.ticket.status, life.ticket.rating_excluded) == (Status.ARCHIVED, True)
