"""The desk of staff: what is listed, shown and open to whom, and which particulars an act takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from core.calendar import published_calendar
from core.clock import SHANGHAI
from tests.support.fake_tickets import FakeTickets
from tickets.desk import Desk
from tickets.doing import Actor, Details
from tickets.effects import PARTICULARS
from tickets.errors import InvalidTicket, TicketChanged, TicketNotFound
from tickets.listing import Wanted, place_of
from tickets.load import load_catalogue, load_policy
from tickets.model import ActRefused, NewTicket, Ticket
from tickets.particulars import TAKES, check, needed
from tickets.routing import Router
from tickets.service import TicketService
from tickets.store.attempts import MemoryAttempts
from tickets.vocabulary import Act, Channel, Queue, Result, Role, Status, TicketType

AT = datetime(2026, 11, 5, 10, tzinfo=SHANGHAI)
POLICY = load_policy()
ROUTER = Router(load_catalogue(), POLICY)
LAMP = NewTicket(TicketType.HELP, "小区门口路灯坏了一个月没人修", "web", region="370102", name="王建国", phone="13812345678")
OFFICE = Actor(Role.DEPARTMENT, "小张", "城市管理局", "370102")
OTHER = Actor(Role.DEPARTMENT, "小李", "公安局", "370102")
ELSEWHERE = replace(OFFICE, region="370103")
OPERATOR, SUPERVISOR = Actor(Role.OPERATOR, "一号"), Actor(Role.SUPERVISOR, "督办")


@pytest.fixture
def service() -> TicketService:
    draws = iter(range(1, 100))
    return TicketService(FakeTickets(), MemoryAttempts(POLICY.attempts), ROUTER, POLICY, published_calendar(), lambda text: (), lambda limit: next(draws))


def opened(service: TicketService, new: NewTicket = LAMP) -> Ticket:
    return service.open(new, AT).ticket


def do(service: TicketService, actor: Actor, number: str, act: Act, text: str = "", **details: object) -> Ticket:
    return Desk(service, actor).act(number, act, AT + timedelta(hours=1), text, Details(**details))  # type: ignore[arg-type]


# --- who sees what ---------------------------------------------------------------------------------------------------
def test_a_department_lists_and_sees_its_own_tickets_only(service: TicketService) -> None:
    ticket = opened(service)
    for actor, may in ((OFFICE, True), (OTHER, False), (ELSEWHERE, False), (OPERATOR, True), (Actor(Role.ADMIN), True), (Actor(Role.EDITOR), False)):
        desk = Desk(service, actor)
        assert bool(desk.page(Wanted()).tickets) is may
        if may:
            assert desk.ticket(ticket.number).number == ticket.number
            continue
        for look in (desk.ticket, desk.trail, lambda number, desk=desk: desk.act(number, Act.RECEIVE, AT)):
            with pytest.raises(TicketNotFound):
                look(ticket.number)


def test_naming_another_department_or_a_phone_shows_a_department_no_more(service: TicketService) -> None:
    opened(service)
    assert not Desk(service, OTHER).page(Wanted(department="城市管理局")).tickets
    with pytest.raises(InvalidTicket, match="不能按电话查"):
        Desk(service, OFFICE).page(Wanted(phone="13812345678"))
    assert len(Desk(service, OPERATOR).page(Wanted(phone="138 1234 5678")).tickets) == 1


def test_a_helper_sees_the_ticket_and_may_give_his_opinion_once(service: TicketService) -> None:
    number = opened(service).number
    do(service, OPERATOR, number, Act.ASSIST, helpers=("公安局",))
    desk = Desk(service, OTHER)
    assert not desk.page(Wanted()).tickets
    found = desk.page(Wanted(helper="城市管理局")).tickets  # whatever is asked, a department is told of what it helps with itself
    assert [desk.open_acts(ticket, AT) for ticket in found] == [[Act.OPINE]]
    assert desk.open_acts(do(service, OTHER, number, Act.OPINE, "同意"), AT) == []
    assert Act.OPINE not in Desk(service, OFFICE).open_acts(service.seen(number, OFFICE), AT)


def test_what_is_open_is_what_the_table_opens(service: TicketService) -> None:
    ticket = opened(service)
    assert Desk(service, OFFICE).open_acts(ticket, AT) == [Act.REDISPATCH, Act.RECEIVE, Act.ASK_RETURN]
    assert Act.RECEIVE not in Desk(service, OPERATOR).open_acts(ticket, AT)
    assert Desk(service, Actor(Role.ADMIN)).open_acts(ticket, AT) == []


def test_what_a_guard_would_refuse_whatever_is_said_is_not_open(service: TicketService) -> None:
    ticket = opened(service)
    assert Act.ASK_RETURN not in Desk(service, OFFICE).open_acts(ticket, AT + timedelta(days=7))
    received = do(service, OFFICE, ticket.number, Act.RECEIVE)
    assert (Act.ASK_EXTENSION in Desk(service, OFFICE).open_acts(received, AT), Act.GRANT_EXTENSION in Desk(service, OPERATOR).open_acts(received, AT)) == (
        True, False)
    asked = do(service, OFFICE, ticket.number, Act.ASK_EXTENSION, "缺件", days=2)
    assert (Act.ASK_EXTENSION in Desk(service, OFFICE).open_acts(asked, AT), Act.GRANT_EXTENSION in Desk(service, OPERATOR).open_acts(asked, AT)) == (
        False, True)
    business = replace(received, queue=Queue.BUSINESS)  # whose answer must tell what was found
    assert Act.REPLY in Desk(service, OFFICE).open_acts(business, AT)
    for level in (1, 2, 3):
        assert Act.SUPERVISE in Desk(service, SUPERVISOR).open_acts(asked, AT)
        asked = do(service, SUPERVISOR, ticket.number, Act.SUPERVISE, "请抓紧", level=level)
    assert Act.SUPERVISE not in Desk(service, SUPERVISOR).open_acts(asked, AT)


@pytest.mark.parametrize("new", [replace(LAMP, confidential=True), replace(LAMP, type=TicketType.REPORT)], ids=["confidential", "a report"])
def test_a_hidden_callers_name_and_numbers_are_nowhere_for_a_department(service: TicketService, new: NewTicket) -> None:
    said = "我是王建国，电话138-1234-5678，幺三八一二三四五六七八也行"
    number = opened(service, replace(new, text=new.text + said, title="王建国反映路灯", who="王建国", address="王建国家门口")).number
    service.supplement(number, f"补充：{said}", at=AT, trusted=True)
    service.urge(number, note=said, at=AT, trusted=True)
    do(service, OPERATOR, number, Act.SUPPLEMENT, f"来电人又说：{said}")
    desk = Desk(service, OFFICE)
    shown = repr([vars(desk.ticket(number)), [vars(entry) for entry in desk.trail(number)], [vars(ticket) for ticket in desk.page(Wanted()).tickets]])
    for private in ("王建国", "12345678", "1234-5678", "二三四五六七八"):
        assert private not in shown
    assert Desk(service, OPERATOR).ticket(number).phone == "13812345678"


def test_an_open_callers_words_stay_as_they_are(service: TicketService) -> None:
    number = opened(service).number
    service.supplement(number, "我是王建国，13812345678", at=AT, trusted=True)
    assert Desk(service, OFFICE).trail(number)[-1].note == "我是王建国，13812345678"


def test_why_a_hidden_caller_rated_badly_is_told_to_the_centre_alone(service: TicketService) -> None:
    number = opened(service, replace(LAMP, confidential=True)).number
    do(service, OFFICE, number, Act.RECEIVE)
    do(service, OFFICE, number, Act.REPLY, "修好了", result=Result.SOLVED)
    do(service, OPERATOR, number, Act.APPROVE)
    service.rate(number, "不满意", reason="我家三楼还是黑的", at=AT, trusted=True)
    for actor, told in ((OFFICE, ""), (OPERATOR, "我家三楼还是黑的")):
        rated = next(entry for entry in Desk(service, actor).trail(number) if entry.act is Act.RATE)
        assert rated.note == told
        assert (Desk(service, actor).ticket(number).rating_reason or "") == told


def test_the_follow_up_of_a_bad_grade_on_a_report_hides_the_reporter_too(service: TicketService) -> None:
    number = opened(service, replace(LAMP, type=TicketType.REPORT)).number
    do(service, OPERATOR, number, Act.TRANSFER, "归你们", department="公安局")
    do(service, OTHER, number, Act.RECEIVE)
    do(service, OTHER, number, Act.REPLY, "查了", result=Result.EXPLAINED)
    do(service, OPERATOR, number, Act.APPROVE)
    service.rate(number, "不满意", at=AT, trusted=True)
    follow_up = next(ticket for ticket in service.repository.listed(Wanted(), 10) if ticket.parent == number)
    there = Actor(Role.DEPARTMENT, "", follow_up.department, follow_up.office_region)
    assert Desk(service, there).ticket(follow_up.number).phone is None


# --- acts ------------------------------------------------------------------------------------------------------------
def test_an_act_on_a_ticket_that_has_moved_on_does_nothing(service: TicketService) -> None:
    ticket = opened(service)
    service.urge(ticket.number, at=AT, trusted=True)
    with pytest.raises(TicketChanged) as caught:
        Desk(service, OFFICE).act(ticket.number, Act.RECEIVE, AT, version=ticket.version)
    assert caught.value.version == ticket.version + 1
    assert service.seen(ticket.number, OFFICE).status is Status.DISPATCHED
    assert Desk(service, OFFICE).act(ticket.number, Act.RECEIVE, AT, version=ticket.version + 1).status is Status.RECEIVED


def test_who_sends_a_ticket_on_has_it_no_more(service: TicketService) -> None:
    number = opened(service).number
    after = do(service, OFFICE, number, Act.REDISPATCH, department="解放路街道办事处")
    assert (after.department, after.office_region) == ("解放路街道办事处", "370102")
    with pytest.raises(TicketNotFound):
        Desk(service, OFFICE).ticket(number)


def test_an_unknown_category_is_refused(service: TicketService) -> None:
    with pytest.raises(InvalidTicket, match="没有这个类别"):
        do(service, OPERATOR, opened(service).number, Act.TRANSFER, "不归他们", department="公安局", category="没有这一类")


def test_what_the_table_refuses_stays_refused_at_the_desk(service: TicketService) -> None:
    number = opened(service).number
    for actor, act in ((OPERATOR, Act.WITHDRAW), (OPERATOR, Act.WARN), (SUPERVISOR, Act.RECEIVE), (OFFICE, Act.APPROVE)):
        with pytest.raises(ActRefused):
            do(service, actor, number, act)


# --- particulars -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("act", "details", "field"), [
    (Act.SUPPLEMENT, Details(days=99), "days"), (Act.RECEIVE, Details(department="公安局"), "department"), (Act.REPLY, Details(grade=None, level=1), "level"),
    (Act.DISPATCH, Details(days=3), "days"), (Act.FOLLOW_UP, Details(last=True), "last"), (Act.GRANT_RETURN, Details(last=True), "last"),
    (Act.HANDLE, Details(due_at=AT), "due_at"), (Act.TRANSFER, Details(department="长" * 61), "department"), (Act.DISPATCH, Details(category="长" * 41), "category"),
    (Act.ASSIST, Details(helpers=("局",) * 11), "helpers"), (Act.ASSIST, Details(helpers=("",)), "helpers"),
    (Act.ASK_SUSPENSION, Details(until=date(2026, 11, 5)), "until"), (Act.REPLY, Details(channel=Channel.LAWSUIT), "channel")], ids=str)
def test_a_particular_that_an_act_cannot_take_is_named(act: Act, details: Details, field: str) -> None:
    with pytest.raises(InvalidTicket) as caught:
        check(act, details, AT.date())
    assert caught.value.field == field


@pytest.mark.parametrize("act", [act for act in PARTICULARS if act not in (Act.WARN, Act.RESCHEDULE, Act.FOLLOW_LEAD)])
def test_every_act_of_people_takes_what_it_needs(act: Act) -> None:
    assert set(needed(act)) - {"text"} <= set(TAKES[act])


@pytest.mark.parametrize("cursor", ["", "1", "x-2026110500000001", "1-2", "1-2026110500000001x", "9" * 18 + "-2026110500000001"])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidTicket) as caught:
        place_of(cursor)
    assert caught.value.field == "after"
