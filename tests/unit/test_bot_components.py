"""The pipeline's own steps: one form of text for training and for callers, and what the hotline knows on every message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.knowledge_match import KNOWLEDGE, KnowledgeMatch
from bot.components.normaliser import NOTHING, TextNormaliser, prepare
from knowledge.model import Candidate, Match


@pytest.mark.parametrize(("text", "prepared"), [
    ("俺身份证丢了咋补，要带啥？", "我身份证丢了怎么补,要带什么?"), ("１２３４５", "12345"), ("身份證", "身份证"), ("嗯，我想问 一下", "我想问一下"), ("啥时候", "什么时候"), ("嗯", "嗯"),
    ("", NOTHING), ("\u200b\u200d\ufeff", NOTHING), (" \t\n", NOTHING), ("身\u200b份证", "身份证"),
])
def test_a_text_is_brought_into_the_one_form(text: str, prepared: str) -> None:
    assert prepare(text) == prepared


@given(st.text(st.sampled_from("俺咋啥恁身份证办？，。 １2abc嗯"), max_size=40))
def test_what_was_prepared_needs_no_preparing(text: str) -> None:
    assert prepare(prepare(text)) == prepare(text)


def test_callers_and_training_texts_are_prepared_alike() -> None:
    called, taught = Message({TEXT: "咋办？"}), Message({TEXT: "咋办？"})
    step = TextNormaliser()
    step.process([called])
    step.process_training_data(TrainingData([taught]))
    assert called.get(TEXT) == taught.get(TEXT) == "怎么办?"
    assert called.as_dict(only_output_properties=True)[TEXT] == "怎么办?"


@pytest.mark.parametrize("text", ["\u200b", "\u2060\ufeff", " ", ""], ids=["zero width", "joiner and mark", "blank", "empty"])
def test_of_a_text_that_cannot_be_seen_one_mark_is_left_for_the_classifier(text: str) -> None:
    assert TextNormaliser().process([Message({TEXT: text})])[0].get(TEXT) == "。"


def test_a_message_without_text_is_left_alone() -> None:
    assert TextNormaliser().process([Message({"intent": "greet"})])[0].data == {"intent": "greet"}


class OneItem:
    """Finds the same item in every text."""

    def match(self, text: str, limit: int = 5) -> Match:
        return Match("clarify", "fee", (Candidate("id-lost", "居民身份证丢失补领", "item", 0.5, text),), ("id-lost",))


def test_every_message_carries_what_the_hotline_knows_as_plain_data() -> None:
    message = KnowledgeMatch(OneItem).process([Message({TEXT: "补身份证"})])[0]
    assert message.get(KNOWLEDGE) == {
        "decision": "clarify", "facet": "fee", "choices": ("id-lost",), "others": (),
        "candidates": ({"code": "id-lost", "name": "居民身份证丢失补领", "kind": "item", "score": 0.5, "matched_on": "补身份证"},)}
    assert KNOWLEDGE in message.as_dict(only_output_properties=True)


def test_training_data_is_not_matched() -> None:
    taught = Message({TEXT: "补身份证"})
    assert KnowledgeMatch(OneItem).process_training_data(TrainingData([taught])).training_examples[0].get(KNOWLEDGE) is None
