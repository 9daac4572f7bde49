"""Frames of the server read into the model: whatever is missing or of another kind becomes empty, and every word is made harmless."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Mapping, Optional

from cli.desk.clean import one_line, plain
from cli.desk.model import Package, Said, Suggestion, Waiting
from core.clock import SHANGHAI


def waiting_of(frame: Mapping[str, Any]) -> tuple[Waiting, ...]:
    """Return the line in the server's order."""
    return tuple(
        Waiting(row["id"], one_line(row.get("reason")), one_line(row.get("skill")), _moment(row.get("waiting_since")), row.get("alarm") is True,
                row.get("elderly") in (True, "1"), row.get("owner") == "operator", one_line(row.get("channel")), one_line(row.get("region")),
                one_line(row.get("mood")), one_line(row.get("last_text")))
        for row in _rows(frame.get("waiting")) if isinstance(row.get("id"), str))


def said_of(frame: Mapping[str, Any]) -> list[Said]:
    """Return the messages of a conversation that have a number, in order."""
    said = []
    for row in _rows(frame.get("messages")):
        if isinstance(row.get("seq"), int):
            at = _moment(row.get("at"))
            said.append(Said(row["seq"], one_line(row.get("author")), plain(row.get("text")), f"{at:%H:%M}" if at else "",
                             one_line(row.get("client_message_id"))))
    return sorted(said, key=lambda message: message.seq)


def suggestions_of(frame: Mapping[str, Any]) -> tuple[Suggestion, ...]:
    """Return at most three suggestions that say something."""
    found = (Suggestion(one_line(row.get("text")), one_line(row.get("name")), one_line(row.get("item"))) for row in _rows(frame.get("suggestions")))
    return tuple(suggestion for suggestion in found if suggestion.text)[:3]


def package_of(frame: Mapping[str, Any]) -> Package:
    """Return what is handed over with a conversation."""
    summary, form = _mapping(frame.get("summary")), _mapping(frame.get("form"))
    filled = tuple((one_line(label), one_line(str(value))) for label, value in _mapping(form.get("filled")).items())
    return Package(one_line(frame.get("reason")), one_line(frame.get("mood")), frame.get("elderly") in (True, "1"), one_line(frame.get("caller")),
                   one_line(frame.get("note")), one_line(summary.get("text")), _words(summary.get("failed")), one_line(summary.get("ticket")),
                   one_line(form.get("type")), filled, _words(form.get("missing")))


def number_of(value: Any) -> int:
    """Return a number of messages, 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _words(value: Any) -> tuple[str, ...]:
    return tuple(word for word in map(one_line, value) if word) if isinstance(value, list) else ()


def _moment(value: Any) -> Optional[datetime]:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment.astimezone(SHANGHAI) if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
