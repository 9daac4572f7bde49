"""How often a caller was not understood since he last got an answer: at the second time a person is asked for."""

from __future__ import annotations

import hashlib
from typing import Mapping

from api.rasa_client import Answer

ENOUGH = 2
UNDERSTOOD: Mapping[str, str] = {"not_understood": "0", "asked_back": ""}
_MISSED = ("not_found", "fault")
_NEITHER = ("clarified", "smalltalk", "repeated", "refused", "out_of_scope")  # no answer to what was asked, and no failure


def after(fields: Mapping[str, str], answer: Answer) -> dict[str, str]:
    """Return the fields of UNDERSTOOD as they are after this answer; asking back counts when the same was asked the turn before."""
    count, asked = int(fields.get("not_understood") or 0), _asked(answer)
    if answer.outcome in _MISSED or (asked and asked == fields.get("asked_back")):
        count += 1
    elif answer.outcome not in _NEITHER:
        count = 0
    return {"not_understood": str(count), "asked_back": asked}


def too_often(fields: Mapping[str, str]) -> bool:
    """Whether a person should take over."""
    return int(fields.get("not_understood") or 0) >= ENOUGH


def _asked(answer: Answer) -> str:
    """Return what stands for the question that is asked back, "" where none is."""
    if answer.outcome != "clarified":
        return ""
    asked = answer.options or tuple(said.text for said in answer.utterances)
    return hashlib.sha256("\n".join(asked).encode()).hexdigest()[:16]
