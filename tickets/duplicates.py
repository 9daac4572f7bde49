"""重复诉求: open tickets about the same matter, to be merged into one (国办 2025〔66〕)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Iterable

from rapidfuzz import fuzz

from tickets.model import Ticket
from tickets.place import exact
from tickets.vocabulary import Status
from zh.normalise import normalise

WINDOW = timedelta(days=30)  # what is older is a matter of its own
CANDIDATES = 50              # of one region and category, the newest
COMPARED = 500               # normalised characters of each text: ratio takes the product of both lengths
MOST = 5
SAME_PLACE = 85.0            # of 100, rapidfuzz over normalised places
NEAR_TEXT = 75.0             # of 100, rapidfuzz.fuzz.ratio over normalised texts
_NUMBER = re.compile(r"[0-9]+|[一二三四五六七八九十百]+(?=[号栋幢单层室])")
_SHORTEST_PLACE = 4          # characters; 历下 or 小区 is in too many places
# A ticket that an office still works on, or soon will; only such a one can lead others.
MERGEABLE = frozenset({Status.ACCEPTED, Status.DISPATCHED, Status.RETURNING, Status.RECEIVED, Status.HANDLING, Status.WAITING, Status.SUSPENDED})


@dataclass(frozen=True)
class Similar:
    """An open ticket that may be about the same; `score` 0..1; `reasons` for an operator to read."""

    ticket: Ticket
    score: float
    reasons: tuple[str, ...]


def similar(text: str, where: str | None, candidates: Iterable[Ticket], most: int = MOST) -> tuple[Similar, ...]:
    """Return the candidates (of the same region and category) with the same place or nearly the same text, the likest first."""
    text = _start(text)
    found = [one for ticket in candidates if ticket.status in MERGEABLE and (one := _compared(text, where, ticket))]
    # Of equals the oldest leads: it has come furthest.
    return tuple(sorted(found, key=lambda one: (-one.score, one.ticket.opened_at, one.ticket.number))[:most])


def similar_to(ticket: Ticket, candidates: Iterable[Ticket], most: int = MOST) -> tuple[Similar, ...]:
    """Return what is similar to a stored ticket, itself left out."""
    return similar(ticket.text, ticket.elements.where, (one for one in candidates if one.number != ticket.number), most)


def _compared(text: str, where: str | None, ticket: Ticket) -> Similar | None:
    near = fuzz.ratio(text, _start(ticket.text), score_cutoff=NEAR_TEXT)  # 0 below it
    place = _same_place(where, ticket.elements.where)
    reasons = ((f"同一地点：{ticket.elements.where}",) if place else ()) + ((f"内容有{near:.0f}%相同",) if near >= NEAR_TEXT else ())
    if not reasons:
        return None
    # The place alone says more than likeness of words: callers put one matter in many ways.
    return Similar(ticket, round(max(near / 100, 0.6 + 0.4 * near / 100 if place else 0.0), 3), reasons)


def _start(text: str) -> str:
    return normalise(text[:2 * COMPARED])[:COMPARED]


def _same_place(one: str | None, other: str | None) -> bool:
    if not one or not other or not exact(one) or not exact(other):
        return False
    one, other = normalise(one), normalise(other)
    shorter = min(one, other, key=len)
    if len(shorter) < _SHORTEST_PLACE:
        return False
    # 3号楼 and 5号楼 differ by one character only; the estate itself holds both.
    mine, theirs = _numbers(one), _numbers(other)
    return (mine <= theirs or theirs <= mine) and fuzz.partial_ratio(one, other) >= SAME_PLACE


def _numbers(place: str) -> frozenset[str]:
    return frozenset(_NUMBER.findall(place))
