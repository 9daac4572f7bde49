"""Several requests in one utterance: told in turn, or asked which comes first; what is still open is kept and offered."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any, Callable, Mapping, Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.choosing import indifferent
from actions.enquiring import near
from actions.remembering import SLOT as ASKED
from actions.remembering import codes_in
from actions.speech import say
from actions.turn import Turn
from actions.wiring import Parts
from knowledge.answer import ASKS_PERSON
from knowledge.facets import matter_of
from knowledge.matching.grouping import Option
from knowledge.matching.places import prefer
from knowledge.matching.sayable import short_name
from knowledge.model import Facet

PENDING = "pending"          # slot: the requests still open, in the order they were said
OFFER_FIRST = "which_first"  # offer: one of them is to be told first
OFFER_NEXT = "next_request"  # offer: the next of them is told when the caller says yes
YES_NO = ("现在说", "不用了")
SHORT = 12                   # characters of a matter in the caller's own words
_NEXT = re.compile(r"(?:那|就|你)*(?:是的?|对|好的?|行|中|可以|嗯|说|现在说|接着说|继续说?|(?:说|讲)?下一[个件]|要)(?:[,。!吧啊呀了]|说|你|麻烦)*")
_ALL = re.compile(r"(?:都|挨个|一个个|一个一个|一样样|按顺序|依次|从头)(?:说|讲|来)?(?:说|讲|一下|吧|呗|一遍|都行)*[。!]?")


@dataclass(frozen=True)
class Request:
    """One of several requests: how we say it, what it may be about (more than one code: to be asked back), and what is asked of it."""

    say: str
    codes: tuple[str, ...]
    facet: Facet | None
    match: Mapping[str, Any]  # knowledge.model.Match as a dict

    @property
    def sure(self) -> bool:
        """Whether it can be answered without a question back."""
        return str(self.match["decision"]) == "answer"


Tell = Callable[[Turn, Request, tuple[str, ...]], list[EventType]]  # answers the request, or asks back where its codes are several
Point = Callable[[Turn, list[Option]], tuple[str, ...]]             # the codes of the option that a caller's words mean


def begin(dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn, p: Parts, tell: Tell) -> list[EventType] | None:
    """Tell both of two requests, or ask which comes first; None where the turn holds one. Raises UnknownItem."""
    if not turn.match.get("others"):
        return None
    found = _requests(turn, p)
    if len(found) < 2:
        return None
    if len(found) == 2 and all(request.sure for request in found):
        first, second = (replace(request, facet=_facet(turn, p, request)) for request in found)
        say(dispatcher, "utter_several_first", "answered", values={"first": first.say})
        events = tell(turn, first, first.codes)
        say(dispatcher, "utter_several_then", "answered", values={"next": second.say})
        return [*events, *tell(turn, second, second.codes), SlotSet(PENDING, None), SlotSet(ASKED, None)]
    if tracker.active_loop:  # the form asks its own question next
        return None
    says = [request.say for request in found]
    values = {"count": "两三"[len(found) - 2], "matters": "；".join(says)}
    say(dispatcher, "utter_several_which", "clarified", values=values, options=says, region=turn.region)
    return [SlotSet(PENDING, [_to_slot(request) for request in found]), SlotSet("offer", OFFER_FIRST), SlotSet("choices", None), SlotSet(ASKED, None)]


def resume(dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn, tell: Tell, point: Point) -> list[EventType] | None:
    """Tell the request that the caller wants now, and offer the next; None where he wants none of them. Raises UnknownItem."""
    found, offer = [_from_slot(value) for value in tracker.get_slot(PENDING) or ()], tracker.get_slot("offer")
    if not found or offer not in (OFFER_FIRST, OFFER_NEXT) or turn.match.get("others") or tracker.active_loop:
        return None
    place, codes = _wanted(turn, found, offer, point)
    if place is None:
        return None
    request, rest = found[place], found[:place] + found[place + 1:]
    return _after(dispatcher, turn, tell(turn, request, codes or request.codes), rest) + [SlotSet(ASKED, None)]


def follow(dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn, events: list[EventType]) -> list[EventType]:
    """Return `events` of a turn that was dealt with as usual: where it settled what one request was asked back about, the next is offered;
    anything else drops what is open."""
    found = [_from_slot(value) for value in tracker.get_slot(PENDING) or ()]
    if not found:
        return events
    offered = codes_in(tracker.get_slot("choices"))
    told = _told(dispatcher)
    now = codes_in(next((event["value"] for event in reversed(events) if event.get("event") == "slot" and event["name"] == "choices"), None))
    if offered and (told.get("item") in offered or (now and now <= offered)):
        return _after(dispatcher, turn, events, found)
    dropped = [SlotSet("offer", None)] if tracker.get_slot("offer") in (OFFER_FIRST, OFFER_NEXT) and not _sets(events, "offer") else []
    return [*events, SlotSet(PENDING, None), *dropped]


def _after(dispatcher: CollectingDispatcher, turn: Turn, events: list[EventType], rest: Sequence[Request]) -> list[EventType]:
    """Offer the first of `rest` when the turn has answered; keep all of it while it asks back."""
    told = _told(dispatcher)
    kept = [*events, SlotSet(PENDING, [_to_slot(request) for request in rest] or None)]
    if not rest or told.get("outcome") != "answered":
        return kept
    beside = {key: told[key] for key in ("item", "facet", "region") if key in told}
    say(dispatcher, "utter_several_next", "answered", values={"next": rest[0].say}, options=list(YES_NO), **beside)
    return [*kept, SlotSet("offer", OFFER_NEXT)]


def _wanted(turn: Turn, found: Sequence[Request], offer: str, point: Point) -> tuple[int | None, tuple[str, ...]]:
    """The place of the request that is to be told, and the codes that the words narrow it to."""
    if turn.intent == "deny":
        return None, ()
    if offer == OFFER_NEXT and (turn.intent == "affirm" or _NEXT.fullmatch(turn.text)):
        return 0, ()
    if offer == OFFER_FIRST and (turn.intent == "affirm" or indifferent(turn.text) or _ALL.fullmatch(turn.text) or _NEXT.fullmatch(turn.text)):
        return 0, ()
    codes = point(turn, [Option(request.say, request.codes, (request.say,)) for request in found])
    place = next((i for i, request in enumerate(found) if codes and codes[0] in request.codes), None)
    return place, codes


def _requests(turn: Turn, p: Parts) -> list[Request]:
    others = list(turn.match["others"])
    first = turn.text.partition(others[0])[0].strip(",。?!; ") or turn.text
    texts = [(first, turn.match), *((text, asdict(prefer(p.knowledge.matcher.match(text), p.knowledge.catalogue, turn.region))) for text in others)]
    found: list[Request] = []
    for text, match in texts:
        if not match["candidates"]:
            continue
        best = match["candidates"][0]["code"]
        codes = (best,) if match["decision"] == "answer" else tuple(near(match)) or (best,)
        if all(codes[0] != other.codes[0] for other in found):
            found.append(Request(_said(text, match, p), codes, match["facet"], match))
    return found


def _said(text: str, match: Mapping[str, Any], p: Parts) -> str:
    """A surely meant record by its name; what is still to be asked back about in the caller's own words."""
    own = re.sub(r"[,。?!; ]+", "", matter_of(text))
    if match["decision"] != "answer" and 2 <= len(own) <= SHORT:
        return own
    return short_name(p.knowledge.answerer.name_of(match["candidates"][0]["code"]))


def _facet(turn: Turn, p: Parts, request: Request) -> Facet | None:
    """What is told of one of two: what was asked, else how it is done, for a question in between would not be answered."""
    if request.facet:
        return request.facet
    reply = p.knowledge.answerer.about(request.codes[0], "process", turn.region)
    return None if reply.response in ASKS_PERSON or reply.response.startswith("utter_facet_unknown") else "process"


def _told(dispatcher: CollectingDispatcher) -> Mapping[str, Any]:
    return next((message["custom"] for message in reversed(dispatcher.messages) if (message.get("custom") or {}).get("outcome")), {})


def _sets(events: Sequence[EventType], slot: str) -> bool:
    return any(event.get("event") == "slot" and event["name"] == slot for event in events)


def _to_slot(request: Request) -> dict[str, Any]:
    return {"say": request.say, "codes": list(request.codes), "facet": request.facet, "match": dict(request.match)}


def _from_slot(value: Mapping[str, Any]) -> Request:
    return Request(value["say"], tuple(value["codes"]), value["facet"], value["match"])
