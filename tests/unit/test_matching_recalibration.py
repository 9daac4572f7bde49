"""Chances are fitted to an index without labels: alike in every process, within bounds, and not at all where there is too little."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.bootstrap import load_catalogue, load_matching, names_of
from knowledge.matching.decision import SIGNS, Calibration
from knowledge.matching.matcher import KnowledgeMatcher, Model, Models
from knowledge.matching.names import Name
from knowledge.matching.recalibration import KEPT, MOST, gap, pseudo_queries, recalibrated

MATCHING = load_matching()
NAMES = tuple(name for name in names_of(load_catalogue()[0]) if name.text == name.official)[:300]


def matcher_of(names: tuple[Name, ...], odds: float | None = None) -> KnowledgeMatcher:
    """A matcher with the shipped chances, or one that expects the same of every ranking."""
    models = MATCHING.models
    if odds is not None:
        signs = np.array([odds if sign == "one" else 0.0 for sign in SIGNS], np.float32)
        model = Model(models.sparse.rank, Calibration(signs, signs))
        models = Models(model, model)
    return KnowledgeMatcher(names, {}, MATCHING.lexicon, models)


MATCHER = matcher_of(NAMES)


def test_made_up_callers_are_the_same_in_every_process() -> None:
    once, again = list(pseudo_queries(NAMES)), list(pseudo_queries(NAMES))
    assert once == again
    assert len(once) == 200
    assert len({name.code for _, name in once}) > 150


@settings(max_examples=50)
@given(st.lists(st.text("身份证补领换丢失登记备案许可", max_size=30), max_size=30), st.integers(0, 20))
def test_made_up_callers_shorten_names_of_ours(texts: list[str], sample: int) -> None:
    names = [Name(str(i), text, "beyond" if i % 5 == 4 else "item", text) for i, text in enumerate(texts)]
    found = list(pseudo_queries(names, sample))
    assert len(found) == min(sample, sum(len(name.text) >= 5 and name.kind != "beyond" for name in names))
    for text, name in found:
        assert name.kind != "beyond"
        assert len(text) == pytest.approx(len(name.text) * sum(KEPT) / 2, abs=len(name.text) * (KEPT[1] - KEPT[0]) / 2 + 0.51)
        rest = iter(name.text)
        assert all(char in rest for char in text), "its characters in its order"


def test_the_gap_of_an_index_is_always_the_same() -> None:
    assert gap(MATCHER, NAMES) == gap(MATCHER, NAMES) == gap(matcher_of(NAMES), NAMES) != 0.0


def test_an_index_too_small_to_tell_is_left_alone() -> None:
    for count in (1, 5, 19):
        assert gap(MATCHER, NAMES[:count]) == 0.0
    few = matcher_of(NAMES[:5])
    assert recalibrated(few, NAMES[:5], 0.0).chance_of_first("身份证") == few.chance_of_first("身份证")


def test_who_expects_too_much_learns_to_expect_less_and_the_other_way_round() -> None:
    bold, shy = matcher_of(NAMES, 6.0), matcher_of(NAMES, -6.0)
    assert gap(bold, NAMES) < 0 < gap(shy, NAMES)
    text = NAMES[0].text[1:]
    for matcher, way in ((bold, -1), (shy, 1)):
        before, after = matcher.chance_of_first(text), recalibrated(matcher, NAMES, 0.0).chance_of_first(text)
        assert before and after and before[0] == after[0]
        assert (after[1] - before[1]) * way > 0


@pytest.mark.parametrize(("usual", "way"), [(-1e9, 1), (1e9, -1)])
def test_chances_are_moved_so_far_and_no_further(usual: float, way: int) -> None:
    text = NAMES[0].text[:5]
    before, most, found = (matcher.chance_of_first(text)
                           for matcher in (MATCHER, MATCHER.calibrated(MOST * way), recalibrated(MATCHER, NAMES, usual)))
    assert before and most and found == most
    assert (most[1] - before[1]) * way >= 0


def test_an_index_like_the_one_it_learned_on_is_left_as_it_is() -> None:
    same = recalibrated(MATCHER, NAMES, gap(MATCHER, NAMES))
    for name in NAMES[:20]:
        assert same.match(name.text[1:]) == MATCHER.match(name.text[1:])
