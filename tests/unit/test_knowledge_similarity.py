"""Everyday words, the index of names, and how well one text explains another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.bootstrap import load_lexicon
from knowledge.index import build_index, rarity
from knowledge.lexicon import Lexicon, actions_in
from knowledge.similarity import Words, coverage, evidence, exclude, similarity

NAMES = ("居民身份证丢失补领", "居民身份证换领", "普通护照首次申领", "结婚登记", "公司设立登记", "机动车驾驶证遗失补证")
IDF = rarity([[name] for name in NAMES])
TEXTS = st.text(st.sampled_from("身份证换领补办护照结婚登记公司设立的了吗 深分正"), min_size=1, max_size=12)


def words(text: str) -> Words:
    return Words(text, IDF)


# --- everyday words ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "folded"), [
    ("驾照", "驾驶证"), ("机动车驾驶证", "驾驶证"), ("身份证", "身份证"), ("没有的词", "没有的词"), ("", ""),
], ids=["everyday", "official", "common", "unknown", "nothing"])
def test_every_word_of_a_group_folds_to_its_common_form(text: str, folded: str) -> None:
    assert Lexicon({"驾驶证": ["驾照", "机动车驾驶证"], "身份证": ["居民身份证"]}).fold(text) == folded


def test_the_longest_word_is_folded_first() -> None:
    assert Lexicon({"丢": ["丢失"], "证": ["丢失补办"]}).fold("丢失补办") == "证"
    assert Lexicon({"证": ["丢失补办"], "丢": ["丢失"]}).fold("丢失补办") == "证"


def test_a_folded_word_is_not_folded_again() -> None:
    assert Lexicon({"乙": ["甲"], "丙": ["乙乙"], "丁": ["丙"]}).fold("甲甲丙") == "乙乙丁"


def test_words_with_signs_of_a_pattern_are_plain_words() -> None:
    assert Lexicon({"好": ["a.c", "(x)"]}).fold("abca.c(x)") == "abc好好"


def test_without_words_nothing_is_folded() -> None:
    assert (Lexicon({}).fold("身份证"), Lexicon({}).words) == ("身份证", ())


def test_no_everyday_word_of_the_product_belongs_to_two_groups() -> None:
    lexicon = load_lexicon()
    assert len(lexicon.words) == len(set(lexicon.words))
    assert [word for word in lexicon.words if lexicon.fold(lexicon.fold(word)) != lexicon.fold(word)] == []


# --- actions -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "actions"), [
    ("身份证丢了", {"补领"}), ("身份证到期换领", {"换领"}), ("公司注销", {"注销"}), ("我想开个饭店", {"设立"}), ("改名字", {"变更"}),
    ("房子过户", {"转移"}), ("打印社保证明", {"查询"}), ("房子抵押", {"抵押"}), ("临时身份证", {"临时"}), ("身份证", set()),
    ("身份证丢了想换个新的", {"补领", "换领"}), ("俺爹去世了户口咋办", {"注销"}),
])
def test_a_text_tells_what_is_to_be_done(text: str, actions: set[str]) -> None:
    assert actions_in(text) == actions


@pytest.mark.parametrize(("asked", "offered", "expected"), [
    ({"补领"}, {"换领"}, True), ({"补领"}, {"补领", "换领"}, False), (set(), {"换领"}, False), ({"补领"}, set(), False), (set(), set(), False),
], ids=["another", "one in common", "none asked", "none offered", "none at all"])
def test_actions_exclude_each_other_only_when_both_are_named(asked: set[str], offered: set[str], expected: bool) -> None:
    assert exclude(frozenset(asked), frozenset(offered)) is expected


# --- the index ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("position", range(len(NAMES)))
def test_a_name_is_nearest_to_itself(position: int) -> None:
    assert build_index(NAMES).nearest(NAMES[position], 3)[0] == position


def test_a_name_is_found_by_its_sound() -> None:
    assert build_index(NAMES).nearest("姐昏等级", 2)[0] == 3


@pytest.mark.parametrize("text", ["", " ", "xyz", "😀"])
def test_a_text_that_shares_nothing_finds_nothing(text: str) -> None:
    assert build_index(NAMES).nearest(text, 5) == []


@given(TEXTS, st.integers(0, 10))
def test_the_index_never_gives_more_than_asked_for_nor_one_name_twice(text: str, limit: int) -> None:
    found = build_index(NAMES).nearest(text, limit)
    assert len(found) == len(set(found)) <= limit
    assert set(found) <= set(range(len(NAMES)))


def test_an_index_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to index"):
        build_index([])


def test_a_character_of_few_items_is_rarer_than_one_of_many() -> None:
    assert IDF["护"] > IDF["身"] > IDF["领"]
    assert IDF["公"] == IDF["司"]


# --- likeness ----------------------------------------------------------------------------------------------------------
@given(TEXTS, TEXTS, TEXTS)
def test_every_measure_lies_between_nought_and_one(query: str, name: str, item: str) -> None:
    a, b, c = words(query), words(name), words(item)
    for value in (coverage(a, b), evidence(a, b), similarity(a, c, b, coverage(c, b))):
        assert 0.0 <= value <= 1.0 + 1e-9


@given(TEXTS, TEXTS)
def test_nothing_is_more_like_a_name_than_the_name_itself(name: str, other: str) -> None:
    own = words(name)
    said = words(other)
    assert similarity(said, said, own, coverage(said, own)) <= similarity(own, own, own, 1.0) + 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_a_name_explains_itself_wholly(name: str) -> None:
    assert similarity(words(name), words(name), words(name), 1.0) == pytest.approx(0.87)  # the rest is what the whole text adds
    assert coverage(words(name), words(name)) == pytest.approx(1.0)


def test_the_same_sound_counts_less_than_the_same_character_and_more_than_nothing() -> None:
    name = words("身份证")
    written, heard, other = (coverage(name, words(text)) for text in ("身份证", "深分正", "护照"))
    assert (written, other) == (1.0, 0.0)
    assert heard == pytest.approx(0.75)


def test_the_longer_of_two_explained_names_is_the_better_founded() -> None:
    whole = words("公司设立登记和结婚登记")
    assert evidence(words("公司设立登记"), whole) > evidence(words("登记"), whole) > 0


def test_a_word_that_the_item_does_not_know_speaks_against_it() -> None:
    name, said = words("公司设立登记"), words("设立渔船")
    knows, knows_not = (coverage(said, words(item)) for item in ("公司设立登记渔船", "公司设立登记"))
    assert similarity(said, said, name, knows) > similarity(said, said, name, knows_not)


def test_a_word_of_grammar_weighs_a_fifth_of_a_word_of_the_matter() -> None:
    even = {"的": 2.0, "护": 2.0}
    assert Words("的护 没", even).weights == pytest.approx((0.4, 2.0, 0.0, 0.8))


def test_blanks_have_no_weight() -> None:
    assert (coverage(words("  "), words("护照")), evidence(words(" "), words("护照"))) == (0.0, 0.0)
