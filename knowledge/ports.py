"""What the rest of the product asks of knowledge."""

from __future__ import annotations

from datetime import date, datetime
from typing import Iterable, Mapping, Protocol, Sequence

from knowledge.life_event import LifeEvent
from knowledge.model import Facet, Item, Match, Policy, Reply
from knowledge.record import Change, Head, Version


class Catalogue(Protocol):
    """All items and policy answers, with regional variants resolved."""

    def item(self, code: str, region: str | None = None) -> Item:
        """Return the item as it holds in `region` (nearest level wins); raise UnknownItem."""

    def policy(self, code: str) -> Policy:
        """Return a policy answer; raise UnknownItem."""

    def record(self, code: str) -> Item | Policy | LifeEvent:
        """Return whatever has this code, an item in its province-wide form; raise UnknownItem."""

    def steps_of(self, event: LifeEvent, region: str | None = None) -> Mapping[str, Item]:
        """Return the items of an event's steps as they hold in `region`, by code."""

    def namesakes(self, code: str) -> tuple[str, ...]:
        """Return the other items of the same name; raise UnknownItem."""

    def items(self) -> Iterable[Item]:
        """Return every item in its province-wide form."""

    def policies(self) -> Iterable[Policy]:
        """Return every policy answer."""

    def events(self) -> Iterable[LifeEvent]:
        """Return every life event."""


class Matcher(Protocol):
    """Ranks what is known against a caller's words."""

    def match(self, text: str, limit: int = 5) -> Match:
        """Return the decision and at most `limit` candidates; never raises, whatever the text."""


class Answerer(Protocol):
    """Turns a fact into a sentence to be worded and a card."""

    def about(self, code: str, facet: Facet | None, region: str | None = None, asked: str | None = None) -> Reply:
        """Return the reply about an item or policy, `asked` being the name that matched; raise UnknownItem."""

    def name_of(self, code: str) -> str:
        """Return the official name; raise UnknownItem."""


class Store(Protocol):
    """Every version of every record. Versions are only ever appended."""

    def heads(self) -> Mapping[str, Head]:
        """Return the newest version of each record by code, withdrawn ones too."""

    def newest(self, codes: Sequence[str]) -> Mapping[str, Version]:
        """Return the newest version, with its document, of those of `codes` that exist."""

    def versions(self, code: str) -> Sequence[Version]:
        """Return every version of a record, oldest first; empty when there is none."""

    def in_force(self, day: date) -> Iterable[Version]:
        """Yield the version of each record that callers hear on `day`.

        The newest published or withdrawn version whose first day has come decides: nothing is in force once it is withdrawn or past its last day.
        """

    def put(self, changes: Iterable[Change], *, author: str, at: datetime, note: str) -> int:
        """Append one version a change, all or none, and return how many; the revision grows when one of them is no draft.

        Raises ConcurrentChange when a record is no longer the version that a change was made `after`; whatever
        `changes` raises leaves the store as it was. The database is locked meanwhile: have
        the changes ready, yield them fast.
        """

    def revision(self) -> int:
        """Return a number that grows with every change that callers can hear; cheap enough to ask each second."""
