"""The rating of a whole conversation: once each, nothing personal in it; a bad one has its caller rung up."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Callable, Protocol

from core.pii import mask
from tickets.errors import RequestReused, TicketError
from tickets.model import NewTicket, Ticket
from tickets.service import Opened
from tickets.validation import tidy
from tickets.views import hides_caller
from tickets.vocabulary import Grade, Queue, TicketType

_MOST = 200  # characters of a reason
_TICKET = re.compile(r"\d{16}")
_CALLED = {"web": "网上咨询", "ivr": "来电"}


class AlreadyRated(TicketError):
    """The conversation has its rating; a second one changes nothing."""

    code = "already_rated"

    def __init__(self) -> None:
        super().__init__("这次服务已经评价过了，每次只评价一次。")


@dataclass(frozen=True)
class ConversationRating:
    """What a caller thinks of a conversation. `about`: the number of the ticket, else the code of the item that it was about."""

    session_digest: str
    channel: str
    grade: Grade
    at: datetime
    reason: str = field(default="", repr=False)
    region: str | None = None
    about: str | None = None

    @property
    def ticket(self) -> str | None:
        """The number of the ticket that it was about, if it was one."""
        return self.about if self.about and _TICKET.fullmatch(self.about) else None


class RatingStore(Protocol):
    """Keeps one rating a conversation."""

    def find(self, session_digest: str) -> ConversationRating | None:
        """Return the rating of a conversation, or None."""

    def add(self, rating: ConversationRating) -> bool:
        """Keep a rating; False if the conversation has one already, which stays as it is."""


def digest_session(session: str) -> str:
    """Return what is kept of a conversation's id (64 hex characters): the id itself leads to its caller."""
    return hashlib.sha256(session.encode("utf-8", "replace")).hexdigest()


def rating_of(session: str, channel: str, grade: Grade, at: datetime, *, reason: str = "", region: str | None = None,
              about: str | None = None) -> ConversationRating:
    """Return a rating with the session's digest in place of its id and a reason (200 characters) without numbers that name a person."""
    return ConversationRating(digest_session(session), channel, grade, at, mask(tidy(reason))[:_MOST], region, about)


def call_back(rating: ConversationRating, phone: str | None, ticket: Ticket | None = None) -> NewTicket | None:
    """Return the request to ring up whoever gave a bad grade: at the `phone` he called from, else at that of the `ticket` he talked about.

    None for a good grade, where there is no phone, or for who wanted to stay anonymous. A hidden caller's own words stay out of it.
    """
    phone = phone or (ticket.phone if ticket else None)
    if not (rating.grade.bad and phone) or (ticket and ticket.anonymous):
        return None
    hidden = ticket is not None and hides_caller(ticket)
    said = f"，原因：{rating.reason}" if rating.reason and not hidden else ""
    called = _CALLED.get(rating.channel, "咨询")
    return NewTicket(TicketType.HELP, f"一次{called}被评价为{rating.grade.value}{said}。请回访并核实整改情况。", rating.channel,
                     request_id=f"conversation rating {rating.session_digest}", title=f"差评回访：{called}", region=rating.region, phone=phone,
                     confidential=hidden, queue=Queue.RATING, matter={"rated": ticket.number} if ticket else {},
                     lead_of=ticket.number if ticket else None)


@dataclass(frozen=True)
class ConversationRatings:
    """The use case: `open` opens tickets once a request id, `find_ticket` finds one by its number."""

    store: RatingStore
    open: Callable[[NewTicket, datetime], Opened]
    find_ticket: Callable[[str], Ticket | None]

    def rated(self, session: str) -> bool:
        """Whether this conversation has its rating."""
        return self.store.find(digest_session(session)) is not None

    def rate(self, rating: ConversationRating, phone: str | None) -> bool:
        """Keep a rating and return whether its caller is rung up; raises AlreadyRated.

        The call-back comes first: whoever is killed in between has rung up a caller too many, never forgotten one.
        """
        if self.store.find(rating.session_digest):
            raise AlreadyRated
        new = call_back(rating, phone, self.find_ticket(rating.ticket) if rating.ticket else None)
        if new:
            try:
                self.open(new, rating.at)
            except RequestReused:
                pass  # it was opened, in other words, by a try that was cut short
        if not self.store.add(rating):
            raise AlreadyRated
        return new is not None
