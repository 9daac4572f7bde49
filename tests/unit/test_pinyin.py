"""Folded syllables: sounds that speakers and recognisers mix up are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zh.pinyin import fold, syllables


@pytest.mark.parametrize(
    ("syllable", "folded"),
    [("zhang", "zan"), ("chen", "cen"), ("shi", "si"), ("li", "ni"), ("ling", "nin"), ("zang", "zan"), ("feng", "fen"), ("a", "a"), ("", "")],
)
def test_confused_sounds_fold_together(syllable: str, folded: str) -> None:
    assert fold(syllable) == folded


@pytest.mark.parametrize(("one", "other"), [("身份证", "身分正"), ("公积金", "公鸡金"), ("着火", "遮火"), ("驾驶证", "驾四正")])
def test_words_that_sound_alike_are_equal(one: str, other: str) -> None:
    assert syllables(one) == syllables(other)


def test_a_character_without_pinyin_stands_for_itself() -> None:
    assert syllables("办a1") == ("ban", "a", "1")


@given(st.text(max_size=50))
def test_each_character_gives_one_syllable(text: str) -> None:
    assert len(syllables(text)) == len(text)
