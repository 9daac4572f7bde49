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
    assert chat.say("我要撤销刚才的工单，路灯修好了")["outcome"] == "ticket_withdrawn"
    assert chat.say("催一下这个工单")["outcome"] == "refused"


def test_a_ticket_that_is_not_closed_cannot_be_rated_yet(chat: Chat) -> None:
    chat.tell(REQUEST, "对，提交")
    assert chat.say("我要评价一下那个工单，非常满意")["outcome"] == "refused"
