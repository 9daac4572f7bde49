"""Answering questions: an item, a facet of the item before, another region, a choice after a question back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.choosing import chosen
from actions.interruption import sounds_like_a_question
from actions.speech import say, say_reply
from actions.turn import Turn, read_turn
from actions.wiring import Parts, parts
from knowledge.model import Facet

OFFER_PERSON_OR_TICKET = "person_or_ticket"
TELLING = frozenset({"inform", "nlu_fallback", "correct"})
SURE_OF_MATTER = 0.3  # score of tickets.routing; below it the words fit no category of what citizens report
NEW_MATTER = 0.75  # a follow-up that names an item this surely is about that item, not about the one before
TICKET_NUMBER = re.compile(r"(?<!\d)20\d{14}(?!\d)")


def answer(dispatcher: CollectingDispatcher, turn: Turn, p: Parts, code: str, facet: Facet | None, asked: str | None = None,
           shown: str | None = None) -> list[EventType]:
    """Say what is known about an item in the turn's region and remember item, facet and region.

    `shown` is the item whose card the caller has before him already.
    """
    reply = p.knowledge.answerer.about(code, facet, turn.region, asked)
    if shown == code and facet is not None:
        reply = replace(reply, card=None)  # it stands there already
    say_reply(dispatcher, reply, "answered", item=code, facet=facet, region=turn.region)
    events = [SlotSet("last_item", code), SlotSet("last_facet", facet), SlotSet("choices", None), SlotSet("offer", None),
              SlotSet("failures", 0)]
    return events + ([SlotSet("region", turn.region_said)] if turn.region_said else [])


def ask_back(dispatcher: CollectingDispatcher, p: Parts, turn: Turn, codes: list[str], facet: Facet | None) -> list[EventType]:
    """Ask which of at most four items is meant."""
    names = [p.knowledge.answerer.name_of(code) for code in codes[:4]]
    if len(names) == 1:
        say(dispatcher, "utter_clarify_one", "clarified", values={"choice": names[0]}, options=["是的", "不是"], region=turn.region)
    else:
        spoken = "，".join(f"{ordinal}{name}" for ordinal, name in zip(("一是", "二是", "三是", "四是"), names))
        say(dispatcher, "utter_clarify", "clarified", values={"choices": spoken}, options=names, region=turn.region)
    return [SlotSet("choices", codes[:4]), SlotSet("last_facet", facet), SlotSet("offer", None)]


def not_found(dispatcher: CollectingDispatcher, turn: Turn, failures: int) -> list[EventType]:
    """Say that there is no answer; offer a person or a ticket. Never an answer from a weak match."""
    say(dispatcher, "utter_not_found", "not_found", options=["转人工", "登记工单"], region=turn.region)
    return [SlotSet("offer", OFFER_PERSON_OR_TICKET), SlotSet("choices", None), SlotSet("failures", failures + 1), SlotSet("unanswered", turn.text)]


class ActionConsult(Action):
    """Answers, asks back, or says that it does not know."""

    def name(self) -> str:
        return "action_consult"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        p = parts()
        turn = read_turn(tracker, p.regions, p.settings.region)
        if TICKET_NUMBER.search(turn.text.replace(" ", "")) and not tracker.active_loop:
            return [FollowupAction("lookup_form")]
        choices: list[str] = tracker.get_slot("choices") or []
        facet: Facet | None = turn.match["facet"]
        picked = chosen(turn.text, [p.knowledge.answerer.name_of(code) for code in choices]) if choices else None
        if picked is not None:
            return answer(dispatcher, turn, p, choices[picked], facet or tracker.get_slot("last_facet"))
        last = tracker.get_slot("last_item")
        best = turn.best
        sure_of_new = turn.match["decision"] == "answer" and best is not None and best["score"] >= NEW_MATTER
        hangs_on_last = turn.intent in ("follow_up", "inform") or turn.match["decision"] == "none"
        if last and hangs_on_last and not sure_of_new and (facet or turn.region_said):
            if turn.region_said and not facet:
                self._tell_region(dispatcher, p, turn, last)
            return answer(dispatcher, turn, p, last, facet or tracker.get_slot("last_facet"), shown=None if turn.region_said else last)
        if turn.match["decision"] == "answer" and best is not None:
            return answer(dispatcher, turn, p, best["code"], facet, best["matched_on"])
        if turn.match["decision"] == "clarify":
            return ask_back(dispatcher, p, turn, list(turn.match["choices"]), facet)
        if kind := self._told_request(p, turn):
            return [SlotSet("ticket_type", kind), SlotSet("unanswered", turn.text), FollowupAction("ticket_form")]
        if turn.intent == "follow_up" and not last:
            say(dispatcher, "utter_what_about", "clarified")
            return []
        return not_found(dispatcher, turn, int(tracker.get_slot("failures") or 0))

    @staticmethod
    def _told_request(p: Parts, turn: Turn) -> str | None:
        """Return the type of ticket when the caller tells something that is amiss without asking for anything.

        Nothing is filed by this alone: the form reads everything back before it opens a ticket.
        """
        if turn.intent not in TELLING or sounds_like_a_question(turn.text):
            return None
        guess = p.tickets.classify(turn.text)
        return guess.type.value if guess.score >= SURE_OF_MATTER else None

    @staticmethod
    def _tell_region(dispatcher: CollectingDispatcher, p: Parts, turn: Turn, code: str) -> None:
        """Say whether the region has rules of its own."""
        if code in p.knowledge.catalogue.by_code and p.knowledge.catalogue.item(code, turn.region).region is None:
            region = p.regions.get(turn.region)
            say(dispatcher, "utter_region_same", "answered", values={"region": region.name if region else ""},
                item=code, facet=None, region=turn.region)


class ActionChoose(Action):
    """Takes 第二个 or 补的那个 after a question back; without one, treats the words as a question."""

    def name(self) -> str:
        return "action_choose"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        p = parts()
        turn = read_turn(tracker, p.regions, p.settings.region)
        choices: list[str] = tracker.get_slot("choices") or []
        if not choices:
            if turn.match["decision"] == "none":
                say(dispatcher, "utter_nothing_to_choose", "smalltalk")
                return []
            return [FollowupAction("action_consult")]
        picked = chosen(turn.text, [p.knowledge.answerer.name_of(code) for code in choices])
        if picked is None:
            return not_found(dispatcher, turn, int(tracker.get_slot("failures") or 0))
        return answer(dispatcher, turn, p, choices[picked], turn.match["facet"] or tracker.get_slot("last_facet"))
