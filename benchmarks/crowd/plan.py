"""What one run of callers is to be like, handed over in a file: a command line can be read by everyone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

RAMP_S = 5.0  # all active callers have come after this
THINKING = (4.0, 8.0)  # seconds between hearing and saying


@dataclass(frozen=True)
class Plan:
    """`think` in seconds, none for a caller who answers at once; `idle` conversations only stand open; `phones`: some of the callers call.

    `straight`: to Rasa, past the gateway. `first`: the number of the first caller; callers of one product are all different. `key`: of role ivr.
    """

    gateway: str
    rasa: tuple[str, ...]
    key: str
    active: int
    seconds: float
    into: str
    think: tuple[float, float] | None = THINKING
    idle: int = 0
    straight: bool = False
    phones: bool = True
    first: int = 0

    def write(self, path: Path) -> Path:
        """Write it where only its owner can read it, and return the path."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """Return what `write` wrote."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        pair = kept.pop("think")
        return cls(**{**kept, "rasa": tuple(kept["rasa"])}, think=tuple(pair) if pair else None)
