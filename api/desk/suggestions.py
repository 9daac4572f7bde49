"""What a person who owns a conversation could answer: up to three sentences from the knowledge base, each ready to be sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from api.knowledge.answering import matched
from api.phrases import Phrases
from api.ports import Channel, Detector, Knowledge, Log, Regions
from api.schemas import CHAT_LIMIT
from knowledge.errors import UnknownItem
from zh.normalise import normalise

MOST = 3
WORTH = 0.01     # chance; the best one is told whatever its chance, unless nothing fits at all
PATIENCE_S = 2.0


@dataclass(frozen=True)
class Suggestion:
    """A reply worded for the channel, the record that it tells of, and the chance (0..1) that this is what was meant."""

    text: str
    item: str
    name: str
    score: float


class Suggestions:
    """Reads the knowledge base and nothing else: neither Rasa nor what is learnt from callers ever hears of it."""

    def __init__(self, knowledge: Knowledge, regions: Regions, phrases: Phrases, detector: Detector, log: Log) -> None:
        self._knowledge = knowledge
        self._regions = regions
        self._phrases = phrases
        self._detector = detector
        self._log = log

    async def to(self, text: str, channel: Channel, region: str | None) -> list[Suggestion]:
        """Return the best first, none to an alarm; never raises, for an operator can do without."""
        try:
            return await asyncio.wait_for(asyncio.to_thread(self.worded, text, channel, region), PATIENCE_S)
        except Exception as error:
            self._log.warning("no_suggestions", error=type(error).__name__)
            return []

    def worded(self, text: str, channel: Channel, region: str | None) -> list[Suggestion]:
        """The same, blocking for some milliseconds; raises what the knowledge base raises."""
        if self._detector.detect(text):
            return []
        match, where = matched(self._knowledge, self._regions, normalise(text), region)
        if match.decision == "none":
            return []
        found = []
        for rank, candidate in enumerate(match.candidates):
            if rank and candidate.score < WORTH:
                break
            try:
                reply = self._knowledge.answerer.about(candidate.code, match.facet, where, candidate.matched_on)
            except UnknownItem:  # withdrawn between the match and the answer
                continue
            words = self._phrases.render(reply.response, channel, **reply.values)
            if len(words) <= CHAT_LIMIT:
                found.append(Suggestion(words, candidate.code, candidate.name, round(candidate.score, 3)))
        return found[:MOST]
