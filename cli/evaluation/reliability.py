"""Whether a chance means what it says: of what is given seven in ten, seven in ten ought to be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Sequence

from cli.evaluation.measures import Share, share
from cli.evaluation.verdict import Verdict

BINS = 10


@dataclass(frozen=True)
class Bin:
    """First candidates whose chance lies from `low` to below `high`: their mean chance, and how many are right."""

    low: float
    high: float
    chance: float
    right: Share


def judged(verdicts: Iterable[Verdict]) -> list[tuple[float, bool]]:
    """Return chance and truth of every first candidate; a question that asks for a ticket is not the matcher's."""
    return [(verdict.first.score, verdict.rank(1)) for verdict in verdicts if verdict.first and verdict.question.route != "ticket"]


def bins(points: Iterable[tuple[float, bool]]) -> list[Bin]:
    """Return the bins that hold something, lowest first; the last one includes the chance 1."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for chance, right in points:
        groups.setdefault(min(int(chance * BINS), BINS - 1), []).append((chance, right))
    return [Bin(place / BINS, (place + 1) / BINS, sum(chance for chance, _ in group) / len(group), share(right for _, right in group))
            for place, group in sorted(groups.items())]


def error(found: Sequence[Bin]) -> float:
    """Return the mean distance of chance and truth over all points (expected calibration error); 0 for none."""
    total = sum(each.right.of for each in found)
    return sum(abs(each.chance * each.right.of - each.right.hits) for each in found) / total if total else 0.0
