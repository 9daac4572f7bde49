"""How well requests find their category and office: the set that judges, and its figures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from cli.evaluation.measures import Share, share
from cli.evaluation.questions import BadQuestion, Half
from tickets.load import load_catalogue, load_policy
from tickets.routing import Router

HALVES: tuple[Half, ...] = ("tuning", "judging")
TOP = 3
FIGURES = ("office right", "category right", f"category among the first {TOP}", "sent to the backstop", "sent to a wrong office")


@dataclass(frozen=True)
class Request:
    """What a caller says, with every category that is right."""

    text: str
    categories: tuple[str, ...]
    line: int

    @property
    def half(self) -> Half:
        """The router may be tuned on the lines of even index only."""
        return "tuning" if self.line % 2 else "judging"


@dataclass(frozen=True)
class Routed:
    """Where a request went: its category first, then the others in their order; offices are departments of the city's level."""

    request: Request
    categories: tuple[str, ...]
    office: str
    offices: frozenset[str]  # those of the right categories
    backstop: bool


def read_requests(path: Path) -> list[Request]:
    """Read one JSON object a line: text, and category as a name or a list of names; raise BadQuestion with the line."""
    found: list[Request] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            raw = json.loads(line)
            right = raw["category"]
            found.append(Request(raw["text"], (right,) if isinstance(right, str) else tuple(right), number))
        except (ValueError, KeyError, TypeError) as error:
            raise BadQuestion(number, f"no request: {error!r}") from None
    return found


def unknown(requests: Sequence[Request], router: Router) -> list[tuple[int, str]]:
    """Return line and name of each category that the catalogue does not have."""
    known = {leaf.name for leaf in (*router.categories, router.backstop)}
    return [(request.line, name) for request in requests for name in request.categories if name not in known]


def route(requests: Sequence[Request], router: Router) -> list[Routed]:
    """Send every request; raises KeyError for a category that the catalogue does not have."""
    departments = {leaf.name: leaf.department for leaf in (*router.categories, router.backstop)}
    found = []
    for request in requests:
        sent = router.classify(request.text)
        others = tuple(match.leaf.name for match in router.ranked(request.text, TOP) if match.leaf.name != sent.category)
        found.append(Routed(request, (sent.category, *others)[:TOP], sent.department,
                            frozenset(departments[name] for name in request.categories), sent.category == router.backstop.name))
    return found


def figures(routed: Sequence[Routed]) -> tuple[Share, ...]:
    """Return the FIGURES in their order; what rightly goes to the backstop is not counted as sent there."""
    return (share(one.office in one.offices for one in routed),
            share(one.categories[0] in one.request.categories for one in routed),
            share(bool({*one.categories} & {*one.request.categories}) for one in routed),
            share(one.backstop and one.office not in one.offices for one in routed),
            share(not one.backstop and one.office not in one.offices for one in routed))


def measure(path: Path) -> list[Routed]:
    """Route the requests of a file with the catalogue as it stands."""
    return route(read_requests(path), Router(load_catalogue(), load_policy()))


def halves(routed: Sequence[Routed]) -> tuple[Sequence[Routed], ...]:
    """Return all, the tuning half, the judging half."""
    return routed, *([one for one in routed if one.request.half == half] for half in HALVES)
