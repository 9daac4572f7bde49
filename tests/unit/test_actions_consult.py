"""Questions in a conversation: the item is kept, the region changes, a choice is taken, a weak match is never an answer."""

from __future__ import annotations

from typing import Any

import pytest

from actions import consult
from actions.consult import ActionChoose, ActionConsult
from tests.support.action_fakes import NUMBER, FakeTickets, Talk, fake_parts, matched


def talk(monkeypatch: pytest.MonkeyPatch, tickets: FakeTickets | None = None, **slots: Any) -> Talk:
    parts = fake_parts(tickets)
    monkeypatch.setattr(consult, "parts", lambda: parts)
    return Talk(dict(slots))


def test_a_clear_match_is_answered_and_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, failures=2, choices=None).run(ActionConsult(), "身份证丢了要带什么", "ask_item", match=matched("answer", "id-lost", facet="materials"))
    assert (chat.response, chat.said[-1]["materials"]) == ("utter_item_materials", "居民户口簿（原件）")
    assert {key: chat.custom[key] for key in ("outcome", "item", "facet", "region")} == {
        "outcome": "answered", "item": "id-lost", "facet": "materials", "region": "370100"}
    assert chat.custom["card"]["code"] == "id-lost"
    assert (chat.slots["last_item"], chat.slots["last_facet"], chat.slots["failures"]) == ("id-lost", "materials", 0)


@pytest.mark.parametrize(("intent", "match"), [
    ("follow_up", matched(facet="fee")), ("follow_up", matched("answer", "id-renew", 0.6, "fee")), ("ask_item", matched(facet="fee")),
    ("inform", matched("clarify", "id-renew", 0.45, "fee", ("id-renew", "id-lost"))),
], ids=["a follow-up", "a follow-up near another item", "no item at all", "a weak match"])
def test_and_what_does_it_cost_keeps_the_item(monkeypatch: pytest.MonkeyPatch, intent: str, match: dict[str, Any]) -> None:
    chat = talk(monkeypatch, last_item="id-lost", last_facet="materials").run(ActionConsult(), "那要多少钱呢", intent, match=match)
    assert (chat.response, chat.said[-1]["amount"], chat.slots["last_item"], chat.slots["last_facet"]) == ("utter_item_fee", "每证40元", "id-lost", "fee")


def test_a_card_that_stands_before_the_caller_is_not_shown_again(monkeypatch: pytest.MonkeyPatch) -> None:
    same = talk(monkeypatch, last_item="id-lost").run(ActionConsult(), "那要多少钱呢", "follow_up", match=matched(facet="fee"))
    other = talk(monkeypatch, last_item="id-renew").run(ActionConsult(), "身份证丢了多少钱", "ask_item", match=matched("answer", "id-lost", 0.9, "fee"))
    there = talk(monkeypatch, last_item="id-lost", last_facet="fee").run(ActionConsult(), "烟台呢", "follow_up", match=matched())
    assert ["card" in chat.custom for chat in (same, other, there)] == [False, True, True]


def test_a_follow_up_that_surely_names_another_item_is_about_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, last_item="id-lost").run(ActionConsult(), "那换领要多少钱", "follow_up", match=matched("answer", "id-renew", 0.8, "fee"))
    assert (chat.slots["last_item"], chat.said[-1]["amount"]) == ("id-renew", "每证20元")


def test_and_in_yantai_keeps_the_item_and_the_facet_and_changes_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, last_item="id-lost", last_facet="fee").run(ActionConsult(), "烟台呢", "follow_up", match=matched())
    assert [message["response"] for message in chat.said] == ["utter_item_free"]
    assert (chat.slots["region"], chat.slots["last_item"], chat.slots["last_facet"], chat.custom["region"]) == ("370600", "id-lost", "fee", "370600")


def test_a_region_without_rules_of_its_own_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, last_item="id-lost", last_facet="fee").run(ActionConsult(), "潍坊呢", "follow_up", match=matched())
    assert [message["response"] for message in chat.said] == ["utter_region_same", "utter_item_fee"]
    assert chat.said[0]["region"] == "潍坊市"
    assert chat.slots["region"] == "370700"


def test_the_region_said_before_holds_until_another_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, region="370600").run(ActionConsult(), "身份证丢了多少钱", "ask_item", match=matched("answer", "id-lost", facet="fee"))
    assert (chat.response, chat.slots["region"]) == ("utter_item_free", "370600")


def test_two_near_items_are_asked_back_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ActionConsult(), "身份证", "ask_item", match=matched("clarify", "id-lost", 0.45, "fee", ("id-lost", "id-renew")))
    assert (chat.response, chat.said[-1]["choices"]) == ("utter_clarify", "一是居民身份证丢失补领，二是居民身份证换领")
    assert (chat.custom["outcome"], chat.custom["options"]) == ("clarified", ["居民身份证丢失补领", "居民身份证换领"])
    assert (chat.slots["choices"], chat.slots["last_facet"]) == (["id-lost", "id-renew"], "fee")


def test_one_near_item_is_asked_about_with_yes_and_no(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ActionConsult(), "身份证", "ask_item", match=matched("clarify", "id-lost", 0.45, choices=("id-lost",)))
    assert (chat.response, chat.custom["options"]) == ("utter_clarify_one", ["是的", "不是"])


@pytest.mark.parametrize("action", [ActionConsult(), ActionChoose()], ids=["as a question", "as a choice"])
def test_the_choice_is_answered_with_the_facet_asked_about_before(monkeypatch: pytest.MonkeyPatch, action: Any) -> None:
    chat = talk(monkeypatch, choices=["id-lost", "id-renew"], last_facet="fee").run(action, "第二个", "choose")
    assert (chat.response, chat.said[-1]["amount"], chat.slots["choices"]) == ("utter_item_fee", "每证20元", None)


def test_a_choice_that_points_at_none_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, choices=["id-lost", "id-renew"]).run(ActionChoose(), "都不是", "choose")
    assert (chat.response, chat.slots["choices"], chat.slots["offer"]) == ("utter_not_found", None, "person_or_ticket")


def test_a_choice_without_choices_is_a_question_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert talk(monkeypatch).run(ActionChoose(), "补的那个", match=matched("answer", "id-lost")).next_action == "action_consult"
    assert talk(monkeypatch).run(ActionChoose(), "第二个", match=matched()).response == "utter_nothing_to_choose"


def test_what_is_not_known_is_not_answered_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, failures=1).run(ActionConsult(), "怎么养好一只猫", "ask_item", match=matched("none", "id-lost", 0.2))
    assert (chat.response, chat.custom["outcome"], chat.custom["options"]) == ("utter_not_found", "not_found", ["转人工", "登记工单"])
    assert (chat.slots["failures"], chat.slots["unanswered"], chat.slots["offer"]) == (2, "怎么养好一只猫", "person_or_ticket")


def test_a_follow_up_on_nothing_is_asked_what_it_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    assert talk(monkeypatch).run(ActionConsult(), "多少钱呢", "follow_up", match=matched(facet="fee")).response == "utter_what_about"


def test_a_ticket_number_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert talk(monkeypatch).run(ActionConsult(), f"{NUMBER[:4]} {NUMBER[4:]}", "inform").next_action == "lookup_form"


@pytest.mark.parametrize(("text", "intent", "score", "form"), [
    ("路灯坏了", "inform", 0.3, "ticket_form"), ("路灯坏了", "nlu_fallback", 0.9, "ticket_form"), ("路灯坏了", "inform", 0.29, None),
    ("路灯怎么修", "inform", 0.9, None), ("路灯坏了", "ask_item", 0.9, None),
], ids=["surely something amiss", "not understood", "hardly", "a question", "an item"])
def test_something_amiss_told_without_a_wish_opens_the_form(monkeypatch: pytest.MonkeyPatch, text: str, intent: str, score: float, form: str | None) -> None:
    chat = talk(monkeypatch, FakeTickets(score=score)).run(ActionConsult(), text, intent, match=matched())
    assert chat.next_action == form
    assert chat.slots.get("ticket_type") == ("求助" if form else None)
