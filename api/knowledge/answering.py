"""From a clear match to the reply, for the region that the caller names or stands in."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

from api.ports import Knowledge, Regions
from knowledge.life_event import LifeEvent
from knowledge.model import Item, Match, Reply
from knowledge.plan import plan
from knowledge.ports import Catalogue


def reply_to(knowledge: Knowledge, regions: Regions, words: str, match: Match, region: str | None) -> tuple[Reply, str | None]:
    """Return the reply to a match whose decision is answer, and the region that it holds for."""
    best = match.candidates[0]
    named = regions.find(words, region)
    where = named.code if named else region
    return knowledge.answerer.about(best.code, match.facet, where, best.matched_on), where


def whole_record(catalogue: Catalogue, code: str, region: str | None) -> dict[str, Any]:
    """Return all that is known of a record as it holds in `region`, `record` saying what it is; a life event with its plan. Raises UnknownItem."""
    found = catalogue.record(code)
    if isinstance(found, Item):
        return {"record": "item"} | _told(catalogue.item(code, region))
    if isinstance(found, LifeEvent):
        return {"record": "life_event"} | _told(found) | {"plan": dataclasses.asdict(plan(found, catalogue.steps_of(found, region)))}
    return {"record": "policy"} | _told(found)


def _told(record: Any) -> dict[str, Any]:
    whole = dataclasses.asdict(record)
    del whole["source"]  # file and line are ours alone
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in whole.items()}
