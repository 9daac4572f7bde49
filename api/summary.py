"""What a conversation was about, in a sentence or two: for the operator who takes it over and the caller who comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping, Sequence

from core.pii import mask
from knowledge.errors import UnknownItem
from knowledge.ports import Catalogue
from knowledge.wording import FACET_NAMES

Names = Callable[[str], "str | None"]  # code of an item → its name

_WITHOUT_ANSWER = ("not_found", "fault")
_KEEPS_FORM = ("clarified", "handoff")  # what puts a form aside with what it holds, a call back that is offered among them
_BESIDE = ("fault", "transferred", "crisis", "emergency_")  # said while a form stays open
_TOLD = 3        # items, and words without an answer, that are named
_VERBS = ("要", "跑")  # names of facets that follow an item's without 的
_LONGEST = 40    # characters of the caller's words that are said back


@dataclass(frozen=True)
class Summary:
    """`items` are names in the order they were last asked about, `answered` those that got an answer; `facet` is the last one's code.

    `failed` are the caller's words, masked, that found no answer; `ticket` a number of 16 digits. `text` has no subject: 问的是……
    """

    items: tuple[str, ...] = ()
    facet: str | None = None
    answered: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    ticket: str | None = None
    text: str = ""


def summarise(messages: Sequence[Mapping[str, Any]], fields: Mapping[str, str], names: Names) -> Summary:
    """Sum up a conversation from its messages, with the marks of their turns, and its fields. Never raises."""
    asked: dict[str, str | None] = {}  # code → facet, the newest at the end
    answered: dict[str, None] = {}
    failed: dict[str, None] = {}
    ticket, words, form = None, "", _Form()
    for message in messages:
        if message["author"] == "caller":
            words = message["text"]
            continue
        turn = message.get("turn") or {}
        form = form.after(turn)
        ticket = turn.get("ticket") or ticket
        if item := turn.get("item"):
            asked.pop(item, None)
            asked[item] = turn.get("facet")
            if turn.get("outcome") == "answered" and not turn.get("unanswered"):
                answered[item] = None
        if (turn.get("outcome") in _WITHOUT_ANSWER or turn.get("unanswered")) and words:
            failed[_short(words)] = None
    named = {code: name for code in asked if (name := names(code))}
    facet = next((asked[code] for code in reversed(named)), None)
    found = Summary(tuple(named.values()), facet, tuple(named[code] for code in answered if code in named), tuple(failed), ticket)
    drafting = (form.type or fields.get("ticket_type") or "工单") if form.unfinished else ""
    return Summary(found.items, facet, found.answered, found.failed, ticket, _text(found, drafting))


def mark_of(outcome: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the mark that the first message of a reply is stored with, as far as known.

    Outcome, item, facet, the ticket's number; the type of a form that is open, "dropped" as `draft`, "1" where what was asked has no answer.
    """
    ticket = facts.get("ticket")
    known = {"outcome": outcome, "item": facts.get("item"), "facet": facts.get("facet"),
             "ticket": ticket.get("number") if isinstance(ticket, Mapping) else None,
             "ticket_type": facts.get("ticket_type") if outcome == "ticket_form" else None,
             "draft": facts.get("draft"), "unanswered": "1" if facts.get("unanswered") else None}
    return {name: value for name, value in known.items() if isinstance(value, str) and value}


def names_of(catalogue: Catalogue) -> Names:
    """Return the look-up of names in a catalogue; None for what is no longer in it."""
    def name(code: str) -> str | None:
        try:
            return str(catalogue.record(code).name)
        except UnknownItem:
            return None
    return name


@dataclass(frozen=True)
class _Form:
    """The form as the outcomes of turns tell of it: whatever else follows it has ended it, unless that puts it aside."""

    unfinished: bool = False
    open: bool = False
    type: str | None = None

    def after(self, turn: Mapping[str, Any]) -> _Form:
        outcome = str(turn.get("outcome") or "")
        if outcome == "ticket_form":
            return _Form(True, True, turn.get("ticket_type"))
        if not outcome or outcome.startswith(_BESIDE):
            return self
        ends = turn.get("draft") == "dropped" or (self.open and outcome not in _KEEPS_FORM)
        return _Form(self.unfinished and not ends, False, self.type)


def _text(found: Summary, drafting: str) -> str:
    told = []
    if found.items:
        *before, last = found.items[-_TOLD:]
        facet = FACET_NAMES.get(found.facet, "") if found.facet else ""  # type: ignore[call-overload]  # what is stored may be anything
        joint = "的" if facet and not facet.startswith(_VERBS) else ""
        told.append(f"问的是“{last}”{joint}{facet}" + (f"，之前还问过{_quoted(before)}" if before else ""))
    if found.failed:
        told.append(f"问{_quoted(found.failed[-_TOLD:])}没有找到答案")
    first = "；".join(told)
    second = ""
    if drafting:
        second = "工单还没登记完" if drafting == "工单" else f"{drafting}还没登记完"
    elif found.ticket:
        second = f"说到的工单尾号是{found.ticket[-4:]}"
    return "".join(f"{sentence}。" for sentence in (first, second) if sentence)


def _quoted(words: Sequence[str]) -> str:
    return "、".join(f"“{word}”" for word in words)


def _short(words: str) -> str:
    said = mask(" ".join(words.split())).strip("。！？，,.!? ")
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}……"
