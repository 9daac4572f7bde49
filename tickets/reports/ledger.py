"""The ledger (台账): one row a ticket, with its owner, its deadline and how it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Callable, Iterable, Iterator

from core.clock import SHANGHAI
from tickets.model import Ticket
from tickets.reports.table import Cell

_COLUMNS: tuple[tuple[str, Callable[[Ticket], Cell]], ...] = (
    ("工单编号", lambda ticket: ticket.number),
    ("渠道", lambda ticket: ticket.source_channel),
    ("诉求类型", lambda ticket: ticket.type.value),
    ("专席", lambda ticket: ticket.queue.value if ticket.queue else ""),
    ("事项分类", lambda ticket: ticket.category),
    ("标题", lambda ticket: ticket.title),
    ("紧急程度", lambda ticket: ticket.urgency.value),
    ("是否保密", lambda ticket: "是" if ticket.confidential else ""),
    ("是否匿名", lambda ticket: "是" if ticket.anonymous else ""),
    ("主办单位", lambda ticket: ticket.department),
    ("协办单位", lambda ticket: "、".join(ticket.helpers)),
    ("状态", lambda ticket: ticket.status.label),
    ("受理时间", lambda ticket: _moment(ticket.opened_at)),
    ("派单时间", lambda ticket: _moment(ticket.dispatched_at)),
    ("签收时间", lambda ticket: _moment(ticket.received_at)),
    ("办理期限", lambda ticket: _deadline(ticket)),
    ("答复时间", lambda ticket: _moment(ticket.replied_at)),
    ("办结时间", lambda ticket: _moment(ticket.closed_at)),
    ("亮牌", lambda ticket: ticket.card.value if ticket.card else ""),
    ("督办级别", lambda ticket: ticket.supervision),
    ("待审核", lambda ticket: ticket.pending.value if ticket.pending else ""),
    ("延期工作日", lambda ticket: ticket.extended_days),
    ("退单次数", lambda ticket: ticket.returns),
    ("重办次数", lambda ticket: ticket.reworks),
    ("催办次数", lambda ticket: ticket.urged),
    ("主工单", lambda ticket: ticket.lead or ""),
    ("办理结果", lambda ticket: ticket.result.value if ticket.result else ""),
    ("满意度", lambda ticket: ticket.rating.value if ticket.rating else ""),
)
_CALLER: tuple[tuple[str, Callable[[Ticket], Cell]], ...] = (
    ("诉求人", lambda ticket: ticket.name or ""),
    ("联系电话", lambda ticket: ticket.phone or ""),
)
_REGIONS: tuple[tuple[str, Callable[[Ticket], str | None]], ...] = (
    ("诉求区划", lambda ticket: ticket.region),
    ("承办区划", lambda ticket: ticket.office_region),
)


def ledger_header(callers: bool) -> tuple[str, ...]:
    """Return the headings; those of the caller only where asked for."""
    return tuple(label for label, _ in (*_COLUMNS, *_REGIONS, ("超期", None), *(_CALLER if callers else ())))


def ledger_rows(tickets: Iterable[Ticket], at: datetime, name_of: Callable[[str], str], callers: bool) -> Iterator[tuple[Cell, ...]]:
    """Yield one row a ticket, as wide as the header; the tickets must come through `tickets.views` already."""
    for ticket in tickets:
        regions = (name_of(code) if (code := read(ticket)) else "" for _, read in _REGIONS)
        personal = (read(ticket) for _, read in _CALLER) if callers else ()
        yield (*(read(ticket) for _, read in _COLUMNS), *regions, _overdue(ticket, at), *personal)


def _overdue(ticket: Ticket, at: datetime) -> str:
    if ticket.due_at is None:
        return ""
    return "是" if ticket.late or (ticket.running and ticket.due_at <= at) else ""


def _deadline(ticket: Ticket) -> str:
    """The last day where it counts in days, the moment where it counts in hours."""
    if ticket.due_at is None or ticket.due_on is None:
        return ""
    return _moment(ticket.due_at) if ticket.by_hours else ticket.due_on.isoformat()


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else ""
