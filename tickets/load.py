"""Reads the policy and the catalogue that stand beside this file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Mapping

import yaml

from tickets.centres import Centre, Centres
from tickets.model import Queue, Ticket, TicketType, Urgency

_HERE = Path(__file__).resolve().parent
_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
LEVELS = 3  # topic, group, leaf
_LEAF_KEYS = {"department", "county", "town", "type", "urgency", "says", "words", "basis", "why"}


class CatalogueError(Exception):
    """The catalogue or the policy cannot be used; the message names the entry."""


@dataclass(frozen=True)
class Term:
    """A time limit: working days, or else hours on the clock."""

    working_days: int | None = None
    hours: int | None = None

    def __post_init__(self) -> None:
        if (self.working_days is None) == (self.hours is None) or (self.working_days or self.hours or 0) < 1:
            raise CatalogueError("a term is either working_days or hours, 1 or more")


@dataclass(frozen=True)
class AttemptLimits:
    """How many wrong look-ups one window allows."""

    window_seconds: int
    per_number: int
    per_asker: int


@dataclass(frozen=True)
class Limits:
    """How far acts may go: days are working days."""

    return_days: int
    returns: int
    extension_days: int
    reworks: int
    tries: int
    supervision_levels: int
    questions: int = 2
    words: int = 100
    urges_a_day: int = 5


@dataclass(frozen=True)
class Waits:
    """How long the centre waits before it goes on by itself: working days, `retry_hours` on the clock."""

    caller_days: int
    retry_hours: int
    archive_days: int
    rating_days: int


@dataclass(frozen=True)
class RankingRules:
    """How the 通报 ranks: the weight of each rate, and how few of a kind are too few to judge by."""

    smallest: int = 5
    response: int = 20
    solved: int = 40
    satisfied: int = 40

    def __post_init__(self) -> None:
        weights = (self.response, self.solved, self.satisfied)
        if self.smallest < 1 or min(weights) < 0 or not any(weights):
            raise CatalogueError("ranking wants smallest of 1 or more and weights of which one is above 0")


@dataclass(frozen=True)
class Category:
    """A leaf of the catalogue: who answers for it, and how callers put it; `county` and `town` where another office does at that level."""

    name: str
    path: tuple[str, ...]
    department: str
    type: TicketType
    says: tuple[str, ...]
    words: tuple[str, ...] = ()
    urgency: Urgency = Urgency.GENERAL
    basis: str = ""
    why: str = ""
    county: str = ""
    town: str = ""


@dataclass(frozen=True)
class Policy:
    """What a city may set for itself."""

    terms: Mapping[Urgency, Term]
    terms_by_type: Mapping[TicketType, Mapping[Urgency, Term]]
    terms_by_queue: Mapping[Queue, Term]
    rework: Term
    bounds: Limits
    waits: Waits
    backstop: Category
    floor: float
    attempts: AttemptLimits
    guesses: AttemptLimits
    urgency_words: Mapping[Urgency, tuple[str, ...]]
    leaves_by_queue: Mapping[Queue, Category] = field(default_factory=dict)
    receive: Mapping[Urgency, Term] = field(default_factory=dict)
    ranking: RankingRules = RankingRules()
    asides: tuple[str, ...] = ()

    def term(self, kind: TicketType, urgency: Urgency) -> Term:
        """Return the limit for this type and urgency; the type's own wins."""
        return self.terms_by_type.get(kind, {}).get(urgency) or self.terms[urgency]

    def term_of(self, ticket: Ticket) -> Term:
        """Return the limit for a ticket; its special queue's wins, but danger is never put off."""
        usual = self.term(ticket.type, ticket.urgency)
        return usual if ticket.queue is None or ticket.urgency is Urgency.CRITICAL else self.terms_by_queue.get(ticket.queue, usual)


def load_policy(path: Path = _HERE / "policy.yml") -> Policy:
    """Read the policy; raises CatalogueError for a missing or unusable entry."""
    raw = _read(path)
    try:
        backstop = raw["backstop"]
        return Policy(
            terms={urgency: Term(**raw["terms"][urgency.value]) for urgency in Urgency},
            terms_by_type={TicketType(kind): {Urgency(urgency): Term(**term) for urgency, term in terms.items()}
                           for kind, terms in raw["terms_by_type"].items()},
            terms_by_queue={Queue(queue): Term(**term) for queue, term in raw["terms_by_queue"].items()},
            rework=Term(**raw["rework"]),
            bounds=Limits(**raw["limits"]),
            waits=Waits(**raw["waits"]),
            backstop=Category(backstop["category"], (backstop["category"],), backstop["department"], TicketType.HELP, ()),
            floor=float(raw["floor"]),
            attempts=AttemptLimits(**raw["attempts"]),
            guesses=AttemptLimits(**raw["guesses"]),
            urgency_words={Urgency(urgency): tuple(words) for urgency, words in raw["urgency_words"].items()},
            leaves_by_queue={Queue(queue): Category(leaf["category"], (leaf["category"],), leaf["department"], TicketType.HELP, ())
                             for queue, leaf in raw["leaves_by_queue"].items()},
            receive={urgency: Term(**raw["receive"][urgency.value]) for urgency in Urgency},
            ranking=RankingRules(raw["ranking"]["smallest"], **raw["ranking"]["weights"]),
            asides=tuple(raw["asides"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def load_catalogue(path: Path = _HERE / "catalogue") -> tuple[Category, ...]:
    """Read all leaves of a file or of a folder of them; raises CatalogueError naming the entry.

    Refused: a leaf that is not in the third level, is named twice, has an unknown key, or that nobody can say.
    """
    leaves: list[Category] = []
    for file in sorted(path.glob("*.yml")) if path.is_dir() else (path,):
        _walk(_read(file), (), leaves)
    names = [leaf.name for leaf in leaves]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CatalogueError(f"{path.name}: named twice: {', '.join(twice)}")
    return tuple(leaves)


def load_centres(path: Path = _HERE / "offices.yml") -> Centres:
    """Read the service centres that take bookings; raises CatalogueError for a missing or unusable entry."""
    raw = _read(path)
    try:
        booking = raw["booking"]
        centres = tuple(Centre(code, one["name"], str(one["region"]), int(one["seats"]), _hours(one["hours"]), tuple(one.get("aliases", ())))
                        for code, one in raw["offices"].items())
        return Centres(centres, int(booking["days_ahead"]), timedelta(minutes=int(booking["notice_minutes"])),
                       timedelta(minutes=int(booking["slot_minutes"])))
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _hours(raw: Mapping[str, Any]) -> dict[int, tuple[tuple[time, time], ...]]:
    found: dict[int, tuple[tuple[time, time], ...]] = {}
    for weekday, spans in raw.items():
        pairs = [[time.fromisoformat(end) for end in span.split("-")] for span in spans]
        if any(len(pair) != 2 or pair[0] >= pair[1] for pair in pairs):
            raise ValueError(f"hours of {weekday}: {spans}")
        found[_WEEKDAYS.index(weekday)] = tuple((pair[0], pair[1]) for pair in pairs)
    return found


def _walk(node: Mapping[str, Any], path: tuple[str, ...], leaves: list[Category]) -> None:
    for name, below in node.items():
        here = (*path, str(name))
        if "department" in below:
            leaves.append(_leaf(below, here))
        else:
            _walk(below, here, leaves)


def _leaf(raw: Mapping[str, Any], path: tuple[str, ...]) -> Category:
    where = "/".join(path)
    if len(path) != LEVELS:
        raise CatalogueError(f"{where}: stands in level {len(path)}, a leaf stands in level {LEVELS}")
    unknown = sorted(set(raw) - _LEAF_KEYS)
    if unknown or not raw.get("says"):
        raise CatalogueError(f"{where}: {'unknown key ' + ', '.join(unknown) if unknown else 'says is missing'}")
    try:
        return Category(path[-1], path, raw["department"], TicketType(raw.get("type", "求助")), tuple(raw["says"]),
                        tuple(raw.get("words", ())), Urgency(raw.get("urgency", "一般")), raw.get("basis", ""),
                        raw.get("why", ""), raw.get("county", ""), raw.get("town", ""))
    except ValueError as error:
        raise CatalogueError(f"{where}: {error}") from None


def _read(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as stream:
        content = yaml.load(stream, yaml.CSafeLoader)
    if not isinstance(content, dict):
        raise CatalogueError(f"{path.name}: no entries")
    return content
