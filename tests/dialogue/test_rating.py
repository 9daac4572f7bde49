"""好差评 in conversation: a bad grade is asked why once, whatever the channel, and somebody calls back."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.clock import SHANGHAI
from core.settings import Settings
from tests.support.office import service_of
from tests.support.running_product import Chat, Product
from tickets.doing import Actor, Details
from tickets.model import Ticket
from tickets.service import TicketService
from tickets.vocabulary import Act, Grade, Queue, Result, Role

pytestmark = pytest.mark.stack

REQUEST = ("历下区解放路12号门口路灯坏了一个月没人修", "13812345678", "对，提交")


@pytest.fixture(scope="module")
def service(product: Product) -> TicketService:
    """The product's own tickets."""
    return service_of(Settings(data_dir=product.data))


def close(service: TicketService, number: str) -> str:
    """Let the office answer and the centre approve it."""
    ticket = service.repository.find(number)
    assert ticket
    office, at = Actor(Role.DEPARTMENT, "", ticket.department, ticket.office_region), datetime.now(SHANGHAI)
    service.act(number, Act.RECEIVE, by=office, at=at)
    service.act(number, Act.REPLY, by=office, at=at, note="已经修好", details=Details(result=Result.SOLVED))
    service.act(number, Act.APPROVE, by=Role.OPERATOR, at=at)
    return number


def opened(chat: Chat) -> str:
    turn = chat.tell(*REQUEST)
    assert turn["outcome"] == "ticket_opened", turn
    return str(turn["ticket"]["number"])


def follow_ups(service: TicketService, number: str) -> list[Ticket]:
    return [one for one in service.recent(200) if one.queue is Queue.RATING and one.parent == number]


def test_a_bad_grade_in_a_chat_is_asked_why_and_followed_up(chat: Chat, service: TicketService) -> None:
    number = close(service, opened(chat))
    assert "非常满意" in chat.say("我要评价一下那个工单")["said"]
    why = chat.say("不满意")
    assert (why["outcome"], "哪里不满意" in why["said"], follow_ups(service, number)) == ("rated", True, [])
    done = chat.say("路灯修了两天又不亮了")
    assert done["outcome"] == "rated" and "回电话" in done["said"]
    (follow_up,) = follow_ups(service, number)
    assert "路灯修了两天又不亮了" in follow_up.text and follow_up.term_days == 1
    assert chat.say("我要评价那个工单，非常满意")["outcome"] == "refused"


def test_a_reason_may_be_refused_and_the_grade_stands(chat: Chat, service: TicketService) -> None:
    number = close(service, opened(chat))
    assert chat.tell("我对那个工单很不满意", "不想说")["outcome"] == "rated"
    (follow_up,) = follow_ups(service, number)
    assert "非常不满意" in follow_up.text and "原因" not in follow_up.text


def test_who_wants_a_person_instead_of_telling_why_gets_one_and_has_rated(chat: Chat, service: TicketService) -> None:
    number = close(service, opened(chat))
    assert chat.tell("我对那个工单不满意", "转人工")["outcome"] == "handoff"
    assert len(follow_ups(service, number)) == 1


def test_a_good_grade_ends_the_matter(chat: Chat, service: TicketService) -> None:
    number = close(service, opened(chat))
    done = chat.say("那个工单办得好，我非常满意，给个好评")
    assert done["outcome"] == "rated" and "哪里" not in done["said"]
    assert follow_ups(service, number) == []


def test_a_bad_grade_by_keys_on_the_phone_is_asked_why_and_followed_up(product: Product, ivr_key: str, service: TicketService) -> None:
    first = product.call(ivr_key, caller="13900001111")
    first.say("历下区解放路12号门口路灯坏了一个月没人修")
    number = close(service, first.say("对")["text"].split("编号")[1][:16])
    call = product.call(ivr_key, caller="13900001111")
    call.say("我要评价一下我的工单")
    assert "按5" in call.say(number)["prompt"]
    assert "哪里不满意" in call.turn(dtmf="5")["prompt"]
    done = call.say("等了一个月也没修好")
    assert done["outcome"] == "rated" and "回电话" in done["prompt"]
    (follow_up,) = follow_ups(service, number)
    assert (follow_up.phone, "非常不满意，原因：等了一个月也没修好" in follow_up.text) == ("13900001111", True)


def test_a_call_is_rated_at_its_end_and_a_bad_grade_followed_up(product: Product, ivr_key: str, service: TicketService) -> None:
    call = product.call(ivr_key, caller="13900002222")
    call.say("结婚登记要带什么")
    path = f"/v1/ivr/calls/{call.id}/rating"
    said = [call.http.post(path, json=body).json() for body in (None, {"dtmf": "4"}, {"text": "说得太快没听清", "confidence": 0.9})]
    assert [answer["action"] for answer in said] == ["continue", "continue", "hangup"]
    assert call.http.post(path, json={"dtmf": "1"}).status_code == 409
    found = [one for one in service.recent(200) if one.queue is Queue.RATING and one.phone == "13900002222"]
    assert [one.text for one in found] == ["一次来电被评价为不满意，原因：说得太快没听清。请回访并核实整改情况。"]


@pytest.mark.parametrize("grade", [Grade.VERY_GOOD, Grade.BAD])
def test_a_chat_is_rated_once_and_a_bad_grade_about_a_ticket_is_followed_up(chat: Chat, service: TicketService, grade: Grade) -> None:
    number = opened(chat)
    path = f"/v1/chat/sessions/{chat.id}/rating"
    assert chat.http.post(path, json={"grade": grade.value, "reason": "问得太多"}).json()["grade"] == grade.value
    assert chat.http.post(path, json={"grade": "满意"}).status_code == 409
    assert len(follow_ups(service, number)) == int(grade.bad)
