"""When a ticket is due, when it earns a card, and how long acts stay open: from the policy and the working calendar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from core.calendar import WorkingCalendar
from core.clock import SHANGHAI
from tickets.doing import Bounds, Details
from tickets.load import Policy, Term
from tickets.model import Ticket
from tickets.vocabulary import CENTRES_OWN, Act, Card, Status


@dataclass(frozen=True)
class Deadlines:
    """Works out moments; asks nobody and changes nothing."""

    policy: Policy
    calendar: WorkingCalendar

    def bounds(self, ticket: Ticket) -> Bounds:
        """Return how far policy lets acts on this ticket go."""
        since = ticket.dispatched_at
        until = self._end_of(since, self.policy.bounds.return_days) if since else None
        limits = self.policy.bounds
        return Bounds(until, limits.extension_days, limits.returns, limits.reworks, limits.tries, limits.supervision_levels,
                      timedelta(hours=self.policy.waits.retry_hours), limits.questions, limits.words, limits.urges_a_day,
                      self.policy.backstop.department)

    def completed(self, ticket: Ticket, act: Act, details: Details, at: datetime) -> Details:
        """Return the particulars of an act with the deadline that it sets or moves."""
        due: tuple[datetime, bool] | None = None
        if (act is Act.DISPATCH or (act is Act.ACCEPT and ticket.queue in CENTRES_OWN)) and ticket.due_at is None:
            due = self._first(self.policy.term_of(ticket), at)
        elif act is Act.DISPATCH and not ticket.running:
            return self._resumed(ticket, details, at)
        elif act is Act.REWORK:
            due = self._first(self._rework(ticket), at)
        elif act is Act.GRANT_EXTENSION and ticket.due_at:
            due = self._later(ticket, ticket.asked_days or 0)
        elif act in (Act.RESUME, Act.SEND_BACK, Act.UNMERGE) or (act is Act.SUPPLEMENT and ticket.status is Status.WAITING):
            return self._resumed(ticket, details, at)
        if due is None:
            return details
        term = self._rework(ticket) if act is Act.REWORK else self.policy.term_of(ticket)
        started = act in (Act.ACCEPT, Act.DISPATCH, Act.REWORK)
        return replace(details, due_at=due[0], by_hours=due[1], days=term.working_days if started else details.days)

    def rescheduled(self, ticket: Ticket) -> datetime | None:
        """Return the deadline of a running clock as today's calendar has it, where it differs: a year's holidays may have come out since."""
        if ticket.by_hours or ticket.due_at is None or ticket.started_at is None or not ticket.running or not ticket.term_days:
            return None
        fresh = self._end_of(ticket.started_at, ticket.term_days + ticket.paused_days + ticket.extended_days)
        return fresh if fresh != ticket.due_at else None

    def yellow_at(self, ticket: Ticket) -> datetime | None:
        """Return when the yellow card is due: as the working day before the last one begins, or with a quarter of the hours left."""
        if ticket.due_at is None:
            return None
        if ticket.by_hours:
            began = max(ticket.started_at or ticket.opened_at, ticket.dispatched_at or ticket.opened_at)
            return ticket.due_at - max((ticket.due_at - began) / 4, timedelta(minutes=15))
        day = (ticket.due_at - timedelta(microseconds=1)).astimezone(SHANGHAI).date() - timedelta(days=1)
        while not self.calendar.is_working(day):
            day -= timedelta(days=1)
        return _begin(day)

    def red_at(self, ticket: Ticket) -> datetime | None:
        """Return when the red card is due: as the first working day after the last one begins, or when the hours are over."""
        if ticket.due_at is None or ticket.by_hours:
            return ticket.due_at
        day = ticket.due_at.astimezone(SHANGHAI).date()
        while not self.calendar.is_working(day):
            day += timedelta(days=1)
        return _begin(day)

    def card_at(self, ticket: Ticket, at: datetime) -> Card | None:
        """Return the card that a running ticket should bear by now and does not yet."""
        red, yellow = self.red_at(ticket), self.yellow_at(ticket)
        if not ticket.running or red is None or yellow is None or ticket.card is Card.RED:
            return None
        if at >= red:
            return Card.RED
        return Card.YELLOW if at >= yellow and ticket.card is None else None

    def unpublished(self, ticket: Ticket) -> tuple[int, ...]:
        """Return the years on the way to the deadline whose holidays are not known yet."""
        if ticket.due_at is None or ticket.by_hours:
            return ()
        years = range((ticket.started_at or ticket.opened_at).astimezone(SHANGHAI).year, ticket.due_at.astimezone(SHANGHAI).year + 1)
        return tuple(year for year in years if not self.calendar.is_published(year))

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Return how many working days begin after `start` and not after `end`."""
        day, last, count = start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI).date(), 0
        while day < last:
            day += timedelta(days=1)
            count += self.calendar.is_working(day)
        return count

    def end_of_day_after(self, at: datetime, working_days: int) -> datetime:
        """Return the end of the `working_days`-th working day after `at`."""
        return self._end_of(at, working_days)

    def _rework(self, ticket: Ticket) -> Term:
        """The policy's term, but always less than the ticket had at first; danger is not put off either."""
        first, policy = self.policy.term_of(ticket), self.policy.rework
        if first.hours is not None:
            return Term(hours=min(max(first.hours // 2, 1), policy.hours or first.hours))
        if policy.working_days is None or first.working_days is None:
            return policy
        return Term(working_days=max(1, min(policy.working_days, first.working_days - 1)))

    def _first(self, term: Term, at: datetime) -> tuple[datetime, bool]:
        if term.hours is not None:
            return at + timedelta(hours=term.hours), True
        return self._end_of(at, term.working_days or 1), False

    def _later(self, ticket: Ticket, days: int) -> tuple[datetime, bool] | None:
        if ticket.due_at is None or not days:
            return None
        if ticket.by_hours:
            return ticket.due_at + timedelta(days=days), True
        return self._end_of(ticket.due_at - timedelta(microseconds=1), days), False

    def _resumed(self, ticket: Ticket, details: Details, at: datetime) -> Details:
        """The deadline moved by the time in which the clock stood still."""
        if ticket.due_at is None or ticket.stopped_at is None:
            return details
        if ticket.by_hours:
            return replace(details, due_at=ticket.due_at + (at - ticket.stopped_at), by_hours=True)
        days = self.working_days_between(ticket.stopped_at, at)
        due = self._later(ticket, days)
        return replace(details, due_at=due[0], by_hours=False, days=days) if due else details

    def _end_of(self, start: datetime, working_days: int) -> datetime:
        return _begin(self.calendar.due(start.astimezone(SHANGHAI).date(), working_days).day + timedelta(days=1))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI)
