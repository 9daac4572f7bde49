"""What each act changes in a ticket besides its status; pure, and the same when the trail is replayed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable, Mapping

from core.clock import SHANGHAI
from tickets.doing import Doing
from tickets.vocabulary import CENTRES_OWN, Act, Card, Pending, Status

if TYPE_CHECKING:
    from tickets.model import Ticket

Changes = dict[str, Any]

_WORKED_ON = frozenset({Status.RECEIVED, Status.HANDLING})
# Statuses in which the clock runs once it has been started; a merged ticket's own clock never does.
_RESUMES = frozenset({Act.RESUME, Act.SEND_BACK, Act.UNMERGE, Act.SUPPLEMENT, Act.DISPATCH})
TICKING = frozenset({Status.ACCEPTED, Status.DISPATCHED, Status.RETURNING, *_WORKED_ON})


def changes(ticket: Ticket, doing: Doing, target: Status) -> Changes:
    """Return the fields of `ticket` that the act sets."""
    effect = _EFFECTS.get(doing.act)
    found = effect(ticket, doing) if effect else {}
    if doing.details.due_at:
        found |= {"due_at": doing.details.due_at, "by_hours": bool(doing.details.by_hours)}
    if doing.details.days and ticket.stopped_at and doing.act in _RESUMES:
        found["paused_days"] = ticket.paused_days + doing.details.days
    started = found.get("started_at", ticket.started_at)
    running = started is not None and target in TICKING
    if ticket.card is Card.YELLOW and found.get("due_at") and ticket.due_at and found["due_at"] > ticket.due_at:
        found.setdefault("card", None)  # it was given for an earlier day
    if running != ticket.running:
        found |= {"running": running, "stopped_at": None if running else doing.at}
    undecided = (Pending.EXTENSION, Pending.SUSPENSION, *((Pending.APPEAL,) if target is Status.WITHDRAWN else ()))
    if target not in _WORKED_ON and ticket.pending in undecided:
        found["pending"] = None
    return found


def target_of(ticket: Ticket, doing: Doing, listed: Status | None) -> Status:
    """Return where an act leads; a call-back leads on once the caller was reached, or after the last try."""
    if doing.act is Act.FOLLOW_UP and (doing.details.reached or doing.details.last):
        return Status.FOLLOWED_UP
    return listed or ticket.status


def _dispatched(ticket: Ticket, doing: Doing) -> Changes:
    details = doing.details
    office: Changes = {"department": details.department or ticket.department, "office_region": details.region or ticket.office_region,
              "category": details.category or ticket.category}
    if ticket.started_at is None:
        office["term_days"] = details.days
    return {**office, "started_at": ticket.started_at or doing.at, "first_department": ticket.first_department or office["department"],
            "first_region": ticket.first_region if ticket.first_department else office["office_region"],
            "dispatched_at": doing.at, "received_at": None, "questions": 0}


def _replied(ticket: Ticket, doing: Doing) -> Changes:
    late = ticket.running and ticket.due_at is not None and doing.at >= ticket.due_at
    return {"answer": doing.note, "result": doing.details.result, "replied_at": doing.at, "late": ticket.late or late}


def _answered(ticket: Ticket, doing: Doing) -> Changes:
    return {**_replied(ticket, doing), "closed_at": doing.at, "first_contact": doing.act is Act.ANSWER and ticket.queue not in CENTRES_OWN}


def _followed_up(ticket: Ticket, doing: Doing) -> Changes:
    content = doing.details.content if doing.details.reached else ticket.content
    return {"tries": ticket.tries + 1, "reached": bool(doing.details.reached), "content": content}


def _rated(ticket: Ticket, doing: Doing) -> Changes:
    grade = doing.details.grade
    return {"rating": grade, "rating_reason": doing.note, "content": not grade.bad if grade else None}


def _returned(ticket: Ticket, doing: Doing) -> Changes:
    return {"returns": ticket.returns + 1, "kept": bool(doing.details.last), "received_at": None}


def _reworked(ticket: Ticket, doing: Doing) -> Changes:
    return {"reworks": ticket.reworks + 1, "answer": None, "result": None, "content": None, "reached": None, "tries": 0, "card": None,
            "started_at": doing.at, "dispatched_at": doing.at, "received_at": None, "replied_at": None, "closed_at": None, "late": False,
            "first_contact": False, "term_days": doing.details.days, "extended_days": 0, "paused_days": 0}


def _rescheduled(ticket: Ticket, doing: Doing) -> Changes:
    later = doing.details.due_at and ticket.due_at and doing.details.due_at > ticket.due_at
    return {"card": None} if later else {}  # the card was for a day that is none


def _urged(ticket: Ticket, doing: Doing) -> Changes:
    day = doing.at.astimezone(SHANGHAI).date()
    return {"urged": ticket.urged + 1, "urged_on": day, "urged_that_day": ticket.urged_that_day + 1 if ticket.urged_on == day else 1}


def _supplemented(ticket: Ticket, doing: Doing) -> Changes:
    return {"supplements": ticket.supplements + 1, "question": None}


def _accepted(ticket: Ticket, doing: Doing) -> Changes:
    """The centre's own matters go to no office: their clock starts at once."""
    return {"started_at": doing.at, "term_days": doing.details.days} if doing.details.due_at else {}


_EFFECTS: Mapping[Act, Callable[["Ticket", Doing], Changes]] = {
    Act.ACCEPT: _accepted,
    Act.DISPATCH: _dispatched,
    Act.REDISPATCH: _dispatched,
    Act.TRANSFER: _dispatched,
    Act.ASSIST: lambda ticket, doing: {"helpers": tuple(dict.fromkeys((*ticket.helpers, *doing.details.helpers)))},
    Act.OPINE: lambda ticket, doing: {"helped": (*ticket.helped, doing.actor.department)},
    Act.RECEIVE: lambda ticket, doing: {"received_at": doing.at},
    Act.REPLY: _replied,
    Act.ANSWER: _answered,
    Act.FOLLOW_LEAD: _answered,
    Act.REFUSE: lambda ticket, doing: {"channel": doing.details.channel, "answer": doing.note, "result": None, "closed_at": doing.at},
    Act.CLOSE: lambda ticket, doing: {"closed_at": doing.at},
    Act.FOLLOW_UP: _followed_up,
    Act.RATE: _rated,
    Act.SEND_BACK: lambda ticket, doing: {"answer": None, "result": None, "replied_at": None},
    Act.GRANT_RETURN: _returned,
    Act.DENY_RETURN: lambda ticket, doing: {"received_at": ticket.received_at or doing.at},
    Act.ASK_EXTENSION: lambda ticket, doing: {"pending": Pending.EXTENSION, "asked_days": doing.details.days},
    Act.GRANT_EXTENSION: lambda ticket, doing: {"pending": None, "extended_days": ticket.extended_days + (ticket.asked_days or 0),
                                                "asked_days": None, "card": None},
    Act.DENY_EXTENSION: lambda ticket, doing: {"pending": None, "asked_days": None},
    Act.ASK_SUSPENSION: lambda ticket, doing: {"pending": Pending.SUSPENSION, "suspended_until": doing.details.until},
    Act.GRANT_SUSPENSION: lambda ticket, doing: {"pending": None},
    Act.DENY_SUSPENSION: lambda ticket, doing: {"pending": None, "suspended_until": None},
    Act.ASK_CALLER: lambda ticket, doing: {"question": doing.note, "questions": ticket.questions + 1},
    Act.RESUME: lambda ticket, doing: {"suspended_until": None, "question": None},
    Act.APPEAL: lambda ticket, doing: {"pending": Pending.APPEAL, "appealed": True},
    Act.GRANT_APPEAL: lambda ticket, doing: {"pending": None, "rating_excluded": True, "content": None},
    Act.DENY_APPEAL: lambda ticket, doing: {"pending": None},
    Act.REWORK: _reworked,
    Act.URGE: _urged,
    Act.SUPPLEMENT: _supplemented,
    Act.SUPERVISE: lambda ticket, doing: {"supervision": doing.details.level},
    Act.MERGE: lambda ticket, doing: {"lead": doing.details.lead},
    Act.UNMERGE: lambda ticket, doing: {"lead": None},
    Act.WARN: lambda ticket, doing: {"card": doing.details.card},
    Act.RESCHEDULE: _rescheduled,
}

# Acts that say nothing without words, and what is missing then.
WORDS: Mapping[Act, str] = {
    Act.SUPPLEMENT: "补充的内容", Act.REPLY: "答复的内容", Act.ANSWER: "答复的内容", Act.FOLLOW_LEAD: "答复的内容",
    Act.REFUSE: "不予受理的理由", Act.SEND_BACK: "退回的理由",
    Act.ASK_RETURN: "退单的理由", Act.DENY_RETURN: "不同意的理由", Act.ASK_EXTENSION: "延期的理由", Act.DENY_EXTENSION: "不同意的理由",
    Act.ASK_SUSPENSION: "挂账的理由", Act.DENY_SUSPENSION: "不同意的理由", Act.APPEAL: "申诉的理由", Act.DENY_APPEAL: "不成立的理由",
    Act.OPINE: "协办意见", Act.ASK_CALLER: "要问诉求人的话", Act.HANDLE: "办理情况", Act.TRANSFER: "转派的理由", Act.REWORK: "重办的要求",
    Act.SUPERVISE: "督办的要求",
}
# Acts that say nothing without some particular.
PARTICULARS: Mapping[Act, tuple[str, str]] = {
    Act.REDISPATCH: ("department", "承办单位"), Act.TRANSFER: ("department", "承办单位"), Act.ASSIST: ("helpers", "协办单位"),
    Act.REPLY: ("result", "办理结果"), Act.ANSWER: ("result", "办理结果"), Act.FOLLOW_LEAD: ("result", "办理结果"),
    Act.REFUSE: ("channel", "应当走的渠道"), Act.RATE: ("grade", "评价"), Act.ASK_EXTENSION: ("days", "延期天数"),
    Act.ASK_SUSPENSION: ("until", "挂账到哪一天"), Act.FOLLOW_UP: ("reached", "有没有接通"), Act.SUPERVISE: ("level", "督办级别"),
    Act.MERGE: ("lead", "主工单编号"), Act.WARN: ("card", "黄牌还是红牌"), Act.RESCHEDULE: ("due_at", "新的期限"),
}


def missing(doing: Doing) -> tuple[str, str] | None:
    """Return the field that an act lacks and how it is called, or None."""
    if doing.act in WORDS and not doing.note.strip():
        return "text", WORDS[doing.act]
    if doing.act is Act.FOLLOW_UP and doing.details.reached and doing.details.content is None:
        return "content", "诉求人是否满意"
    if doing.act in PARTICULARS:
        name, label = PARTICULARS[doing.act]
        if getattr(doing.details, name) in (None, ()):
            return name, label
    return None


def settled(ticket: Ticket, doing: Doing) -> Doing:
    """Return the act with what local policy decides of it written down, so that the trail needs no policy to be replayed."""
    last = (doing.act is Act.FOLLOW_UP and ticket.tries + 1 >= doing.bounds.most_tries
            or doing.act is Act.GRANT_RETURN and ticket.returns + 1 >= doing.bounds.most_returns)
    return replace(doing, details=replace(doing.details, last=True)) if last else doing
