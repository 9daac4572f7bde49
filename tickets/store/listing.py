"""The query behind a list of tickets for staff."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, or_, select

from core.cipher import Cipher
from tickets.listing import Wanted
from tickets.store.tables import tickets


def listed(wanted: Wanted, limit: int, cipher: Cipher, dialect: str) -> Any:
    """Return the select of the newest `limit` tickets that are wanted; `dialect` is sqlite or postgresql."""
    table = tickets.c
    equal = {table.status: wanted.status, table.department: wanted.department, table.office_region: wanted.office_region,
             table.category: wanted.category, table.queue: wanted.queue, table.card: wanted.card,
             table.pending: wanted.pending, table.phone_index: cipher.index(wanted.phone)}
    found = [column == getattr(value, "value", value) for column, value in equal.items() if value is not None]
    if wanted.region_prefix:
        found.append(table.region.startswith(wanted.region_prefix, autoescape=True))
    if wanted.helper:
        found.append(_helped_by(wanted.helper, dialect))
    if wanted.after:
        opened_at, number = wanted.after.opened_at, wanted.after.number
        found.append(and_(table.opened_at <= opened_at, or_(table.opened_at < opened_at, table.number < number)))
    return select(tickets).where(*found).order_by(table.opened_at.desc(), table.number.desc()).limit(limit)


def _helped_by(department: str, dialect: str) -> Any:
    if dialect == "postgresql":
        names = func.json_array_elements_text(tickets.c.more["helpers"]).table_valued("value")
    else:
        names = func.json_each(tickets.c.more, "$.helpers").table_valued("value")
    return select(names.c.value).where(names.c.value == department).exists()
