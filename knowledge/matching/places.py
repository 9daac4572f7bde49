"""After the match: among records of one name, which city's lists bring several times, the one that holds where the caller is."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from knowledge.errors import UnknownItem
from knowledge.holding import Holding, holding, levels
from knowledge.life_event import LifeEvent
from knowledge.matching.decision import OFFERED, Costs
from knowledge.model import Candidate, Item, Match, Policy

RIVAL = 0.25  # of the first one's chance; a record that is less likely is no reason to ask back


class Named(Protocol):
    """What is asked of the catalogue."""

    def record(self, code: str) -> Item | Policy | LifeEvent:
        """Return whatever has this code; raise UnknownItem."""

    def namesakes(self, code: str) -> tuple[str, ...]:
        """Return the other items of the same name."""


def prefer(match: Match, catalogue: Named, region: str | None) -> Match:
    """Return the match as it is for a caller in `region`; the same where nothing in it is bound to places.

    With the region known, records of one name become the one that holds nearest to it, with the chance of all of them, and those that
    hold there come first among equals; a question back that is settled by this becomes an answer. With no region known, an answer that
    several places have each for itself becomes a question back. A record that holds elsewhere alone stays: the answer says so.
    """
    if not any(places_of(catalogue, found.code) for found in match.candidates):
        return match
    first = match.candidates[0]
    state = _holding(catalogue, first.code, region)
    if match.decision == "answer" and state == "here":
        return match
    if match.decision == "answer" and state == "perhaps":
        return _asked_back(match, catalogue)
    home = {found.code: at_home(catalogue, found.code, region) or found.code for found in match.candidates}
    merged: dict[str, Candidate] = {}
    for found in match.candidates:
        code = home[found.code]
        known = merged.get(code)
        score = min(1.0, round(known.score + found.score, 4)) if known else found.score
        merged[code] = replace(known or found, code=code, score=score)
    order = sorted(merged.values(), key=lambda found: (-found.score, _holding(catalogue, found.code, region) == "elsewhere"))
    choices = tuple(dict.fromkeys(home.get(code, code) for code in match.choices))
    if match.decision == "clarify" and _settled(order, choices, first, home):
        return replace(match, decision="answer", candidates=tuple(order), choices=())
    ranks = {found.code: rank for rank, found in enumerate(order)}
    return replace(match, candidates=tuple(order), choices=tuple(sorted(choices, key=lambda code: ranks.get(code, len(ranks)))))


def at_home(catalogue: Named, code: str, region: str | None) -> str | None:
    """Return which of the items of one name holds nearest to `region`, a county's before its city's; None when none surely holds there."""
    line = levels(region) if region else ()

    def distance(own: str) -> int:
        places = places_of(catalogue, own)
        return next((rank for rank, level in enumerate(line) if level in places), len(line))

    here = [own for own in (code, *_namesakes(catalogue, code)) if _holding(catalogue, own, region) == "here"]
    return min(here, key=distance, default=None)


def places_of(catalogue: Named, code: str) -> tuple[str, ...]:
    """Return the regions in which alone a record holds; empty for everywhere, and for one that is withdrawn."""
    try:
        record = catalogue.record(code)
    except UnknownItem:
        return ()
    return record.only_in if isinstance(record, Item) else ()


def _holding(catalogue: Named, code: str, region: str | None) -> Holding:
    return holding(places_of(catalogue, code), region)


def _namesakes(catalogue: Named, code: str) -> tuple[str, ...]:
    """The other items of the name, none where all hold everywhere: those are told apart by something else than places."""
    try:
        found = catalogue.namesakes(code)
    except UnknownItem:
        return ()
    return found if any(places_of(catalogue, own) for own in (code, *found)) else ()


def _asked_back(match: Match, catalogue: Named) -> Match:
    first, *rest = match.candidates
    twins = [replace(first, code=code) for code in _namesakes(catalogue, first.code)]
    if not twins:
        return match
    codes = (first.code, *(twin.code for twin in twins))
    others = (found for found in rest if found.code not in codes)
    return replace(match, decision="clarify", candidates=(first, *twins, *others), choices=codes[:OFFERED])


def _settled(order: list[Candidate], choices: tuple[str, ...], first: Candidate, home: dict[str, str]) -> bool:
    """Whether nothing but the place was open: records of one name became one, and no other is near."""
    best = order[0]
    several = [code for code, own in home.items() if own == best.code]
    if home[first.code] != best.code or several == [best.code]:
        return False
    rivals = [found for found in order[1:] if found.code in choices and found.score >= RIVAL * first.score]
    return best.score >= Costs().answer_from or not rivals
