"""The classifier on sentences it has never seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Iterable, Sequence

from cli.evaluation.measures import Share, share


@dataclass(frozen=True)
class Guess:
    """One held-out sentence: the intent that is right, the classifier's, and the one that was acted on."""

    text: str
    right: str
    classifier: str
    decided: str
    confidence: float


def accuracy(guesses: Iterable[Guess]) -> tuple[Share, Share]:
    """Return the accuracy of the classifier alone and after the decision."""
    guesses = list(guesses)
    return share(g.classifier == g.right for g in guesses), share(g.decided == g.right for g in guesses)


def confusions(guesses: Iterable[Guess], limit: int) -> list[tuple[str, str, int]]:
    """Return the most confused pairs (right, decided, count), most frequent first."""
    counts = Counter((g.right, g.decided) for g in guesses if g.decided != g.right)
    return [(right, decided, count) for (right, decided), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]]


@dataclass(frozen=True)
class Point:
    """What a threshold keeps: `kept` of all sentences, and how many of the kept are right."""

    threshold: float
    kept: Share
    right: Share


def curve(guesses: Sequence[Guess], thresholds: Iterable[float]) -> list[Point]:
    """Return one point a threshold over the classifier's own word."""
    points: list[Point] = []
    for threshold in thresholds:
        kept = [g for g in guesses if g.confidence >= threshold]
        points.append(Point(threshold, Share(len(kept), len(guesses)), share(g.classifier == g.right for g in kept)))
    return points


def best_threshold(points: Sequence[Point]) -> Point:
    """Return the point with the most right minus wrong among the kept; of equals the lowest threshold."""
    return max(points, key=lambda point: (2 * point.right.hits - point.right.of, -point.threshold))
