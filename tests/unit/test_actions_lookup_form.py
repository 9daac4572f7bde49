"""The look-up form in conversation: what is asked, what is done, what is left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions import lookup_form
from actions.lookup import Lookup
from actions.lookup_form import ActionRunLookup, AskDetail, AskNumber, AskProof, AskWhy, ValidateLookupForm
from tests.support.action_fakes import NOW, NUMBER, FakeTickets, Talk, fake_parts, matched
from tickets.errors import InvalidTicket, TicketBusy, TicketError, TicketNotFound, TooManyAttempts
from tickets.model import Act, ActRefused, Channel, Role, Status

ASKS = {"number": AskNumber(), "proof": AskProof(), "detail": AskDetail(), "why": AskWhy(), None: ActionRunLookup()}


def talk(monkeypatch: pytest.MonkeyPatch, tickets: FakeTickets | None = None, caller: str | None = None, **slots: object) -> Talk:
    parts = fake_parts(tickets)
    monkeypatch.setattr(lookup_form, "parts", lambda: parts)
    return Talk(dict(slots), {"caller": caller} if caller else {})


def tell(chat: Talk, text: str, intent: str = "inform") -> str | None:
    """One turn of the form as Rasa runs it: validate, then ask or act. Returns the name of the response."""
    chat.run(ValidateLookupForm(), text, intent)
    return chat.run(ASKS[chat.slots["requested_slot"]], text, intent).response


def done(tickets: FakeTickets) -> list[str]:
    return [call[0] for call in tickets.calls]


class Proving(FakeTickets):
    """Knows one proof and raises TicketNotFound for every other."""

    def __init__(self, proof: str) -> None:
        super().__init__()
        self.proof = proof

    def view(self, number: str, **proof: Any) -> Any:
        ticket = self._note("view", number, proof)
        if not proof.get("trusted") and self.proof not in (proof.get("phone_last4"), proof.get("code"), (proof.get("phone") or "")[-4:]):
            raise TicketNotFound
        return ticket


def test_number_and_proof_are_asked_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch)
    assert tell(chat, "查工单进度", "progress") == "utter_ask_number"
    assert tell(chat, "嗯我找找") == "utter_ask_number_again"
    assert tell(chat, NUMBER) == "utter_ask_proof"
    assert tell(chat, "5678") == "utter_ticket_status"


def test_after_three_vain_tries_a_person_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch)
    said = [tell(chat, text, "progress") for text in ("查工单进度", "嗯", "啊", "哦")]
    assert said == ["utter_ask_number", "utter_ask_number_again", "utter_ask_number_again", "utter_lookup_given_up"]
    assert (chat.custom["outcome"], chat.custom["options"], chat.slots["offer"], chat.slots["lookup"]) == ("not_found", ["转人工"], "person_or_ticket", None)


@pytest.mark.parametrize("text", ["不知道", "忘了", "没有编号", "记不住"])
def test_who_has_no_number_is_offered_a_person_at_once(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    chat = talk(monkeypatch, caller="13812345678")
    assert [tell(chat, "查工单进度", "progress"), tell(chat, text, "dont_know")] == ["utter_ask_number", "utter_lookup_no_number"]
    assert (chat.custom["options"], chat.slots["offer"], chat.slots["requested_slot"]) == (["转人工"], "person_or_ticket", None)


def test_an_interruption_leaves_the_look_up_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ValidateLookupForm(), "查工单进度", "progress")
    before = chat.slots["lookup"]
    chat.run(ValidateLookupForm(), "转人工", "human")
    assert (chat.slots["lookup"], chat.slots["requested_slot"]) == (before, "number")


def test_another_city_said_about_the_item_before_is_no_vain_try(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, last_item="id-lost").run(ValidateLookupForm(), "几天办完", "progress")
    before = chat.slots["lookup"]
    chat.run(ValidateLookupForm(), "烟台呢", "follow_up")
    assert chat.slots["lookup"] == before


def test_a_supplement_that_sounds_like_a_question_is_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    chat = talk(monkeypatch, tickets, opened_ticket=NUMBER)
    assert tell(chat, "补充一下", "supplement") == "utter_ask_detail_supplement"
    text = "身份证扣在老板那里怎么办"
    chat.run(ValidateLookupForm(), text, "ask_item", match=matched("answer", "id-lost", facet="process"))
    assert chat.run(ActionRunLookup()).response == "utter_ticket_added"
    assert tickets.calls[-1][:3] == ("supplement", NUMBER, text)


# --- whose it is -----------------------------------------------------------------------------------------------------
def test_a_wrong_proof_is_asked_for_again_and_the_third_ends_with_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, Proving("5678"))
    said = [tell(chat, text, "progress") for text in (f"查工单{NUMBER}", "0001", "0002", "0003")]
    assert said == ["utter_ask_proof", "utter_ask_proof_wrong", "utter_ask_proof_wrong", "utter_lookup_not_proved"]
    assert (chat.slots["offer"], chat.slots.get("opened_ticket")) == ("person_or_ticket", None)


def test_a_right_proof_after_a_wrong_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, Proving("5678"))
    said = [tell(chat, text, "progress") for text in (f"查工单{NUMBER},尾号0001", "5678")]
    assert said == ["utter_ask_proof_wrong", "utter_ticket_status"]


def test_a_wrong_proof_is_told_as_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, Proving("5678"))
    tell(chat, f"查工单{NUMBER},尾号0001", "progress")
    assert chat.custom["outcome"] == "refused"


def test_a_caller_whose_own_number_fits_is_asked_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tell(talk(monkeypatch, Proving("5678"), caller="13812345678"), f"查工单{NUMBER}", "progress") == "utter_ticket_status"


def test_a_caller_whose_own_number_does_not_fit_can_say_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, Proving("87654321"), caller="13812345678")
    assert [tell(chat, text, "progress") for text in ("查工单", NUMBER, "87654321")] == ["utter_ask_number", "utter_ask_proof", "utter_ticket_status"]


def test_too_many_guesses_are_told_and_a_person_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, FakeTickets(TooManyAttempts()))
    assert tell(chat, f"查工单{NUMBER},尾号0001", "progress") == "utter_ticket_refused"
    assert (chat.said[-1]["reason"], chat.custom["outcome"], chat.slots["offer"]) == (TooManyAttempts().message, "refused", "person_or_ticket")


def test_who_has_proved_a_ticket_is_asked_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = Proving("87654321")
    chat = talk(monkeypatch, tickets)
    said = [tell(chat, f"查工单{NUMBER}", "progress"), tell(chat, "87654321"), tell(chat, "催一下", "urge"), tell(chat, "补充 老板又跑了", "supplement"), tell(chat, "撤回", "withdraw")]
    assert said == ["utter_ask_proof", "utter_ticket_status", "utter_ticket_urged", "utter_ticket_added", "utter_ask_detail_withdraw"]
    assert tickets.calls[-1][:3] == ("supplement", NUMBER, "老板又跑了")
    assert done(tickets) == ["view", "view", "urge", "supplement"]


def test_a_wish_changed_inside_the_form_is_done_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = Proving("5678")
    chat = talk(monkeypatch, tickets)
    said = [tell(chat, "查工单", "progress"), tell(chat, "补充 老板又跑了", "supplement"), tell(chat, NUMBER), tell(chat, "5678")]
    assert said == ["utter_ask_number", "utter_ask_number", "utter_ask_proof", "utter_ticket_added"]
    assert tickets.calls[-1][:3] == ("supplement", NUMBER, "老板又跑了")


# --- taking it back --------------------------------------------------------------------------------------------------
def test_withdrawing_asks_first_and_names_the_ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    chat = talk(monkeypatch, tickets, opened_ticket=NUMBER)
    assert tell(chat, "我要撤销工单", "withdraw") == "utter_ask_detail_withdraw"
    assert (chat.said[-1]["tail"], chat.custom["options"], tickets.calls) == ("5678", ["确定撤销", "不撤"], [])
    assert tell(chat, "确定撤销", "withdraw") == "utter_ticket_withdrawn"
    assert done(tickets) == ["withdraw"]


@pytest.mark.parametrize(("answer", "intent"), [("不撤", "deny"), ("算了", "change_mind"), ("再见", "goodbye"), ("我想想", "inform"), ("嗯", "affirm"), ("不撤了", "withdraw")])
def test_anything_but_a_clear_yes_keeps_the_ticket_and_says_so(monkeypatch: pytest.MonkeyPatch, answer: str, intent: str) -> None:
    tickets = FakeTickets()
    chat = talk(monkeypatch, tickets, opened_ticket=NUMBER)
    tell(chat, "撤回", "withdraw")
    assert tell(chat, answer, intent) == "utter_ticket_kept"
    assert (done(tickets), chat.custom["outcome"]) == (["view"], "ticket_status")


@pytest.mark.parametrize("text", ["别撤销", "不想撤", "不撤了", "先别撤"])
def test_a_refused_withdrawal_keeps_the_ticket_and_says_so(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    tickets = FakeTickets()
    assert tell(talk(monkeypatch, tickets, opened_ticket=NUMBER), text, "withdraw") == "utter_ticket_kept"
    assert done(tickets) == ["view"]


def test_a_refused_withdrawal_of_no_ticket_in_particular_touches_none(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    assert tell(talk(monkeypatch, tickets), "别撤我的工单", "withdraw") == "utter_nothing_withdrawn"
    assert tickets.calls == []


def test_a_question_about_withdrawing_is_asked_back_and_in_the_end_keeps_the_ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    chat = talk(monkeypatch, tickets, opened_ticket=NUMBER)
    said = [tell(chat, text, "withdraw") for text in ("能撤销吗", "撤销了还能恢复吗", "能恢复吗", "真的不能恢复吗")]
    assert said == ["utter_ask_detail_withdraw", "utter_ask_detail_withdraw_again", "utter_ask_detail_withdraw_again", "utter_ticket_kept"]
    assert done(tickets) == ["view"]


def test_a_person_can_be_asked_for_instead_of_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, opened_ticket=NUMBER).run(ValidateLookupForm(), "撤回", "withdraw")
    before = chat.slots["lookup"]
    chat.run(ValidateLookupForm(), "转人工", "human")
    assert (chat.slots["lookup"], chat.slots["requested_slot"]) == (before, "detail")


@pytest.mark.parametrize(("changes", "response", "told"), [
    ({"status": Status.WAITING, "question": "在哪根杆？"}, "utter_ticket_status_waiting", {"question": "在哪根杆？"}),
    ({"status": Status.HANDLING, "question": "在哪根杆？"}, "utter_ticket_status", {"question": ""}),
    ({"status": Status.REFUSED, "channel": Channel.PETITION, "answer": "属于信访", "closed_at": NOW}, "utter_ticket_status_refused",
     {"channel": "信访", "answer": "属于信访"}),
], ids=["asked", "asked once, and over", "refused"])
def test_what_is_asked_of_a_caller_and_where_he_is_sent_is_told(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], response: str,
                                                                told: dict[str, str]) -> None:
    tickets = FakeTickets()
    tickets.ticket = replace(tickets.ticket, **changes)
    chat = talk(monkeypatch, tickets, opened_ticket=NUMBER)
    assert tell(chat, "我的工单办得怎么样了", "progress") == response
    assert {name: chat.said[-1][name] for name in told} == told


def test_a_reason_told_while_the_ticket_is_being_found_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = Proving("5678")
    chat = talk(monkeypatch, tickets)
    said = [tell(chat, "我对那个工单很不满意", "rate"), tell(chat, f"{NUMBER}"), tell(chat, "路灯修了两天又坏了"), tell(chat, "5678")]
    assert said == ["utter_ask_number", "utter_ask_proof", "utter_ask_proof_again", "utter_rated_bad"]
    assert tickets.calls[-1][-1]["reason"] == "路灯修了两天又坏了"


def test_not_knowing_the_number_is_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, Proving("5678"))
    assert [tell(chat, "我对那个工单很不满意", "rate"), tell(chat, "编号不记得了")] == ["utter_ask_number", "utter_lookup_no_number"]


def test_a_withdrawn_ticket_is_never_told_to_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    tickets.ticket = replace(tickets.ticket, status=Status.WITHDRAWN)
    for text, intent in (("不撤了", "withdraw"), ("我的工单", "progress")):
        assert tell(talk(monkeypatch, tickets, opened_ticket=NUMBER), text, intent) == "utter_ticket_status_withdrawn"


# --- what is done ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("purpose", "detail", "call", "response", "outcome"), [
    ("progress", None, ("view", NUMBER), "utter_ticket_status", "ticket_status"),
    ("urge", None, ("urge", NUMBER), "utter_ticket_urged", "ticket_urged"),
    ("supplement", "东边也不亮", ("supplement", NUMBER, "东边也不亮"), "utter_ticket_added", "ticket_added"),
    ("supplement", "no", ("supplement", NUMBER, "no"), "utter_ticket_added", "ticket_added"),
    ("withdraw", "yes", ("withdraw", NUMBER), "utter_ticket_withdrawn", "ticket_withdrawn"),
    ("rate", "满意", ("rate", NUMBER, "满意"), "utter_rated", "rated"),
])
def test_the_wish_is_done_once_and_told(monkeypatch: pytest.MonkeyPatch, purpose: str, detail: str | None, call: tuple[str, ...], response: str,
                                        outcome: str) -> None:
    tickets = FakeTickets()
    chat = talk(monkeypatch, tickets, lookup=vars(Lookup(purpose, NUMBER, detail=detail, trusted=True)))
    chat.run(ActionRunLookup())
    assert len(tickets.calls) == 1
    assert tickets.calls[0][:-1] == call
    assert (tickets.calls[0][-1]["trusted"], tickets.calls[0][-1]["asker"]) == (True, "c1")
    assert (chat.response, chat.custom["outcome"], chat.slots["lookup"]) == (response, outcome, None)
    assert chat.custom["ticket"] == {"number": NUMBER, "due_on": "2026-11-27", "department": "城市管理局"}
    assert (chat.said[-1]["due"], chat.said[-1]["urged"]) == ("11月27日", "2")


# --- a bad grade -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("answer", "intent", "reason"), [("路灯还是不亮", "request_help", "路灯还是不亮"), ("不想说", "deny", ""), ("再见", "goodbye", ""), ("没有", "deny", "")])
def test_a_bad_grade_is_asked_why_once_and_stands_whatever_the_answer(monkeypatch: pytest.MonkeyPatch, answer: str, intent: str, reason: str) -> None:
    tickets = FakeTickets()
    chat = talk(monkeypatch, tickets, opened_ticket=NUMBER)
    assert [tell(chat, "我要评价那个工单", "rate"), tell(chat, "不满意", "rate")] == ["utter_ask_detail_rate", "utter_ask_why"]
    assert (chat.custom["options"], chat.custom["outcome"], tickets.calls) == (["不想说"], "rated", [])
    assert tell(chat, answer, intent) == "utter_rated_bad"
    assert (tickets.calls[0][:3], tickets.calls[0][-1]["reason"], len(tickets.calls)) == (("rate", NUMBER, "不满意"), reason, 1)
    assert (chat.said[-1]["grade"], chat.slots["lookup"], chat.slots["requested_slot"]) == ("不满意", None, None)


def test_who_asked_why_wants_a_person_has_rated_and_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    chat = talk(monkeypatch, tickets, opened_ticket=NUMBER)
    said = [tell(chat, "我对那个工单不满意", "rate"), tell(chat, "转人工", "human")]
    assert said == ["utter_ask_why", "utter_handoff"]
    assert [message["response"] for message in chat.said] == ["utter_rated_bad", "utter_handoff"]
    assert (done(tickets), chat.custom["action"]) == (["rate"], "transfer")


def test_the_question_why_can_be_heard_again(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, opened_ticket=NUMBER)
    tell(chat, "我对那个工单不满意", "rate")
    before = chat.slots["lookup"]
    chat.run(ValidateLookupForm(), "再说一遍", "repeat")
    assert (chat.slots["lookup"], chat.slots["requested_slot"]) == (before, "why")


def test_a_good_grade_is_not_asked_why(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tell(talk(monkeypatch, opened_ticket=NUMBER), "我对那个工单基本满意", "rate") == "utter_rated"


def test_nobody_without_a_phone_is_promised_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    tickets.ticket = replace(tickets.ticket, phone=None)
    chat = talk(monkeypatch, tickets, opened_ticket=NUMBER)
    assert [tell(chat, "非常不满意", "rate"), tell(chat, "不说", "deny")] == ["utter_ask_why", "utter_rated_bad_no_phone"]


def test_an_answer_that_nobody_has_checked_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    tickets.ticket = replace(tickets.ticket, status=Status.REPLIED, answer="路灯已经修好。")
    chat = talk(monkeypatch, tickets, opened_ticket=NUMBER)
    assert tell(chat, "查进度", "progress") == "utter_ticket_status"


def test_an_answer_that_was_approved_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    tickets.ticket = replace(tickets.ticket, status=Status.CLOSED, answer="路灯已经修好。", closed_at=NOW)
    chat = talk(monkeypatch, tickets, opened_ticket=NUMBER)
    assert tell(chat, "查进度", "progress") == "utter_ticket_status_answered"
    assert chat.said[-1]["answer"] == "路灯已经修好。"


def test_who_does_not_want_to_add_anything_after_all_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    chat = talk(monkeypatch, tickets, opened_ticket=NUMBER)
    assert [tell(chat, "补充一下", "supplement"), tell(chat, "没有了", "deny")] == ["utter_ask_detail_supplement", "utter_anything_else"]
    assert (tickets.calls, chat.slots["lookup"]) == ([], None)


@pytest.mark.parametrize("error", [
    TicketNotFound(), TooManyAttempts(), TicketBusy(), InvalidTicket("内容太长"), ActRefused(Status.WITHDRAWN, Act.URGE, Role.CALLER),
], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("purpose", ["progress", "urge", "supplement", "withdraw", "rate"])
def test_an_expected_error_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch, error: TicketError, purpose: str) -> None:
    chat = talk(monkeypatch, FakeTickets(error), lookup=vars(Lookup(purpose, NUMBER, detail="满意", trusted=True)))
    chat.run(ActionRunLookup())
    assert (chat.response, chat.said[-1]["reason"], chat.custom["outcome"]) == ("utter_ticket_refused", error.message, "refused")
    assert chat.slots["lookup"] is None
