"""What a matcher is to the benchmark: it is prepared, built over names, and then ranks the names for a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Protocol, Sequence

LIMIT = 10  # ranks that are looked at


@dataclass(frozen=True)
class Found:
    """At most LIMIT (code, score), best first; a matcher that decides says answer, clarify or none, and what it would ask back with."""

    ranked: Sequence[tuple[str, float]]
    decision: str = ""
    choices: Sequence[str] = ()


class Matcher(Protocol):
    """An index over names; called from one thread."""

    def find(self, text: str) -> Found:
        """Rank the names for one text of a caller."""


class Kind(Protocol):
    """A way to build matchers."""

    def prepare(self) -> None:
        """Import the libraries and read the dictionaries; what it takes is counted apart from the index."""

    def build(self, names: Sequence[tuple[str, str]], texts: Mapping[str, str]) -> Matcher:
        """Index (code, name) with codes unique; `texts` hold by code what else an item says of itself."""
