"""How many questions back it takes until a caller has the right item."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Iterable, Sequence

from actions.enquiring import Known, near, offers, words_of
from cli.evaluation.measures import Share
from cli.evaluation.verdict import Verdict, fits
from knowledge.matching.grouping import questions_needed


@dataclass(frozen=True)
class Effort:
    """`reached` questions took `asked` questions back in all; with `lost` of them the right item is never reached."""

    asked: int
    reached: int
    lost: int

    @property
    def mean(self) -> str:
        """The mean over the questions in which the right item is reached."""
        return f"{self.asked / self.reached:.2f} ({self.asked}/{self.reached})" if self.reached else "–"

    @property
    def unreachable(self) -> Share:
        """The questions in which it is not."""
        return Share(self.lost, self.reached + self.lost)


def needed(verdict: Verdict, known: Known) -> int | None:
    """Return after how many questions back the caller has a right item: 0 answered at once, None never."""
    if verdict.outcome == "answered":
        return 0 if verdict.right else None
    if verdict.outcome != "asked back":
        return None
    match = {"choices": verdict.heard.choices, "candidates": [asdict(candidate) for candidate in verdict.heard.candidates]}
    offered = offers(known, match, near(match))
    right = [candidate.code for candidate in verdict.heard.candidates if fits(verdict.question, candidate)]
    counts = [count for code in right if (count := questions_needed(offered, code, words_of(known))) is not None]
    return min(counts, default=None)


def effort(counts: Iterable[int | None]) -> Effort:
    """Add up what `needed` returned."""
    every: Sequence[int | None] = list(counts)
    reached = [count for count in every if count is not None]
    return Effort(sum(reached), len(reached), len(every) - len(reached))
