from datetime import datetime
from typing import Any

import pytest

from core.calendar import published_calendar
from core.clock import SHANGHAI
from tickets.change import Change
from tickets.deadlines import Deadlines
from tickets.history import HistoryReader, RowFaulty
from tickets.load import load_catalogue, load_policy
from tickets.model import Act, Grade, Result, Role, Status, TicketType, replay
from tickets.routing import Learned, Router

POLICY = load_policy()
ROUTER = Router(load_catalogue(), POLICY)
DEADLINES = Deadlines(POLICY, published_calendar())
LAMP = {"number": "JN-7", "type": "求助", "text": "路灯坏了，请修", "category": "路灯不亮", "region": "历下区", "phone": "138 1234 5678", "opened_at": "2026/3/2 9:05",
        "replied_at": "2026-03-04 10:00", "answer": "已经换了灯泡", "result": "已解决", "closed_at": "2026年3月5日", "rating": "满意"}


def read(**row: str) -> Change:
    reader = HistoryReader("old", ROUTER, DEADLINES, {"历下区": "370102"}.get, lambda limit: 7)
    return reader.read({name: value for name, value in {**LAMP, **row}.items() if value})


def test_a_row_becomes_a_ticket_with_the_trail_its_dates_allow() -> None:
    change = read()
    ticket = change.ticket
    assert (ticket.number, ticket.type, ticket.status, ticket.phone) == ("2026030200000007", TicketType.HELP, Status.ARCHIVED, "13812345678")
    assert (ticket.category, ticket.department, ticket.office_region) == ("路灯不亮", "城市管理局", "370102")
    assert (ticket.answer, ticket.result, ticket.rating) == ("已经换了灯泡", Result.SOLVED, Grade.GOOD)
    assert [entry.act for entry in change.entries] == [Act.ACCEPT, Act.DISPATCH, Act.RECEIVE, Act.REPLY, Act.APPROVE, Act.CLOSE, Act.RATE, Act.ARCHIVE]
    assert ticket.opened_at == datetime(2026, 3, 2, 9, 5, tzinfo=SHANGHAI)
    assert ticket.matter["原编号"] == "JN-7"


def test_history_tells_nobody() -> None:
    change = read()
    assert (change.events, change.notices) == ((), ())


def test_the_trail_of_history_replays_to_the_ticket() -> None:
    change = read()
    reader = HistoryReader("old", ROUTER, DEADLINES, {"历下区": "370102"}.get, lambda limit: 7)
    assert replay(reader._opened(LAMP), change.entries) == change.ticket


def test_an_open_ticket_goes_on_living() -> None:
    change = read(replied_at="", answer="", closed_at="", rating="", result="")
    assert change.ticket.status is Status.DISPATCHED
    assert change.ticket.running and change.wake_at is not None


def test_a_number_of_ours_is_kept_and_a_row_is_the_same_ticket_whenever_it_is_read() -> None:
    assert read(number="2026030212345678").ticket.number == "2026030212345678"
    assert read().ticket.request_digest == read().ticket.request_digest
    assert read().ticket.request_digest != read(number="JN-8").ticket.request_digest


@pytest.mark.parametrize(("row", "told"), [
    ({"text": ""}, "缺少内容"), ({"type": ""}, "缺少诉求类型"), ({"confidential": "看情况"}, "是否保密"), ({"anonymous": "maybe"}, "是否匿名"),
    ({"opened_at": "上周"}, "不是日期"), ({"opened_at": "2026-13-01"}, "不是日期"), ({"region": "火星"}, "区划"),
    ({"type": "吐槽"}, "诉求类型"), ({"rating": "五星"}, "满意度"), ({"answer": ""}, "没有答复内容"), ({"phone": "12"}, "电话"),
    ({"replied_at": "2026-03-01"}, "早于"),
], ids=["no text", "no type", "perhaps confidential", "perhaps anonymous", "a word", "no such month", "region", "type", "rating", "closed without an answer", "phone", "answered before it came"])
def test_a_row_that_cannot_be_a_ticket_says_why(row: dict[str, Any], told: str) -> None:
    with pytest.raises(RowFaulty, match=told):
        read(**row)


def test_who_acted_is_told_as_history() -> None:
    assert {(entry.role, entry.actor) for entry in read().entries} == {
        (Role.OPERATOR, "历史导入"), (Role.DEPARTMENT, "历史导入"), (Role.CALLER, ""),
        (Role.SYSTEM, "历史导入")}


@pytest.mark.parametrize("grade", ["不满意", ""], ids=["a bad grade", "no grade, but a phone"])
def test_what_is_closed_is_over_and_replays(grade: str) -> None:
    row = {**LAMP, "rating": grade}
    change = read(rating=grade)
    assert (change.ticket.status, change.ticket.reworks, change.wake_at) == (Status.ARCHIVED, 0, None)
    reader = HistoryReader("old", ROUTER, DEADLINES, {"历下区": "370102"}.get, lambda limit: 7)
    assert replay(reader._opened(row), change.entries) == change.ticket


@pytest.mark.parametrize("word", ["是", "保密", "需要保密", "要", "√", "1", "TRUE", "Ｙ", "yes"])
def test_known_words_keep_a_caller_confidential(word: str) -> None:
    assert read(confidential=word).ticket.confidential is True


@pytest.mark.parametrize("word", ["", "否", "不保密", "不需要", "空", "0", "False", "n", "NO", "×"])
def test_known_words_say_that_he_need_not_be(word: str) -> None:
    assert read(confidential=word).ticket.confidential is False


def test_an_anonymous_row_loses_name_and_phone_everywhere() -> None:
    ticket = read(anonymous="是", name="王建国", text="我是王建国，路灯坏了", answer="已告知王建国（13812345678），灯换好了").ticket
    assert (ticket.anonymous, ticket.name, ticket.phone) == (True, None, None)
    assert (ticket.text, ticket.answer) == ("我是（姓名已隐去），路灯坏了", "已告知（姓名已隐去）（（电话已隐去）），灯换好了")


def test_an_answer_tells_nobody_who_wanted_to_stay_hidden() -> None:
    said = "已回复王建国13812345678"
    assert read(confidential="是", name="王建国", answer=said).ticket.answer == "已回复（姓名已隐去）（电话已隐去）"
    assert read(name="王建国", answer=said).ticket.answer == said


def test_an_office_that_was_learnt_has_old_tickets_too() -> None:
    taught = Router(load_catalogue(), POLICY, Learned({}, {("路灯不亮", "370102"): "市政服务中心"}))
    reader = HistoryReader("old", taught, DEADLINES, {"历下区": "370102"}.get, lambda limit: 7)
    assert reader.read(LAMP).ticket.department == "市政服务中心"
