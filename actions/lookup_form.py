"""The look-up form: asks for number, proof and detail, then does what is wanted of the ticket, or says why not."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import lookup_words as words
from actions.interruption import interrupts
from actions.lookup import MOST_TRIES, Lookup, begin, give_up, prove, take
from actions.offers import OFFER_PERSON_OR_TICKET, OFFERED, handoff
from actions.speech import say
from actions.ticket_words import due_of
from actions.turn import Turn, read_turn
from actions.wiring import Parts, parts
from tickets.errors import TicketError
from tickets.model import Grade, Status, Ticket
from tickets.views import question_for_caller

OUTCOMES = {"progress": "ticket_status", "urge": "ticket_urged", "supplement": "ticket_added", "withdraw": "ticket_withdrawn", "rate": "rated"}
REQUESTED = "requested_slot"
_OPTIONS = {"rate": [grade.value for grade in Grade], "withdraw": ["确定撤销", "不撤"], "why": ["不想说"]}
_BEFORE_WISHES = frozenset({"human", "ask_item", "ask_policy"})
_BEFORE_WORDS = frozenset({"human", "change_mind", "goodbye"})  # all else that is said then belongs to the supplement
_AGAIN = frozenset({"repeat", "slower"})
_DROPS = frozenset({"change_mind", "goodbye", "deny"})  # to "are you sure?" these are a no


class ValidateLookupForm(Action):
    """Gathers number, proof and detail; who has proved a ticket need not do so again in this conversation."""

    def name(self) -> str:
        return "validate_lookup_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        p = parts()
        turn = read_turn(tracker, p.regions, p.settings.region)
        raw, question = tracker.get_slot("lookup"), tracker.get_slot(REQUESTED)
        if raw is None or question is None:
            question, lookup = None, begin(turn, tracker.get_slot("opened_ticket"))
        else:
            lookup = Lookup(**raw)
            if _comes_first(lookup, question, turn, tracker.get_slot("last_item")):
                return [SlotSet(REQUESTED, question)]  # nothing but the question itself: Rasa then lets a rule answer
            lookup = take(lookup, question, turn)
        lookup = prove(lookup, turn.caller, tracker.sender_id, p.tickets, p.clock())
        if lookup.question() != question:
            lookup = replace(lookup, tries=int(lookup.refused))
        elif question and lookup.tries >= MOST_TRIES:
            lookup = give_up(lookup, question)
        proved = [SlotSet("opened_ticket", lookup.number)] if lookup.trusted else []
        return [SlotSet("lookup", asdict(lookup)), *proved, SlotSet(REQUESTED, lookup.question())]


def _comes_first(lookup: Lookup, question: str, turn: Turn, last_item: str | None) -> bool:
    """Return whether the message is to be dealt with before the form goes on."""
    if question == "why":
        return turn.intent in _AGAIN and interrupts(turn, question)  # all else is the reason, or a refusal to give one
    if question == "detail" and lookup.purpose == "withdraw":
        # 算了 is an answer here, and so is a question about withdrawing.
        return turn.intent not in _DROPS and words.consents(turn.text) is False and interrupts(turn, None)
    if question != "detail" and (words.declines(turn.text) or words.wish_in(turn.text)):
        return turn.intent in _BEFORE_WISHES and interrupts(turn, question)
    if question == "detail" and lookup.purpose == "supplement":
        return turn.intent in _BEFORE_WORDS and interrupts(turn, question)
    # 烟台呢, said to the form about the item before: no number will come of it.
    about_item = question != "detail" and turn.intent == "follow_up" and last_item is not None and turn.region_said is not None
    return about_item or interrupts(turn, question)


class _AskLookup(Action):
    question = ""

    def name(self) -> str:
        return f"action_ask_lookup_form_{self.question}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        lookup = Lookup(**tracker.get_slot("lookup"))
        if self.question == "proof" and lookup.refused:
            say(dispatcher, "utter_ask_proof_wrong", "refused")
            return []
        again = "_again" if lookup.tries else ""
        detail = self.question == "detail"
        what, options = f"_{lookup.purpose}" if detail else "", _OPTIONS.get(lookup.purpose if detail else self.question)
        values = {"tail": (lookup.number or "")[-4:]}
        say(dispatcher, f"utter_ask_{self.question}{what}{again}", OUTCOMES[lookup.purpose], values=values, options=options)
        return []


class AskNumber(_AskLookup):
    question = "number"


class AskProof(_AskLookup):
    question = "proof"


class AskDetail(_AskLookup):
    question = "detail"


class AskWhy(_AskLookup):
    question = "why"


class ActionRunLookup(Action):
    """Does what was asked of the ticket, or says why not."""

    def name(self) -> str:
        return "action_run_lookup"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        p = parts()
        lookup = Lookup(**tracker.get_slot("lookup"))
        done: list[EventType] = [SlotSet("lookup", None)]
        if lookup.end == "utter_anything_else":
            say(dispatcher, lookup.end, "smalltalk")
            return done
        if lookup.end:
            say(dispatcher, lookup.end, "refused" if lookup.reason else "not_found", values={"reason": lookup.reason}, options=list(OFFERED[:1]))
            return [*done, SlotSet("offer", OFFER_PERSON_OR_TICKET)]
        if lookup.kept and not lookup.trusted:
            say(dispatcher, "utter_nothing_withdrawn", "smalltalk")
            return done
        try:
            ticket = self._perform(lookup, p, tracker.sender_id)
        except TicketError as error:
            say(dispatcher, "utter_ticket_refused", "refused", values={"reason": error.message})
        else:
            self._tell(dispatcher, lookup, ticket)
        if lookup.why == "" and (tracker.latest_message.get("intent") or {}).get("name") == "human":
            return [*done, *handoff(dispatcher)]  # asked why, he wants a person: the grade is kept, and he gets one
        return done

    @staticmethod
    def _perform(lookup: Lookup, p: Parts, asker: str) -> Ticket:
        number, detail = lookup.number or "", lookup.detail or ""
        who: dict[str, Any] = {"at": p.clock(), "asker": asker, "trusted": lookup.trusted}
        if lookup.purpose == "progress" or lookup.kept:
            return p.tickets.view(number, **who)
        if lookup.purpose == "supplement":
            return p.tickets.supplement(number, detail, **who)
        if lookup.purpose == "rate":
            return p.tickets.rate(number, detail, reason=lookup.why or "", **who)
        return (p.tickets.urge if lookup.purpose == "urge" else p.tickets.withdraw)(number, **who)

    @staticmethod
    def _tell(dispatcher: CollectingDispatcher, lookup: Lookup, ticket: Ticket) -> None:
        values = {"status": ticket.status.label, "department": ticket.department, **due_of(ticket),
                  "number": ticket.number, "urged": str(ticket.urged), "grade": lookup.detail or "", "answer": ticket.answer or "",
                  "question": question_for_caller(ticket) or "", "channel": ticket.channel.value if ticket.channel else ""}
        response, outcome = f"utter_{OUTCOMES[lookup.purpose]}", OUTCOMES[lookup.purpose]
        if lookup.purpose == "rate" and Grade(lookup.detail).bad:
            response = "utter_rated_bad" if ticket.phone else "utter_rated_bad_no_phone"
        if lookup.kept or lookup.purpose == "progress":
            outcome = "ticket_status"
            if ticket.status is Status.WITHDRAWN:
                response = "utter_ticket_status_withdrawn"
            elif lookup.kept:
                response = "utter_ticket_kept"
            elif question_for_caller(ticket):
                response = "utter_ticket_status_waiting"
            elif ticket.channel:
                response = "utter_ticket_status_refused"
            elif ticket.answer and ticket.closed_at:  # an answer that nobody has checked is not told
                response = "utter_ticket_status_answered"
        say(dispatcher, response, outcome, values=values,
            ticket={"number": ticket.number, "due_on": due_of(ticket)["due_on"], "department": ticket.department})
