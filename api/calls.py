"""The way of a turn on the phone: a person with 0, safety, silence asked again, then Rasa."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import Mapping, Sequence

import phonenumbers
from redis.exceptions import RedisError

from api.conversations import Conversation, ConversationGone, Message, new_message
from api.errors import ApiError
from api.gateway import Gateway
from api.ports import Alarm
from api.rasa_client import Answer, Utterance
from api.responder import Turn

UNHEARD = 0.3  # below this confidence a recogniser's words are as good as none
# Asked again, then more simply; whoever still says nothing may be unable to speak, so a person listens.
SILENCE = ("utter_silence_first", "utter_silence_second", "utter_silence_transfer")
UNCLEAR = ("utter_unclear_first", "utter_unclear_second", "utter_silence_transfer")
PHRASES = (*SILENCE, *UNCLEAR, "utter_greet", "utter_transfer_human", "utter_fault_transfer")
_KEYS = {"*": "再说一遍", "#": "对"}


@dataclass(frozen=True)
class Heard:
    """What the exchange brings: words, keys, or nothing at all."""

    text: str = ""
    dtmf: str = ""
    confidence: float | None = None


@dataclass(frozen=True)
class Spoken:
    """What the exchange is to say and do."""

    prompt: str
    outcome: str
    options: Sequence[str] = ()
    action: str = "continue"
    transfer_to: str | None = None

    @property
    def expects(self) -> str:
        return "both" if self.action == "continue" else "none"


def conversation_id(key_id: str, call_id: str) -> str:
    """Return the conversation of a call; two exchanges that count alike do not meet."""
    return "i" + hashlib.sha256(f"{key_id}/{call_id}".encode()).hexdigest()[:32]


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

    async def begin(self, id: str, caller: str | None, region: str) -> Spoken:
        """Greet; an exchange that asks twice is greeted twice and loses nothing."""
        greeting = self._parts.phrases.render("utter_greet", "ivr")
        try:
            await self._open(id, caller, region, greeting)
        except RedisError:
            return self._to_person("utter_fault_transfer", "fault")
        return Spoken(greeting, "smalltalk")

    async def turn(self, id: str, heard: Heard) -> Spoken:
        """Answer one turn. Raises ApiError for a call that is unknown or over, but never for an alarm or the key 0."""
        if heard.dtmf == "0":
            return await self._keep(id, "0", self._to_person("utter_transfer_human", "handoff"))
        alarm = self._parts.detector.detect(heard.text) if heard.text else None
        if alarm:  # even a word that was hardly understood
            self._parts.memory.silence(id)
            return await self._keep(id, heard.text, self._alarm(id, alarm))
        try:
            async with self._gateway.lock.hold(id):
                return await self._turn(await self._call(id), heard)
        except RedisError:
            self._parts.log.error("call_without_store")
            return self._to_person("utter_fault_transfer", "fault")

    async def end(self, id: str, reason: str) -> None:
        """Note that the call is over."""
        await self._call(id)
        await self._gateway.conversations.append(id, [], fields={"ended": reason})

    async def _open(self, id: str, caller: str | None, region: str, greeting: str) -> None:
        try:
            await self._gateway.conversations.load(id)
        except ConversationGone:
            await self._gateway.conversations.open(id, "ivr", region, caller, secrets.token_urlsafe(32))
            await self._gateway.conversations.append(id, [new_message("bot", greeting, self._parts.clock())])

    async def _call(self, id: str) -> Conversation:
        try:
            conversation = await self._gateway.conversations.load(id)
        except ConversationGone:
            raise ApiError("call_not_found") from None
        if "ended" in conversation.fields:
            raise ApiError("call_ended")
        return conversation

    async def _turn(self, call: Conversation, heard: Heard) -> Spoken:
        unclear = heard.confidence is not None and heard.confidence < UNHEARD
        if not heard.dtmf and (unclear or not heard.text):
            return await self._ask_again(call, UNCLEAR if heard.text else SILENCE)
        text = heard.text or pressed(heard.dtmf, json.loads(call.fields.get("options", "[]")))
        await self._gateway.conversations.append(call.id, [new_message("caller", text, self._parts.clock())])
        turn = Turn(secrets.token_hex(16), call.id, "ivr", text, call.region, call.caller)
        answer = await self._gateway.responder.answer(turn)
        spoken = self._spoken(answer)
        await self._said(call.id, spoken, {"misses": "0"})
        return spoken

    async def _ask_again(self, call: Conversation, names: Sequence[str]) -> Spoken:
        misses = int(call.fields.get("misses", "0")) + 1
        name = names[min(misses, len(names)) - 1]
        if misses >= len(names):
            spoken = self._to_person(name, "handoff")
        else:
            spoken = Spoken(self._parts.phrases.render(name, "ivr"), "repeated", json.loads(call.fields.get("options", "[]")))
        await self._said(call.id, spoken, {"misses": str(misses)})
        return spoken

    def _alarm(self, id: str, alarm: Alarm) -> Spoken:
        began = time.perf_counter()
        answer = self._gateway.responder.emergency(alarm, "ivr")
        self._gateway.responder.report(Turn(secrets.token_hex(16), id, "ivr", "", None), answer, "safety", began)
        return self._spoken(answer, answer.facts.get("transfer_to"))

    def _spoken(self, answer: Answer, target: str | None = None) -> Spoken:
        prompt = "".join(said.text for said in answer.utterances)
        target = target or self._transfer_target(answer.outcome)
        action = "transfer" if target else answer.facts.get("action", "continue")
        if action == "transfer":
            return Spoken(prompt, answer.outcome, answer.options, "transfer", target or self._gateway.settings.transfer_to)
        return Spoken(prompt, answer.outcome, answer.options, "hangup" if action == "hangup" else "continue")

    def _transfer_target(self, outcome: str) -> str | None:
        if outcome.startswith("emergency_"):
            return outcome.removeprefix("emergency_")
        return self._gateway.settings.transfer_to if outcome in ("handoff", "transferred", "crisis") else None

    def _to_person(self, name: str, outcome: str) -> Spoken:
        answer = Answer((Utterance(self._parts.phrases.render(name, "ivr")),), outcome, {"action": "transfer"})
        return self._spoken(answer)

    async def _keep(self, id: str, heard: str, spoken: Spoken) -> Spoken:
        """Store both sides if it can be done; a call that goes over to a person is not held up by that."""
        try:
            await self._gateway.conversations.append(id, [new_message("caller", heard, self._parts.clock())])
            await self._said(id, spoken, {})
        except (ConversationGone, RedisError) as error:
            self._parts.log.warning("transfer_not_stored", outcome=spoken.outcome, error=type(error).__name__)
        return spoken

    async def _said(self, id: str, spoken: Spoken, fields: Mapping[str, str]) -> None:
        message: Message = new_message("bot", spoken.prompt, self._parts.clock())
        kept = {"outcome": spoken.outcome, "options": json.dumps(list(spoken.options), ensure_ascii=False), **fields}
        await self._gateway.conversations.append(id, [message], fields=kept)


def pressed(keys: str, options: Sequence[str]) -> str:
    """Return what keys say: a number picks an option if there are any, * hears it again, # confirms, digits are digits."""
    if keys in _KEYS:
        return _KEYS[keys]
    digits = keys.strip("*#")
    if len(digits) == 1 and 1 <= int(digits) <= len(options):
        return options[int(digits) - 1]
    return digits or _KEYS["*"]
