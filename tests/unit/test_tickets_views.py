"""Who sees which tickets, and what of the caller."""

from dataclasses import fields, replace
from typing import Any

import pytest

from tests.support.ticket_life import CITY, ELSEWHERE, NOW, OFFICE, OPERATOR, OTHER_OFFICE, REGION, SUPERVISOR, WAGES, ticket
from tickets.doing import CALLER, SYSTEM, Actor, Details
from tickets.views import answer_for_caller, entry_seen_by, hides_caller, may_see, seen_by
from tickets.vocabulary import Act, Grade, Role, Status, TicketType

CENTRE = (SYSTEM, OPERATOR, SUPERVISOR, Actor(Role.ADMIN))
KNOWN: dict[str, Any] = {"name": "王建国", "phone": "13812345678", "id_number": "370102199001011231", "rating_reason": "我是三楼的"}
HIDDEN = [{"type": TicketType.REPORT}, {"confidential": True}, {"anonymous": True}, {"type": TicketType.REPORT, "confidential": False}]


@pytest.mark.parametrize(("actor", "sees"), [
    *((one, True) for one in CENTRE), (OFFICE, True), (replace(OFFICE, region=ELSEWHERE), False), (replace(OFFICE, region=CITY), False),
    (replace(OFFICE, region=None), False), (OTHER_OFFICE, False), (Actor(Role.DEPARTMENT), False), (Actor(Role.EDITOR), False), (CALLER, False),
], ids=lambda value: f"{value.role.value} {value.department} {value.region}" if isinstance(value, Actor) else "")
def test_a_department_sees_its_own_tickets_only(actor: Actor, sees: bool) -> None:
    assert may_see(ticket(), actor) is sees


@pytest.mark.parametrize(("region", "office_region", "helper", "sees"), [
    (REGION, REGION, REGION, True), (REGION, REGION, CITY, True), (REGION, REGION, "370000", True), (REGION, CITY, REGION, True),
    (REGION, REGION, ELSEWHERE, False), (REGION, REGION, "370200", False), (REGION, CITY, ELSEWHERE, False), (REGION, REGION, None, False),
    (None, None, None, True), (None, None, REGION, False),
], ids=["of the same county", "of its city", "of the province", "of the county where it is", "of another county", "of another city",
        "of a county of the same city", "of nowhere", "nobody knows where", "of a county, of a matter of nowhere"])
def test_a_helper_sees_it_where_the_matter_is(region: str | None, office_region: str | None, helper: str | None, sees: bool) -> None:
    asked = ticket(region=region, office_region=office_region, helpers=(WAGES,))
    assert may_see(asked, replace(OTHER_OFFICE, region=helper)) is sees


def test_whoever_lost_a_ticket_sees_it_no_more() -> None:
    moved, _ = ticket(Status.HANDLING).perform(Act.TRANSFER, by=OPERATOR, at=NOW, note="不归他管", details=Details(department=WAGES))
    assert (may_see(moved, OFFICE), may_see(moved, OTHER_OFFICE)) == (False, True)


@pytest.mark.parametrize("fields_", HIDDEN, ids=["a report", "asked for it", "anonymous", "a report that need not be confidential"])
def test_departments_do_not_learn_who_a_hidden_caller_is(fields_: dict[str, Any]) -> None:
    hidden = ticket(**KNOWN, **fields_)
    assert hides_caller(hidden)
    shown = seen_by(hidden, OFFICE)
    assert [getattr(shown, name) for name in KNOWN] == [None] * len(KNOWN)
    same = [one.name for one in fields(shown) if one.name not in KNOWN]
    assert [getattr(shown, name) for name in same] == [getattr(hidden, name) for name in same]


@pytest.mark.parametrize("actor", CENTRE, ids=lambda one: one.role.value)
@pytest.mark.parametrize("fields_", HIDDEN)
def test_the_centre_calls_hidden_callers_back_and_so_knows_them(actor: Actor, fields_: dict[str, Any]) -> None:
    hidden = ticket(**KNOWN, **fields_)
    assert seen_by(hidden, actor) == hidden


def test_who_asks_for_nothing_is_shown_to_the_office_that_must_call_him() -> None:
    assert seen_by(ticket(**KNOWN), OFFICE) == ticket(**KNOWN)


def test_the_trail_gives_no_hidden_caller_away() -> None:
    hidden = ticket(closed_at=NOW, confidential=True)
    _, rated = replace(hidden, status=Status.CLOSED).perform(Act.RATE, by=Actor(Role.CALLER, "13812345678"), at=NOW, note="我是三楼的",
                                                          details=Details(grade=Grade.BAD))
    shown = entry_seen_by(rated, hidden, OFFICE)
    assert (shown.note, shown.actor, shown.details.grade) == ("", "", Grade.BAD)
    assert entry_seen_by(rated, hidden, SUPERVISOR) == rated


def test_the_caller_hears_an_answer_once_it_stands() -> None:
    assert answer_for_caller(ticket(answer="已修好")) is None
    assert answer_for_caller(ticket(answer="已修好", closed_at=NOW)) == "已修好"
