"""From a clear match to the reply, for the region that the caller names or stands in."""

from __future__ import annotations

from api.ports import Knowledge, Regions
from knowledge.model import Match, Reply


def reply_to(knowledge: Knowledge, regions: Regions, words: str, match: Match, region: str | None) -> tuple[Reply, str | None]:
    """Return the reply to a match whose decision is answer, and the region that it holds for."""
    best = match.candidates[0]
    named = regions.find(words, region)
    where = named.code if named else region
    return knowledge.answerer.about(best.code, match.facet, where, best.matched_on), where
