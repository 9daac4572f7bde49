"""Inside a form: what is an answer to its question, and what comes first."""

from __future__ import annotations

import pytest

from actions.interruption import LONG, aside, interrupts, refuses, sounds_like_a_question
from tests.support.action_fakes import matched, turn

ITEM = matched("answer", "id-lost")
FACET = matched("none", facet="fee")
STORY = "我们小区的路灯坏了一个月了物业一直不来修晚上老人孩子出门都摔了好几回打电话也没人接真让人生气"


@pytest.mark.parametrize(("text", "intent", "confidence", "question", "expected"), [
    ("转人工", "human", 0.9, "where", True),
    ("转人工", "human", 0.2, "where", True),
    ("那个谁", "human", 0.2, "who", False),
    ("算了", "change_mind", 0.2, "where", True),
    ("我不投诉了", "change_mind", 0.3, "confirm", True),
    ("改成历城", "change_mind", 0.3, "confirm", False),
    ("不用了", "change_mind", 0.8, "confirm", True),
    ("再见", "goodbye", 0.7, "contact", True),
    (STORY, "human", 0.9, "course", False),
    (STORY, "change_mind", 0.9, "where", False),
    ("再说一遍", "repeat", 0.8, "where", True),
    ("再说一遍", "repeat", 0.5, "where", False),
    ("气死我了", "anger", 0.9, "where", True),
    ("气死我了", "anger", 0.9, "course", False),
    ("谢谢你", "thanks", 0.9, "detail", False),
    (STORY, "anger", 0.9, "where", False),
    ("历下区解放路", "inform", 0.9, "where", False),
    ("我要投诉物业", "complain", 0.9, "course", False),
], ids=["a person", "a person, in plain words", "no person in the words", "never mind, in plain words", "no complaint any more", "a correction",
        "no thanks", "goodbye", "a story that asks for someone", "a long story", "again please", "perhaps again", "anger", "anger is the matter",
        "thanks at a detail", "an angry story", "an answer", "the matter"])
def test_who_leaves_or_turns_aside_comes_first(text: str, intent: str, confidence: float, question: str, expected: bool) -> None:
    assert interrupts(turn(text, intent, confidence), question) is expected


@pytest.mark.parametrize(("text", "intent", "confidence", "match", "expected"), [
    ("身份证丢了怎么补", "ask_item", 0.9, ITEM, True),
    ("身份证丢了怎么补", "ask_item", 0.3, ITEM, False),
    ("身份证丢了怎么补", "ask_item", 0.9, matched("clarify", "id-lost"), False),
    ("身份证丢了", "ask_item", 0.9, ITEM, False),
    ("那要多少钱呢", "follow_up", 0.9, FACET, True),
    ("在哪条路呢", "follow_up", 0.9, matched("none"), False),
    ("12345管什么", "ask_policy", 0.9, ITEM, True),
    ("为什么不修呢", "inform", 0.9, ITEM, False),
], ids=["clear", "hardly a question", "two items near", "no question in the words", "about the item before", "no facet", "policy", "a question that tells"])
def test_a_clear_question_is_answered_first(text: str, intent: str, confidence: float, match: dict[str, object], expected: bool) -> None:
    assert interrupts(turn(text, intent, confidence, match), "where") is expected


@pytest.mark.parametrize(("text", "question", "expected"), [
    ("不用提交了", "confirm", True), ("别给我报了,我不报了", "confirm", True), ("我不想报了", "where", True), ("算了", "who", True), ("取消", "confirm", True),
    ("不投诉了我问下护照咋办", "where", True), ("先不提交", "contact", True), ("算了还是匿名吧", "confirm", False), ("取消匿名", "confirm", False),
    ("算了不改了提交吧", "confirm", False), ("别登记我的名字", "contact", False), ("不报警能行吗", "confirm", False), ("不对", "confirm", False),
    ("办的卡取消了不退钱", "course", False), ("他们取消了班车", "who", False),
])
def test_a_refusal_takes_back_the_whole_wish(text: str, question: str, expected: bool) -> None:
    assert refuses(text, question) is expected


@pytest.mark.parametrize(("text", "match", "expected"), [
    ("会保密吗", matched("none"), "utter_aside_secret"), ("几天能办", matched("none"), "utter_aside_term"), ("护照几天能办", ITEM, None),
    ("昨天什么时候停的水", matched("none"), None), ("要匿名", matched("none"), None), ("对", matched("none"), None),
])
def test_a_question_about_the_ticket_itself_is_known(text: str, match: dict[str, object], expected: str | None) -> None:
    assert aside(turn(text, match=match)) == expected


def test_a_message_is_long_beyond_forty_characters() -> None:
    assert interrupts(turn("好" * LONG, "human"), "where") is True
    assert interrupts(turn("好" * (LONG + 1), "human"), "where") is False


@pytest.mark.parametrize(("text", "expected"), [
    ("能办吗", True), ("在哪办", True), ("多少钱", True), ("行不", True), ("要带什么", True), ("怎么补", True), ("路灯坏了", False), ("我要补身份证", False), ("", False),
])
def test_a_text_asks_or_tells(text: str, expected: bool) -> None:
    assert sounds_like_a_question(text) is expected
