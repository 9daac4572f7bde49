"""Answering questions: an item, a facet of the item before, another region, a choice after a question back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Callable, Sequence

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import several
from actions.choosing import chosen, indifferent, ordered, refused
from actions.enquiring import enquire, from_slot, near, only, to_slot
from actions.interruption import sounds_like_a_question
from actions.life_events import step_meant, whole_meant
from actions.offers import OFFER_PERSON_OR_TICKET, OFFERED, handoff
from actions.put_aside import resumes
from actions.remembering import remember
from actions.speech import say, say_reply
from actions.turn import Turn, read_turn
from actions.wiring import Parts, parts
from knowledge.answer import ASKS_PERSON
from knowledge.errors import UnknownItem
from knowledge.facets import matter_of
from knowledge.matching.encode import FUNCTION
from knowledge.matching.grouping import REST, Option, spoken
from knowledge.matching.places import at_home
from knowledge.matching.sayable import short_name
from knowledge.model import Facet
from zh.normalise import normalise

TELLING = frozenset({"inform", "nlu_fallback", "correct"})
_UNKNOWN = "utter_facet_unknown"  # the item is known, what was asked of it is not
SURE_OF_MATTER = 0.25  # score of tickets.routing; below it the words hardly fit a category of what citizens report
_BESIDE = frozenset({"place", "phone", "person", "time"})
LONG_ENOUGH = 6       # characters of a matter that is told
SURE_FOLLOW_UP = 0.6
MATTER_OF_FOLLOW_UP, MATTER_OF_ANY = 4, 2  # telling characters that may be left when the words of the question are off
NEW_MATTER = 0.9  # chance; a follow-up that names an item this surely is about that item, not about the one before
TICKET_NUMBER = re.compile(r"(?<!\d)20\d{14}(?!\d)")


def answer(dispatcher: CollectingDispatcher, turn: Turn, p: Parts, code: str, facet: Facet | None, asked: str | None = None,
           shown: str | None = None) -> list[EventType]:
    """Say what is known about an item in the turn's region and remember item and facet.

    `shown` is the item whose card the caller has before him already.
    """
    catalogue = p.knowledge.catalogue
    policy = code in catalogue.policy_by_code
    facet = None if policy else facet  # 一次办好是啥意思 asks for no result; a policy has neither papers nor a price
    reply = p.knowledge.answerer.about(code, facet, turn.region, asked)
    if shown == code and facet is not None:
        reply = replace(reply, card=None)  # it stands there already
    offers, known = reply.response in ASKS_PERSON, not reply.response.startswith(_UNKNOWN)
    say_reply(dispatcher, reply, "answered", item=code, facet=facet, region=turn.region, options=list(OFFERED) if offers else None,
              unanswered=None if known else True)
    # A policy is told in between: 那要带啥 after it is about the item before.
    talked_of = [] if policy else [SlotSet("last_item", code), SlotSet("last_facet", facet)]
    talked_of += [SlotSet("last_event", code)] if code in catalogue.event_by_code else []
    return [*talked_of, SlotSet("choices", None), SlotSet("failures", 0),
            SlotSet("offer", OFFER_PERSON_OR_TICKET if offers else None), SlotSet("unanswered", turn.text if offers else None)]


def ask_back(dispatcher: CollectingDispatcher, p: Parts, turn: Turn, codes: Sequence[str], facet: Facet | None) -> list[EventType]:
    """Ask which of some items is meant, grouped by what tells them apart; the likeliest alone where nothing does."""
    asked = enquire(p, turn, codes) if len(codes) > 1 else None
    options = list(asked.options) if asked else [only(p, codes[0])]
    return ask_which(dispatcher, turn, options, facet, asked.about if asked else None)


def ask_which(dispatcher: CollectingDispatcher, turn: Turn, options: list[Option], facet: Facet | None, about: str | None = None) -> list[EventType]:
    """Ask which of at most four options is meant."""
    if len(options) == 1:
        say(dispatcher, "utter_clarify_one", "clarified", values={"choice": short_name(options[0].say)}, options=["是的", "不是"], region=turn.region)
    else:
        values = {"about": f"{about}这块，" if about else "", "choices": spoken(options)}
        response = "utter_clarify" if len(options) == 2 else "utter_clarify_several"
        say(dispatcher, response, "clarified", values=values, options=[option.say for option in options], region=turn.region)
    return [SlotSet("choices", to_slot(options)), SlotSet("last_facet", facet), SlotSet("offer", None)]


def take(dispatcher: CollectingDispatcher, turn: Turn, p: Parts, codes: Sequence[str], last_facet: Facet | None) -> list[EventType]:
    """Answer the choice, or ask once more within it where it holds several items."""
    if len(codes) > 1:
        return ask_back(dispatcher, p, turn, codes, last_facet)
    return answer(dispatcher, turn, p, codes[0], facet_beside(turn, p.knowledge.answerer.name_of(codes[0])) or last_facet)


def take_first(dispatcher: CollectingDispatcher, turn: Turn, p: Parts, options: Sequence[Option], facet: Facet | None) -> list[EventType]:
    """Answer the likeliest choice and name the others, to a caller who left it to us."""
    code = options[0].codes[0]
    others = "、".join(option.say for option in options[1:])
    if others:
        say(dispatcher, "utter_clarify_first", "answered", values={"first": short_name(p.knowledge.answerer.name_of(code)), "others": others})
    return answer(dispatcher, turn, p, code, facet)


def not_found(dispatcher: CollectingDispatcher, turn: Turn, failures: int) -> list[EventType]:
    """Say that there is no answer; offer a person or a ticket. Never an answer from a weak match."""
    say(dispatcher, "utter_not_found", "not_found", options=list(OFFERED), region=turn.region)
    return [SlotSet("offer", OFFER_PERSON_OR_TICKET), SlotSet("choices", None), SlotSet("failures", failures + 1), SlotSet("unanswered", turn.text)]


def told_or_not_found(dispatcher: CollectingDispatcher, turn: Turn, tell: Callable[[], list[EventType]]) -> list[EventType]:
    """Tell what `tell` tells; where an editor has just withdrawn what was talked of, say that there is no answer and forget it."""
    try:
        return tell()
    except UnknownItem:
        return [*not_found(dispatcher, turn, 0), SlotSet("last_item", None), SlotSet("last_event", None)]


def is_elliptical(turn: Turn, p: Parts) -> bool:
    """Return whether a message names no matter of its own: 那要多少钱呢, 烟台呢; 小孩打疫苗去哪 does, known or not."""
    region = p.regions.get(turn.region_said) if turn.region_said else None
    rest = matter_of(turn.text)
    while region:  # 聊城市东昌府区 names two of them
        for name in (region.name, region.short):
            rest = rest.replace(name, "")
        region = p.regions.get(region.parent) if region.parent else None
    matter = [char for char in rest if char not in FUNCTION and char.isalnum()]
    sure = turn.intent == "follow_up" and turn.confidence >= SURE_FOLLOW_UP
    return len(matter) <= (MATTER_OF_FOLLOW_UP if sure else MATTER_OF_ANY)


def _known_question(turn: Turn, code: str) -> str | None:
    """Return the name or question of this item that comes nearest to the words: 能代办吗 has an answer of its own."""
    return next((found["matched_on"] for found in turn.match["candidates"] if found["code"] == code), None)


def names_new_matter(turn: Turn) -> bool:
    """Return whether the words surely name a matter of their own."""
    return turn.match["decision"] == "answer" and turn.best is not None and turn.best["score"] >= NEW_MATTER


def meant(turn: Turn, options: Sequence[Option], p: Parts) -> tuple[str, ...]:
    """Return the codes of the choice that a caller's words point at: by order, its words or everyday names; empty when at none of them.

    Who wants none of them wants 别的 where that was offered. Raises UnknownItem.
    """
    if refused(turn.text):
        return next((option.codes for option in options if option.say == REST), ())
    says = [normalise(option.say) for option in options]
    sure, offered = names_new_matter(turn), [code for option in options for code in option.codes]
    best = turn.best["code"] if turn.best else ""
    if ordered(turn.text, says) is None and sure and best not in offered:
        return ()
    everyday = [[name for code in option.codes for name in p.knowledge.answerer.names_of(code)] for option in options]
    place = chosen(turn.text, says, everyday, [option.words for option in options])
    codes = options[place].codes if place is not None else ()
    return (best,) if sure and best in (codes or offered) else codes


def in_region(turn: Turn, options: Sequence[Option], p: Parts) -> tuple[str, ...]:
    """Return the record that holds in the region said, of options that are one name in several places; empty for others."""
    codes = [code for option in options for code in option.codes]
    if not turn.region_said or len(codes) < 2 or not set(codes[1:]) <= set(p.knowledge.catalogue.namesakes(codes[0])):
        return ()
    found = at_home(p.knowledge.catalogue, codes[0], turn.region_said)
    return (found,) if found else ()


def facet_beside(turn: Turn, name: str) -> Facet | None:
    """Return the facet that a choice asks for, not one that merely stands in the item's own name (费用 in 医疗费用报销)."""
    return None if normalise(name) == turn.text else turn.match["facet"]


def one_of_several(dispatcher: CollectingDispatcher, tracker: Tracker, p: Parts, turn: Turn) -> list[EventType] | None:
    """Deal with a turn of several requests, and with what is still open of them; None for any other turn."""
    def tell(of: Turn, request: several.Request, codes: tuple[str, ...]) -> list[EventType]:
        own = replace(of, match=request.match, text=request.say)
        if len(codes) == 1 and (request.sure or len(request.codes) > 1):
            return answer(dispatcher, own, p, codes[0], request.facet, own.best["matched_on"] if own.best and request.sure else None)
        return ask_back(dispatcher, p, own, codes, request.facet)

    try:
        resumed = several.resume(dispatcher, tracker, turn, tell, lambda of, options: meant(of, options, p))
        return resumed if resumed is not None else several.begin(dispatcher, tracker, turn, p, tell)
    except UnknownItem:
        return [*not_found(dispatcher, turn, 0), SlotSet(several.PENDING, None)]


class ActionConsult(Action):
    """Answers, asks back, or says that it does not know."""

    def name(self) -> str:
        return "action_consult"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        p = parts()
        turn = read_turn(tracker, p.regions, p.settings.region, p.knowledge.catalogue)
        if TICKET_NUMBER.search(turn.text.replace(" ", "")) and not tracker.active_loop:
            return [FollowupAction("lookup_form")]
        if not (tracker.active_loop or {}).get("name") and resumes(tracker, turn, p):
            return [FollowupAction("ticket_form")]
        events = one_of_several(dispatcher, tracker, p, turn)
        if events is None:
            events = told_or_not_found(dispatcher, turn, lambda: self._consult(dispatcher, tracker, p, turn))
            events = remember(p.memory, tracker, turn, dispatcher.messages, several.follow(dispatcher, tracker, turn, events))
        return events + ([SlotSet("region", turn.region_said)] if turn.region_said else [])

    def _consult(self, dispatcher: CollectingDispatcher, tracker: Tracker, p: Parts, turn: Turn) -> list[EventType]:
        facet: Facet | None = turn.match["facet"]
        last, best = tracker.get_slot("last_item"), turn.best
        sure_of_new = turn.match["decision"] == "answer" and best is not None and best["score"] >= NEW_MATTER
        unclear = turn.match["decision"] == "none" or (turn.match["decision"] == "clarify" and turn.region_said is not None)
        hangs_on_last = (turn.intent in ("follow_up", "inform") or unclear) and is_elliptical(turn, p)
        choices = from_slot(tracker.get_slot("choices"), p)
        if choices and (events := self._after_choices(dispatcher, p, turn, choices, hangs_on_last, tracker.get_slot("last_facet"))):
            return events
        if choices and turn.region_said and hangs_on_last:
            return ask_which(dispatcher, turn, choices, facet or tracker.get_slot("last_facet"))
        event = p.knowledge.catalogue.event_by_code.get(tracker.get_slot("last_event") or "")
        if event and last != event.code and facet and hangs_on_last and not sure_of_new and whole_meant(turn.text):
            return answer(dispatcher, turn, p, event.code, facet)
        if last and hangs_on_last and not sure_of_new and (facet or turn.region_said):
            last = (turn.region_said and at_home(p.knowledge.catalogue, last, turn.region_said)) or last
            if turn.region_said and not facet:
                self._tell_region(dispatcher, p, turn, last)
            asked = _known_question(turn, last) if facet in (None, "conditions") else None
            return answer(dispatcher, turn, p, last, facet or tracker.get_slot("last_facet"), asked, shown=None if turn.region_said else last)
        if event and (step := step_meant(turn.text, event, turn.match)) and step in p.knowledge.catalogue.by_code:
            return answer(dispatcher, turn, p, step, facet, _known_question(turn, step))
        if turn.match["decision"] == "answer" and best is not None:
            return answer(dispatcher, turn, p, best["code"], facet, best["matched_on"])
        if kind := self._told_request(p, turn):
            return [SlotSet("ticket_type", kind), SlotSet("unanswered", turn.text), FollowupAction("ticket_form")]
        if turn.match["decision"] == "clarify":
            return ask_back(dispatcher, p, turn, near(turn.match), facet)
        if turn.intent == "follow_up" and not last:
            say(dispatcher, "utter_what_about", "clarified")
            return []
        return not_found(dispatcher, turn, int(tracker.get_slot("failures") or 0))

    @staticmethod
    def _after_choices(dispatcher: CollectingDispatcher, p: Parts, turn: Turn, choices: list[Option], bare: bool,
                       last_facet: Facet | None) -> list[EventType]:
        """After a question back: the choice, or, where only a facet is named, the one choice or the question once more."""
        facet: Facet | None = turn.match["facet"]
        if indifferent(turn.text):
            return take_first(dispatcher, turn, p, choices, last_facet)
        if codes := meant(turn, choices, p) or in_region(turn, choices, p):
            return take(dispatcher, turn, p, codes, last_facet)
        if refused(turn.text) and not names_new_matter(turn):
            return not_found(dispatcher, turn, 0)
        if not (bare and facet):
            return []
        return answer(dispatcher, turn, p, choices[0].codes[0], facet) if len(choices) == 1 else ask_which(dispatcher, turn, choices, facet)

    @staticmethod
    def _told_request(p: Parts, turn: Turn) -> str | None:
        """Return the type of ticket when the caller tells something that is amiss without asking for anything.

        Nothing is filed by this alone: the form reads everything back before it opens a ticket.
        """
        if turn.intent not in TELLING or len(turn.text) < LONG_ENOUGH or sounds_like_a_question(turn.text):
            return None
        # Where it is and whom to ring are not the matter, and would drown it.
        told = turn.text
        for span in reversed(p.tickets.extract(turn.text)):
            if span.label in _BESIDE:
                told = told[:span.start] + told[span.end:]
        guess = p.tickets.classify(told)
        return guess.type.value if guess.score >= SURE_OF_MATTER else None

    @staticmethod
    def _tell_region(dispatcher: CollectingDispatcher, p: Parts, turn: Turn, code: str) -> None:
        """Say that no rule of the region's own is known, which is not the same as that there is none."""
        item = p.knowledge.catalogue.item(code, turn.region) if code in p.knowledge.catalogue.by_code else None
        if item and item.region is None and not item.only_in:
            region = p.regions.get(turn.region)
            say(dispatcher, "utter_region_same", "answered", values={"region": region.name if region else ""},
                item=code, facet=None, region=turn.region)


class ActionChoose(Action):
    """Takes 第二个 or 补的那个 after a question back or an offer; without one, treats the words as a question."""

    def name(self) -> str:
        return "action_choose"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        p = parts()
        turn = read_turn(tracker, p.regions, p.settings.region, p.knowledge.catalogue)
        choices = tracker.get_slot("choices")
        if not choices and tracker.get_slot("offer") == OFFER_PERSON_OR_TICKET:
            position = chosen(turn.text, list(OFFERED))
            if position is not None:
                return handoff(dispatcher) if position == 0 else [SlotSet("ticket_type", "咨询"), FollowupAction("ticket_form")]
        if not choices:
            if (told := one_of_several(dispatcher, tracker, p, turn)) is not None:
                return told
            if turn.match["decision"] == "none":
                say(dispatcher, "utter_nothing_to_choose", "smalltalk")
                return []
            return ActionConsult().run(dispatcher, tracker, domain)
        events = told_or_not_found(dispatcher, turn, lambda: self._choose(dispatcher, tracker, p, turn))
        return remember(p.memory, tracker, turn, dispatcher.messages, several.follow(dispatcher, tracker, turn, events))

    @staticmethod
    def _choose(dispatcher: CollectingDispatcher, tracker: Tracker, p: Parts, turn: Turn) -> list[EventType]:
        choices = from_slot(tracker.get_slot("choices"), p)
        if indifferent(turn.text):
            return take_first(dispatcher, turn, p, choices, tracker.get_slot("last_facet"))
        if codes := meant(turn, choices, p) or in_region(turn, choices, p):
            return take(dispatcher, turn, p, codes, tracker.get_slot("last_facet"))
        if names_new_matter(turn) and turn.best:
            return answer(dispatcher, turn, p, turn.best["code"], turn.match["facet"], turn.best["matched_on"])
        return not_found(dispatcher, turn, int(tracker.get_slot("failures") or 0))
