"""The domain files read with their lines: intents, slots, forms, actions, responses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Iterator

import yaml

from cli.checks.source import child, compose, elements, line_of, pairs, shown, text_of
from knowledge.errors import Fault


@dataclass(frozen=True)
class Named:
    """A name that the domain declares, and where."""

    name: str
    file: str
    line: int


@dataclass(frozen=True)
class Variant:
    """One text of a response; `channel` None is the default."""

    text: str
    channel: str | None
    line: int


@dataclass(frozen=True)
class Response(Named):
    """A response with all its texts."""

    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class Form(Named):
    """A form with the slots that it asks for."""

    slots: tuple[str, ...]


@dataclass(frozen=True)
class Domain:
    """All that the files declare, in their order; what stands twice is here twice."""

    intents: tuple[Named, ...]
    slots: tuple[Named, ...]
    actions: tuple[Named, ...]
    forms: tuple[Form, ...]
    responses: tuple[Response, ...]


def read_domain(paths: Iterable[Path]) -> Domain:
    """Read Rasa's domain format; raise Unreadable."""
    documents = [(shown(path), compose(path)) for path in paths]
    return Domain(
        intents=tuple(_listed(documents, "intents")),
        slots=tuple(Named(*place) for place, _ in _keyed(documents, "slots")),
        actions=tuple(_listed(documents, "actions")),
        forms=tuple(Form(*place, tuple(map(text_of, elements(child(node, "required_slots"))))) for place, node in _keyed(documents, "forms")),
        responses=tuple(Response(*place, tuple(map(_variant, elements(node)))) for place, node in _keyed(documents, "responses")))


def _listed(documents: list[tuple[str, yaml.Node]], key: str) -> Iterator[Named]:
    for file, document in documents:
        for element in elements(child(document, key)):
            # An intent may carry options: `- greet: {use_entities: []}`.
            name = next((text_of(inner) for inner, _ in pairs(element)), "") or text_of(element)
            yield Named(name, file, line_of(element))


def _keyed(documents: list[tuple[str, yaml.Node]], key: str) -> Iterator[tuple[tuple[str, str, int], yaml.Node]]:
    for file, document in documents:
        for name, node in pairs(child(document, key)):
            yield (str(name.value), file, line_of(name)), node


def _variant(node: yaml.Node) -> Variant:
    return Variant(text_of(child(node, "text")).strip(), text_of(child(node, "channel")) or None, line_of(child(node, "text") or node))


def duplicate_faults(domain: Domain) -> Iterator[Fault]:
    """Yield every intent, slot, form, action and response that is declared twice; Rasa keeps the last without a word."""
    for kind, names in (("intent", domain.intents), ("slot", domain.slots), ("action", domain.actions), ("form", domain.forms),
                        ("response", domain.responses)):
        first: dict[str, Named] = {}
        for named in names:
            other = first.setdefault(named.name, named)
            if other is not named:
                yield Fault(named.file, named.line, f"{kind} '{named.name}' also stands in {other.file}:{other.line}")
