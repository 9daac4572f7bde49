"""What callers of a load run said and were told, as they saw it, and what the product kept of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

APOLOGY = "fault"  # the outcome by which the product says that something does not work


@dataclass(frozen=True)
class Turn:
    """One thing said and its answer; `at` in seconds of the clock that all processes share, `ms` of the try that was answered, `waited` in seconds.

    `mark`: how the stored message is known again, empty where nothing of it is stored (silence). `told`: marks of the answer's messages.
    `faults`: what failed tries came to; without an answer `outcome` is empty. `handed`: the call went to a person with this answer.
    """

    mark: str
    at: float
    ms: float
    waited: float
    outcome: str
    told: tuple[str, ...] = ()
    words: str = ""
    faults: tuple[str, ...] = ()
    handed: bool = False

    @property
    def tries(self) -> int:
        return len(self.faults) + bool(self.outcome)


@dataclass(frozen=True)
class Stored:
    """One message as the product kept it."""

    seq: int
    author: str
    mark: str
    text: str


@dataclass(frozen=True)
class Talk:
    """One conversation; `house` is the number that only its caller speaks of. `stored` is None where it could not be read back."""

    id: str
    channel: str
    house: str
    turns: tuple[Turn, ...]
    stored: tuple[Stored, ...] | None = None


def write(path: Path, talks: Sequence[Talk]) -> None:
    """Write one conversation a line."""
    path.write_text("".join(json.dumps(asdict(talk), ensure_ascii=False) + "\n" for talk in talks), encoding="utf-8")


def read(path: Path) -> list[Talk]:
    """Return what `write` wrote."""
    return [_talk(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _talk(kept: Mapping[str, Any]) -> Talk:
    turns = tuple(Turn(**{**turn, "told": tuple(turn["told"]), "faults": tuple(turn["faults"])}) for turn in kept["turns"])
    stored = None if kept["stored"] is None else tuple(Stored(**message) for message in kept["stored"])
    return Talk(kept["id"], kept["channel"], kept["house"], turns, stored)
