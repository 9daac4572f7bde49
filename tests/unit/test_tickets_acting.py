"""What follows from an act, in the same unit of work: for the ticket itself, for those merged into it, and for whoever was faster."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.support.fake_tickets import FakeTickets
from tests.support.ticket_life import (
    LAMP,
    OFFICE,
    OPERATOR,
    OTHER_OFFICE,
    POLICY,
    SOLVED,
    SUPERVISOR,
    WAGES,
    Life,
    as_opened,
    moment,
    ticket_service,
)
from tickets.acting import TRIES
from tickets.doing import CALLER
from tickets.errors import InvalidTicket, TicketBusy, TicketNotFound
from tickets.load import Term
from tickets.model import ActRefused, replay
from tickets.vocabulary import Act, Card, Channel, Grade, Pending, Queue, Result, Role, Status, TicketType, Urgency


def merged(children: int = 1) -> tuple[Life, list[Life]]:
    """A lead ticket with others merged into it."""
    lead = Life()
    others = [Life(lead.service).do(Act.MERGE, OPERATOR, lead=lead.number) for _ in range(children)]
    return lead, others


def follow_ups(life: Life) -> list[str]:
    return [number for number, one in life.service.repository.tickets.items() if one.parent == life.number]  # type: ignore[attr-defined]


def test_an_approved_answer_closes_the_ticket_in_the_same_breath() -> None:
    life = Life().answered().do(Act.APPROVE, OPERATOR)
    assert (life.ticket.status, life.ticket.answer, life.ticket.closed_at) == (Status.CLOSED, "已修好", life.at)
    assert life.acts[-2:] == [Act.APPROVE, Act.CLOSE]
    assert [entry.role for entry in life.service.trail(life.number)][-2:] == [Role.OPERATOR, Role.SYSTEM]


@pytest.mark.parametrize("said", ["on the phone", "by a grade"])
def test_who_is_dissatisfied_gets_it_done_again_once_and_then_it_is_supervised(said: str) -> None:
    life = Life().closed()
    life.do(Act.FOLLOW_UP, OPERATOR, reached=True, content=False) if said == "on the phone" else life.do(Act.RATE, CALLER, grade=Grade.BAD)
    assert (life.ticket.status, life.ticket.reworks, life.ticket.supervision) == (Status.DISPATCHED, 1, 0)
    assert (life.ticket.due_on, life.ticket.term_days, life.ticket.running) == (date(2026, 11, 10), 3, True)
    life.closed().do(Act.FOLLOW_UP, OPERATOR, reached=True, content=False)
    assert (life.ticket.status, life.ticket.reworks, life.ticket.supervision) == (Status.FOLLOWED_UP, 1, 1)
    assert life.acts[-2:] == [Act.FOLLOW_UP, Act.SUPERVISE]


@pytest.mark.parametrize("content", [True, None])
def test_who_is_content_or_not_reached_has_nothing_done_again(content: bool | None) -> None:
    life = Life().closed()
    for _ in range(1 if content else 3):
        life.do(Act.FOLLOW_UP, OPERATOR, reached=bool(content), content=content)
        life.at += timedelta(hours=4)
    assert (life.ticket.status, life.ticket.content, life.acts[-1]) == (Status.FOLLOWED_UP, content, Act.FOLLOW_UP)


def test_after_three_tries_the_caller_counts_as_not_reached() -> None:
    life = Life().closed()
    told = []
    for _ in range(3):
        life.do(Act.FOLLOW_UP, OPERATOR, reached=False)
        told.append((life.ticket.status, life.ticket.tries, life.ticket.reached))
        if len(told) < 3:
            with pytest.raises(ActRefused, match="过一会儿"):
                life.do(Act.FOLLOW_UP, OPERATOR, reached=False)
        life.at += timedelta(hours=4)
    assert told == [(Status.CLOSED, 1, False), (Status.CLOSED, 2, False), (Status.FOLLOWED_UP, 3, False)]
    with pytest.raises(ActRefused):
        life.do(Act.FOLLOW_UP, OPERATOR, reached=True, content=True)
    assert life.do(Act.RATE, CALLER, grade=Grade.FAIR).ticket.status is Status.RATED


def test_a_red_card_is_supervised() -> None:
    life = Life().on("2026-11-11 00:00").wake()
    assert (life.ticket.card, life.ticket.supervision) == (Card.YELLOW, 0)
    life.on("2026-11-13 00:00").wake()
    assert (life.ticket.card, life.ticket.supervision, life.acts[-2:]) == (Card.RED, 1, [Act.WARN, Act.SUPERVISE])


def test_a_red_card_at_the_highest_level_raises_nothing() -> None:
    life = Life().do(Act.SUPERVISE, SUPERVISOR, level=3).on("2026-11-13 00:00").wake()
    assert (life.ticket.card, life.ticket.supervision, life.acts[-1]) == (Card.RED, 3, Act.WARN)


@pytest.mark.parametrize("grade", [Grade.BAD, Grade.VERY_BAD])
def test_a_bad_grade_is_called_back_within_one_working_day(grade: Grade) -> None:
    life = Life().on("2026-11-06 10:00").closed().do(Act.RATE, CALLER, note="没人来", grade=grade)
    [number] = follow_ups(life)
    opened = life.service.repository.find(number)
    assert opened is not None
    assert (opened.queue, opened.parent, opened.status, opened.due_on) == (Queue.RATING, life.number, Status.ACCEPTED, date(2026, 11, 9))
    assert opened.running  # the centre sees to it itself: no office has it, and its clock runs
    assert (opened.phone, opened.name, opened.department) == (LAMP.phone, LAMP.name, "区县12345热线受理中心")
    assert all(word in opened.text for word in (life.number, grade.value, "没人来"))


@pytest.mark.parametrize(("new", "grade"), [
    (LAMP, Grade.FAIR), (LAMP, Grade.VERY_GOOD), (replace(LAMP, phone=None), Grade.BAD), (replace(LAMP, anonymous=True), Grade.VERY_BAD),
], ids=["fair", "very good", "no number to call", "anonymous"])
def test_nobody_is_called_back_who_is_content_or_left_no_number(new, grade: Grade) -> None:  # type: ignore[no-untyped-def]
    life = Life(new=new).closed().do(Act.RATE, CALLER, grade=grade)
    assert follow_ups(life) == []


def test_a_reporter_stays_hidden_in_the_call_back_about_his_rating() -> None:
    life = Life(new=replace(LAMP, type=TicketType.REPORT)).closed().do(Act.RATE, CALLER, note="我是三楼的", grade=Grade.BAD)
    opened = life.service.repository.find(follow_ups(life)[0])
    assert opened is not None
    assert (opened.confidential, "三楼" in opened.text) == (True, False)


def test_nobody_can_keep_a_bad_rating_out_by_taking_its_request_beforehand() -> None:
    life = Life()
    Life(life.service, replace(LAMP, request_id=f"rating-{life.number}", text="别的事"))
    life.closed().do(Act.RATE, CALLER, grade=Grade.BAD)
    assert len(follow_ups(life)) == 1


def test_a_merged_ticket_runs_no_clock_and_is_answered_with_its_lead() -> None:
    lead, (child, other) = merged(2)
    assert (child.ticket.status, child.ticket.lead, child.ticket.running, child.ticket.stopped_at) == (Status.MERGED, lead.number, False, child.at)
    child.on("2026-12-30 00:00").wake()
    assert (child.ticket.card, child.ticket.supervision) == (None, 0)
    lead.closed()
    for one in (child, other):
        assert (one.ticket.status, one.ticket.answer, one.ticket.result, one.ticket.late) == (Status.CLOSED, "已修好", Result.SOLVED, False)
        assert one.acts[-1] is Act.FOLLOW_LEAD
    assert child.do(Act.RATE, CALLER, grade=Grade.GOOD).ticket.status is Status.RATED


def test_a_lead_that_is_answered_at_once_answers_its_children_too() -> None:
    lead, (child,) = merged()
    lead.do(Act.ASK_RETURN).do(Act.GRANT_RETURN, OPERATOR).do(Act.ANSWER, OPERATOR, note="已移交市里", result=Result.EXPLAINED)
    assert (child.ticket.status, child.ticket.answer, child.ticket.result) == (Status.CLOSED, "已移交市里", Result.EXPLAINED)


@pytest.mark.parametrize("end", ["withdrawn", "refused"])
def test_children_go_on_alone_when_their_lead_ends_without_an_answer(end: str) -> None:
    lead, (child,) = merged()
    lead.do(Act.ASK_RETURN).on("2026-11-10 10:00")
    if end == "withdrawn":
        lead.do(Act.WITHDRAW, CALLER)
    else:
        lead.do(Act.GRANT_RETURN, OPERATOR).do(Act.REFUSE, OPERATOR, channel=Channel.PETITION)
    freed = child.ticket
    assert (freed.status, freed.lead, freed.running, freed.department) == (Status.DISPATCHED, None, True, OFFICE.department)
    assert child.acts[-2:] == [Act.UNMERGE, Act.DISPATCH]
    assert (freed.paused_days, freed.due_on) == (3, date(2026, 11, 17))


def test_a_child_can_be_taken_out_and_withdrawn_by_its_own_caller() -> None:
    _, (child, other) = merged(2)
    assert child.do(Act.UNMERGE, OPERATOR).ticket.status is Status.ACCEPTED
    assert other.do(Act.WITHDRAW, CALLER).ticket.status is Status.WITHDRAWN


def test_a_ticket_is_merged_only_into_one_that_is_being_worked_on() -> None:
    lead, (child,) = merged()
    single = Life(lead.service)
    for number in ("2026110599999999", child.number, Life(lead.service).closed().number):
        with pytest.raises(InvalidTicket, match="主工单没有找到") as invalid:
            single.do(Act.MERGE, OPERATOR, lead=number)
        assert invalid.value.field == "lead"
    with pytest.raises(InvalidTicket, match="已经有别的工单"):
        lead.do(Act.MERGE, OPERATOR, lead=single.number)


def test_after_the_second_return_whoever_had_it_first_keeps_it() -> None:
    life = Life()
    first = life.ticket.department
    life.do(Act.ASK_RETURN).do(Act.GRANT_RETURN, OPERATOR)
    assert (life.ticket.returns, life.ticket.kept, life.ticket.status) == (1, False, Status.ACCEPTED)
    life.do(Act.DISPATCH, OPERATOR, department="燃气办").do(Act.ASK_RETURN, replace(OFFICE, department="燃气办")).do(Act.GRANT_RETURN, OPERATOR)
    assert (life.ticket.returns, life.ticket.kept, life.ticket.status, life.ticket.department) == (2, True, Status.DISPATCHED, first)
    with pytest.raises(ActRefused, match="不能再退"):
        life.do(Act.ASK_RETURN)


def test_a_lead_notes_its_children_so_that_nobody_ends_it_without_having_seen_them() -> None:
    life = Life()
    child = Life(life.service)
    version = life.ticket.version
    child.do(Act.MERGE, OPERATOR, lead=life.number)
    assert (life.ticket.version, life.ticket.status) == (version + 1, Status.DISPATCHED)
    other = Life(life.service)
    with pytest.raises(InvalidTicket, match="主工单"):
        other.do(Act.MERGE, OPERATOR, lead=child.number)
    with pytest.raises(InvalidTicket, match="已经有别的工单"):
        life.do(Act.MERGE, OPERATOR, lead=other.number)


def test_a_denied_return_does_not_count_and_a_late_one_is_refused() -> None:
    life = Life().do(Act.ASK_RETURN).do(Act.DENY_RETURN, OPERATOR)
    assert (life.ticket.returns, life.ticket.status, life.ticket.received_at) == (0, Status.RECEIVED, life.at)
    assert life.on("2026-11-09 23:59").do(Act.ASK_RETURN).do(Act.DENY_RETURN, OPERATOR).ticket.kept is False
    with pytest.raises(ActRefused, match="过了退单期限"):
        life.on("2026-11-10 00:00").do(Act.ASK_RETURN)


@pytest.mark.parametrize(("decision", "excluded"), [(Act.GRANT_APPEAL, True), (Act.DENY_APPEAL, False)])
def test_a_department_appeals_a_bad_rating_once_even_while_it_does_the_work_again(decision: Act, excluded: bool) -> None:
    life = Life().closed().do(Act.RATE, CALLER, grade=Grade.BAD)
    assert life.ticket.status is Status.DISPATCHED
    life.do(Act.APPEAL)
    assert life.ticket.pending is Pending.APPEAL
    with pytest.raises(ActRefused):
        life.do(decision, OPERATOR)
    life.do(decision, SUPERVISOR)
    assert (life.ticket.pending, life.ticket.rating_excluded, life.ticket.rating) == (None, excluded, Grade.BAD)
    with pytest.raises(ActRefused, match="已经申诉过"):
        life.do(Act.APPEAL)


def test_a_ticket_changed_by_others_is_read_again_and_given_up_after_some_tries() -> None:
    repository = FakeTickets()
    life = Life(ticket_service(repository))
    repository.overtaken = TRIES - 1
    assert life.do(Act.URGE, CALLER).ticket.urged == 1
    repository.overtaken = TRIES
    with pytest.raises(TicketBusy):
        life.do(Act.URGE, CALLER)
    assert life.ticket.urged == 1


def test_an_overtaken_act_is_checked_against_the_newer_ticket() -> None:
    life = Life()
    repository = life.service.repository
    real, others = repository.save, [Act.WITHDRAW]

    def overtaken(*changes) -> None:  # type: ignore[no-untyped-def]
        while others:
            life.do(others.pop(), CALLER)
        real(*changes)

    repository.save = overtaken  # type: ignore[method-assign]
    with pytest.raises(ActRefused, match="已撤销"):
        life.do(Act.RECEIVE)
    assert life.acts[-1] is Act.WITHDRAW


def test_of_two_schedulers_one_is_too_late_and_says_nothing() -> None:
    repository = FakeTickets()
    life = Life(ticket_service(repository)).on("2026-11-11 00:00")
    repository.overtaken = 1
    assert life.service.acting.wake(life.number, life.at) is None
    assert life.service.acting.wake(life.number, life.at) is not None
    assert life.service.acting.wake(life.number, life.at) is None
    assert life.acts.count(Act.WARN) == 1


def test_an_unknown_ticket_is_not_acted_on_and_not_woken() -> None:
    acting = ticket_service().acting
    with pytest.raises(TicketNotFound):
        acting.act("2026110599999999", Act.URGE, by=CALLER, at=moment("2026-11-05 10:00"))
    assert acting.wake("2026110599999999", moment("2026-11-05 10:00")) is None
    assert acting.reschedule("2026110599999999", moment("2026-11-05 10:00")) is False


def test_nobody_sets_what_only_the_calendar_and_the_policy_know() -> None:
    life = Life().do(Act.RECEIVE, due_at=moment("2030-01-01 00:00"), by_hours=True, last=True)
    assert (life.ticket.due_on, life.ticket.by_hours) == (date(2026, 11, 12), False)
    life.do(Act.ASK_RETURN).do(Act.GRANT_RETURN, OPERATOR, last=True)
    assert life.ticket.kept is False


def test_all_that_follows_is_stored_at_once_and_the_trail_replays_to_it() -> None:
    lead, (child,) = merged()
    repository = lead.service.repository
    stored: list[int] = []
    real = repository.save

    def counted(*changes) -> None:  # type: ignore[no-untyped-def]
        stored.append(len(changes))
        real(*changes)

    repository.save = counted  # type: ignore[method-assign]
    lead.closed()
    assert stored == [1, 1, 2]
    for life in (lead, child):
        first = next(change.ticket for change in repository.changes if change.ticket.number == life.number)  # type: ignore[attr-defined]
        assert replay(as_opened(first), life.service.trail(life.number)) == life.ticket


def test_local_policy_may_allow_no_rework_at_all() -> None:
    service = ticket_service()
    strict = replace(service.policy, bounds=replace(service.policy.bounds, reworks=0), rework=Term(working_days=1))
    life = Life(replace(service, policy=strict)).closed().do(Act.FOLLOW_UP, OPERATOR, reached=True, content=False)
    assert (life.ticket.status, life.ticket.reworks, life.ticket.supervision) == (Status.FOLLOWED_UP, 0, 1)


def test_urgent_work_is_done_again_even_faster() -> None:
    life = Life(new=replace(LAMP, text="路灯坏了，还漏电")).closed().do(Act.RATE, CALLER, grade=Grade.VERY_BAD)
    assert (life.ticket.urgency, life.ticket.by_hours, life.ticket.due_at) == (Urgency.CRITICAL, True, moment("2026-11-05 22:00"))


def test_helpers_add_their_opinion_while_the_lead_office_answers() -> None:
    life = Life().do(Act.ASSIST, OPERATOR, helpers=(WAGES,)).do(Act.OPINE, OTHER_OFFICE)
    with pytest.raises(ActRefused, match="不由您单位主办"):
        life.do(Act.RECEIVE, OTHER_OFFICE)
    assert life.do(Act.RECEIVE).do(Act.REPLY, details=SOLVED).ticket.helped == (WAGES,)


def test_only_a_supervisor_has_work_done_a_third_time_and_what_is_supervised_is_not_filed_by_time() -> None:
    life = Life().closed().do(Act.FOLLOW_UP, OPERATOR, reached=True, content=False).do(Act.RECEIVE).do(Act.REPLY, details=SOLVED)
    life.do(Act.APPROVE, OPERATOR).do(Act.FOLLOW_UP, OPERATOR, reached=True, content=False)
    assert (life.ticket.status, life.ticket.supervision) == (Status.FOLLOWED_UP, 1)
    life.at += timedelta(days=60)
    assert life.wake().ticket.status is Status.FOLLOWED_UP
    with pytest.raises(ActRefused, match="督办"):
        life.do(Act.REWORK, OPERATOR)
    assert life.do(Act.REWORK, SUPERVISOR).ticket.status is Status.DISPATCHED


def test_an_office_sends_down_never_sideways_but_a_districts_centre_sends_within_it() -> None:
    life = Life()
    with pytest.raises(ActRefused, match="下级"):
        life.do(Act.REDISPATCH, department="文化和旅游局")
    assert life.do(Act.REDISPATCH, department="解放路街道办事处").ticket.department == "解放路街道办事处"
    centre = POLICY.backstop.department
    life = Life().do(Act.TRANSFER, OPERATOR, department=centre)
    assert life.do(Act.REDISPATCH, replace(OFFICE, department=centre), department="文化和旅游局").ticket.department == "文化和旅游局"


def test_the_caller_is_asked_twice_at_most_and_his_question_is_kept_until_he_answers() -> None:
    life = Life().do(Act.RECEIVE).do(Act.ASK_CALLER, note="哪一盏灯？")
    assert life.ticket.question == "哪一盏灯？"
    assert life.do(Act.SUPPLEMENT, CALLER, note="门口那盏").ticket.question is None
    life.do(Act.ASK_CALLER).do(Act.RESUME)
    with pytest.raises(ActRefused, match="最多"):
        life.do(Act.ASK_CALLER)


def test_a_lead_s_caller_stays_unknown_to_those_merged_into_it() -> None:
    lead, child = Life(), None
    child = Life(lead.service, new=replace(LAMP, phone="13800001111", name="李四")).do(Act.MERGE, OPERATOR, lead=lead.number)
    lead.do(Act.RECEIVE).do(Act.REPLY, details=SOLVED, note=f"已联系{LAMP.name}先生，电话13812345678，修好了").do(Act.APPROVE, OPERATOR)
    assert child.ticket.status is Status.CLOSED
    assert not [secret for secret in (LAMP.name, "13812345678") if secret in (child.ticket.answer or "")]
    hidden = Life(lead.service, new=replace(LAMP, type=TicketType.REPORT))
    other = Life(lead.service, new=replace(LAMP, phone="13800002222", name="赵六")).do(Act.MERGE, OPERATOR, lead=hidden.number)
    hidden.do(Act.RECEIVE).do(Act.REPLY, details=SOLVED, note="幸福小区王家的事查实了").do(Act.APPROVE, OPERATOR)
    assert "王家" not in (other.ticket.answer or "") and "已解决" in (other.ticket.answer or "")


def test_a_yellow_card_for_an_earlier_day_is_taken_back_when_the_day_moves() -> None:
    life = Life().do(Act.RECEIVE).on("2026-11-11 00:00").wake()
    assert life.ticket.card is Card.YELLOW
    life.do(Act.ASK_CALLER)
    life.at += timedelta(days=4)
    life.do(Act.SUPPLEMENT, CALLER)
    assert life.ticket.card is None
    assert life.wake().ticket.card is Card.YELLOW
    assert life.acts.count(Act.WARN) == 2
