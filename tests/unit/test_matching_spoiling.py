"""Texts spoilt as recognisers do."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from knowledge.matching.spoiling import SWAPS, spoilt
from zh.pinyin import syllables

TEXT = "身份证丢了怎么补办"


def test_the_same_draw_spoils_in_the_same_way() -> None:
    assert [spoilt(TEXT, random.Random(7)) for _ in range(3)] == [spoilt(TEXT, random.Random(7))] * 3


def test_draws_differ() -> None:
    assert len({spoilt(TEXT, random.Random(seed)) for seed in range(30)}) > 15


def test_what_is_replaced_sounds_alike_and_at_most_a_few_are() -> None:
    for seed in range(200):
        found = spoilt(TEXT, random.Random(seed))
        if len(found) == len(TEXT):
            assert syllables(found) == syllables(TEXT)
            assert sum(one != other for one, other in zip(found, TEXT)) <= SWAPS


def test_now_and_then_one_character_is_lost() -> None:
    lost = [len(TEXT) - len(spoilt(TEXT, random.Random(seed))) for seed in range(400)]
    assert set(lost) == {0, 1}
    assert 60 < sum(lost) < 180


def test_a_short_text_loses_none() -> None:
    assert all(len(spoilt("补办证", random.Random(seed))) == 3 for seed in range(100))


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=20), st.integers(0, 1000))
def test_any_text_can_be_spoilt(text: str, seed: int) -> None:
    found = spoilt(text, random.Random(seed))
    assert len(text) - 1 <= len(found) <= len(text)


@given(st.text("abc123,。 \U0001f600", max_size=20), st.integers(0, 1000))
def test_only_chinese_characters_are_replaced(text: str, seed: int) -> None:
    assert set(spoilt(text, random.Random(seed))) <= set(text)
