"""An existing ticket: what is read out of a caller's words, what is asked, and what is done."""

from __future__ import annotations

import pytest

from actions import lookup
from actions.lookup import Lookup, begin, grade_in, take
from tests.support.action_fakes import NUMBER, FakeTickets, Talk, fake_parts, turn
from tickets.errors import InvalidTicket, TicketBusy, TicketError, TicketNotFound, TooManyAttempts
from tickets.model import Act, ActRefused, Role, Status

SPOKEN = "二零二六一一零一一二三四五六七八"


# --- what is read out of the words -----------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "number", "proof"), [
    (f"查一下{NUMBER}", NUMBER, None),
    ("查一下2026 1101 1234 5678", NUMBER, None),
    ("查一下2026-1101-1234-5678", NUMBER, None),
    ("2026,1101,1234,5678", NUMBER, None),
    (f"工单{SPOKEN}", NUMBER, None),
    ("二零二六 一一零一 幺二三四 五六七八", NUMBER, None),
    (f"{NUMBER},尾号4321", NUMBER, "4321"),
    (f"{NUMBER},尾号5678", NUMBER, "5678"),
    ("2026,1101,1234,5678,尾号4321", NUMBER, "4321"),
    (f"{NUMBER},手机13800004321", NUMBER, "4321"),
    (f"{NUMBER},查询码87654321", NUMBER, "87654321"),
    (f"{NUMBER}号工单", NUMBER, None),
    ("尾号4321的工单", None, "4321"),
    ("手机尾号四三二一", None, "4321"),
    ("查一下我2026年反映的工单", None, None),
    ("查一下我1201号楼那个工单", None, None),
    ("我的工单办得怎么样了", None, None),
], ids=["whole", "with spaces", "with dashes", "with commas", "spoken", "spoken in groups", "with the tail", "with a tail that the number holds", "groups and tail",
        "with the phone", "with the code", "number and a word", "tail alone", "spoken tail", "a year", "a house number", "nothing"])
def test_number_and_proof_are_heard_in_the_first_words(text: str, number: str | None, proof: str | None) -> None:
    found = begin(turn(text, "progress"), None)
    assert (found.number, found.proof, found.trusted) == (number, proof, False)


def test_who_calls_from_a_vouched_number_need_not_prove_it() -> None:
    assert begin(turn(f"查一下{NUMBER}", "progress", caller="13812345678"), None).proof == "5678"
    assert begin(turn(f"查一下{NUMBER},尾号4321", "progress", caller="13812345678"), None).proof == "4321"


def test_the_conversation_that_opened_the_ticket_is_trusted_with_it_and_with_no_other() -> None:
    own, other = begin(turn("办得怎么样了", "progress"), NUMBER), begin(turn("查2026110199999999", "progress"), NUMBER)
    assert (own.number, own.trusted, own.question()) == (NUMBER, True, None)
    assert (other.number, other.trusted, other.question()) == ("2026110199999999", False, "proof")


@pytest.mark.parametrize(("intent", "purpose"), [
    ("progress", "progress"), ("urge", "urge"), ("supplement", "supplement"), ("withdraw", "withdraw"), ("rate", "rate"), ("ask_item", "progress"),
])
def test_the_wish_is_the_intent_and_else_progress(intent: str, purpose: str) -> None:
    assert begin(turn("工单", intent), None).purpose == purpose


@pytest.mark.parametrize(("text", "detail"), [
    ("我想补充一下,东边那盏也不亮了", "东边那盏也不亮了"), ("给工单加点情况:楼上两家也漏水", "楼上两家也漏水"), ("我想给工单补充点情况", None), ("补充一下", None),
    ("楼上也漏水", None),
])
def test_words_to_add_are_taken_when_they_come_with_the_wish(text: str, detail: str | None) -> None:
    assert begin(turn(text, "supplement"), NUMBER).detail == detail


@pytest.mark.parametrize(("text", "grade"), [
    ("满意", "满意"), ("非常满意", "非常满意"), ("很满意", "非常满意"), ("特别满意", "非常满意"), ("基本满意", "基本满意"), ("还行吧", "基本满意"), ("一般", "基本满意"),
    ("凑合", "基本满意"), ("不满意", "不满意"), ("不太满意", "不满意"), ("不是很满意", "不满意"), ("不怎么满意", "不满意"), ("谈不上满意", "不满意"), ("一点都不满意", "不满意"),
    ("差评", "不满意"), ("好评", "满意"), ("非常不满意", "非常不满意"), ("很不满意", "非常不满意"), ("不是非常满意", "不满意"), ("我说两句", None), ("", None),
])
def test_blame_is_never_taken_for_praise(text: str, grade: str | None) -> None:
    assert grade_in(text) == grade


@pytest.mark.parametrize(("lookup_", "question"), [
    (Lookup("progress"), "number"), (Lookup("progress", NUMBER), "proof"), (Lookup("progress", NUMBER, "5678"), None),
    (Lookup("progress", NUMBER, trusted=True), None), (Lookup("supplement", NUMBER, "5678"), "detail"), (Lookup("rate", NUMBER, trusted=True), "detail"),
    (Lookup("rate", NUMBER, "5678", "满意"), None), (Lookup("urge", NUMBER, "5678"), None), (Lookup("withdraw", NUMBER, "5678"), None),
])
def test_only_what_is_missing_is_asked(lookup_: Lookup, question: str | None) -> None:
    assert lookup_.question() == question


@pytest.mark.parametrize(("before", "question", "text", "after"), [
    (Lookup("progress"), "number", SPOKEN, Lookup("progress", NUMBER)),
    (Lookup("progress"), "number", "2026 1101 1234 5678", Lookup("progress", NUMBER)),
    (Lookup("progress"), "number", "我找找", Lookup("progress", tries=1)),
    (Lookup("progress"), "number", "20261101", Lookup("progress", proof="20261101", tries=1)),
    (Lookup("progress", NUMBER), "proof", "5678", Lookup("progress", NUMBER, "5678")),
    (Lookup("progress", NUMBER), "proof", "五六七八", Lookup("progress", NUMBER, "5678")),
    (Lookup("progress", NUMBER), "proof", "幺三八一二三四五六七八", Lookup("progress", NUMBER, "5678")),
    (Lookup("progress", NUMBER), "proof", "查询码是87654321", Lookup("progress", NUMBER, "87654321")),
    (Lookup("progress", NUMBER, tries=1), "proof", "不记得了", Lookup("progress", NUMBER, tries=2)),
    (Lookup("rate", NUMBER, "5678"), "detail", "很满意", Lookup("rate", NUMBER, "5678", "非常满意")),
    (Lookup("rate", NUMBER, "5678"), "detail", "我说两句", Lookup("rate", NUMBER, "5678", tries=1)),
    (Lookup("supplement", NUMBER, "5678"), "detail", "东边也不亮", Lookup("supplement", NUMBER, "5678", "东边也不亮")),
    (Lookup("supplement", NUMBER, "5678"), "detail", "", Lookup("supplement", NUMBER, "5678", tries=1)),
])
def test_an_answer_is_taken_and_one_without_use_counts_as_a_try(before: Lookup, question: str, text: str, after: Lookup) -> None:
    assert take(before, question, turn(text)) == after


# --- the form and what it does ---------------------------------------------------------------------------------------
def talk(monkeypatch: pytest.MonkeyPatch, tickets: FakeTickets | None = None, **slots: object) -> Talk:
    parts = fake_parts(tickets)
    monkeypatch.setattr(lookup, "parts", lambda: parts)
    return Talk(dict(slots))


def test_number_and_proof_are_asked_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch)
    assert chat.run(lookup.ValidateLookupForm(), "查工单进度", "progress").slots["requested_slot"] == "number"
    assert chat.run(lookup.AskNumber()).response == "utter_ask_number"
    assert chat.run(lookup.ValidateLookupForm(), "嗯我找找").slots["requested_slot"] == "number"
    assert chat.run(lookup.AskNumber()).response == "utter_ask_number_again"
    assert chat.run(lookup.ValidateLookupForm(), NUMBER).slots["requested_slot"] == "proof"
    assert chat.run(lookup.ValidateLookupForm(), "5678").slots["requested_slot"] is None


def test_after_three_vain_tries_a_person_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch)
    for text in ("查工单进度", "嗯", "啊", "哦"):
        chat.run(lookup.ValidateLookupForm(), text, "progress")
    assert (chat.slots["lookup"], chat.slots["requested_slot"]) == (None, None)
    assert chat.run(lookup.ActionRunLookup()).response == "utter_lookup_given_up"
    assert (chat.custom["outcome"], chat.slots["offer"]) == ("not_found", "person_or_ticket")


def test_an_interruption_leaves_the_look_up_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(lookup.ValidateLookupForm(), "查工单进度", "progress")
    before = chat.slots["lookup"]
    chat.run(lookup.ValidateLookupForm(), "转人工", "human")
    assert (chat.slots["lookup"], chat.slots["requested_slot"]) == (before, "number")


@pytest.mark.parametrize(("purpose", "detail", "call", "response", "outcome"), [
    ("progress", None, ("view", NUMBER), "utter_ticket_status", "ticket_status"),
    ("urge", None, ("urge", NUMBER), "utter_ticket_urged", "ticket_urged"),
    ("supplement", "东边也不亮", ("supplement", NUMBER, "东边也不亮"), "utter_ticket_added", "ticket_added"),
    ("withdraw", None, ("withdraw", NUMBER), "utter_ticket_withdrawn", "ticket_withdrawn"),
    ("rate", "满意", ("rate", NUMBER, "满意"), "utter_rated", "rated"),
])
def test_the_wish_is_done_once_and_told(monkeypatch: pytest.MonkeyPatch, purpose: str, detail: str | None, call: tuple[str, ...], response: str,
                                        outcome: str) -> None:
    tickets = FakeTickets()
    chat = talk(monkeypatch, tickets, lookup={"purpose": purpose, "number": NUMBER, "proof": "5678", "detail": detail, "trusted": False, "tries": 0})
    chat.run(lookup.ActionRunLookup())
    assert len(tickets.calls) == 1
    assert tickets.calls[0][:-1] == call
    assert tickets.calls[0][-1]["phone_last4"] == "5678"
    assert (chat.response, chat.custom["outcome"], chat.slots["lookup"]) == (response, outcome, None)
    assert chat.custom["ticket"] == {"number": NUMBER, "due_on": "2026-11-27", "department": "城市管理局"}
    assert (chat.said[-1]["due"], chat.said[-1]["urged"]) == ("11月27日", "2")


def test_eight_digits_prove_as_a_code_and_not_as_a_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = FakeTickets()
    talk(monkeypatch, tickets, lookup={"purpose": "progress", "number": NUMBER, "proof": "87654321"}).run(lookup.ActionRunLookup())
    proof = tickets.calls[0][-1]
    assert (proof["code"], proof["asker"], "phone_last4" in proof) == ("87654321", "c1", False)


@pytest.mark.parametrize("error", [
    TicketNotFound(), TooManyAttempts(), TicketBusy(), InvalidTicket("内容太长"), ActRefused(Status.WITHDRAWN, Act.URGE, Role.CALLER),
], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("purpose", ["progress", "urge", "supplement", "withdraw", "rate"])
def test_an_expected_error_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch, error: TicketError, purpose: str) -> None:
    chat = talk(monkeypatch, FakeTickets(error), lookup={"purpose": purpose, "number": NUMBER, "proof": "5678", "detail": "满意"})
    chat.run(lookup.ActionRunLookup())
    assert (chat.response, chat.said[-1]["reason"], chat.custom["outcome"]) == ("utter_ticket_refused", error.message, "refused")
    assert chat.slots["lookup"] is None
