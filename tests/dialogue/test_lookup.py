"""What comes after: progress, urging, adding, withdrawing, rating; only for whoever the ticket belongs to."""

from __future__ import annotations

import pytest

from tests.support.running_product import Chat, Product

pytestmark = pytest.mark.stack

REQUEST = "历下区解放路12号阳光花园小区门口的路灯坏了一个月了没人修，我手机13812345678"


@pytest.fixture
def opened(product: Product) -> str:
    turn = product.chat().tell(REQUEST, "对，提交")
    assert turn["outcome"] == "ticket_opened"
    return str(turn["ticket"]["number"])


def test_the_conversation_that_opened_a_ticket_need_not_prove_anything(chat: Chat) -> None:
    opened = chat.tell(REQUEST, "对，提交")
    status = chat.say("我那个工单办到哪一步了")
    assert (status["outcome"], status["ticket"]["number"]) == ("ticket_status", opened["ticket"]["number"])
    assert "正在办理" in status["said"]


def test_a_stranger_needs_number_and_last_four_digits(chat: Chat, opened: str) -> None:
    assert "十六位" in chat.say("查一下我的工单办得怎么样了")["said"]
    assert "后四位" in chat.say(opened)["said"]
    shown = chat.say("5678")
    assert shown["outcome"] == "ticket_status"
    assert "城市管理局" in shown["said"]


def test_a_wrong_proof_and_a_wrong_number_look_alike(product: Product, opened: str) -> None:
    wrong_proof = product.chat().tell("查工单进度", opened, "0000")
    wrong_number = product.chat().tell("查工单进度", "2026010112345678", "5678")
    assert wrong_proof["outcome"] == wrong_number["outcome"] == "refused"
    assert wrong_proof["said"] == wrong_number["said"]


def test_guessing_the_last_four_digits_is_stopped(product: Product, opened: str) -> None:
    said = [product.chat().tell("查工单进度", opened, f"{guess:04d}")["said"] for guess in range(7)]
    assert "次数太多" in said[-1]


def test_urging_is_counted(chat: Chat) -> None:
    chat.tell(REQUEST, "对，提交")
    assert "第1次" in chat.say("催一下这个工单")["said"]
    turn = chat.say("都几天了，再给我催催")
    assert turn["outcome"] == "ticket_urged"
    assert "第2次" in turn["said"]


def test_words_are_added_to_a_ticket(chat: Chat) -> None:
    chat.tell(REQUEST, "对，提交")
    asked = chat.say("我想给工单补充点情况")
    turn = asked if asked["said"].startswith("补充的内容") else chat.say("东边那盏也不亮了")
    assert turn["outcome"] == "ticket_added"


def test_a_ticket_is_withdrawn_once(chat: Chat) -> None:
    chat.tell(REQUEST, "对，提交")
    assert "确定吗" in chat.say("我要撤销刚才的工单，路灯修好了")["said"]
    assert chat.say("确定撤销")["outcome"] == "ticket_withdrawn"
    assert chat.say("催一下这个工单")["outcome"] == "refused"


@pytest.mark.parametrize("text", ["别撤销", "不想撤销", "我的工单"])
def test_a_ticket_is_not_withdrawn_unwanted(chat: Chat, text: str) -> None:
    chat.tell(REQUEST, "对，提交", text)
    assert "正在办理" in chat.say("我的工单办到哪一步了")["said"]


def test_a_withdrawal_without_a_clear_yes_keeps_the_ticket(chat: Chat) -> None:
    chat.tell(REQUEST, "对，提交")
    assert "确定吗" in chat.say("能撤销吗")["said"]
    assert "没有撤销" in chat.say("我再想想")["said"]


def test_a_wrong_proof_is_asked_for_again_and_a_proved_ticket_stays_proved(product: Product, opened: str) -> None:
    chat = product.chat()
    assert chat.tell("查工单进度", opened, "0000")["outcome"] == "refused"
    assert chat.say("5678")["outcome"] == "ticket_status"
    assert chat.say("催一下")["outcome"] == "ticket_urged"
    assert chat.say("补充 老板又跑了")["outcome"] == "ticket_added"


def test_who_has_no_number_is_offered_a_person(chat: Chat) -> None:
    chat.say("查一下我的工单办得怎么样了")
    assert "人工" in chat.say("忘了")["said"]


def test_a_ticket_that_is_not_closed_cannot_be_rated_yet(chat: Chat) -> None:
    chat.tell(REQUEST, "对，提交")
    assert chat.say("我要评价一下那个工单，非常满意")["outcome"] == "refused"
