"""An existing ticket: what is read out of a caller's words, what is asked, and how he proves that it is his."""

from __future__ import annotations

import pytest

from actions.lookup import NO, YES, Lookup, begin, give_up, prove, take
from tests.support.action_fakes import NOW, NUMBER, FakeTickets, turn
from tickets.errors import TicketNotFound, TooManyAttempts

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
    (f"{NUMBER},手机13800004321", NUMBER, "13800004321"),
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


def test_the_conversation_that_opened_the_ticket_is_trusted_with_it_and_with_no_other() -> None:
    own, other = begin(turn("办得怎么样了", "progress"), NUMBER), begin(turn("查2026110199999999", "progress"), NUMBER)
    assert (own.number, own.trusted, own.question()) == (NUMBER, True, None)
    assert (other.number, other.trusted, other.question()) == ("2026110199999999", False, "proof")


@pytest.mark.parametrize(("intent", "purpose"), [
    ("progress", "progress"), ("urge", "urge"), ("supplement", "supplement"), ("withdraw", "withdraw"), ("rate", "rate"), ("ask_item", "progress"),
])
def test_the_wish_is_the_intent_and_else_progress(intent: str, purpose: str) -> None:
    assert begin(turn("那个单子不要了", intent), None).purpose == purpose


def test_a_number_without_an_intent_of_its_own_follows_the_words() -> None:
    assert begin(turn(f"{NUMBER}催一下", "inform"), None).purpose == "urge"


def test_who_says_rate_rates_whatever_the_classifier_says() -> None:
    assert begin(turn("我要评价一下我的工单", "urge"), None).purpose == "rate"
    assert begin(turn("我不满意,快点办", "urge"), None).purpose == "urge"


def test_my_ticket_alone_asks_how_it_stands_whatever_the_classifier_says() -> None:
    assert begin(turn("我的工单", "withdraw"), NUMBER) == Lookup("progress", NUMBER, trusted=True)


def test_who_means_another_ticket_is_asked_for_its_number() -> None:
    assert begin(turn("查另一个工单", "progress"), NUMBER).question() == "number"


@pytest.mark.parametrize("text", ["别撤销", "不想撤", "不撤了", "先别撤"])
def test_a_refused_withdrawal_asks_and_does_nothing(text: str) -> None:
    found = begin(turn(text, "withdraw"), NUMBER)
    assert (found.kept, found.question()) == (True, None)


def test_another_wish_beside_a_refused_one_is_taken() -> None:
    assert begin(turn("先别撤,催一下", "withdraw"), NUMBER) == Lookup("urge", NUMBER, trusted=True)
    assert begin(turn("别催了", "urge"), NUMBER).end == "utter_anything_else"


@pytest.mark.parametrize("text", ["能撤销吗", "撤销了还能恢复吗", "撤了吧", "路灯修好了,撤销工单", "确定撤销"])
def test_no_first_word_withdraws_before_the_question(text: str) -> None:
    found = begin(turn(text, "withdraw"), NUMBER)
    assert (found.detail, found.question()) == (None, "detail")


def test_words_to_add_and_a_grade_come_with_the_wish() -> None:
    assert begin(turn("补充老板又跑了", "supplement"), None).detail == "老板又跑了"
    assert begin(turn("补充一下", "supplement"), NUMBER).detail is None
    assert begin(turn("我对那个工单很满意", "rate"), NUMBER).detail == "非常满意"


@pytest.mark.parametrize(("lookup_", "question"), [
    (Lookup("progress"), "number"), (Lookup("progress", NUMBER), "proof"), (Lookup("progress", NUMBER, "5678"), None),
    (Lookup("progress", NUMBER, trusted=True), None), (Lookup("supplement", NUMBER, "5678"), "detail"), (Lookup("rate", NUMBER, trusted=True), "detail"),
    (Lookup("rate", NUMBER, "5678", "满意"), None), (Lookup("rate", NUMBER, "5678", "不满意"), "why"),
    (Lookup("rate", NUMBER, "5678", "非常不满意", why="没人来"), None), (Lookup("rate", NUMBER, "5678", "不满意", why=""), None),
    (Lookup("urge", NUMBER, "5678"), None), (Lookup("withdraw", NUMBER, "5678"), "detail"),
    (Lookup("withdraw", NUMBER, "5678", YES), None), (Lookup("withdraw", detail=NO), None), (Lookup("progress", end="utter_lookup_given_up"), None),
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
    (Lookup("progress", NUMBER), "proof", "幺三八一二三四五六七八", Lookup("progress", NUMBER, "13812345678")),
    (Lookup("progress", NUMBER), "proof", "查询码是87654321", Lookup("progress", NUMBER, "87654321")),
    (Lookup("progress", NUMBER, tries=1), "proof", "我找找", Lookup("progress", NUMBER, tries=2)),
    (Lookup("progress", NUMBER, refused=True, tries=1), "proof", "87654321", Lookup("progress", NUMBER, "87654321", tries=1)),
    (Lookup("progress", "2026110199999999", caller_tried=True), "proof", NUMBER, Lookup("progress", NUMBER)),
    (Lookup("rate", NUMBER, "5678"), "detail", "很满意", Lookup("rate", NUMBER, "5678", "非常满意")),
    (Lookup("rate", NUMBER, "5678"), "detail", "我说两句", Lookup("rate", NUMBER, "5678", tries=1)),
    (Lookup("supplement", NUMBER, "5678"), "detail", "东边也不亮", Lookup("supplement", NUMBER, "5678", "东边也不亮")),
    (Lookup("supplement", NUMBER, "5678"), "detail", "", Lookup("supplement", NUMBER, "5678", tries=1)),
])
def test_an_answer_is_taken_and_one_without_use_counts_as_a_try(before: Lookup, question: str, text: str, after: Lookup) -> None:
    assert take(before, question, turn(text)) == after


@pytest.mark.parametrize(("before", "question", "text", "after"), [
    (Lookup("progress"), "number", "催一下", Lookup("urge")),
    (Lookup("progress"), "number", "补充老板又跑了", Lookup("supplement", detail="老板又跑了")),
    (Lookup("progress"), "number", "补充老板忘了给钱", Lookup("supplement", detail="老板忘了给钱")),
    (Lookup("supplement", detail="老板又跑了"), "number", NUMBER, Lookup("supplement", NUMBER, detail="老板又跑了")),
    (Lookup("supplement", NUMBER, detail="老板又跑了"), "proof", "补充", Lookup("supplement", NUMBER, detail="老板又跑了", tries=1)),
    (Lookup("progress", NUMBER), "proof", "撤回", Lookup("withdraw", NUMBER)),
    (Lookup("urge"), "number", "催一下", Lookup("urge", tries=1)),
    (Lookup("withdraw", NUMBER, trusted=True), "detail", "别撤,先催一下", Lookup("urge", NUMBER, trusted=True)),
    (Lookup("supplement", NUMBER, trusted=True), "detail", "撤回", Lookup("withdraw", NUMBER, trusted=True)),
    (Lookup("supplement", NUMBER, trusted=True), "detail", "天天催也没人管", Lookup("supplement", NUMBER, detail="天天催也没人管", trusted=True)),
    (Lookup("supplement", NUMBER, trusted=True), "detail", "补充一下", Lookup("supplement", NUMBER, trusted=True, tries=1)),
], ids=["urge", "add with words", "words with a forgotten", "words kept at the number", "words kept at the proof", "withdraw at the proof", "the same wish", "urge instead of withdrawing",
        "withdraw instead of adding", "a wish inside the words", "no words yet"])
def test_a_changed_wish_changes_the_purpose_and_words_are_never_lost(before: Lookup, question: str, text: str, after: Lookup) -> None:
    assert take(before, question, turn(text)) == after


@pytest.mark.parametrize(("text", "detail", "tries"), [
    ("是的", YES, 0), ("确定撤销", YES, 0), ("不撤", NO, 0), ("算了", NO, 0), ("我想想", NO, 0), ("嗯", NO, 0), ("撤了还能恢复吗", None, 1),
])
def test_only_a_clear_yes_withdraws_and_a_question_is_asked_again(text: str, detail: str | None, tries: int) -> None:
    after = take(Lookup("withdraw", NUMBER, trusted=True), "detail", turn(text))
    assert (after.detail, after.tries) == (detail, tries)


def test_who_has_no_number_or_proof_is_not_asked_again() -> None:
    assert take(Lookup("progress"), "number", turn("忘了")).end == "utter_lookup_no_number"
    assert take(Lookup("progress", NUMBER), "proof", turn("没有查询码")).end == "utter_lookup_no_proof"


def test_who_has_nothing_to_add_or_no_wish_any_more_is_let_go() -> None:
    assert take(Lookup("supplement", NUMBER, trusted=True), "detail", turn("没有了")).end == "utter_anything_else"
    assert take(Lookup("urge"), "number", turn("别催了")).end == "utter_anything_else"
    assert take(Lookup("progress"), "number", turn("别撤")).kept


@pytest.mark.parametrize(("text", "intent", "why"), [
    ("路灯还是不亮", "request_help", "路灯还是不亮"), ("师傅来了看一眼就走了。", "inform", "师傅来了看一眼就走了"), ("怎么一个月了还没人管", "ask_item", "怎么一个月了还没人管"),
    ("不想说", "deny", ""), ("没什么原因,就是不满意", "inform", ""), ("算了", "change_mind", ""), ("不知道", "dont_know", ""), ("好的谢谢再见", "goodbye", ""),
    ("我要找真人说", "human", ""), ("", "inform", ""),
])
def test_whatever_is_said_of_a_bad_grade_the_grade_stands_and_nothing_is_asked_twice(text: str, intent: str, why: str) -> None:
    after = take(Lookup("rate", NUMBER, trusted=True, detail="不满意"), "why", turn(text, intent))
    assert (after.detail, after.why, after.question(), after.end) == ("不满意", why, None, None)


def test_a_bad_grade_given_by_mistake_is_put_right_instead_of_explained() -> None:
    bad = Lookup("rate", NUMBER, trusted=True, detail="非常不满意")
    good, worse = take(bad, "why", turn("说错了,是非常满意")), take(bad, "why", turn("按错了,是不满意"))
    assert (good.detail, good.question()) == ("非常满意", None)
    assert (worse.detail, worse.question()) == ("不满意", "why")


def test_a_reason_that_comes_with_the_grade_is_not_asked_for() -> None:
    told = begin(turn("路灯还是不亮,我不满意", "rate"), NUMBER)
    assert (told.detail, told.why, told.question()) == ("不满意", "路灯还是不亮", None)
    later = take(Lookup("rate", NUMBER, trusted=True), "detail", turn("不太满意,打了好几次电话都没人接"))
    assert (later.detail, later.why, later.question()) == ("不满意", "打了好几次电话都没人接", None)


def test_a_reason_goes_with_its_wish() -> None:
    asked = Lookup("rate", detail="不满意", why="路灯还是不亮")
    assert take(asked, "number", turn("催一下")) == Lookup("urge")


def test_tries_spent_end_the_form_and_never_withdraw() -> None:
    assert give_up(Lookup("progress"), "number").end == "utter_lookup_given_up"
    assert give_up(Lookup("progress", NUMBER), "proof").end == "utter_lookup_not_proved"
    assert give_up(Lookup("withdraw", NUMBER, trusted=True), "detail").kept


# --- whose it is -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("given", "kind"), [("5678", "phone_last4"), ("87654321", "code"), ("13812345678", "phone")])
def test_digits_prove_as_what_they_are_by_their_number(given: str, kind: str) -> None:
    tickets = FakeTickets()
    assert prove(Lookup("urge", NUMBER, given), None, "c1", tickets, NOW) == Lookup("urge", NUMBER, trusted=True)
    proof = {"asker": "c1", "fleeting": True, "at": NOW, kind: given}
    assert tickets.calls == [("view", NUMBER, proof)]


def test_the_number_that_he_calls_from_proves_once() -> None:
    tickets = FakeTickets()
    assert prove(Lookup("progress", NUMBER), "13812345678", "c1", tickets, NOW).trusted
    assert (tickets.calls[0][-1]["phone"], tickets.calls[0][-1]["asker"], tickets.calls[0][-1]["fleeting"]) == ("13812345678", "13812345678", False)
    said = FakeTickets()
    prove(Lookup("progress", NUMBER, "4321"), "13812345678", "c1", said, NOW)
    assert said.calls[0][-1]["phone_last4"] == "4321"


def test_a_caller_whose_own_number_does_not_fit_is_asked_for_the_proof_without_blame() -> None:
    tickets = FakeTickets(TicketNotFound())
    after = prove(Lookup("progress", NUMBER), "13812345678", "c1", tickets, NOW)
    assert (after.question(), after.refused, after.tries, after.caller_tried) == ("proof", False, 0, True)
    assert prove(after, "13812345678", "c1", tickets, NOW) == after
    assert len(tickets.calls) == 1


def test_a_wrong_proof_keeps_the_look_up_and_counts() -> None:
    after = prove(Lookup("supplement", NUMBER, "0000", "东边也不亮", tries=1), None, "c1", FakeTickets(TicketNotFound()), NOW)
    assert after == Lookup("supplement", NUMBER, None, "东边也不亮", tries=2, refused=True)


def test_too_many_guesses_end_the_form_in_their_own_words() -> None:
    after = prove(Lookup("progress", NUMBER, "0000"), None, "c1", FakeTickets(TooManyAttempts()), NOW)
    assert (after.end, after.reason, after.trusted) == ("utter_ticket_refused", TooManyAttempts().message, False)


@pytest.mark.parametrize("lookup_", [Lookup("progress"), Lookup("progress", NUMBER, "5678", trusted=True), Lookup("progress", NUMBER), Lookup("withdraw", NUMBER, "5678", NO)],
                         ids=["no number", "trusted", "no proof", "kept"])
def test_nothing_is_looked_up_without_need(lookup_: Lookup) -> None:
    tickets = FakeTickets()
    assert prove(lookup_, None, "c1", tickets, NOW) == lookup_
    assert tickets.calls == []
