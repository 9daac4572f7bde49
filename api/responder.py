"""Who answers a turn: the rules of safety, Rasa, or the knowledge base when Rasa cannot."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Sequence

from api.fallback import PHRASES as FALLBACK_PHRASES
from api.fallback import Fallback
from api.phrases import Phrases
from api.ports import Alarm, Channel, Log
from api.rasa_client import Answer, RasaClient, RasaFault, Utterance

FALLBACK_S = 0.7  # with Rasa's 3 s the whole turn stays within 4 s
KINDS = ("119", "110", "120", "122", "crisis")
PHRASES = (*FALLBACK_PHRASES, "utter_emergency_119", "utter_emergency_110", "utter_emergency_120", "utter_emergency_122",
           "utter_emergency_122_injured", "utter_crisis")


@dataclass(frozen=True)
class Turn:
    """One thing that a caller said; `caller` is a number that a keyed channel vouches for."""

    id: str
    conversation: str
    channel: Channel
    text: str
    region: str | None
    caller: str | None = None


class Responder:
    """Always has an answer; it never raises."""

    def __init__(self, rasa: RasaClient, fallback: Fallback, phrases: Phrases, log: Log) -> None:
        self._rasa = rasa
        self._fallback = fallback
        self._phrases = phrases
        self._log = log

    def emergency(self, alarm: Alarm, channel: Channel) -> Answer:
        """Return the words for a danger; the number stands in their first sentence."""
        injured = alarm.kind == "122" and "120" in alarm.also
        name = f"utter_{alarm.outcome}" + ("_injured" if injured else "")
        facts = {"transfer_to": "120"} if injured else {}  # a life first: the ambulance calls the traffic police
        return Answer((Utterance(self._phrases.render(name, channel)),), alarm.outcome, facts)

    async def answer(self, turn: Turn) -> Answer:
        """Ask Rasa; on any fault answer from the knowledge base, or apologise and offer a ticket."""
        began = time.perf_counter()
        answered_by = "rasa"
        try:
            answer = await self._rasa.ask(turn.conversation, turn.text, turn.channel,
                                          {"region": turn.region, "caller": turn.caller, "turn_id": turn.id})
        except RasaFault as fault:
            self._log.warning("rasa_fault", turn_id=turn.id, reason=fault.reason)
            answered_by = "knowledge"
            answer = await self._without_rasa(turn)
        self.report(turn, answer, answered_by, began)
        return answer

    async def forget(self, sender: str, slots: Sequence[str]) -> bool:
        """Empty slots of a conversation; False where Rasa could not be told."""
        try:
            await self._rasa.forget(sender, slots)
        except RasaFault as fault:
            self._log.warning("rasa_fault", reason=fault.reason)
            return False
        return True

    def report(self, turn: Turn, answer: Answer, answered_by: str, began: float) -> None:
        """Log one turn: never its words."""
        self._log.info("turn", turn_id=turn.id, channel=turn.channel, outcome=answer.outcome, answered_by=answered_by,
                       ms=round((time.perf_counter() - began) * 1000))

    async def _without_rasa(self, turn: Turn) -> Answer:
        try:
            work = asyncio.to_thread(self._fallback.answer, turn.text, turn.channel, turn.region)
            return await asyncio.wait_for(work, FALLBACK_S)
        except Exception as error:  # whatever broke, the caller hears an apology and a way on
            self._log.error("fallback_fault", turn_id=turn.id, error=type(error).__name__, exc_info=True)
            return self._fallback.apology(turn.channel)
