"""What can go wrong with a ticket; every error carries a stable code, and no error knows HTTP."""

from __future__ import annotations

from typing import ClassVar


class TicketError(Exception):
    """Base of all ticket errors; `message` is for the caller, in Chinese."""

    code: ClassVar[str] = "ticket_error"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class TicketNotFound(TicketError):
    """No such ticket for this asker; a wrong number and a wrong proof look the same."""

    code = "ticket_not_found"

    def __init__(self) -> None:
        super().__init__("没有查到这张工单，请核对工单编号和手机号后四位；没有留电话、要求保密或者举报的，请核对查询码。")


class TooManyAttempts(TicketError):
    """Too many wrong look-ups of one number or by one asker."""

    code = "too_many_attempts"

    def __init__(self) -> None:
        super().__init__("查询次数太多了，请过十分钟再试，或者让话务员帮您查。")


class TooManyGuesses(TooManyAttempts):
    """Too many wrong last four digits for one ticket in a day: from here on its owner proves it by the whole phone."""

    def __init__(self) -> None:
        TicketError.__init__(self, "今天用手机后四位查这张工单，查错的次数太多了。请报完整的手机号，或者让话务员帮您查。")


class InvalidTicket(TicketError):
    """A field cannot be taken as it is; `field` names it."""

    code = "invalid_ticket"


class RequestReused(TicketError):
    """The same request_id came with another content."""

    code = "request_reused"

    def __init__(self) -> None:
        super().__init__("这个请求编号已经用过了，请换一个再提交。", "request_id")


class TransitionRefused(TicketError):
    """The table of transitions does not allow this act; subclassed where status, act and role are known."""

    code = "transition_refused"


class TicketBusy(TicketError):
    """Others kept changing the ticket while we tried to."""

    code = "ticket_busy"

    def __init__(self) -> None:
        super().__init__("这张工单正在处理中，请稍后再试。")


class TicketChanged(TicketError):
    """The ticket has moved on since the asker saw it; `version` is what it is at now."""

    code = "ticket_changed"

    def __init__(self, version: int) -> None:
        super().__init__("这张工单刚才有人办过了，请看一眼最新情况再办。", "version")
        self.version = version


class SlotTaken(TicketError):
    """Every seat of the slot is booked."""

    code = "slot_taken"

    def __init__(self) -> None:
        super().__init__("这个时间刚刚约满了，请换一个时间。", "matter.slot")


class NumberTaken(Exception):
    """The repository already holds this number; the service draws another."""


class StaleTicket(Exception):
    """The ticket has changed since it was read; the service reads it again."""


class NoticeFailed(Exception):
    """A message could not be sent now; the same message may be tried again."""


class NoticeRefused(Exception):
    """A message can never be sent as it is."""


class StreamAway(Exception):
    """The stream of events cannot be written now; nothing is lost, it is tried again."""
