"""What became of each row of an import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["added", "changed", "unchanged", "refused"]
SHOWN = 200  # outcomes that a report keeps of each kind; a listener hears all of them


@dataclass(frozen=True)
class Difference:
    """One field that an import changes, as texts; "" where there was or will be nothing."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Outcome:
    """One row: `reason` says why it was refused, or what the editor should know of it."""

    row: int
    code: str
    name: str
    verdict: Verdict
    reason: str = ""
    differences: tuple[Difference, ...] = ()


@dataclass
class Report:
    """The counts of an import, its first refused and changed rows, and the columns that nobody read."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    noted: int = 0  # rows that came in with something the editor should know
    refusals: list[Outcome] = field(default_factory=list)
    changes: list[Outcome] = field(default_factory=list)
    passed_over: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return self.added + self.changed + self.unchanged + self.refused

    def note(self, outcome: Outcome) -> None:
        """Count one row."""
        setattr(self, outcome.verdict, getattr(self, outcome.verdict) + 1)
        kept = {"refused": self.refusals, "changed": self.changes}.get(outcome.verdict)
        if kept is not None and len(kept) < SHOWN:
            kept.append(outcome)
        if outcome.reason and outcome.verdict != "refused":
            self.noted += 1
