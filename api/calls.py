"""The phone: a call begins, takes its turns and ends; a person with 0 and safety come before all else."""

from __future__ import annotations

import hashlib
import re
import secrets
import time

import phonenumbers
from redis.exceptions import RedisError

from api.conversations import Conversation, ConversationGone, digest_of, new_message
from api.errors import ApiError
from api.gateway import Gateway
from api.phone import dialogue
from api.phone.dialogue import UNHEARD, Dialogue
from api.phone.pending import Pending
from api.phone.recent import RecentCalls, broken_off, has_business, is_over, of_ticket
from api.phone.spoken import Heard, Spoken, last_prompt, pressed, with_prompt
from api.ports import Alarm
from api.responder import Turn
from knowledge.errors import UnknownItem

__all__ = ["PHRASES", "UNHEARD", "Calls", "Heard", "PERSON_KEYS", "Spoken", "call_token", "caller_number", "conversation_id", "pressed"]
PHRASES = (*dialogue.PHRASES, "utter_greet", "utter_transfer_human", "utter_fault_transfer", "utter_resume_offer")
PERSON_KEYS = ("0", "0#")
_PASSED_ON = re.compile(r"transfer|转接|转人工", re.IGNORECASE)  # why a call is over here that goes on with a person
_MATTER, _TICKET, _PERSON = "刚才的事", "登记的事", "要找工作人员"


def conversation_id(key_id: str, call_id: str) -> str:
    """Return the conversation of a call; two exchanges that count alike do not meet."""
    return "i" + hashlib.sha256(f"{key_id}/{call_id}".encode()).hexdigest()[:32]


def call_token(id: str) -> str:
    """Return a new secret that opens this one conversation: what a voice browser sends instead of a key."""
    return f"{id}.{secrets.token_urlsafe(24)}"


def caller_number(given: str | None) -> str | None:
    """Return a Chinese number as it is dialled at home (138…, 0531…), None for a withheld or impossible one."""
    try:
        number = phonenumbers.parse(given or "", "CN")
    except phonenumbers.NumberParseException:
        return None
    if number.country_code != 86 or not phonenumbers.is_valid_number(number):
        return None
    national = phonenumbers.national_significant_number(number)
    return national if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE else f"0{national}"


class Calls:
    """Every call gets an answer that the exchange can act on, whatever is down."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._parts = gateway.parts
        self._dialogue = Dialogue(gateway)
        self._recent = RecentCalls(gateway.parts.redis)

    async def begin(self, id: str, caller: str | None, region: str, *, line: str = "", token: str = "", returns: bool = False) -> Spoken:
        """Greet, or offer to go on where the last call of this `line` broke off; an exchange that asks twice loses nothing.

        `line` stands for a number that the exchange vouches for; `token` opens the call from now on; `returns`: after a transfer the
        exchange asks whether it goes on.
        """
        token = token or secrets.token_urlsafe(32)
        try:
            try:
                call = await self._gateway.conversations.load(id)
            except ConversationGone:
                greeting = await self._greeting(line, id)
                await self._gateway.conversations.open(id, "ivr", region, caller, token)
                await self._dialogue.keep(id, greeting, {"line": line, "returns": "1" if returns else "", "history": with_prompt({}, greeting)})
                return greeting
            # The answer that held the first token may have been lost on its way.
            await self._gateway.conversations.append(id, [], fields={"digest": digest_of(token)})
            return last_prompt(call.fields) or self._greet()
        except RedisError:
            return self._dialogue.to_person("utter_fault_transfer", "fault")

    async def turn(self, id: str, heard: Heard) -> Spoken:
        """Answer one turn. Raises ApiError for a call that is unknown or over, but never for an alarm or the key 0."""
        if heard.dtmf in PERSON_KEYS:
            return await self._with_person(id) or await self._keep(id, "0", self._person())
        alarm = self._parts.detector.detect(heard.text) if heard.text else None
        if alarm:  # even a word that was hardly understood
            return await self._keep(id, heard.text, self._alarm(id, alarm), alarm)
        try:
            async with self._gateway.lock.hold(id):
                return await self._dialogue.turn(await self.known(id), heard)
        except RedisError:
            self._parts.log.error("call_without_store")
            return self._dialogue.to_person("utter_fault_transfer", "fault")

    def unkept(self, id: str, heard: Heard) -> Spoken:
        """Answer a turn of which nothing can be stored: an alarm with its number, everybody else with a person."""
        alarm = self._parts.detector.detect(heard.text) if heard.text else None
        if alarm:
            return self._alarm(id, alarm)
        return self._person() if heard.dtmf in PERSON_KEYS else self._dialogue.to_person("utter_fault_transfer", "fault")

    async def onward(self, id: str) -> Spoken | None:
        """Return where a person has handed the caller on to, None if nowhere. Raises ApiError for a call that is unknown or over."""
        async with self._gateway.lock.hold(id):
            call = await self.known(id)
            number = call.fields.get("transfer_to")
            return await self._dialogue.passed_on(call, number) if number else None

    async def end(self, id: str, reason: str) -> None:
        """Note that the call is over; one that broke off may be gone on with."""
        call = await self.known(id)
        await self._gateway.conversations.append(id, [], fields={"ended": reason})
        gave_up = call.owner == "queue" and not _PASSED_ON.search(reason) and not await self._alarmed(id)
        if gave_up:
            await self._gateway.line.leave(id)  # nobody is on the line any more; an alarm is looked after all the same
        if not (line := call.fields.get("line")) or not has_business(call.outcome):
            return
        last = await self._recent.last(line)
        if gave_up and last is None and await self._gateway.presence.used():  # else people may have spoken with him at the exchange
            await self._recent.note(line, id)
        elif last == id:
            await (self._recent.note(line, id) if broken_off(call.fields, reason) else self._recent.forget(line))

    async def known(self, id: str) -> Conversation:
        """Return a call that goes on; raise ApiError("call_not_found") or ("call_ended")."""
        try:
            conversation = await self._gateway.conversations.load(id)
        except ConversationGone:
            raise ApiError("call_not_found") from None
        if "ended" in conversation.fields:
            raise ApiError("call_ended")
        return conversation

    def _greet(self) -> Spoken:
        return Spoken(self._dialogue.say("utter_greet"), "smalltalk")

    async def _greeting(self, line: str, id: str) -> Spoken:
        before = await self._recent.last(line) if line else None
        try:
            last = await self._gateway.conversations.load(before) if before and before != id else None
        except ConversationGone:
            last = None
        if last is None or not is_over(last.fields, self._parts.clock()):  # two may share a number: one may be speaking still
            return self._greet()
        offer = self._dialogue.say("utter_resume_offer", topic=self._topic(last))
        return Spoken(offer, "smalltalk", pending=Pending("resume", call=last.id))

    def _topic(self, call: Conversation) -> str:
        """The name of what was talked of; of what somebody had registered only that it was so, for others may use the telephone."""
        about = call.fields.get("about", "")
        if call.outcome == "handoff":
            return _PERSON
        if of_ticket(call.outcome):
            return _TICKET
        try:
            return self._parts.knowledge.catalogue.record(about).name if about else _MATTER
        except UnknownItem:
            return _MATTER

    def _person(self) -> Spoken:
        return self._dialogue.to_person("utter_transfer_human", "handoff")

    async def _with_person(self, id: str) -> Spoken | None:
        """Return the answer to 0 in a call that a person has already, None for every other and where nobody can tell."""
        try:
            call = await self._gateway.conversations.load(id)
            mine = call.owner == "operator" and not call.ended
            return await self._dialogue.with_person(call, Heard(dtmf="0")) if mine else None
        except (ConversationGone, RedisError):
            return None

    async def _alarmed(self, id: str) -> bool:
        return any(entry.id == id and entry.alarm for entry in await self._gateway.line.waiting())

    def _alarm(self, id: str, alarm: Alarm) -> Spoken:
        began = time.perf_counter()
        answer = self._gateway.responder.emergency(alarm, "ivr")
        self._gateway.responder.report(Turn(secrets.token_hex(16), id, "ivr", "", None), answer, "safety", began)
        return self._dialogue.spoken(answer, answer.facts.get("transfer_to"))

    async def _keep(self, id: str, heard: str, spoken: Spoken, alarm: Alarm | None = None) -> Spoken:
        """Store both sides if it can be done; a call that goes over to a person is not held up by that."""
        sender = id
        try:
            call = await self._gateway.conversations.load(id)
            await self._gateway.conversations.append(id, [new_message("caller", heard, self._parts.clock())])
            await self._dialogue.keep(id, spoken, {"outcome": spoken.outcome})
            if spoken.action == "transfer":
                await self._gateway.reception.join(call, "asked" if spoken.outcome == "handoff" else spoken.outcome, heard)
            fields = call.fields
            sender = fields.get("sender") or id
            if line := fields.get("line"):
                await self._recent.forget(line)
        except (ConversationGone, RedisError) as error:
            self._parts.log.warning("transfer_not_stored", outcome=spoken.outcome, error=type(error).__name__)
        if alarm:
            self._parts.memory.silence(sender)
        return spoken
