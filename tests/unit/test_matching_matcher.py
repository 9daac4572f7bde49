"""From a caller's words to the record he means: what is found, what is asked back, what is left unanswered."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Sequence
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.bootstrap import assemble, build, load_catalogue, load_matching
from knowledge.facets import facet_of
from knowledge.matching.decision import SIGNS, Calibration, Costs
from knowledge.matching.lexicon import Lexicon
from knowledge.matching.matcher import KnowledgeMatcher, Model, Models
from knowledge.matching.names import Name
from knowledge.model import Match
from zh.normalise import normalise

MATCHING = load_matching()
KNOWN = build(matching=MATCHING)
NAMES = tuple(name for group in KNOWN.said.values() for name in group)
OFFICIAL = {name.code: name.official for name in NAMES}
BEYOND = {name.code for name in MATCHING.beyond}
PART = 3 if os.environ.get("TEST_LONG") else 12  # every official name and one everyday name in so many, always the same ones

LOST, RENEW, SCOPE = "id-card-lost", "id-card-renew", "hotline-scope"
SMALL = (
    Name(LOST, "居民身份证丢失补领", "item", "居民身份证丢失补领"), Name(LOST, "身份证丢了怎么补", "item", "居民身份证丢失补领"),
    Name(RENEW, "居民身份证换领", "item", "居民身份证换领"), Name(RENEW, "身份证到期换新的", "item", "居民身份证换领"),
    Name("passport", "普通护照首次申领", "item", "普通护照首次申领"), Name("company", "公司设立登记", "item", "公司设立登记"),
    Name(SCOPE, "12345管什么", "policy", "12345管什么"),
)
ASKED = ("身份证", "身份证丢了", "证", "护照", "公司登记", "办个证", "补一个", "换领", "登记", "我的身份证找不着了", "今天吃啥", "居民身份证换领")


def matcher_of(names: Sequence[Name], **options: object) -> KnowledgeMatcher:
    return KnowledgeMatcher(names, {}, MATCHING.lexicon, MATCHING.models, **options)  # type: ignore[arg-type]


def official(*texts: str) -> list[Name]:
    return [Name(f"n{i}", text, "item", text) for i, text in enumerate(texts)]


def sure_of(chance: float) -> Model:
    """A model that ranks as the shipped one and gives every ranking one chance."""
    odds = np.zeros(len(SIGNS), np.float32)
    odds[SIGNS.index("one")] = np.log(chance / (1 - chance))
    return Model(MATCHING.models.rich.rank, Calibration(odds, odds))


def check_bounds(found: Match, limit: int = 5) -> None:
    """What holds for every match of every text."""
    assert len(found.candidates) <= limit
    codes = [candidate.code for candidate in found.candidates]
    assert len(codes) == len(set(codes))
    scores = [candidate.score for candidate in found.candidates]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert all(candidate.kind != "beyond" for candidate in found.candidates)
    assert len(found.choices) == len(set(found.choices)) <= 4
    assert bool(found.choices) is (found.decision == "clarify")
    assert not BEYOND & {*codes, *found.choices}


# --- the shipped knowledge -------------------------------------------------------------------------------------------
def test_every_name_finds_its_record() -> None:
    lost = []
    for name in (name for name in NAMES if name.text == name.official or crc32(name.text.encode()) % PART == 0):
        found = KNOWN.matcher.match(name.text)
        check_bounds(found)
        first = found.candidates[0].code if found.candidates else None
        if found.decision == "none" or (first != name.code and name.code not in found.choices):
            lost.append((name.code, name.text, found.decision, first))
    assert lost == []


def test_a_short_number_that_is_a_name_is_answered() -> None:
    numbers = [name for name in NAMES if name.text.isdigit()]
    assert numbers
    assert [(name.text, KNOWN.matcher.match(name.text).decision) for name in numbers] == [(name.text, "answer") for name in numbers]


def test_what_lies_beyond_us_is_refused_and_never_shown() -> None:
    answered = []
    for name in MATCHING.beyond[::PART]:
        found = KNOWN.matcher.match(name.text)
        check_bounds(found)
        if found.decision != "none":
            answered.append((name.text, found.decision))
    assert answered == []


def test_a_name_in_other_signs_is_the_same_name() -> None:
    for text in ("結婚登記", " 结婚 登记 ", "结婚登记", "嗯，结婚登记"):
        found = KNOWN.matcher.match(text)
        assert (found.decision, found.candidates[0].code, found.candidates[0].score) == ("answer", "marriage-registration", 1.0)


def test_a_candidate_carries_its_official_name_and_the_name_that_matched() -> None:
    found = KNOWN.matcher.match("领结婚证要带啥").candidates[0]
    assert (found.code, found.name, found.kind, found.matched_on) == ("marriage-registration", "结婚登记", "item", "领结婚证要带啥")


@settings(max_examples=150, deadline=None)
@given(st.builds(lambda piece, times, tail: (piece * times)[:10_000] + tail,
                 st.text(st.characters(codec=None), max_size=40), st.integers(1, 250), st.text(st.characters(codec=None), max_size=20)))
def test_no_text_of_any_script_or_length_raises(text: str) -> None:
    found = KNOWN.matcher.match(text[:10_000])
    check_bounds(found)
    assert {candidate.code for candidate in found.candidates} | set(found.choices) <= set(OFFICIAL)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([name.text for name in NAMES]), min_size=1, max_size=30), st.sampled_from(["", ",", "。", " ", "还有", "😀", "\x00"]),
       st.integers(0, 20))
def test_many_names_in_one_breath_stay_within_bounds(names: list[str], glue: str, limit: int) -> None:
    found = KNOWN.matcher.match(glue.join(names)[:10_000], limit)
    check_bounds(found, limit)
    assert all(candidate.name == OFFICIAL[candidate.code] for candidate in found.candidates)


@pytest.mark.parametrize("text", ["", " ", "\n\t\r　", "。。。", "？", "\x00\ud800", "\udfff" * 50, "😀😀", "👨‍👩‍👧", "\u202e\u200b", "一" * 10_000, "1" * 10_000,
                                  "ﷺ" * 10_000, "，" * 10_000, "\x07" * 10_000])
def test_texts_at_the_edge_find_nothing_that_is_answered(text: str) -> None:
    found = KNOWN.matcher.match(text)
    check_bounds(found)
    assert found.decision != "answer"


def test_the_facet_is_that_of_the_whole_text() -> None:
    text = "身份证丢了，要多少钱呢"
    assert KNOWN.matcher.match(text).facet == facet_of(normalise(text)) == "fee"


def test_two_builds_match_alike() -> None:
    again = assemble(load_catalogue()[0], KNOWN.departments, matching=MATCHING)
    for text in ("护照到期了咋换", "公积金", "想开个饭店都要办啥", "hz丢了"):
        assert KNOWN.matcher.match(text) == again.matcher.match(text)


# --- the rules, on a few names ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "code"), [
    ("身份证丢了怎么补", LOST), ("俺身份证丢了咋补", LOST), ("身份证快到期了怎么换新的", RENEW), ("我想设立一个公司登记", "company"), ("护照首次申领", "passport"),
    ("sfz丢了", LOST), ("shenfenzheng diu le zen me bu", LOST), ("身粉证丢了怎么补", LOST),
])
def test_the_item_that_is_meant_comes_first(text: str, code: str) -> None:
    assert matcher_of(SMALL).match(text).candidates[0].code == code


def test_an_action_that_excludes_the_one_asked_for_costs() -> None:
    found = {candidate.code: candidate.score for candidate in matcher_of(SMALL).match("身份证丢了").candidates}
    assert found[LOST] > 2 * found.get(RENEW, 0.0)


def test_a_number_is_itself_or_another_number() -> None:
    own, other = matcher_of(SMALL).match("12345管什么"), matcher_of(SMALL).match("13812345678")
    assert (own.decision, own.candidates[0].code) == ("answer", SCOPE)
    assert other.decision == "none"


def test_two_that_are_as_near_are_asked_back() -> None:
    found = KnowledgeMatcher(SMALL, {}, MATCHING.lexicon, Models(sure_of(0.8), sure_of(0.8))).match("身份证")
    assert found.decision == "clarify"
    assert set(found.choices[:2]) == {LOST, RENEW}


def lamps(count: int = 7) -> list[Name]:
    return official(*(f"路灯{kind}登记" for kind in "红橙黄绿青蓝紫"[:count]))


def test_at_most_four_choices_are_offered() -> None:
    found = KnowledgeMatcher(lamps(), {}, Lexicon({}), Models(sure_of(0.8), sure_of(0.8))).match("路灯登记", limit=20)
    assert len(found.candidates) == 7
    assert (found.decision, len(found.choices)) == ("clarify", 4)
    assert found.choices == tuple(candidate.code for candidate in found.candidates[:4])


def test_a_smaller_limit_shortens_the_list_and_not_the_choices() -> None:
    asked = KnowledgeMatcher(lamps(), {}, Lexicon({}), Models(sure_of(0.8), sure_of(0.8)))
    wide, narrow = (asked.match("路灯登记", limit) for limit in (5, 1))
    assert narrow.candidates == wide.candidates[:1]
    assert narrow.choices == wide.choices
    assert asked.match("路灯登记", 0).candidates == ()


def test_next_to_nothing_said_is_neither_answered_nor_asked_back() -> None:
    certain = KnowledgeMatcher(SMALL, {}, MATCHING.lexicon, Models(sure_of(0.999), sure_of(0.999)))
    assert certain.match("怎么办").decision == "none"
    assert certain.match("身份证丢失补领").decision == "answer"


def test_a_matcher_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to index"):
        matcher_of(())


# --- names that several bear -----------------------------------------------------------------------------------------
def test_a_name_that_several_records_bear_belongs_to_the_one_that_is_known_by_others_as_well() -> None:
    names = (Name("112233", "路灯登记", "item", "路灯登记"), Name("lamp", "路灯登记", "item", "路灯登记"), Name("lamp", "装个路灯", "item", "路灯登记"))
    found = matcher_of(names).match("路灯登记")
    assert (found.decision, found.candidates[0].code) == ("answer", "lamp")


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_name_that_several_bear_alike_is_asked_back(count: int) -> None:
    twins = [replace(name, text="路灯登记", official="路灯登记") for name in lamps(count)]
    found = matcher_of((*twins, *SMALL)).match("路灯登记")
    assert (found.decision, set(found.choices[:count])) == ("clarify", {name.code for name in twins})
    assert [candidate.score for candidate in found.candidates[:count]] == [pytest.approx(1 / count, abs=1e-3)] * count


def test_who_asks_in_other_words_for_a_named_matter_is_answered() -> None:
    names = (Name("fee", "居住证办理多少钱", "item", "居住证申领"), *SMALL[:4])
    found = matcher_of(names).match("居住证办理要带啥")
    assert (found.decision, found.candidates[0].code, found.facet) == ("answer", "fee", "materials")


def test_a_bare_topic_is_joined_to_what_is_said_of_it() -> None:
    assert matcher_of(SMALL).match("身份证,丢了要补").candidates[0].code == LOST


def test_who_asks_for_all_that_has_to_be_done_means_the_life_event() -> None:
    assert KNOWN.matcher.match("想开个饭店都要办哪些手续").candidates[0].kind == "life_event"


# --- which model, what beyond, which costs ---------------------------------------------------------------------------
def test_a_list_of_names_alone_uses_the_sparse_model() -> None:
    models = Models(sparse=sure_of(0.01), rich=sure_of(0.99))
    bare = KnowledgeMatcher([name for name in SMALL if name.text == name.official], {}, MATCHING.lexicon, models)
    spoken = [Name(LOST, f"身份证{what}", "item", "居民身份证丢失补领") for what in ("丢了怎么补", "找不着了", "掉了", "被偷了", "补一张")]
    rich = KnowledgeMatcher(spoken, {}, MATCHING.lexicon, models)
    assert [round(found[1], 2) for matcher in (bare, rich) if (found := matcher.chance_of_first("身份证补领"))] == [0.01, 0.99]


@pytest.mark.parametrize("chance", [0.01, 0.8, 0.999])
def test_what_lies_beyond_comes_to_nothing_whatever_its_chance(chance: float) -> None:
    names = (Name("beyond-bank", "银行卡挂失", "beyond", "银行卡"), Name("beyond-bank", "银行卡丢了", "beyond", "银行卡"), *SMALL)
    found = KnowledgeMatcher(names, {}, MATCHING.lexicon, Models(sure_of(chance), sure_of(chance))).match("我的银行卡丢了")
    assert (found.decision, found.choices) == ("none", ())
    assert all(candidate.code != "beyond-bank" for candidate in found.candidates)


def test_beyond_is_no_choice_when_something_of_ours_comes_first() -> None:
    names = (Name("beyond-card", "身份证丢了算命", "beyond", "算命"), *SMALL)
    found = KnowledgeMatcher(names, {}, MATCHING.lexicon, Models(sure_of(0.8), sure_of(0.8))).match("身份证丢失补领")
    assert (found.decision, found.choices[0]) == ("clarify", LOST)
    assert "beyond-card" not in (*found.choices, *(candidate.code for candidate in found.candidates))


def test_a_dearer_wrong_answer_never_answers_more() -> None:
    texts = [*ASKED, *(name.text[:5] for name in SMALL)]
    before: set[str] = set(texts)
    counts = []
    for wrong in (1.0, 1.5, 3.0, 10.0, 100.0, 1e6):
        asked = matcher_of(SMALL, costs=Costs(wrong=wrong))
        answered = {text for text in texts if asked.match(text).decision == "answer"}
        assert answered <= before
        before = answered
        counts.append(len(answered))
    assert counts[0] > counts[-1]
    assert "居民身份证换领" in before, "a record's very name is answered at any price"


def test_a_dearer_refusal_never_refuses_more() -> None:
    before = set(ASKED)
    for refusal in (1.0, 1.5, 2.5, 10.0, 1e6):
        asked = matcher_of(SMALL, costs=Costs(refusal=refusal))
        refused = {text for text in ASKED if asked.match(text).decision == "none"}
        assert refused <= before
        before = refused
    assert "身份证" not in before


def test_a_shift_moves_every_chance_and_no_order() -> None:
    plain = matcher_of(SMALL)
    for text in ("身份证丢", "身份证", "公司登记"):
        low, middle, high = (matcher.chance_of_first(text) for matcher in (plain.calibrated(-2.0), plain, plain.calibrated(2.0)))
        assert low and middle and high
        assert low[0] == middle[0] == high[0]
        assert low[1] < middle[1] < high[1]
        order = [[candidate.code for candidate in plain.calibrated(shift).match(text).candidates[:1]] for shift in (-2.0, 2.0)]
        assert order[0] == order[1]
    assert plain.calibrated(1.0).segments[0] is plain.segments[0]
    assert plain.calibrated(0.0).match("身份证丢") == plain.match("身份证丢")
