"""How a text and a name fit together, against the same in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge.matching.encode import CODES, codes, concatenated, sounds
from knowledge.matching.features import ASKING, FEATURES, FULL_EVIDENCE, GAINED, OFTEN, SOUND_CREDIT, compare_all, cover_all
from zh.pinyin import syllables

TEXT = st.text(alphabet="证正身份深登记等级a", min_size=1, max_size=8)
ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)
SHARES = [i for i, name in enumerate(FEATURES) if not name.startswith(("order", "run"))]
RARITY = np.linspace(0.5, 4.0, CODES).astype(np.float32)
RARITY[codes("证登a身")] = [3.0, 1.0, 0.5, 2.0]


def compared(readings: list[str], names: list[str], rarity: NDArray[np.float32] = RARITY, asks: str = "") -> NDArray[np.float32]:
    """Compare the readings of a text with the readings of one name; characters in `asks` belong to a question's own words."""
    code, begins = concatenated(readings)
    text, starts = concatenated(names)
    sounds().learn(code)
    sounds().learn(text)
    mask = np.isin(text, codes(asks))
    found: NDArray[np.float32] = compare_all(code, begins, rarity[code], rarity[code], text, mask, starts, np.array([0]), np.array([len(names)]),
                                             sounds().table, rarity, rarity)
    assert found.shape == (1, len(FEATURES) + len(GAINED))
    row: NDArray[np.float32] = found[0]
    return row


def feature(row: NDArray[np.float32], name: str) -> float:
    return float(row[FEATURES.index(name)])


def sound(char: str) -> str:
    return syllables(char)[0] if "\u3400" <= char <= "\u9fff" else ""


def credit(one: str, other: str) -> float:
    """Of two stretches of one length: the same, alike in sound, or neither."""
    if one == other:
        return 1.0
    return SOUND_CREDIT if all(sound(a) and sound(a) == sound(b) for a, b in zip(one, other)) else 0.0


def share(one: str, other: str, length: int, least: float) -> float:
    """How much of one text the other has, in stretches of `length`; credits below `least` do not count."""
    stretches, others = ([text[i:i + length] for i in range(len(text) - length + 1)] for text in (one, other))
    weights = [sum(float(RARITY[ord(char)]) for char in stretch) for stretch in stretches]
    best = [max((credit(stretch, offered) for offered in others), default=0.0) for stretch in stretches]
    return sum(weight * value for weight, value in zip(weights, best) if value >= least) / sum(weights)


def in_order(one: str, other: str) -> float:
    """Weight of the longest common subsequence."""
    table = [[0.0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            gain = credit(a, b) * 0.5 * float(RARITY[ord(a)] + RARITY[ord(b)])
            table[i + 1][j + 1] = max(table[i][j + 1], table[i + 1][j], table[i][j] + gain)
    return table[-1][-1]


def longest_run(one: str, other: str) -> float:
    """Weight of the heaviest common substring."""
    best = 0.0
    for i in range(len(one)):
        for j in range(len(other)):
            run, step = 0.0, 0
            while i + step < len(one) and j + step < len(other) and (fits := credit(one[i + step], other[j + step])):
                run += fits * 0.5 * float(RARITY[ord(one[i + step])] + RARITY[ord(other[j + step])])
                step += 1
            best = max(best, run)
    return best


def weight_of(text: str) -> float:
    return sum(float(RARITY[ord(char)]) for char in text)


@settings(deadline=None)
@given(TEXT, TEXT)
def test_coverage_is_the_weighted_share_of_characters(text: str, name: str) -> None:
    row = compared([text], [name])
    assert feature(row, "cover_text") == pytest.approx(share(text, name, 1, 1.0), abs=1e-4)
    assert feature(row, "cover_name") == pytest.approx(share(name, text, 1, 1.0), abs=1e-4)
    assert feature(row, "heard_text") == pytest.approx(share(text, name, 1, 0.0), abs=1e-4)
    assert feature(row, "heard_name") == pytest.approx(share(name, text, 1, 0.0), abs=1e-4)


@settings(deadline=None)
@given(TEXT.filter(lambda text: len(text) > 1), TEXT.filter(lambda text: len(text) > 1))
def test_pairs_are_the_weighted_share_of_pairs(text: str, name: str) -> None:
    row = compared([text], [name])
    assert feature(row, "pairs_text") == pytest.approx(share(text, name, 2, 1.0), abs=1e-4)
    assert feature(row, "pairs_name") == pytest.approx(share(name, text, 2, 1.0), abs=1e-4)
    assert feature(row, "heard_pairs_text") == pytest.approx(share(text, name, 2, 0.0), abs=1e-4)
    assert feature(row, "heard_pairs_name") == pytest.approx(share(name, text, 2, 0.0), abs=1e-4)


@settings(deadline=None)
@given(TEXT, TEXT)
def test_order_is_the_longest_common_subsequence_and_run_the_heaviest_substring(text: str, name: str) -> None:
    row = compared([text], [name])
    assert feature(row, "order_text") == pytest.approx(in_order(text, name) / weight_of(text), abs=1e-4)
    assert feature(row, "order_name") == pytest.approx(in_order(text, name) / weight_of(name), abs=1e-4)
    assert feature(row, "run_text") == pytest.approx(longest_run(text, name) / weight_of(text), abs=1e-4)
    assert feature(row, "run_name") == pytest.approx(longest_run(text, name) / weight_of(name), abs=1e-4)


@settings(deadline=None)
@given(TEXT)
def test_a_text_fits_itself_wholly(text: str) -> None:
    row = compared([text], [text])
    assert row[:13] == pytest.approx(np.ones(13), abs=1e-5)
    assert feature(row, "evidence") == pytest.approx(min(1.0, weight_of(text) / FULL_EVIDENCE), abs=1e-5)


def test_what_has_nothing_in_common_scores_nothing() -> None:
    assert not compared(["登记"], ["护照"]).any()


def test_one_character_alone_counts_as_its_own_pair() -> None:
    row = compared(["证"], ["身份证"])
    assert feature(row, "pairs_text") == feature(row, "cover_text") == 1.0


@settings(deadline=None)
@given(ANY, ANY)
def test_any_texts_are_compared_and_shares_stay_shares(text: str, name: str) -> None:
    row = compared([text], [name])
    assert np.isfinite(row).all() and (row >= 0).all()
    assert (row[SHARES] <= 1.0001).all()


@settings(deadline=None)
@given(TEXT, TEXT)
def test_fitting_is_mutual(text: str, name: str) -> None:
    there, back = compared([text], [name]), compared([name], [text])
    for feature_name in ("cover", "pairs", "heard", "heard_pairs", "order", "run"):
        assert feature(there, f"{feature_name}_text") == pytest.approx(feature(back, f"{feature_name}_name"), abs=1e-4)


def test_without_weight_nothing_is_told() -> None:
    assert not compared(["证"], ["证"], np.zeros(CODES, dtype=np.float32)).any()


def test_the_official_reading_tells_how_much_better_it_fits() -> None:
    row = compared(["房本", "产权证书"], ["产权证书登记"])
    assert feature(row, "cover_text") == 0.0
    assert row[len(FEATURES) + GAINED.index(FEATURES.index("cover_text"))] == pytest.approx(1.0)


def test_the_second_reading_of_a_name_gains_as_well() -> None:
    row = compared(["产权证书"], ["房本", "产权证书"])
    assert row[len(FEATURES) + GAINED.index(FEATURES.index("cover_name"))] == pytest.approx(1.0)


@settings(deadline=None)
@given(TEXT, TEXT, TEXT)
def test_a_reading_that_fits_no_better_gains_nothing_and_changes_nothing(text: str, other: str, name: str) -> None:
    alone, both = compared([text], [name]), compared([text, other], [name])
    assert both[:len(FEATURES)].tolist() == alone[:len(FEATURES)].tolist()
    assert (both[len(FEATURES):] >= 0).all()
    assert not compared([text, text], [name])[len(FEATURES):].any()


def test_a_questions_own_words_weigh_less_in_a_name() -> None:
    flat = np.ones(CODES, dtype=np.float32)
    row = compared(["身份证"], ["身份证记登"], flat, asks="记登")
    assert feature(row, "cover_name") == pytest.approx(3 / (3 + 2 * ASKING))


def covered(text: str, names: str, rest: str = "", places: tuple[int, ...] = (0,)) -> NDArray[np.float32]:
    """Compare a text with one record of some names and other text, each character weighing one."""
    code, (known, starts) = codes(text), concatenated([f"{names} {rest}" if rest else names])
    sounds().learn(code)
    sounds().learn(known)
    ones = np.ones(len(code), dtype=np.float32)
    found: NDArray[np.float32] = cover_all(code, ones, ones, ones[:-1], known, starts, np.array([len(codes(names))]), np.array(places, dtype=np.int64),
                                           sounds().table)
    return found


def test_a_record_knows_what_its_names_or_its_text_say() -> None:
    chars, pairs = covered("身份证", "身份证")[0, :2]
    assert (chars, pairs) == (1.0, 1.0)
    chars, pairs = covered("身份证", "补领", "身份")[0, :2]
    assert chars == pytest.approx(2 / 3) and pairs == pytest.approx(1 / 2)
    assert covered("登", "等")[0, 0] == pytest.approx(SOUND_CREDIT)


def test_only_names_tell_how_often_a_record_speaks_so() -> None:
    once, twice, elsewhere = covered("证", "证")[0, 2], covered("证", "证照证")[0, 2], covered("证", "照", "证")[0, 2]
    assert once == pytest.approx(np.log(1 + OFTEN))
    assert twice == pytest.approx(np.log(1 + 2 * OFTEN))
    assert elsewhere == 0.0


def test_an_empty_text_is_known_by_nobody_and_no_places_give_no_rows() -> None:
    assert covered("证", "证", places=()).shape == (0, 5)
    nothing = cover_all(codes(""), *[np.zeros(0, np.float32)] * 3, codes("证"), np.array([0, 1]), np.array([1]), np.array([0]), sounds().table)
    assert nothing.tolist() == [[0.0] * 5]


@settings(deadline=None)
@given(ANY.filter(bool), ANY, ANY)
def test_any_record_knows_a_share_of_any_text(text: str, names: str, rest: str) -> None:
    row = covered(text, names, rest)[0]
    assert np.isfinite(row).all() and (row >= 0).all() and (row[:2] <= 1.0001).all()
