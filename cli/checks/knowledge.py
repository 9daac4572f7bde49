"""What is wrong with the knowledge files beyond their format."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Iterable, Iterator

from cli.checks.source import compose, scalars, shown
from knowledge.bootstrap import load_catalogue
from knowledge.catalogue import CatalogueData
from knowledge.errors import Fault
from knowledge.model import Item
from zh.punctuation import widen

SUMMARY = range(20, 61)  # characters: one sentence that can be said and kept in mind; docs/knowledge-format.md
_ADDRESS = re.compile(r"https?://|www\.|[a-z0-9-]+\.(?:com|cn|net|org|gov)\b", re.IGNORECASE)


def knowledge_faults(root: Path) -> Iterator[Fault]:
    """Yield what the loader finds, with whole paths, and the summaries of the wrong length."""
    catalogue, _, faults = load_catalogue(root)
    places = {path.name: shown(path) for path in sorted(root.rglob("*.yml"))}
    for fault in (*faults, *summary_faults((*catalogue.items(), *catalogue.variants.values()))):
        yield replace(fault, file=places.get(fault.file, fault.file))


def summary_faults(items: Iterable[Item]) -> Iterator[Fault]:
    """Yield a fault for every summary outside 20–60 characters; a variant that keeps its item's summary is told once."""
    told: set[str] = set()
    for item in items:
        if item.summary and item.summary not in told and len(item.summary) not in SUMMARY:
            told.add(item.summary)
            file, line = item.source.rsplit(":", 1)
            yield Fault(file, int(line), f"the summary of '{item.code}' has {len(item.summary)} characters, not {SUMMARY[0]} to {SUMMARY[-1]}")


def punctuation_faults(paths: Iterable[Path]) -> Iterator[Fault]:
    """Yield a fault for every value with a half-width mark in Chinese prose."""
    for path in paths:
        for scalar in scalars(compose(path)):
            if widen(scalar.text) != scalar.text:
                yield Fault(shown(path), scalar.line, f"half-width punctuation in prose: {scalar.text[:40]}")


def address_faults(paths: Iterable[Path]) -> Iterator[Fault]:
    """Yield a fault for every value that holds a web address: nobody can write one down from hearing."""
    for path in paths:
        for scalar in scalars(compose(path)):
            if found := _ADDRESS.search(scalar.text):
                yield Fault(shown(path), scalar.line, f"'{scalar.key}' is spoken and holds a web address: {found.group()}")


def _numbered(item: Item) -> bool:
    return bool(item.legal_limit or item.promised_limit)


def _timed(item: Item) -> bool:
    return _numbered(item) or item.no_limit is not None


def unknown_fields(item: Item) -> tuple[str, ...]:
    """Return which of the four fields that callers ask for first are not known."""
    known = {"材料": item.materials, "时限": _timed(item), "收费": item.fee, "依据": item.basis}
    return tuple(name for name, value in known.items() if not value)


@dataclass(frozen=True)
class Filling:
    """How many items of a topic have which field filled."""

    topic: str
    items: int
    materials: int
    limit: int  # a number of days, legal or promised
    otherwise: int  # no rule sets a number, and it is known what governs the time instead
    fee: int
    basis: int
    whole: int  # all four of them, the time in either way


def fillings(catalogue: CatalogueData) -> list[Filling]:
    """Return one row a topic, in the order of the files."""
    topics: dict[str, list[Item]] = {}
    for item in catalogue.items():
        topics.setdefault(item.topic, []).append(item)
    return [Filling(topic, len(items), sum(bool(i.materials) for i in items), sum(map(_numbered, items)),
                    sum(i.no_limit is not None for i in items), sum(i.fee is not None for i in items), sum(bool(i.basis) for i in items),
                    sum(not unknown_fields(i) for i in items))
            for topic, items in topics.items()]
