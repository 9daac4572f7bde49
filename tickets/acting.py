"""Acts on stored tickets: completed from the calendar, checked by the table, stored with all that follows from them, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Callable

from core.logs import get_logger
from tickets.change import Change, change
from tickets.deadlines import Deadlines
from tickets.doing import SYSTEM, Actor, Details, TrailEntry
from tickets.errors import InvalidTicket, StaleTicket, TicketBusy, TicketChanged, TicketNotFound
from tickets.lessons import Lesson
from tickets.model import Ticket
from tickets.photos.photo import Photo
from tickets.ports import TicketRepository
from tickets.timers import due_act
from tickets.views import answer_for_others
from tickets.vocabulary import Act, Card, Status

_log = get_logger(__name__)
TRIES = 8  # for a ticket that others change at the same moment
_SETTLED = frozenset({Status.CLOSED, Status.FOLLOWED_UP, Status.RATED, Status.ARCHIVED, Status.REFUSED, Status.WITHDRAWN, Status.MERGED})


@dataclass(frozen=True)
class Acting:
    """Performs acts; `follow_up` makes the change that opens the call-back of a bad grade, `teach` says what an act on a ticket teaches."""

    repository: TicketRepository
    deadlines: Deadlines
    follow_up: Callable[[Ticket, datetime], Change]
    teach: Callable[[Ticket, TrailEntry], Lesson | None] = lambda before, entry: None

    def act(self, number: str, act: Act, *, by: Actor, at: datetime, note: str = "", details: Details = Details(),
            version: int | None = None, photos: tuple[Photo, ...] = ()) -> Ticket:
        """Perform an act and what follows from it in one unit of work; return the ticket. With `version`, only on the ticket as it was then.
        `photos` are kept with it.

        Raises TicketNotFound, TicketChanged, ActRefused, InvalidTicket, TicketBusy.
        """
        for _ in range(TRIES):
            ticket = self.repository.find(number)
            if ticket is None:
                raise TicketNotFound
            if version is not None and ticket.version != version:
                raise TicketChanged(ticket.version)
            first, *others = self._changes(ticket, act, by, at, note, details)
            changes = [replace(first, photos=photos), *others]
            try:
                self.repository.save(*changes)
            except StaleTicket:
                continue
            after = changes[0].ticket
            _log.info("ticket_act", number=number, act=act.value, role=by.role.value, status=after.status.value)
            return after
        raise TicketBusy

    def check(self, ticket: Ticket, act: Act, *, by: Actor, at: datetime, note: str = "") -> None:
        """Raise what would keep the act from being done, and do nothing."""
        self._step(ticket, act, by, at, note, Details())

    def wake(self, number: str, at: datetime) -> Ticket | None:
        """Do what time asks of a ticket, if anything; None when another worker was faster or nothing is due."""
        ticket = self.repository.find(number)
        due = due_act(ticket, at, self.deadlines) if ticket else None
        if ticket is None or due is None:
            return None
        try:
            changes = self._changes(ticket, due.act, SYSTEM, at, due.note, due.details)
            self.repository.save(*changes)
        except StaleTicket:
            return None
        return changes[0].ticket

    def reschedule(self, number: str, at: datetime) -> bool:
        """Set a deadline right that was worked out before a year's holidays were known; tell whether it moved."""
        ticket = self.repository.find(number)
        due = self.deadlines.rescheduled(ticket) if ticket else None
        if ticket is None or due is None:
            return False
        try:
            moved = Details(due_at=due, by_hours=False)
            self.repository.save(*self._changes(ticket, Act.RESCHEDULE, SYSTEM, at, "放假安排已公布，按新日历重算", moved))
        except StaleTicket:
            return False
        return True

    def _changes(self, ticket: Ticket, act: Act, by: Actor, at: datetime, note: str, details: Details) -> list[Change]:
        """The ticket's own change first, then those of others."""
        after, entry = self._step(ticket, act, by, at, note, details)
        entries, lesson = [entry], self.teach(ticket, entry)
        for following, words, particulars in self._consequences(after, entry):
            after, entry = self._step(after, following, SYSTEM, at, words, particulars)
            entries.append(entry)
        changes = [replace(change(ticket, tuple(entries), self.deadlines), lessons=(lesson,) if lesson else ())]
        if act is Act.RATE and after.rating and after.rating.bad and after.phone:
            changes.append(self.follow_up(after, at))
        if act is Act.MERGE:
            changes.append(self._adopted(ticket, details.lead or "", at))
        return changes + self._of_children(changes[0], at)

    def _step(self, ticket: Ticket, act: Act, by: Actor, at: datetime, note: str, details: Details) -> tuple[Ticket, TrailEntry]:
        details = replace(details, due_at=details.due_at if act is Act.RESCHEDULE else None, by_hours=None, last=None,
                          days=details.days if act is Act.ASK_EXTENSION else None)
        return ticket.perform(act, by=by, at=at, note=note, details=self.deadlines.completed(ticket, act, details, at),
                              bounds=self.deadlines.bounds(ticket))

    def _consequences(self, after: Ticket, entry: TrailEntry) -> list[tuple[Act, str, Details]]:
        """What the assistant does at once when some acts are done."""
        raised = Details(level=after.supervision + 1)
        can_raise = after.supervision < self.deadlines.policy.bounds.supervision_levels
        if entry.act is Act.APPROVE:
            return [(Act.CLOSE, "", Details())]
        if entry.act is Act.GRANT_RETURN and after.kept:  # 首接负责: it goes round no longer
            first = Details(department=after.first_department, region=after.first_region)
            return [(Act.DISPATCH, f"已经两次退单，由首接单位{after.first_department}办理", first)]
        if entry.act is Act.WARN and entry.details.card is Card.RED:
            return [(Act.SUPERVISE, "超过期限没有答复", raised)] if can_raise else []
        if entry.act in (Act.FOLLOW_UP, Act.RATE) and after.content is False and after.status in (Status.FOLLOWED_UP, Status.RATED):
            if after.reworks < self.deadlines.policy.bounds.reworks:
                return [(Act.REWORK, "诉求人不满意，请重办", Details())]
            return [(Act.SUPERVISE, "重办以后诉求人仍不满意", raised)] if can_raise else []
        return []

    def _adopted(self, child: Ticket, number: str, at: datetime) -> Change:
        """The lead notes its child: its version moves, so that nobody can end it, or merge it away, without having seen the child."""
        lead = self.repository.find(number)
        if lead is None or lead.status in _SETTLED:
            raise InvalidTicket("主工单没有找到，或者已经不在办理。", "lead")
        if self.repository.children(child.number):
            raise InvalidTicket("已经有别的工单并在它下面，请把它当主工单。", "lead")
        _, entry = self._step(lead, Act.ADOPT, SYSTEM, at, child.number, Details())
        return change(lead, (entry,), self.deadlines)

    def _of_children(self, lead: Change, at: datetime) -> list[Change]:
        """What a lead ticket's end means to those merged into it: each caller is answered, or goes on alone."""
        acts = {entry.act for entry in lead.entries}
        ended = acts & {Act.CLOSE, Act.ANSWER}
        if not ended and not acts & {Act.REFUSE, Act.WITHDRAW, Act.MERGE}:
            return []
        changes = []
        for child in self.repository.children(lead.ticket.number):
            if ended:
                _, entry = self._step(child, Act.FOLLOW_LEAD, SYSTEM, at, answer_for_others(lead.ticket), Details(result=lead.ticket.result))
                changes.append(change(child, (entry,), self.deadlines))
                continue
            alone, first = self._step(child, Act.UNMERGE, SYSTEM, at, "主工单已经撤销或不予受理", Details())
            office = Details(department=child.department, region=child.office_region)
            _, second = self._step(alone, Act.DISPATCH, SYSTEM, at, child.department, office)
            changes.append(change(child, (first, second), self.deadlines))
        return changes
