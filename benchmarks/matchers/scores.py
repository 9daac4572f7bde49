"""Figures over outcomes; each share stands with its denominator."""

from __future__ import annotations

from typing import Iterable, Sequence

from benchmarks.matchers.trial import Outcome
from cli.evaluation.measures import Share, share

BINS = 10


def hit(outcomes: Iterable[Outcome], rank: int) -> Share:
    """Something right is ranked so high or higher."""
    return share(0 < outcome.rank <= rank for outcome in outcomes)


def mean_reciprocal_rank(outcomes: Sequence[Outcome]) -> float:
    """The mean of 1 / rank; nothing right among the ranks looked at counts 0."""
    return sum(1 / outcome.rank for outcome in outcomes if outcome.rank) / len(outcomes)


def decided(outcomes: Iterable[Outcome], decision: str) -> list[Outcome]:
    """Those with this decision."""
    return [outcome for outcome in outcomes if outcome.decision == decision]


def precision(outcomes: Sequence[Outcome], coverage: float) -> Share:
    """Of the share `coverage` of texts with the highest score at the top, how many have something right at the top; for a matcher that
    decides, of those it answers, whatever `coverage` is."""
    if any(outcome.decision for outcome in outcomes):
        return hit(decided(outcomes, "answer"), 1)
    return precision_of_best(outcomes, coverage)


def precision_of_best(outcomes: Sequence[Outcome], coverage: float) -> Share:
    """Of the share `coverage` of texts with the highest score at the top, how many have something right there, whoever decides."""
    return hit(sorted(outcomes, key=lambda outcome: -outcome.score)[:round(coverage * len(outcomes))], 1)


def offered(outcomes: Sequence[Outcome]) -> Share:
    """Of the texts that are asked back, how many find something right among the choices."""
    return share(outcome.offered for outcome in decided(outcomes, "clarify"))


def reliability(outcomes: Iterable[Outcome]) -> list[tuple[float, float, int]]:
    """For each tenth of the predicted probability that occurs: its mean, the observed share of right ones, how many."""
    bins: list[list[Outcome]] = [[] for _ in range(BINS)]
    for outcome in outcomes:
        bins[min(BINS - 1, max(0, int(outcome.score * BINS)))].append(outcome)
    return [(sum(one.score for one in found) / len(found), sum(one.rank == 1 for one in found) / len(found), len(found)) for found in bins if found]


def calibration_error(outcomes: Sequence[Outcome]) -> float:
    """The mean distance of predicted and observed over those tenths, weighted by their counts."""
    return sum(abs(predicted - observed) * count for predicted, observed, count in reliability(outcomes)) / len(outcomes)
