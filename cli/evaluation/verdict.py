"""One question judged: where the product would have taken it, and whether that is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Literal, Mapping

from actions.ticket_form import TYPES
from cli.checks.rules import Rule
from cli.evaluation.listener import Heard
from cli.evaluation.questions import Question
from knowledge.model import Candidate

Outcome = Literal["answered", "asked back", "abstained", "ticket", "alarm"]
Way = Literal["knowledge", "ticket", "none"]
_KNOWLEDGE = frozenset(("action_consult", "action_choose"))


def ways_of(rules: Iterable[Rule]) -> dict[str, Way]:
    """Return where each intent leads outside forms: to the knowledge base, to a new ticket, or to neither."""
    ways: dict[str, Way] = {}
    for rule in rules:
        if rule.intent and not rule.form:
            actions = {step.name for step in rule.steps if step.kind == "action"}
            ways[rule.intent] = "knowledge" if actions & _KNOWLEDGE else "ticket" if "ticket_form" in actions else "none"
    return ways


@dataclass(frozen=True)
class Verdict:
    """A question, what was heard, the route taken, what the caller gets, and whether that is right."""

    question: Question
    heard: Heard
    route: str
    outcome: Outcome
    right: bool

    @property
    def harmful(self) -> bool:
        """An answer from a wrong item, or any answer where none is right: it costs the caller a journey."""
        return self.outcome == "answered" and not self.right

    @property
    def first(self) -> Candidate | None:
        """The best candidate, whatever was decided."""
        return self.heard.candidates[0] if self.heard.candidates else None

    def rank(self, limit: int) -> bool:
        """Return whether a right code stands among the first `limit` candidates."""
        return any(fits(self.question, candidate) for candidate in self.heard.candidates[:limit])

    @property
    def ticket_type(self) -> str | None:
        """The type of the ticket that would be opened, by the intent."""
        return TYPES.get(self.heard.intent) if self.outcome == "ticket" else None


def fits(question: Question, candidate: Candidate) -> bool:
    """Return whether a candidate answers the question; policy questions name no code, so any policy answer fits."""
    if question.codes:
        return candidate.code in question.codes
    return question.route == "policy" and candidate.kind == "policy"


def judge(question: Question, said: Heard, ways: Mapping[str, Way]) -> Verdict:
    """Return the verdict, as the dialogue would act on a first turn."""
    if said.alarm:
        return Verdict(question, said, "alarm", "alarm", False)
    way = ways.get(said.intent, "none")
    if way == "ticket":
        return Verdict(question, said, "ticket", "ticket", question.route == "ticket")
    if way == "none" or said.decision == "none" or not said.candidates:
        return Verdict(question, said, "none", "abstained", question.route == "none")
    first = said.candidates[0]
    if said.decision == "answer":
        return Verdict(question, said, first.kind, "answered", fits(question, first))
    offered = [candidate for candidate in said.candidates if candidate.code in said.choices]
    return Verdict(question, said, first.kind, "asked back", any(fits(question, candidate) for candidate in offered))
