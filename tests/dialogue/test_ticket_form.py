"""A request becomes a ticket: only what is missing is asked, never more than five questions."""

from __future__ import annotations

import re

import pytest

from tests.support.running_product import Chat, Product

pytestmark = pytest.mark.stack


def finish(chat: Chat, turn: dict, answers: dict[str, str] | None = None) -> tuple[dict, int]:
    """Answer whatever the form asks; return the last turn and the number of questions."""
    replies = {"您要匿名": "要匿名", "在什么地方": "济南历下区解放路12号", "手机号": "13812345678", "哪个单位": "幸福物业公司", "什么时候的事": "昨天晚上",
               "是什么事": "小区停水三天了", "对的话": "对，提交", **(answers or {})}
    asked = 0
    while turn["outcome"] == "ticket_form":
        asked += 1
        assert asked <= 5, turn["said"]
        reply = next(answer for cue, answer in replies.items() if cue in turn["said"])
        turn = chat.say(reply)
    return turn, asked


def test_a_broken_street_lamp_leaves_with_number_department_and_due_date(chat: Chat) -> None:
    turn, asked = finish(chat, chat.say("小区门口路灯坏了一个月没人修"))
    assert turn["outcome"] == "ticket_opened"
    assert re.fullmatch(r"20\d{14}", turn["ticket"]["number"])
    assert turn["ticket"]["number"] in turn["said"]
    assert "城市管理局" in turn["ticket"]["department"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", turn["ticket"]["due_on"])
    assert asked <= 3


@pytest.mark.parametrize(("text", "kind"), [
    ("我要投诉小区物业，电梯坏了半个月不修", "投诉"),
    ("我举报有人在河边偷排污水", "举报"),
    ("家里停水三天了，赶紧找人给看看吧", "求助"),
    ("我建议在学校门口装个红绿灯", "建议"),
    ("我想表扬政务大厅的小张，服务态度特别好", "表扬"),
    ("我想咨询个事，你们帮我问问部门再答复我，低保户装宽带有没有优惠", "咨询"),
], ids=["complaint", "report", "help", "suggestion", "praise", "consultation"])
def test_each_type_of_request_opens_its_ticket_within_five_questions(product: Product, text: str, kind: str) -> None:
    chat = product.chat()
    turn = chat.say(text)
    assert (turn["outcome"], turn["ticket_type"]) == ("ticket_form", kind)
    last, _ = finish(chat, turn)
    assert (last["outcome"], last["ticket_type"]) == ("ticket_opened", kind)


def test_what_was_said_already_is_not_asked_again(chat: Chat) -> None:
    turn = chat.say("历下区解放路12号阳光花园小区门口的路灯坏了一个月了没人修，我手机13812345678")
    assert "对的话我就提交" in turn["said"]
    assert "阳光花园" in turn["said"]


def test_a_reporter_is_offered_anonymity_first_of_all_and_gets_a_code(chat: Chat) -> None:
    turn = chat.say("我要举报有人无证卖烟花爆竹")
    assert "匿名" in turn["said"]
    last, _ = finish(chat, turn)
    assert last["outcome"] == "ticket_opened"
    assert re.fullmatch(r"\d{8}", last["ticket"]["code"])


def test_a_correction_before_the_confirmation_changes_the_place(chat: Chat) -> None:
    turn = chat.say("历下区花园路88号门口的井盖没了，我电话13812345678")
    assert "历下" in turn["said"]
    turn = chat.say("不是历下是历城")
    assert "地点：历城区花园路88号" in turn["said"]
    opened = chat.say("对，提交")
    assert opened["outcome"] == "ticket_opened"
    assert opened["region"] == "370112"


def test_a_question_in_the_middle_is_answered_and_the_form_goes_on(chat: Chat) -> None:
    chat.say("楼道里的灯坏了好几天没人管")
    turn = chat.say("对了，护照要多少钱？")
    assert "120" in turn["said"]
    assert turn["outcome"] == "ticket_form"
    last, _ = finish(chat, turn)
    assert last["outcome"] == "ticket_opened"


def test_never_mind_leaves_no_ticket(product: Product) -> None:
    chat = product.chat()
    chat.say("我要投诉物业乱收费")
    turn = chat.say("算了不投诉了")
    assert turn["outcome"] == "smalltalk"
    assert "没有提交" in turn["said"]
    assert chat.say("办护照要多少钱")["item"] == "passport-first"


def test_a_person_can_be_asked_for_in_the_middle_of_the_form(chat: Chat) -> None:
    chat.say("我要投诉物业乱收费")
    turn = chat.say("转人工")
    assert (turn["outcome"], turn["owner"]) == ("handoff", "queue")


def test_not_right_is_asked_what_and_then_corrected(chat: Chat) -> None:
    chat.say("历下区花园路88号门口的井盖没了，我电话13812345678")
    asked = chat.say("不对")
    assert "哪一处不对" in asked["said"]
    assert "13987654321" in chat.say("电话是13987654321")["said"]
    assert chat.say("对，提交")["outcome"] == "ticket_opened"


def test_a_refusal_at_the_read_back_files_nothing(chat: Chat) -> None:
    chat.say("历下区花园路88号门口的井盖没了，我电话13812345678")
    turn = chat.say("不用提交了")
    assert turn["outcome"] == "smalltalk"
    assert "没有提交" in turn["said"]


def test_a_question_at_the_read_back_is_answered_and_files_nothing(chat: Chat) -> None:
    chat.say("历下区花园路88号门口的井盖没了，我电话13812345678")
    turn = chat.say("那匿名会保密吗")
    assert turn["outcome"] == "ticket_form"
    assert "对的话我就提交" in turn["said"]


def test_a_corrected_street_stays_in_its_city(chat: Chat) -> None:
    chat.say("青岛市市南区香港中路十号的路灯不亮了，我电话13812345678")
    assert "青岛市市南区香港中路二十号" in chat.say("地址是香港中路二十号")["said"]
    assert chat.say("对，提交")["region"] == "370202"
