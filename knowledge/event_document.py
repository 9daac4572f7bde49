"""A life event as a plain mapping in the form of docs/knowledge-format.md, and back."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import Any, Callable, Mapping

from knowledge.document import Document, plain, read, read_limit, read_question
from knowledge.life_event import LifeEvent, Step
from knowledge.reader import Reader


def _step(reader: Reader) -> Step:
    return Step(reader.text("key"), reader.text("title"), reader.maybe("item"), reader.texts("after"), reader.maybe("only_if"),
                reader.maybe("note"), reader.part("limit", read_limit))


def event_builder(topic: str | None) -> Callable[[Reader], LifeEvent]:
    """Return what builds a life event; without `topic` the record names it."""
    def build(reader: Reader) -> LifeEvent:
        event = LifeEvent(
            reader.text("code"), reader.text("name"), topic or reader.text("topic"), reader.texts("aliases", at_least=4),
            reader.text("summary"), reader.parts("steps", _step), reader.texts("basis", at_least=1), reader.day("as_of"),
            reader.parts("questions", read_question), f"{reader.file}:{reader.line}")
        for fault in _faults(event):
            reader.fault(fault)
        return event

    return build


def _faults(event: LifeEvent) -> list[str]:
    keys = [step.key for step in event.steps]
    found = [f"step '{key}' stands twice" for key in sorted({key for key in keys if keys.count(key) > 1})]
    found += [f"step '{step.key}' comes after '{key}', which is no step" for step in event.steps for key in step.after if key not in keys]
    found += [f"step '{step.key}' has an item and a limit of its own" for step in event.steps if step.item and step.limit]
    if len(event.steps) < 2:
        found.append("a life event has at least two steps")
    try:
        TopologicalSorter({step.key: step.after for step in event.steps}).prepare()
    except CycleError:
        found.append("the steps wait for each other in a circle")
    return found


def read_event(document: Mapping[str, Any], where: str = "record") -> LifeEvent:
    """Return the life event that a document holds; raise KnowledgeFaulty with every fault."""
    return read(document, event_builder(None), where)


def write_event(event: LifeEvent) -> Document:
    """Return the canonical document of a life event."""
    names = ("code", "name", "topic", "aliases", "summary", "steps", "basis", "as_of", "questions")
    return {name: value for name in names if (value := plain(getattr(event, name))) != []}
