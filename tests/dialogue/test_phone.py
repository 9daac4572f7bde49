"""The same product on the phone: short spoken prompts, keys, transfer."""

from __future__ import annotations

import pytest

from tests.support.running_product import Call, Product

pytestmark = pytest.mark.stack


@pytest.fixture
def call(product: Product, ivr_key: str) -> Call:
    return product.call(ivr_key)


def test_a_call_opens_with_assistant_recording_and_the_way_to_a_person(call: Call) -> None:
    prompt = call.opening["prompt"]
    assert "智能助手" in prompt and "录音" in prompt and "0" in prompt
    assert call.opening["action"] == "continue"


def test_a_question_is_answered_in_the_words_for_the_phone(product: Product, call: Call) -> None:
    turn = call.say("护照丢了补一个多少钱")
    assert turn["outcome"] == "answered"
    assert "120" in turn["text"] and "一百二十" in turn["prompt"]


def test_an_alarm_is_transferred_to_its_number(call: Call) -> None:
    turn = call.say("着火了快来人")
    assert (turn["action"], turn["transfer_to"], turn["outcome"]) == ("transfer", "119", "emergency_119")
    assert "119" in turn["text"].split("。")[0]


def test_zero_and_a_spoken_wish_reach_a_person(product: Product, ivr_key: str) -> None:
    for said in ({"dtmf": "0"}, {"text": "我要人工", "confidence": 0.9}):
        turn = product.call(ivr_key).turn(**said)
        assert (turn["action"], turn["outcome"]) == ("transfer", "handoff")
        assert turn["transfer_to"]


def test_a_ticket_by_phone_takes_the_callers_number_from_the_line(product: Product, ivr_key: str) -> None:
    call = product.call(ivr_key, caller="13900001111")
    turn = call.say("历下区解放路12号门口路灯坏了一个月没人修")
    assert turn["outcome"] == "ticket_form"
    assert "对吗" in turn["prompt"], "the number is known, so nothing but the read-back is left to ask"
    opened = call.say("对")
    assert opened["outcome"] == "ticket_opened"
    later = product.chat().tell("查工单进度", opened["text"].split("编号")[1][:16], "1111")
    assert later["outcome"] == "ticket_status"


def lost(call: Call) -> None:
    assert call.http.post(f"/v1/ivr/calls/{call.id}/end", json={"reason": "line_lost"}).status_code == 204


def test_a_call_that_comes_back_goes_on_with_its_form(product: Product, ivr_key: str) -> None:
    first = product.call(ivr_key, caller="13900005555")
    assert first.say("小区门口路灯坏了一个月没人修")["outcome"] == "ticket_form"
    lost(first)
    second = product.call(ivr_key, caller="13900005555")
    assert "接着说吗" in second.opening["prompt"]
    assert "登记一张工单" in second.say("接着说")["text"]
    turn = second.say("历下区解放路12号")
    assert (turn["outcome"], "路灯" in turn["text"]) == ("ticket_form", True)


def test_a_call_that_comes_back_must_prove_the_ticket_anew(product: Product, ivr_key: str) -> None:
    opened = product.http().post("/v1/tickets", json={"type": "求助", "text": "小区门口路灯坏了一个月没人修", "phone": "13812345678", "region": "370102"})
    number = opened.json()["number"]
    first = product.call(ivr_key, caller="13900006666")
    first.say("查工单进度")
    first.turn(dtmf=f"{number}#")
    assert "已派单" in first.turn(dtmf="5678#")["text"]
    lost(first)
    second = product.call(ivr_key, caller="13900006666")
    assert "已派单" not in second.opening["text"] + second.say("接着说")["text"]
    assert "编号" in second.say("催一下工单")["text"]
    assert "后四位" in second.turn(dtmf=f"{number}#")["text"]
    assert second.turn(dtmf="5678#")["outcome"] == "ticket_urged"


def test_a_wrong_key_opens_no_call(product: Product) -> None:
    answer = product.http(**{"X-API-Key": "hk_wrong"}).post("/v1/ivr/calls", json={"call_id": "x1", "caller": "13800138000"})
    assert answer.status_code == 401


def test_no_answer_on_the_phone_is_longer_than_can_be_listened_to(product: Product, ivr_key: str) -> None:
    for text in ("结婚登记要带什么", "小餐饮登记要啥材料", "公司设立怎么办", "低保要什么条件"):
        turn = product.call(ivr_key).say(text)
        assert turn["outcome"] == "answered", text
        assert len(turn["prompt"]) <= 120, turn["prompt"]
