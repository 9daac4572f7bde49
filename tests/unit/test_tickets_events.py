"""What the world is told: one event for every act, one message for what concerns the caller, and nothing personal in either."""

import json
from dataclasses import replace
from datetime import date

import pytest

from tests.support.ticket_life import LAMP, OFFICE, OPERATOR, OTHER_OFFICE, SOLVED, SUPERVISOR, WAGES, Life, moment, ticket
from tickets.change import Change
from tickets.doing import CALLER, SYSTEM, Details, TrailEntry
from tickets.events import NAMES, Event, Notice, event
from tickets.vocabulary import Act, Card, Channel, Grade, Result, Role, Status, TicketType

SECRET = replace(LAMP, type=TicketType.REPORT, text="路灯坏了，钱进了谁的口袋", title="路灯坏了，钱进了谁的口袋", address="解放路12号3单元", who="张三", cause="贪污",
                 id_number="370102199001011231", confidential=True)
PERSONAL = ("王建国", "13812345678", "5678", "370102199001011231", "解放路", "口袋", "张三", "贪污", "三楼的老王", "已查实")


def changes(life: Life) -> list[Change]:
    return life.service.repository.changes  # type: ignore[attr-defined,no-any-return]


def events(life: Life) -> list[Event]:
    return [one for change in changes(life) for one in change.events if one.number == life.number]


def notices(life: Life) -> list[Notice]:
    return [one for change in changes(life) for one in change.notices if one.number == life.number]


def whole_life(new=SECRET) -> Life:  # type: ignore[no-untyped-def]
    """A life with nearly everything in it."""
    life = Life(new=new)
    life.do(Act.ASK_RETURN).do(Act.GRANT_RETURN, OPERATOR).do(Act.DISPATCH, OPERATOR).do(Act.ASSIST, OPERATOR, helpers=(WAGES,))
    life.do(Act.RECEIVE).do(Act.OPINE, OTHER_OFFICE).do(Act.HANDLE).do(Act.ASK_CALLER).do(Act.SUPPLEMENT, CALLER, note="我是三楼的老王")
    life.do(Act.URGE, CALLER).do(Act.ASK_EXTENSION, days=2).do(Act.GRANT_EXTENSION, OPERATOR)
    life.do(Act.ASK_SUSPENSION, until=date(2026, 11, 9)).do(Act.GRANT_SUSPENSION, SUPERVISOR).on("2026-11-09 00:00").wake()
    life.on("2026-11-20 00:00").wake().do(Act.REPLY, details=SOLVED, note="已查实").do(Act.SEND_BACK, OPERATOR).do(Act.REPLY, details=SOLVED, note="已查实")
    return life.do(Act.APPROVE, OPERATOR).do(Act.RATE, CALLER, note="我是三楼的老王", grade=Grade.BAD).do(Act.APPEAL).do(Act.DENY_APPEAL, SUPERVISOR)


def test_every_act_is_told_once_in_order_under_an_id_of_its_own() -> None:
    life = whole_life()
    told = events(life)
    assert [one.id for one in told] == [f"{life.number}-{version}" for version in range(life.ticket.version + 1)]
    assert [one.payload["version"] for one in told] == list(range(life.ticket.version + 1))
    assert [one.payload.get("act") for one in told] == [None, *(act.value for act in life.acts)]
    assert {one.name for one in told} <= NAMES
    assert (told[0].name, told[-1].name) == ("ticket.opened", "ticket.appeal_denied")


@pytest.mark.parametrize("act", list(Act), ids=lambda act: act.value)
def test_every_act_has_a_name(act: Act) -> None:
    here = ticket(Status.HANDLING)
    told = event(here, here, TrailEntry(here.number, 1, act, Role.OPERATOR, here.opened_at, here.status, here.status))
    assert told.name in NAMES
    assert told.name.isascii()


@pytest.mark.parametrize(("card", "name"), [(Card.YELLOW, "ticket.due_soon"), (Card.RED, "ticket.overdue")])
def test_a_card_is_told_by_what_it_means(card: Card, name: str) -> None:
    life = Life()
    after, entry = life.ticket.perform(Act.WARN, by=SYSTEM, at=life.at, details=Details(card=card))
    told = event(life.ticket, after, entry)
    assert (told.name, told.payload["card"]) == (name, card.value)


def test_a_message_told_again_is_the_same_message() -> None:
    life = Life()
    after, entry = life.ticket.perform(Act.RECEIVE, by=OFFICE, at=life.at)
    assert event(life.ticket, after, entry) == event(life.ticket, life.ticket.after(entry), entry)
    ids = [one.id for one in notices(whole_life())]
    assert len(ids) == len(set(ids))


def test_events_and_notices_hold_nothing_personal() -> None:
    life = whole_life()
    for told in (json.dumps([dict(one.payload) for one in events(life)], ensure_ascii=False), repr(notices(life))):
        assert [word for word in PERSONAL if word in told] == []


def test_a_payload_is_plain_json() -> None:
    for one in events(whole_life()):
        assert json.loads(json.dumps(dict(one.payload))) == dict(one.payload)


def test_a_result_is_told_only_once_it_is_approved() -> None:
    life = Life().answered().do(Act.SEND_BACK, OPERATOR).do(Act.REPLY, details=SOLVED).do(Act.APPROVE, OPERATOR)
    results = {one.name: one.payload["result"] for one in events(life)}
    assert (results["ticket.answered"], results["ticket.sent_back"], results["ticket.closed"]) == (None, None, Result.SOLVED.value)


def test_the_caller_hears_what_concerns_him() -> None:
    assert [one.template for one in notices(whole_life())] == ["opened", "asked", "extended", "suspended", "closed", "reworked"]


@pytest.mark.parametrize(("end", "templates"), [
    ("withdrawn", ["opened"]), ("refused", ["opened", "refused"]), ("merged", ["opened", "merged", "closed"]),
])
def test_every_end_is_told_in_its_own_words(end: str, templates: list[str]) -> None:
    life = Life()
    if end == "withdrawn":
        life.do(Act.WITHDRAW, CALLER)
    elif end == "refused":
        life.do(Act.ASK_RETURN).do(Act.GRANT_RETURN, OPERATOR).do(Act.REFUSE, OPERATOR, channel=Channel.LAWSUIT)
    else:
        lead = Life(life.service)
        life.do(Act.MERGE, OPERATOR, lead=lead.number)
        lead.closed()
    assert [one.template for one in notices(life)] == templates


def test_without_a_number_nobody_is_written_to() -> None:
    assert notices(whole_life(replace(SECRET, anonymous=True))) == []


def test_a_change_knows_the_version_that_it_was_made_on_and_when_to_look_again() -> None:
    first, second = changes(Life().do(Act.RECEIVE))
    assert (first.before, first.ticket.version, first.wake_at) == (-1, 2, moment("2026-11-11 00:00"))
    assert (second.before, second.ticket.version, [entry.version for entry in second.entries]) == (2, 3, [3])
    assert all(isinstance(entry, TrailEntry) for change in (first, second) for entry in change.entries)
