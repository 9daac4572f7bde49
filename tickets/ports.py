"""What the ticket service asks of the world around it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Mapping, Protocol, Sequence

from tickets.change import Change
from tickets.hooks import Turn
from tickets.listing import Wanted
from tickets.model import Ticket, TrailEntry
from tickets.telling import Letter


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

    def add(self, change: Change) -> bool:
        """Store a new ticket with its trail and what must be told; False if its request is stored already. Raises NumberTaken."""

    def save(self, *changes: Change) -> None:
        """Store all changes or none; raises StaleTicket if another act came in between on any of the tickets."""

    def children(self, number: str) -> Sequence[Ticket]:
        """Return the tickets that are merged into this one."""

    def awake(self, at: datetime, limit: int) -> Sequence[str]:
        """Return the numbers of tickets that should be looked at by `at`, the longest due first."""

    def running(self, after: str, limit: int) -> Sequence[str]:
        """Return the numbers of tickets whose clock counts in days, in order, beyond `after`."""

    def find(self, number: str) -> Ticket | None:
        """Return the ticket, or None."""

    def find_request(self, request_digest: str) -> Ticket | None:
        """Return the ticket that this request opened, or None."""

    def trail(self, number: str) -> Sequence[TrailEntry]:
        """Return every act in order; empty for an unknown number."""

    def recent(self, limit: int, department: str | None = None, office_region: str | None = None) -> Sequence[Ticket]:
        """Return the newest tickets first, of one department or office where asked."""

    def listed(self, wanted: Wanted, limit: int) -> Sequence[Ticket]:
        """Return the newest tickets that are wanted, of equal moments the greatest number first."""

    def of_phone(self, phone: str, limit: int) -> Sequence[Ticket]:
        """Return the newest tickets of a phone."""

    def open_about(self, category: str, region: str | None, since: datetime, limit: int) -> Sequence[Ticket]:
        """Return the newest tickets of a category and region that are opened since then and still worked on."""


class Bookings(Protocol):
    """Seats at service centres; a seat is taken by the repository, together with its ticket."""

    def taken(self, office: str, first: date, last: date) -> Mapping[tuple[date, str], int]:
        """Return how many seats of each slot ("09:30") are taken from `first` to `last`; slots without any are left out."""


class AttemptLimiter(Protocol):
    """Bounds how often a ticket's proof can be guessed."""

    def take(self, number: str, asker: str, at: datetime) -> bool:
        """Count one try before it is checked; False when the number or the asker has used up its wrong tries."""

    def excused(self, number: str, asker: str, at: datetime) -> bool:
        """Whether a try just refused is its asker's only one, and others, not too many of them, have used up the tries of the number."""

    def give_back(self, number: str, asker: str, at: datetime) -> None:
        """Uncount a try that proved right."""


class Notifier(Protocol):
    """Sends messages to callers."""

    def send(self, id: str, template: str, number: str, at: datetime) -> None:
        """Send one message, once however often it is asked for under this id.

        Raises NoticeFailed where it may be tried again, NoticeRefused where it may not.
        """


class Outbox(Protocol):
    """What must still be told of tickets. A letter that was claimed is nobody else's until its lease is over."""

    def claim(self, kind: str, limit: int, at: datetime, lease: timedelta) -> Sequence[Letter]:
        """Return up to `limit` letters of a kind (event, notice) whose turn has come, in order of telling."""

    def told(self, ids: Sequence[str], at: datetime) -> None:
        """Note that these letters have reached their reader."""

    def put_off(self, ids: Sequence[str], until: datetime | None, fault: str) -> None:
        """Count a failed try; the next one comes at `until`, or None never: the letters are dead."""

    def tell_again(self, window: timedelta) -> int:
        """Make those events wait again that were told last, within `window`; return how many."""

    def forget(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` letters that everybody who should has had before `before`; return how many."""


class EventStream(Protocol):
    """Where machines read events."""

    def publish(self, letters: Sequence[Letter]) -> None:
        """Append events in order; raises StreamAway when that failed for any of them."""

    def run(self) -> str:
        """Return what tells this run of the server from any other; raises StreamAway."""

    def renewed(self) -> bool:
        """Whether the server has been started anew since `seen`, and may have lost what it was told last; raises StreamAway."""

    def seen(self) -> None:
        """Note the server as it is now; raises StreamAway."""


class Hooks(Protocol):
    """The webhooks of departments and what they must still be sent."""

    def enqueue(self, letters: Sequence[Letter]) -> int:
        """Let each event wait for every webhook that wants it and has not been given it before; return how many were added."""

    def take_turn(self, at: datetime, lease: timedelta, limit: int) -> Turn | None:
        """Return a webhook that something waits for; it is nobody else's until the lease is over or `end_turn`."""

    def told(self, webhook: int, event: str, at: datetime) -> None:
        """Note that the webhook has taken the event."""

    def put_off(self, webhook: int, event: str, until: datetime | None, fault: str) -> None:
        """Count a failed try of one event; the next one comes at `until`, or None never: it is dead."""

    def away(self, webhook: int, until: datetime, most: int, fault: str) -> None:
        """Let the webhook rest; counts as a try of everything that waits for it, and kills what had `most`."""

    def end_turn(self, webhook: int, at: datetime) -> None:
        """Give the webhook back after a turn in which it answered."""
