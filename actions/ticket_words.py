"""How a ticket is told."""

from __future__ import annotations

from tickets.model import Ticket


def due_of(ticket: Ticket) -> dict[str, str]:
    """Return the day by which a ticket is answered, to be said and to be read; empty where no clock runs."""
    day = ticket.due_on
    return {"due": f"{day.month}月{day.day}日" if day else "", "due_on": day.isoformat() if day else ""}
