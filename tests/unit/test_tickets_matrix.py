"""Every act in every status by every role, against the rules as they are written down here, apart from the table of the product."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from tests.support.ticket_life import DAY, NOW, OFFICE, SOLVED, ticket
from tickets.doing import Actor, Details
from tickets.model import ActRefused, Ticket
from tickets.transitions import TRANSITIONS, open_to, roles_for
from tickets.vocabulary import Act, Card, Channel, Grade, Pending, Result, Role, Status

# Who may do what, when, and where it leads ("=": the status stays). Roles: c caller, s system, o operator, d department, v supervisor.
RULES = """
accept            submitted                                                     accepted     s o v
dispatch          accepted                                                      dispatched   s o v
receive           dispatched                                                    received     d
handle            received handling                                             handling     d
reply             received handling                                             replied      d
approve           replied                                                       reviewed     o v
send_back         replied                                                       handling     o v
close             reviewed                                                      closed       s o v
follow_up         closed                                                        followed_up  o v
rate              closed followed_up                                            rated        c
archive           closed followed_up rated refused withdrawn                    archived     s o v
answer            submitted accepted                                            closed       s o v
answer            dispatched                                                    closed       o v
refuse            submitted accepted dispatched                                 refused      o v
redispatch        dispatched received handling                                  dispatched   d o v
transfer          dispatched received handling                                  dispatched   o v
assist            dispatched received handling                                  =            o v
opine             dispatched received handling                                  =            d
ask_return        dispatched received                                           returning    d
grant_return      returning                                                     accepted     o v
deny_return       returning                                                     received     o v
ask_extension     received handling                                             =            d
grant_extension   received handling                                             =            o v
deny_extension    received handling                                             =            o v
ask_suspension    received handling                                             =            d
grant_suspension  received handling                                             suspended    v
deny_suspension   received handling                                             =            v
ask_caller        received handling                                             waiting      d o
resume            suspended                                                     handling     s d v
resume            waiting                                                       handling     s d o
warn              accepted dispatched returning received handling               =            s
reschedule        accepted dispatched returning received handling               =            s
urge              accepted dispatched received handling returning waiting suspended merged   =   c o
supplement        accepted dispatched received handling returning suspended replied merged   =   c o
supplement        waiting                                                       handling     c o
withdraw          submitted accepted dispatched received handling returning waiting suspended merged   withdrawn   c
rework            followed_up rated                                             dispatched   s o v
appeal            dispatched received handling replied closed followed_up rated =            d
grant_appeal      dispatched received handling replied closed followed_up rated =            v
deny_appeal       dispatched received handling replied closed followed_up rated =            v
supervise         accepted dispatched received handling returning waiting suspended replied closed followed_up rated   =   s v
merge             accepted dispatched received handling waiting                 merged       o v
adopt             submitted accepted dispatched received handling returning waiting suspended replied reviewed   =   s
unmerge           merged                                                        accepted     s o v
follow_lead       merged                                                        closed       s
"""
_LETTERS = {"c": Role.CALLER, "s": Role.SYSTEM, "o": Role.OPERATOR, "d": Role.DEPARTMENT, "v": Role.SUPERVISOR}


def _read(rules: str) -> dict[tuple[Status, Act], tuple[Status, frozenset[Role]]]:
    found = {}
    for line in rules.strip().splitlines():
        act, *words = line.split()
        roles = frozenset(_LETTERS[word] for word in words if word in _LETTERS)
        *statuses, target = [word for word in words if word not in _LETTERS]
        for name in statuses:
            source = Status(name)
            found[source, Act(act)] = (source if target == "=" else Status(target), roles)
    return found


ALLOWED = _read(RULES)

# What an act says and what must be so before it, beside the status.
SAID = {Act.REDISPATCH: Details(department="解放路街道办事处"), Act.TRANSFER: Details(department="公安局"), Act.ASSIST: Details(helpers=("公安局",)),
        Act.REPLY: SOLVED, Act.ANSWER: SOLVED, Act.FOLLOW_LEAD: SOLVED, Act.REFUSE: Details(channel=Channel.LAWSUIT),
        Act.RATE: Details(grade=Grade.GOOD), Act.ASK_EXTENSION: Details(days=3), Act.ASK_SUSPENSION: Details(until=date(2026, 12, 1)),
        Act.FOLLOW_UP: Details(reached=True, content=True), Act.SUPERVISE: Details(level=1), Act.MERGE: Details(lead="2026110500000002"),
        Act.WARN: Details(card=Card.YELLOW), Act.RESCHEDULE: Details(due_at=NOW + 9 * DAY)}
BEFORE = {Act.OPINE: {"helpers": (OFFICE.department,)}, Act.REWORK: {"content": False}, Act.APPEAL: {"rating": Grade.BAD},
          **{act: {"pending": Pending.EXTENSION, "asked_days": 3} for act in (Act.GRANT_EXTENSION, Act.DENY_EXTENSION)},
          **{act: {"pending": Pending.SUSPENSION} for act in (Act.GRANT_SUSPENSION, Act.DENY_SUSPENSION)},
          **{act: {"pending": Pending.APPEAL, "rating": Grade.BAD} for act in (Act.GRANT_APPEAL, Act.DENY_APPEAL)}}
TICKING = {Status.ACCEPTED, Status.DISPATCHED, Status.RETURNING, Status.RECEIVED, Status.HANDLING}


def ready(status: Status, act: Act) -> Ticket:
    """A ticket on which nothing but status and role can stand in the way of the act."""
    sent = {} if status is Status.SUBMITTED else {"started_at": NOW, "due_at": NOW + 7 * DAY, "running": status in TICKING, "term_days": 5}
    unreachable = {"phone": None} if (status, act) == (Status.CLOSED, Act.ARCHIVE) else {}  # else he is called back first
    return replace(ticket(status, **sent), **BEFORE.get(act, {}), **unreachable)


def actor(role: Role) -> Actor:
    return OFFICE if role is Role.DEPARTMENT else Actor(role)


@pytest.mark.parametrize(("status", "act", "role"), list(product(Status, Act, Role)), ids=lambda value: value.value)
def test_only_what_the_rules_list_can_be_done(status: Status, act: Act, role: Role) -> None:
    before = ready(status, act)
    target, roles = ALLOWED.get((status, act), (status, frozenset()))
    if role in roles:
        after, entry = before.perform(act, by=actor(role), at=NOW, note="说明", details=SAID.get(act, Details()))
        assert after.status is target
        assert (entry.source, entry.target, entry.act, entry.role, entry.at) == (status, target, act, role, NOW)
        assert (before.status, after.version, entry.version) == (status, before.version + 1, before.version + 1)
        assert before.after(entry) == after
        return
    with pytest.raises(ActRefused) as refused:
        before.perform(act, by=actor(role), at=NOW, note="说明", details=SAID.get(act, Details()))
    assert (refused.value.status, refused.value.act, refused.value.role, refused.value.code) == (status, act, role, "transition_refused")
    assert act.label in refused.value.message
    assert status.label in refused.value.message
    assert [one for one in Role if one.label in refused.value.message.partition("只有")[2]] == [one for one in Role if one in roles]


@pytest.mark.parametrize(("status", "act"), sorted(ALLOWED, key=str), ids=lambda value: value.value)
def test_who_may_act_is_told_as_the_rules_have_it(status: Status, act: Act) -> None:
    assert roles_for(status, act) == ALLOWED[status, act][1]
    assert {role for role in Role if act in open_to(status, role)} == ALLOWED[status, act][1]


def test_the_table_has_no_row_that_the_rules_lack() -> None:
    assert set(TRANSITIONS) == set(ALLOWED)


def test_editors_and_admins_act_on_no_ticket() -> None:
    assert [(status, role) for status in Status for role in (Role.EDITOR, Role.ADMIN) if open_to(status, role)] == []


def test_an_archived_ticket_is_at_rest_and_every_other_can_still_get_there() -> None:
    assert [act for status, act in TRANSITIONS if status is Status.ARCHIVED] == []
    reached = {Status.ARCHIVED}
    while more := {status for (status, _), (target, _) in ALLOWED.items() if target in reached} - reached:
        reached |= more
    assert reached == set(Status)


def test_nothing_is_closed_without_an_answer_having_been_given() -> None:
    assert {(status, act) for (status, act), (target, _) in ALLOWED.items() if target is Status.CLOSED and status is not Status.CLOSED} == {
        (Status.SUBMITTED, Act.ANSWER), (Status.ACCEPTED, Act.ANSWER), (Status.DISPATCHED, Act.ANSWER), (Status.REVIEWED, Act.CLOSE), (Status.MERGED, Act.FOLLOW_LEAD)}
    assert {status for (status, _), (target, _) in ALLOWED.items() if target is Status.REVIEWED is not status} == {Status.REPLIED}
    assert {act for (status, act), (target, _) in ALLOWED.items() if target is Status.REPLIED is not status} == {Act.REPLY}
    answered, _ = ready(Status.HANDLING, Act.REPLY).perform(Act.REPLY, by=OFFICE, at=NOW, note="已修好", details=SOLVED)
    assert (answered.answer, answered.result) == ("已修好", Result.SOLVED)
