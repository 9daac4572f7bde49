"""What the rest of the product asks of knowledge."""

from __future__ import annotations

from typing import Iterable, Protocol

from knowledge.model import Facet, Item, Match, Policy, Reply


class Catalogue(Protocol):
    """All items and policy answers, with regional variants resolved."""

    def item(self, code: str, region: str | None = None) -> Item:
        """Return the item as it holds in `region` (nearest level wins); raise UnknownItem."""

    def policy(self, code: str) -> Policy:
        """Return a policy answer; raise UnknownItem."""

    def items(self) -> Iterable[Item]:
        """Return every item in its province-wide form."""

    def policies(self) -> Iterable[Policy]:
        """Return every policy answer."""


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
