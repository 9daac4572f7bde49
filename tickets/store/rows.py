"""Tickets and trail entries as rows, and back."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, Mapping

from core.cipher import Cipher
from tickets.change import Change
from tickets.doing import Details, TrailEntry
from tickets.model import Elements, Ticket
from tickets.open_data import rough
from tickets.vocabulary import Act, Card, Channel, Grade, Pending, Queue, Result, Role, Status, TicketType, Urgency

_PLAIN = ("number", "category", "department", "office_region", "region", "title", "text", "anonymous", "confidential", "enterprise",
          "source_channel", "request_digest", "code_digest", "parent", "lead", "answer", "rating_excluded", "content", "reached",
          "late", "running", "by_hours", "first_contact", "returns", "reworks", "supervision", "urged", "opened_at", "started_at", "dispatched_at",
          "received_at", "due_at", "replied_at", "closed_at", "changed_at", "version")
_ENUMS: Mapping[str, Any] = {"type": TicketType, "queue": Queue, "status": Status, "urgency": Urgency, "result": Result, "rating": Grade,
                             "card": Card, "pending": Pending}
_HIDDEN = ("name", "phone", "id_number")
# In `more`: plain values, and what JSON has no word for.
_MORE_PLAIN = ("first_department", "first_region", "question", "questions",
               "term_days", "extended_days", "paused_days", "asked_days", "kept", "tries", "rating_reason", "appealed",
               "supplements", "urged_that_day")
_MORE_DAYS = ("suspended_until", "urged_on")


def public_id(number: str, cipher: Cipher) -> str:
    """Return how the public calls a ticket: 20 characters from which nobody learns its number."""
    return str(cipher.index(f"open311:{number}"))[:20]


def ticket_row(change: Change, cipher: Cipher) -> dict[str, Any]:
    """Return the row of a ticket."""
    ticket = change.ticket
    more: dict[str, Any] = {name: getattr(ticket, name) for name in _MORE_PLAIN}
    more |= {"helpers": list(ticket.helpers), "helped": list(ticket.helped),
             **{name: day.isoformat() if (day := getattr(ticket, name)) else None for name in _MORE_DAYS},
             "stopped_at": ticket.stopped_at.isoformat() if ticket.stopped_at else None,
             "channel": ticket.channel.value if ticket.channel else None}
    elements = ticket.elements
    return {
        **{name: getattr(ticket, name) for name in _PLAIN},
        **{name: value.value if (value := getattr(ticket, name)) else None for name in _ENUMS},
        **{name: cipher.hide(getattr(ticket, name)) for name in _HIDDEN},
        "latitude": rough(ticket.latitude), "longitude": rough(ticket.longitude), "exact_place": cipher.hide(_place_told(ticket)),
        "matter": cipher.hide(json.dumps(dict(ticket.matter), ensure_ascii=False) if ticket.matter else None),
        "address": cipher.hide(elements.where), "phone_index": cipher.index(ticket.phone),
        "public_id": public_id(ticket.number, cipher),
        "happened": elements.when, "who": elements.who, "cause": elements.cause, "wake_at": change.wake_at,
        "more": {name: value for name, value in more.items() if value not in (None, [], {}, 0, False)},
    }


def ticket_of(row: Mapping[str, Any], cipher: Cipher) -> Ticket:
    """Return the ticket of a row; raises KeysFaulty when no key reads its personal columns."""
    more = dict(row["more"])
    stopped = more.pop("stopped_at", None)
    channel = more.pop("channel", None)
    latitude, longitude = json.loads(cipher.show(row["exact_place"]) or "[null, null]")
    told: dict[str, Any] = {name: row[name] for name in _PLAIN}
    told |= {name: kind(row[name]) if row[name] else None for name, kind in _ENUMS.items()}
    told |= {name: cipher.show(row[name]) for name in _HIDDEN}
    told |= {name: more[name] for name in _MORE_PLAIN if name in more}
    told |= {name: date.fromisoformat(more[name]) for name in _MORE_DAYS if name in more}
    return Ticket(
        **told,
        elements=Elements(row["who"], row["happened"], cipher.show(row["address"]), row["cause"], row["text"]),
        helpers=tuple(more.get("helpers", ())), helped=tuple(more.get("helped", ())), matter=matter_of(row["matter"], cipher),
        latitude=latitude, longitude=longitude,
        stopped_at=_moment(stopped),
        channel=Channel(channel) if channel else None,
    )


def matter_of(token: str | None, cipher: Cipher) -> dict[str, Any]:
    """Return what a queue knows of a ticket, from its column; empty where it knows nothing."""
    matter: dict[str, Any] = json.loads(cipher.show(token) or "{}")
    return matter


def act_row(entry: TrailEntry) -> dict[str, Any]:
    """Return the row of a trail entry."""
    return {"number": entry.number, "version": entry.version, "act": entry.act.value, "role": entry.role.value, "actor": entry.actor,
            "office": entry.office, "office_region": entry.office_region, "at": entry.at, "source": entry.source.value,
            "target": entry.target.value, "note": entry.note, "details": entry.details.to_dict()}


def entry_of(row: Mapping[str, Any]) -> TrailEntry:
    """Return the trail entry of a row."""
    return TrailEntry(row["number"], row["version"], Act(row["act"]), Role(row["role"]), row["at"], Status(row["source"]), Status(row["target"]),
                      row["note"], row["actor"], row["office"], row["office_region"], Details.from_dict(row["details"]))


def outbox_rows(change: Change) -> list[dict[str, Any]]:
    """Return what must be told of a change, in order."""
    rest = {"tries": 0, "dead": False}
    events = [{"id": event.id, "kind": "event", "name": event.name, "number": event.number, "at": event.at, "next_at": event.at,
               "payload": dict(event.payload), **rest} for event in change.events]
    notices = [{"id": notice.id, "kind": "notice", "name": notice.template, "number": notice.number, "at": notice.at, "next_at": notice.at,
                "payload": {}, **rest} for notice in change.notices]
    return events + notices


def _place_told(ticket: Ticket) -> str | None:
    return None if ticket.latitude is None and ticket.longitude is None else json.dumps([ticket.latitude, ticket.longitude])


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
