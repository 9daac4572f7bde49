"""Learning to rank: what decides is found, what is left out weighs nothing, and too little is refused."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.bootstrap import load_matching
from knowledge.matching.decision import SIGNS
from knowledge.matching.matcher import KnowledgeMatcher
from knowledge.matching.names import Name
from knowledge.matching.ranking import COLUMNS, weights_of
from knowledge.matching.training import Example, example, fit_calibration, fit_model, fit_ranking, hits, signs_and_truth

RECORDS, ROWS = 8, 3  # of an example, and names of each record
NOISE = np.float32(0.1)  # how far the columns reach that tell nothing
PLANTED = "order_name"
NAMES = (Name("lost", "居民身份证丢失补领", "item", "居民身份证丢失补领"), Name("lost", "身份证丢了", "item", "居民身份证丢失补领"),
         Name("renew", "居民身份证换领", "item", "居民身份证换领"), Name("passport", "普通护照首次申领", "item", "普通护照首次申领"))


def planted(count: int, column: str = PLANTED, seed: int = 1, *, wrong: float = 0.0, weight: float = 1.0, low: bool = False) -> list[Example]:
    """Examples in which the record with the highest (or `low`est) value of one column is right, save for a share of them."""
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        rows = draw.random((RECORDS * ROWS, len(COLUMNS))).astype(np.float32) * NOISE
        rows[:, COLUMNS.index(column)] /= NOISE
        records = draw.permutation(np.repeat(np.arange(RECORDS), ROWS))
        values = rows[:, COLUMNS.index(column)]
        right = int(records[values.argmin() if low else values.argmax()])
        if draw.random() < wrong:
            right = (right + 1) % RECORDS
        found.append(Example(rows, records, frozenset({right}), tuple(f"r{i}" for i in range(RECORDS)), 4, weight))
    return found


@pytest.mark.parametrize("column", [PLANTED, "cover_text", "known_pairs", COLUMNS[0], COLUMNS[-1]])
def test_a_planted_feature_is_found(column: str) -> None:
    weights = fit_ranking(planted(150, column))
    assert COLUMNS[int(np.abs(weights).argmax())] == column
    assert weights[COLUMNS.index(column)] > 0
    assert hits(planted(100, column, seed=2), weights) > 0.8


def test_a_feature_is_found_through_noise() -> None:
    weights = fit_ranking(planted(300, wrong=0.2))
    assert COLUMNS[int(np.abs(weights).argmax())] == PLANTED
    assert hits(planted(100, seed=2), weights) > 0.8


def test_the_same_examples_teach_the_same() -> None:
    assert (fit_ranking(planted(60)) == fit_ranking(planted(60))).all()


def test_what_is_left_out_weighs_nothing_and_something_else_must_serve() -> None:
    left_out = frozenset({PLANTED, "meaning"})
    weights = fit_ranking(planted(100), left_out=left_out)
    assert weights.shape == (len(COLUMNS),)
    assert {column for column, weight in zip(COLUMNS, weights) if weight == 0.0} >= left_out
    assert hits(planted(100, seed=2), weights) < 0.6
    assert np.abs(weights).max() > 0


def test_a_stronger_ridge_makes_smaller_weights() -> None:
    light, heavy = (fit_ranking(planted(60), ridge) for ridge in (1.0, 100.0))
    assert np.abs(heavy).sum() < np.abs(light).sum()


def test_examples_that_count_more_decide() -> None:
    up, down = planted(60, weight=9.0), planted(60, seed=3, low=True, weight=1.0)
    assert fit_ranking([*up, *down])[COLUMNS.index(PLANTED)] > 0
    up, down = planted(60, weight=1.0), planted(60, seed=3, low=True, weight=9.0)
    assert fit_ranking([*up, *down])[COLUMNS.index(PLANTED)] < 0


def test_without_usable_examples_nothing_is_learned() -> None:
    one = planted(1)[0]
    empty = Example(np.empty((0, len(COLUMNS)), np.float32), np.empty(0, np.int64), frozenset(), (), 0)
    for useless in ([], [empty], [Example(one.rows, one.records, frozenset(), one.codes, 4)]):
        with pytest.raises(ValueError, match="right record"):
            fit_ranking(useless)


def test_hits_are_the_share_whose_first_is_right() -> None:
    assert hits([], weights_of({})) == 0.0
    examples = planted(40)
    ranked, turned = weights_of({PLANTED: 1.0}), weights_of({PLANTED: -1.0})
    assert hits(examples, ranked) == 1.0
    assert hits(examples, turned) < 0.5
    nothing = Example(np.empty((0, len(COLUMNS)), np.float32), np.empty(0, np.int64), frozenset(), (), 0)
    assert hits([*examples, *[nothing] * 40], ranked) == 0.5


# --- the calibration -------------------------------------------------------------------------------------------------
def test_chances_follow_how_often_the_first_is_right() -> None:
    weights = weights_of({PLANTED: 8.0})
    for wrong in (0.1, 0.5, 0.9):
        calibration = fit_calibration(planted(300, wrong=wrong), weights)
        chances = [calibration.chances(signs_and_truth(one, weights)[0])[0] for one in planted(100, seed=2)]
        assert float(np.mean(chances)) == pytest.approx(1 - wrong, abs=0.12)


def test_what_lies_beyond_us_teaches_no_chance() -> None:
    weights = weights_of({PLANTED: 8.0})
    examples = planted(200, wrong=0.5)
    beyond = frozenset({"r0", "r1"})
    kept = [one for one in examples if signs_and_truth(one, weights)[3] not in beyond]
    assert 0 < len(kept) < len(examples)
    some, same = fit_calibration(examples, weights, beyond), fit_calibration(kept, weights)
    assert (some.right == same.right).all() and (some.among == same.among).all()


def test_a_calibration_needs_right_and_wrong_ones() -> None:
    weights = weights_of({PLANTED: 8.0})
    for examples in (planted(50), []):
        with pytest.raises(ValueError, match="both right and wrong"):
            fit_calibration(examples, weights)


def test_a_model_has_a_ranking_and_chances_from_rankings_that_did_not_see_the_text() -> None:
    judged = [*planted(120, wrong=0.5), *(Example(one.rows, one.records, frozenset(), one.codes, 4) for one in planted(20, seed=5))]
    model = fit_model([*planted(60, seed=4), *judged[:120]], judged, left_out=frozenset({"meaning"}))
    assert model.rank[COLUMNS.index("meaning")] == 0.0
    assert COLUMNS[int(np.abs(model.rank).argmax())] == PLANTED
    assert model.calibration.right.shape == model.calibration.among.shape == (len(SIGNS),)
    assert model.calibration.shift == 0.0
    first, among = model.calibration.chances(signs_and_truth(judged[0], model.rank)[0])
    assert 0.0 < first <= among < 1.0


# --- from texts to examples ------------------------------------------------------------------------------------------
def test_an_example_is_what_the_ranking_sees() -> None:
    matching = load_matching()
    matcher = KnowledgeMatcher(NAMES, {}, matching.lexicon, matching.models)
    seen = example(matcher, "身份证丢了咋补", {"lost", "unknown"}, 3.0)
    assert seen.rows.shape == (len(seen.records), len(COLUMNS))
    assert {seen.codes[i] for i in seen.right} == {"lost"}
    assert set(seen.records.tolist()) == set(range(len(seen.codes)))
    assert seen.weight == 3.0
    ranked = matcher.rank(matcher.reader.hear("身份证丢了咋补"))
    weights = matching.models.sparse.rank
    assert signs_and_truth(seen, weights)[3] == ranked.codes[0] == "lost"
    assert example(matcher, "身份证丢了咋补", set()).right == frozenset()
    assert len(example(matcher, "", {"lost"}).rows) == 0


def test_an_example_of_an_updated_matcher_knows_what_was_added() -> None:
    matching = load_matching()
    matcher = KnowledgeMatcher(NAMES, {}, matching.lexicon, matching.models).updated({"card": (Name("card", "社保卡丢失补领", "item", "社保卡"),)}, {})
    assert matcher is not None
    seen = example(matcher, "社保卡丢失", {"card"})
    assert {seen.codes[i] for i in seen.right} == {"card"}
