"""One turn of a call: what is pending, silence and doubt, Rasa; long replies in prompts one after the other."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Mapping, Sequence

from fastapi.concurrency import run_in_threadpool

from api.conversations import Conversation, ConversationGone, new_message
from api.desk.callback import CHOICES, OFFERED
from api.desk.transfers import NEIGHBOURS
from api.gateway import Gateway
from api.phone import messages
from api.phone import pending as asked
from api.phone.pages import LIMIT, MORE, pages
from api.phone.pending import Pending
from api.phone.recent import SPOKEN_AT, RecentCalls, has_business, of_ticket
from api.phone.speakable import speakable, without_addresses
from api.phone.spoken import Heard, Spoken, last_prompt, options_of, pressed, with_prompt, without_last
from api.rasa_client import Answer, Utterance
from api.responder import Turn
from api.summary import mark_of
from api.turns import kept_of

UNHEARD = 0.3  # below this confidence a recogniser's words are as good as none
# Asked again, then slower and more simply, then a person is offered; whoever still says nothing may be unable to speak, so a person listens.
SILENCE = ("utter_silence_first", "utter_silence_second", "utter_silence_offer", "utter_silence_transfer")
UNCLEAR = ("utter_unclear_first", "utter_unclear_second", "utter_silence_offer", "utter_silence_transfer")
PHRASES = (*SILENCE, *UNCLEAR, "utter_transfer_human", "utter_heard_so", "utter_go_on", "utter_resume_declined", "utter_resumed",
           "utter_message_offer", "utter_message_none", "utter_message_sent", "utter_message_failed", "utter_message_declined",
           "utter_message_text", "utter_goodbye_ivr", "utter_operator_has_call")
# What a call that came back says instead of the last prompt, which may hold a name, a number or an address.
_OPENING, _ABOUT_TICKET, _ANYTHING = "刚才在登记一张工单，您接着讲。", "刚才在说一张工单。要接着查，请再报一遍工单编号。", "您请讲。"
_TRUST = ("opened_ticket", "lookup")  # slots that say which ticket somebody has proved to be his
_CARRIED = ("outcome", "item", "facet", "ticket_type", "mood", "elderly", "anonymous", "confidential")
_DOUBTS = ("confirm", "person")
_CONFIRMED = 40  # characters; who said more than that is asked to say it again
KEYS = 9  # choices that a key can pick; five grades are more than a list that is read out


class Dialogue:
    """Called with the conversation's turn lock held. Raises what Redis raises."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._parts = gateway.parts
        self._recent = RecentCalls(gateway.parts.redis)

    async def turn(self, call: Conversation, heard: Heard) -> Spoken:
        """Answer what was heard; the key 0 and alarms never come here."""
        if number := call.fields.get("transfer_to"):
            return await self.passed_on(call, number, heard.text)
        if call.owner == "operator":
            return await self.with_person(call, heard)
        if heard.dtmf == "*":
            return await self._back(call)
        sure = 1.0 if heard.dtmf or heard.confidence is None else heard.confidence
        if sure < UNHEARD or not (heard.text or heard.dtmf):
            return await self._ask_again(call, UNCLEAR if sure < UNHEARD else SILENCE)
        pending = asked.read(call.fields.get("pending", ""))
        yes = asked.settled(heard.text, heard.dtmf) if pending else None
        if pending and yes is not None and (spoken := await self._settle(call, pending, yes)):
            return spoken
        text = heard.text or pressed(heard.dtmf, _choices(call, pending))
        if yes is None and sure < self._gateway.settings.ivr_confidence:
            return await self._doubt(call, text)
        return await self._ask(call, text)

    def spoken(self, answer: Answer, target: str | None = None, caller: str | None = None) -> Spoken:
        """Return the first prompt of an answer; a caller who goes to a person hears no more than that."""
        text, addresses = without_addresses("".join(said.text for said in answer.utterances))
        target = target or self._transfer_target(answer.outcome)
        action = "transfer" if target else str(answer.facts.get("action", "continue"))
        options = tuple(answer.options[:KEYS])
        if action == "transfer":
            return Spoken(pages(text)[0].removesuffix(MORE), answer.outcome, options, "transfer", target or self._gateway.settings.transfer_to)
        if action == "hangup" and "再见" not in text:
            text += self.say("utter_goodbye_ivr")
        return self._page(Pending("more", pages(text), options, addresses, action), answer.outcome, caller)

    def to_person(self, name: str, outcome: str) -> Spoken:
        """Return the transfer to a person with the words of this response."""
        return self.spoken(Answer((Utterance(self.say(name)),), outcome, {"action": "transfer"}))

    def say(self, name: str, **values: str) -> str:
        """Return a response as it is worded for the phone."""
        return self._parts.phrases.render(name, "ivr", **values)

    async def keep(self, id: str, spoken: Spoken, fields: Mapping[str, str], mark: Mapping[str, str] | None = None) -> None:
        """Store what is said, with the mark of its turn if it answers one. Raises ConversationGone."""
        now = self._parts.clock()
        said = {"options": asked.dump(spoken.options), "pending": asked.write(spoken.pending), SPOKEN_AT: now.isoformat(), "passed": "", **fields}
        if spoken.action == "transfer":
            said["passed"] = "1"
            if spoken.transfer_to == self._gateway.settings.transfer_to:  # where that fails a call back is offered: the next turn answers it
                said |= {"options": asked.dump(CHOICES), "callback": OFFERED, "callback_at": now.isoformat(timespec="seconds")}
        await self._gateway.conversations.append(id, [new_message("bot", spoken.prompt, now, turn=mark)], fields=said)

    async def _tell(self, call: Conversation, spoken: Spoken, fields: Mapping[str, str], mark: Mapping[str, str] | None = None) -> Spoken:
        await self.keep(call.id, spoken, {"history": with_prompt(call.fields, spoken), **fields}, mark)
        if line := call.fields.get("line"):
            if spoken.action != "continue":
                await self._recent.forget(line)
            elif has_business(fields.get("outcome") or call.outcome):
                await self._recent.note(line, call.id)
        return spoken

    async def _ask(self, call: Conversation, text: str) -> Spoken:
        await self._gateway.conversations.append(call.id, [new_message("caller", text, self._parts.clock())])
        turn = Turn(secrets.token_hex(16), call.fields.get("sender") or call.id, "ivr", text, call.region, call.caller)
        received = await self._gateway.reception.receive(call, turn)
        answer = received.answer
        # The place in the line is told by whoever has the caller there: here it is not, so it is not kept as told.
        changed = {name: value for name, value in received.fields.items() if name != "told_place"}
        fields, mark = {**kept_of(answer), **changed, "misses": "0"}, mark_of(answer.outcome, answer.facts)
        return await self._tell(call, self.spoken(answer, caller=call.caller), fields, mark)

    async def with_person(self, call: Conversation, heard: Heard) -> Spoken:
        """The bot keeps silent: what was heard is kept for the person, and the exchange is told once more to connect."""
        said = new_message("caller", heard.text or heard.dtmf, self._parts.clock())
        words = new_message("system", self.say("utter_operator_has_call"), self._parts.clock())
        await self._gateway.conversations.append(call.id, [said, words] if said["text"] else [words], fields={"passed": "1"})
        return Spoken(words["text"], "transferred", (), "transfer", self._gateway.settings.transfer_to)

    async def _tell_person(self, call: Conversation, name: str, fields: Mapping[str, str]) -> Spoken:
        """Connect to a person and show the call at the desk."""
        await self._gateway.reception.join(call, "asked")
        return await self._tell(call, self.to_person(name, "handoff"), {"outcome": "handoff", **fields})

    def _page(self, left: Pending, outcome: str, caller: str | None) -> Spoken:
        """Return the next prompt; what was asked at the end of a reply comes with its last one."""
        prompt, rest = left.pages[0], left.pages[1:]
        if rest:
            return Spoken(prompt, outcome, left.options, pending=replace(left, pages=rest))
        if left.addresses and left.action == "continue":
            mobile = self._parts.text_messages is not None and messages.MOBILE.fullmatch(caller or "")
            offer = self.say("utter_message_offer" if mobile else "utter_message_none")
            if not prompt.endswith(("？", "?")) and len(pages(prompt + offer)) == 1:
                return Spoken(prompt + offer, outcome, left.options, pending=Pending("message", addresses=left.addresses) if mobile else None)
        return Spoken(prompt, outcome, left.options, left.action)

    async def _settle(self, call: Conversation, pending: Pending, yes: bool) -> Spoken | None:
        """Act on a yes or a no to what was asked; None where a no is a turn like any other."""
        if pending.kind == "more":
            return await self._tell(call, self._page(pending, call.outcome or "answered", call.caller), {"misses": "0"}) if yes else None
        if pending.kind == "confirm" and yes:
            return await self._ask(call, pending.text)
        if pending.kind == "resume":
            return await self._resume(call, pending.call, yes)
        if pending.kind == "person" and yes:
            return await self._tell_person(call, "utter_transfer_human", {})
        if pending.kind == "message":
            name = await self._send(call, pending.addresses) if yes else "utter_message_declined"
            return await self._tell(call, Spoken(self.say(name), call.outcome or "answered"), {"misses": "0"})
        name, misses = ("utter_unclear_first", "1") if pending.kind == "confirm" else ("utter_go_on", "0")
        return await self._tell(call, Spoken(self.say(name), "repeated", pending.options), {"misses": misses})

    async def _resume(self, call: Conversation, before: str, yes: bool) -> Spoken:
        try:
            last = await self._gateway.conversations.load(before) if yes else None
        except ConversationGone:
            last = None
        said = _again(last) if last else None
        if last is None or said is None:
            return await self._tell(call, Spoken(self.say("utter_resume_declined"), "smalltalk"), {"misses": "0"})
        if "ended" not in last.fields:
            await self._gateway.conversations.append(last.id, [], fields={"ended": "resumed"})
        # Rasa goes on where it was: the open form belongs to the sender of the call before. Whose ticket it is must be proved again.
        sender = last.fields.get("sender") or last.id
        kept = {"sender": sender} if await self._gateway.responder.forget(sender, _TRUST) else {}
        carried = {"continues": last.id, "misses": "0", **kept, **{name: last.fields[name] for name in _carried(last)}}
        if last.outcome == "handoff":  # it waited for a person
            return await self._tell_person(call, "utter_transfer_human", carried)
        await self._tell(call, said, carried)
        prompt = self.say("utter_resumed") + said.prompt
        return replace(said, prompt=prompt if len(speakable(prompt)) <= LIMIT else said.prompt, outcome=last.outcome or said.outcome)

    async def passed_on(self, call: Conversation, number: str, text: str = "") -> Spoken:
        """A person has handed the caller on to a neighbour; should that not come through, the next turn is one like any other."""
        if text:
            await self._gateway.conversations.append(call.id, [new_message("caller", text, self._parts.clock())])
        neighbour = NEIGHBOURS[number]
        words = self._parts.phrases.render(neighbour.phrase, "ivr", name=neighbour.name, number=number)
        return await self._tell(call, self.spoken(Answer((Utterance(words),), "transferred"), number), {"outcome": "transferred", "transfer_to": ""})

    async def _send(self, call: Conversation, addresses: Sequence[str]) -> str:
        text = self.say("utter_message_text", addresses=" ".join(addresses))
        if await run_in_threadpool(messages.send, self._parts.text_messages, call.caller or "", text, self._parts.clock()):
            return "utter_message_sent"
        self._parts.log.warning("text_message_failed")
        return "utter_message_failed"

    async def _doubt(self, call: Conversation, text: str) -> Spoken:
        """Say back what was hardly heard; the second time in a row ask for it in other words."""
        if int(call.fields.get("misses", "0")) or len(text) > _CONFIRMED:
            return await self._ask_again(call, UNCLEAR)
        said = without_addresses(text.strip("。！？，,.!? "))[0]
        choices = _choices(call, asked.read(call.fields.get("pending", "")))
        spoken = Spoken(self.say("utter_heard_so", text=said), "repeated", pending=Pending("confirm", text=text, options=choices))
        return await self._tell(call, spoken, {"misses": "1"})

    async def _ask_again(self, call: Conversation, names: Sequence[str]) -> Spoken:
        misses = int(call.fields.get("misses", "0")) + 1
        name = names[min(misses, len(names)) - 1]
        if misses >= len(names):
            return await self._tell_person(call, name, {"misses": str(misses)})
        pending = asked.read(call.fields.get("pending", ""))
        choices = _choices(call, pending)
        if name == "utter_silence_offer":
            pending, choices = Pending("person", options=choices), ()
        elif pending and pending.kind in _DOUBTS:
            # Asked to say it again, nobody is asked any more whether it was said so.
            pending, choices = (None, choices) if names is UNCLEAR else (pending, ())
        spoken = Spoken(self.say(name), "repeated", choices, slow=misses > 1, pending=pending)
        await self.keep(call.id, spoken, {"misses": str(misses)})  # not what * goes back to
        return spoken

    async def _back(self, call: Conversation) -> Spoken:
        """Say the prompt before again, with what it asked; at the first one, that one."""
        history = without_last(call.fields)
        spoken = last_prompt({"history": history})
        if spoken is None:
            return await self._ask_again(call, UNCLEAR)
        await self.keep(call.id, spoken, {"history": history, "misses": "0"})
        return spoken

    def _transfer_target(self, outcome: str) -> str | None:
        if outcome.startswith("emergency_"):
            return outcome.removeprefix("emergency_")
        return self._gateway.settings.transfer_to if outcome in ("handoff", "transferred", "crisis") else None


def _again(last: Conversation) -> Spoken | None:
    """Return what a call is gone on with: its last prompt, but of a ticket or of the caller's own words only what it was about."""
    said = last_prompt(last.fields)
    if last.outcome == "ticket_form":
        return Spoken(_OPENING, "repeated")
    if of_ticket(last.outcome):
        return Spoken(_ABOUT_TICKET, "repeated")
    return Spoken(_ANYTHING, "repeated") if said and said.pending and said.pending.kind == "confirm" else said


def _choices(call: Conversation, pending: Pending | None) -> tuple[str, ...]:
    """Return what a key picks; a question whether it was said so, or whether a person is wanted, keeps the choices before it."""
    return pending.options if pending and pending.kind in _DOUBTS else tuple(options_of(call.fields))


def _carried(last: Conversation) -> list[str]:
    """Return the fields that the call going on inherits; `about` may be the number of a ticket."""
    return [name for name in (*_CARRIED, *(() if of_ticket(last.outcome) else ("about",))) if last.fields.get(name)]
