"""What the product makes of a text: the trained pipeline and the safety rules, without dialogue."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Mapping, Protocol

from cli.evaluation.quiet import hush_structlog
from core.regions import Region
from knowledge.model import Candidate


class Alarm(Protocol):
    """What of safety.alarms.Alarm is looked at."""

    kind: Any
    also: Any


@dataclass(frozen=True)
class Heard:
    """One parsed text. `classifier` is the classifier's own first intent, `intent` the one acted on; `seconds` is the time of the parse."""

    intent: str
    classifier: str
    confidence: float
    decision: str
    facet: str | None
    candidates: tuple[Candidate, ...]
    choices: tuple[str, ...]
    alarm: str | None = None
    seconds: float = 0.0
    region: str | None = None  # the one that the words name


def heard(parsed: Mapping[str, Any], alarm: str | None, seconds: float, region: str | None = None) -> Heard:
    """Return the parse of Rasa (`/model/parse`) as a value."""
    match, intent = parsed["knowledge"], parsed["intent"]
    ranking = parsed.get("intent_ranking") or [intent]
    return Heard(intent["name"] or "", ranking[0]["name"] or "", float(intent["confidence"] or 0), match["decision"], match["facet"],
                 tuple(Candidate(**candidate) for candidate in match["candidates"]), tuple(match["choices"]), alarm, seconds, region)


class Listener:
    """Parses one text after the other; `parse` is Rasa's, `detect` the safety rules', `place` the region tree's."""

    def __init__(self, parse: Callable[[str], Mapping[str, Any]], detect: Callable[[str], Alarm | None], clock: Callable[[], float],
                 place: Callable[[str], Region | None] = lambda text: None) -> None:
        self._parse = parse
        self._place = place
        self._detect = detect
        self._clock = clock

    def hear(self, text: str) -> Heard:
        """Return what is made of the text, timing the parse alone."""
        alarm = self._detect(text)
        start = self._clock()
        parsed = self._parse(text)
        seconds = self._clock() - start
        region = self._place(text)
        return heard(parsed, str(alarm.kind) if alarm else None, seconds, region.code if region else None)


def load_listener(model: Path, detect: Callable[[str], Alarm | None], place: Callable[[str], Region | None]) -> Listener:
    """Load the model once; takes some ten seconds, half of them Rasa's own import."""
    from rasa.core.agent import Agent
    hush_structlog()
    agent = Agent.load(str(model))
    loop = asyncio.new_event_loop()
    return Listener(lambda text: loop.run_until_complete(agent.parse_message(text)), detect, time.perf_counter, place)
