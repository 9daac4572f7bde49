"""The way of a turn in the web chat: safety first, then whoever owns the conversation."""

from __future__ import annotations

import time
import uuid
from datetime import datetime
from typing import Any, Callable, Mapping

from api.conversations import Conversation, Conversations, Message, Owner, new_message
from api.phrases import Phrases
from api.ports import Alarm
from api.queue import Queue
from api.rasa_client import Answer
from api.responder import Responder, Turn
from api.turn_lock import TurnLock

PHRASES = ("utter_queue_joined", "utter_queue_waiting")
_TURNS = uuid.UUID("5b0f6f1c-3a52-4d0e-9a3e-12345a12345a")


def turn_id(conversation: str, message_id: str) -> str:
    """Return the id of a turn; the same message gets the same one, so that a repeat opens no second ticket."""
    return uuid.uuid5(_TURNS, f"{conversation}/{message_id}").hex


class Turns:
    """Takes one message at a time per conversation; an alarm waits for nobody."""

    def __init__(self, conversations: Conversations, lock: TurnLock, queue: Queue, responder: Responder,
                 phrases: Phrases, clock: Callable[[], datetime]) -> None:
        self._conversations = conversations
        self._lock = lock
        self._queue = queue
        self._responder = responder
        self._phrases = phrases
        self._clock = clock

    async def take(self, id: str, text: str, message_id: str, alarm: Alarm | None) -> dict[str, Any]:
        """Answer a message once; a repeat of `message_id` gets the same reply. Raises ConversationGone."""
        async with self._lock.hold(f"{id}:alarm" if alarm else id):
            done = await self._conversations.done(id, f"reply:{message_id}")
            if done:
                return reply_of(*done)
            said = new_message("caller", text, self._clock(), client_message_id=message_id)
            await self._conversations.append(id, [said], once=f"caller:{message_id}")
            conversation = await self._conversations.load(id)
            turn = Turn(turn_id(id, message_id), id, "web", text, conversation.region)
            answer = await self._answer(turn, conversation, alarm)
            owner, notice = await self._settle(conversation, answer, alarm)
            messages = [*self.worded(answer), *notice]
            note = {"outcome": answer.outcome, "turn_id": turn.id, "owner": owner, **answer.facts}
            kept = await self._conversations.append(id, messages, fields=kept_of(answer),
                                                    once=f"reply:{message_id}", note=note)
            return reply_of(kept, note)

    def unkept(self, text: str, message_id: str, alarm: Alarm) -> dict[str, Any]:
        """Return the words for an alarm when nothing can be stored: they must be heard all the same."""
        answer = self._responder.emergency(alarm, "web")
        messages = [{**message, "seq": 0} for message in self.worded(answer)]
        return reply_of(messages, {"outcome": answer.outcome, "turn_id": turn_id("unkept", message_id), "owner": "bot"})

    def worded(self, answer: Answer) -> list[Message]:
        """Return an answer's sentences as messages of the bot."""
        return [new_message("bot", said.text, self._clock(), card=said.card, options=list(said.options))
                for said in answer.utterances]

    async def _answer(self, turn: Turn, conversation: Conversation, alarm: Alarm | None) -> Answer:
        if alarm:
            began = time.perf_counter()
            answer = self._responder.emergency(alarm, "web")
            self._responder.report(turn, answer, "safety", began)
            return answer
        if conversation.owner == "operator":  # exactly one of them speaks: the person
            return Answer((), "transferred")
        return await self._responder.answer(turn)

    async def _settle(self, conversation: Conversation, answer: Answer, alarm: Alarm | None) -> tuple[Owner, list[Message]]:
        """Put the conversation into the line where a person is wanted; return the owner and what the caller is told."""
        if not alarm and answer.outcome != "handoff":
            return conversation.owner, []
        await self._queue.join(conversation.id, answer.outcome, self._clock())
        owner = await self._conversations.hand_over(conversation.id, "bot", "queue")
        if alarm:
            return owner, []
        name = "utter_queue_joined" if conversation.owner == "bot" else "utter_queue_waiting"
        return owner, [new_message("system", self._phrases.render(name, "web"), self._clock())]


def kept_of(answer: Answer) -> dict[str, str]:
    """Return what a conversation remembers of its newest answer; what it was about stays until something else is talked of."""
    return {"outcome": answer.outcome, **({"about": answer.about} if answer.about else {})}


_TOLD = ("outcome", "item", "facet", "region", "turn_id", "ticket_type", "ticket")


def reply_of(messages: list[Message], note: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON of a reply; what is unknown is left out."""
    told = {key: note[key] for key in _TOLD if note.get(key) is not None}
    return {"messages": messages, "owner": note["owner"], **told}
