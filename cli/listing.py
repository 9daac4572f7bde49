"""`hotline items` and `hotline tickets`."""

from __future__ import annotations

from typing import Callable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from core.clock import system_clock
from core.settings import Settings
from knowledge.bootstrap import ROOT, assemble
from knowledge.difference import difference
from knowledge.editions import catalogue_in_force
from knowledge.errors import KnowledgeFaulty
from knowledge.load import load_departments
from knowledge.memory.model import Learned
from knowledge.ports import Store
from knowledge.record import Version

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


def show_tickets(console: Console, settings: Settings, limit: int, department: str | None) -> None:
    """List the latest tickets without personal data."""
    import tickets.bootstrap
    from core.db import migrate
    migrate(settings.database)
    service = tickets.bootstrap.build(settings, None)
    table = Table("工单编号", "类型", "分类", "主办单位", "状态", "到期日", "区划")
    for ticket in service.recent(limit, department):
        table.add_row(ticket.number, ticket.type.value, ticket.category, ticket.department, ticket.status.label,
                      ticket.due_on.isoformat(), ticket.region or "")
    console.print(table if table.row_count else "还没有工单。")
