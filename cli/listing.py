"""`hotline items` and `hotline tickets`."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from core.settings import Settings
from knowledge.bootstrap import build


def show_items(console: Console) -> None:
    """List every item and policy answer by topic."""
    knowledge = build()
    table = Table("代码", "名称", "主题", "部门", "核对日期")
    for item in knowledge.catalogue.items():
        table.add_row(item.code, item.name, item.topic, knowledge.departments[item.department].name, item.as_of.isoformat())
    for policy in knowledge.catalogue.policies():
        table.add_row(policy.code, policy.name, policy.topic, policy.document, policy.as_of.isoformat())
    console.print(table)


def show_item(console: Console, code: str, region: str | None) -> None:
    """Show one item or policy answer whole; raise UnknownItem."""
    card = build().answerer.about(code, None, region).card or {}
    table = Table(title=f"{card['name']}（{card['code']}）", show_header=False)
    for row in card["rows"]:  # type: ignore[attr-defined]  # a card is plain JSON
        table.add_row(row["title"], "\n".join(row["lines"]))
    table.add_row("依据", "\n".join(card["basis"]))  # type: ignore[call-overload]
    table.add_row("核对日期", str(card["as_of"]))
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
