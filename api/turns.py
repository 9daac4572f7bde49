"""The way of a turn in the web chat: safety first, then whoever owns the conversation."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Callable, Mapping

from api.conversations import ConversationGone, ConversationMoved, Conversations, Message, Owner, new_message, told
from api.desk import reception
from api.desk.reception import Reception
from api.ports import Alarm
from api.rasa_client import Answer
from api.responder import Responder, Turn
from api.summary import mark_of
from api.turn_lock import TurnLock

PHRASES = reception.PHRASES
_TURNS = uuid.UUID("5b0f6f1c-3a52-4d0e-9a3e-12345a12345a")


def turn_id(conversation: str, message_id: str) -> str:
    """Return the id of a turn; the same message gets the same one, so that a repeat opens no second ticket."""
    return uuid.uuid5(_TURNS, f"{conversation}/{message_id}").hex


class Turns:
    """Takes one message at a time per conversation; an alarm waits for nobody."""

    def __init__(self, conversations: Conversations, lock: TurnLock, reception: Reception, responder: Responder,
                 clock: Callable[[], datetime]) -> None:
        self._conversations = conversations
        self._lock = lock
        self._reception = reception
        self._responder = responder
        self._clock = clock

    async def take(self, id: str, text: str, message_id: str, alarm: Alarm | None) -> dict[str, Any]:
        """Answer a message once; a repeat of `message_id` gets the same reply. Raises ConversationGone."""
        async with self._lock.hold(f"{id}:alarm" if alarm else id):
            done = await self._conversations.done(id, f"reply:{message_id}")
            if done:
                return reply_of(*done)
            if (await self._conversations.load(id)).ended:  # it can be read for a while, but nobody answers in it
                raise ConversationGone(id)
            said = new_message("caller", text, self._clock(), client_message_id=message_id)
            await self._conversations.append(id, [said], once=f"caller:{message_id}")
            conversation = await self._conversations.load(id)
            turn = Turn(turn_id(id, message_id), id, "web", text, conversation.region)
            received = await self._reception.receive(conversation, turn, alarm)
            answer, owner = received.answer, received.owner
            messages = [*self.worded(answer), *(new_message("system", text, self._clock()) for text in received.notices)]
            note = {"outcome": answer.outcome, "turn_id": turn.id, "owner": owner, **answer.facts}
            unless: Owner | None = None if alarm or conversation.owner == "operator" else "operator"
            try:
                kept = await self._conversations.append(id, messages, fields={**kept_of(answer), **received.fields},
                                                        once=f"reply:{message_id}", note=note, unless=unless)
            except ConversationMoved:  # the lock was lost and a person took it meanwhile: exactly one of them speaks
                note = {"outcome": "transferred", "turn_id": turn.id, "owner": "operator"}
                kept = await self._conversations.append(id, [], fields={"outcome": "transferred"}, once=f"reply:{message_id}", note=note)
            return reply_of(kept, note)

    def unkept(self, text: str, message_id: str, alarm: Alarm) -> dict[str, Any]:
        """Return the words for an alarm when nothing can be stored: they must be heard all the same."""
        answer = self._responder.emergency(alarm, "web")
        messages = [{**message, "seq": 0} for message in self.worded(answer)]
        return reply_of(messages, {"outcome": answer.outcome, "turn_id": turn_id("unkept", message_id), "owner": "bot"})

    def worded(self, answer: Answer) -> list[Message]:
        """Return an answer's sentences as messages of the bot, the first with the mark of its turn."""
        return [new_message("bot", said.text, self._clock(), card=said.card, options=list(said.options),
                            turn=None if place else mark_of(answer.outcome, answer.facts)) for place, said in enumerate(answer.utterances)]


def kept_of(answer: Answer) -> dict[str, str]:
    """Return what a conversation remembers of its newest answer; what it was about stays until something else is talked of."""
    facts = {name: value for name in ("item", "ticket_type") if isinstance(value := answer.facts.get(name), str)}
    facet = {"facet": str(answer.facts.get("facet") or "")} if "item" in facts else {}
    return {"outcome": answer.outcome, **({"about": answer.about} if answer.about else {}), **facts, **facet}


_TOLD = ("outcome", "item", "facet", "region", "turn_id", "ticket_type", "ticket")


def reply_of(messages: list[Message], note: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON of a reply; what is unknown is left out."""
    known = {key: note[key] for key in _TOLD if note.get(key) is not None}
    return {"messages": [told(message) for message in messages], "owner": note["owner"], **known}
