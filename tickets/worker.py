"""What goes on without anybody asking: tickets woken in time, events relayed, webhooks delivered, callers told.

Each duty does a little at a step and says whether more may wait; all of it stands in the database, so a worker may die at any moment
and any number of them may run.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Callable, Sequence

from core.calendar import WorkingCalendar
from core.clock import Clock
from core.logs import get_logger
from tickets.acting import Acting
from tickets.errors import NoticeFailed, NoticeRefused, StreamAway, TicketError
from tickets.hooks import HookAway, HookRefuses, Poster
from tickets.ports import EventStream, Hooks, Notifier, Outbox
from tickets.service import TicketService
from tickets.telling import BackOff, Letter

_log = get_logger(__name__)
_AT_ONCE = 200                      # rows of one step
_PUT_ASIDE = timedelta(minutes=1)   # a ticket that could not be woken
_LOST = timedelta(minutes=10)       # told again after the stream's server was started anew
_PERSISTENT = BackOff(timedelta(seconds=1), timedelta(seconds=30))  # the stream is ours: it is never given up


@dataclass
class Scheduler:
    """Wakes tickets in time; sets deadlines right once a day and whenever other years are published."""

    service: TicketService
    calendar: Callable[[], WorkingCalendar]
    clock: Clock
    _acting: Acting | None = None
    _done: tuple[date, frozenset[int]] | None = None   # for which day and years deadlines were set right
    _after: str = ""                                    # the number up to which this was done
    _aside: dict[str, datetime] = field(default_factory=dict)

    def step(self) -> bool:
        """Wake what is due, and look at some more deadlines."""
        at = self.clock()
        acting = self._current()
        return self._reschedule(acting, at) | self._wake(acting, at)

    def _current(self) -> Acting:
        calendar = self.calendar()
        if self._acting is None or calendar.published != self._acting.deadlines.calendar.published:
            self._acting = replace(self.service, calendar=calendar).acting
        return self._acting

    def _reschedule(self, acting: Acting, at: datetime) -> bool:
        wanted = at.date(), acting.deadlines.calendar.published
        if self._done == wanted:
            return False
        numbers = self.service.repository.running(self._after, _AT_ONCE)
        for number in numbers:
            try:
                acting.reschedule(number, at)
            except TicketError as error:
                _log.warning("not_rescheduled", number=number, error=error.code)
        self._after = numbers[-1] if numbers else ""
        if not numbers:
            self._done = wanted
        return bool(numbers)

    def _wake(self, acting: Acting, at: datetime) -> bool:
        self._aside = {number: until for number, until in self._aside.items() if until > at}
        # What was put aside stands in front: asked for on top, it never keeps others from being seen.
        numbers = [number for number in self.service.repository.awake(at, _AT_ONCE + len(self._aside)) if number not in self._aside]
        for number in numbers:
            try:
                woken = acting.wake(number, at)
            except TicketError as error:
                _log.warning("not_woken", number=number, error=error.code)
                woken = None
            if woken is None:  # another worker was faster, or its time has moved: no reason to ask in a circle
                self._aside[number] = at + _PUT_ASIDE
        return len(numbers) >= _AT_ONCE


@dataclass(frozen=True)
class Relay:
    """Tells the stream and the webhooks of every event, at least once."""

    outbox: Outbox
    stream: EventStream
    hooks: Hooks
    clock: Clock
    lease: timedelta

    def step(self) -> bool:
        """Relay some events."""
        try:
            if self.stream.renewed():
                _log.warning("stream_renewed", told_again=self.outbox.tell_again(_LOST))
                self.stream.seen()
        except StreamAway as error:
            _log.warning("stream_away", error=str(error))
        letters = self.outbox.claim("event", _AT_ONCE, self.clock(), self.lease)
        if not letters:
            return False
        ids = [letter.id for letter in letters]
        self.hooks.enqueue(letters)
        try:
            run = self.stream.run()
            self.stream.publish(letters)
        except StreamAway as error:
            _log.warning("events_wait", count=len(ids), error=str(error))
            self.outbox.put_off(ids, self.clock() + _PERSISTENT.pause(1 + max(letter.tries for letter in letters)), str(error))
            return False
        self.outbox.told(ids, self.clock())
        self._again_if_lost(letters, run)
        return True

    def _again_if_lost(self, letters: Sequence[Letter], run: str) -> None:
        """Publish once more what the server took in an earlier run: as it came back these were not told yet, so nobody told them again."""
        try:
            while (now := self.stream.run()) != run:
                _log.warning("stream_renewed", told_again=len(letters))
                self.stream.publish(letters)
                run = now
        except StreamAway as error:  # by now they are told: whoever sees it come back tells them again
            _log.warning("stream_away", error=str(error))


@dataclass(frozen=True)
class Notices:
    """Sends messages to callers, one after the other, so that a lease covers one message only."""

    outbox: Outbox
    notifier: Notifier
    clock: Clock
    lease: timedelta
    back_off: BackOff

    def step(self) -> bool:
        """Send one message."""
        letters = self.outbox.claim("notice", 1, self.clock(), self.lease)
        for letter in letters:
            try:
                self.notifier.send(letter.id, letter.name, letter.number, letter.at)
            except NoticeRefused as error:
                self._failed(letter.id, None, str(error))
            except NoticeFailed as error:
                self._failed(letter.id, self.back_off.next_at(letter.tries + 1, self.clock()), str(error))
            except Exception as error:  # a fault of one message must not keep the others from being sent
                _log.exception("notice_fault", id=letter.id)
                self._failed(letter.id, self.back_off.next_at(letter.tries + 1, self.clock()), type(error).__name__)
            else:
                self.outbox.told([letter.id], self.clock())
        return bool(letters)

    def _failed(self, id: str, until: datetime | None, fault: str) -> None:
        _log.warning("notice_dead" if until is None else "notice_failed", id=id, fault=fault)
        self.outbox.put_off([id], until, fault)


@dataclass(frozen=True)
class Deliveries:
    """Posts events to webhooks, each in order; one that is down rests longer and longer."""

    hooks: Hooks
    poster: Poster
    clock: Clock
    lease: timedelta
    back_off: BackOff

    def step(self) -> bool:
        """Let one webhook have its turn."""
        began = self.clock()
        turn = self.hooks.take_turn(began, self.lease, _AT_ONCE)
        if turn is None:
            return False
        hook = turn.webhook
        for letter in turn.letters:
            try:
                self.poster.post(hook, letter)
            except HookRefuses as error:
                self.hooks.put_off(hook.id, letter.id, self.back_off.next_at(letter.tries + 1, self.clock()), str(error))
                _log.warning("delivery_refused", webhook=hook.id, id=letter.id, fault=str(error))
            except HookAway as error:
                self.hooks.away(hook.id, self.clock() + self.back_off.pause(hook.failures + 1), self.back_off.most or 1, str(error))
                _log.warning("webhook_away", webhook=hook.id, fault=str(error))
                return True
            else:
                self.hooks.told(hook.id, letter.id, self.clock())
            if self.clock() > began + self.lease / 2:  # the next post might outlast the turn
                break
        self.hooks.end_turn(hook.id, self.clock())
        return True


@dataclass(frozen=True)
class Cleaning:
    """Deletes what everybody was told long ago."""

    outbox: Outbox
    clock: Clock
    kept: timedelta

    def step(self) -> bool:
        """Delete some."""
        return self.outbox.forget(self.clock() - self.kept, _AT_ONCE) >= _AT_ONCE


@dataclass(frozen=True)
class Duty:
    """One loop: `step` again and again, with `pause` seconds between them while nothing waits."""

    name: str
    step: Callable[[], bool]
    pause: float


def work(duties: Sequence[Duty], stop: threading.Event) -> None:
    """Do all duties, each in a thread of its own, until `stop` is set; returns when every step in hand is done."""
    threads = [threading.Thread(target=_repeat, args=(duty, stop), name=duty.name, daemon=True) for duty in duties]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _repeat(duty: Duty, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            more = duty.step()
        except Exception:  # the database may be away for a while: nothing is lost by trying again
            _log.exception("duty_failed", duty=duty.name)
            more = False
        if not more:
            stop.wait(duty.pause)
