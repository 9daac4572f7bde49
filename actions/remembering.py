"""What a turn teaches: which record the words asked before turned out to mean. Read off what was said, not off how it was decided."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Mapping, Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from actions.turn import Turn
from core.logs import get_logger
from knowledge.memory.recorder import Memory
from knowledge.memory.vetting import only_chooses

SLOT = "asked"
_REJECTS = re.compile(r"^(?:不对|不是(?:这个|那个|这意思|这事|问|说|我(?:要|想)|$|[,，。的])|错了|说错|弄错|搞错|答错|你听错|答非所问)"
                      r"|(?:我|俺)(?:问|说|要|想问|想办)的(?:不是|可不是)|不是(?:我|俺)(?:要)?(?:问|说)|答非所问|说的不是一回事")
_NONE_OF_THEM = re.compile(r"(?:都|也|全)(?:不|没)|没有|^不是|^不对")
_BEFORE_IT = re.compile(r"^(?:不对|不是|错了|[,，。])*(?:我|俺)?(?:是)?(?:问|说)?的是")  # 不对,我问的是换驾照


@dataclass(frozen=True)
class Asked:
    """The words asked last, the record they were answered with, what was learned of it, and what the caller rejected before."""

    words: str | None = None
    code: str | None = None
    picked: tuple[tuple[str, str], ...] = ()  # (words, code) kept on the way to this answer: a rejection takes them back
    rejected: str | None = None               # words whose answer was wrong
    wrong: str | None = None                  # that answer's record


def remember(memory: Memory, tracker: Tracker, turn: Turn, said: Sequence[Mapping[str, Any]], events: list[EventType]) -> list[EventType]:
    """Return `events` with what is to be known of this turn in the next one; tell `memory` what it teaches. Never raises."""
    try:
        asked = _after(memory, Asked(**(tracker.get_slot(SLOT) or {})), codes_in(tracker.get_slot("choices")), turn, said, events)
    except Exception as error:  # what goes wrong here is nothing to the caller
        get_logger("memory").error("turn_not_remembered", error=type(error).__name__)
        return events
    return [*events, SlotSet(SLOT, asdict(asked))]


def codes_in(choices: Any) -> frozenset[str]:
    """Return the codes that the slot `choices` offers: bare codes, or options that hold several."""
    if isinstance(choices, Mapping):
        return codes_in(choices.get("options") or choices.get("codes"))
    if isinstance(choices, str):
        return frozenset((choices,))
    return frozenset(code for choice in choices or () for code in codes_in(choice))


def _after(memory: Memory, before: Asked, offered: frozenset[str], turn: Turn, said: Sequence[Mapping[str, Any]], events: list[EventType]) -> Asked:
    if not offered and before.code and _REJECTS.search(turn.text):
        for words, code in before.picked:
            memory.take_back(turn.conversation, words, code)
        before = Asked(rejected=before.rejected or before.words, wrong=before.code)
    told = next((message["custom"] for message in reversed(said) if (message.get("custom") or {}).get("outcome")), {})
    outcome, item = told.get("outcome"), told.get("item")
    if outcome == "answered" and item:
        return _answered(memory, before, offered, turn, item)
    if outcome == "clarified":
        now = codes_in(next((event["value"] for event in events if event.get("event") == "slot" and event["name"] == "choices"), None))
        again = bool(offered) and now <= offered  # 多少钱呢 asks for nothing else
        return Asked(before.words if again else _BEFORE_IT.sub("", turn.text), None, (), before.rejected, before.wrong)
    if outcome == "not_found":
        return _not_found(memory, before, offered, turn)
    return before


def _answered(memory: Memory, before: Asked, offered: frozenset[str], turn: Turn, item: str) -> Asked:
    if item == before.code:  # and what does it cost
        return before
    chosen = item in offered and before.words
    learned = {words: how for words, how in ((before.words if chosen else None, "choice"), (before.rejected, "correction")) if words}
    if item == before.wrong:  # it was right after all, or the same mistake again
        learned.pop(before.rejected or "", None)
    for words, how in learned.items():
        memory.pick(turn.conversation, words, item, how)  # type: ignore[arg-type]  # the two literals above
    return Asked(before.words if chosen else _BEFORE_IT.sub("", turn.text), item, tuple((words, item) for words in learned))


def _not_found(memory: Memory, before: Asked, offered: frozenset[str], turn: Turn) -> Asked:
    if offered and before.words and len(turn.text) < 10 and _NONE_OF_THEM.search(turn.text):
        memory.miss(turn.conversation, before.words)
    elif not (only_chooses(turn.text) or _REJECTS.search(turn.text)):
        memory.miss(turn.conversation, turn.text)
    return Asked(rejected=before.rejected, wrong=before.wrong)
