"""Texts as arrays of characters, sounds and weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.matching.encode import CODES, FUNCTION, SPOKEN_BASE, UNKNOWN_WEIGHT, SoundTable, char_weights, codes, concatenated, general_weights

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)  # lone surrogates too


def back(array: np.ndarray) -> str:  # type: ignore[type-arg]
    return array.tobytes().decode("utf-16-le", "surrogatepass")


def test_a_character_beyond_the_basic_plane_counts_as_two() -> None:
    assert [len(codes(text)) for text in ("", "证", "证\U0001f600", "\ud800")] == [0, 1, 3, 1]


@given(ANY)
def test_a_text_comes_back_from_its_codes(text: str) -> None:
    assert codes(back(codes(text))).tolist() == codes(text).tolist()
    assert len(codes(text)) == sum(2 if char > "\uffff" else 1 for char in text)


@given(st.lists(ANY, max_size=6))
def test_texts_stand_one_after_the_other(texts: list[str]) -> None:
    joined, starts = concatenated(texts)
    assert len(starts) == len(texts) + 1 and starts[0] == 0 and starts[-1] == len(joined)
    for i, text in enumerate(texts):
        assert joined[starts[i]:starts[i + 1]].tolist() == codes(text).tolist()


def heard(table: SoundTable, text: str) -> list[int]:
    table.learn(codes(text))
    return [int(sound) for sound in table.table[codes(text)]]


@pytest.mark.parametrize(("one", "other"), [("公积金", "公鸡金"), ("身份", "身分"), ("着火", "遮火")])
def test_characters_that_sound_alike_have_one_sound(one: str, other: str) -> None:
    table = SoundTable()
    assert heard(table, one) == heard(table, other)


def test_characters_that_differ_in_sound_differ_and_letters_have_none() -> None:
    table = SoundTable()
    first, second = heard(table, "证护")
    assert first != second and min(first, second) >= 0
    assert heard(table, "a1,。 \U0001f600") == [-1] * 7


def test_a_typed_syllable_sounds_like_the_character_and_is_none() -> None:
    table = SoundTable()
    sign = table.spoken("zheng")
    assert SPOKEN_BASE <= ord(sign) < 0xF900
    assert heard(table, sign) == heard(table, "证")
    assert table.spoken("zen") == sign  # 前后鼻音 and 平翘舌 fold together
    assert table.spoken("hu") != sign


@given(st.lists(ANY, max_size=5))
def test_sounds_stay_whatever_is_learned_later(texts: list[str]) -> None:
    table = SoundTable()
    before = heard(table, "身份证")
    for text in texts:
        heard(table, text)
    assert heard(table, "身份证") == before


def test_what_is_rare_among_records_tells_more() -> None:
    weights = char_weights([codes("护照补领"), codes("护照换领"), codes("户口迁移")])
    assert weights[ord("补")] > weights[ord("护")] > 0
    assert weights[ord("领")] == weights[ord("护")]
    assert weights[ord("龘")] == np.float32(UNKNOWN_WEIGHT)


def test_a_character_said_twice_by_one_record_counts_once() -> None:
    weights = char_weights([codes("证证证"), codes("照")])
    assert weights[ord("证")] == weights[ord("照")]


def test_grammar_tells_hardly_anything_and_blanks_nothing() -> None:
    weights = char_weights([codes("护照 怎样补办"), codes("护照片")])
    assert weights[ord(" ")] == weights[0] == 0
    assert weights[ord("办")] < weights[ord("补")] / 2
    assert max(weights[ord(char)] for char in FUNCTION) < UNKNOWN_WEIGHT / 2


def test_no_weight_is_negative_even_of_what_every_record_says() -> None:
    assert char_weights([codes("证")] * 5).min() >= 0
    assert char_weights([]).shape == (CODES,)


def test_rare_characters_of_the_language_tell_more() -> None:
    weights = general_weights()
    assert weights[ord("殡")] > weights[ord("证")] > weights[ord("的")] > 0
    assert weights[ord(" ")] == 0
    assert weights[SPOKEN_BASE] > weights[ord("证")]
