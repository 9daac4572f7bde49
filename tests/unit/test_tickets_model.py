from dataclasses import replace
from datetime import date, datetime
from itertools import product

import pytest

from core.clock import SHANGHAI
from tickets.errors import InvalidTicket
from tickets.model import TRANSITIONS, Act, ActRefused, Grade, Role, Status, Ticket, TicketType, Urgency

AT = datetime(2026, 11, 5, 10, tzinfo=SHANGHAI)
TICKET = Ticket(number="2026110500000001", type=TicketType.HELP, text="路灯坏了", title="路灯坏了", category="路灯不亮",
                department="城市管理局", urgency=Urgency.GENERAL, due_on=date(2026, 11, 12), source_channel="web",
                opened_at=AT, changed_at=AT, request_digest="d")

# Written down apart from the table, so that a change of the table must be meant.
ALLOWED = {
    ("submitted", "accept"): ("accepted", "system operator supervisor"),
    ("accepted", "dispatch"): ("dispatched", "system operator supervisor"),
    ("accepted", "urge"): ("accepted", "caller operator"),
    ("accepted", "supplement"): ("accepted", "caller operator"),
    ("accepted", "withdraw"): ("withdrawn", "caller"),
    ("dispatched", "urge"): ("dispatched", "caller operator"),
    ("dispatched", "supplement"): ("dispatched", "caller operator"),
    ("dispatched", "withdraw"): ("withdrawn", "caller"),
    ("dispatched", "reply"): ("replied", "department"),
    ("replied", "supplement"): ("replied", "caller operator"),
    ("replied", "close"): ("closed", "operator supervisor"),
    ("closed", "rate"): ("closed", "caller"),
}


@pytest.mark.parametrize(("status", "act", "role"), list(product(Status, Act, Role)), ids=lambda value: value.value)
def test_only_what_the_table_lists_is_allowed(status: Status, act: Act, role: Role) -> None:
    ticket = replace(TICKET, status=status)
    note = "满意" if act is Act.RATE else "说明"
    target, roles = ALLOWED.get((status.value, act.value), ("", ""))
    if role.value in roles.split():
        after, entry = ticket.perform(act, by=role, at=AT, note=note)
        assert after.status.value == target
        assert (entry.source, entry.target, entry.act, entry.role) == (status, after.status, act, role)
        assert (after.version, entry.version, entry.at) == (ticket.version + 1, ticket.version + 1, AT)
    else:
        with pytest.raises(ActRefused) as refused:
            ticket.perform(act, by=role, at=AT, note=note)
        assert (refused.value.status, refused.value.act, refused.value.role) == (status, act, role)
        assert refused.value.code == "transition_refused"


def test_only_a_reply_leads_towards_closing() -> None:
    assert [key for key, rule in TRANSITIONS.items() if rule.target is Status.REPLIED and key[0] is not Status.REPLIED] == [
        (Status.DISPATCHED, Act.REPLY)]
    assert [key for key, rule in TRANSITIONS.items() if rule.target is Status.CLOSED and key[0] is not Status.CLOSED] == [
        (Status.REPLIED, Act.CLOSE)]


def test_a_withdrawn_ticket_is_at_rest() -> None:
    assert [act for status, act in TRANSITIONS if status is Status.WITHDRAWN] == []


def test_urging_counts_and_leaves_the_original_as_it_was() -> None:
    ticket = replace(TICKET, status=Status.DISPATCHED)
    once, _ = ticket.perform(Act.URGE, by=Role.CALLER, at=AT)
    twice, _ = once.perform(Act.URGE, by=Role.CALLER, at=AT)
    assert (ticket.urged, once.urged, twice.urged) == (0, 1, 2)


def test_a_reply_becomes_the_answer() -> None:
    after, _ = replace(TICKET, status=Status.DISPATCHED).perform(Act.REPLY, by=Role.DEPARTMENT, at=AT, note="已修好")
    assert after.answer == "已修好"


@pytest.mark.parametrize(("status", "act", "role", "field"), [
    (Status.DISPATCHED, Act.REPLY, Role.DEPARTMENT, "text"), (Status.DISPATCHED, Act.SUPPLEMENT, Role.CALLER, "text"),
    (Status.CLOSED, Act.RATE, Role.CALLER, "grade"),
], ids=["reply", "supplement", "rating"])
def test_an_act_that_needs_words_is_refused_without(status: Status, act: Act, role: Role, field: str) -> None:
    with pytest.raises(InvalidTicket) as invalid:
        replace(TICKET, status=status).perform(act, by=role, at=AT, note=" ")
    assert invalid.value.field == field


@pytest.mark.parametrize("grade", list(Grade), ids=lambda grade: grade.value)
def test_a_ticket_is_rated_once(grade: Grade) -> None:
    rated, _ = replace(TICKET, status=Status.CLOSED).perform(Act.RATE, by=Role.CALLER, at=AT, note=grade.value)
    assert rated.rating is grade
    with pytest.raises(ActRefused, match="只评价一次"):
        rated.perform(Act.RATE, by=Role.CALLER, at=AT, note="满意")


def test_a_ticket_does_not_print_personal_data() -> None:
    shown = repr(replace(TICKET, name="王建国", phone="13812345678"))
    assert "王建国" not in shown
    assert "13812345678" not in shown
    assert "路灯坏了" not in shown
