"""What `hotline items`, `hotline tickets` and `hotline ticket` show."""

from __future__ import annotations

from datetime import datetime
from typing import Callable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text

from core.clock import SHANGHAI, system_clock
from core.pii import mask
from knowledge.bootstrap import ROOT, assemble
from knowledge.difference import difference
from knowledge.editions import catalogue_in_force
from knowledge.errors import KnowledgeFaulty
from knowledge.load import load_departments
from knowledge.memory.model import Learned
from knowledge.ports import Store
from knowledge.record import Version
from tickets.doing import TrailEntry
from tickets.listing import Page
from tickets.model import Ticket
from tickets.vocabulary import Act

_STATES = {"draft": "草稿", "published": "发布", "withdrawn": "停用"}


def _told(console: Console) -> Callable[[KnowledgeFaulty], object]:
    advice = "这条记录读不了，来电人听不到，请用 hotline items restore 恢复旧版或 withdraw 停用"
    return lambda error: console.print(f"[red]✗[/] {advice}：{escape(str(error))}")


def _row(table: Table, *cells: str) -> None:
    """Add a row of words that anybody may have written: none of them is a mark of ours."""
    table.add_row(*map(escape, cells))


def show_items(console: Console, store: Store) -> None:
    """List every record in force, and after them what waits as a draft."""
    catalogue = catalogue_in_force(store, system_clock().date(), faulty=_told(console))
    departments = load_departments(ROOT / "departments.yml", [])
    table = Table("代码", "名称", "主题", "部门或出处", "核对日期")
    for item in catalogue.items():
        known = departments.get(item.department)
        _row(table, item.code, item.name, item.topic, known.name if known else item.department, item.as_of.isoformat())
    for event in catalogue.events():
        _row(table, event.code, event.name, event.topic, f"一件事，{len(event.steps)}步", event.as_of.isoformat())
    for policy in catalogue.policies():
        _row(table, policy.code, policy.name, policy.topic, policy.document, policy.as_of.isoformat())
    console.print(table)
    drafts = sorted(code for code, head in store.heads().items() if head.state == "draft")
    if drafts:
        console.print(f"有{len(drafts)}条草稿没有发布：{'、'.join(drafts)}。用 hotline items diff 代码 看差别。", highlight=False)


def show_item(console: Console, store: Store, code: str, region: str | None, learned: Sequence[Learned] = ()) -> None:
    """Show one record whole as callers get it, and the names learned for it from callers; raise UnknownItem."""
    knowledge = assemble(catalogue_in_force(store, system_clock().date(), faulty=_told(console)), load_departments(ROOT / "departments.yml", []))
    card = knowledge.answerer.about(code, None, region).card
    if card is None:
        console.print(f"{code} 只有{knowledge.answerer.places_of(code)}有，{region} 没有。", highlight=False)
        return
    table = Table(title=escape(f"{card['name']}（{card['code']}）"), show_header=False)
    for row in card["rows"]:  # type: ignore[attr-defined]  # a card is plain JSON
        _row(table, row["title"], "\n".join(row["lines"]))
    _row(table, "依据", "\n".join(card["basis"]))  # type: ignore[call-overload]
    table.add_row("核对日期", str(card["as_of"]))
    if learned:
        _row(table, "学到的说法", "\n".join(f"{name.text}（{name.evidence}人说过，{name.author} {name.at:%Y-%m-%d} 采纳）" for name in learned))
    console.print(table)


def show_history(console: Console, versions: Sequence[Version]) -> None:
    """List the versions of a record."""
    table = Table("版", "状态", "谁", "何时", "做了什么", "生效", "失效")
    for version in versions:
        _row(table, str(version.number), _STATES[version.state], version.author, version.at.strftime("%Y-%m-%d %H:%M:%S"), version.note,
                      version.valid_from.isoformat() if version.valid_from else "", version.valid_to.isoformat() if version.valid_to else "")
    console.print(table)


def show_difference(console: Console, before: Version, after: Version) -> None:
    """Show the fields that differ, side by side."""
    changes = difference(before.document, after.document)
    if not changes:
        console.print(f"第{before.number}版和第{after.number}版内容一样。")
        return
    table = Table("字段", f"第{before.number}版", f"第{after.number}版", show_lines=True)
    for change in changes:
        table.add_row(change.title, Text(change.before, style="red"), Text(change.after, style="green"))
    console.print(table)


def show_tickets(console: Console, found: Page) -> None:
    """List tickets without personal data."""
    table = Table(Column("工单编号", no_wrap=True), "类型", "分类", "主办单位", "状态", "到期日", "牌", "区划")
    for ticket in found.tickets:
        _row(table, ticket.number, ticket.queue.value if ticket.queue else ticket.type.value, ticket.category, ticket.department, ticket.status.label,
             ticket.due_on.isoformat() if ticket.due_on else "", ticket.card.value if ticket.card else "", ticket.region or "")
    console.print(table if table.row_count else "还没有工单。")
    if found.next:
        console.print(f"后面还有，接着看：--after {found.next.cursor}", highlight=False)


def show_ticket(console: Console, ticket: Ticket, acts: Sequence[Act], full: bool) -> None:
    """Show one ticket and what may be done with it; the caller's name, phone and identity only with `full`."""
    table = Table("", Column(overflow="fold"), title=f"工单{ticket.number}", show_header=False)
    caller = [ticket.name, ticket.phone, ticket.id_number] if full else [mask(ticket.phone) if ticket.phone else None]
    rows = {
        "标题": ticket.title, "内容": ticket.text if full else mask(ticket.text), "类型": ticket.queue.value if ticket.queue else ticket.type.value,
        "分类": ticket.category, "紧急程度": ticket.urgency.value, "状态": ticket.status.label,
        "待审核": ticket.pending.value if ticket.pending else "",
        "主办单位": f"{ticket.department} {ticket.office_region or ''}".strip(), "协办单位": "、".join(ticket.helpers),
        "诉求人": "，".join(one for one in caller if one), "保密": "、".join(
            word for word, holds in (("匿名", ticket.anonymous), ("要求保密", ticket.confidential)) if holds),
        "到期": _moment(ticket.due_at) if ticket.by_hours else str(ticket.due_on or ""), "牌": ticket.card.value if ticket.card else "",
        "督办": f"{ticket.supervision}级" if ticket.supervision else "",
        "催办": f"{ticket.urged}次" if ticket.urged else "", "主工单": ticket.lead or "", "答复": ticket.answer or "",
        "结果": ticket.result.value if ticket.result else "", "评价": ticket.rating.value if ticket.rating else "",
        "版本": str(ticket.version), "现在能做": "、".join(f"{act.label}（{act.value}）" for act in acts),
    }
    for name, value in rows.items():
        if value:
            _row(table, name, value)
    console.print(table)


def show_trail(console: Console, entries: Sequence[TrailEntry]) -> None:
    """List every act on a ticket: who, when, from, to, why."""
    table = Table("版本", "何时", "谁", "做了什么", "之后的状态", "说明")
    for entry in entries:
        details = "，".join(f"{name}={value}" for name, value in entry.details.to_dict().items())
        who = " ".join(part for part in (entry.role.label, entry.office, entry.actor) if part)
        _row(table, str(entry.version), _moment(entry.at), who, entry.act.label, entry.target.label, "\n".join(filter(None, (entry.note, details))))
    console.print(table)


def _moment(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else ""
