"""Ranked suggestions for whoever dispatches by hand: which category and office, how sure, and why."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.load import Category
from tickets.routing import Match, Router

MOST, FEWEST = 5, 3
_FAR = 0.5  # beyond FEWEST, a suggestion below this share of the best one's score only distracts


@dataclass(frozen=True)
class Suggestion:
    """A category with its path in the catalogue and the office of the caller's region; `score` 0..1; `reasons` for an operator to read."""

    category: str
    path: tuple[str, ...]
    department: str
    office_region: str | None
    score: float
    reasons: tuple[str, ...]


def suggestions(text: str, region: str | None, router: Router) -> tuple[Suggestion, ...]:
    """Return three to five suggestions, the best first, fewer where the catalogue knows nothing alike.

    `region` is a code of six digits; text of any length, as the caller said it.
    """
    matches = router.ranked(text, MOST)
    return tuple(_suggested(match, region, router) for place, match in enumerate(matches)
                 if place < FEWEST or match.score >= _FAR * matches[0].score)


def _suggested(match: Match, region: str | None, router: Router) -> Suggestion:
    department, office_region = router.office_of(match.leaf, region)
    return Suggestion(match.leaf.name, match.leaf.path, department, office_region, round(min(match.score, 1.0), 3), _reasons(match, department))


def _reasons(match: Match, department: str) -> tuple[str, ...]:
    said = f"说到了{'、'.join(f'“{word}”' for word in match.words)}" if match.words else f"和“{match.like}”说的像"
    return tuple(filter(None, (said, _level(match.leaf, department), match.leaf.basis and f"依据：{match.leaf.basis}", match.leaf.why)))


def _level(leaf: Category, department: str) -> str:
    """Say where the office is another one than the city's, or where a town takes it on from there."""
    if department not in (leaf.department, leaf.county):
        return f"本地由{department}办理"
    return f"具体办理可以再派{leaf.town}" if leaf.town else ""
