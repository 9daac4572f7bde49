"""The ticket form: its order, what interrupts it, what ends it, and the ticket at its end."""

from __future__ import annotations

import re
from typing import Any

import pytest

from actions import consult, conversation, ticket_form
from actions.ticket_form import ActionOpenTicket, AskConfirm, AskContact, AskCourse, AskWhen, AskWhere, AskWho, ValidateTicketForm
from core.going_on import goes_on
from tests.support.action_fakes import NOW, NUMBER, FakeTickets, Talk, fake_parts, matched
from tickets.errors import InvalidTicket, RequestReused, TicketBusy, TicketError

ASK = {"course": AskCourse(), "where": AskWhere(), "who": AskWho(), "when": AskWhen(), "contact": AskContact(), "confirm": AskConfirm()}
ANSWERS = {"course": "电梯坏了半个月不修", "where": "历下区解放路12号", "who": "万科物业", "when": "昨天晚上", "contact": "13812345678", "confirm": "对,提交"}


def talk(monkeypatch: pytest.MonkeyPatch, tickets: FakeTickets | None = None, **slots: Any) -> Talk:
    parts = fake_parts(tickets)
    monkeypatch.setattr(ticket_form, "parts", lambda: parts)
    return Talk(dict(slots))


def asked_in_turn(chat: Talk, first: str, intent: str) -> list[str]:
    """Answer every question of the form; return the questions in their order."""
    questions: list[str] = []
    chat.run(ValidateTicketForm(), first, intent)
    while question := chat.slots["requested_slot"]:
        questions.append(question)
        assert len(questions) <= 5
        chat.run(ASK[question])
        assert chat.custom["outcome"] == "ticket_form"
        chat.run(ValidateTicketForm(), ANSWERS[question])
    return questions


@pytest.mark.parametrize(("intent", "kind", "order"), [
    ("request_help", "求助", ["course", "where", "contact", "confirm"]),
    ("complain", "投诉", ["course", "where", "who", "contact", "confirm"]),
    ("report", "举报", ["contact", "course", "where", "who", "confirm"]),
    ("suggest", "建议", ["course", "where", "contact", "confirm"]),
    ("praise", "表扬", ["course", "who", "contact", "confirm"]),
    ("consult", "咨询", ["course", "where", "contact", "confirm"]),
])
def test_each_type_asks_in_its_order_and_at_most_five_questions(monkeypatch: pytest.MonkeyPatch, intent: str, kind: str, order: list[str]) -> None:
    chat = talk(monkeypatch)
    assert asked_in_turn(chat, "", intent) == order
    assert chat.slots["ticket_draft"]["type"] == chat.slots["ticket_type"] == kind
    assert chat.slots["ticket_draft"]["confirmed"] is True


def test_a_vouched_number_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch)
    chat.metadata = {"caller": "13812345678"}
    assert "contact" not in asked_in_turn(chat, "电梯坏了半个月不修", "request_help")
    assert chat.slots["ticket_draft"]["phone"] == "13812345678"


@pytest.mark.parametrize(("slots", "text", "intent", "kind", "matter"), [
    ({}, "电梯坏了没人修", "complain", "投诉", "电梯坏了没人修"),
    ({"ticket_type": "求助"}, "电梯坏了没人修", "inform", "求助", "电梯坏了没人修"),
    ({}, "电梯坏了没人修", "affirm", "咨询", "电梯坏了没人修"),
    ({"unanswered": "低保户装宽带有没有优惠", "ticket_type": "咨询"}, "登记工单", "affirm", "咨询", "低保户装宽带有没有优惠"),
    ({"unanswered": "低保户装宽带有没有优惠"}, "我要投诉电梯坏了没人修", "complain", "投诉", "我要投诉电梯坏了没人修"),
], ids=["by the intent", "by what was found", "consultation else", "the question without an answer", "a matter of its own"])
def test_the_form_begins_with_what_was_said(monkeypatch: pytest.MonkeyPatch, slots: dict[str, Any], text: str, intent: str, kind: str, matter: str) -> None:
    chat = talk(monkeypatch, **slots).run(ValidateTicketForm(), text, intent)
    assert (chat.slots["ticket_draft"]["type"], chat.slots["ticket_draft"]["text"]) == (kind, matter)
    assert re.fullmatch(r"\S{16,}", chat.slots["ticket_request"])


def test_a_question_in_the_middle_leaves_the_draft_and_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ValidateTicketForm(), "电梯坏了半个月不修", "request_help")
    before = dict(chat.slots)
    chat.run(ValidateTicketForm(), "身份证丢了怎么补", "ask_item", match=matched("answer", "id-lost"))
    assert chat.slots == before
    assert chat.slots["requested_slot"] == "where"


def test_a_region_said_in_an_answer_becomes_that_of_the_ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ValidateTicketForm(), "电梯坏了半个月不修", "request_help")
    assert chat.run(ValidateTicketForm(), "烟台市芝罘区南大街6号").slots["ticket_draft"]["region"] == "370602"


def at_confirmation(monkeypatch: pytest.MonkeyPatch, tickets: FakeTickets | None = None) -> Talk:
    chat = talk(monkeypatch, tickets)
    chat.metadata = {"caller": "13812345678"}
    chat.run(ValidateTicketForm(), "电梯坏了半个月不修", "request_help").run(ValidateTicketForm(), "历下区解放路12号")
    assert chat.slots["requested_slot"] == "confirm"
    return chat


def test_the_read_back_tells_all_that_will_be_filed(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = at_confirmation(monkeypatch).run(AskConfirm())
    assert (chat.response, chat.said[-1]["summary"]) == ("utter_ask_confirm", "内容：电梯坏了半个月不修；地点：历下区解放路12号；联系方式：13812345678")
    assert chat.custom["options"] == ["对，提交", "不对"]


def test_a_bare_no_is_asked_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = at_confirmation(monkeypatch).run(ValidateTicketForm(), "不对", "deny")
    assert (chat.slots["requested_slot"], chat.slots["ticket_wrong"], chat.slots["ticket_draft"]["confirmed"]) == ("confirm", True, None)
    assert chat.run(AskConfirm()).response == "utter_ask_what_is_wrong"
    assert "options" not in chat.custom


@pytest.mark.parametrize("text", ["先不提交了", "取消", "算了", "别提交", "不用提交了", "我说不用提交了", "别给我报了,我不报了", "我不想报了", "不投诉了"])
def test_not_at_all_ends_the_form_without_a_ticket(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    tickets = FakeTickets()
    chat = at_confirmation(monkeypatch, tickets).run(ValidateTicketForm(), text, "deny")
    assert (chat.slots["ticket_draft"], chat.slots["requested_slot"]) == (None, None)
    assert chat.run(ActionOpenTicket()).response == "utter_cancelled"
    assert tickets.calls == []


def test_not_right_never_throws_the_matter_away(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = at_confirmation(monkeypatch)
    for _ in range(6):
        chat.run(ValidateTicketForm(), "不对", "deny")
        assert (chat.slots["requested_slot"], chat.slots["ticket_wrong"]) == ("confirm", True)
    chat.run(ValidateTicketForm(), "地点是解放路21号").run(AskConfirm())
    assert "地点：历下区解放路21号" in chat.said[-1]["summary"]


@pytest.mark.parametrize("text", ["不知道", "那是谁来修呢", "不对", "电话是13900001111", "匿名", "还有电梯也不亮"])
def test_nothing_but_a_yes_leaves_the_read_back(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    chat = at_confirmation(monkeypatch)
    chat.slots["ticket_draft"] = {**chat.slots["ticket_draft"], "asked": ["course", "where", "who", "contact", "confirm"]}
    chat.run(ValidateTicketForm(), text)
    assert (chat.slots["requested_slot"], chat.slots["ticket_draft"]["confirmed"]) == ("confirm", None)


def test_without_a_yes_no_ticket_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    chat = at_confirmation(monkeypatch, tickets).run(ActionOpenTicket())
    assert (chat.response, tickets.calls) == ("utter_cancelled", [])


@pytest.mark.parametrize(("text", "response"), [
    ("那匿名会保密吗", "utter_aside_secret"), ("那多久能办好", "utter_aside_term"), ("几天能办", "utter_aside_term"), ("要钱吗", "utter_aside_fee"),
])
def test_a_question_about_the_ticket_is_answered_and_the_form_goes_on(monkeypatch: pytest.MonkeyPatch, text: str, response: str) -> None:
    chat = at_confirmation(monkeypatch)
    before = dict(chat.slots)
    assert chat.run(ValidateTicketForm(), text, "follow_up").response == response
    assert chat.slots == before


def test_who_gives_up_with_a_question_gets_both(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ValidateTicketForm(), "我要投诉", "complain")
    asked = matched("answer", "id-lost", facet="fee")
    monkeypatch.setattr(consult, "parts", ticket_form.parts)
    chat.run(ValidateTicketForm(), "不投诉了我问下身份证丢了多少钱", "ask_item", match=asked)
    assert (chat.slots["ticket_draft"], chat.slots["requested_slot"]) == (None, None)
    chat.run(ActionOpenTicket(), "不投诉了我问下身份证丢了多少钱", "ask_item", match=asked)
    assert chat.said[0]["response"] == "utter_ticket_dropped"
    assert (chat.custom["outcome"], chat.custom["item"]) == ("answered", "id-lost")


def test_a_bare_wish_is_asked_what_it_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ValidateTicketForm(), "登记工单", "consult")
    assert (chat.slots["requested_slot"], chat.slots["ticket_draft"]["course"], chat.slots["ticket_type"]) == ("course", None, "求助")


def test_without_a_matter_the_read_back_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch)
    chat.metadata = {"caller": "13812345678"}
    chat.run(ValidateTicketForm(), "我要求助", "request_help").run(ValidateTicketForm(), "不想说").run(ValidateTicketForm(), "历下区解放路12号")
    assert chat.slots["requested_slot"] == "confirm"
    assert chat.run(AskConfirm()).response == "utter_ask_course"
    assert chat.run(ValidateTicketForm(), "对", "affirm").slots["requested_slot"] == "confirm"
    assert chat.run(ValidateTicketForm(), "电梯坏了半个月不修").run(AskConfirm()).response == "utter_ask_confirm"


def test_confidential_without_a_number_is_asked_for_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ValidateTicketForm(), "我举报有人偷排污水", "report").run(ValidateTicketForm(), "保密")
    assert chat.slots["requested_slot"] == "contact"
    assert chat.run(AskContact()).response == "utter_ask_contact_number"
    assert chat.run(ValidateTicketForm(), "不留").slots["requested_slot"] == "where"


def test_a_reporter_is_offered_anonymity_before_anything_is_said_of_the_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ValidateTicketForm(), "我举报有人偷排污水", "report")
    assert chat.slots["requested_slot"] == "contact"
    chat.run(AskContact(), "我举报有人偷排污水", "report")
    assert [message["response"] for message in chat.said] == ["utter_ask_contact_report"]
    chat = talk(monkeypatch)
    chat.metadata = {"caller": "13812345678"}
    assert chat.run(ValidateTicketForm(), "我举报有人偷排污水", "report").run(AskContact()).response == "utter_ask_contact_report_known"


def test_whoever_told_his_matter_hears_first_that_it_was_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ValidateTicketForm(), "电梯坏了半个月不修", "complain").run(AskWhere(), "电梯坏了半个月不修", "complain")
    assert [message["response"] for message in chat.said] == ["utter_ticket_heard", "utter_ask_where"]


def test_the_ticket_is_opened_with_the_request_of_its_form_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    chat = at_confirmation(monkeypatch, tickets)
    request = chat.slots["ticket_request"]
    chat.run(ValidateTicketForm(), "对,提交", "affirm").run(ActionOpenTicket(), "对,提交", "affirm")
    (_, new, at), = tickets.calls
    assert (new.request_id, new.region, new.address, new.phone, at) == (request, "370102", "历下区解放路12号", "13812345678", NOW)
    assert chat.response == "utter_ticket_opened"
    assert (chat.said[-1]["number"], chat.said[-1]["department"], chat.said[-1]["due"]) == (NUMBER, "济南市历下区城市管理局", "11月27日")
    assert chat.custom["ticket"] == {"number": NUMBER, "department": "济南市历下区城市管理局", "due": "11月27日", "due_on": "2026-11-27", "code": None}
    assert chat.slots["opened_ticket"] == NUMBER
    assert {chat.slots[name] for name in ("ticket_draft", "ticket_type", "ticket_request", "ticket_wrong", "unanswered", "offer")} == {None}


def test_a_ticket_without_a_phone_comes_with_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = at_confirmation(monkeypatch)
    chat.slots["ticket_draft"] = {**chat.slots["ticket_draft"], "phone": None, "anonymous": True, "confirmed": True}
    chat.run(ActionOpenTicket(), "对,提交", "affirm")
    assert (chat.response, chat.said[-1]["code"]) == ("utter_ticket_opened_code", "12345678")
    rows = chat.custom["card"]["rows"]
    assert [row["key"] for row in rows] == ["number", "type", "category", "department", "due_on", "code"]
    assert rows[-1] == {"key": "code", "title": "查询码", "lines": ["12345678"]}


@pytest.mark.parametrize("error", [InvalidTicket("内容太长"), RequestReused(), TicketBusy()], ids=lambda error: type(error).__name__)
def test_an_expected_error_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch, error: TicketError) -> None:
    chat = at_confirmation(monkeypatch, FakeTickets(error)).run(ValidateTicketForm(), "对,提交", "affirm").run(ActionOpenTicket(), "对,提交", "affirm")
    assert (chat.response, chat.said[-1]["reason"], chat.custom["outcome"]) == ("utter_ticket_refused", error.message, "refused")
    assert (chat.slots["ticket_draft"], "opened_ticket" in chat.slots) == (None, False)


@pytest.mark.parametrize(("text", "accepts"), [
    ("登记工单", True), ("那就帮我登记一个吧", True), ("开个工单让部门答复我", True), ("小区门口路灯坏了一个月没人修", False), ("停水了", False),
], ids=["the button", "in words", "with the department", "a complaint", "a short complaint"])
def test_only_a_bare_yes_takes_up_the_question_without_an_answer(text: str, accepts: bool) -> None:
    from actions.ticket_form import _ACCEPTS
    assert bool(_ACCEPTS.fullmatch(text)) is accepts


# --- a form that was put aside ---------------------------------------------------------------------------------------
def put_aside(monkeypatch: pytest.MonkeyPatch, said_before: str | None = "handoff", text: str = "电梯坏了半个月不修") -> Talk:
    chat = talk(monkeypatch).run(ValidateTicketForm(), text, "complain")
    monkeypatch.setattr(consult, "parts", ticket_form.parts)
    monkeypatch.setattr(conversation, "parts", ticket_form.parts)
    chat.slots["requested_slot"] = None
    chat.events = [{"event": "bot", "text": "…", "data": {"custom": {"outcome": said_before}}}] if said_before else []
    return chat


@pytest.mark.parametrize(("text", "intent"), [("接着登记", "affirm"), ("继续投诉", "complain"), ("我要投诉", "complain"), ("登记工单", "consult")])
def test_a_form_that_was_put_aside_goes_on_with_what_it_holds(monkeypatch: pytest.MonkeyPatch, text: str, intent: str) -> None:
    chat = put_aside(monkeypatch)
    draft, request = chat.slots["ticket_draft"], chat.slots["ticket_request"]
    chat.run(ValidateTicketForm(), text, intent)
    assert (chat.response, chat.said[-1]["summary"]) == ("utter_ticket_taken_up", "内容：电梯坏了半个月不修")
    assert (chat.slots["ticket_draft"], chat.slots["ticket_request"], chat.slots["requested_slot"]) == (draft, request, "where")


@pytest.mark.parametrize(("text", "intent", "kind"), [("我要投诉小区停水三天了", "complain", "投诉"), ("我要举报", "report", "举报")],
                         ids=["a matter of its own", "another type"])
def test_a_plainly_new_request_begins_anew_and_says_so(monkeypatch: pytest.MonkeyPatch, text: str, intent: str, kind: str) -> None:
    chat = put_aside(monkeypatch)
    request = chat.slots["ticket_request"]
    chat.run(ValidateTicketForm(), text, intent)
    assert (chat.response, chat.said[-1]["type"]) == ("utter_ticket_put_down", "投诉")
    assert chat.slots["ticket_draft"]["type"] == kind and "电梯" not in chat.slots["ticket_draft"]["text"]
    assert chat.slots["ticket_request"] != request


@pytest.mark.parametrize(("action", "before", "text", "intent", "goes_on"), [
    (conversation.ActionAffirm(), "handoff", "接着说吧", "affirm", True), (conversation.ActionAffirm(), None, "好的", "affirm", True),
    (conversation.ActionAffirm(), "handoff", "好的", "affirm", False), (consult.ActionConsult(), None, "历下区解放路12号", "inform", True),
    (consult.ActionConsult(), "handoff", "历下区解放路12号", "inform", True), (consult.ActionConsult(), "answered", "历下区解放路12号", "inform", False),
    (consult.ActionConsult(), "handoff", "等多久", "inform", False),
], ids=["in so many words", "yes in a new session", "yes to the hand-over", "an answer in a new session", "an answer afterwards", "after another matter", "no answer"])
def test_who_goes_on_with_it_and_who_does_not(monkeypatch: pytest.MonkeyPatch, action: Any, before: str | None, text: str, intent: str, goes_on: bool) -> None:
    chat = put_aside(monkeypatch, before).run(action, text, intent)
    assert (chat.next_action == "ticket_form") is goes_on


def test_the_answer_that_takes_it_up_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = put_aside(monkeypatch, None).run(ValidateTicketForm(), "历下区解放路12号", "inform")
    assert (chat.slots["ticket_draft"]["where"], chat.slots["requested_slot"]) == ("历下区解放路12号", "who")
    assert chat.said[-1]["summary"] == "内容：电梯坏了半个月不修；地点：历下区解放路12号"


def test_before_the_read_back_nothing_is_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = at_confirmation(monkeypatch)
    chat.slots["requested_slot"] = None
    chat.run(ValidateTicketForm(), "接着登记", "affirm")
    assert (chat.response, chat.slots["requested_slot"], chat.slots["ticket_draft"]["confirmed"]) == ("utter_ticket_taken_up_bare", "confirm", None)


def test_a_draft_of_another_release_is_no_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, ticket_draft={"type": "投诉", "colour": "red"}).run(ValidateTicketForm(), "我要投诉停水三天了", "complain")
    assert (chat.slots["ticket_draft"]["type"], chat.said) == ("投诉", [])


def test_to_go_on_is_no_answer_to_an_open_question(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ValidateTicketForm(), "电梯坏了半个月不修", "request_help")
    before = dict(chat.slots)
    assert chat.run(ValidateTicketForm(), "接着说", "affirm").slots == before


@pytest.mark.parametrize(("text", "wish"), [
    ("接着登记", True), ("好的,那就接着刚才的说吧", True), ("继续", True), ("往下说", True), ("刚才没登记完接着登记", True), ("继续投诉", True),
    ("好的", False), ("登记", False), ("停水还在继续", False), ("继续教育怎么登记", False), ("", False),
])
def test_the_wish_to_go_on_stands_alone(text: str, wish: bool) -> None:
    assert goes_on(text) is wish
