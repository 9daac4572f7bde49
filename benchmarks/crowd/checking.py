"""Whether anything that was acknowledged is lost, doubled, out of order, or in the wrong conversation. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, fields
from typing import Iterable, Sequence

from benchmarks.crowd.ledger import Stored, Talk

_HOUSE = re.compile(r"(?<!\d)(\d{5})号")  # only callers of a load run live at five digits
_NOT_IN_A_ROW = ("system", "operator")  # they speak when they like


@dataclass(frozen=True)
class Findings:
    """How many messages; each must be 0."""

    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    foreign: int = 0
    empty: int = 0
    unanswered: int = 0

    def __add__(self, other: "Findings") -> "Findings":
        return Findings(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def clean(self) -> bool:
        return self == Findings()


def examine(talks: Sequence[Talk], storm: bool = False) -> Findings:
    """Return what is wrong with all conversations of a run.

    In a storm a caller whose words cannot be stored is handed to a person at once: such an answer acknowledges nothing.
    """
    told = Counter(mark for talk in talks if talk.channel == "web" for mark in {mark for turn in talk.turns for mark in turn.told})
    shared = sum(count - 1 for count in told.values())  # ids of messages are random: one told in two conversations is in a wrong one
    return sum((examine_talk(talk, storm) for talk in talks), Findings(foreign=shared))


def examine_talk(talk: Talk, storm: bool = False) -> Findings:
    """Return what is wrong with one conversation."""
    answered = [turn for turn in talk.turns if turn.outcome]
    found = Findings(empty=sum(not turn.words.strip() for turn in answered), unanswered=len(talk.turns) - len(answered),
                     foreign=sum(_foreign(turn.words, talk.house) for turn in answered))
    due = [mark for turn in answered if not (storm and turn.handed) for mark in (turn.mark, *turn.told) if mark]
    if talk.stored is None:
        return found + Findings(lost=len(due))
    return found + _kept(talk, due, talk.stored)


def _kept(talk: Talk, due: Sequence[str], stored: Sequence[Stored]) -> Findings:
    count, needed = Counter(message.mark for message in stored), Counter(due)
    lost = sum((needed - count).values())
    doubled = sum((count - _allowed(talk)).values()) + _answered_twice(talk, stored)
    said = {turn.mark for turn in talk.turns if turn.mark}
    foreign = sum(message.author == "caller" and message.mark not in said for message in stored)
    foreign += sum(_foreign(message.text, talk.house) for message in stored)
    unnumbered = sum(later.seq <= before.seq for before, later in zip(stored, stored[1:]))
    # What is lost or in the wrong place already is not counted as out of order too.
    jumbled = not lost and not _in_order(due, [message.mark for message in stored])
    return Findings(lost=lost, doubled=doubled, out_of_order=unnumbered + jumbled, foreign=foreign)


def _allowed(talk: Talk) -> "Counter[str]":
    """How often each mark may be stored: a web message once however often it was sent, words on the phone once a try."""
    allowed: Counter[str] = Counter()
    for turn in talk.turns:
        if turn.mark:
            allowed[turn.mark] += 1 if talk.channel == "web" else turn.tries
        for mark in turn.told:
            allowed[mark] += 1 if talk.channel == "web" else turn.tries
    stored = {message.mark for message in talk.stored or ()}
    return allowed + Counter({mark: len(talk.stored or ()) for mark in stored - set(allowed)})  # unknown ones are judged apart


def _answered_twice(talk: Talk, stored: Sequence[Stored]) -> int:
    """Count the bot's messages that stand between one caller's message and the next and that the caller was never told."""
    said = {turn.mark: turn for turn in talk.turns}
    known, extra, turn = {mark for one in talk.turns for mark in one.told}, 0, None
    smooth = all(not one.faults for one in talk.turns)  # an exchange that repeats a turn never sees the first answer
    for message in stored:
        if message.author == "caller":
            turn = said.get(message.mark)
        elif turn and turn.outcome and message.author not in _NOT_IN_A_ROW and message.mark not in known:
            extra += talk.channel == "web" or smooth
    return extra


def _in_order(due: Iterable[str], stored: Iterable[str]) -> bool:
    rest = iter(stored)
    return all(mark in rest for mark in due)


def _foreign(text: str, house: str) -> int:
    return sum(number != house for number in _HOUSE.findall(text))
