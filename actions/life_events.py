"""A life event that is being talked of: which of its steps is meant, and when the whole of it is."""

from __future__ import annotations

import re
from typing import Any, Mapping

from knowledge.facets import matter_of
from knowledge.life_event import LifeEvent
from knowledge.matching.encode import FUNCTION

NEAR_FIRST = 0.25  # of the best chance; a step of what is being talked of is meant though it ranks behind another item
# 整个下来要多久 asked after a step is about the event.
_WHOLE = re.compile(r"整个|全部|全套|从头到尾|一共|总共|都办(?:完|下来|好|齐)|下来")


def step_meant(text: str, event: LifeEvent, match: Mapping[str, Any]) -> str | None:
    """Return the code of the step's item that a caller's words mean, None when they mean none of its steps.

    First by the words of the step itself (那办营业执照要带啥), then by the candidates of `match`, a knowledge.model.Match as a dict.
    """
    said = _telling(matter_of(text))
    named = [step.item for step in event.steps if step.item and len(said) > 1 and said in _telling(step.title)]
    if len(set(named)) == 1:
        return named[0]
    candidates = match["candidates"]
    if not candidates or match["decision"] == "none" or candidates[0]["score"] >= 1.0:
        return None
    ours = [found for found in candidates if found["code"] in event.items() and found["score"] >= NEAR_FIRST * candidates[0]["score"]]
    return ours[0]["code"] if ours and match["decision"] == "clarify" else None


def whole_meant(text: str) -> bool:
    """Return whether a follow-up is about the whole event, though a step of it was told last."""
    return bool(_WHOLE.search(text))


def _telling(text: str) -> str:
    return "".join(char for char in text if char not in FUNCTION and char.isalnum())
