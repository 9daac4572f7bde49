"""The conversation itself: yes and no to an offer, a person, say it again, never mind."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.consult import answer, not_found, told_or_not_found
from actions.offers import OFFER_PERSON_OR_TICKET, handoff
from actions.speech import say
from actions.turn import read_turn
from actions.wiring import parts

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
        choices = tracker.get_slot("choices") or []
        if len(choices) == 1:
            return told_or_not_found(dispatcher, turn, lambda: answer(dispatcher, turn, p, choices[0], tracker.get_slot("last_facet")))
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
            return not_found(dispatcher, turn, int(tracker.get_slot("failures") or 0))
        say(dispatcher, "utter_anything_else", "smalltalk")
        return [SlotSet("offer", None)]


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
        say(dispatcher, "utter_cancelled" if open_form or draft else "utter_nothing_to_cancel", "smalltalk")
        return [SlotSet(slot, None) for slot in ("ticket_draft", "ticket_type", "lookup", "choices", "offer")]
