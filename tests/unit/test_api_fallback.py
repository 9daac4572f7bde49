"""Answers without Rasa."""

from __future__ import annotations

import pytest

from api.fallback import Fallback
from tests.support.gateway_fakes import FakeKnowledge, FakeRegions, phrases


@pytest.fixture
def fallback() -> Fallback:
    return Fallback(FakeKnowledge(), FakeRegions(), phrases())


@pytest.mark.parametrize("text", ["人工", "转人工", "我要转人工", "请帮我转一下人工客服", "找个真人", "给我接话务员", "俺要找人工！"])
def test_a_wish_for_a_person_is_a_handoff(fallback: Fallback, text: str) -> None:
    assert fallback.answer(text, "web", None).outcome == "handoff"


@pytest.mark.parametrize("text", ["人工流产报销吗", "人工智能企业补贴", "人工多少钱一天", "人工湖淹死鱼了", "客服态度差我要投诉"])
def test_a_sentence_with_the_word_in_it_is_no_wish_for_a_person(fallback: Fallback, text: str) -> None:
    assert fallback.answer(text, "web", None).outcome == "fault"


@pytest.mark.parametrize("text", ["再见", "谢谢，再见", "好的没事了再见", "拜拜"])
def test_a_goodbye_on_the_phone_is_answered_and_then_the_line_is_closed(fallback: Fallback, text: str) -> None:
    answer = fallback.answer(text, "ivr", None)
    assert answer.facts["action"] == "hangup"
    assert "再见" in answer.utterances[0].text


def test_on_the_phone_the_choices_are_numbered_as_the_keys_are(fallback: Fallback) -> None:
    answer = fallback.answer("补证", "ivr", None)
    assert answer.options == ("第1种证", "第2种证", "第3种证", "第4种证")
    assert "1，第1种证、2，第2种证" in answer.utterances[0].text


def test_a_question_is_answered_for_the_callers_region_unless_another_is_named(fallback: Fallback) -> None:
    assert fallback.answer("身份证丢了", "web", "370102").facts["region"] == "370102"
    assert fallback.answer("烟台的身份证丢了", "web", "370102").facts["region"] == "370600"


def test_the_apology_tells_each_channel_its_own_way_to_leave_a_request(fallback: Fallback) -> None:
    assert "填写工单" in fallback.apology("web").utterances[0].text
    assert "按0" in fallback.apology("ivr").utterances[0].text
