"""The order of offices for the 通报: three rates taken together by weight, ties said, small numbers apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Iterable, Sequence

from tickets.load import RankingRules
from tickets.reports.measures import MEASURES, Line

THREE = tuple(measure for measure in MEASURES if measure.name in ("response", "solved", "satisfied"))


@dataclass(frozen=True)
class Place:
    """Where an office stands; `score` is in hundredths of a point, 0 to 10,000; `shared` with others of the same score."""

    place: int
    score: int
    shared: bool
    line: Line


@dataclass(frozen=True)
class Ranking:
    """The offices in order, and those with too few tickets to be compared."""

    places: tuple[Place, ...]
    apart: tuple[Line, ...]
    smallest: int


def rank(lines: Iterable[Line], rules: RankingRules) -> Ranking:
    """Return the ranking: equal scores share a place and the next one is left out; lines within a place are in order of their key."""
    scored, apart = [], []
    for line in sorted(lines, key=lambda line: line.key):
        points = score(line, rules) if line.tally.settled >= rules.smallest else None
        if points is None:
            apart.append(line)
        else:
            scored.append((points, line))
    scored.sort(key=lambda pair: -pair[0])
    return Ranking(_places(scored), tuple(apart), rules.smallest)


def score(line: Line, rules: RankingRules) -> int | None:
    """Return the weighted mean of the three rates in hundredths of a point, rounded half up.

    A rate over fewer than `smallest` tickets says nothing: its weight falls to the others. None where no rate says anything.
    """
    told = [(rate.value, getattr(rules, measure.name)) for measure in THREE if (rate := measure.rate(line.tally)).whole >= rules.smallest]
    weight = sum(share for _, share in told)
    if not weight:
        return None
    mean = sum((value * share for value, share in told if value is not None), Fraction(0)) / weight
    return int(mean * 10_000 + Fraction(1, 2))


def _places(scored: Sequence[tuple[int, Line]]) -> tuple[Place, ...]:
    first: dict[int, int] = {}
    for place, (points, _) in enumerate(scored, 1):
        first.setdefault(points, place)
    counts = Counter(points for points, _ in scored)
    return tuple(Place(first[points], points, counts[points] > 1, line) for points, line in scored)
