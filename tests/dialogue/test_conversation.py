"""The conversation itself, and safety before everything else."""

from __future__ import annotations

import pytest

from tests.support.running_product import Chat, Product

pytestmark = pytest.mark.stack


def test_the_first_words_say_that_a_machine_speaks_and_how_to_reach_a_person(chat: Chat) -> None:
    assert "智能助手" in chat.greeting
    assert "人工" in chat.greeting


@pytest.mark.parametrize(("text", "outcome"), [
    ("你好", "smalltalk"), ("谢谢你啊", "smalltalk"), ("再见", "smalltalk"), ("你是真人吗", "smalltalk"), ("你能干啥", "smalltalk"),
    ("转人工", "handoff"), ("给我讲个笑话", "out_of_scope"),
])
def test_small_talk_and_a_wish_for_a_person_are_understood(chat: Chat, text: str, outcome: str) -> None:
    assert chat.say(text)["outcome"] == outcome


def test_a_reply_is_said_again_and_more_slowly(chat: Chat) -> None:
    first = chat.say("办护照要多少钱")
    again = chat.say("没听清，再说一遍")
    assert (again["outcome"], again["said"]) == ("repeated", first["said"])
    assert chat.say("说慢点")["outcome"] == "repeated"


@pytest.mark.parametrize(("text", "outcome", "number"), [
    ("着火了快", "emergency_119", "119"), ("家里一股煤气味", "emergency_119", "119"), ("有人拿刀砍人", "emergency_110", "110"),
    ("我爸喘不上气了", "emergency_120", "120"), ("我刚才被车撞了", "emergency_122", "122"), ("我不想活了", "crisis", "12356"),
])
@pytest.mark.parametrize("before", [(), ("小区门口路灯坏了一个月没人修",), ("转人工",)], ids=["at once", "in a form", "in the queue"])
def test_an_alarm_comes_first_in_every_state(product: Product, before: tuple[str, ...], text: str, outcome: str, number: str) -> None:
    chat = product.chat()
    for words in before:
        chat.say(words)
    turn = chat.say(text)
    assert turn["outcome"] == outcome
    first_sentence = turn["said"].split("。")[0]
    assert number in first_sentence


def test_a_look_alike_is_answered_as_what_it_is(chat: Chat) -> None:
    assert not chat.say("119电话是多少")["outcome"].startswith("emergency")
    assert not chat.say("笑死我了")["outcome"].startswith("emergency")
    assert chat.say("打110没人管我要投诉")["outcome"] == "ticket_form"
