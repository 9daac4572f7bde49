"""What a run of callers and a blow at the product came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from benchmarks.crowd.ledger import Talk
from benchmarks.crowd.plan import Plan

LONGEST_S = 90.0  # waited for a recovery


@dataclass(frozen=True)
class Run:
    """`began` and `ended` in seconds of the clock of the turns; `used`: the next caller's number; `held`: streams still open at the end."""

    name: str
    plan: Plan
    talks: Sequence[Talk]
    began: float
    ended: float
    used: int = 0
    streams: int = 0
    held: int = 0


@dataclass(frozen=True)
class Blow:
    """One part killed. `at` in seconds of the clock of the turns; `healthy`: seconds until everything answered again, None if it did not."""

    part: str
    at: float
    healthy: float | None

    @property
    def over(self) -> float:
        return self.at + (LONGEST_S if self.healthy is None else self.healthy)
