"""The question back as an action asks it: offers from what is known, options in the slot, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Mapping, Protocol, Sequence

from actions.turn import Turn
from actions.wiring import Parts
from core.regions import RegionTree
from knowledge.bootstrap import Knowledge, LiveKnowledge
from knowledge.holding import said_places
from knowledge.matching.grouping import MAX_OFFERS, MAX_OPTIONS, Enquiry, Offer, Option, enquiry
from knowledge.matching.lexicon import Lexicon
from knowledge.model import Item
from zh.normalise import normalise

WORTH_ASKING = 0.25  # of the best score; what is less likely only makes the question longer
LONGEST_DEPARTMENT = 9  # characters; of a longer name the short one is said


class Known(Protocol):
    """What of actions.wiring.Parts a question back is made from."""

    @property
    def knowledge(self) -> Knowledge | LiveKnowledge: ...

    @property
    def regions(self) -> RegionTree: ...


def near(match: Mapping[str, Any]) -> list[str]:
    """Return the codes that a match leaves to ask about, likeliest first: its choices, and what else is near where those are cut at four."""
    choices, candidates = list(match["choices"]), match["candidates"]
    if len(choices) >= MAX_OPTIONS and candidates:
        enough = WORTH_ASKING * candidates[0]["score"]
        choices += [found["code"] for found in candidates if found["score"] >= enough]
    return list(dict.fromkeys(choices))[:MAX_OFFERS]


def enquire(p: Parts, turn: Turn, codes: Sequence[str]) -> Enquiry | None:
    """Return the question back about some codes, None when they cannot be told apart. Raises UnknownItem."""
    return enquiry(offers(p, turn.match, codes), words_of(p))


def offers(p: Known, match: Mapping[str, Any], codes: Sequence[str]) -> list[Offer]:
    """Return what may be meant by some codes of a match, a knowledge.model.Match as a dict. Raises UnknownItem."""
    scores = {found["code"]: float(found["score"]) for found in match["candidates"]}
    least = min((scores[code] for code in codes if code in scores), default=1.0)
    words = words_of(p)
    found = [_offer(p, code, scores.get(code, least), words) for code in codes]
    return [offer for offer in found if offer.score > 0]


def words_of(p: Known) -> Lexicon:
    """Return the words of actions and subjects; none where the knowledge in force brings no such words."""
    lexicon = getattr(p.knowledge, "lexicon", None)
    return lexicon if isinstance(lexicon, Lexicon) else Lexicon({})


def to_slot(options: Sequence[Option]) -> list[dict[str, Any]]:
    """Return options as JSON."""
    return [asdict(option) | {"codes": list(option.codes), "words": list(option.words)} for option in options]


def from_slot(value: Any, p: Parts) -> list[Option]:
    """Return the options of the slot; one that was asked before options were kept is a bare code. Raises UnknownItem for such a code."""
    return [only(p, choice) if isinstance(choice, str) else Option(choice["say"], tuple(choice["codes"]), tuple(choice["words"]))
            for choice in value or ()]


def only(p: Parts, code: str) -> Option:
    """Return the option that is one item by its name."""
    name = p.knowledge.answerer.name_of(code)
    return Option(name, (code,), (name,))


def _offer(p: Known, code: str, score: float, words: Lexicon) -> Offer:
    record = p.knowledge.catalogue.record(code)
    plain = normalise(record.name)
    places = said_places(record.only_in, p.regions) if isinstance(record, Item) else ""
    department = record.department if isinstance(record, Item) else None
    known = getattr(p.knowledge, "departments", {}).get(department)
    if known and len(known.name) <= LONGEST_DEPARTMENT:
        department = known.name
    return Offer(code, record.name, words.actions.within(plain), words.subjects.within(plain), department, places or None, score)
