"""From a clear match to the reply, for the region that the caller names or stands in."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

from api.ports import Knowledge, Regions
from knowledge.holding import holding
from knowledge.life_event import LifeEvent
from knowledge.matching.places import prefer
from knowledge.model import Item, Match, Reply
from knowledge.plan import plan
from knowledge.ports import Catalogue


def matched(knowledge: Knowledge, regions: Regions, words: str, region: str | None, limit: int = 5) -> tuple[Match, str | None]:
    """Return the match for a caller's words, and the region that it is for: the one they name, else his own."""
    named = regions.find(words, region)
    where = named.code if named else region
    match = prefer(knowledge.matcher.match(words, limit), knowledge.catalogue, where)
    return dataclasses.replace(match, candidates=match.candidates[:max(limit, len(match.choices))]), where


def reply_to(knowledge: Knowledge, match: Match, where: str | None) -> Reply:
    """Return the reply to a match whose decision is answer, as it holds in `where`. Raises UnknownItem."""
    best = match.candidates[0]
    return knowledge.answerer.about(best.code, match.facet, where, best.matched_on)


def whole_record(catalogue: Catalogue, code: str, region: str | None) -> dict[str, Any]:
    """Return all that is known of a record as it holds in `region`, `record` saying what it is; a life event with its plan. Raises UnknownItem."""
    found = catalogue.record(code)
    if isinstance(found, Item):
        return {"record": "item", "holding": holding(found.only_in, region)} | _told(catalogue.item(code, region))
    if isinstance(found, LifeEvent):
        return {"record": "life_event"} | _told(found) | {"plan": dataclasses.asdict(plan(found, catalogue.steps_of(found, region)))}
    return {"record": "policy"} | _told(found)


def _told(record: Any) -> dict[str, Any]:
    whole = dataclasses.asdict(record)
    del whole["source"]  # file and line are ours alone
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in whole.items()}
