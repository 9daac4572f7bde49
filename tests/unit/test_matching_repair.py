"""Misheard characters are set right where their neighbours say so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.matching.encode import sounds
from knowledge.matching.repair import LONGEST, Repair, learn_repair
from zh.pinyin import syllables

NAMES = ["公积金提取", "公积金贷款", "住房公积金转移", "公积金缴存", "身份证补领", "居民身份证换领", "身份证挂失", "临时身份证", "护照换发"] * 3
ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=70)


@pytest.fixture(scope="module")
def repair() -> Repair:
    return learn_repair(NAMES)


@pytest.mark.parametrize(("heard", "meant"), [
    ("公鸡金", "公积金"), ("公鸡金提取", "公积金提取"), ("我的深份证补领", "我的身份证补领"), ("身份正补领", "身份证补领")])
def test_what_was_misheard_is_set_right(repair: Repair, heard: str, meant: str) -> None:
    assert repair(heard) == meant


@pytest.mark.parametrize("text", ["公积金提取", "身份证补领", "居民身份证换领", "护照换发", "天气预报", "etc办理"])
def test_a_clean_text_stays(repair: Repair, text: str) -> None:
    assert repair(text) == text


def test_characters_set_right_by_sound_alone_are_not_swapped(repair: Repair) -> None:
    assert repair("公基金") == "公积金"      # 基 sounds like 积
    assert repair("公金积") == "公金积"      # the order is not a matter of sounds


def test_what_nobody_taught_stays(repair: Repair) -> None:
    assert learn_repair(["护照换发"])("公鸡金") == "公鸡金"
    assert learn_repair([])("公鸡金") == "公鸡金"


def test_what_was_taught_once_is_too_little_to_change_a_text() -> None:
    assert learn_repair(["公积金"])("公鸡金") == "公鸡金"


def test_typed_syllables_become_characters(repair: Repair) -> None:
    def typed(*parts: str) -> str:
        return "".join(sounds().spoken(part) for part in parts)
    assert repair(typed("gong", "ji", "jin")) == "公积金"
    assert repair(typed("shen", "fen", "zheng") + "补领") == "身份证补领"
    assert repair("身份" + typed("zheng")) == "身份证"


def test_a_syllable_that_no_character_has_stays(repair: Repair) -> None:
    sign = sounds().spoken("nüe")
    assert repair("身份证" + sign) == "身份证" + sign


@pytest.mark.parametrize("text", ["", "鸡", "公鸡金" + "了" * (LONGEST - 2), "\U0001f600公鸡金"])
def test_nothing_one_character_a_long_text_and_one_beyond_the_basic_plane_are_left(repair: Repair, text: str) -> None:
    assert repair(text) == text


def test_a_text_just_short_enough_is_repaired(repair: Repair) -> None:
    assert repair("公鸡金" + "了" * (LONGEST - 3)).startswith("公积金")


@settings(deadline=None)
@given(ANY)
def test_any_text_keeps_its_length_and_its_sounds(repair: Repair, text: str) -> None:
    found = repair(text)
    assert len(found) == len(text)
    for before, after in zip(text, found):
        assert before == after or "\ue000" <= before <= "\uf8ff" or syllables(before) == syllables(after)


@settings(deadline=None)
@given(st.text(alphabet="公鸡积金基身深份分证正补领", max_size=20))
def test_what_was_set_right_only_gets_likelier(repair: Repair, text: str) -> None:
    assert repair(repair(text)) == repair(text)


@settings(deadline=None, max_examples=30)
@given(st.lists(ANY.filter(bool), max_size=5), ANY)
def test_any_names_can_be_learned_from(names: list[str], text: str) -> None:
    assert len(learn_repair(names)(text)) == len(text)


@pytest.mark.parametrize("names", [["公积金", ""], ["", "公积金"], ["", ""]])
def test_an_empty_name_teaches_nothing(names: list[str]) -> None:
    assert learn_repair(names).pairs.tolist() == learn_repair(list(filter(None, names))).pairs.tolist()
