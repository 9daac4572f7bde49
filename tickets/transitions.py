"""The one table that says which act is open to whom and when, and where it leads. What is not in it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Iterable

from core.clock import SHANGHAI
from tickets.queues import answer_fault
from tickets.vocabulary import Act, Card, Pending, Role, Status, Urgency

if TYPE_CHECKING:
    from tickets.doing import Actor, Doing
    from tickets.model import Ticket

# Says why an act that the table lists is not open to this ticket now; None when it is.
Guard = Callable[["Ticket", "Doing"], "str | None"]


@dataclass(frozen=True)
class Transition:
    """Where an act leads, who may do it, and what else must hold. `target` None: the status stays."""

    target: Status | None
    roles: frozenset[Role]
    guard: Guard | None = None


_TOWN = re.compile(r"街道|镇|乡|社区|村")


def own(ticket: Ticket, doing: Doing) -> str | None:
    """A department acts on its own tickets only."""
    office = (doing.actor.department, doing.actor.region)
    if doing.actor.role is Role.DEPARTMENT and office != (ticket.department, ticket.office_region):
        return "这张工单不由您单位主办。"
    return None


def helps(ticket: Ticket, actor: Actor) -> bool:
    """Whether an office was asked to help: helpers are named without a region, so it must be the office of where the matter is."""
    near = any(within(region, actor.region) for region in (ticket.office_region, ticket.region))
    return actor.department in ticket.helpers and near


def within(region: str | None, area: str | None) -> bool:
    """Whether a region is an area or lies in it, by their codes (six digits, GB/T 2260); None is within None only."""
    if region is None or area is None:
        return region is area
    return region.startswith(re.sub(r"(00)+$", "", area))


def all_of(*guards: Guard) -> Guard:
    """Return a guard that asks each of `guards` in turn."""
    def check(ticket: Ticket, doing: Doing) -> str | None:
        return next((reason for guard in guards if (reason := guard(ticket, doing))), None)
    return check


def _pending(kind: Pending) -> Guard:
    return lambda ticket, doing: None if ticket.pending is kind else f"没有待审核的{kind.value}。"


def _nothing_pending(ticket: Ticket, doing: Doing) -> str | None:
    return f"已经有一个{ticket.pending.value}在等审核。" if ticket.pending else None


def _in_time_to_return(ticket: Ticket, doing: Doing) -> str | None:
    if ticket.kept:
        return "这张工单已经两次退单，由首接单位或属地办理，不能再退。"
    until = doing.bounds.return_until
    return "已经过了退单期限。" if until and doing.at >= until else None


def _in_time_to_extend(ticket: Ticket, doing: Doing) -> str | None:
    days = doing.details.days or 0
    if not 1 <= days <= doing.bounds.longest_extension - ticket.extended_days:
        return f"延期最多{doing.bounds.longest_extension}个工作日，已延{ticket.extended_days}个。"
    return "已经过了办理期限，不能再申请延期。" if ticket.due_at and doing.at >= ticket.due_at else None


def _other_office(ticket: Ticket, doing: Doing) -> str | None:
    there = (doing.details.department, doing.details.region or ticket.office_region)
    return "工单已经在这个单位。" if there == (ticket.department, ticket.office_region) else None


def _downwards(ticket: Ticket, doing: Doing) -> str | None:
    """A district's centre sends on within its district, any other office only to a lower one: whatever goes sideways is a return."""
    actor, there = doing.actor, doing.details.region or ticket.office_region
    if actor.role is not Role.DEPARTMENT:
        return None
    if not within(there, actor.region):
        return "二次派单只能派到本辖区，不归本辖区管的请申请退单。"
    if ticket.kept:
        return "这张工单已经两次退单，由首接单位或属地办理，不能再派走。"
    lower = there != actor.region or _TOWN.search(doing.details.department or "")
    return None if lower or actor.department == doing.bounds.dispatcher else "二次派单只能派给下级，不归本单位管的请申请退单。"


def _helps(ticket: Ticket, doing: Doing) -> str | None:
    if doing.actor.department in ticket.helped:
        return "您单位已经提过协办意见。"
    return None if helps(ticket, doing.actor) else "您单位不是协办单位。"


def _not_rated(ticket: Ticket, doing: Doing) -> str | None:
    return "这张工单已经评价过了，每张工单只评价一次。" if ticket.rating else None


def _badly_rated(ticket: Ticket, doing: Doing) -> str | None:
    if not (ticket.rating and ticket.rating.bad):
        return "只有差评可以申诉。"
    return "这次评价已经申诉过了。" if ticket.appealed else None


def _dissatisfied_first_time(ticket: Ticket, doing: Doing) -> str | None:
    if ticket.content is not False:
        return "诉求人没有表示不满意，不用重办。"
    again = ticket.reworks >= doing.bounds.most_reworks and doing.actor.role is not Role.SUPERVISOR
    return "已经重办过一次，请转督办。" if again else None


def _nothing_left(ticket: Ticket, doing: Doing) -> str | None:
    if ticket.pending:
        return f"还有一个{ticket.pending.value}在等审核。"
    if ticket.content is False and ticket.reworks < doing.bounds.most_reworks:
        return "诉求人不满意，要先重办。"
    if ticket.content is False and ticket.supervision and doing.actor.role is Role.SYSTEM:
        return "正在督办，由督办员决定归档。"
    return None


def _nobody_to_ask(ticket: Ticket, doing: Doing) -> str | None:
    return "诉求人留了电话，要先回访。" if ticket.phone else _nothing_left(ticket, doing)


def _not_at_once(ticket: Ticket, doing: Doing) -> str | None:
    return "刚打过没有接通，请过一会儿再打。" if ticket.tries and doing.at < ticket.changed_at + doing.bounds.retry else None


def _may_ask(ticket: Ticket, doing: Doing) -> str | None:
    if doing.actor.role is Role.DEPARTMENT and ticket.urgency is Urgency.CRITICAL:
        return "特急工单不能等诉求人补充，请先处置。"
    return f"最多请诉求人补充{doing.bounds.most_questions}次。" if ticket.questions >= doing.bounds.most_questions else None


def _urged_enough(ticket: Ticket, doing: Doing) -> str | None:
    if ticket.urged >= doing.bounds.most_words:
        return "催办已经记了很多次，承办单位都看得到。"
    today = ticket.urged_on == doing.at.astimezone(SHANGHAI).date()
    return f"今天已经催过{ticket.urged_that_day}次，都记下了，明天可以再催。" if today and ticket.urged_that_day >= doing.bounds.urges_a_day else None


def _told_enough(ticket: Ticket, doing: Doing) -> str | None:
    return "这张工单补充得太多了，请联系人工。" if ticket.supplements >= doing.bounds.most_words else None


def _lead_given(ticket: Ticket, doing: Doing) -> str | None:
    return "不能并到自己。" if doing.details.lead == ticket.number else None


def _later_card(ticket: Ticket, doing: Doing) -> str | None:
    if not ticket.running:
        return "这张工单没有在计时。"
    given = doing.details.card
    return "已经亮过这张牌。" if ticket.card is given or ticket.card is Card.RED else None


def _running(ticket: Ticket, doing: Doing) -> str | None:
    return None if ticket.running else "这张工单没有在计时。"


def _answers(ticket: Ticket, doing: Doing) -> str | None:
    return answer_fault(ticket.queue, doing.note)


def _higher_level(ticket: Ticket, doing: Doing) -> str | None:
    level = doing.details.level or 0
    return None if ticket.supervision < level <= doing.bounds.highest_supervision else "督办要比现在高一级，最高三级。"


_AUTOMATIC = frozenset({Role.SYSTEM})
_STAFF = frozenset({Role.SYSTEM, Role.OPERATOR, Role.SUPERVISOR})
_CENTRE = frozenset({Role.OPERATOR, Role.SUPERVISOR})
_SUPERVISOR = frozenset({Role.SUPERVISOR})
_HANDLER = frozenset({Role.DEPARTMENT})
_CALLER = frozenset({Role.CALLER})  # nobody takes a ticket back, or is content, on the caller's behalf
_CALLER_SIDE = frozenset({Role.CALLER, Role.OPERATOR})  # an operator writes down what the caller says on the phone
_DISTRICT = frozenset({Role.DEPARTMENT, Role.OPERATOR, Role.SUPERVISOR})  # a district sends on to its streets

_FRESH = (Status.SUBMITTED, Status.ACCEPTED)
_HELD = (Status.RECEIVED, Status.HANDLING)                      # a department has it and works
_OUT = (Status.DISPATCHED, *_HELD)                              # a department has it
_OPEN = (Status.ACCEPTED, *_OUT, Status.RETURNING, Status.WAITING, Status.SUSPENDED)
_DONE = (Status.CLOSED, Status.FOLLOWED_UP, Status.RATED)
_RATED_ONCE = (*_OUT, Status.REPLIED, *_DONE)                   # where a rating may have led: a bad one has the ticket reworked at once


def _rows(statuses: Iterable[Status], act: Act, target: Status | None, roles: frozenset[Role],
          guard: Guard | None = None) -> dict[tuple[Status, Act], Transition]:
    return {(status, act): Transition(target, roles, guard) for status in statuses}


TRANSITIONS: dict[tuple[Status, Act], Transition] = {
    # The main line.
    (Status.SUBMITTED, Act.ACCEPT): Transition(Status.ACCEPTED, _STAFF),
    (Status.ACCEPTED, Act.DISPATCH): Transition(Status.DISPATCHED, _STAFF),
    (Status.DISPATCHED, Act.RECEIVE): Transition(Status.RECEIVED, _HANDLER, own),
    **_rows(_HELD, Act.HANDLE, Status.HANDLING, _HANDLER, own),
    **_rows(_HELD, Act.REPLY, Status.REPLIED, _HANDLER, all_of(own, _answers)),
    (Status.REPLIED, Act.APPROVE): Transition(Status.REVIEWED, _CENTRE),
    (Status.REPLIED, Act.SEND_BACK): Transition(Status.HANDLING, _CENTRE),
    (Status.REVIEWED, Act.CLOSE): Transition(Status.CLOSED, _STAFF),
    (Status.CLOSED, Act.FOLLOW_UP): Transition(None, _CENTRE, _not_at_once),  # FOLLOWED_UP once reached, or after the last try
    **_rows((Status.CLOSED, Status.FOLLOWED_UP), Act.RATE, Status.RATED, _CALLER, _not_rated),
    **_rows((Status.FOLLOWED_UP, Status.RATED), Act.ARCHIVE, Status.ARCHIVED, _STAFF, _nothing_left),
    (Status.CLOSED, Act.ARCHIVE): Transition(Status.ARCHIVED, _STAFF, _nobody_to_ask),
    **_rows((Status.REFUSED, Status.WITHDRAWN), Act.ARCHIVE, Status.ARCHIVED, _STAFF),
    # Settled or turned down at once.
    **_rows(_FRESH, Act.ANSWER, Status.CLOSED, _STAFF, _answers),
    (Status.DISPATCHED, Act.ANSWER): Transition(Status.CLOSED, _CENTRE, _answers),  # before the office has taken it
    **_rows((*_FRESH, Status.DISPATCHED), Act.REFUSE, Status.REFUSED, _CENTRE),
    # Who works on it.
    **_rows(_OUT, Act.REDISPATCH, Status.DISPATCHED, _DISTRICT, all_of(own, _other_office, _downwards)),
    **_rows(_OUT, Act.TRANSFER, Status.DISPATCHED, _CENTRE, _other_office),
    **_rows(_OUT, Act.ASSIST, None, _CENTRE),
    **_rows(_OUT, Act.OPINE, None, _HANDLER, _helps),
    **_rows((Status.DISPATCHED, Status.RECEIVED), Act.ASK_RETURN, Status.RETURNING, _HANDLER, all_of(own, _nothing_pending, _in_time_to_return)),
    (Status.RETURNING, Act.GRANT_RETURN): Transition(Status.ACCEPTED, _CENTRE),
    (Status.RETURNING, Act.DENY_RETURN): Transition(Status.RECEIVED, _CENTRE),
    # Time.
    **_rows(_HELD, Act.ASK_EXTENSION, None, _HANDLER, all_of(own, _nothing_pending, _in_time_to_extend)),
    **_rows(_HELD, Act.GRANT_EXTENSION, None, _CENTRE, _pending(Pending.EXTENSION)),
    **_rows(_HELD, Act.DENY_EXTENSION, None, _CENTRE, _pending(Pending.EXTENSION)),
    **_rows(_HELD, Act.ASK_SUSPENSION, None, _HANDLER, all_of(own, _nothing_pending)),
    **_rows(_HELD, Act.GRANT_SUSPENSION, Status.SUSPENDED, _SUPERVISOR, _pending(Pending.SUSPENSION)),
    **_rows(_HELD, Act.DENY_SUSPENSION, None, _SUPERVISOR, _pending(Pending.SUSPENSION)),
    **_rows(_HELD, Act.ASK_CALLER, Status.WAITING, frozenset({Role.DEPARTMENT, Role.OPERATOR}), all_of(own, _nothing_pending, _may_ask)),
    (Status.SUSPENDED, Act.RESUME): Transition(Status.HANDLING, frozenset({Role.SYSTEM, Role.DEPARTMENT, Role.SUPERVISOR}), own),
    (Status.WAITING, Act.RESUME): Transition(Status.HANDLING, frozenset({Role.SYSTEM, Role.DEPARTMENT, Role.OPERATOR}), own),
    **_rows((Status.ACCEPTED, Status.DISPATCHED, Status.RETURNING, *_HELD), Act.WARN, None, _AUTOMATIC, _later_card),
    **_rows((Status.ACCEPTED, Status.DISPATCHED, Status.RETURNING, *_HELD), Act.RESCHEDULE, None, _AUTOMATIC, _running),
    # The caller.
    **_rows((*_OPEN, Status.MERGED), Act.URGE, None, _CALLER_SIDE, _urged_enough),
    **_rows((Status.ACCEPTED, *_OUT, Status.RETURNING, Status.SUSPENDED, Status.REPLIED, Status.MERGED), Act.SUPPLEMENT, None, _CALLER_SIDE,
            _told_enough),
    (Status.WAITING, Act.SUPPLEMENT): Transition(Status.HANDLING, _CALLER_SIDE, _told_enough),
    **_rows((Status.SUBMITTED, *_OPEN, Status.MERGED), Act.WITHDRAW, Status.WITHDRAWN, _CALLER),
    # Dissatisfied, late, or said by many.
    **_rows((Status.FOLLOWED_UP, Status.RATED), Act.REWORK, Status.DISPATCHED, _STAFF, _dissatisfied_first_time),
    **_rows(_RATED_ONCE, Act.APPEAL, None, _HANDLER, all_of(own, _nothing_pending, _badly_rated)),
    **_rows(_RATED_ONCE, Act.GRANT_APPEAL, None, _SUPERVISOR, _pending(Pending.APPEAL)),
    **_rows(_RATED_ONCE, Act.DENY_APPEAL, None, _SUPERVISOR, _pending(Pending.APPEAL)),
    **_rows((*_OPEN, Status.REPLIED, *_DONE), Act.SUPERVISE, None, frozenset({Role.SYSTEM, Role.SUPERVISOR}), _higher_level),
    **_rows((Status.ACCEPTED, *_OUT, Status.WAITING), Act.MERGE, Status.MERGED, _CENTRE, all_of(_nothing_pending, _lead_given)),
    # What the lead itself notes of each child: whoever ends it at the same moment must have seen all of them.
    **_rows((Status.SUBMITTED, *_OPEN, Status.REPLIED, Status.REVIEWED), Act.ADOPT, None, _AUTOMATIC),
    (Status.MERGED, Act.UNMERGE): Transition(Status.ACCEPTED, _STAFF),
    (Status.MERGED, Act.FOLLOW_LEAD): Transition(Status.CLOSED, _AUTOMATIC),
}


def open_to(status: Status, role: Role) -> list[Act]:
    """Return the acts that the table opens to a role in a status, in their usual order; guards may still refuse."""
    return [act for act in Act if (rule := TRANSITIONS.get((status, act))) and role in rule.roles]


def roles_for(status: Status, act: Act) -> frozenset[Role]:
    """Return who may do this in this status; nobody where the table has no such row."""
    rule = TRANSITIONS.get((status, act))
    return rule.roles if rule else frozenset()
