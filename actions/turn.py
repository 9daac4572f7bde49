"""What a caller's turn looks like to an action: the text, the intent, the match, the region."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Mapping

from rasa_sdk import Tracker

from core.regions import RegionTree
from knowledge.matching.places import Named, places_of, prefer
from knowledge.model import Candidate, Match
from zh.normalise import normalise

EMPTY_MATCH: Mapping[str, Any] = {"decision": "none", "facet": None, "candidates": [], "choices": []}


@dataclass(frozen=True)
class Turn:
    """One message of a caller. `region` is the most exact one known: said now, said before, or of the channel."""

    text: str
    intent: str
    confidence: float
    match: Mapping[str, Any]
    region: str
    region_said: str | None
    caller: str | None
    conversation: str
    channel: str

    @property
    def best(self) -> Mapping[str, Any] | None:
        """The first candidate of the match, as a dict of knowledge.model.Candidate."""
        candidates = self.match["candidates"]
        return candidates[0] if candidates else None


def read_turn(tracker: Tracker, regions: RegionTree, default_region: str, catalogue: Named | None = None) -> Turn:
    """Read the latest message of a tracker; never raises on a tracker without one. With a `catalogue` the match is the one for the region."""
    message = tracker.latest_message or {}
    metadata = message.get("metadata") or {}
    intent = message.get("intent") or {}
    text = normalise(message.get("text") or "")
    known = tracker.get_slot("region") or metadata.get("region") or default_region
    said = regions.find(text, within=known)
    said_code = said.code if said and said.level != "province" else None
    match = message.get("knowledge") or EMPTY_MATCH
    if catalogue and any(places_of(catalogue, found["code"]) for found in match["candidates"]):
        match = asdict(prefer(_match(match), catalogue, said_code or known))
    return Turn(text, intent.get("name") or "", float(intent.get("confidence") or 0), match,
                said_code or known, said_code, metadata.get("caller"), tracker.sender_id, tracker.get_latest_input_channel() or "web")


def _match(told: Mapping[str, Any]) -> Match:
    """A match as it was before the message became JSON."""
    values = {name: tuple(value) if isinstance(value, (list, tuple)) else value for name, value in told.items()}
    return Match(**{**values, "candidates": tuple(Candidate(**found) for found in told["candidates"])})
