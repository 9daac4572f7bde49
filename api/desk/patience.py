"""What happens when nobody comes, or nobody answers: looked after by every gateway, done by one of them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Callable, Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.conversations import Conversation, ConversationGone, Conversations, Message, new_message
from api.desk.callback import CHOICES, CallBacks
from api.desk.line import Line, Waiting, entry_of
from api.desk.moves import OWNED, Move, Moves
from api.desk.presence import HEARTBEAT_S, Presence
from api.desk.skills import skill_before
from api.phrases import Phrases
from api.ports import Log

PHRASES = ("utter_operator_silent",)
PAUSE_S = 2.0
_GAP = timedelta(seconds=10)  # without a look for so long, this side was cut off: people were, too
_ALL_LEFT = timedelta(minutes=1)  # when nobody is left at the desk: long enough for one who only opens his page anew
_CALL_OVER = timedelta(minutes=30)  # a call needs no place in the line after that, whether its end was told or got lost


class Patience:
    """`wait` is how long callers wait before a call back is offered, `silence` how long a person may leave them without a word."""

    def __init__(self, redis: Redis[str], conversations: Conversations, line: Line, presence: Presence, callbacks: CallBacks, phrases: Phrases,
                 clock: Callable[[], datetime], log: Log, *, wait: timedelta, silence: timedelta) -> None:
        self._redis = redis
        self._moves = Moves(redis)
        self._conversations = conversations
        self._line = line
        self._presence = presence
        self._callbacks = callbacks
        self._phrases = phrases
        self._clock = clock
        self._log = log
        self._wait = wait
        self._silence = silence
        self._began = clock()  # of looking without a gap
        self._looked: datetime | None = None

    async def run(self) -> None:
        """Look again and again until cancelled; no fault ends it."""
        while True:
            try:
                await self.step()
            except RedisError as error:
                self._began = self._clock()
                self._log.warning("patience_waits", error=type(error).__name__)
            except Exception as error:  # one conversation that cannot be read must not leave all others without a person
                self._log.error("patience_fault", error=type(error).__name__, exc_info=True)
            await asyncio.sleep(PAUSE_S)

    async def step(self) -> None:
        """Look once at everybody who waits and everybody whom a person has."""
        # After all gateways or Redis were down nobody can have sent a heartbeat: people get the time to come back first.
        now = self._clock()
        if self._looked and now - self._looked > _GAP:
            self._began = now
        self._looked = now
        settled = now - self._began >= timedelta(seconds=HEARTBEAT_S)
        for entry in await self._line.waiting():
            await self._look_at_line(entry, settled)
        lost = await self._presence.lost() if settled else set()
        for id, key_id in (await self._redis.hgetall(OWNED)).items():
            await self._look_at_desk(id, key_id, key_id in lost)

    async def _look_at_line(self, entry: Waiting, settled: bool) -> None:
        now = self._clock()
        waited = now - datetime.fromtimestamp(entry.since, now.tzinfo)
        try:
            conversation = await self._conversations.load(entry.id)
        except ConversationGone:
            await self._line.leave(entry.id)
            return
        if entry.alarm:
            return
        if (conversation.ended or conversation.channel == "ivr") and waited > _CALL_OVER:
            await self._line.leave(entry.id)
            return
        if conversation.channel != "web" or self._asked(conversation, now) or not await self._presence.used():
            return
        anybody = not settled or await self._presence.anybody_for(entry.skill, entry.region)
        if waited < (self._wait if anybody else min(self._wait, _ALL_LEFT)):
            return
        words = self._callbacks.offer("utter_waited_long" if anybody else "utter_nobody_free", "web").utterances[0].text
        offer = new_message("bot", words, now, options=list(CHOICES))
        move = Move({"queue": "queue"}, seen={"callback": conversation.fields.get("callback", "")}, messages=[offer],
                    fields={**self._callbacks.offered(), "outcome": "clarified"})
        await self._make("waited", entry.id, move)

    def _asked(self, conversation: Conversation, now: datetime) -> bool:
        """Whether he has answered the offer, is being asked, or has just passed it over."""
        fields = conversation.fields
        if fields.get("callback"):
            return True
        at = fields.get("callback_at")
        return bool(at) and now - datetime.fromisoformat(str(at)) < self._wait

    async def _look_at_desk(self, id: str, key_id: str, lost: bool) -> None:
        try:
            conversation = await self._conversations.load(id)
        except ConversationGone:
            await self._line.leave(id)
            return
        if conversation.owner != "operator":
            return
        seen, now = float(conversation.fields.get("operator_seen") or 0), self._clock()
        lost = lost and now.timestamp() - seen >= HEARTBEAT_S  # who works over REST is not at his seat, but heard of here
        if not lost and now.timestamp() - seen < self._silence.total_seconds():
            return
        web = conversation.channel == "web"  # on the phone they hear each other elsewhere
        asked = _unanswered(await self._conversations.messages(id)) if web else None
        silent = asked is not None and now - asked >= self._silence
        if lost or silent:
            await self._make("lost" if lost else "silent", id, self._back_to_line(conversation, key_id, now))

    def _back_to_line(self, conversation: Conversation, key_id: str, now: datetime) -> Move:
        fields = conversation.fields
        entry = entry_of("returned", now, skill=skill_before(fields), region=conversation.region, elderly=fields.get("elderly") == "1",
                         distressed=fields.get("mood") == "distressed", returned=True)
        words = new_message("system", self._phrases.render("utter_operator_silent", conversation.channel), now)
        # A word or a sign of life that comes in at this moment counts: then nothing happens.
        seen = {name: fields.get(name, "") for name in ("seq", "operator_seen")}
        return Move({"operator": "queue"}, operator=key_id, seen=seen, entry=entry, messages=[words], fields={"told_place": "", "callback": ""})

    async def _make(self, why: str, id: str, move: Move) -> None:
        if (await self._moves.make(id, move)).result == "done":
            self._log.info("desk", act=why, conversation=id)


def _unanswered(messages: Sequence[Message]) -> datetime | None:
    """Return when the first word of the caller was said that no person has answered yet."""
    first = None
    for message in messages:
        if message["author"] == "operator":
            first = None
        elif message["author"] == "caller":
            first = first or message["at"]
    return datetime.fromisoformat(first) if first else None
