"""What acts change, what they need, and why they are refused although the table lists them."""

from dataclasses import fields, replace
from datetime import date, timezone
from typing import Any

import pytest

from tests.support.ticket_life import CITY, DAY, ELSEWHERE, NOW, OFFICE, OPERATOR, OTHER_OFFICE, REGION, SOLVED, SUPERVISOR, WAGES, moment, ticket
from tickets.doing import CALLER, SYSTEM, Actor, Bounds, Details
from tickets.errors import InvalidTicket
from tickets.model import ActRefused, Ticket, TrailEntry, replay
from tickets.vocabulary import Act, Card, Channel, Grade, Pending, Result, Status

RUNNING: dict[str, Any] = {"started_at": NOW, "dispatched_at": NOW, "due_at": NOW + 7 * DAY, "running": True, "term_days": 5}


def held(status: Status = Status.HANDLING, **values: Any) -> Ticket:
    return ticket(status, **{**RUNNING, **values})


def done(before: Ticket, act: Act, by: Actor, note: str = "说明", bounds: Bounds = Bounds(), **particulars: Any) -> Ticket:
    after, entry = before.perform(act, by=by, at=NOW, note=note, details=Details(**particulars), bounds=bounds)
    assert before.after(entry) == after
    return after


@pytest.mark.parametrize(("before", "act", "by"), [
    (held(), Act.SUPPLEMENT, CALLER), (held(), Act.REPLY, OFFICE), (ticket(), Act.ANSWER, OPERATOR), (ticket(), Act.REFUSE, OPERATOR),
    (ticket(Status.REPLIED), Act.SEND_BACK, OPERATOR), (held(Status.RECEIVED), Act.ASK_RETURN, OFFICE),
    (ticket(Status.RETURNING), Act.DENY_RETURN, OPERATOR),
    (held(), Act.ASK_EXTENSION, OFFICE), (held(pending=Pending.EXTENSION), Act.DENY_EXTENSION, OPERATOR), (held(), Act.ASK_SUSPENSION, OFFICE),
    (held(pending=Pending.SUSPENSION), Act.DENY_SUSPENSION, SUPERVISOR), (ticket(Status.RATED, rating=Grade.BAD), Act.APPEAL, OFFICE),
    (ticket(Status.RATED, pending=Pending.APPEAL), Act.DENY_APPEAL, SUPERVISOR), (held(helpers=(WAGES,)), Act.OPINE, OTHER_OFFICE),
    (held(), Act.ASK_CALLER, OFFICE), (held(), Act.HANDLE, OFFICE), (held(), Act.TRANSFER, OPERATOR), (held(), Act.SUPERVISE, SUPERVISOR),
    (ticket(Status.RATED, content=False), Act.REWORK, OPERATOR),
], ids=lambda value: value.value if isinstance(value, Act) else "")
def test_an_act_that_needs_words_is_refused_without(before: Ticket, act: Act, by: Actor) -> None:
    with pytest.raises(InvalidTicket, match="请说明") as invalid:
        done(before, act, by, note=" \n")
    assert invalid.value.field == "text"


@pytest.mark.parametrize(("before", "act", "by", "field"), [
    (held(), Act.REDISPATCH, OFFICE, "department"), (held(), Act.TRANSFER, OPERATOR, "department"), (held(), Act.ASSIST, OPERATOR, "helpers"),
    (held(), Act.REPLY, OFFICE, "result"), (ticket(), Act.ANSWER, OPERATOR, "result"), (ticket(), Act.REFUSE, OPERATOR, "channel"),
    (ticket(Status.CLOSED), Act.RATE, CALLER, "grade"), (held(), Act.ASK_EXTENSION, OFFICE, "days"), (held(), Act.ASK_SUSPENSION, OFFICE, "until"),
    (ticket(Status.CLOSED), Act.FOLLOW_UP, OPERATOR, "reached"), (held(), Act.SUPERVISE, SUPERVISOR, "level"), (held(), Act.MERGE, OPERATOR, "lead"),
    (held(), Act.WARN, SYSTEM, "card"), (held(), Act.RESCHEDULE, SYSTEM, "due_at"), (ticket(Status.MERGED), Act.FOLLOW_LEAD, SYSTEM, "result"),
], ids=lambda value: value.value if isinstance(value, Act) else "")
def test_an_act_that_needs_a_particular_is_refused_without(before: Ticket, act: Act, by: Actor, field: str) -> None:
    with pytest.raises(InvalidTicket, match="请说明") as invalid:
        done(before, act, by)
    assert invalid.value.field == field


def test_a_call_back_that_reached_somebody_says_whether_he_is_content() -> None:
    with pytest.raises(InvalidTicket) as invalid:
        done(ticket(Status.CLOSED), Act.FOLLOW_UP, OPERATOR, reached=True)
    assert invalid.value.field == "content"


@pytest.mark.parametrize(("before", "act", "by", "particulars", "told"), [
    (held(), Act.REPLY, OTHER_OFFICE, {"result": Result.SOLVED}, "不由您单位主办"),
    (held(), Act.HANDLE, replace(OFFICE, region=ELSEWHERE), {}, "不由您单位主办"),
    (held(kept=True, status=Status.RECEIVED), Act.ASK_RETURN, OFFICE, {}, "不能再退"),
    (held(status=Status.RECEIVED, pending=Pending.EXTENSION), Act.ASK_RETURN, OFFICE, {}, "已经有一个延期申请"),
    (held(), Act.ASK_EXTENSION, OFFICE, {"days": 11}, "延期最多10个工作日，已延0个"),
    (held(), Act.ASK_EXTENSION, OFFICE, {"days": 0}, "延期最多10个工作日"),
    (held(), Act.ASK_EXTENSION, OFFICE, {"days": -3}, "延期最多10个工作日"),
    (held(extended_days=8), Act.ASK_EXTENSION, OFFICE, {"days": 3}, "已延8个"),
    (held(due_at=NOW), Act.ASK_EXTENSION, OFFICE, {"days": 3}, "过了办理期限"),
    (held(pending=Pending.SUSPENSION), Act.ASK_EXTENSION, OFFICE, {"days": 3}, "已经有一个挂账申请"),
    (held(), Act.GRANT_EXTENSION, OPERATOR, {}, "没有待审核的延期申请"),
    (held(pending=Pending.EXTENSION), Act.GRANT_SUSPENSION, SUPERVISOR, {}, "没有待审核的挂账申请"),
    (held(), Act.TRANSFER, OPERATOR, {"department": OFFICE.department}, "已经在这个单位"),
    (held(), Act.REDISPATCH, OFFICE, {"department": OFFICE.department, "region": REGION}, "已经在这个单位"),
    (held(), Act.REDISPATCH, OFFICE, {"department": OFFICE.department, "region": ELSEWHERE}, "只能派到本辖区"),
    (held(), Act.REDISPATCH, OFFICE, {"department": "公安局", "region": CITY}, "只能派到本辖区"),
    (held(), Act.OPINE, OTHER_OFFICE, {}, "不是协办单位"),
    (held(helpers=(WAGES,)), Act.OPINE, replace(OTHER_OFFICE, region=ELSEWHERE), {}, "不是协办单位"),
    (held(helpers=(WAGES,), helped=(WAGES,)), Act.OPINE, OTHER_OFFICE, {}, "已经提过协办意见"),
    (ticket(Status.CLOSED, rating=Grade.GOOD), Act.RATE, CALLER, {"grade": Grade.BAD}, "只评价一次"),
    (ticket(Status.RATED, rating=Grade.FAIR), Act.APPEAL, OFFICE, {}, "只有差评可以申诉"),
    (ticket(Status.RATED), Act.APPEAL, OFFICE, {}, "只有差评可以申诉"),
    (ticket(Status.RATED, rating=Grade.BAD, appealed=True), Act.APPEAL, OFFICE, {}, "已经申诉过"),
    (ticket(Status.RATED, content=True), Act.REWORK, OPERATOR, {}, "没有表示不满意"),
    (ticket(Status.FOLLOWED_UP, content=False, reworks=1), Act.REWORK, OPERATOR, {}, "转督办"),
    (ticket(Status.FOLLOWED_UP, content=False), Act.ARCHIVE, OPERATOR, {}, "先重办"),
    (ticket(Status.RATED, pending=Pending.APPEAL), Act.ARCHIVE, OPERATOR, {}, "评价申诉在等审核"),
    (held(), Act.MERGE, OPERATOR, {"lead": "2026110500000001"}, "不能并到自己"),
    (held(pending=Pending.EXTENSION), Act.MERGE, OPERATOR, {"lead": "2"}, "已经有一个延期申请"),
    (held(card=Card.YELLOW), Act.WARN, SYSTEM, {"card": Card.YELLOW}, "已经亮过"),
    (held(card=Card.RED), Act.WARN, SYSTEM, {"card": Card.YELLOW}, "已经亮过"),
    (ticket(Status.ACCEPTED), Act.WARN, SYSTEM, {"card": Card.YELLOW}, "没有在计时"),
    (ticket(Status.ACCEPTED), Act.RESCHEDULE, SYSTEM, {"due_at": NOW}, "没有在计时"),
    (held(supervision=1), Act.SUPERVISE, SUPERVISOR, {"level": 1}, "高一级"),
    (held(supervision=3), Act.SUPERVISE, SUPERVISOR, {"level": 4}, "最高三级"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_guard_tells_why_an_act_is_refused(before: Ticket, act: Act, by: Actor, particulars: dict[str, Any], told: str) -> None:
    with pytest.raises(ActRefused, match=told):
        done(before, act, by, **particulars)


def test_a_ticket_goes_back_within_the_term_for_returns_only() -> None:
    in_time, too_late = Bounds(return_until=NOW + DAY), Bounds(return_until=NOW)
    assert done(held(Status.RECEIVED), Act.ASK_RETURN, OFFICE, bounds=in_time).status is Status.RETURNING
    with pytest.raises(ActRefused, match="过了退单期限"):
        done(held(Status.RECEIVED), Act.ASK_RETURN, OFFICE, bounds=too_late)


@pytest.mark.parametrize("grade", list(Grade), ids=lambda grade: grade.value)
def test_a_rating_says_whether_the_caller_is_content(grade: Grade) -> None:
    rated = done(ticket(Status.CLOSED), Act.RATE, CALLER, note="太慢", grade=grade)
    assert (rated.rating, rated.rating_reason, rated.content) == (grade, "太慢", grade.value not in ("不满意", "非常不满意"))


def test_urging_and_adding_are_counted() -> None:
    once = done(held(), Act.URGE, CALLER, note="")
    assert (done(once, Act.URGE, OPERATOR).urged, done(once, Act.SUPPLEMENT, CALLER).supplements) == (2, 1)


def test_helpers_are_named_once_and_give_their_opinion_once() -> None:
    asked = done(done(held(), Act.ASSIST, OPERATOR, helpers=(WAGES,)), Act.ASSIST, OPERATOR, helpers=(WAGES, "公安局"))
    assert asked.helpers == (WAGES, "公安局")
    assert done(asked, Act.OPINE, OTHER_OFFICE).helped == (WAGES,)


def test_the_citys_office_may_help_its_counties() -> None:
    assert done(held(helpers=(WAGES,)), Act.OPINE, replace(OTHER_OFFICE, region=CITY)).helped == (WAGES,)


def test_a_city_sends_on_to_its_district_and_a_district_to_its_street() -> None:
    city = replace(OFFICE, region=CITY)
    down = done(held(office_region=CITY), Act.REDISPATCH, city, department="城市管理局", region=REGION)
    assert (down.status, down.office_region) == (Status.DISPATCHED, REGION)
    street = done(down, Act.REDISPATCH, OFFICE, department="解放路街道办事处")
    assert (street.department, street.office_region) == ("解放路街道办事处", REGION)


def test_the_centre_transfers_anywhere_and_the_first_office_is_remembered() -> None:
    moved = done(held(first_department=OFFICE.department, received_at=NOW), Act.TRANSFER, OPERATOR, department="公安局", region=ELSEWHERE)
    assert (moved.status, moved.department, moved.office_region, moved.first_department, moved.received_at) == (
        Status.DISPATCHED, "公安局", ELSEWHERE, OFFICE.department, None)


def test_a_refusal_names_the_lawful_channel() -> None:
    refused = done(ticket(Status.ACCEPTED), Act.REFUSE, OPERATOR, note="法院已经受理", channel=Channel.LAWSUIT)
    assert (refused.channel, refused.answer, refused.closed_at) == (Channel.LAWSUIT, "法院已经受理", NOW)


def test_a_first_answer_is_first_contact() -> None:
    answered = done(ticket(), Act.ANSWER, OPERATOR, note="在一楼办", result=Result.EXPLAINED)
    assert (answered.answer, answered.first_contact, answered.closed_at, answered.late) == ("在一楼办", True, NOW, False)


@pytest.mark.parametrize(("status", "act", "by"), [(Status.HANDLING, Act.REPLY, OFFICE), (Status.ACCEPTED, Act.ANSWER, OPERATOR)])
def test_an_answer_is_late_from_the_deadline_on(status: Status, act: Act, by: Actor) -> None:
    assert done(held(status, due_at=NOW), act, by, result=Result.SOLVED).late
    assert not done(held(status, due_at=NOW + DAY), act, by, result=Result.SOLVED).late


def test_an_answer_that_was_sent_back_is_none() -> None:
    back = done(ticket(Status.REPLIED, answer="不归我管", result=Result.UNSOLVED, replied_at=NOW), Act.SEND_BACK, OPERATOR)
    assert (back.status, back.answer, back.result, back.replied_at) == (Status.HANDLING, None, None, None)


def test_a_return_that_is_denied_counts_as_received() -> None:
    assert done(held(Status.RETURNING, received_at=None), Act.DENY_RETURN, OPERATOR).received_at == NOW
    assert done(held(Status.RETURNING, received_at=NOW - DAY), Act.DENY_RETURN, OPERATOR).received_at == NOW - DAY


def test_a_rework_forgets_the_answer_and_keeps_the_rating() -> None:
    before = ticket(Status.RATED, answer="不归我管", result=Result.EXPLAINED, closed_at=NOW, replied_at=NOW, rating=Grade.BAD, content=False, tries=2,
                    card=Card.RED, late=True, first_contact=True, extended_days=3, paused_days=2)
    again = done(before, Act.REWORK, SYSTEM, days=3)
    assert (again.status, again.reworks, again.rating, again.content) == (Status.DISPATCHED, 1, Grade.BAD, None)
    assert (again.answer, again.result, again.replied_at, again.closed_at, again.card, again.late, again.first_contact) == (
        None, None, None, None, None, False, False)
    assert (again.started_at, again.term_days, again.extended_days, again.paused_days, again.tries) == (NOW, 3, 0, 0, 0)


@pytest.mark.parametrize(("act", "by"), [(Act.REPLY, OFFICE), (Act.TRANSFER, OPERATOR), (Act.WITHDRAW, CALLER)])
def test_a_request_for_time_ends_with_the_work_it_was_for(act: Act, by: Actor) -> None:
    for kind in (Pending.EXTENSION, Pending.SUSPENSION):
        assert done(held(pending=kind), act, by, result=Result.SOLVED, department="公安局").pending is None


def test_an_appeal_outlives_the_rework_and_ends_with_a_withdrawal() -> None:
    appealed = done(held(rating=Grade.BAD), Act.APPEAL, OFFICE)
    replied = done(appealed, Act.REPLY, OFFICE, result=Result.SOLVED)
    assert (appealed.appealed, replied.pending) == (True, Pending.APPEAL)
    granted, denied = (done(replied, act, SUPERVISOR) for act in (Act.GRANT_APPEAL, Act.DENY_APPEAL))
    assert [(one.pending, one.rating_excluded, one.rating) for one in (granted, denied)] == [(None, True, Grade.BAD), (None, False, Grade.BAD)]
    assert done(appealed, Act.WITHDRAW, CALLER).pending is None


@pytest.mark.parametrize(("due_at", "by_hours", "day"), [
    (moment("2026-11-13 00:00"), False, date(2026, 11, 12)), (moment("2026-11-06 00:00"), True, date(2026, 11, 6)),
    (moment("2026-11-06 10:00"), True, date(2026, 11, 6)), (None, False, None),
])
def test_the_last_day_is_told_in_shanghai_whatever_the_zone_of_the_moment(due_at: Any, by_hours: bool, day: date | None) -> None:
    assert ticket(due_at=due_at, by_hours=by_hours).due_on == day
    assert ticket(due_at=due_at and due_at.astimezone(timezone.utc), by_hours=by_hours).due_on == day


def test_the_trail_replays_to_the_ticket_without_any_policy() -> None:
    opened, trail = ticket(), []
    now = opened
    for act, by, particulars in ((Act.ACCEPT, SYSTEM, {}), (Act.DISPATCH, SYSTEM, {"due_at": NOW + DAY, "days": 5}), (Act.RECEIVE, OFFICE, {}),
                                 (Act.ASK_RETURN, OFFICE, {}), (Act.GRANT_RETURN, OPERATOR, {})):
        now, entry = now.perform(act, by=by, at=NOW, note="说明", details=Details(**particulars), bounds=Bounds(most_returns=1))
        trail.append(entry)
    assert (now.kept, now.status) == (True, Status.ACCEPTED)
    assert replay(opened, trail) == now


def test_particulars_survive_as_plain_values() -> None:
    every = Details("公安局", REGION, "路灯不亮", (WAGES,), 3, date(2026, 12, 1), Result.PARTLY, Grade.BAD, Channel.PETITION, "1", 2, True, False,
                    Card.RED, NOW, True, True)
    assert {one.name for one in fields(Details)} == set(every.to_dict())
    assert Details.from_dict(every.to_dict()) == every
    assert Details().to_dict() == {}


@pytest.mark.parametrize(("raw", "field"), [
    ({"days": 3, "no": 1}, "no"), ({"until": "soon"}, "until"), ({"grade": "还行"}, "grade"), ({"helpers": 3}, "helpers"),
])
def test_particulars_that_cannot_be_read_are_refused_by_name(raw: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidTicket) as invalid:
        Details.from_dict(raw)
    assert invalid.value.field == field


def test_neither_tickets_nor_trails_print_what_is_personal() -> None:
    entry: TrailEntry = held().perform(Act.SUPPLEMENT, by=CALLER, at=NOW, note="我叫王建国")[1]
    for shown in (repr(held(name="王建国", phone="13812345678", id_number="370102199001011231", answer="王建国您好", rating_reason="王建国")), repr(entry)):
        assert all(word not in shown for word in ("王建国", "13812345678", "370102199001011231", "路灯坏了"))


def test_a_reply_of_the_office_stops_its_clock() -> None:
    replied = done(held(), Act.REPLY, OFFICE, result=Result.SOLVED)
    assert (replied.running, replied.stopped_at, replied.due_at) == (False, NOW, NOW + 7 * DAY)
    assert done(held(), Act.MERGE, OPERATOR, lead="2").running is False
    assert replay(held(), [held().perform(Act.REPLY, by=OFFICE, at=NOW, note="已修好", details=SOLVED)[1]]).running is False
