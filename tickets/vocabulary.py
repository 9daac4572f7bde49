"""The words of a ticket's life: what callers hear and what operators see are the values and labels here."""

from __future__ import annotations

from enum import Enum


class TicketType(str, Enum):
    """What the caller wants of us."""

    CONSULTATION = "咨询"
    HELP = "求助"
    COMPLAINT = "投诉"
    REPORT = "举报"
    SUGGESTION = "建议"
    PRAISE = "表扬"


class Queue(str, Enum):
    """A special queue: a request that is handled by rules of its own."""

    BUSINESS = "营商环境投诉"
    ERRAND = "帮办代办"
    APPOINTMENT = "预约"
    RATING = "差评回访"
    CALL_BACK = "未接来电回拨"
    POLICE = "110转办"


# What the hotline centre sees to itself: no office has it.
CENTRES_OWN = frozenset({Queue.RATING, Queue.CALL_BACK})


class Urgency(str, Enum):
    """How long it can wait."""

    GENERAL = "一般"
    URGENT = "紧急"
    CRITICAL = "特急"


class Grade(str, Enum):
    """The five named grades (国办发〔2019〕51号); the last two are bad ones."""

    VERY_GOOD = "非常满意"
    GOOD = "满意"
    FAIR = "基本满意"
    BAD = "不满意"
    VERY_BAD = "非常不满意"

    @property
    def bad(self) -> bool:
        """Whether it must be looked into (差评)."""
        return self in (Grade.BAD, Grade.VERY_BAD)


class Result(str, Enum):
    """What came of a request, as the answer says it."""

    SOLVED = "已解决"
    PARTLY = "部分解决"
    EXPLAINED = "已解释"
    UNSOLVED = "未解决"


class Channel(str, Enum):
    """The lawful channel for what the hotline may not take (国办 2025〔66〕)."""

    LAWSUIT = "诉讼"
    ARBITRATION = "仲裁"
    REVIEW = "行政复议"
    PETITION = "信访"
    DISCIPLINE = "纪检监察"
    DISCLOSURE = "政府信息公开"


class Card(str, Enum):
    """What a deadline that comes near or has passed earns (山东省级投诉热线办法)."""

    YELLOW = "黄牌"
    RED = "红牌"


class Role(str, Enum):
    """Who acts; SYSTEM is the assistant that takes a request on and sends it out by itself."""

    CALLER = "caller"
    SYSTEM = "system"
    OPERATOR = "operator"
    DEPARTMENT = "department"
    SUPERVISOR = "supervisor"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        return {"caller": "诉求人", "system": "系统", "operator": "话务员", "department": "承办单位", "supervisor": "督办员",
                "editor": "知识编辑", "admin": "管理员"}[self.value]


class Pending(str, Enum):
    """What a department has asked for and nobody has decided yet; a return has a status of its own."""

    EXTENSION = "延期申请"
    SUSPENSION = "挂账申请"
    APPEAL = "评价申诉"


class Status(str, Enum):
    """Where a ticket stands; `label` is what the caller hears."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    RETURNING = "returning"
    RECEIVED = "received"
    HANDLING = "handling"
    WAITING = "waiting"
    SUSPENDED = "suspended"
    REPLIED = "replied"
    REVIEWED = "reviewed"
    CLOSED = "closed"
    FOLLOWED_UP = "followed_up"
    RATED = "rated"
    ARCHIVED = "archived"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"

    @property
    def label(self) -> str:
        return _STATUS_LABELS[self]


_STATUS_LABELS = {
    Status.SUBMITTED: "已提交", Status.ACCEPTED: "已受理", Status.DISPATCHED: "已派单，正在办理", Status.RETURNING: "正在核对承办单位",
    Status.RECEIVED: "承办单位已签收", Status.HANDLING: "承办单位正在办理", Status.WAITING: "在等您补充情况",
    Status.SUSPENDED: "已挂账，到期继续办理",
    Status.REPLIED: "承办单位已答复", Status.REVIEWED: "答复已审核", Status.CLOSED: "已办结", Status.FOLLOWED_UP: "已回访",
    Status.RATED: "已评价", Status.ARCHIVED: "已归档", Status.REFUSED: "不予受理", Status.WITHDRAWN: "已撤销", Status.MERGED: "已并案",
}


class Act(str, Enum):
    """What can be done to a ticket."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    ANSWER = "answer"
    DISPATCH = "dispatch"
    REDISPATCH = "redispatch"
    TRANSFER = "transfer"
    ASSIST = "assist"
    RECEIVE = "receive"
    HANDLE = "handle"
    OPINE = "opine"
    ASK_CALLER = "ask_caller"
    REPLY = "reply"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    CLOSE = "close"
    FOLLOW_UP = "follow_up"
    RATE = "rate"
    ARCHIVE = "archive"
    ASK_RETURN = "ask_return"
    GRANT_RETURN = "grant_return"
    DENY_RETURN = "deny_return"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    DENY_EXTENSION = "deny_extension"
    ASK_SUSPENSION = "ask_suspension"
    GRANT_SUSPENSION = "grant_suspension"
    DENY_SUSPENSION = "deny_suspension"
    RESUME = "resume"
    APPEAL = "appeal"
    GRANT_APPEAL = "grant_appeal"
    DENY_APPEAL = "deny_appeal"
    REWORK = "rework"
    URGE = "urge"
    SUPPLEMENT = "supplement"
    WITHDRAW = "withdraw"
    SUPERVISE = "supervise"
    MERGE = "merge"
    ADOPT = "adopt"
    UNMERGE = "unmerge"
    FOLLOW_LEAD = "follow_lead"
    WARN = "warn"
    RESCHEDULE = "reschedule"

    @property
    def label(self) -> str:
        return _ACT_LABELS[self]


_ACT_LABELS = {
    Act.ACCEPT: "受理", Act.REFUSE: "不予受理", Act.ANSWER: "直接答复", Act.DISPATCH: "派单", Act.REDISPATCH: "二次派单", Act.TRANSFER: "转派",
    Act.ASSIST: "指定协办", Act.RECEIVE: "签收", Act.HANDLE: "办理", Act.OPINE: "协办意见", Act.ASK_CALLER: "请诉求人补充", Act.REPLY: "答复",
    Act.APPROVE: "审核通过", Act.SEND_BACK: "审核退回", Act.CLOSE: "办结", Act.FOLLOW_UP: "回访", Act.RATE: "评价", Act.ARCHIVE: "归档",
    Act.ASK_RETURN: "申请退单", Act.GRANT_RETURN: "同意退单", Act.DENY_RETURN: "不同意退单", Act.ASK_EXTENSION: "申请延期",
    Act.GRANT_EXTENSION: "同意延期", Act.DENY_EXTENSION: "不同意延期", Act.ASK_SUSPENSION: "申请挂账", Act.GRANT_SUSPENSION: "同意挂账",
    Act.DENY_SUSPENSION: "不同意挂账", Act.RESUME: "恢复办理", Act.APPEAL: "申诉评价", Act.GRANT_APPEAL: "申诉成立", Act.DENY_APPEAL: "申诉不成立",
    Act.REWORK: "重办", Act.URGE: "催办", Act.SUPPLEMENT: "补充", Act.WITHDRAW: "撤销", Act.SUPERVISE: "督办", Act.MERGE: "并案",
    Act.ADOPT: "并入他案",
    Act.UNMERGE: "撤销并案", Act.FOLLOW_LEAD: "随主工单办结", Act.WARN: "亮牌", Act.RESCHEDULE: "重算期限",
}
