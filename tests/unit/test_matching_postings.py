"""The first stage finds what BM25, written plainly, finds."""

from __future__ import annotations

from collections import Counter
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge.matching import postings as module
from knowledge.matching.encode import codes, concatenated, sounds
from knowledge.matching.postings import K1, SOUND_WEIGHT, STEPS, B, Postings, build_postings, nearest, rareness
from zh.pinyin import syllables

NAMES = ("居民身份证丢失补领", "居民身份证换领", "普通护照首次申领", "结婚登记", "公司设立登记", "机动车驾驶证遗失补证")
ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)
SMALL = st.text(alphabet="证正身份深登记等级 a", min_size=1, max_size=8)


def indexed(names: tuple[str, ...] | list[str]) -> Postings:
    text, starts = concatenated(names)
    sounds().learn(text)
    return build_postings(text, starts, sounds().table)


def found(index: Postings, *readings: str, wanted: int = 10, dead: NDArray[np.bool_] | None = None) -> list[tuple[int, float]]:
    """Search, and see that the scores are left as they were."""
    scores = np.zeros(index.size, dtype=np.float32)
    arrays = [codes(reading) for reading in readings]
    for array in arrays:
        sounds().learn(array)
    places, values = nearest(index, arrays, sounds().table, wanted, scores, np.zeros(index.size, dtype=bool) if dead is None else dead)
    assert not scores.any()
    return [(int(place), float(value)) for place, value in zip(places, values)]


def terms(text: str) -> Counter[tuple[str, ...]]:
    heard = [syllables(char)[0] if "\u3400" <= char <= "\u9fff" else "" for char in text]
    singles = [(char,) for char in text if char not in " \0"]
    pairs = [("pair", one, two) for one, two in zip(text, text[1:]) if not {one, two} & {" ", "\0"}]
    alike = [("sounds", one, two) for one, two in zip(heard, heard[1:]) if one and two]
    return Counter([*singles, *pairs, *alike])


def plainly(names: list[str], *readings: str) -> tuple[list[float], float]:
    """BM25 of every name, and how far rounding to bytes may take a score."""
    bags = [terms(name) for name in names]
    mean = max(sum(map(len, names)) / len(names), 1.0)
    scores, slack = [0.0] * len(names), 1e-3
    for term in set().union(*map(terms, readings)):
        count = sum(term in bag for bag in bags)
        weight = log(1 + (len(names) - count + 0.5) / (count + 0.5)) * (SOUND_WEIGHT if term[0] == "sounds" else 1)
        slack += weight / STEPS if count else 0
        for i, bag in enumerate(bags):
            if term in bag:
                norm = K1 * (1 - B + B * len(names[i]) / mean)
                scores[i] += weight * bag[term] * (K1 + 1) / (bag[term] + norm)
    return scores, slack


@settings(deadline=None)
@given(st.lists(SMALL, min_size=1, max_size=12), st.lists(SMALL, min_size=1, max_size=2), st.integers(1, 6))
def test_the_best_names_and_their_scores_are_those_of_bm25(names: list[str], readings: list[str], wanted: int) -> None:
    expected, slack = plainly(names, *readings)
    best = found(indexed(names), *readings, wanted=wanted)
    assert [value for _, value in best] == sorted((value for _, value in best), reverse=True)
    assert len(best) == min(wanted, sum(score > 0 for score in expected))
    for place, value in best:
        assert expected[place] - slack <= value <= expected[place] + slack
    left = [score for place, score in enumerate(expected) if place not in dict(best)]
    if len(best) == wanted and left:
        assert max(left) <= best[-1][1] + slack


@settings(deadline=None)
@given(st.lists(SMALL, min_size=1, max_size=12), SMALL, st.data())
def test_names_that_are_no_more_never_come_and_change_no_other(names: list[str], text: str, data: st.DataObject) -> None:
    dead = np.array(data.draw(st.lists(st.booleans(), min_size=len(names), max_size=len(names))))
    index = indexed(names)
    alive = found(index, text, wanted=20, dead=dead)
    assert alive == [(place, value) for place, value in found(index, text, wanted=20) if not dead[place]]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_finds_itself_first(name: str) -> None:
    assert found(indexed(NAMES), name)[0][0] == NAMES.index(name)


@pytest.mark.parametrize("text", ["", " ", "   ", "龘", "xyz", "\U0001f600", "\ud800", "\0"])
def test_nothing_and_the_unknown_find_nothing(text: str) -> None:
    assert found(indexed(NAMES), text) == []


@pytest.mark.parametrize("text", ["深粉正", "结昏登计"])
def test_what_sounds_alike_is_found(text: str) -> None:
    assert found(indexed(NAMES), text)


def test_no_more_than_wanted_come() -> None:
    index = indexed([f"{char}登记" for char in "甲乙丙丁戊己庚辛壬癸"])
    assert len(found(index, "登记", wanted=3)) == 3


def test_of_very_many_equal_names_the_first_come() -> None:
    index = indexed(["登记"] * 2000)
    assert [place for place, _ in found(index, "登记", wanted=4)] == [0, 1, 2, 3]


def test_the_best_come_from_the_end_of_very_many() -> None:
    index = indexed([*["登记"] * 3000, "公司设立登记"])
    assert found(index, "公司设立登记", wanted=4)[0][0] == 3000


def test_pairs_do_not_reach_from_one_name_into_the_next() -> None:
    [(apart, first), (_, second)] = found(indexed(["甲", "乙"]), "甲乙")
    assert first == pytest.approx(second) and apart in (0, 1)
    assert found(indexed(["甲乙", "丙"]), "甲乙")[0][1] > first


@pytest.mark.parametrize("text", ["居民身份证补领", "护照", "登记"])
def test_an_index_that_spares_common_terms_finds_the_same_best(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [*NAMES, *(f"事项{char}登记" for char in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳")]
    whole = found(indexed(names), text)
    monkeypatch.setattr(module, "MANY", 1)
    spared = found(indexed(names), text)
    assert spared[0][0] == whole[0][0]
    assert {place for place, _ in spared} <= {place for place, _ in found(indexed(names), text, wanted=len(names))}


@settings(deadline=None)
@given(ANY)
def test_any_text_is_looked_up(text: str) -> None:
    assert all(0 <= place < len(NAMES) and value > 0 for place, value in found(indexed(NAMES), text))


@settings(deadline=None)
@given(st.lists(ANY, min_size=1, max_size=6))
def test_any_names_are_indexed_and_the_known_parts_of_each_find_it(names: list[str]) -> None:
    index = indexed(names)
    for place, name in enumerate(names):
        if any(char not in " \0" for char in name):
            assert place in dict(found(index, name))


def test_without_names_there_is_nothing_to_index() -> None:
    with pytest.raises(ValueError, match="nothing to index"):
        indexed([])


def test_rare_characters_and_pairs_are_rarer_and_unknown_or_weightless_ones_not_counted() -> None:
    text = codes("结登记龘")
    chars, pairs = rareness(indexed(NAMES), text, np.array([1, 1, 0, 1], dtype=np.float32))
    assert chars[0] > chars[1] > 0 and chars[2] == chars[3] == 0
    assert pairs.tolist() == [0, 0, 0]
    assert rareness(indexed(NAMES), text, np.ones(4, dtype=np.float32))[1][1] > 0
