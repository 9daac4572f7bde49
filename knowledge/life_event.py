"""A life event (一件事): what a person wants done, as steps across departments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from knowledge.model import Limit, Question


@dataclass(frozen=True)
class Step:
    """One step. `item` is the service item that it is; without one it is done outside the windows, and `limit` may say how long."""

    key: str
    title: str  # spoken: 办营业执照
    item: str | None = None
    after: tuple[str, ...] = ()  # keys of the steps that must be done before; none may begin at once
    only_if: str | None = None  # the case in which the step is needed; None means always
    note: str | None = None
    limit: Limit | None = None


@dataclass(frozen=True)
class LifeEvent:
    """Ordered steps under one everyday name; what they need and how long they take follows from their items."""

    code: str
    name: str
    topic: str
    aliases: tuple[str, ...]
    summary: str
    steps: tuple[Step, ...]
    basis: tuple[str, ...]
    as_of: date
    questions: tuple[Question, ...] = ()
    source: str = field(default="", compare=False)

    def items(self) -> tuple[str, ...]:
        """Return the codes of its service items, each once, in the order of the steps."""
        return tuple(dict.fromkeys(step.item for step in self.steps if step.item))
