"""Builds the knowledge of one process from its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import yaml

from core.bootstrap import load_regions
from knowledge.answer import CatalogueAnswerer
from knowledge.catalogue import CatalogueData, cross_faults
from knowledge.errors import Fault, KnowledgeFaulty
from knowledge.lexicon import Lexicon
from knowledge.load import Department, load_departments, load_items, load_policies
from knowledge.matcher import KnowledgeMatcher, Name, Thresholds
from knowledge.model import Item

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Knowledge:
    """All that a process needs to answer: the catalogue, the matcher over it, and the answers."""

    catalogue: CatalogueData
    matcher: KnowledgeMatcher
    answerer: CatalogueAnswerer
    departments: dict[str, Department]
    lexicon: Lexicon


def load_lexicon(root: Path = ROOT) -> Lexicon:
    """Read the everyday words."""
    return Lexicon(yaml.load((root / "lexicon.yml").read_bytes(), Loader=yaml.CSafeLoader))


def load_catalogue(root: Path = ROOT) -> tuple[CatalogueData, dict[str, Department], tuple[Fault, ...]]:
    """Read all files; the faults name file and line, and the catalogue holds whatever could be read."""
    faults: list[Fault] = []
    departments = load_departments(root / "departments.yml", faults)
    items = load_items(root / "items", departments, faults)
    policies = load_policies(root / "policies", faults)
    faults.extend(cross_faults(items, policies, (region.code for region in load_regions())))
    variants = {(item.code, variant.region or ""): variant for item, found in items for variant in found}
    data = CatalogueData({item.code: item for item, _ in items}, variants, {policy.code: policy for policy in policies})
    return data, departments, tuple(faults)


def names_of(catalogue: CatalogueData) -> Iterator[Name]:
    """Yield every way to say every item and policy answer."""
    for item in catalogue.items():
        for text in (item.name, *item.aliases, *(question.ask for question in item.questions)):
            yield Name(item.code, text, "item", item.name)
    for policy in catalogue.policies():
        for text in (policy.name, *policy.aliases):
            yield Name(policy.code, text, "policy", policy.name)


def _text_of(item: Item) -> str:
    """Return what an item says of itself beside its names."""
    materials = (material.name for material in item.materials)
    return " ".join(filter(None, (item.summary, item.conditions, item.location, *materials, *item.process, *(q.answer for q in item.questions))))


def build(root: Path | None = None, thresholds: Thresholds = Thresholds()) -> Knowledge:
    """Read, validate and index the knowledge; raise KnowledgeFaulty with file and line of each fault."""
    root = root or ROOT
    catalogue, departments, faults = load_catalogue(root)
    if faults:
        raise KnowledgeFaulty(faults)
    lexicon = load_lexicon(root)
    names = tuple(names_of(catalogue))
    texts = {item.code: _text_of(item) for item in catalogue.items()} | {policy.code: policy.answer for policy in catalogue.policies()}
    matcher = KnowledgeMatcher(names, texts, lexicon, thresholds)
    return Knowledge(catalogue, matcher, CatalogueAnswerer(catalogue, departments), departments, lexicon)
