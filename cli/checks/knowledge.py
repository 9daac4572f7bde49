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


def _whole(item: Item) -> bool:
    return bool(item.materials and (item.legal_limit or item.promised_limit) and item.fee and item.basis)


@dataclass(frozen=True)
class Filling:
    """How many items of a topic have which field filled."""

    topic: str
    items: int
    materials: int
    limit: int
    fee: int
    basis: int
    whole: int  # all four of them


def fillings(catalogue: CatalogueData) -> list[Filling]:
    """Return one row a topic, in the order of the files."""
    topics: dict[str, list[Item]] = {}
    for item in catalogue.items():
        topics.setdefault(item.topic, []).append(item)
    return [Filling(topic, len(items), sum(bool(i.materials) for i in items), sum(bool(i.legal_limit or i.promised_limit) for i in items),
                    sum(i.fee is not None for i in items), sum(bool(i.basis) for i in items), sum(map(_whole, items)))
            for topic, items in topics.items()]
