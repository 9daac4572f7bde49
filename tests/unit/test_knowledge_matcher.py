"""From a caller's words to the item he means: what is found, what is asked back, what is left unanswered."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.bootstrap import build, names_of
from knowledge.facets import facet_of
from knowledge.lexicon import Lexicon
from knowledge.matcher import KnowledgeMatcher, Name, Thresholds
from knowledge.model import Match
from zh.normalise import normalise

KNOWN = build()
NAMES = tuple(names_of(KNOWN.catalogue))
CODES = {name.code for name in NAMES}
OFFICIAL = {name.code: name.official for name in NAMES}

LOST, RENEW, SCOPE = "id-card-lost", "id-card-renew", "hotline-scope"
SMALL = (
    Name(LOST, "居民身份证丢失补领", "item", "居民身份证丢失补领"), Name(LOST, "身份证丢了怎么补", "item", "居民身份证丢失补领"),
    Name(RENEW, "居民身份证换领", "item", "居民身份证换领"), Name(RENEW, "身份证到期换新的", "item", "居民身份证换领"),
    Name("passport", "普通护照首次申领", "item", "普通护照首次申领"), Name("company", "公司设立登记", "item", "公司设立登记"),
    Name(SCOPE, "12345管什么", "policy", "12345管什么"),
)


def small(thresholds: Thresholds = Thresholds()) -> KnowledgeMatcher:
    return KnowledgeMatcher(SMALL, {}, Lexicon({"身份证": ["居民身份证"]}), thresholds)


def check_bounds(found: Match, limit: int = 5) -> None:
    """What holds for every match of every text."""
    assert len(found.candidates) <= limit
    codes = [candidate.code for candidate in found.candidates]
    assert len(codes) == len(set(codes))
    scores = [candidate.score for candidate in found.candidates]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 < score <= 1.0 for score in scores)
    assert len(found.choices) <= 4
    assert bool(found.choices) is (found.decision == "clarify")


# --- the shipped knowledge -------------------------------------------------------------------------------------------
def test_every_name_of_every_item_finds_its_item() -> None:
    lost = []
    for name in NAMES:
        found = KNOWN.matcher.match(name.text)
        check_bounds(found)
        first = found.candidates[0].code if found.candidates else None
        if name.kind == "life_event" and found.candidates[0].kind == "item" and found.candidates[0].score == 1.0:
            continue  # 开公司 said alone is the item of that name
        if found.decision == "none" or (first != name.code and name.code not in found.choices):
            lost.append((name.code, name.text, found.decision, first))
    assert lost == []


def test_a_name_in_other_signs_is_the_same_name() -> None:
    for text in ("結婚登記", " 结婚 登记 ", "结婚登记", "嗯，结婚登记"):
        found = KNOWN.matcher.match(text)
        assert (found.decision, found.candidates[0].code, found.candidates[0].score) == ("answer", "marriage-registration", 1.0)


def test_a_candidate_carries_its_official_name_and_the_name_that_matched() -> None:
    found = KNOWN.matcher.match("领结婚证要带啥").candidates[0]
    assert (found.code, found.name, found.kind, found.score, found.matched_on) == ("marriage-registration", "结婚登记", "item", 1.0, "领结婚证要带啥")


@settings(max_examples=120, deadline=None)
@given(st.builds(lambda piece, times, tail: (piece * times)[:10_000] + tail,
                 st.text(st.characters(), max_size=40), st.integers(1, 250), st.text(st.characters(), max_size=20)))
def test_no_text_of_any_script_or_length_raises(text: str) -> None:
    found = KNOWN.matcher.match(text[:10_000])
    check_bounds(found)
    assert {candidate.code for candidate in found.candidates} | set(found.choices) <= CODES


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([name.text for name in NAMES]), min_size=1, max_size=30), st.sampled_from(["", ",", "。", " ", "还有"]), st.integers(1, 20))
def test_many_names_in_one_breath_stay_within_bounds(names: list[str], glue: str, limit: int) -> None:
    found = KNOWN.matcher.match(glue.join(names), limit)
    check_bounds(found, limit)
    assert all(candidate.name == OFFICIAL[candidate.code] for candidate in found.candidates)


@pytest.mark.parametrize("text", ["", " ", "。。。", "？", "\x00\ud800", "😀😀", "一" * 10_000, "1" * 10_000, "ﷺ" * 10_000, "，" * 10_000])
def test_texts_at_the_edge_find_nothing_that_is_answered(text: str) -> None:
    found = KNOWN.matcher.match(text)
    check_bounds(found)
    assert found.decision != "answer"


def test_the_facet_is_that_of_the_whole_text() -> None:
    text = "身份证丢了，要多少钱呢"
    assert KNOWN.matcher.match(text).facet == facet_of(normalise(text)) == "fee"


def test_the_same_text_is_always_matched_alike() -> None:
    assert KNOWN.matcher.match("护照到期了咋换") == build().matcher.match("护照到期了咋换")


# --- the rules, on a few names ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "code"), [
    ("身份证丢了怎么补", LOST), ("俺身份证丢了咋补", LOST), ("身份证快到期了怎么换新的", RENEW), ("我想设立一个公司登记", "company"), ("护照首次申领", "passport"),
])
def test_the_item_that_is_meant_comes_first(text: str, code: str) -> None:
    assert small().match(text).candidates[0].code == code


def test_an_action_that_excludes_the_one_asked_for_costs() -> None:
    found = {candidate.code: candidate.score for candidate in small().match("身份证丢了").candidates}
    assert found[LOST] - found.get(RENEW, 0.0) > 0.18


def test_a_number_is_itself_or_another_number() -> None:
    own, other = small().match("12345管什么"), small().match("13812345678")
    assert (own.decision, own.candidates[0].code) == ("answer", SCOPE)
    assert other.decision == "none"
    assert [candidate.code for candidate in other.candidates] == []


def test_what_lies_below_the_threshold_is_never_answered() -> None:
    assert small(Thresholds(answer=1.1, clarify=1.05)).match("身份证丢了补一个").decision == "none"
    asked = small(Thresholds(answer=1.1, clarify=0.2)).match("身份证丢了补一个")
    assert (asked.decision, asked.choices[0]) == ("clarify", LOST)
    assert small(Thresholds(answer=0.2, clarify=0.1, margin=0.0)).match("身份证丢了补一个").decision == "answer"


def test_an_exact_name_is_answered_whatever_the_threshold() -> None:
    found = small(Thresholds(answer=1.1, clarify=0.9)).match("居民身份证换领")
    assert (found.decision, found.candidates[0].code, found.candidates[0].score) == ("answer", RENEW, 1.0)


def test_two_that_are_as_near_are_asked_back() -> None:
    found = small(Thresholds(answer=0.3, clarify=0.2, margin=0.5)).match("身份证")
    assert found.decision == "clarify"
    assert set(found.choices[:2]) == {LOST, RENEW}


def test_at_most_four_choices_are_offered() -> None:
    names = [Name(f"n{i}", f"路灯{kind}登记", "item", f"路灯{kind}登记") for i, kind in enumerate("红橙黄绿青蓝紫")]
    found = KnowledgeMatcher(names, {}, Lexicon({}), Thresholds(clarify=0.1)).match("路灯登记", limit=20)
    assert len(found.candidates) == 7
    assert found.decision == "clarify"
    assert len(found.choices) == 4
    assert found.choices == tuple(candidate.code for candidate in found.candidates[:4])


def test_a_smaller_limit_shortens_the_list_and_not_the_choices() -> None:
    wide, narrow = (small(Thresholds(answer=1.1, clarify=0.1)).match("身份证", limit) for limit in (5, 1))
    assert narrow.candidates == wide.candidates[:1]
    assert narrow.choices == wide.choices


def test_a_matcher_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to index"):
        KnowledgeMatcher((), {}, Lexicon({}), Thresholds())


# --- what was talked of first, and what all has to be done ------------------------------------------------------------
SHOP = (Name("shop", "开小店", "life_event", "开小店一件事"), Name("licence", "小店营业执照", "item", "小店营业执照"), Name("mark", "注册商标", "item", "注册商标"),
        Name("shop", "小店营业执照", "life_event", "开小店一件事"))


def shop(text: str) -> tuple[str, str]:
    found = KnowledgeMatcher(SHOP, {}, Lexicon({}), Thresholds(answer=0.15, clarify=0.05, margin=0.0)).match(text)
    return found.decision, found.candidates[0].code


def test_another_action_than_was_asked_for_is_never_answered_by_itself() -> None:
    assert shop("商标注册") == ("answer", "mark")
    assert shop("商标续展") == ("clarify", "mark")


def test_a_name_that_an_item_has_belongs_to_the_item() -> None:
    assert shop("小店营业执照") == ("answer", "licence")


def test_who_asks_for_all_that_has_to_be_done_means_the_life_event() -> None:
    near = (Name("shop", "小店开张", "life_event", "开小店一件事"), Name("opening", "小店开张牌", "item", "小店开张牌"))
    matcher = KnowledgeMatcher(near, {}, Lexicon({}), Thresholds(clarify=0.1))
    plain, plural = matcher.match("小店开张牌子"), matcher.match("小店开张牌子都要办啥")
    assert [found.candidates[0].code for found in (plain, plural)] == ["opening", "shop"]


def test_a_bare_topic_is_joined_to_what_is_said_of_it() -> None:
    assert KNOWN.matcher.match("护照,丢了补办要几天").candidates[0].code == "passport-renew"


def test_a_name_that_several_records_bear_belongs_to_the_one_that_is_known_by_others_as_well() -> None:
    names = (Name("112233", "路灯登记", "item", "路灯登记"), Name("lamp", "路灯登记", "item", "路灯登记"), Name("lamp", "装个路灯", "item", "路灯登记"))
    found = KnowledgeMatcher(names, {}, Lexicon({}), Thresholds()).match("路灯登记")
    assert (found.decision, found.candidates[0].code) == ("answer", "lamp")
    twins = (Name("112233", "路灯登记", "item", "路灯登记"), Name("445566", "路灯登记", "item", "路灯登记"))
    asked = KnowledgeMatcher(twins, {}, Lexicon({}), Thresholds(clarify=0.1)).match("路灯登记")
    assert (asked.decision, set(asked.choices)) == ("clarify", {"112233", "445566"})
