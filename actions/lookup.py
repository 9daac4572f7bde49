"""Which existing ticket is meant, what is wanted of it, and whether it is his: read turn by turn out of what he says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from actions import lookup_words as words
from actions.turn import Turn
from tickets.errors import TicketError, TicketNotFound
from tickets.grades import corrected_grade, grade_in, reason_answered, reason_told
from tickets.service import TicketService
from tickets.vocabulary import Grade
from zh.numerals import digit_runs, last_four

PURPOSES = ("progress", "urge", "supplement", "withdraw", "rate")
MOST_TRIES = 3
NUMBER_LENGTH = 16  # yyyymmdd and eight random digits
PHONE_LENGTH = 11
CODE_LENGTH = 8  # the query code of a ticket that no phone proves
_PROOFS = {4: "phone_last4", CODE_LENGTH: "code", PHONE_LENGTH: "phone"}
YES, NO = "yes", "no"  # the detail of a withdrawal
_COUNTED = tuple("年月号块元天层楼")
_PARTS = frozenset({"human", "goodbye"})  # who wants to go, or a person, gives no reason
_SHORT = 12  # characters; who says more than this tells one all the same


@dataclass(frozen=True)
class Lookup:
    """What is wanted of which ticket.

    `trusted`: opened or proved in this conversation. `refused`: the last proof did not fit. `caller_tried`: the number that
    he calls from did not. `end`: the response that ends the form without doing anything, with its `reason` if it needs one.
    `why`: the reason of a bad grade; None is not said, empty is not to be said.
    """

    purpose: str
    number: str | None = None
    proof: str | None = None
    detail: str | None = None
    trusted: bool = False
    tries: int = 0
    refused: bool = False
    caller_tried: bool = False
    end: str | None = None
    reason: str = ""
    why: str | None = None

    @property
    def kept(self) -> bool:
        """Whether he does not want the ticket withdrawn."""
        return self.purpose == "withdraw" and self.detail == NO

    @property
    def stopped(self) -> bool:
        """Whether nothing is to be done, so that nothing need be asked or proved either."""
        return self.kept or self.end is not None

    def question(self) -> str | None:
        """Return what must still be asked: number, proof, detail or why; None when all is there."""
        if self.stopped:
            return None
        if self.number is None:
            return "number"
        if self.proof is None and not self.trusted:
            return "proof"
        if self.detail is None:
            return "detail" if self.purpose in ("supplement", "rate", "withdraw") else None
        return "why" if self.purpose == "rate" and self.why is None and Grade(self.detail).bad else None


def begin(turn: Turn, known: str | None) -> Lookup:
    """Read the wish, and whatever of number, proof and detail comes with it; `known` is the ticket opened or proved before."""
    wish = words.wish_in(turn.text)
    purpose = turn.intent if turn.intent in PURPOSES else wish or "progress"
    if words.rates(turn.text):
        purpose = "rate"
    if purpose == "withdraw" and not words.withdraws(turn.text):
        purpose = "progress"
    lookup = _with_digits(Lookup(purpose), turn)
    if lookup.number is None and known and not words.another(turn.text):
        lookup = replace(lookup, number=known)
    lookup = replace(lookup, trusted=lookup.number is not None and lookup.number == known)
    if words.declines(turn.text):
        return _with_detail(replace(lookup, purpose=wish), turn.text) if wish else _declined(lookup, turn.text)
    return _with_detail(lookup, turn.text)


def take(lookup: Lookup, question: str, turn: Turn) -> Lookup:
    """Take the answer to `question`; one that holds nothing of use counts as a try."""
    before = replace(lookup, refused=False)
    if question == "why":
        return _explained(before, turn)
    after = _detailed(before, turn) if question == "detail" else _identified(before, question, turn)
    new = (after.purpose, after.number, after.detail) != (before.purpose, before.number, before.detail)
    return after if new or after.question() != question else replace(after, tries=before.tries + 1)


def prove(lookup: Lookup, caller: str | None, asker: str, tickets: TicketService, at: datetime) -> Lookup:
    """Check the proof: what was said, or else the end of the number that `caller` calls from. A wrong one is asked for again."""
    own = caller if caller and lookup.proof is None and not lookup.caller_tried else None
    given = lookup.proof or own
    if lookup.number is None or lookup.trusted or lookup.stopped or given is None:
        return lookup
    try:
        kind = "phone" if own else _PROOFS[len(given)]
        # A conversation is begun anew at will, a line is not.
        tickets.view(lookup.number, at=at, asker=caller or asker, fleeting=caller is None, **{kind: given})
    except TicketNotFound:
        # Nobody has said anything wrong when it is not the number he calls from: then he is asked for the first time.
        return replace(lookup, caller_tried=True) if own else replace(lookup, proof=None, refused=True, tries=lookup.tries + 1)
    except TicketError as error:
        return replace(lookup, end="utter_ticket_refused", reason=error.message)
    return replace(lookup, trusted=True, proof=None)


def give_up(lookup: Lookup, question: str) -> Lookup:
    """End a form whose `question` found no answer in all its tries; an unclear answer never withdraws."""
    if question == "detail" and lookup.purpose == "withdraw":
        return replace(lookup, detail=NO)
    return replace(lookup, end="utter_lookup_not_proved" if question == "proof" else "utter_lookup_given_up")


def _identified(lookup: Lookup, question: str, turn: Turn) -> Lookup:
    """Take number and proof, or another wish that he has meanwhile."""
    wish = words.wish_in(turn.text)
    if words.declines(turn.text) and wish is None:
        return _declined(lookup, turn.text)
    after = _with_detail(_wishing(_with_digits(lookup, turn), wish), turn.text)
    if after.purpose == "rate" and after.detail and grade_in(turn.text) is None and not words.cannot_say(turn.text):
        after = replace(after, why=reason_told(turn.text) or after.why)  # told while the ticket is still being found
    nothing_new = (after.number, after.proof, after.detail) == (lookup.number, lookup.proof, lookup.detail)
    if nothing_new and words.cannot_say(turn.text):
        return replace(after, end="utter_lookup_no_number" if question == "number" else "utter_lookup_no_proof")
    return after


def _detailed(lookup: Lookup, turn: Turn) -> Lookup:
    """Take the yes or no to a withdrawal, the grade, the words to add."""
    wish = words.bare_wish(turn.text)
    if wish and wish != lookup.purpose:
        return _with_detail(_wishing(lookup, wish), turn.text)
    if lookup.purpose == "withdraw":
        answer = words.consents(turn.text)
        return lookup if answer is None else replace(lookup, detail=YES if answer else NO)
    if words.nothing_to_add(turn.text) or (lookup.purpose == "rate" and words.declines(turn.text)):
        return replace(lookup, end="utter_anything_else")
    return _graded(lookup, turn.text) if lookup.purpose == "rate" else replace(lookup, detail=None if wish else turn.text or None)


def _explained(lookup: Lookup, turn: Turn) -> Lookup:
    """Take the reason of a bad grade, asked for once: whatever he answers, the grade stands. Another grade may take its place."""
    grade = corrected_grade(turn.text)
    if grade and grade.value != lookup.detail:
        return replace(lookup, detail=grade.value)
    return replace(lookup, why="" if turn.intent in _PARTS and len(turn.text) <= _SHORT else reason_answered(turn.text))


def _graded(lookup: Lookup, text: str) -> Lookup:
    grade = grade_in(text)
    if grade is None:
        return lookup
    return replace(lookup, detail=grade.value, why=reason_told(text) or lookup.why)


def _wishing(lookup: Lookup, wish: str | None) -> Lookup:
    return lookup if wish is None or wish == lookup.purpose else replace(lookup, purpose=wish, detail=None, why=None)


def _with_detail(lookup: Lookup, text: str) -> Lookup:
    if lookup.purpose == "supplement":
        return replace(lookup, detail=words.words_to_add(text) or lookup.detail)
    return _graded(lookup, text) if lookup.purpose == "rate" else lookup


def _declined(lookup: Lookup, text: str) -> Lookup:
    if lookup.purpose == "withdraw" or "撤" in text:
        return replace(lookup, purpose="withdraw", detail=NO)
    return replace(lookup, end="utter_anything_else")


def _with_digits(lookup: Lookup, turn: Turn) -> Lookup:
    # 2026年, 1201号: a year or a house number is not the end of a telephone number.
    runs = [run.digits for run in digit_runs(turn.text) if len(run.digits) > 4 or turn.text[run.end:run.end + 1] not in _COUNTED]
    number, others = _number_in(runs)
    proof = next((run for run in others if len(run) in (4, CODE_LENGTH)), None) or next((run for run in others if len(run) == PHONE_LENGTH), None)
    if proof is None and lookup.number is not None and number is None:
        proof = last_four(turn.text)
    if number and number != lookup.number:  # another ticket is not proved by what was proved before
        lookup = replace(lookup, number=number, proof=lookup.proof if lookup.number is None else None, trusted=False, caller_tried=False)
    return replace(lookup, proof=proof or lookup.proof)


def _number_in(runs: list[str]) -> tuple[str | None, list[str]]:
    """Return the ticket number among strings of digits, whole or said in groups from the first on, and what is left."""
    whole = next((run for run in runs if len(run) == NUMBER_LENGTH), None)
    if whole:
        return whole, [run for run in runs if run != whole]
    for count in range(2, len(runs) + 1):
        if len(joined := "".join(runs[:count])) == NUMBER_LENGTH and joined.startswith("20"):
            return joined, runs[count:]
    return None, runs
