"""`hotline check` refuses questions that measure memory, and answers that do not exist."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cli.checks.evaluation import Taught, near_faults, question_faults, sentence_faults
from cli.checks.training import Example
from cli.evaluation.questions import Question
from knowledge.errors import Fault

ITEM = Question("身份证丢了咋补", "item", ("id-card",), "materials", line=1)
TICKET = Question("路灯坏了一个月", "ticket", ticket_type="求助", line=2)


def messages(*questions: Question) -> list[str]:
    return [fault.message for fault in question_faults(questions, {"id-card"}, {"370100"}, "questions.jsonl")]


def test_known_codes_facets_and_routes_are_right() -> None:
    assert messages(ITEM, TICKET, Question("讲个笑话", "none", line=3), Question("一次办好是啥", "policy", line=4)) == []


@pytest.mark.parametrize(("question", "message"), [
    (replace(ITEM, route="items"), "unknown route 'items'"),
    (replace(ITEM, codes=("id-card", "gone")), "unknown code 'gone'"),
    (replace(ITEM, codes=()), "a question of route 'item' names no code"),
    (replace(ITEM, facet="price"), "unknown facet 'price'"),
    (replace(TICKET, ticket_type="抱怨"), "ticket_type '抱怨' does not go with route 'ticket'"),
    (replace(ITEM, ticket_type="求助"), "ticket_type '求助' does not go with route 'item'"),
    (replace(ITEM, route="none"), "a question of route 'none' names a code"),
], ids=["route", "code", "no code", "facet", "ticket type", "ticket type of an item", "code without an answer"])
def test_an_answer_that_does_not_exist_is_a_fault(question: Question, message: str) -> None:
    assert messages(question) == [message]


def test_the_same_text_twice_is_a_fault() -> None:
    assert messages(ITEM, replace(ITEM, line=7)) == ["'身份证丢了咋补' also stands on line 1"]


def test_a_question_nearly_the_same_as_a_taught_text_is_refused_naming_both() -> None:
    question = replace(ITEM, text="小孩多大才能办理居民身份证", line=5)
    taught = [Taught("开饭店要什么证", "a.yml:2"), Taught("小孩多大才能办居民身份证", "a.yml:3")]
    assert list(near_faults([question], taught, "q")) == [
        Fault("q", 5, "'小孩多大才能办理居民身份证' is 0.96 similar to '小孩多大才能办居民身份证' (a.yml:3)")]


@pytest.mark.parametrize(("same", "refused"), [(17, True), (16, False)], ids=["0.85 is refused", "0.80 is not"])
def test_the_limit_is_a_similarity_of_085(same: int, refused: bool) -> None:
    text = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
    taught = Taught(text[:same] + "天地玄黄"[:20 - same], "a.yml:1")
    assert bool(list(near_faults([replace(ITEM, text=text)], [taught], "q"))) is refused


def test_held_out_sentences_that_were_never_taught_are_right() -> None:
    assert list(sentence_faults([Example("ask", "哪里能补证", "i.yml", 4)], [Example("ask", "证丢了", "a.yml", 2)], {"ask"})) == []


def test_a_held_out_sentence_that_equals_a_training_phrase_is_refused() -> None:
    faults = sentence_faults([Example("ask", "咋补", "i.yml", 4)], [Example("ask", "怎么补", "a.yml", 2)], {"ask"})
    assert list(faults) == [Fault("i.yml", 4, "'咋补' equals a training phrase (a.yml:2)")]


def test_a_held_out_sentence_of_an_unknown_intent_or_twice_is_a_fault() -> None:
    sentences = [Example("ask", "怎么补", "i.yml", 4), Example("gone", "怎么补", "i.yml", 5)]
    assert [fault.message for fault in sentence_faults(sentences, [], {"ask"})] == [
        "intent 'gone' is not in the domain", "'怎么补' also stands on line 4"]
