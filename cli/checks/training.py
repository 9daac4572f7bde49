"""What is wrong with the training phrases: they teach the classifier what callers want."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Iterator

from cli.checks.domain import Named
from cli.checks.source import child, compose, elements, line_of, shown, text_of
from knowledge.errors import Fault
from knowledge.facets import spoken
from zh.normalise import normalise

LEAST = 15  # examples an intent; fewer and the classifier learns their words, not what they have in common


@dataclass(frozen=True)
class Example:
    """One phrase under its intent, and where it stands."""

    intent: str
    text: str
    file: str
    line: int


def read_examples(paths: Iterable[Path]) -> list[Example]:
    """Read Rasa's training format (`- intent: …`, `examples: |`); raise Unreadable."""
    found: list[Example] = []
    for path in paths:
        for block in elements(child(compose(path), "nlu")):
            intent, examples = text_of(child(block, "intent")), child(block, "examples")
            for offset, line in enumerate(text_of(examples).split("\n")):
                if intent and examples and line.startswith("- "):
                    found.append(Example(intent, line[2:].strip(), shown(path), line_of(examples) + offset))
    return found


def seen(text: str) -> str:
    """Return a phrase as the model sees it: normalised, Shandong's question words in the standard form."""
    return spoken(normalise(text))


def training_faults(examples: Iterable[Example], intents: Iterable[Named]) -> Iterator[Fault]:
    """Yield unknown intents, intents with too few examples, a phrase under two intents, phrases that are not normalised."""
    known = {intent.name for intent in intents}
    counts: Counter[str] = Counter()
    first: dict[str, Example] = {}
    for example in examples:
        counts[example.intent] += 1
        if example.intent not in known:
            yield Fault(example.file, example.line, f"intent '{example.intent}' is not in the domain")
        other = first.setdefault(seen(example.text), example)
        if other.intent != example.intent:
            yield Fault(example.file, example.line,
                        f"'{example.text}' stands under '{example.intent}' and under '{other.intent}' ({other.file}:{other.line})")
        if normalise(example.text) != example.text:
            yield Fault(example.file, example.line, f"not normalised: '{example.text}' is read as '{normalise(example.text)}'")
    for intent in intents:
        if counts[intent.name] < LEAST:
            yield Fault(intent.file, intent.line, f"intent '{intent.name}' has {counts[intent.name]} training phrases, needs {LEAST}")
