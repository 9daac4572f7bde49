"""Special queues: what each wants to know, how that is checked, and what its answer must hold.

What a queue knows of a ticket is its `matter`. Nothing of the caller goes in there: his place and phone have encrypted columns of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Callable, Mapping

from core.special_requests import special_request
from tickets.errors import InvalidTicket
from tickets.vocabulary import Queue, TicketType

# The questions of each queue in their order; with the read-back they are five at most.
QUESTIONS: Mapping[Queue, tuple[str, ...]] = {
    Queue.BUSINESS: ("course", "enterprise", "publish", "contact"),
    Queue.ERRAND: ("item", "where", "proxy", "contact"),
    Queue.APPOINTMENT: ("office", "item", "moment", "contact"),
    Queue.RATING: ("course", "contact"),
    Queue.CALL_BACK: ("contact",),
    Queue.POLICE: ("course", "case", "where", "contact"),
}
_CASE = re.compile(r"[0-9A-Za-z\-]{6,30}")
_ITEM_CODE = re.compile(r"[0-9A-Za-z._:\-]{1,120}")
_INVESTIGATED = re.compile(r"调查|核查|核实|查实|查明|经查|查处")


@dataclass(frozen=True)
class Wanted:
    """One thing that a queue wants to know: how it is called, how a value is read (ValueError for another), whether it must be there."""

    label: str
    read: Callable[[Any], Any]
    needed: bool = False
    needed_of_staff: bool = False


def _words(most: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not 0 < len(value.strip()) <= most:
            raise ValueError
        return value.strip()
    return read


def _shaped(pattern: re.Pattern[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value.strip()):
            raise ValueError
        return value.strip()
    return read


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


_ITEM = {"item": Wanted("要办的事项", _words(100), needed=True), "item_code": Wanted("事项编码", _shaped(_ITEM_CODE))}
MATTERS: Mapping[Queue, Mapping[str, Wanted]] = {
    Queue.BUSINESS: {"enterprise": Wanted("企业名称", _words(100), needed=True), "publish": Wanted("是否同意匿名公开典型问题", _flag)},
    Queue.ERRAND: {**_ITEM, "proxy": Wanted("要不要委托书", _flag)},
    Queue.APPOINTMENT: {"office": Wanted("办事大厅", _words(30), needed=True), **_ITEM,
                        "day": Wanted("预约的日期", lambda value: date.fromisoformat(value).isoformat(), needed=True),
                        "slot": Wanted("预约的时间", _shaped(re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")), needed=True)},
    Queue.RATING: {"rated": Wanted("被评价的工单编号", _shaped(re.compile(r"\d{16}")))},
    Queue.CALL_BACK: {"at": Wanted("来电的时间", lambda value: datetime.fromisoformat(value).isoformat())},
    Queue.POLICE: {"case": Wanted("110的警情编号", _shaped(_CASE), needed_of_staff=True)},
}


def queue_of(text: str) -> Queue | None:
    """Return the special queue that a normalised text plainly asks for, or None."""
    name = special_request(text)
    return Queue(name) if name else None


def type_of(queue: Queue) -> TicketType:
    """Return the type of request that a queue's tickets have unless the caller names another."""
    return TicketType.COMPLAINT if queue is Queue.BUSINESS else TicketType.HELP


def checked_matter(queue: Queue, matter: Mapping[str, Any], *, by_staff: bool = False) -> dict[str, Any]:
    """Return what a queue wants to know, in order and clean; raises InvalidTicket naming the entry that is missing or wrong."""
    wanted = MATTERS[queue]
    for name in matter:
        if name not in wanted:
            raise InvalidTicket(f"{queue.value}里没有“{str(name)[:30]}”这一项。", f"matter.{str(name)[:30]}")
    clean: dict[str, Any] = {}
    for name, one in wanted.items():
        value = matter.get(name)
        if value is None:
            if one.needed or (one.needed_of_staff and by_staff):
                raise InvalidTicket(f"请说明{one.label}。", f"matter.{name}")
            continue
        try:
            clean[name] = one.read(value)
        except (ValueError, TypeError):
            raise InvalidTicket(f"{one.label}填得不对。", f"matter.{name}") from None
    return clean


def check_request(queue: Queue, kind: TicketType, address: str | None, phone: str | None) -> None:
    """Raise InvalidTicket where a queue cannot take a request as it is, whatever its matter."""
    if queue is Queue.BUSINESS and kind not in (TicketType.COMPLAINT, TicketType.REPORT):
        raise InvalidTicket("营商环境问题要按投诉或者举报登记。", "type")
    if queue is Queue.ERRAND and not address:
        raise InvalidTicket("请说一下到哪里帮您办。", "address")
    if queue is Queue.APPOINTMENT and not phone:
        raise InvalidTicket("预约要留一个手机号，匿名不能预约。", "phone")
    if queue is Queue.CALL_BACK and not phone:
        raise InvalidTicket("要给您回电话，得留一个号码。", "phone")


def answer_fault(queue: Queue | None, words: str) -> str | None:
    """Return what an answer lacks, or None: a complaint of the business environment is answered with what the investigation found."""
    if queue is Queue.BUSINESS and not _INVESTIGATED.search(words):
        return "营商环境投诉要答复调查核实的结果，请写明查了什么、查实没有。"
    return None
