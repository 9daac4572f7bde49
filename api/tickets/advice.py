"""What is told along with a classification: tickets that may be about the same, and to staff where it could be dispatched."""

from __future__ import annotations

from typing import Any, Sequence

from api.ports import Key
from tickets.doing import Actor
from tickets.duplicates import Similar
from tickets.suggestions import Suggestion
from tickets.views import hides_caller, may_see
from tickets.vocabulary import Role

STAFF = ("operator", "department", "supervisor", "admin")


def similar_told(found: Sequence[Similar], key: Key | None) -> list[dict[str, Any]]:
    """Return similar tickets as staff may see them; a citizen learns that others have told it and how far it is, of no report and of nobody."""
    if key is None or key.role not in STAFF:
        return [{"score": one.score, "category": one.ticket.category, "opened_on": one.ticket.opened_at.date(), "status": one.ticket.status.value,
                 "status_text": one.ticket.status.label} for one in found if not hides_caller(one.ticket)]
    actor = Actor(Role(key.role), key.name, key.department, key.region)
    return [similar_to_staff(one) for one in found if may_see(one.ticket, actor)]


def similar_to_staff(one: Similar) -> dict[str, Any]:
    """Return a similar ticket for whoever may see it."""
    ticket = one.ticket
    return {"score": one.score, "number": ticket.number, "title": ticket.title, "category": ticket.category, "department": ticket.department,
            "opened_on": ticket.opened_at.date(), "status": ticket.status.value, "status_text": ticket.status.label, "reasons": list(one.reasons)}


def suggestions_told(found: Sequence[Suggestion]) -> list[dict[str, Any]]:
    """Return suggestions; `region` is the office's code."""
    return [{"category": one.category, "path": list(one.path), "department": one.department, "region": one.office_region,
             "score": one.score, "reasons": list(one.reasons)} for one in found]
