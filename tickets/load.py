"""Reads the policy and the catalogue that stand beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

import yaml

from tickets.model import TicketType, Urgency

_HERE = Path(__file__).resolve().parent
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
    backstop: Category
    floor: float
    attempts: AttemptLimits
    urgency_words: Mapping[Urgency, tuple[str, ...]]

    def term(self, kind: TicketType, urgency: Urgency) -> Term:
        """Return the limit for this type and urgency; the type's own wins."""
        return self.terms_by_type.get(kind, {}).get(urgency) or self.terms[urgency]


def load_policy(path: Path = _HERE / "policy.yml") -> Policy:
    """Read the policy; raises CatalogueError for a missing or unusable entry."""
    raw = _read(path)
    try:
        backstop = raw["backstop"]
        return Policy(
            terms={urgency: Term(**raw["terms"][urgency.value]) for urgency in Urgency},
            terms_by_type={TicketType(kind): {Urgency(urgency): Term(**term) for urgency, term in terms.items()}
                           for kind, terms in raw["terms_by_type"].items()},
            backstop=Category(backstop["category"], (backstop["category"],), backstop["department"], TicketType.HELP, ()),
            floor=float(raw["floor"]),
            attempts=AttemptLimits(**raw["attempts"]),
            urgency_words={Urgency(urgency): tuple(words) for urgency, words in raw["urgency_words"].items()},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def load_catalogue(path: Path = _HERE / "catalogue") -> tuple[Category, ...]:
    """Read all leaves of a file or of a folder of them; raises CatalogueError for an unknown key, a leaf named twice or one that nobody can say."""
    leaves: list[Category] = []
    for file in sorted(path.glob("*.yml")) if path.is_dir() else (path,):
        _walk(_read(file), (), leaves)
    names = [leaf.name for leaf in leaves]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CatalogueError(f"{path.name}: named twice: {', '.join(twice)}")
    return tuple(leaves)


def _walk(node: Mapping[str, Any], path: tuple[str, ...], leaves: list[Category]) -> None:
    for name, below in node.items():
        here = (*path, str(name))
        if "department" in below:
            leaves.append(_leaf(below, here))
        else:
            _walk(below, here, leaves)


def _leaf(raw: Mapping[str, Any], path: tuple[str, ...]) -> Category:
    where = "/".join(path)
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
