"""A city's older tickets: one row of its list becomes a ticket with the trail that its dates and words allow."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Callable, Mapping, TypeVar

from core.clock import SHANGHAI
from tickets.change import Change, change
from tickets.codes import digest_request
from tickets.deadlines import Deadlines
from tickets.doing import CALLER, SYSTEM, Actor, Details, TrailEntry
from tickets.errors import TicketError
from tickets.model import Elements, NewTicket, Ticket
from tickets.routing import Router
from tickets.validation import checked, phone_digits, scrubbed
from tickets.vocabulary import Act, Grade, Result, Role, Status, TicketType, Urgency

# Our fields, and what a list calls them when no mapping says otherwise.
FIELDS: Mapping[str, str] = {
    "number": "工单编号", "type": "诉求类型", "title": "标题", "text": "内容", "category": "事项分类", "department": "主办单位", "region": "区划",
    "address": "地址", "name": "诉求人", "phone": "来电号码", "urgency": "紧急程度",
    "confidential": "是否保密",
    "anonymous": "是否匿名", "opened_at": "受理时间",
    "dispatched_at": "派单时间", "received_at": "签收时间", "replied_at": "答复时间", "answer": "答复内容", "result": "办理结果",
    "closed_at": "办结时间", "rating": "满意度",
}
NEEDED = ("number", "type", "text", "opened_at")
CHANNEL = "import"
_NAME = "历史导入"
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2}))?)?")
_YES = frozenset({"是", "要", "需要", "保密", "需要保密", "匿名", "√", "1", "true", "y", "yes"})
_NO = frozenset({"", "否", "不", "不要", "不需要", "不保密", "不匿名", "空", "0", "false", "n", "no", "×"})
_OUR_NUMBER = re.compile(r"20\d{14}")
T = TypeVar("T", TicketType, Urgency, Result, Grade)


class RowFaulty(ValueError):
    """A row that cannot become a ticket; the message says in Chinese which column and why."""


@dataclass(frozen=True)
class HistoryReader:
    """Reads rows of one list; `source` names it, so that the same row read again is the same ticket."""

    source: str
    router: Router
    deadlines: Deadlines
    region_of: Callable[[str], str | None]
    below: Callable[[int], int]

    def read(self, row: Mapping[str, str]) -> Change:
        """Return the change that stores one row (our field → words); it tells nobody, for all this is past. Raises RowFaulty."""
        missing = [FIELDS[name] for name in NEEDED if not row.get(name)]
        if missing:
            raise RowFaulty(f"缺少{'、'.join(missing)}")
        ticket = self._opened(row)
        entries = self._trail(ticket, row)
        stored = change(ticket, tuple(entries), self.deadlines, new=True)
        return replace(stored, events=(), notices=())

    def _opened(self, row: Mapping[str, str]) -> Ticket:
        at = _moment(row, "opened_at")
        assert at is not None
        region = row.get("region")
        code = self.region_of(region) if region else None
        if region and code is None:
            raise RowFaulty(f"区划“{region[:20]}”不认识")
        kind = _choice(row, "type", TicketType)
        assert kind is not None
        new = NewTicket(kind, row["text"], CHANNEL, title=row.get("title"), region=code, address=row.get("address"), name=row.get("name"),
                        phone=row.get("phone"), confidential=_flag(row, "confidential"), anonymous=_flag(row, "anonymous"))
        try:
            new = checked(new)
        except TicketError as error:
            raise RowFaulty(error.message) from None
        leaf = self.router.category(row.get("category", "")) or self.router.backstop
        department, office_region = self.router.office_of(leaf, code)
        foreign = row["number"]
        number = foreign if _OUR_NUMBER.fullmatch(foreign) else f"{at:%Y%m%d}{self.below(10**8):08d}"
        return Ticket(
            number=number, type=kind, text=new.text, title=(new.title or new.text.split("\n", 1)[0])[:100], category=leaf.name,
            department=row.get("department") or department, office_region=office_region,
            urgency=_choice(row, "urgency", Urgency) or Urgency.GENERAL, source_channel=CHANNEL, opened_at=at, changed_at=at,
            request_digest=digest_request(f"{CHANNEL}:{self.source}:{foreign}"), region=code,
            elements=Elements(where=new.address, course=new.text), name=new.name, phone=new.phone, confidential=new.confidential,
            anonymous=new.anonymous,
            matter={"原编号": foreign, "原分类": row.get("category", "")})

    def _trail(self, ticket: Ticket, row: Mapping[str, str]) -> list[TrailEntry]:
        centre, handler = Actor(Role.OPERATOR, _NAME), Actor(Role.DEPARTMENT, _NAME, ticket.department, ticket.office_region)
        sent = _moment(row, "dispatched_at") or ticket.opened_at
        acts: list[tuple[Act, Actor, datetime, str, Details]] = [(Act.ACCEPT, centre, ticket.opened_at, "", Details())]
        office = Details(department=ticket.department, region=ticket.office_region)
        acts.append((Act.DISPATCH, centre, sent, ticket.department, office))
        received, replied, closed = (_moment(row, name) for name in ("received_at", "replied_at", "closed_at"))
        answered = replied or closed
        if received or answered:
            acts.append((Act.RECEIVE, handler, received or answered or sent, "", Details()))
        if answered:
            if not row.get("answer"):
                raise RowFaulty("有答复或办结时间，却没有答复内容")
            acts.append((Act.REPLY, handler, answered, _answer(ticket, row), Details(result=_choice(row, "result", Result) or Result.EXPLAINED)))
        if closed:
            acts += [(Act.APPROVE, centre, closed, "", Details()), (Act.CLOSE, centre, closed, "", Details())]
            grade = _choice(row, "rating", Grade)
            if grade:
                acts.append((Act.RATE, CALLER, closed, "", Details(grade=grade)))
        entries = self._performed(ticket, acts)
        return [*entries, _archived(ticket, entries)] if closed else entries

    def _performed(self, ticket: Ticket, acts: list[tuple[Act, Actor, datetime, str, Details]]) -> list[TrailEntry]:
        entries: list[TrailEntry] = []
        for act, actor, at, note, details in acts:
            if entries and at < entries[-1].at:
                raise RowFaulty(f"{act.label}的时间早于{entries[-1].act.label}的时间")
            details = self.deadlines.completed(ticket, act, details, at)
            ticket, entry = ticket.perform(act, by=actor, at=at, note=note, details=details)
            entries.append(entry)
        return entries


def _answer(ticket: Ticket, row: Mapping[str, str]) -> str:
    # An anonymous ticket no longer knows what its row still says of the caller.
    phone = row.get("phone")
    return scrubbed(row["answer"], replace(ticket, name=row.get("name"), phone=phone_digits(phone) if phone else None))


def _archived(ticket: Ticket, entries: list[TrailEntry]) -> TrailEntry:
    """What a city has closed is over, whatever the table would still ask of it: nobody is called back, no bad grade is worked on again."""
    last = entries[-1]
    return TrailEntry(ticket.number, last.version + 1, Act.ARCHIVE, SYSTEM.role, last.at, last.target, Status.ARCHIVED, actor=_NAME)


def _flag(row: Mapping[str, str], name: str) -> bool:
    word = unicodedata.normalize("NFKC", row.get(name, "")).strip().lower()
    if word not in _YES | _NO:
        raise RowFaulty(f"{FIELDS[name]}“{word[:20]}”看不出是还是否，请写是或者否；映射文件里可以改写")
    return word in _YES


def _moment(row: Mapping[str, str], name: str) -> datetime | None:
    text = row.get(name, "").strip()
    if not text:
        return None
    found = _DATE.match(text)
    try:
        if found is None:
            raise ValueError
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    except ValueError:
        raise RowFaulty(f"{FIELDS[name]}“{text[:30]}”不是日期，请写成 2026-11-05 10:30") from None


def _choice(row: Mapping[str, str], name: str, kind: type[T]) -> T | None:
    text = row.get(name, "").strip()
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise RowFaulty(f"{FIELDS[name]}“{text[:20]}”不在{'、'.join(one.value for one in kind)}里面；映射文件里可以改写") from None
