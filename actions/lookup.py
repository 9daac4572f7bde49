"""An existing ticket: progress, urging, adding, withdrawing, rating. Whoever asks proves that it is his."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.interruption import interrupts
from actions.speech import say
from actions.turn import Turn, read_turn
from actions.wiring import Parts, parts
from tickets.errors import TicketError
from tickets.model import Grade, Ticket
from zh.numerals import digit_runs, last_four

PURPOSES = ("progress", "urge", "supplement", "withdraw", "rate")
OUTCOMES = {"progress": "ticket_status", "urge": "ticket_urged", "supplement": "ticket_added", "withdraw": "ticket_withdrawn", "rate": "rated"}
REQUESTED = "requested_slot"
MOST_TRIES = 3
NUMBER_LENGTH = 16  # yyyymmdd and eight random digits
_COUNTED = tuple("年月号块元天层楼")
_GRADES = tuple(grade.value for grade in Grade)
# Tried in this order: 不满意 holds 满意, and 不是很满意 is no praise. Taking blame for praise would close the matter.
_SAID = (
    ("非常不满意", re.compile(r"(?<!不是)(?<!不算)(?:非常|特别|十分|极其|很)(?:的|地)?不满意")),
    ("不满意", re.compile(r"(?:不|没|谈不上)(?:是|算|怎么|咋)?(?:太|很|大|多|非常|特别|十分|完全)?(?:的)?满意|差评")),
    ("基本满意", re.compile(r"基本满意|(?:还算|比较)满意|还行|还可以|一般|凑合|过得去")),
    ("非常满意", re.compile(r"(?:非常|特别|十分|很|太|相当)(?:的|地)?满意")),
    ("满意", re.compile(r"满意|好评")),
)
_ADDING = re.compile(r"^.{0,12}?(?:补充|加)(?:一下|一点|点|几句|个情况|情况|内容|材料|说明)*[,:。 ]*")
_ENOUGH = 6  # characters of a supplement that come with the wish to add one


@dataclass(frozen=True)
class Lookup:
    """What is wanted of which ticket; `trusted` is the conversation that opened it."""

    purpose: str
    number: str | None = None
    proof: str | None = None
    detail: str | None = None
    trusted: bool = False
    tries: int = 0

    def question(self) -> str | None:
        """Return what must still be asked: number, proof or detail; None when all is there."""
        if self.number is None:
            return "number"
        if self.proof is None and not self.trusted:
            return "proof"
        return "detail" if self.detail is None and self.purpose in ("supplement", "rate") else None


def grade_in(text: str) -> str | None:
    """Return the grade that a text names, None when it names none."""
    return next((grade for grade, pattern in _SAID if pattern.search(text)), None)


def begin(turn: Turn, opened: str | None) -> Lookup:
    """Read the wish, and whatever of number, proof and detail comes with it."""
    purpose = turn.intent if turn.intent in PURPOSES else "progress"
    lookup = _with_digits(Lookup(purpose), turn)
    if lookup.number is None and opened:
        lookup = replace(lookup, number=opened)
    lookup = replace(lookup, trusted=lookup.number is not None and lookup.number == opened)
    rest = _ADDING.sub("", turn.text)
    if purpose == "supplement" and rest != turn.text and len(rest) >= _ENOUGH:
        return replace(lookup, detail=rest)
    return replace(lookup, detail=grade_in(turn.text)) if purpose == "rate" else lookup


def take(lookup: Lookup, question: str, turn: Turn) -> Lookup:
    """Take the answer to `question`; one that holds nothing of use counts as a try."""
    if question == "detail":
        detail = grade_in(turn.text) if lookup.purpose == "rate" else turn.text or None
        return replace(lookup, detail=detail, tries=lookup.tries + (detail is None))
    after = _with_digits(lookup, turn)
    return after if after.question() != question else replace(after, tries=after.tries + 1)


def _with_digits(lookup: Lookup, turn: Turn) -> Lookup:
    # 2026年, 1201号: a year or a house number is not the end of a telephone number.
    runs = [run.digits for run in digit_runs(turn.text) if len(run.digits) > 4 or turn.text[run.end:run.end + 1] not in _COUNTED]
    number, others = _number_in(runs)
    proof = next((run for run in others if len(run) in (4, 8)), None) or next((run[-4:] for run in others if len(run) == 11), None)
    if proof is None and lookup.number is not None and number is None:
        proof = last_four(turn.text)
    if proof is None and turn.caller:
        proof = turn.caller[-4:]
    return replace(lookup, number=number or lookup.number, proof=proof or lookup.proof)


def _number_in(runs: list[str]) -> tuple[str | None, list[str]]:
    """Return the ticket number among strings of digits, whole or said in groups from the first on, and what is left."""
    whole = next((run for run in runs if len(run) == NUMBER_LENGTH), None)
    if whole:
        return whole, [run for run in runs if run != whole]
    for count in range(2, len(runs) + 1):
        if len(joined := "".join(runs[:count])) == NUMBER_LENGTH and joined.startswith("20"):
            return joined, runs[count:]
    return None, runs


class ValidateLookupForm(Action):
    """Gathers number, proof and detail."""

    def name(self) -> str:
        return "validate_lookup_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        p = parts()
        turn = read_turn(tracker, p.regions, p.settings.region)
        raw, question = tracker.get_slot("lookup"), tracker.get_slot(REQUESTED)
        if raw is None or question is None:
            return _keep(begin(turn, tracker.get_slot("opened_ticket")))
        if interrupts(turn, question):
            return [SlotSet(REQUESTED, question)]
        lookup = take(Lookup(**raw), question, turn)
        if lookup.tries >= MOST_TRIES:
            return [SlotSet("lookup", None), SlotSet(REQUESTED, None)]
        return _keep(lookup)


def _keep(lookup: Lookup) -> list[EventType]:
    return [SlotSet("lookup", asdict(lookup)), SlotSet(REQUESTED, lookup.question())]


class _AskLookup(Action):
    question = ""

    def name(self) -> str:
        return f"action_ask_lookup_form_{self.question}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        lookup = Lookup(**tracker.get_slot("lookup"))
        again = "_again" if lookup.tries else ""
        what = f"_{lookup.purpose}" if self.question == "detail" else ""
        options = list(_GRADES) if what == "_rate" else None
        say(dispatcher, f"utter_ask_{self.question}{what}{again}", OUTCOMES[lookup.purpose], options=options)
        return []


class AskNumber(_AskLookup):
    question = "number"


class AskProof(_AskLookup):
    question = "proof"


class AskDetail(_AskLookup):
    question = "detail"


class ActionRunLookup(Action):
    """Does what was asked of the ticket, or says why not."""

    def name(self) -> str:
        return "action_run_lookup"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        p = parts()
        raw = tracker.get_slot("lookup")
        if raw is None:
            say(dispatcher, "utter_lookup_given_up", "not_found", options=["转人工"])
            return [SlotSet("offer", "person_or_ticket")]
        lookup = Lookup(**raw)
        try:
            ticket = self._perform(lookup, p, tracker.sender_id)
        except TicketError as error:
            say(dispatcher, "utter_ticket_refused", "refused", values={"reason": error.message})
        else:
            self._tell(dispatcher, lookup, ticket)
        return [SlotSet("lookup", None)]

    @staticmethod
    def _perform(lookup: Lookup, p: Parts, asker: str) -> Ticket:
        number, at = lookup.number or "", p.clock()
        is_code = lookup.proof is not None and len(lookup.proof) == 8
        proof: dict[str, Any] = {"asker": asker, "code" if is_code else "phone_last4": lookup.proof}
        if lookup.purpose == "progress":
            return p.tickets.view(number, at=at, trusted=lookup.trusted, **proof)
        if lookup.purpose == "supplement":
            return p.tickets.supplement(number, lookup.detail or "", at=at, trusted=lookup.trusted, **proof)
        if lookup.purpose == "rate":
            return p.tickets.rate(number, lookup.detail or "", at=at, trusted=lookup.trusted, **proof)
        act = p.tickets.urge if lookup.purpose == "urge" else p.tickets.withdraw
        return act(number, at=at, trusted=lookup.trusted, **proof)

    @staticmethod
    def _tell(dispatcher: CollectingDispatcher, lookup: Lookup, ticket: Ticket) -> None:
        values = {"status": ticket.status.label, "department": ticket.department, "due": f"{ticket.due_on.month}月{ticket.due_on.day}日",
                  "number": ticket.number, "urged": str(ticket.urged), "grade": lookup.detail or "", "answer": ticket.answer or ""}
        response = "utter_ticket_status_answered" if lookup.purpose == "progress" and ticket.answer else f"utter_{OUTCOMES[lookup.purpose]}"
        say(dispatcher, response, OUTCOMES[lookup.purpose], values=values,
            ticket={"number": ticket.number, "due_on": ticket.due_on.isoformat(), "department": ticket.department})
