"""What a person at the desk does with a conversation; every act is whole in Redis before it is answered."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from fastapi.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from api.conversations import Conversation, ConversationGone, Message, new_message
from api.desk import transfers
from api.desk.hands import Hands
from api.desk.line import fits
from api.desk.moves import Move, Moved, Moves
from api.desk.package import form_of, messages_of, package_of, privacy_of
from api.desk.suggestions import Suggestion, Suggestions
from api.desk.views import View, holds, may_read, view_of
from api.desk.waiting_list import WaitingList
from api.desk.waking import waking
from api.errors import ApiError
from api.form import slots_of
from api.gateway import Gateway
from api.ports import Key
from api.summary import names_of
from api.turn_lock import TurnLock

PHRASES = (*transfers.PHRASES, "utter_operator_joined", "utter_operator_changed", "utter_operator_left", "utter_operator_line",
           "utter_operator_ended", "utter_operator_ended_rated")
TO_LINE = "queue"
NEXT_WAIT_S = 0.3  # for a turn that goes on, where the next one in the line is as good


class Desk:
    """One for each gateway. Whoever acts on a conversation must have it: ApiError("conversation_not_claimed") or ("conversation_taken").

    One that is over or was never there raises ApiError("conversation_not_found").
    """

    def __init__(self, gateway: Gateway) -> None:
        parts = gateway.parts
        self._gateway = gateway
        self._parts = parts
        self._moves = Moves(parts.redis)
        self._briefly = TurnLock(parts.redis, NEXT_WAIT_S)
        self._suggestions = Suggestions(parts.knowledge, parts.regions, parts.phrases, parts.detector, parts.log)
        self.hands = Hands(parts.redis)
        self.waiting = WaitingList(gateway.line, gateway.conversations)

    async def load(self, id: str) -> Conversation:
        """Return a conversation, whoever has it."""
        try:
            return await self._gateway.conversations.load(id)
        except ConversationGone:
            raise ApiError("conversation_not_found") from None

    async def readable(self, id: str, key: Key) -> Conversation:
        """Return a conversation that this person may see: his own, and for a supervisor every one."""
        conversation = await self.load(id)
        if not may_read(key, conversation):
            raise ApiError("conversation_taken" if conversation.owner == "operator" else "conversation_not_claimed")
        return conversation

    async def claim(self, id: str, key: Key, *, over: bool = False) -> None:
        """Take a conversation over; `over`: from another person too. Taking it twice says nothing twice."""
        await self._claim(id, key, self._gateway.lock, over)

    async def _claim(self, id: str, key: Key, lock: TurnLock, over: bool = False) -> None:
        async with lock.hold(id):  # a turn that the bot is in is finished first: never do both speak
            conversation = await self.load(id)
            name = "utter_operator_changed" if conversation.owner == "operator" else "utter_operator_joined"
            taken = await self._gateway.ownership.claim(id, key.id, key.name, self._parts.clock(), [self._said("system", name, conversation)],
                                                        over=over)
        if taken:
            self._log("claim", id, key)

    async def next(self, key: Key, skills: Sequence[str], region: str | None) -> str | None:
        """Take over the best one that fits and return its id; None when nobody waits for these skills and this region.

        One in the middle of a turn is passed over; where there is none else, ApiError("turn_in_progress").
        """
        busy: ApiError | None = None
        for entry in await self._gateway.line.waiting():
            if not fits(skills, region, entry):
                continue
            try:
                await self._claim(entry.id, key, self._briefly)
                return entry.id
            except ApiError as error:  # another was faster, or it is over
                if error.code == "turn_in_progress":
                    busy = error
                elif error.code not in ("conversation_taken", "conversation_not_found"):
                    raise
        if busy:
            raise busy
        return None

    async def say(self, id: str, key: Key, text: str, message_id: str | None = None, item: str | None = None) -> Message:
        """Answer the caller and return the message as kept; a repeat of `message_id` is kept once. `item`: the suggestion it came from."""
        once = f"operator:{key.id}:{message_id}" if message_id else ""
        async with self._gateway.lock.hold(id):
            done = await self._gateway.conversations.done(id, once) if once else None
            if done:
                return done[0][0]
            if (await self.load(id)).channel == "ivr":
                raise ApiError("call_is_spoken")
            mark = {"outcome": "answered", "item": item, "from": "suggestion"} if item else None
            said = new_message("operator", text, self._parts.clock(), client_message_id=message_id, name=key.name, turn=mark)
            await self._gateway.signs.stops(id, "operator")
            moved = await self._stay(id, key, messages=[said], once=once)
            done = await self._gateway.conversations.done(id, once) if moved.result == "again" else None
        return done[0][0] if done else {**said, "seq": moved.last_seq}

    async def typing(self, id: str, key: Key) -> None:
        """The person who has it types, which is a sign of life, too."""
        await self._alive(id, key)
        await self._gateway.signs.types(id, "operator", key.id)

    async def read(self, id: str, key: Key, seq: int) -> None:
        """The person who has it has read up to a number."""
        conversation = await self.load(id)
        if not holds(key, conversation):
            raise ApiError("conversation_taken" if conversation.owner == "operator" else "conversation_not_claimed")
        await self._gateway.signs.reads(id, "operator", seq, key.id)

    async def view(self, conversation: Conversation, after: int, key: Key) -> View:
        """Return the conversation as it looks from this person's desk."""
        return await view_of(self._gateway.conversations, self._gateway.signs, conversation, after, key)

    async def give_back(self, id: str, key: Key, note: str | None = None) -> None:
        """Give it back to the bot, which says so."""
        async with self._gateway.lock.hold(id):
            conversation = await self.load(id)
            words = [waking(conversation, await self._gateway.conversations.messages(id), names_of(self._parts.knowledge.catalogue),
                            self._parts.phrases, self._parts.clock())]
            await self._gateway.ownership.give_back(id, key.id, words, _noted(note))
        self._log("return", id, key)

    async def end(self, id: str, key: Key, reason: str | None = None) -> None:
        """Say goodbye and end it; who has something to rate and has not done so yet is asked to."""
        async with self._gateway.lock.hold(id):
            conversation = await self.load(id)
            rated = conversation.outcome is None or await run_in_threadpool(self._parts.ratings.rated, id)
            words = [self._said("system", "utter_operator_ended_rated" if rated else "utter_operator_ended", conversation)]
            await self._gateway.ownership.end(id, reason or "operator", key.id, words)
        self._log("end", id, key)

    async def transfer(self, id: str, key: Key, to: str, skill: str | None = None, note: str | None = None, *, clear: bool = False) -> None:
        """Hand the caller on to a neighbour of transfers.NEIGHBOURS with what is known, or to the line of another skill (`to` "queue").

        `clear`: the caller agrees that the neighbour learns who he is though he asked for confidence.
        """
        async with self._gateway.lock.hold(id):
            conversation = await self.load(id)
            await self._alive(id, key)
            if to == TO_LINE:
                await self._to_line(conversation, key, skill, note)
            else:
                await self._to_neighbour(conversation, key, transfers.NEIGHBOURS[to], note, clear)
        self._log("transfer", id, key, to=to)

    async def package(self, id: str, key: Key) -> dict[str, Any]:
        """Return what is handed over; without Rasa the form is missing."""
        conversation = await self.readable(id, key)
        return package_of(conversation, await messages_of(self._gateway.conversations, conversation), await self._slots(conversation),
                          names_of(self._parts.knowledge.catalogue), self._parts.regions, key)

    async def suggestions(self, conversation: Conversation, text: str | None = None) -> list[Suggestion]:
        """Return what could be answered to `text`, else to what the caller said last."""
        if text is None:
            messages = await self._gateway.conversations.messages(conversation.id)
            text = next((message["text"] for message in reversed(messages) if message["author"] == "caller"), "")
        return await self._suggestions.to(text, conversation.channel, conversation.region)

    async def _to_line(self, conversation: Conversation, key: Key, skill: str | None, note: str | None) -> None:
        fields = conversation.fields
        if note:
            await self._gateway.conversations.append(conversation.id, [], fields=_noted(note))
        await self._gateway.ownership.to_line(
            conversation.id, key.id, "returned", self._parts.clock(), [self._said("system", "utter_operator_line", conversation)],
            skill=skill or "general", region=conversation.region, elderly=fields.get("elderly") == "1",
            distressed=fields.get("mood") == "distressed")

    async def _to_neighbour(self, conversation: Conversation, key: Key, neighbour: transfers.Neighbour, note: str | None,
                            clear: bool) -> None:
        id, slots, now = conversation.id, await self._slots(conversation), self._parts.clock()
        messages = await messages_of(self._gateway.conversations, conversation)
        package = package_of(conversation, messages, slots, names_of(self._parts.knowledge.catalogue), self._parts.regions, key)
        # First what the neighbour gets, then the word to the caller that it was passed on: after a crash between the two it is told again.
        await transfers.keep(self._parts.redis, transfers.transfer_of(conversation, neighbour.number, now, package, form_of(slots or {}), note,
                                                                      privacy_of(conversation, slots), clear=clear))
        spoken = conversation.channel == "ivr"  # told by the exchange, with the next turn
        if spoken and _out_of_reach(conversation):
            self._log("transfer", id, key, to=neighbour.number)
            raise ApiError("call_passed_on")
        words = [] if spoken else [self._said("system", neighbour.phrase, conversation, name=neighbour.name, number=neighbour.number)]
        fields = {"outcome": "transferred", **({"transfer_to": neighbour.number} if spoken else {}), **_noted(note)}
        await self._gateway.ownership.give_back(id, key.id, words, fields)

    async def _slots(self, conversation: Conversation) -> Mapping[str, Any] | None:
        return await slots_of(self._gateway.rasa, conversation, self._parts.log)

    async def _alive(self, id: str, key: Key) -> None:
        """Make sure that this person has it, and note that he is there."""
        await self._stay(id, key, quiet=True)

    async def _stay(self, id: str, key: Key, **more: Any) -> Moved:
        """In one step with `more` of a Move: make sure that this person has it, and note that he is there."""
        seen = {"operator_seen": repr(self._parts.clock().timestamp())}
        moved = await self._moves.make(id, Move({"operator": "operator"}, operator=key.id, fields=seen, **more))
        if moved.result in ("gone", "ended"):
            raise ApiError("conversation_not_found")
        if moved.result == "refused":
            raise ApiError("conversation_taken" if moved.owner == "operator" else "conversation_not_claimed")
        return moved

    def _said(self, author: str, name: str, conversation: Conversation, /, **values: str) -> Message:
        return new_message(author, self._parts.phrases.render(name, conversation.channel, **values), self._parts.clock())

    def _log(self, act: str, id: str, key: Key, **more: str) -> None:
        self._parts.log.info("desk", act=act, conversation=id, key=key.id, **more)


def desk_of(connection: HTTPConnection) -> Desk:
    """FastAPI dependency: the desk of the running app."""
    desk: Desk = connection.app.state.desk
    return desk


def _out_of_reach(call: Conversation) -> bool:
    """Whether the exchange will ask no more what to do with a call: it is over there, or was given to a person for good."""
    return bool(call.ended or (call.fields.get("passed") and not call.fields.get("returns")))


def _noted(note: str | None) -> dict[str, str]:
    """What one person leaves for the next; callers never see it."""
    return {"note": note} if note else {}
