"""Whose word is taken, the classifier's or the knowledge matcher's, and why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.intent_decision import (
    ELLIPTICAL_LENGTH,
    FALLBACK,
    HALF_SURE,
    MISHEARD_FACETS,
    REQUESTS,
    SMALL_TALK,
    TURNS,
    VERY_SURE,
    IntentDecision,
    decide,
)
from bot.components.knowledge_match import KNOWLEDGE

THRESHOLD, OVERRULE = 0.2, 0.6


def match(decision: str = "none", score: float | None = None, kind: str = "item", facet: str | None = None) -> dict[str, Any]:
    candidates = [{"code": "id-lost", "name": "居民身份证丢失补领", "kind": kind, "score": score, "matched_on": "补身份证"}] if score is not None else []
    return {"decision": decision, "facet": facet, "candidates": candidates, "choices": []}


NOTHING, EXACT, CLEAR = match(), match("answer", 1.0), match("answer", 0.7)


@pytest.mark.parametrize(("intent", "confidence", "knowledge", "text", "expected", "reason"), [
    ("complain", 0.99, EXACT, "补身份证", "ask_item", "the exact name of an item"),
    (None, 0.0, EXACT, "补身份证", "ask_item", "the exact name of an item"),
    ("ask_policy", 0.9, match("answer", 1.0, "policy"), "12345管什么", "ask_policy", "the classifier is sure"),
    ("complain", 0.9, match("answer", 1.0, "policy"), "打12345没人管", "complain", "the classifier is sure"),
    ("chitchat", 0.9, match("answer", 1.0, "policy"), "12345管什么", "ask_policy", "the exact name of an item"),
    ("complain", 0.1, match("answer", 1.0, "policy"), "12345管什么", "ask_policy", "the exact name of an item"),
    ("greet", 0.9, CLEAR, "你好我身份证丢了", "ask_item", "an item is named in small talk"),
    ("greet", 0.9, match("answer", 0.59), "你好我身份证丢了", "greet", "the classifier is sure"),
    ("greet", 0.9, match("clarify", 0.7), "你好我身份证丢了", "greet", "the classifier is sure"),
    ("thanks", 0.9, NOTHING, "谢谢", "thanks", "the classifier is sure"),
    ("ask_item", 0.9, match("answer", 0.5), "补身份证", "ask_item", "the classifier is sure"),
    ("human", 0.9, CLEAR, "转人工", "human", "the classifier is sure"),
    ("affirm", 0.9, CLEAR, "是的", "affirm", "the classifier is sure"),
    (None, 0.0, CLEAR, "是身份证", "ask_item", "the classifier is unsure, an item is near"),
    (None, 0.0, match("clarify", 0.45), "身份证", "ask_item", "the classifier is unsure, an item is near"),
    ("greet", 0.1, match("clarify", 0.45, "policy"), "12345", "ask_policy", "the classifier is unsure, an item is near"),
    (None, 0.0, match(facet="fee"), "多少钱呢", "follow_up", "the classifier is unsure, the text only names a facet"),
    ("affirm", 0.1, match(facet="fee"), "那我要办的那个东西到底多少钱呢", FALLBACK, "neither is sure"),
    ("affirm", 0.1, NOTHING, "嗯那个", FALLBACK, "neither is sure"),
    (None, 0.0, NOTHING, "", FALLBACK, "neither is sure"),
], ids=["exact item over a request", "exact item without an intent", "exact policy, sure", "exact policy, a request", "exact policy in small talk",
        "exact policy, unsure", "item in small talk", "weak item in small talk", "two items in small talk", "small talk alone", "sure of the item", "sure of a person",
        "sure of a yes", "unsure, item", "unsure, two items", "unsure, policy", "unsure, short facet", "unsure, long facet", "unsure, nothing", "nothing at all"])
def test_the_decision_and_its_reason(intent: str | None, confidence: float, knowledge: dict[str, Any], text: str, expected: str, reason: str) -> None:
    assert decide(intent, confidence, knowledge, text, THRESHOLD, OVERRULE) == (expected, reason)


@pytest.mark.parametrize(("confidence", "knowledge", "text", "asked"), [
    (0.9, match("answer", 0.6, facet="process"), "天然气怎么开户", True),
    (0.9, match("answer", 0.6), "想开个天然气户", False),
    (0.74, match("answer", 0.6), "想开个天然气户", True),
    (0.75, match("clarify", 0.45, facet="process"), "天然气怎么开", False),
    (0.74, match("clarify", 0.45, facet="process"), "天然气怎么开", True),
    (0.74, match("clarify", 0.45), "天然气没有", False),
    (0.3, match("none", 0.2, facet="process"), "天然气怎么总停", False),
    (0.3, match("answer", 0.6, facet="process"), "我要投诉天然气怎么总停", False),
    (0.3, match("answer", 0.6, facet="process"), "天然气停了怎么没人管", False),
    (0.3, match("answer", 0.6, facet="process"), "我反映天然气怎么不给开户", False),
], ids=["a clear question", "sure, no question", "wavering, item named", "very sure, two items", "wavering, two items, asks", "wavering, two items", "no item near",
        "says complaint", "says nobody cares", "says report"])
@pytest.mark.parametrize("intent", sorted(REQUESTS))
def test_a_question_about_an_item_is_no_request_unless_the_words_say_so(intent: str, confidence: float, knowledge: dict[str, Any], text: str, asked: bool) -> None:
    expected = ("ask_item", "a question about an item, not a request") if asked else (intent, "the classifier is sure")
    assert decide(intent, confidence, knowledge, text, THRESHOLD, OVERRULE) == expected


@pytest.mark.parametrize("intent", sorted(TURNS))
def test_an_item_outweighs_a_wavering_word_of_the_conversation(intent: str) -> None:
    assert decide(intent, HALF_SURE - 0.01, CLEAR, "社保查询", THRESHOLD, OVERRULE) == ("ask_item", "the classifier wavers, an item is named")
    assert decide(intent, HALF_SURE, CLEAR, "社保查询", THRESHOLD, OVERRULE) == (intent, "the classifier is sure")


@pytest.mark.parametrize("intent", sorted(TURNS))
def test_two_items_near_outweigh_a_wavering_word_of_the_conversation_unless_a_ticket_is_spoken_of(intent: str) -> None:
    near = match("clarify", 0.45)
    assert decide(intent, HALF_SURE - 0.01, near, "办护照", THRESHOLD, OVERRULE) == ("ask_item", "the classifier wavers, an item is near")
    assert decide(intent, HALF_SURE, near, "办护照", THRESHOLD, OVERRULE) == (intent, "the classifier is sure")
    for text in ("护照的工单", "护照催一下", "护照那个进度", "上次办护照", "给护照打分", "护照,转人工"):
        assert decide(intent, HALF_SURE - 0.01, near, text, THRESHOLD, OVERRULE) == (intent, "the classifier is sure")


# --- the wish in so many words ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "expected"), [
    ("我要投诉12345", "complain"), ("要投诉", "complain"), ("我们想投诉物业乱收费", "complain"), ("我得举报一家黑作坊", "report"), ("就要举报他", "report"),
])
@pytest.mark.parametrize("intent", [None, FALLBACK, "ask_policy", "ask_item", "inform", "affirm", "progress", "human"])
def test_a_wish_said_in_so_many_words_outweighs_even_an_exact_name(intent: str | None, text: str, expected: str) -> None:
    said = (expected, "the wish is said in so many words")
    for knowledge in (NOTHING, CLEAR, EXACT, match("answer", 1.0, "policy")):
        assert decide(intent, 0.9, knowledge, text, THRESHOLD, OVERRULE) == said


@pytest.mark.parametrize("intent", ["change_mind", "deny", "consult"])
def test_a_wish_does_not_outweigh_a_no_or_a_request_of_another_kind(intent: str) -> None:
    assert decide(intent, 0.9, NOTHING, "我要投诉12345", THRESHOLD, OVERRULE) == (intent, "the classifier is sure")


@pytest.mark.parametrize("text", [
    "投诉物业怎么投诉", "我要投诉物业怎么投诉", "我想投诉打什么电话", "我想举报去哪", "我要投诉走什么流程", "我想举报找谁", "我要投诉几天有信", "我想投诉能不能匿名", "我想投诉会不会打击报复",
    "我想举报有没有奖励", "我要投诉的事", "我举报的那个厂查了没有", "举报人的信息保密不", "投诉那个", "我不想投诉了", "我没有要投诉",
])
def test_asking_how_to_complain_or_speaking_of_a_complaint_is_no_wish(text: str) -> None:
    assert decide("ask_policy", 0.9, NOTHING, text, THRESHOLD, OVERRULE) == ("ask_policy", "the classifier is sure")


# --- a text that only names a facet ----------------------------------------------------------------------------------
@pytest.mark.parametrize("intent", sorted(MISHEARD_FACETS))
def test_a_text_that_only_names_a_facet_hangs_on_what_was_said_before(intent: str) -> None:
    facet = match(facet="time_limit")
    assert decide(intent, VERY_SURE - 0.01, facet, "几天办完", THRESHOLD, OVERRULE) == ("follow_up", "the text only names a facet")
    assert decide(intent, VERY_SURE, facet, "几天办完", THRESHOLD, OVERRULE) == (intent, "the classifier is sure")
    assert decide(intent, VERY_SURE - 0.01, NOTHING, "几天办完", THRESHOLD, OVERRULE) == (intent, "the classifier is sure")
    assert decide(intent, VERY_SURE - 0.01, facet, "几天办完" * 4, THRESHOLD, OVERRULE) == (intent, "the classifier is sure")


@pytest.mark.parametrize("text", ["工单几天办完", "我那单子几天办", "编号几天给", "进度几天更新", "催了几天了", "上次说几天", "之前说几天", "反映几天了", "几天能打分", "几天能评价",
                                  "人工几天有空", "座席几天回"])
def test_a_facet_beside_a_ticket_is_about_the_ticket(text: str) -> None:
    facet = match(facet="time_limit")
    assert decide("progress", THRESHOLD, facet, text, THRESHOLD, OVERRULE) == ("progress", "the classifier is sure")
    assert decide("progress", THRESHOLD - 0.01, facet, text, THRESHOLD, OVERRULE) == (FALLBACK, "neither is sure")


@pytest.mark.parametrize("intent", ["complain", "report", "ask_item", "follow_up"])
def test_a_facet_takes_nothing_from_a_request_or_a_question(intent: str) -> None:
    assert decide(intent, THRESHOLD, match(facet="fee"), "多少钱", THRESHOLD, OVERRULE) == (intent, "the classifier is sure")


def test_what_is_perhaps_out_of_scope_is_asked_back_when_an_item_is_near() -> None:
    near = match("clarify", 0.45)
    assert decide("out_of_scope", HALF_SURE - 0.01, near, "身份证", THRESHOLD, OVERRULE)[0] == "ask_item"
    assert decide("out_of_scope", HALF_SURE, near, "身份证", THRESHOLD, OVERRULE)[0] == "out_of_scope"


def test_the_threshold_itself_is_sure_enough() -> None:
    assert decide("affirm", THRESHOLD, NOTHING, "嗯", THRESHOLD, OVERRULE)[0] == "affirm"
    assert decide("affirm", THRESHOLD - 0.001, NOTHING, "嗯", THRESHOLD, OVERRULE)[0] == FALLBACK


def test_twelve_characters_may_hang_on_what_was_said_before() -> None:
    facet = match(facet="fee")
    assert decide(None, 0.0, facet, "钱" * ELLIPTICAL_LENGTH, THRESHOLD, OVERRULE)[0] == "follow_up"
    assert decide(None, 0.0, facet, "钱" * (ELLIPTICAL_LENGTH + 1), THRESHOLD, OVERRULE)[0] == FALLBACK


def test_no_intent_is_of_two_kinds() -> None:
    assert not (SMALL_TALK & REQUESTS or SMALL_TALK & TURNS or REQUESTS & TURNS)
    assert THRESHOLD < HALF_SURE < VERY_SURE


@given(st.sampled_from([None, "affirm", *SMALL_TALK, *REQUESTS, *TURNS]), st.floats(0, 1), st.sampled_from(["answer", "clarify", "none"]),
       st.none() | st.floats(0, 0.99), st.sampled_from([None, "fee"]), st.text(max_size=20))
def test_an_item_is_only_asked_about_when_one_is_near(intent: str | None, confidence: float, decision: str, score: float | None, facet: str | None, text: str) -> None:
    if score is None:
        decision = "none"
    expected, reason = decide(intent, confidence, match(decision, score, facet=facet), text, THRESHOLD, OVERRULE)
    assert reason
    assert expected in {intent, "ask_item", "follow_up", FALLBACK}
    if decision == "none":
        assert expected != "ask_item"


def test_the_component_rewrites_the_intent_and_keeps_the_confidence() -> None:
    step = IntentDecision({**IntentDecision.get_default_config(), "threshold": THRESHOLD, "overrule": OVERRULE})
    messages = [Message({TEXT: "你好我身份证丢了", INTENT: {"name": "greet", "confidence": 0.9}, KNOWLEDGE: CLEAR}),
                Message({TEXT: "嗯", INTENT: {"name": None, "confidence": 0.0}, KNOWLEDGE: NOTHING}), Message({TEXT: "", KNOWLEDGE: NOTHING})]
    assert [message.get(INTENT) for message in step.process(messages)] == [
        {"name": "ask_item", "confidence": 0.9, "reason": "an item is named in small talk"},
        {"name": FALLBACK, "confidence": 0.0, "reason": "neither is sure"}, {"name": FALLBACK, "confidence": 0.0, "reason": "neither is sure"}]
    assert INTENT in messages[0].as_dict(only_output_properties=True)


@pytest.mark.parametrize(("intent", "confidence", "knowledge", "text", "expected"), [
    ("rate", 0.28, match(facet="process"), "一共分几步", "follow_up"),
    ("progress", 0.33, NOTHING, "我的狗跑丢了", FALLBACK),
    ("rate", 0.28, NOTHING, "给个好评打分", "rate"),
    ("progress", 0.6, NOTHING, "办到哪一步了", "progress"),
    ("chitchat", 0.26, NOTHING, "俺家在莱阳", FALLBACK),
    ("chitchat", 0.5, NOTHING, "今天天真好", "chitchat"),
], ids=["a facet", "no ticket is spoken of", "a ticket word", "half sure", "hardly small talk", "small talk"])
def test_a_whim_of_the_classifier_opens_no_form_and_chats_away_no_question(intent: str, confidence: float, knowledge: dict[str, Any], text: str,
                                                                           expected: str) -> None:
    assert decide(intent, confidence, knowledge, text, THRESHOLD, OVERRULE)[0] == expected


@pytest.mark.parametrize(("intent", "confidence", "expected"), [("human", 0.9, "human"), ("goodbye", 0.9, "goodbye"), ("human", 0.5, "ask_item")])
def test_an_item_that_is_called_like_a_command_takes_no_sure_command_away(intent: str, confidence: float, expected: str) -> None:
    assert decide(intent, confidence, EXACT, "转人工", THRESHOLD, OVERRULE)[0] == expected


@pytest.mark.parametrize(("text", "expected"), [("接着登记", "affirm"), ("往下说吧", "affirm"), ("继续投诉", "change_mind")])
def test_the_wish_to_go_on_is_a_yes_unless_it_names_a_type(text: str, expected: str) -> None:
    assert decide("change_mind", 0.3, NOTHING, text, THRESHOLD, OVERRULE)[0] == expected
