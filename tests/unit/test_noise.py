"""The generator of test noise: each kind spoils what it should and nothing else, out of tables of its own."""

from __future__ import annotations

import random
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.noise import numerals
from benchmarks.noise.generator import DROPPED, KINDS, noised, readings, words
from benchmarks.noise.tables import FOLDER, read, tables
from core.settings import ROOT

TEXT = "我的身份证丢了3天,公司怎么补办银行贷款"
FORBIDDEN = ("zh", "knowledge", "pypinyin", "opencc", "jieba", "cn2an")
SEEDS = range(40)


def versions(text: str, kind: str) -> list[str]:
    return [noised(text, kind, random.Random(seed)) for seed in SEEDS]


def differences(one: str, other: str) -> list[tuple[str, str]]:
    assert len(one) == len(other)
    return [(before, after) for before, after in zip(one, other) if before != after]


def test_the_kinds_are_the_published_ones() -> None:
    assert KINDS == ("同音", "近音", "漏字", "叠字", "换位", "数字", "拼音", "首字母", "繁体", "错字", "英文", "啰嗦", "混合")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_spoils_a_text_it_can_spoil(kind: str) -> None:
    assert all(version != TEXT for version in versions(TEXT, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_makes_the_same_noise(kind: str) -> None:
    assert versions(TEXT, kind) == versions(TEXT, kind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("数字", "繁体", "首字母")])
def test_other_seeds_make_other_noise(kind: str) -> None:
    assert len(set(versions(TEXT, kind))) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_to_do_leaves_the_text(kind: str) -> None:
    assert noised("", kind, random.Random(1)) == ""
    if kind != "啰嗦":
        assert noised("OK, bye!", kind, random.Random(1)) == "OK, bye!"


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        noised(TEXT, "没有", random.Random(1))


@given(st.text(alphabet="身份证银行贷款3天一下统一二十abc ,。\n😀", max_size=30), st.sampled_from(KINDS), st.integers(0, 99))
def test_any_text_is_taken_by_any_kind(text: str, kind: str, seed: int) -> None:
    assert isinstance(noised(text, kind, random.Random(seed)), str)


def test_homophones_sound_the_same_and_are_two() -> None:
    for version in versions(TEXT, "同音"):
        swaps = differences(TEXT, version)
        assert len(swaps) == 2
        for before, after in swaps:
            assert any(before in group and after in group for group in tables().homophones.values())


def test_a_word_decides_how_its_characters_sound() -> None:
    assert {noised("银行", "同音", random.Random(seed))[1] for seed in SEEDS} <= set(tables().homophones["hang"])
    assert {noised("行", "同音", random.Random(seed)) for seed in SEEDS} <= set(tables().homophones["xing"])


def test_a_near_homophone_is_of_a_paired_group() -> None:
    for version in versions(TEXT, "近音"):
        (swap,) = differences(TEXT, version)
        near = tables().near[readings(TEXT)[[one != other for one, other in zip(TEXT, version)].index(True)]]
        assert any(swap[1] in tables().homophones[syllable] for syllable in near)


def test_a_dropped_character_is_one_and_the_last_one_stays() -> None:
    assert set(versions("社保卡", "漏字")) == {"保卡", "社卡", "社保"}
    assert set(versions("卡", "漏字")) == {"卡"}


def test_a_doubled_character_stands_beside_itself() -> None:
    assert set(versions("社保卡1", "叠字")) == {"社社保卡1", "社保保卡1", "社保卡卡1"}


def test_two_neighbours_are_turned_round() -> None:
    assert set(versions("社保卡,爸爸", "换位")) == {"保社卡,爸爸", "社卡保,爸爸"}


@pytest.mark.parametrize(("digits", "said"), [
    ("3天", "三天"), ("2个月", "两个月"), ("2月", "二月"), ("10天", "十天"), ("15天", "十五天"), ("105元", "一百零五元"), ("3000元", "三千元"),
    ("1020", "一千零二十"), ("2023年", "二零二三年"), ("12345", "一二三四五"), ("50000元", "五万元"), ("3.5折", "三点五折"), ("0", "零"), ("007", "零零七"), ("110", "一百一十"),
])
def test_digits_are_said(digits: str, said: str) -> None:
    assert numerals.spoken(digits) == said


@pytest.mark.parametrize(("said", "digits"), [
    ("三天", "3天"), ("两个月", "2个月"), ("十天", "10天"), ("二十五岁", "25岁"), ("一百零五元", "105元"), ("三千元", "3000元"), ("二零二三年", "2023年"), ("五万元", "5万元"),
    ("一下", "一下"), ("统一办三次", "统一办3次"), ("三四十天", "三四十天"), ("两三天", "两三天"), ("十七八岁", "十七八岁"),
])
def test_number_words_are_written(said: str, digits: str) -> None:
    assert numerals.written(said) == digits


@given(st.integers(0, 9999))
def test_a_number_said_and_written_is_the_same(number: int) -> None:
    assert numerals.written(numerals.spoken(f"{number}块")) == f"{number}块"


def test_either_way_of_numbers_happens() -> None:
    assert set(versions("3天还是五天", "数字")) == {"三天还是五天", "3天还是5天"}


def test_pinyin_is_typed_for_one_to_all_words_with_or_without_spaces() -> None:
    made = set(versions("银行贷款", "拼音"))
    assert made == {"yinhang贷款", "yin hang贷款", "银行daikuan", "银行dai kuan", "yinhangdaikuan", "yin hang dai kuan"}


@pytest.mark.parametrize("text", [TEXT, "我公司在重庆,地址A座3楼", "", "abc", "身份证身份证"])
def test_the_words_make_up_the_text(text: str) -> None:
    assert "".join(words(text)) == text


def test_one_listed_word_becomes_its_initials_the_longest_first() -> None:
    assert set(versions("医保卡和身份证", "首字母")) == {"ybk和身份证", "医保卡和sfz"}
    assert noised("雨伞", "首字母", random.Random(1)) == "雨伞"


def test_one_word_is_said_in_english() -> None:
    assert set(versions("护照和签证", "英文")) == {"passport和签证", "护照和visa"}


def test_all_characters_that_have_one_get_their_traditional_form() -> None:
    assert noised("身份证怎么补办", "繁体", random.Random(1)) == "身份證怎麼補辦"


def test_a_typing_slip_is_one_look_alike() -> None:
    for version in versions(TEXT, "错字"):
        ((before, after),) = differences(TEXT, version)
        assert after in tables().lookalikes[before]


def test_chatter_stands_around_the_whole_text() -> None:
    for version in versions(TEXT, "啰嗦"):
        before, after = version.split(TEXT)
        assert 60 <= len(before) <= 140 and 60 <= len(after) <= 140
        assert 150 <= len(before + after) <= 260


def test_mixed_noise_swaps_two_and_drops_one_in_some_texts() -> None:
    made = [noised(TEXT, "混合", random.Random(seed)) for seed in range(1000)]
    kept = [version for version in made if len(version) == len(TEXT)]
    assert all(len(differences(TEXT, version)) == 2 for version in kept)
    assert {len(version) for version in made} == {len(TEXT), len(TEXT) - 1}
    assert abs(1 - len(kept) / len(made) - DROPPED) < 0.05


def test_every_homophone_has_company_and_one_usual_reading() -> None:
    groups = tables().homophones
    assert len(groups) >= 350
    assert sum(map(len, groups.values())) >= 1200
    for syllable, group in groups.items():
        assert re.fullmatch("[a-z]{1,6}", syllable)
        assert len(group) >= 2 and len(set(group)) == len(group)
        assert re.fullmatch("[\u4e00-\u9fff]+", group)
    everywhere = "".join(groups.values())
    several = {character for character in everywhere if everywhere.count(character) > 1}
    typed = read("readings")
    assert set(typed["main"]) == several
    assert all(character in groups[syllable] for character, syllable in typed["main"].items())
    assert not set(typed["alone"]) & set(everywhere)


def test_readings_of_words_are_of_known_syllables_one_a_character() -> None:
    known = set(tables().readings.values())
    for word, syllables in tables().word_readings.items():
        assert len(word) == len(syllables) and set(syllables) <= known, word


def test_near_groups_are_pairs_of_groups() -> None:
    for pairs in read("near").values():
        for one, other in map(str.split, pairs):
            assert one != other and {one, other} <= set(tables().homophones)
    assert all(len(set(others)) == len(others) for others in tables().near.values())


def test_traditional_forms_are_pairs_each_once() -> None:
    pairs = [pair for line in read("traditional").values() for pair in line.split()]
    assert len(pairs) >= 400
    assert all(len(pair) == 2 and pair[0] != pair[1] for pair in pairs)
    assert len({pair[0] for pair in pairs}) == len(pairs)


def test_look_alikes_are_groups_each_once() -> None:
    groups = [group for line in read("lookalikes").values() for group in line.split()]
    assert len(tables().lookalikes) >= 120
    assert all(2 <= len(group) == len(set(group)) <= 3 for group in groups)
    assert len({frozenset(group) for group in groups}) == len(groups)
    assert all(others and character not in others for character, others in tables().lookalikes.items())


def test_chatter_is_ample_and_of_fitting_length() -> None:
    for sentences in (tables().openings, tables().closings):
        assert len(set(sentences)) == len(sentences) >= 40
        assert all(20 <= len(sentence) <= 90 and sentence[-1] in "。？！" for sentence in sentences)
        assert not any(set(",;:?!.") & set(sentence) for sentence in sentences)
    assert len(set(tables().fillers)) == len(tables().fillers) >= 10


def test_initials_are_those_of_the_readings() -> None:
    assert len(tables().initials) >= 40
    for word, initials in tables().initials.items():
        assert 2 <= len(word) <= 4
        assert initials == "".join(syllable[0] for syllable in readings(word)), word


def test_english_words_are_plain_letters() -> None:
    assert len(tables().english) >= 30
    assert all(re.fullmatch("[A-Za-z ]+", said) and re.fullmatch("[\u4e00-\u9fff]+", word) for word, said in tables().english.items())


def test_nothing_that_repairs_is_loaded() -> None:
    code = (
        "import random, sys\nfrom benchmarks.noise.generator import KINDS, noised\n"
        f"[noised({TEXT!r}, kind, random.Random(1)) for kind in KINDS]\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert "benchmarks" in loaded
    assert not set(loaded) & set(FORBIDDEN)


def test_only_tables_of_its_own_are_read() -> None:
    assert FOLDER.parent == ROOT / "benchmarks" / "noise"
    assert not any(path.is_symlink() for path in FOLDER.iterdir())
