"""What the ticket service asks of the world around it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, Sequence

from tickets.model import Ticket, TrailEntry


class Span(Protocol):
    """A piece of normalised text that was recognised: `zh.extract` yields these."""

    @property
    def label(self) -> str:
        """One of person, time, place, phone, money, org, id_number."""

    @property
    def text(self) -> str:
        """The words themselves, text[start:end]."""

    @property
    def start(self) -> int:
        """Offset of the first character."""

    @property
    def end(self) -> int:
        """Offset after the last character."""

    @property
    def value(self) -> str | None:
        """The resolved value (digits of a phone, ISO day), where there is one."""


class Extract(Protocol):
    """Finds the spans of a normalised text."""

    def __call__(self, text: str) -> Sequence[Span]:
        """Return spans in order, none overlapping."""


class TicketRepository(Protocol):
    """Keeps tickets with their trail; every method is one transaction."""

    def add(self, ticket: Ticket, trail: Sequence[TrailEntry]) -> bool:
        """Store a new ticket; False if its request is stored already. Raises NumberTaken."""

    def save(self, ticket: Ticket, entry: TrailEntry) -> None:
        """Store the ticket after `entry` and append it; raises StaleTicket if another act came in between."""

    def find(self, number: str) -> Ticket | None:
        """Return the ticket, or None."""

    def find_request(self, request_digest: str) -> Ticket | None:
        """Return the ticket that this request opened, or None."""

    def trail(self, number: str) -> Sequence[TrailEntry]:
        """Return every act in order; empty for an unknown number."""

    def recent(self, limit: int, department: str | None = None) -> Sequence[Ticket]:
        """Return the newest tickets first."""


class AttemptLimiter(Protocol):
    """Bounds how often a ticket's proof can be guessed."""

    def take(self, number: str, asker: str, at: datetime) -> bool:
        """Count one try before it is checked; False when the number or the asker has used up its wrong tries."""

    def give_back(self, number: str, asker: str, at: datetime) -> None:
        """Uncount a try that proved right."""
