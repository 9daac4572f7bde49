"""The questions that judge: what was asked, and where it belongs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROUTES = ("item", "life_event", "policy", "ticket", "none")
Half = Literal["tuning", "judging"]


class BadQuestion(Exception):
    """A line that is no question; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


@dataclass(frozen=True)
class Question:
    """One caller's question with the answer that is right; `codes` holds every code that is right."""

    text: str
    route: str
    codes: tuple[str, ...] = ()
    facet: str | None = None
    ticket_type: str | None = None
    region: str | None = None  # the one that the words name
    note: str | None = None
    line: int = 1

    @property
    def half(self) -> Half:
        """Thresholds may be set on the tuning half only: lines of even index."""
        return "tuning" if self.line % 2 else "judging"


def read_questions(path: Path) -> list[Question]:
    """Read one JSON object a line; raise BadQuestion with the line."""
    found: list[Question] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            codes = tuple(dict.fromkeys(filter(None, (raw.get("code"), *raw.get("codes", ())))))
            found.append(Question(raw["text"], raw["route"], codes, raw.get("facet"), raw.get("ticket_type"),
                                  raw.get("region"), raw.get("note"), number))
        except (ValueError, KeyError, AttributeError) as error:
            raise BadQuestion(number, f"no question: {error!r}") from None
    return found
