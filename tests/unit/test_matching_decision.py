"""Chances and costs: when an answer is dared, when a question is asked back, when no is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.matching.decision import OFFERED, SIGNS, Calibration, Costs, chances_of_each, shares, signs_of
from knowledge.matching.ranking import COLUMNS

PRICES = st.floats(1.0, 1e6)
SCORES = st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=60).map(lambda values: np.array(sorted(values, reverse=True), np.float32))
NEAR_SCORES = st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=60).map(lambda values: np.array(sorted(values, reverse=True), np.float32))
BEST = st.lists(st.floats(0, 1, width=32), min_size=len(COLUMNS), max_size=len(COLUMNS)).map(lambda values: dict(zip(COLUMNS, values)))


def calibration(shift: float = 0.0, **weights: float) -> Calibration:
    row = np.array([weights.get(sign, 0.0) for sign in SIGNS], np.float32)
    return Calibration(row, row, shift)


@given(PRICES, PRICES)
def test_a_dearer_wrong_answer_raises_the_bar(one: float, other: float) -> None:
    cheap, dear = Costs(wrong=min(one, other)), Costs(wrong=max(one, other))
    assert 0.0 <= cheap.answer_from <= dear.answer_from <= 1.0
    assert cheap.ask_from == dear.ask_from


@given(PRICES, PRICES)
def test_a_dearer_refusal_lowers_the_bar_for_asking(one: float, other: float) -> None:
    cheap, dear = Costs(refusal=min(one, other)), Costs(refusal=max(one, other))
    assert 0.0 < dear.ask_from <= cheap.ask_from <= 1.0
    assert cheap.answer_from == dear.answer_from


@given(st.floats(1.0, 10.0), PRICES)
def test_at_the_bar_an_answer_costs_as_much_as_a_question(question: float, wrong: float) -> None:
    costs = Costs(wrong=question * wrong, question=question)
    assert (1 - costs.answer_from) * costs.wrong == pytest.approx(question, rel=1e-6)


def test_a_wrong_answer_ten_times_as_dear_asks_for_nine_in_ten() -> None:
    assert Costs(wrong=10.0, question=1.0).answer_from == pytest.approx(0.9)
    assert Costs(refusal=2.5, question=1.0).ask_from == pytest.approx(0.4)


@given(SCORES, BEST, st.integers(0, 2000), st.floats(-100, 100), st.floats(0, 20))
def test_chances_are_chances_and_a_shift_moves_both_up(scores: np.ndarray, best: dict[str, float], said: int, base: float, more: float) -> None:
    signs = signs_of(scores, best, said)
    assert signs.shape == (len(SIGNS),)
    assert np.isfinite(signs).all()
    low, high = calibration(base, first=1.0, mass=2.0).chances(signs), calibration(base + more, first=1.0, mass=2.0).chances(signs)
    for first, among in (low, high):
        assert 0.0 <= first <= among <= 1.0
    assert low[0] <= high[0] and low[1] <= high[1]


def test_the_right_one_is_among_the_choices_at_least_as_likely_as_it_is_first() -> None:
    one = np.eye(len(SIGNS), dtype=np.float32)[0]
    assert Calibration(one * 2, one * -2).chances(one) == pytest.approx((0.8808, 0.8808), abs=1e-4)
    assert Calibration(one * -2, one * 2).chances(one) == pytest.approx((0.1192, 0.8808), abs=1e-4)


@given(SCORES)
def test_shares_are_of_one_whole_and_follow_the_scores(scores: np.ndarray) -> None:
    part = shares(scores)
    assert (part >= 0).all()
    assert 0.0 < float(part.sum()) <= 1.0 + 1e-4
    assert (np.diff(part) <= 0).all()


@given(NEAR_SCORES, st.floats(0, 1))
def test_the_first_keeps_its_chance_and_nobody_passes_it(scores: np.ndarray, first: float) -> None:
    found = chances_of_each(first, shares(scores))
    assert len(found) == len(scores)
    assert found[0] == first
    assert all(0.0 <= chance <= first + 1e-9 for chance in found)
    assert sum(found) <= 1.0 + 1e-2


def test_what_the_first_leaves_is_shared_by_weight() -> None:
    assert chances_of_each(0.7, np.array([0.5, 0.3, 0.2], np.float32)) == pytest.approx([0.7, 0.18, 0.12])
    assert chances_of_each(0.7, np.array([1.0], np.float32)) == [0.7]


def test_signs_tell_a_clear_lead_from_a_draw() -> None:
    best = dict.fromkeys(COLUMNS, 0.5)
    clear, draw = (dict(zip(SIGNS, signs_of(np.array(scores, np.float32), best, 4))) for scores in ([9, 2, 1], [9, 9, 9]))
    assert clear["share"] > 0.99 and draw["share"] == pytest.approx(1 / 3, abs=0.01)
    assert clear["lead"] > draw["lead"] == 0.0
    assert clear["rivals"] == 0.0 < draw["rivals"]
    assert signs_of(np.full(9, 20.0, np.float32), best, 4)[SIGNS.index("mass")] == pytest.approx(OFFERED / 9, abs=1e-3)
    assert signs_of(np.ones(1, np.float32), best, 99)[SIGNS.index("telling")] == 1.0
