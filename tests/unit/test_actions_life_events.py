"""A life event in a conversation: its steps are found by its own words, the whole of it is come back to, a policy is told in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from actions import consult
from actions.consult import ActionConsult
from actions.life_events import step_meant, whole_meant
from knowledge.answer import CatalogueAnswerer
from knowledge.catalogue import CatalogueData
from knowledge.life_event import LifeEvent, Step
from knowledge.load import Department
from knowledge.model import Policy
from tests.support.action_fakes import LOST, RENEW, Talk, fake_parts, matched

THEFT = LifeEvent("life-theft", "遭了贼一件事", "试验", ("家里遭了贼都要办啥",), "遭了贼要办两件事。", (
    Step("card", "补身份证", "id-lost"), Step("renew", "换领驾驶证", "id-renew", after=("card",)), Step("lock", "换锁")), ("《试验》",), date(2026, 11, 1))
POLICY = Policy("policy-once", "一次办好是啥", "试验", (), "就是跑一趟", "文件", "2018-05", date(2026, 11, 1))
ITEMS = {item.code: item for item in (LOST, RENEW)}


def candidates(decision: str, **scores: float) -> dict[str, Any]:
    """A match whose candidates are codes with their scores."""
    found = [{"code": code.replace("_", "-"), "name": "", "kind": "item", "score": score, "matched_on": ""} for code, score in scores.items()]
    return {"decision": decision, "facet": None, "candidates": found, "choices": [entry["code"] for entry in found]}


@pytest.mark.parametrize(("text", "match", "code"), [
    ("那补身份证要带啥", candidates("clarify", other=0.7, id_renew=0.6), "id-lost"),
    ("驾驶证呢", matched(), "id-renew"),
    ("换锁要钱不", matched(), None),
    ("那个要带啥", candidates("clarify", other=0.8, id_renew=0.2), "id-renew"),
    ("那个要带啥", candidates("clarify", other=0.8, id_renew=0.19), None),
    ("那个要带啥", candidates("answer", other=0.7, id_renew=0.6), None),
    ("那个要带啥", candidates("clarify", other=1.0, id_renew=0.9), None),
    ("证", matched(), None),
], ids=["the words of a step", "part of them", "a step that is no item", "a step among the choices", "a step far behind", "another item is clear",
        "another item by its name", "one character names none"])
def test_a_step_of_the_event_is_meant_by_its_words_or_its_place_among_the_choices(text: str, match: dict[str, Any], code: str | None) -> None:
    assert step_meant(text, THEFT, match) == code


@pytest.mark.parametrize(("text", "whole"), [("整个下来要多久", True), ("一共要多少钱", True), ("从头到尾几天", True), ("要多久", False), ("多少钱", False)])
def test_the_whole_event_is_meant_by_words_of_the_whole(text: str, whole: bool) -> None:
    assert whole_meant(text) is whole


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch) -> Talk:
    catalogue = CatalogueData(ITEMS, {}, {POLICY.code: POLICY}, {THEFT.code: THEFT})
    answerer = CatalogueAnswerer(catalogue, {"公安": Department("公安", "公安局", "12345")})
    parts = SimpleNamespace(**{**vars(fake_parts()), "knowledge": SimpleNamespace(catalogue=catalogue, answerer=answerer)})
    monkeypatch.setattr(consult, "parts", lambda: parts)
    return Talk()


def test_a_step_is_answered_within_its_event_and_the_whole_is_come_back_to(talk: Talk) -> None:
    talk.run(ActionConsult(), "家里遭了贼都要办啥", "ask_item", match=matched("answer", THEFT.code))
    assert (talk.response, talk.slots["last_event"]) == ("utter_event_summary", THEFT.code)
    talk.run(ActionConsult(), "那补身份证要多少钱", "ask_item", match=candidates("clarify", other=0.7, id_lost=0.6) | {"facet": "fee"})
    assert (talk.response, talk.slots["last_item"]) == ("utter_item_fee", "id-lost")
    talk.run(ActionConsult(), "一共要多少钱", "follow_up", match=matched(facet="fee"))
    assert (talk.response, talk.slots["last_item"]) == ("utter_event_fee", THEFT.code)


def test_a_policy_told_in_between_leaves_the_item_that_is_talked_of(talk: Talk) -> None:
    talk.run(ActionConsult(), "身份证丢了要带什么", "ask_item", match=matched("answer", "id-lost", facet="materials"))
    talk.run(ActionConsult(), "一次办好是啥", "ask_policy", match=matched("answer", POLICY.code, facet="result"))
    assert (talk.response, talk.custom.get("facet"), talk.slots["last_item"]) == ("utter_policy", None, "id-lost")
    talk.run(ActionConsult(), "那要多少钱", "follow_up", match=matched(facet="fee"))
    assert (talk.response, talk.slots["last_item"]) == ("utter_item_fee", "id-lost")


def test_a_region_said_while_choices_stand_open_keeps_them_open(talk: Talk) -> None:
    talk.slots.update(choices=["id-lost", "id-renew"], last_item=THEFT.code)
    talk.run(ActionConsult(), "烟台呢", "follow_up", match=matched())
    assert (talk.response, [option["codes"] for option in talk.slots["choices"]], talk.slots["region"]) == ("utter_clarify", [["id-lost"], ["id-renew"]], "370600")


def test_a_step_that_was_withdrawn_is_not_answered(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = consult.parts().knowledge.catalogue
    monkeypatch.setattr(consult.parts().knowledge, "catalogue", replace(catalogue, by_code={"id-renew": RENEW}))
    talk.slots["last_event"] = THEFT.code
    talk.run(ActionConsult(), "那补身份证要带啥", "ask_item", match=matched())
    assert talk.response == "utter_not_found"


def test_an_item_withdrawn_in_the_middle_of_a_conversation_is_said_to_be_unknown_and_forgotten(talk: Talk) -> None:
    talk.slots.update(choices=["gone", "id-lost"], last_item="gone")
    talk.run(ActionConsult(), "第一个", "choose", match=matched("answer", "gone"))
    assert (talk.response, talk.slots["choices"], talk.slots["last_item"]) == ("utter_not_found", None, None)
    talk.run(ActionConsult(), "身份证丢了要带什么", "ask_item", match=matched("answer", "id-lost", facet="materials"))
    assert talk.response == "utter_item_materials"
