"""What a conversation was about, said in a sentence or two."""

from __future__ import annotations

from typing import Any

import pytest

from api.summary import Summary, mark_of, names_of, summarise
from tests.support.gateway_fakes import ITEM, FakeKnowledge

NAMES = {"id-card": "补领身份证", "marriage": "结婚登记", "firm": "开办企业", "hukou": "迁户口"}


def caller(text: str) -> dict[str, Any]:
    return {"author": "caller", "text": text}


def bot(outcome: str, item: str | None = None, facet: str | None = None, ticket: str | None = None) -> dict[str, Any]:
    return {"author": "bot", "text": "……", "turn": mark_of(outcome, {"item": item, "facet": facet, "ticket": {"number": ticket}})}


def summary(*messages: dict[str, Any], **fields: str) -> Summary:
    return summarise(messages, fields, NAMES.get)


def test_a_greeting_alone_is_about_nothing() -> None:
    assert summary({"author": "bot", "text": "您好"}, caller("你好"), bot("smalltalk")) == Summary()


def test_the_last_item_comes_first_with_its_facet() -> None:
    told = summary(caller("结婚"), bot("answered", "marriage", "fee"), caller("身份证"), bot("answered", "id-card", "materials"))
    assert told == Summary(("结婚登记", "补领身份证"), "materials", ("结婚登记", "补领身份证"),
                           text="问的是“补领身份证”要带的材料，之前还问过“结婚登记”。")


def test_an_item_that_is_asked_about_again_is_the_last_one() -> None:
    told = summary(bot("answered", "id-card", "fee"), bot("answered", "marriage"), bot("answered", "id-card", "hours"))
    assert (told.items, told.facet) == (("结婚登记", "补领身份证"), "hours")


def test_at_most_three_items_are_named() -> None:
    assert summary(*(bot("answered", code) for code in NAMES)).text == "问的是“迁户口”，之前还问过“结婚登记”、“开办企业”。"


def test_an_item_without_an_answer_was_asked_about_but_not_answered() -> None:
    told = summary(caller("身份证多少钱"), bot("not_found", "id-card", "fee"))
    assert (told.items, told.answered, told.failed) == (("补领身份证",), (), ("身份证多少钱",))
    assert told.text == "问的是“补领身份证”的收费；问“身份证多少钱”没有找到答案。"


@pytest.mark.parametrize("outcome", ["not_found", "fault"])
def test_words_without_an_answer_are_told_once_and_masked(outcome: str) -> None:
    told = summary(caller("我是13812345678，找谁？"), bot(outcome), caller("我是13812345678，找谁"), bot(outcome))
    assert told.failed == ("我是138********，找谁",)
    assert told.text == "问“我是138********，找谁”没有找到答案。"


def test_long_words_are_cut() -> None:
    assert summary(caller("长" * 50), bot("not_found")).failed == ("长" * 40 + "……",)


def test_words_of_danger_are_not_repeated() -> None:
    assert summary(caller("我不想活了"), bot("crisis")) == Summary()


def test_a_ticket_is_told_by_its_last_digits() -> None:
    told = summary(caller("路灯坏了"), bot("ticket_opened", ticket="2026110512345678"), outcome="ticket_opened")
    assert (told.ticket, told.text) == ("2026110512345678", "说到的工单尾号是5678。")


@pytest.mark.parametrize("fields, text", [({"ticket_type": "投诉"}, "投诉还没登记完。"), ({}, "工单还没登记完。")])
def test_a_form_that_is_still_open_is_told_without_its_words(fields: dict[str, str], text: str) -> None:
    assert summary(caller("楼上王某打人"), bot("ticket_form"), outcome="ticket_form", **fields).text == text


def test_what_is_no_longer_known_is_left_out() -> None:
    assert summary(caller("旧事"), bot("answered", "gone", "fee")) == Summary()


def test_a_mark_holds_nothing_but_names() -> None:
    assert mark_of("answered", {"item": "id-card", "facet": None, "ticket": "text", "region": "370102"}) == {"outcome": "answered", "item": "id-card"}


def test_names_come_from_the_catalogue() -> None:
    name = names_of(FakeKnowledge())  # type: ignore[arg-type]
    assert (name(ITEM.code), name("gone")) == (ITEM.name, None)


@pytest.mark.parametrize(("turns", "text"), [
    (["handoff"], "投诉还没登记完。"), (["clarified", "handoff"], "投诉还没登记完。"), (["emergency_119"], "投诉还没登记完。"), (["handoff", "answered"], "投诉还没登记完。"),
    (["ticket_opened"], ""), (["answered"], ""), (["smalltalk"], ""), (["handoff", "ticket_form", "smalltalk"], ""),
], ids=["handed over", "nobody was free", "an alarm", "another matter meanwhile", "opened", "given up for a question", "given up", "given up later"])
def test_a_form_that_was_put_aside_is_still_told_and_one_that_is_over_is_not(turns: list[str], text: str) -> None:
    said = [bot(turn) for turn in ("ticket_form", *turns)]
    assert summary(caller("漏水"), *said, outcome=turns[-1], ticket_type="投诉").text == text


def test_a_form_that_was_put_aside_and_dropped_is_not_told() -> None:
    dropped = {"author": "bot", "text": "……", "turn": mark_of("smalltalk", {"draft": "dropped"})}
    assert summary(caller("漏水"), bot("ticket_form"), bot("handoff"), dropped, outcome="smalltalk").text == ""


def test_an_open_form_is_told_by_its_own_type() -> None:
    form = {"author": "bot", "text": "……", "turn": mark_of("ticket_form", {"ticket_type": "举报"})}
    assert summary(caller("漏水"), form, bot("handoff"), outcome="ticket_opened", ticket_type="未接来电回拨").text == "举报还没登记完。"


def test_an_item_of_which_what_was_asked_is_not_known_is_not_answered() -> None:
    mark = mark_of("answered", {"item": "id-card", "facet": "fee", "unanswered": True})
    told = summary(caller("身份证多少钱"), {"author": "bot", "text": "……", "turn": mark})
    assert (told.items, told.answered, told.failed) == (("补领身份证",), (), ("身份证多少钱",))
