"""Everyday words, and the actions and subjects that a text names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import KnowledgeFaulty
from knowledge.load_words import load_lexicon
from knowledge.matching.lexicon import VARIANTS, Lexicon, Scanner, Sense, Senses

SENSES = (Sense("补领", "补办", ("补领", "补办"), ("补办公用品",), "", False),
          Sense("注销", "注销", ("注销",)),
          Sense("设立", "新开办", ("开办", "注册"), ("注册会计师",)),
          Sense("办公", "采购", ("办公用品",)),
          Sense("申领", "新办", ("申领",), bare=True))
LETTERS = "补办领注销册会计师公用品开申护照"


def names(senses: Senses, text: str) -> list[str]:
    return [sense.name for sense in senses.named(senses.within(text))]


def test_at_every_place_the_longest_word_is_found() -> None:
    scanner = Scanner(["身份", "身份证", "证"])
    assert [scanner.at("身份证明", place) for place in range(4)] == ["身份证", None, "证", None]


def test_a_word_that_the_text_breaks_off_is_not_found() -> None:
    assert Scanner(["身份证"]).at("补身份", 1) is None


@given(st.sets(st.text(alphabet="一二三四", min_size=1, max_size=4)), st.text(alphabet="一二三四五", min_size=1, max_size=12))
def test_the_scanner_finds_what_trying_every_word_finds(words: set[str], text: str) -> None:
    scanner = Scanner(words)
    for place in range(len(text)):
        fitting = [word for word in words if text.startswith(word, place)]
        assert scanner.at(text, place) == (max(fitting, key=len) if fitting else None)


@pytest.mark.parametrize(("text", "found"), [
    ("护照怎么补办", ["补领"]), ("注销以后再补领", ["补领", "注销"]), ("护照", []), ("", []), ("开办公司", ["设立"])])
def test_a_text_names_the_actions_whose_words_stand_in_it(text: str, found: list[str]) -> None:
    assert names(Senses(SENSES), text) == found


def test_an_exception_hides_its_own_sense_alone() -> None:
    senses = Senses(SENSES)
    assert names(senses, "注册会计师") == []
    assert names(senses, "补办公用品") == ["办公"]
    assert names(senses, "注册会计师注销") == ["注销"]


def test_an_exception_hides_its_sense_in_whatever_begins_within_it_and_no_other() -> None:
    senses = Senses([Sense("补领", "补办", ("补办",), ("不用补办",)), Sense("注销", "注销", ("补办注销",))])
    assert names(senses, "不用补办") == []
    assert names(senses, "不用补办注销") == ["注销"]
    assert names(senses, "不用补办,补办") == ["补领"]


def test_what_stands_outside_the_exception_counts() -> None:
    assert names(Senses(SENSES), "注册会计师想注册公司") == ["设立"]


def test_a_longer_word_of_another_sense_still_tells_the_shorter_one_it_begins_with() -> None:
    senses = Senses([Sense("变更", "变更", ("变更",)), Sense("更名", "改名", ("变更名称",))])
    assert names(senses, "变更名称") == ["变更", "更名"]


def test_what_is_asked_and_what_is_offered_exclude_each_other_within_a_group() -> None:
    senses = Senses([Sense("企业", "企业", ("企业",), group="单位"), Sense("个体", "个体户", ("个体户",), group="单位"),
                     Sense("老人", "老年人", ("老人",), group="年龄")])
    firm, trader, old = (senses.within(word) for word in ("企业", "个体户", "老人"))
    assert senses.exclude(firm, trader) and senses.exclude(trader, firm)
    assert not senses.exclude(firm, firm | trader)
    assert not senses.exclude(firm, old) and not senses.exclude(firm, 0) and not senses.exclude(0, trader)
    assert senses.exclude(firm | old, trader | old)


def test_the_action_meant_without_a_name_is_known() -> None:
    senses = Senses(SENSES)
    assert [sense.name for sense in senses.named(senses.bare)] == ["申领"]


@given(st.text(alphabet=LETTERS, max_size=14))
def test_a_sense_is_named_only_where_one_of_its_words_stands(text: str) -> None:
    senses = Senses(SENSES)
    for sense in senses.named(senses.within(text)):
        assert any(word in text for word in sense.words)


@given(st.integers(0, 31), st.integers(0, 31))
def test_exclusion_is_mutual_and_never_between_equals(one: int, other: int) -> None:
    senses = Senses(SENSES)
    assert senses.exclude(one, other) == senses.exclude(other, one)
    assert not senses.exclude(one, one)


LEXICON = Lexicon({"机动车驾驶证": ["驾照", "本子"], "不动产权证书": ["房本", "本子"], "身份证明": ["证明"]}, SENSES, latin={"sfz": ["身份证"]})


def test_everyday_words_become_official_terms_beside_the_text_itself() -> None:
    assert LEXICON.readings("驾照丢了") == ("驾照丢了", "机动车驾驶证丢了")


def test_an_official_term_stays_and_hides_the_everyday_word_within_it() -> None:
    assert LEXICON.readings("身份证明在哪开") == ("身份证明在哪开",)
    assert LEXICON.readings("证明在哪开") == ("证明在哪开", "身份证明在哪开")


def test_an_ambiguous_word_gives_a_reading_for_each_meaning() -> None:
    assert LEXICON.readings("补本子") == ("补本子", "补机动车驾驶证", "补不动产权证书")


def test_every_ambiguous_word_of_a_text_takes_its_turn() -> None:
    assert LEXICON.readings("驾照本子") == ("驾照本子", "机动车驾驶证机动车驾驶证", "机动车驾驶证不动产权证书")


def test_a_word_of_many_meanings_gives_no_more_than_the_most_allowed() -> None:
    many = Lexicon({f"术语{letter}": ["本子"] for letter in "甲乙丙丁戊己"})
    assert len(many.readings("本子")) == VARIANTS + 1


def test_a_text_of_unknown_words_has_one_reading() -> None:
    assert LEXICON.readings("天气") == ("天气",)
    assert LEXICON.readings("") == ("",)
    assert Lexicon({}).readings("驾照") == ("驾照",)


@given(st.text(alphabet="驾照本子房身份证明补办x\U0001f600\ud800", max_size=20))
def test_readings_differ_and_begin_with_the_text(text: str) -> None:
    readings = LEXICON.readings(text)
    assert readings[0] == text
    assert len(set(readings)) == len(readings) <= VARIANTS + 1


def test_the_segmenter_learns_terms_senses_and_question_words_once() -> None:
    assert {"驾照", "机动车驾驶证", "补办", "补办公用品", "啥", "什么"} <= set(LEXICON.words)
    assert len(set(LEXICON.words)) == len(LEXICON.words)
    assert "补办" not in LEXICON.terms


def test_the_words_of_the_product_are_read() -> None:
    lexicon = load_lexicon()
    assert lexicon.latin["sfz"] == ("身份证",)
    assert "居民身份证丢了" in lexicon.readings("身份证丢了")
    assert "申领" in [sense.name for sense in lexicon.actions.named(lexicon.actions.bare)]


@pytest.mark.parametrize("words", ["护照: []\n", "护照: 出国本\n"])
def test_terms_without_words_are_refused_with_their_file(tmp_path, words: str) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "terms").mkdir()
    (tmp_path / "terms" / "a.yml").write_text(words, encoding="utf-8")
    with pytest.raises(KnowledgeFaulty, match="a.yml:1: '护照' has no words"):
        load_lexicon(tmp_path)
