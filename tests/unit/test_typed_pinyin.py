"""Pinyin typed in Latin letters is split into syllables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zh.typed import LATIN, split_pinyin, syllables


@pytest.mark.parametrize(("typed", "found"), [
    ("shenfenzheng", ("shen", "fen", "zheng")), ("hukou", ("hu", "kou")), ("gongjijin", ("gong", "ji", "jin")),
    ("diule", ("diu", "le")), ("nvhai", ("nv", "hai")), ("nühai", ("nv", "hai")), ("zheng", ("zheng",))])
def test_pinyin_is_split_into_its_syllables(typed: str, found: tuple[str, ...]) -> None:
    assert split_pinyin(typed) == found


@pytest.mark.parametrize("typed", ["shen1fen4zheng4", "shen1fen4zheng", "shenfenzheng4"])
def test_tone_digits_are_left_out(typed: str) -> None:
    assert split_pinyin(typed) == ("shen", "fen", "zheng")


def test_the_fewest_syllables_are_taken() -> None:
    assert split_pinyin("xian") == ("xian",)


@pytest.mark.parametrize("letters", ["", "etc", "sfz", "app", "wifi", "vpn", "v", "zh", "12", "shenfenzhengx"])
def test_what_is_no_pinyin_is_not_split(letters: str) -> None:
    assert split_pinyin(letters) == ()


@pytest.mark.parametrize("letters", ["a", "e", "aa", "aeo"])
def test_syllables_of_one_letter_are_not_believed_by_themselves(letters: str) -> None:
    assert split_pinyin(letters) == ()


@given(st.lists(st.sampled_from(sorted(syllables() - set("aeo"))), min_size=1, max_size=8))
def test_whatever_is_made_of_syllables_is_split_into_no_more_of_them(parts: list[str]) -> None:
    found = split_pinyin("".join(parts))
    assert "".join(found) == "".join(parts)
    assert 0 < len(found) <= len(parts) and set(found) <= syllables()


@given(st.text(max_size=40))
def test_any_text_is_split_or_left(text: str) -> None:
    assert "".join(split_pinyin(text)) in ("", "".join(char for char in text if char not in "1234").replace("ü", "v"))


def test_runs_of_letters_are_found_with_their_tones() -> None:
    assert LATIN.findall("我的shen1fen4zheng丢了,etc怎么办123") == ["shen1fen4zheng", "etc"]
