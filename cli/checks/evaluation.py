"""The sets that judge against what they judge: known codes only, and nothing that was taught."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Collection, Iterable, Iterator, Sequence

from rapidfuzz import fuzz, process

from cli.checks.training import Example, seen
from cli.evaluation.questions import ROUTES, Question
from cli.evaluation.routing import Request
from knowledge.errors import Fault
from knowledge.model import FACETS
from tickets.load import Category
from tickets.model import TicketType
from zh.normalise import normalise

TOO_NEAR = 85.0  # of 100, rapidfuzz.fuzz.ratio over normalised texts: above it a question measures memory
TICKET_TYPES = frozenset(kind.value for kind in TicketType)


@dataclass(frozen=True)
class Taught:
    """A text that the product has learnt or looks for, and where it stands."""

    text: str
    place: str


def question_faults(questions: Iterable[Question], codes: Collection[str], regions: Collection[str], file: str) -> Iterator[Fault]:
    """Yield unknown routes, codes, facets, regions and ticket types, and texts that stand twice."""
    first: dict[str, int] = {}
    for question in questions:
        def fault(message: str, line: int = question.line) -> Fault:
            return Fault(file, line, message)
        if question.route not in ROUTES:
            yield fault(f"unknown route '{question.route}'")
        if question.route in ("item", "life_event") and not question.codes:
            yield fault(f"a question of route '{question.route}' names no code")
        if question.route in ("ticket", "none") and question.codes:
            yield fault(f"a question of route '{question.route}' names a code")
        for code in question.codes:
            if code not in codes:
                yield fault(f"unknown code '{code}'")
        if question.facet is not None and question.facet not in FACETS:
            yield fault(f"unknown facet '{question.facet}'")
        if question.region is not None and question.region not in regions:
            yield fault(f"unknown region '{question.region}'")
        if (question.ticket_type in TICKET_TYPES) != (question.route == "ticket"):
            yield fault(f"ticket_type '{question.ticket_type}' does not go with route '{question.route}'")
        line = first.setdefault(normalise(question.text), question.line)
        if line != question.line:
            yield fault(f"'{question.text}' also stands on line {line}")


def near_faults(questions: Iterable[Question | Request], taught: Sequence[Taught], file: str) -> Iterator[Fault]:
    """Yield every question that is nearly the same as a taught text, naming both."""
    plain = [normalise(known.text) for known in taught]
    for question in questions:
        found = process.extractOne(normalise(question.text), plain, scorer=fuzz.ratio, score_cutoff=TOO_NEAR)
        if found:
            known = taught[found[2]]
            yield Fault(file, question.line, f"'{question.text}' is {found[1] / 100:.2f} similar to '{known.text}' ({known.place})")


def routing_faults(requests: Sequence[Request], leaves: Sequence[Category], backstop: str, file: str) -> Iterator[Fault]:
    """Yield requests whose category the catalogue does not have, or that are nearly one of its own descriptions."""
    known = {leaf.name for leaf in leaves} | {backstop}
    for request in requests:
        for name in request.categories:
            if name not in known:
                yield Fault(file, request.line, f"unknown category '{name}'")
    taught = [Taught(say, f"a description of {leaf.name}") for leaf in leaves for say in leaf.says]
    yield from near_faults(requests, taught, file)


def sentence_faults(sentences: Iterable[Example], examples: Iterable[Example], intents: Collection[str]) -> Iterator[Fault]:
    """Yield held-out sentences of an unknown intent, that equal a training phrase, or that stand twice."""
    taught = {seen(example.text): example for example in examples}
    first: dict[str, Example] = {}
    for sentence in sentences:
        if sentence.intent not in intents:
            yield Fault(sentence.file, sentence.line, f"intent '{sentence.intent}' is not in the domain")
        if same := taught.get(seen(sentence.text)):
            yield Fault(sentence.file, sentence.line, f"'{sentence.text}' equals a training phrase ({same.file}:{same.line})")
        other = first.setdefault(seen(sentence.text), sentence)
        if other is not sentence:
            yield Fault(sentence.file, sentence.line, f"'{sentence.text}' also stands on line {other.line}")
