"""A made-up year of a hotline through the real service: offices that are late, return, ask for more time; callers who urge and rate."""

from __future__ import annotations

import heapq
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Callable, Iterator

from core.clock import SHANGHAI
from tickets.doing import CALLER, Actor, Details
from tickets.errors import TicketError
from tickets.model import NewTicket, Ticket
from tickets.service import TicketService
from tickets.vocabulary import Act, Grade, Result, Role, Status

START = datetime(2025, 11, 1, tzinfo=SHANGHAI)
YEAR = timedelta(days=365)
SEED = 12345
OPERATOR, SUPERVISOR = Actor(Role.OPERATOR, "话务员"), Actor(Role.SUPERVISOR, "督办员")
REGIONS = ("370102", "370103", "370104", "370105", "370112", "370113", "370114", "370115", "370116", "370117", "370100")
ROADS = ("解放路", "人民路", "文化路", "建设路", "和平路", "胜利路", "青年路", "工业南路", "幸福小区", "阳光花园", "书香苑", "王家庄村")
NAMES = ("王建国", "李秀英", "张伟", "刘洋", "陈静", "杨帆", "赵敏", "孙丽")
RESULTS = (Result.SOLVED, Result.SOLVED, Result.SOLVED, Result.PARTLY, Result.EXPLAINED, Result.UNSOLVED)
# Shares of tickets on which something out of the usual happens.
RETURNED, EXTENDED, LATE, ASKED, SUSPENDED, SENT_BACK, URGED, RATED, BAD, CONTENT, REACHED = .08, .08, .06, .05, .02, .03, .10, .30, .08, .9, .7
# Every caller in this many is merged into another's ticket.
MERGED = .02


@dataclass
class Taken:
    """Seconds that each kind of act took."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: int = 0

    def clocked(self, name: str, call: Callable[[], Any]) -> Any:
        """Call, note how long it took, and return what it returned."""
        began = time.perf_counter()
        found = call()
        self.seconds[name].append(time.perf_counter() - began)
        return found


class Year:
    """Runs `count` tickets from START over a year; `progress` is told of each one opened."""

    def __init__(self, service: TicketService, count: int, progress: Callable[[], Any], seed: int = 0, taken: Taken | None = None) -> None:
        self._service = service
        self._count = count
        self._progress = progress
        self._draw = random.Random(SEED + seed)  # noqa: S311  # no secret
        self._leaves = service.router.categories
        self._open: list[str] = []
        self.taken = taken or Taken()

    def run(self) -> Taken:
        """Live the year; return how long each act took."""
        moments = sorted(START + self._draw.random() * YEAR for _ in range(self._count))
        waiting: list[tuple[datetime, int, Iterator[datetime]]] = [(at, i, self._life(at)) for i, at in enumerate(moments)]
        heapq.heapify(waiting)
        midnight = START
        while waiting:
            at, i, life = heapq.heappop(waiting)
            while at > midnight:
                self._wake(midnight)
                midnight += timedelta(days=1)
            try:
                heapq.heappush(waiting, (max(at, next(life)), i, life))
            except StopIteration:
                pass
            except TicketError:
                self.taken.refused += 1  # the ticket was merged, closed or taken back meanwhile
        return self.taken

    def _wake(self, at: datetime) -> None:
        while numbers := self._service.repository.awake(at, 500):
            done = [self.taken.clocked("wake", lambda number=number: self._service.acting.wake(number, at)) for number in numbers]
            if not any(done):
                return

    def _chance(self, share: float) -> bool:
        return self._draw.random() < share

    def _act(self, number: str, act: Act, by: Actor, at: datetime, note: str = "", **details: Any) -> Ticket:
        found: Ticket = self.taken.clocked(act.value, lambda: self._service.act(number, act, by=by, at=at, note=note, details=Details(**details)))
        return found

    def _office_hour(self, at: datetime, hours: float) -> datetime:
        """A moment some hours later at which an office is open."""
        at += timedelta(hours=hours)
        while not (self._service.calendar.is_working(at.date()) and 9 <= at.hour < 17):
            at = (at + timedelta(hours=1)).replace(minute=self._draw.randrange(60))
        return at

    def _new(self) -> NewTicket:
        draw, leaf = self._draw, self._draw.choice(self._leaves)
        road, region = draw.choice(ROADS), draw.choice(REGIONS)
        text = f"{road}{draw.randrange(1, 300)}号，{draw.choice(leaf.says)}，已经{draw.randrange(2, 40)}天了，请尽快处理。"
        return NewTicket(leaf.type, text, draw.choice(("web", "ivr")), region=region, address=f"{road}{draw.randrange(1, 300)}号",
                         name=draw.choice(NAMES), phone=f"13{draw.randrange(10**9):09d}", confidential=self._chance(.05))

    def _life(self, at: datetime) -> Iterator[datetime]:
        """One ticket from opening to the end; yields when it goes on."""
        new = self._new()
        number = self.taken.clocked("open", lambda: self._service.open(new, at)).ticket.number
        self._progress()
        if self._open and self._chance(MERGED):
            yield at + timedelta(hours=1)
            self._act(number, Act.MERGE, OPERATOR, at + timedelta(hours=1), lead=self._open[-1])
            return
        self._open = [*self._open[-20:], number]
        if self._chance(URGED):
            at += timedelta(hours=5)
            yield at
            self._act(number, Act.URGE, CALLER, at)
        while True:
            for later in self._handled(number, at):
                yield (at := later)
            for later in self._asked_how_it_went(number, at):
                yield (at := later)
            ticket = self._service.repository.find(number)
            if ticket is None or ticket.status is not Status.DISPATCHED:
                return

    def _handled(self, number: str, at: datetime) -> Iterator[datetime]:
        at = self._office_hour(at, self._draw.expovariate(1 / 6))
        yield at
        ticket = self._service.repository.find(number)
        assert ticket is not None
        handler = Actor(Role.DEPARTMENT, "经办人", ticket.department, ticket.office_region)
        if self._chance(RETURNED) and not ticket.kept:
            self._act(number, Act.ASK_RETURN, handler, at, "不是我单位职责")
            at = self._office_hour(at, 3)
            yield at
            if self._chance(.6):
                self._act(number, Act.GRANT_RETURN, OPERATOR, at)
                office = self._draw.choice(self._leaves).department
                self._act(number, Act.DISPATCH, OPERATOR, at, department=office, region=ticket.office_region)
                handler = Actor(Role.DEPARTMENT, "经办人", office, ticket.office_region)
                self._act(number, Act.RECEIVE, handler, at)
            else:
                self._act(number, Act.DENY_RETURN, OPERATOR, at, "属于你单位职责")
        else:
            self._act(number, Act.RECEIVE, handler, at)
        if self._chance(ASKED):
            self._act(number, Act.ASK_CALLER, handler, at, "请说一下具体门牌号")
            at += timedelta(hours=self._draw.uniform(2, 150))
            yield at
            current = self._service.repository.find(number)
            if current and current.status is Status.WAITING:
                self._act(number, Act.SUPPLEMENT, CALLER, at, "在三号楼二单元门口")
        if self._chance(EXTENDED):
            self._act(number, Act.ASK_EXTENSION, handler, at, "需要采购配件", days=5)
            self._act(number, Act.GRANT_EXTENSION if self._chance(.8) else Act.DENY_EXTENSION, SUPERVISOR, at, "已核实")
        if self._chance(SUSPENDED):
            self._act(number, Act.ASK_SUSPENSION, handler, at, "汛期过后才能施工", until=(at + timedelta(days=30)).date())
            self._act(number, Act.GRANT_SUSPENSION, SUPERVISOR, at)
            at = self._office_hour(at + timedelta(days=31), 1)
            yield at
        at = self._office_hour(at, self._draw.uniform(24, 24 * (14 if self._chance(LATE) else 4)))
        yield at
        self._act(number, Act.HANDLE, handler, at, "已到现场查看")
        self._act(number, Act.REPLY, handler, at, "已经处理完毕，感谢反映。", result=self._draw.choice(RESULTS))
        at = self._office_hour(at, 2)
        yield at
        if self._chance(SENT_BACK):
            self._act(number, Act.SEND_BACK, OPERATOR, at, "答复没有说清处理结果")
            at = self._office_hour(at, 10)
            yield at
            self._act(number, Act.REPLY, handler, at, "已经更换，附照片。", result=Result.SOLVED)
        self._act(number, Act.APPROVE, OPERATOR, at)
        yield at

    def _asked_how_it_went(self, number: str, at: datetime) -> Iterator[datetime]:
        if self._chance(RATED):
            at += timedelta(hours=self._draw.uniform(1, 20))
            yield at
            bad = self._chance(BAD)
            grade = Grade.BAD if bad else self._draw.choice((Grade.VERY_GOOD, Grade.GOOD))
            self._act(number, Act.RATE, CALLER, at, "没有修好" if bad else "", grade=grade)
            return
        for _ in range(self._service.policy.bounds.tries):
            at = self._office_hour(at, 24)
            yield at
            reached = self._chance(REACHED)
            details = {"reached": reached, **({"content": self._chance(CONTENT)} if reached else {})}
            self._act(number, Act.FOLLOW_UP, OPERATOR, at, **details)
            if reached:
                return
