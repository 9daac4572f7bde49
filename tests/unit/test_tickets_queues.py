"""Special queues: hearing them, what each wants to know, and how few questions it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from actions import queues_asking, ticket_form
from actions.ticket_form import ActionOpenTicket, AskOne, ValidateTicketForm
from bot.components.intent_decision import decide
from core.bootstrap import load_regions
from core.calendar import published_calendar
from core.clock import SHANGHAI
from tests.support.action_fakes import FakeTickets, Talk, fake_parts
from tickets.appointments import Appointments
from tickets.errors import InvalidTicket, SlotTaken
from tickets.load import load_centres
from tickets.model import Act, Actor, ActRefused, Details, NewTicket, Queue, Result, Role, Status, Ticket, TicketType, Urgency
from tickets.queues import MATTERS, QUESTIONS, answer_fault, checked_matter, queue_of
from tickets.validation import checked
from zh.extract import Extractor
from zh.normalise import normalise

NOW = datetime(2026, 11, 23, 9, 40, tzinfo=SHANGHAI)
REGIONS = load_regions(home="370100")
EXTRACT = Extractor(REGIONS.names(), ("公安局",), REGIONS.other_words()).extract
WISHES = [
    ("我想预约去政务大厅办护照", Queue.APPOINTMENT), ("帮我预约明天上午九点去历下区政务服务中心办身份证", Queue.APPOINTMENT),
    ("给我约个号，下周二去办营业执照", Queue.APPOINTMENT), ("预约", Queue.APPOINTMENT),
    ("我想找人帮我代办营业执照", Queue.ERRAND), ("老人腿脚不好来不了，想请你们上门代办老年证", Queue.ERRAND), ("帮我代办一下残疾证", Queue.ERRAND),
    ("我要反映营商环境问题", Queue.BUSINESS), ("我开了个公司，窗口老让我来回跑，我要投诉营商环境", Queue.BUSINESS),
    ("我刚才打12345没打通，给我回个电话", Queue.CALL_BACK), ("昨天打你们热线没人接，麻烦给我回拨", Queue.CALL_BACK),
    ("110让我打你们的电话，楼上天天放音响", Queue.POLICE), ("我报了110，110说这事归12345管", Queue.POLICE),
    ("我上次给窗口打了差评，到现在没人回访我", Queue.RATING),
]
NOT_WISHES = ["办护照要不要预约", "怎么预约", "取消预约", "预约不上婚姻登记", "医院专家号预约不上", "帮办代办收不收钱", "什么是帮办代办", "代办公司骗了我的钱",
              "营商环境投诉找谁", "投诉营商环境", "110能不能转到12345", "有结果给我回个电话", "打110没人来", "小区路灯坏了没人修", "我要查一下预约"]


@pytest.mark.parametrize(("text", "queue"), WISHES)
def test_a_plain_wish_is_heard(text: str, queue: Queue) -> None:
    assert queue_of(normalise(text)) is queue


@pytest.mark.parametrize("text", NOT_WISHES)
def test_a_question_or_another_matter_is_no_wish(text: str) -> None:
    assert queue_of(normalise(text)) is None


def test_a_wish_reaches_the_form_whatever_item_sounds_like_it() -> None:
    item = {"decision": "answer", "facet": None, "candidates": [{"kind": "item", "score": 1.0}], "choices": []}
    assert decide("ask_item", 0.99, item, "我想预约去政务大厅办护照", 0.2, 0.92)[0] == "request_help"
    assert decide("ask_policy", 0.9, item, "我要反映营商环境问题", 0.2, 0.92)[0] == "complain"
    assert decide("ask_item", 0.99, item, "办护照要不要预约", 0.2, 0.92)[0] == "ask_item"


@pytest.mark.parametrize("queue", list(Queue), ids=lambda queue: queue.value)
def test_no_queue_asks_more_than_five_questions(queue: Queue) -> None:
    assert len(QUESTIONS[queue]) + 1 <= 5


GOOD: dict[Queue, dict[str, Any]] = {
    Queue.BUSINESS: {"enterprise": "星火商贸有限公司", "publish": True}, Queue.ERRAND: {"item": "老年证", "proxy": False},
    Queue.APPOINTMENT: {"office": "jinan", "item": "护照", "item_code": "passport-first", "day": "2026-11-24", "slot": "09:30"},
    Queue.RATING: {"rated": "2026110112345678"}, Queue.CALL_BACK: {"at": "2026-11-23T08:30:00+08:00"}, Queue.POLICE: {"case": "370102202611230045"},
}


@pytest.mark.parametrize("queue", list(Queue), ids=lambda queue: queue.value)
def test_a_whole_matter_is_taken_as_it_is(queue: Queue) -> None:
    assert checked_matter(queue, GOOD[queue], by_staff=True) == GOOD[queue]


@pytest.mark.parametrize(("queue", "name"), [(queue, name) for queue in Queue for name, one in MATTERS[queue].items() if one.needed],
                         ids=lambda value: getattr(value, "value", value))
def test_what_a_queue_needs_is_asked_for_by_name(queue: Queue, name: str) -> None:
    with pytest.raises(InvalidTicket) as refused:
        checked_matter(queue, {key: value for key, value in GOOD[queue].items() if key != name})
    assert refused.value.field == f"matter.{name}"


@pytest.mark.parametrize(("queue", "name", "value"), [
    (Queue.BUSINESS, "publish", "是"), (Queue.BUSINESS, "enterprise", " "), (Queue.BUSINESS, "enterprise", 7), (Queue.ERRAND, "item", "长" * 101),
    (Queue.APPOINTMENT, "day", "明天"), (Queue.APPOINTMENT, "slot", "25:00"), (Queue.APPOINTMENT, "day", 20261124), (Queue.POLICE, "case", "12"),
    (Queue.RATING, "rated", "12345"), (Queue.CALL_BACK, "at", "刚才"), (Queue.ERRAND, "phone", "13812345678"),
])
def test_a_wrong_or_unknown_entry_is_refused_by_name(queue: Queue, name: str, value: Any) -> None:
    with pytest.raises(InvalidTicket) as refused:
        checked_matter(queue, {**GOOD[queue], name: value})
    assert refused.value.field == f"matter.{name}"


def test_110_hands_over_with_a_case_number_while_a_caller_may_not_know_it() -> None:
    new = NewTicket(TicketType.HELP, "楼上天天放音响", "web", queue=Queue.POLICE)
    assert checked(new).matter == {}
    with pytest.raises(InvalidTicket) as refused:
        checked(replace(new, source_channel="operator"))
    assert refused.value.field == "matter.case"


@pytest.mark.parametrize(("new", "field"), [
    (NewTicket(TicketType.HELP, "招标不公", "web", queue=Queue.BUSINESS, matter=GOOD[Queue.BUSINESS]), "type"),
    (NewTicket(TicketType.HELP, "代办", "web", queue=Queue.ERRAND, matter=GOOD[Queue.ERRAND]), "address"),
    (NewTicket(TicketType.HELP, "请回电", "web", queue=Queue.CALL_BACK), "phone"),
    (NewTicket(TicketType.HELP, "请回电", "web", queue=Queue.CALL_BACK, phone="13812345678", anonymous=True), "phone"),
    (NewTicket(TicketType.HELP, "预约", "web", queue=Queue.APPOINTMENT, matter=GOOD[Queue.APPOINTMENT]), "phone"),
    (NewTicket(TicketType.HELP, "路灯坏了", "web", matter={"item": "护照"}), "matter"),
])
def test_a_request_that_its_queue_cannot_take_is_refused(new: NewTicket, field: str) -> None:
    with pytest.raises(InvalidTicket) as refused:
        checked(new)
    assert refused.value.field == field


def test_a_complaint_of_the_business_environment_marks_an_enterprise() -> None:
    new = NewTicket(TicketType.COMPLAINT, "招标不公", "web", queue=Queue.BUSINESS, matter=GOOD[Queue.BUSINESS])
    assert checked(new).enterprise is True


def test_such_a_complaint_is_answered_with_its_investigation() -> None:
    ticket = Ticket(number="2026112300000001", type=TicketType.COMPLAINT, text="招标不公", title="招标不公", category="营商环境投诉", department="发展和改革委员会",
                    urgency=Urgency.GENERAL, source_channel="web", opened_at=NOW, changed_at=NOW, request_digest="d", queue=Queue.BUSINESS,
                    status=Status.HANDLING)
    handler = Actor(Role.DEPARTMENT, department="发展和改革委员会")
    with pytest.raises(ActRefused, match="调查核实"):
        ticket.perform(Act.REPLY, by=handler, at=NOW, note="已收到，谢谢。", details=Details(result=Result.EXPLAINED))
    after, _ = ticket.perform(Act.REPLY, by=handler, at=NOW, note="经调查，情况属实，已责令改正。", details=Details(result=Result.SOLVED))
    assert after.status is Status.REPLIED
    assert answer_fault(None, "好的") is answer_fault(Queue.ERRAND, "好的") is None


class Tickets(FakeTickets):
    """Hears spans, and books without anybody else."""

    def __init__(self, error: Any = None) -> None:
        super().__init__(error)
        self.full: dict[tuple[Any, str], int] = {}
        self.appointments = Appointments(load_centres(), published_calendar(), SimpleNamespace(taken=lambda *_: self.full))  # type: ignore[arg-type]

    def extract(self, text: str) -> Any:
        return EXTRACT(text)

    def open(self, new: NewTicket, at: datetime) -> Any:
        return super().open(checked(new), at)


def asked(monkeypatch: pytest.MonkeyPatch, first: str, *answers: str, caller: str | None = None, tickets: Tickets | None = None) -> tuple[Talk, list[str]]:
    """Say `first`, then each answer to the next question; return the talk and the questions."""
    parts = fake_parts(tickets or Tickets())
    parts.clock, parts.knowledge = (lambda: NOW), SimpleNamespace(matcher=SimpleNamespace(match=_no_match))
    monkeypatch.setattr(ticket_form, "parts", lambda: parts)
    monkeypatch.setattr(queues_asking, "parts", lambda: parts)
    ask = {kind.question: kind() for kind in AskOne.__subclasses__()}
    chat, questions, said = Talk(metadata={"caller": caller} if caller else {}), [], [normalise(answer) for answer in answers]
    chat.run(ValidateTicketForm(), normalise(first), "request_help")
    while question := chat.slots["requested_slot"]:
        questions.append(question)
        chat.run(ask[question])
        if not said:
            return chat, questions
        chat.run(ValidateTicketForm(), said.pop(0))
    return chat.run(ActionOpenTicket()), questions


def _no_match(text: str, limit: int) -> Any:
    return SimpleNamespace(decision="none", candidates=())


@pytest.mark.parametrize(("first", "answers", "questions", "matter"), [
    ("我想预约去政务大厅办护照", ["历下区政务服务中心", "下周二上午九点", "13812345678", "对，提交"], ["office", "moment", "contact", "confirm"],
     {"office": "jinan-lixia", "item": "护照", "day": "2026-12-01", "slot": "09:00"}),
    ("预约", ["随便", "不知道", "都行", "不留", "13812345678", "对，提交"], ["office", "item", "moment", "contact", "contact", "confirm"],
     {"office": "jinan", "item": "未说明", "day": "2026-11-23", "slot": "11:00"}),
    ("我想找人帮我代办营业执照", ["历下区解放路12号阳光花园3号楼", "替我办", "13812345678", "对，提交"], ["where", "proxy", "contact", "confirm"],
     {"item": "营业执照", "proxy": True}),
    ("我要帮办代办", ["补残疾证", "不知道", "我自己去", "13812345678", "对，提交"], ["item", "where", "proxy", "contact", "confirm"],
     {"item": "补残疾证", "proxy": False}),
    ("我要反映营商环境问题", ["招标的时候非要指定本地企业", "星火商贸有限公司", "同意", "13812345678", "对，提交"],
     ["course", "enterprise", "publish", "contact", "confirm"], {"enterprise": "星火商贸有限公司", "publish": True}),
    ("我们是济南星火商贸有限公司，要投诉营商环境，招标非要指定本地企业", ["不同意", "13812345678", "对，提交"], ["publish", "contact", "confirm"],
     {"enterprise": "济南星火商贸有限公司", "publish": False}),
    ("我刚才打12345没打通，给我回个电话", ["13812345678", "对，提交"], ["contact", "confirm"], {}),
    ("110让我打你们的电话，警情编号是370102202611230045，楼上天天放音响", ["历下区解放路12号", "13812345678", "对，提交"], ["where", "contact", "confirm"],
     {"case": "370102202611230045"}),
    ("110转过来的", ["小区里大半夜放音响", "没有", "历下区解放路12号", "13812345678", "对，提交"], ["course", "case", "where", "contact", "confirm"], {}),
    ("我上次给窗口打了差评，到现在没人回访我", ["13812345678", "对，提交"], ["contact", "confirm"], {}),
])
def test_only_what_was_not_said_is_asked(monkeypatch: pytest.MonkeyPatch, first: str, answers: list[str], questions: list[str], matter: dict[str, Any]) -> None:
    tickets = Tickets()
    chat, found = asked(monkeypatch, first, *answers, tickets=tickets)
    assert found == questions
    (_, new, _), = tickets.calls
    assert (new.queue, new.matter) == (queue_of(normalise(first)), matter)
    assert (chat.custom["outcome"], chat.custom["ticket_type"]) == ("booked" if new.queue is Queue.APPOINTMENT else "ticket_opened", new.queue.value)


def test_who_says_all_at_once_from_a_known_number_only_confirms(monkeypatch: pytest.MonkeyPatch) -> None:
    chat, questions = asked(monkeypatch, "帮我预约明天上午九点去历下区政务服务中心办身份证", caller="13812345678")
    assert questions == ["confirm"]
    assert chat.said[-1]["summary"] == "大厅：历下区政务服务中心；时间：11月24日周二上午9点；事项：身份证；联系方式：13812345678"


@pytest.mark.parametrize(("change", "told"), [
    ("改成周三下午", "11月25日周三下午1点半"), ("下午三点吧", "11月24日周二下午3点"), ("换成周四", "11月26日周四上午9点"), ("不是历下，去天桥区政务服务中心", "天桥区政务服务中心"),
])
def test_a_correction_at_the_read_back_moves_the_booking(monkeypatch: pytest.MonkeyPatch, change: str, told: str) -> None:
    chat, questions = asked(monkeypatch, "帮我预约明天上午九点去历下区政务服务中心办身份证", change, caller="13812345678")
    assert questions == ["confirm", "confirm"]
    assert told in chat.said[-1]["summary"]


def test_a_slot_that_is_full_is_read_back_as_another(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = Tickets()
    tickets.full = {(NOW.date().replace(day=24), "09:00"): 4}
    chat, _ = asked(monkeypatch, "帮我预约明天上午九点去历下区政务服务中心办身份证", caller="13812345678", tickets=tickets)
    assert (chat.response, "上午9点半" in chat.said[-1]["summary"]) == ("utter_ask_confirm_booking_moved", True)


def test_a_slot_that_goes_while_it_is_read_back_is_not_booked_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = Tickets()
    chat, _ = asked(monkeypatch, "帮我预约明天上午九点去历下区政务服务中心办身份证", caller="13812345678", tickets=tickets)
    tickets.full = {(NOW.date().replace(day=24), "09:00"): 4}
    chat.run(ValidateTicketForm(), "对,提交", "affirm")
    assert (chat.slots["requested_slot"], chat.slots["ticket_draft"]["confirmed"], chat.slots["ticket_draft"]["moved"]) == ("confirm", None, True)
    assert tickets.calls == []


def test_a_centre_without_seats_says_so_and_asks_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = Tickets()
    chat, _ = asked(monkeypatch, "我想预约去政务大厅办护照", tickets=tickets)
    monkeypatch.setattr(Appointments, "nearest", lambda *_: None)
    chat.run(ValidateTicketForm(), "历下区政务服务中心")
    assert (chat.response, chat.custom["outcome"], chat.slots["requested_slot"]) == ("utter_booking_full", "refused", None)


def test_the_last_seat_gone_in_the_same_moment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    chat, _ = asked(monkeypatch, "帮我预约明天上午九点去历下区政务服务中心办身份证", "对，提交", caller="13812345678", tickets=Tickets(SlotTaken()))
    assert (chat.response, chat.said[-1]["reason"]) == ("utter_ticket_refused", SlotTaken().message)
