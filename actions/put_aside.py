"""A ticket form that a hand-off or a new web session put aside with what it holds, and whether a caller goes on with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Tracker

from actions.interruption import sounds_like_a_question
from actions.turn import Turn
from actions.wiring import Parts
from core.going_on import goes_on
from tickets import intake, queue_intake
from tickets.draft import Draft

_TELLING = frozenset({"inform", "nlu_fallback", "correct"})
_HANDED_OVER = (None, "handoff")  # None: in this tracker nothing was said yet


def draft_of(tracker: Tracker) -> Draft | None:
    """Return the draft that a tracker holds, None if there is none or it cannot be read."""
    try:
        return Draft.from_dict(tracker.get_slot("ticket_draft"))
    except (KeyError, ValueError, TypeError, AttributeError):  # of another release
        return None


def resumes(tracker: Tracker, turn: Turn, p: Parts) -> bool:
    """Return whether a message that opens no form by itself goes on with the draft put aside."""
    draft = draft_of(tracker)
    if draft is None:
        return False
    if goes_on(turn.text):
        return True
    before = _outcome_before(tracker)
    if turn.intent == "affirm":
        # 好的 after 我帮您转人工 is no wish to go on; after 上次投诉还没登记完 it is.
        return before is None and not (tracker.get_slot("offer") or tracker.get_slot("choices"))
    tells = turn.intent in _TELLING and turn.match["decision"] != "answer" and not sounds_like_a_question(turn.text)
    return before in _HANDED_OVER and tells and _answers(draft, turn, p)


def with_answer(draft: Draft, turn: Turn, p: Parts) -> Draft:
    """Return the draft with what the message tells, as the answer to what would be asked next; never confirmed by it."""
    if goes_on(turn.text) or turn.intent == "affirm":
        return draft
    ask, absorb = (queue_intake.next_question, queue_intake.absorb) if draft.queue else (intake.next_question, intake.absorb)
    question = ask(replace(draft, confirmed=None)) or "confirm"
    return replace(absorb(draft, question, turn.text, p.tickets.extract(turn.text), turn.region_said), confirmed=None)


def _answers(draft: Draft, turn: Turn, p: Parts) -> bool:
    told = with_answer(draft, turn, p)
    return _fields(told) != _fields(draft)


def _fields(draft: Draft) -> tuple[Any, ...]:
    # Words alone may be about anything; where the matter itself is still to be told they are the answer.
    return draft.where, draft.when, draft.who, draft.name, draft.phone, draft.anonymous, draft.confidential, bool(draft.course), dict(draft.matter)


def _outcome_before(tracker: Tracker) -> str | None:
    """The outcome of the last thing the bot said in this tracker."""
    for event in reversed(tracker.events):
        custom = (event.get("data") or {}).get("custom") if event.get("event") == "bot" else None
        if custom and custom.get("outcome"):
            return str(custom["outcome"])
    return None
