"""Between the bot and a person: who answers a turn, when it goes to the line, and what the caller is told of it. The same for every channel."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Callable, Mapping, cast

from api.conversations import Conversation, Conversations, Owner
from api.desk import callback, misunderstanding
from api.desk.callback import CallBacks, Step
from api.desk.line import Line
from api.desk.presence import Presence
from api.desk.privacy import wishes
from api.desk.skills import GENERAL, says_old, skill_of
from api.desk.waits import Waits
from api.phrases import Phrases
from api.ports import Alarm
from api.rasa_client import Answer, Utterance
from api.responder import Responder, Turn
from api.summary import names_of, summarise
from knowledge.errors import UnknownItem
from knowledge.ports import Catalogue
from safety.mood import IRRITATED, Heard, hear

PHRASES = (*callback.PHRASES, "utter_queue_joined", "utter_queue_waiting", "utter_queue_place", "utter_queue_place_unknown",
           "utter_handoff_angry", "utter_handoff_distressed", "utter_handoff_misunderstood")
_MOODS = {"angry": "utter_handoff_angry", "distressed": "utter_handoff_distressed"}
_PLACE_KEPT = timedelta(hours=1)  # who said no to a call back and asks again stands where he stood


@dataclass(frozen=True)
class Received:
    """What a turn came to: the bot's answer, the owner after it, what the system tells besides, and fields that change with it."""

    answer: Answer
    owner: Owner
    notices: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """A place in the line; `minutes` is unknown until enough people were taken lately."""

    position: int
    minutes: int | None = None


class Reception:
    """Called with the conversation's turn lock held, but for alarms. Raises what Redis raises."""

    def __init__(self, conversations: Conversations, line: Line, presence: Presence, waits: Waits, responder: Responder, callbacks: CallBacks,
                 catalogue: Catalogue, phrases: Phrases, clock: Callable[[], datetime]) -> None:
        self._conversations = conversations
        self._line = line
        self._presence = presence
        self._waits = waits
        self._responder = responder
        self._callbacks = callbacks
        self._catalogue = catalogue
        self._phrases = phrases
        self._clock = clock

    async def receive(self, conversation: Conversation, turn: Turn, alarm: Alarm | None = None) -> Received:
        """Answer a turn and put the conversation into the line where a person is wanted."""
        if alarm:
            began = time.perf_counter()
            answer = self._responder.emergency(alarm, turn.channel)
            self._responder.report(turn, answer, "safety", began)
            return Received(answer, await self.join(conversation, answer.outcome, turn.text) or conversation.owner)
        if conversation.owner == "operator":  # exactly one of them speaks: the person
            return Received(Answer((), "transferred"), "operator", fields=wishes(turn.text, None))
        step = await self._callbacks.step(conversation, turn.text, await self._about(conversation))
        if step.answer:
            return Received(step.answer, await self._owner_after(conversation, step), fields=step.fields)
        felt = hear(turn.text, int(conversation.fields.get("heat") or 0))
        fields = {**step.fields, "mood": felt.mood, "heat": str(felt.heat), **({"elderly": "1"} if says_old(turn.text) else {}),
                  **wishes(turn.text, conversation.outcome)}
        answer, reason = await self._answer(conversation, turn, felt)
        unanswered, irritated = bool(answer.facts.get("unanswered")), answer.facts.get("mood") == "angry"
        fields |= {"unanswered": "1" if unanswered else "", **({"mood": "angry"} if reason == "angry" else {}),
                   **({"heat": str(max(felt.heat, IRRITATED))} if irritated else {})}
        if reason is None and conversation.owner == "bot" and not unanswered:  # what has no answer was understood all the same
            fields |= misunderstanding.after(conversation.fields, answer)
            if misunderstanding.too_often(fields):
                answer, reason, fields = self._say("utter_handoff_misunderstood", turn), "misunderstood", {**fields, **misunderstanding.UNDERSTOOD}
        if reason is None:
            told, place = await self._moved_up(conversation)
            return Received(answer, conversation.owner, told, {**fields, **place})
        return await self._to_person(conversation, turn, answer, reason, fields)

    async def join(self, conversation: Conversation, reason: str, text: str = "", fields: Mapping[str, str] | None = None) -> Owner | None:
        """Put a conversation into the line and return its owner, None where it is over; `fields` are about to change."""
        known = {**conversation.fields, **(fields or {})}
        at, before = self._clock(), conversation.fields.get("handoff")
        if before and known.get("callback") == callback.DECLINED:
            since = datetime.fromisoformat(json.loads(before)["since"])
            at = since if at - since < _PLACE_KEPT else at
        skill = await self._skill(conversation, text)
        owner = await self._line.join(conversation.id, reason, at, skill=skill, region=conversation.region,
                                      elderly=known.get("elderly") == "1", distressed=known.get("mood") == "distressed")
        return cast(Owner, owner) if owner else None

    async def nobody_for(self, conversation: Conversation, text: str = "") -> bool:
        """Whether this hotline's people use the desk and none of them is there for this conversation."""
        return await self._presence.used() and not await self._presence.anybody_for(await self._skill(conversation, text), conversation.region)

    async def standing(self, id: str) -> Standing | None:
        """Return the place of a conversation that waits."""
        line = await self._line.waiting()
        own = next((entry for entry in line if entry.id == id), None)
        place = await self._line.place_of(id) if own else None
        if own is None or place is None:
            return None
        return Standing(place.position, await self._waits.expected(own.skill, own.region, place.position, self._clock()))

    def place_told(self, standing: Standing) -> str:
        """Say a place and how long it will take, or that nobody can tell."""
        if standing.minutes is None:
            return self._phrases.render("utter_queue_place_unknown", "web", place=str(standing.position))
        return self._phrases.render("utter_queue_place", "web", place=str(standing.position), minutes=str(standing.minutes))

    async def _answer(self, conversation: Conversation, turn: Turn, felt: Heard) -> tuple[Answer, str | None]:
        """Return the answer and, where a person is wanted, why."""
        began = time.perf_counter()
        if felt.mood != "calm" and conversation.owner == "bot":
            answer = self._say(_MOODS[felt.mood], turn)
            self._responder.report(turn, answer, "mood", began)
            return answer, felt.mood
        answer = await self._responder.answer(turn)
        if answer.outcome == "handoff":
            return answer, "no_answer" if conversation.outcome == "not_found" or conversation.fields.get("unanswered") else "asked"
        if answer.facts.get("mood") == "angry" and int(conversation.fields.get("heat") or 0) and conversation.owner == "bot":
            return self._say(_MOODS["angry"], turn), "angry"
        return answer, None

    async def _owner_after(self, conversation: Conversation, step: Step) -> Owner:
        """Who waits in the line leaves it for a call back that was opened, and for nothing less."""
        if conversation.owner != "queue" or step.fields.get("callback") != callback.OPENED:
            return conversation.owner
        return await self._line.leave(conversation.id) or conversation.owner

    async def _to_person(self, conversation: Conversation, turn: Turn, answer: Answer, reason: str, fields: Mapping[str, str]) -> Received:
        declined = conversation.fields.get("callback") in (callback.DECLINED, callback.OPENED)
        reachable = turn.channel == "web" or conversation.caller
        if conversation.owner == "bot" and reachable and not declined and await self.nobody_for(conversation, turn.text):
            return Received(self._callbacks.offer("utter_nobody_free", turn.channel), "bot", fields={**fields, **self._callbacks.offered()})
        owner = await self.join(conversation, reason, turn.text, {**conversation.fields, **fields})
        if owner != "queue":
            return Received(answer, owner or conversation.owner, fields=fields)
        name = "utter_queue_joined" if conversation.owner == "bot" else "utter_queue_waiting"
        standing = await self.standing(conversation.id)
        told = self._phrases.render(name, "web") + (self.place_told(standing) if standing else "")
        return Received(answer, owner, (told,), {**fields, "told_place": str(standing.position) if standing else ""})

    async def _moved_up(self, conversation: Conversation) -> tuple[tuple[str, ...], dict[str, str]]:
        """Return what is told of the place, and the field that remembers it, where it is another than was told last."""
        standing = await self.standing(conversation.id) if conversation.owner == "queue" else None
        if standing is None or str(standing.position) == conversation.fields.get("told_place"):
            return (), {}
        return (self.place_told(standing),), {"told_place": str(standing.position)}

    async def _skill(self, conversation: Conversation, text: str) -> str:
        """Return whom it is for; somebody for everything where of those nobody is there."""
        try:
            about = conversation.fields.get("about")
            department = getattr(self._catalogue.record(about), "department", None) if about else None
        except UnknownItem:
            department = None
        wanted = skill_of(department, text, conversation.outcome)
        if wanted == GENERAL or not await self._presence.used() or await self._presence.anybody_for(wanted, conversation.region):
            return wanted
        return GENERAL

    async def _about(self, conversation: Conversation) -> str:
        if conversation.fields.get("callback") not in (callback.OFFERED, callback.NUMBER):
            return ""
        messages = await self._conversations.messages(conversation.id)
        return summarise(messages, conversation.fields, names_of(self._catalogue)).text

    def _say(self, name: str, turn: Turn) -> Answer:
        return Answer((Utterance(self._phrases.render(name, turn.channel)),), "handoff", {"action": "transfer"})
