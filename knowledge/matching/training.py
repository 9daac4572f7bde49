"""Learns the weights of a matcher from texts whose right record is known: a listwise ranking, and the calibration over it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import AbstractSet, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from knowledge.matching.decision import OFFERED, Calibration, signs_of
from knowledge.matching.matcher import KnowledgeMatcher, Model, telling
from knowledge.matching.ranking import COLUMNS

ROUNDS = 4          # a record speaks through its best name, which depends on the weights: choose, fit, choose again
RIDGE = 3.0         # L2 on the weights of the ranking
STRICT = 0.3        # inverse L2 of the calibration


@dataclass(frozen=True)
class Example:
    """One text near an index: rows of COLUMNS, the record of each, which records are right, and how much it counts."""

    rows: NDArray[np.float32]
    records: NDArray[np.int64]
    right: frozenset[int]
    codes: tuple[str, ...]
    telling: int
    weight: float = 1.0


def example(matcher: KnowledgeMatcher, text: str, right: AbstractSet[str], weight: float = 1.0) -> Example:
    """Return what the ranking sees of a text; `right` are the codes that are right, empty when none is."""
    heard = matcher.reader.hear(text)
    places: dict[str, int] = {}
    rows, records = [], []
    for segment, near in zip(matcher.segments, matcher.near(heard)):
        rows.append(near.rows)
        records += [places.setdefault(segment.codes[record], len(places)) for record in near.records.tolist()]
    return Example(np.concatenate(rows), np.array(records, dtype=np.int64), frozenset(places[code] for code in right if code in places),
                   tuple(places), telling(heard), weight)


def fit_ranking(examples: Sequence[Example], ridge: float = RIDGE, left_out: AbstractSet[str] = frozenset()) -> NDArray[np.float32]:
    """Return the weights of COLUMNS under which the right record's share is greatest; columns `left_out` weigh nothing.

    Raises ValueError when no example has its right record among the candidates.
    """
    kept_columns = np.array([column not in left_out for column in COLUMNS], dtype=np.float32)
    usable = [replace(one, rows=one.rows * kept_columns) for one in examples if one.right and len(one.rows)]
    if not usable:
        raise ValueError("no example has its right record among the candidates")
    weights = np.ones(len(COLUMNS))
    for turn in range(ROUNDS):
        groups = [_best_rows(one, weights) for one in usable]
        rows = np.concatenate([one.rows[kept] for one, (kept, _) in zip(usable, groups)]).astype(np.float64)
        right = np.concatenate([is_right for _, is_right in groups]).astype(np.float64)
        sizes = np.array([len(kept) for kept, _ in groups])
        counts = np.array([one.weight for one in usable])
        weights = minimize(_loss, weights if turn else np.zeros(len(COLUMNS)), args=(rows, right, sizes, counts, ridge), jac=True,
                           method="L-BFGS-B").x
    return np.asarray(weights * kept_columns, dtype=np.float32)


def _best_rows(one: Example, weights: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The row that speaks for each record, and whether that record is right."""
    scores = one.rows @ weights
    order = np.lexsort((-scores, one.records))
    heads = order[np.concatenate(([True], np.diff(one.records[order]) > 0))]
    return heads, np.isin(one.records[heads], list(one.right))


def _loss(weights: NDArray[np.float64], rows: NDArray[np.float64], right: NDArray[np.float64], sizes: NDArray[np.int64],
          counts: NDArray[np.float64], ridge: float) -> tuple[float, NDArray[np.float64]]:
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    group = np.repeat(np.arange(len(sizes)), sizes)
    scores = rows @ weights
    part = np.exp(scores - np.maximum.reduceat(scores, starts)[group])
    all_of, right_of = np.add.reduceat(part, starts), np.add.reduceat(part * right, starts) + 1e-12
    slope = rows.T @ ((part / all_of[group] - part * right / right_of[group]) * counts[group])
    loss = -(counts * np.log(right_of / all_of)).sum() + ridge * (weights @ weights)
    return float(loss / len(sizes)), (slope + 2 * ridge * weights) / len(sizes)


def signs_and_truth(one: Example, weights: NDArray[np.float32]) -> tuple[NDArray[np.float32], bool, bool, str]:
    """Return SIGNS of one ranked example, whether the first is right, whether the right one is among the first OFFERED, and the first's code."""
    kept, is_right = _best_rows(one, weights.astype(np.float64))
    scores = (one.rows[kept] @ weights).astype(np.float32)
    order = np.argsort(-scores, kind="stable")
    columns = dict(zip(COLUMNS, one.rows[kept[order[0]]].tolist()))
    first = one.codes[int(one.records[kept[order[0]]])]
    return signs_of(scores[order], columns, one.telling), bool(is_right[order[0]]), bool(is_right[order[:OFFERED]].any()), first


def fit_calibration(examples: Iterable[Example], weights: NDArray[np.float32], beyond: AbstractSet[str] = frozenset()) -> Calibration:
    """Return the two logistic models over SIGNS; texts whose first candidate is `beyond` are refused anyway and teach nothing."""
    rows, first, among, counts = [], [], [], []
    for one in examples:
        if not len(one.rows):
            continue
        signs, right, near, code = signs_and_truth(one, weights)
        if code not in beyond:
            rows.append(signs)
            first.append(right)
            among.append(near)
            counts.append(one.weight)
    return Calibration(_logistic(np.array(rows), first, counts), _logistic(np.array(rows), among, counts))


def _logistic(rows: NDArray[np.float32], truth: Sequence[bool], counts: Sequence[float]) -> NDArray[np.float32]:
    if len(set(truth)) < 2:
        raise ValueError("a calibration needs both right and wrong examples")
    fitted = LogisticRegression(C=STRICT, fit_intercept=False, max_iter=2000).fit(rows, truth, sample_weight=counts)
    return np.asarray(fitted.coef_[0], dtype=np.float32)


def fit_model(examples: Sequence[Example], judged: Sequence[Example], *, ridge: float = RIDGE, beyond: AbstractSet[str] = frozenset(),
              left_out: AbstractSet[str] = frozenset()) -> Model:
    """Return the ranking that `examples` teach, and the calibration that `judged` (some of them, in any order) teach.

    The calibration is learned on rankings that did not learn from the same texts (two halves).
    """
    weights = fit_ranking(examples, ridge, left_out)
    asked = [one for one in judged]
    held = {id(one) for one in asked}
    others = [one for one in examples if id(one) not in held]
    halves = (asked[0::2], asked[1::2])
    crossed = [fit_calibration(half, fit_ranking([*others, *rest], ridge, left_out), beyond) for half, rest in (halves, halves[::-1])]
    mean = Calibration((crossed[0].right + crossed[1].right) / 2, (crossed[0].among + crossed[1].among) / 2)
    return Model(weights, mean)


def found_first(one: Example, weights: NDArray[np.float32]) -> bool:
    """Return whether the first record of an example is right."""
    return len(one.rows) > 0 and signs_and_truth(one, weights)[1]


def hits(examples: Sequence[Example], weights: NDArray[np.float32]) -> float:
    """Return the share of examples whose first record is right."""
    return sum(found_first(one, weights) for one in examples) / max(len(examples), 1)
