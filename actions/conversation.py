"""The conversation itself: yes and no to an offer, a person, say it again, never mind."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import several
from actions.choosing import indifferent
from actions.consult import meant, not_found, one_of_several, take, take_first, told_or_not_found
from actions.enquiring import from_slot
from actions.offers import OFFER_PERSON_OR_TICKET, handoff
from actions.put_aside import resumes
from actions.remembering import remember
from actions.speech import say
from actions.turn import Turn, read_turn
from actions.wiring import Parts, parts

_TICKET_WORDS = re.compile(r"工单|登记|记下|记一下|记录")
_CLAUSE_END = re.compile(r"(?<=[。？！；])")
SLOW_CHUNK = 40  # characters; a sentence this long is cut at its commas when it is said slowly


class ActionAffirm(Action):
    """Yes, to whatever was offered last: the one choice, a ticket, a person."""

    def name(self) -> str:
        return "action_affirm"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        p = parts()
        turn = read_turn(tracker, p.regions, p.settings.region)
        if (told := one_of_several(dispatcher, tracker, p, turn)) is not None:
            return told
        if resumes(tracker, turn, p):
            return [FollowupAction("ticket_form")]
        choices = tracker.get_slot("choices") or []
        if len(choices) == 1 or (choices and indifferent(turn.text)):  # 都行 says yes to any of them
            facet = tracker.get_slot("last_facet")
            events = told_or_not_found(dispatcher, turn, lambda: take_first(dispatcher, turn, p, from_slot(choices, p), facet))
            return remember(p.memory, tracker, turn, dispatcher.messages, several.follow(dispatcher, tracker, turn, events))
        if tracker.get_slot("offer") == OFFER_PERSON_OR_TICKET:
            if _TICKET_WORDS.search(turn.text):
                return [SlotSet("ticket_type", "咨询"), FollowupAction("ticket_form")]
            return handoff(dispatcher)
        if choices:
            return not_found(dispatcher, turn, 0)
        say(dispatcher, "utter_nothing_to_confirm", "smalltalk")
        return []


class ActionDeny(Action):
    """No, to whatever was offered last."""

    def name(self) -> str:
        return "action_deny"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        p = parts()
        turn = read_turn(tracker, p.regions, p.settings.region)
        if tracker.get_slot("choices"):
            events = told_or_not_found(dispatcher, turn, lambda: self._another(dispatcher, tracker, p, turn))
        else:
            say(dispatcher, "utter_anything_else", "smalltalk")
            events = [SlotSet("offer", None)]
        return remember(p.memory, tracker, turn, dispatcher.messages, several.follow(dispatcher, tracker, turn, events))

    @staticmethod
    def _another(dispatcher: CollectingDispatcher, tracker: Tracker, p: Parts, turn: Turn) -> list[EventType]:
        """Of several choices, no to one may name another: 不是第一个，是第二个."""
        choices = from_slot(tracker.get_slot("choices"), p)
        codes = meant(turn, choices, p) if len(choices) > 1 else ()
        if codes:
            return take(dispatcher, turn, p, codes, tracker.get_slot("last_facet"))
        return not_found(dispatcher, turn, int(tracker.get_slot("failures") or 0))


class ActionHandoff(Action):
    """A person, at any moment; whatever form was open is put aside with what it holds."""

    def name(self) -> str:
        return "action_handoff"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        return handoff(dispatcher)


class ActionRepeat(Action):
    """Says the last reply again, slower when asked: one short clause after the other."""

    def name(self) -> str:
        return "action_repeat"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        last = self._last_reply(tracker)
        if not last:
            say(dispatcher, "utter_nothing_to_repeat", "repeated")
            return []
        slow = (tracker.latest_message.get("intent") or {}).get("name") == "slower"
        say(dispatcher, "utter_repeat", "repeated", values={"last": slowly(last) if slow else last})
        return []

    @staticmethod
    def _last_reply(tracker: Tracker) -> str:
        """The bot's messages of its last turn that said something, joined."""
        found: list[str] = []
        for event in reversed(tracker.events[:-1]):
            if event.get("event") == "user" and found:
                break
            if event.get("event") == "bot" and event.get("text"):
                found.append(event["text"])
        return "".join(reversed(found))


def slowly(text: str) -> str:
    """Return the text with a line per clause, so that it is spoken with pauses."""
    lines: list[str] = []
    for sentence in _CLAUSE_END.split(text):
        lines += sentence.split("，") if len(sentence) > SLOW_CHUNK else [sentence]
    return "\n".join(line.strip() for line in lines if line.strip())


class ActionChangeMind(Action):
    """Never mind: drops whatever was open and says that nothing was filed."""

    def name(self) -> str:
        return "action_change_mind"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        open_form = (tracker.active_loop or {}).get("name")
        draft = tracker.get_slot("ticket_draft")
        if open_form or draft:
            say(dispatcher, "utter_cancelled", "smalltalk", draft="dropped")
        else:
            say(dispatcher, "utter_nothing_to_cancel", "smalltalk")
        return [SlotSet(slot, None) for slot in ("ticket_draft", "ticket_type", "lookup", "choices", "offer", several.PENDING)]
