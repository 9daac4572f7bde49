"""Questions in a conversation: the item is kept, the region changes, a choice is taken, a weak match is never an answer."""

from __future__ import annotations

from typing import Any

import pytest

from actions import consult, conversation
from actions.consult import LONG_ENOUGH, SURE_OF_MATTER, ActionChoose, ActionConsult
from actions.conversation import ActionAffirm, ActionDeny
from actions.enquiring import near
from knowledge.answer import CatalogueAnswerer
from knowledge.load import Department
from tests.support.action_fakes import NUMBER, FakeTickets, Talk, fake_parts, matched


def talk(monkeypatch: pytest.MonkeyPatch, tickets: FakeTickets | None = None, **slots: Any) -> Talk:
    parts = fake_parts(tickets)
    monkeypatch.setattr(consult, "parts", lambda: parts)
    monkeypatch.setattr(conversation, "parts", lambda: parts)
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
    chat = talk(monkeypatch, last_item="id-lost").run(ActionConsult(), "那换领要多少钱", "follow_up", match=matched("answer", "id-renew", 0.9, "fee"))
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


def test_two_near_items_are_asked_back_by_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ActionConsult(), "身份证", "ask_item", match=matched("clarify", "id-lost", 0.45, "fee", ("id-lost", "id-renew")))
    assert (chat.response, chat.said[-1]["about"], chat.said[-1]["choices"]) == ("utter_clarify", "居民身份证这块，", "丢了补办，还是到期或损坏换新")
    assert (chat.custom["outcome"], chat.custom["options"]) == ("clarified", ["丢了补办", "到期或损坏换新"])
    assert [(option["say"], option["codes"]) for option in chat.slots["choices"]] == [("丢了补办", ["id-lost"]), ("到期或损坏换新", ["id-renew"])]
    assert chat.slots["last_facet"] == "fee"


def asked(monkeypatch: pytest.MonkeyPatch, *codes: str) -> Talk:
    return talk(monkeypatch).run(ActionConsult(), "身份证", "ask_item", match=matched("clarify", codes[0], 0.45, "fee", codes))


@pytest.mark.parametrize(("text", "item"), [
    ("第二个", "id-renew"), ("头一样", "id-lost"), ("补的", "id-lost"), ("换的那个", "id-renew"), ("丢了的", "id-lost"), ("快到期了", "id-renew"), ("丢了补办", "id-lost"),
    ("到期或损坏换新", "id-renew"), ("不是补的，是换的", "id-renew"), ("挂失", "id-lost"), ("坏了", "id-renew"), ("居民身份证换领", "id-renew"),
])
@pytest.mark.parametrize("action", [ActionConsult(), ActionChoose(), ActionDeny()], ids=["as a question", "as a choice", "as a no"])
def test_the_answer_to_the_question_back_is_understood(monkeypatch: pytest.MonkeyPatch, action: Any, text: str, item: str) -> None:
    chat = asked(monkeypatch, "id-lost", "id-renew").run(action, text)
    assert (chat.custom.get("item"), chat.custom["facet"], chat.slots["choices"]) == (item, "fee", None)


@pytest.mark.parametrize("text", ["都不是", "没有我要的", "哪个都不对"])
@pytest.mark.parametrize("action", [ActionConsult(), ActionChoose(), ActionDeny()], ids=["as a question", "as a choice", "as a no"])
def test_none_of_them_is_not_found_with_a_person_offered(monkeypatch: pytest.MonkeyPatch, action: Any, text: str) -> None:
    chat = asked(monkeypatch, "id-lost", "id-renew").run(action, text, match=matched("clarify", "claim", 0.4, None, ("claim",)))
    assert (chat.response, chat.slots["choices"], chat.slots["offer"]) == ("utter_not_found", None, "person_or_ticket")


@pytest.mark.parametrize("text", ["随便", "都行", "哪个都行"])
@pytest.mark.parametrize("action", [ActionConsult(), ActionChoose(), ActionAffirm()], ids=["as a question", "as a choice", "as a yes"])
def test_whichever_is_the_likelier_one_and_the_other_is_named(monkeypatch: pytest.MonkeyPatch, action: Any, text: str) -> None:
    chat = asked(monkeypatch, "id-renew", "id-lost").run(action, text)
    assert [message["response"] for message in chat.said] == ["utter_clarify_first", "utter_item_fee"]
    assert (chat.said[0]["first"], chat.said[0]["others"], chat.custom["item"]) == ("居民身份证换领", "丢了补办", "id-renew")


@pytest.mark.parametrize("action", [ActionConsult(), ActionChoose()], ids=["as a question", "as a choice"])
def test_a_new_matter_is_a_new_question_even_with_a_word_of_a_choice(monkeypatch: pytest.MonkeyPatch, action: Any) -> None:
    chat = asked(monkeypatch, "id-lost", "id-renew").run(action, "高龄津贴的卡丢了", "ask_item", match=matched("answer", "allowance"))
    assert (chat.custom["item"], chat.slots["choices"]) == ("allowance", None)


def test_an_option_of_several_items_is_asked_about_once_more_and_keeps_the_facet(monkeypatch: pytest.MonkeyPatch) -> None:
    family = [{"say": "身份证", "codes": ["id-lost", "id-renew"], "words": ["身份证"]}, {"say": "高龄津贴", "codes": ["allowance"], "words": ["津贴"]}]
    chat = talk(monkeypatch, choices=family, last_facet="fee").run(ActionChoose(), "身份证的那个", "choose")
    assert (chat.response, chat.custom["options"]) == ("utter_clarify", ["丢了补办", "到期或损坏换新"])
    chat.run(ActionChoose(), "换的", "choose")
    assert (chat.response, chat.custom["item"]) == ("utter_item_fee", "id-renew")


def test_none_of_them_means_the_rest_where_the_rest_was_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    options = [{"say": "高龄津贴", "codes": ["allowance"], "words": []}, {"say": "别的", "codes": ["id-lost", "id-renew"], "words": ["其他"]}]
    for text in ("都不是", "别的", "其他的"):
        chat = talk(monkeypatch, choices=options).run(ActionChoose(), text, "choose")
        assert (chat.response, chat.custom["options"]) == ("utter_clarify", ["丢了补办", "到期或损坏换新"])


def test_three_items_are_asked_with_the_place_in_the_list_as_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = asked(monkeypatch, "id-lost", "id-renew", "allowance")
    assert (chat.response, chat.custom["options"]) == ("utter_clarify_several", ["丢了补办", "到期或损坏换新", "高龄津贴"])


def test_where_the_choices_are_cut_at_four_what_is_near_is_asked_about_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*scores: float) -> list[dict[str, Any]]:
        return [{"code": f"c{place}", "name": "", "kind": "item", "score": score, "matched_on": ""} for place, score in enumerate(scores)]

    full = {"choices": ["c0", "c1", "c2", "c3"], "candidates": found(0.4, 0.4, 0.3, 0.2, 0.1, 0.09, 0.4, 0.4, 0.4, 0.4)}
    assert near(full) == ["c0", "c1", "c2", "c3", "c4", "c6", "c7", "c8"]
    assert near(full | {"choices": ["c0", "c1"]}) == ["c0", "c1"]


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


@pytest.mark.parametrize(("text", "item"), [("丢了", "id-lost"), ("过期了", "id-renew")])
@pytest.mark.parametrize("action", [ActionConsult(), ActionChoose()], ids=["as a question", "as a choice"])
def test_a_choice_is_known_by_its_everyday_names(monkeypatch: pytest.MonkeyPatch, action: Any, text: str, item: str) -> None:
    chat = talk(monkeypatch, choices=["id-renew", "id-lost"], last_facet="fee").run(action, text, "inform")
    assert (chat.response, chat.custom["item"], chat.slots["choices"]) == ("utter_item_fee", item, None)


@pytest.mark.parametrize(("text", "last_facet", "response"), [
    ("医疗费用手工报销", None, "utter_item_summary"), ("医疗费用 手工报销", None, "utter_item_summary"), ("医疗费用手工报销", "hours", "utter_facet_unknown_here"),
    ("手工报销的费用", None, "utter_item_fee"),
], ids=["its own name", "its own name with a gap", "asked for before", "a facet beside it"])
@pytest.mark.parametrize("action", [ActionConsult(), ActionChoose()], ids=["as a question", "as a choice"])
def test_a_facet_within_the_name_of_a_choice_is_not_asked_for(monkeypatch: pytest.MonkeyPatch, action: Any, text: str, last_facet: str | None, response: str) -> None:
    chat = talk(monkeypatch, choices=["id-lost", "claim"], last_facet=last_facet).run(action, text, "choose", match=matched(facet="fee"))
    assert (chat.response, chat.custom["item"]) == (response, "claim")


@pytest.mark.parametrize(("intent", "match"), [("follow_up", matched("answer", "id-lost", 0.5, "fee")), ("inform", matched(facet="fee")), ("ask_item", matched(facet="fee"))],
                         ids=["a follow-up", "told", "no item near"])
def test_a_facet_named_after_a_question_back_asks_again_and_is_kept_for_the_choice(monkeypatch: pytest.MonkeyPatch, intent: str, match: dict[str, Any]) -> None:
    chat = talk(monkeypatch, choices=["id-lost", "id-renew"], last_item="allowance").run(ActionConsult(), "多少钱呢", intent, match=match)
    assert (chat.response, chat.custom["options"]) == ("utter_clarify", ["居民身份证丢失补领", "居民身份证换领"])
    assert ([option["codes"] for option in chat.slots["choices"]], chat.slots["last_facet"]) == ([["id-lost"], ["id-renew"]], "fee")
    chat.run(ActionChoose(), "第二个", "choose")
    assert (chat.response, chat.said[-1]["amount"]) == ("utter_item_fee", "每证20元")


def test_a_facet_named_after_the_question_for_one_item_answers_it(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, choices=["id-renew"], last_item="id-lost").run(ActionConsult(), "多少钱呢", "follow_up", match=matched(facet="fee"))
    assert (chat.response, chat.said[-1]["amount"], chat.slots["last_item"], chat.slots["choices"]) == ("utter_item_fee", "每证20元", "id-renew", None)


def test_another_question_after_a_question_back_is_answered_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, choices=["id-lost", "id-renew"]).run(ActionConsult(), "高龄津贴咋办", "ask_item", match=matched("answer", "allowance"))
    assert (chat.response, chat.custom["item"], chat.slots["choices"]) == ("utter_item_named", "allowance", None)


def test_a_choice_without_choices_is_a_question_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ActionChoose(), "补的那个", match=matched("answer", "id-lost"))
    assert (chat.response, chat.slots["last_item"], chat.next_action) == ("utter_item_named", "id-lost", None)
    assert talk(monkeypatch).run(ActionChoose(), "第二个", match=matched()).response == "utter_nothing_to_choose"


# --- a person or a ticket --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["第一个", "转人工", "前面那个"])
def test_the_first_of_the_offer_is_a_person_in_one_message(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    chat = talk(monkeypatch, offer="person_or_ticket").run(ActionChoose(), text, "choose")
    assert [message["response"] for message in chat.said] == ["utter_handoff"]
    assert (chat.custom, chat.next_action, chat.slots["offer"]) == ({"outcome": "handoff", "action": "transfer"}, None, None)


@pytest.mark.parametrize("text", ["第二个", "登记工单", "后面那个"])
def test_the_second_of_the_offer_is_the_ticket(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    chat = talk(monkeypatch, offer="person_or_ticket").run(ActionChoose(), text, "choose")
    assert (chat.next_action, chat.slots["ticket_type"], chat.said) == ("ticket_form", "咨询", [])


def test_a_third_that_was_not_offered_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, offer="person_or_ticket").run(ActionChoose(), "第三个", "choose")
    assert (chat.response, chat.next_action) == ("utter_nothing_to_choose", None)


def test_choices_asked_after_an_offer_go_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, offer="person_or_ticket", choices=["id-lost", "id-renew"], last_facet="fee").run(ActionChoose(), "第二个", "choose")
    assert (chat.response, chat.slots["last_item"], chat.slots["offer"]) == ("utter_item_fee", "id-renew", None)


@pytest.mark.parametrize(("item", "facet", "response"), [
    ("allowance", "fee", "utter_item_pays"), ("id-lost", "hours", "utter_facet_unknown_here"), ("id-lost", "phone", "utter_item_phone_here"),
], ids=["how much is the allowance", "nobody is sure", "the number is this line"])
def test_a_reply_that_offers_a_person_or_a_ticket_waits_for_the_answer(monkeypatch: pytest.MonkeyPatch, item: str, facet: Any, response: str) -> None:
    chat = talk(monkeypatch).run(ActionConsult(), "这个多少钱", "ask_item", match=matched("answer", item, facet=facet))
    assert (chat.response, chat.custom["outcome"], chat.custom["options"]) == (response, "answered", ["转人工", "登记工单"])
    assert (chat.slots["offer"], chat.slots["unanswered"], chat.slots["last_item"]) == ("person_or_ticket", "这个多少钱", item)
    assert chat.run(ActionChoose(), "第一个", "choose").response == "utter_handoff"


def test_an_answer_or_a_question_back_ends_an_older_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = talk(monkeypatch, offer="person_or_ticket", unanswered="旧").run(ActionConsult(), "身份证丢了", "ask_item", match=matched("answer", "id-lost", facet="fee"))
    assert (answered.slots["offer"], answered.slots["unanswered"], "options" in answered.custom) == (None, None, False)
    near = matched("clarify", "id-lost", 0.45, None, ("id-lost", "id-renew"))
    assert talk(monkeypatch, offer="person_or_ticket").run(ActionConsult(), "身份证", "ask_item", match=near).slots["offer"] is None


def test_what_is_not_known_is_not_answered_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, failures=1).run(ActionConsult(), "怎么养好一只猫", "ask_item", match=matched("none", "id-lost", 0.2))
    assert (chat.response, chat.custom["outcome"], chat.custom["options"]) == ("utter_not_found", "not_found", ["转人工", "登记工单"])
    assert (chat.slots["failures"], chat.slots["unanswered"], chat.slots["offer"]) == (2, "怎么养好一只猫", "person_or_ticket")


@pytest.mark.parametrize(("match", "response"), [
    (matched(), "utter_not_found"), (matched("clarify", "id-lost", 0.45, None, ("id-lost", "id-renew")), "utter_clarify"), (matched("answer", "id-lost", facet="fee"), "utter_item_free"),
], ids=["not found", "asked back", "answered"])
def test_a_region_once_said_is_kept_whatever_the_reply(monkeypatch: pytest.MonkeyPatch, match: dict[str, Any], response: str) -> None:
    chat = talk(monkeypatch).run(ActionConsult(), "烟台的身份证", "ask_item", match=match)
    assert (chat.response, chat.custom["region"], chat.slots["region"]) == (response, "370600", "370600")


def test_where_no_region_is_said_none_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "region" not in talk(monkeypatch).run(ActionConsult(), "怎么养好一只猫", "ask_item", match=matched()).slots


def test_a_follow_up_on_nothing_is_asked_what_it_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    assert talk(monkeypatch).run(ActionConsult(), "多少钱呢", "follow_up", match=matched(facet="fee")).response == "utter_what_about"


def test_a_ticket_number_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert talk(monkeypatch).run(ActionConsult(), f"{NUMBER[:4]} {NUMBER[4:]}", "inform").next_action == "lookup_form"


@pytest.mark.parametrize(("text", "intent", "score", "form"), [
    ("门口路灯坏了", "inform", SURE_OF_MATTER, "ticket_form"), ("门口路灯坏了", "nlu_fallback", 0.9, "ticket_form"), ("门口路灯坏了", "correct", 0.9, "ticket_form"),
    ("门口路灯坏了", "inform", SURE_OF_MATTER - 0.01, None), ("口路灯坏了", "inform", 0.9, None), ("门口路灯怎么修", "inform", 0.9, None), ("门口路灯坏了", "ask_item", 0.9, None),
], ids=["surely something amiss", "not understood", "a correction of nothing", "hardly", "too short", "a question", "an item"])
def test_something_amiss_told_without_a_wish_opens_the_form(monkeypatch: pytest.MonkeyPatch, text: str, intent: str, score: float, form: str | None) -> None:
    chat = talk(monkeypatch, FakeTickets(score=score)).run(ActionConsult(), text, intent, match=matched())
    assert chat.next_action == form
    assert (chat.slots.get("ticket_type"), chat.slots["unanswered"]) == ("求助" if form else None, text)


def test_six_characters_tell_a_matter() -> None:
    assert (len("门口路灯坏了"), SURE_OF_MATTER) == (LONG_ENOUGH, 0.25)


@pytest.mark.parametrize(("phone", "response"), [(None, "utter_facet_unknown_here"), ("12319", "utter_facet_unknown")], ids=["this line", "another number"])
def test_an_item_without_the_answer_says_so_and_a_yes_hands_over(monkeypatch: pytest.MonkeyPatch, phone: str | None, response: str) -> None:
    chat = talk(monkeypatch)
    p = consult.parts()
    p.knowledge.answerer = CatalogueAnswerer(p.knowledge.catalogue, {"公安": Department("公安", "公安局", phone or "12345")})
    monkeypatch.setattr(conversation, "parts", consult.parts)
    chat.run(ActionConsult(), "身份证几点上班", "ask_item", match=matched("answer", "id-lost", facet="hours"))
    assert (chat.response, chat.custom["outcome"], chat.custom["unanswered"], chat.custom["options"]) == (response, "answered", True, ["转人工", "登记工单"])
    assert chat.slots["unanswered"] == "身份证几点上班"
    assert chat.run(conversation.ActionAffirm(), "好", "affirm").response == "utter_handoff"


def test_an_item_with_the_answer_bears_no_such_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ActionConsult(), "身份证丢了多少钱", "ask_item", match=matched("answer", "id-lost", facet="fee"))
    assert "unanswered" not in chat.custom
