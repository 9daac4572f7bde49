"""Builds the knowledge of one process, from its files or from the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Iterator

import yaml
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from core.bootstrap import load_regions
from core.clock import Clock, system_clock
from core.db import connect, migrate
from core.logs import get_logger
from core.settings import Settings
from knowledge.answer import CatalogueAnswerer
from knowledge.catalogue import CatalogueData, cross_faults
from knowledge.curated import synchronise
from knowledge.editions import Record, catalogue_in_force, catalogue_of, documents_of
from knowledge.errors import ConcurrentChange, Fault, KnowledgeFaulty
from knowledge.lexicon import Lexicon
from knowledge.live import LiveKnowledge
from knowledge.load import Department, load_departments, load_events, load_items, load_policies
from knowledge.matcher import KnowledgeMatcher, Name, Thresholds
from knowledge.model import Item
from knowledge.store.sql import SqlKnowledge

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
    events = load_events(root / "life_events", faults)
    faults.extend(cross_faults(items, policies, events, (region.code for region in load_regions())))
    return catalogue_of(items, policies, events), departments, tuple(faults)


def names_of(catalogue: CatalogueData) -> Iterator[Name]:
    """Yield every way to say every item, life event and policy answer."""
    for item in catalogue.items():
        for text in (item.name, *item.aliases, *(question.ask for question in item.questions)):
            yield Name(item.code, text, "item", item.name)
    for event in catalogue.events():
        for text in (event.name, event.name.removesuffix("一件事"), *event.aliases, *(question.ask for question in event.questions)):
            yield Name(event.code, text, "life_event", event.name)
    for policy in catalogue.policies():
        for text in (policy.name, *policy.aliases):
            yield Name(policy.code, text, "policy", policy.name)


def texts_of(catalogue: CatalogueData) -> dict[str, str]:
    """Return by code what a record says of itself beside its names."""
    return ({item.code: _text_of(item) for item in catalogue.items()}
            | {event.code: " ".join((event.summary, *(step.title for step in event.steps))) for event in catalogue.events()}
            | {policy.code: policy.answer for policy in catalogue.policies()})


def _text_of(item: Item) -> str:
    materials = (material.name for material in item.materials)
    return " ".join(filter(None, (item.summary, item.conditions, item.location, *materials, *item.process, *(q.answer for q in item.questions))))


def assemble(catalogue: CatalogueData, departments: dict[str, Department], thresholds: Thresholds = Thresholds(),
             lexicon: Lexicon | None = None) -> Knowledge:
    """Index a catalogue; the same `lexicon` again makes the next edition faster. Raises ValueError when it holds nothing."""
    lexicon = lexicon or load_lexicon()
    matcher = KnowledgeMatcher(tuple(names_of(catalogue)), texts_of(catalogue), lexicon, thresholds)
    return Knowledge(catalogue, matcher, CatalogueAnswerer(catalogue, departments), departments, lexicon)


def build(root: Path | None = None, thresholds: Thresholds = Thresholds()) -> Knowledge:
    """Read, validate and index the files; raise KnowledgeFaulty with file and line of each fault."""
    catalogue, departments, faults = load_catalogue(root or ROOT)
    if faults:
        raise KnowledgeFaulty(faults)
    return assemble(catalogue, departments, thresholds)


def open_store(settings: Settings) -> SqlKnowledge:
    """Bring the database to the newest schema and return the store; one that holds nothing yet is filled from the files."""
    migrate(settings.database)
    store = SqlKnowledge(connect(settings.database))
    if store.revision() == 0:
        synchronise_files(store)
    return store


@retry(retry=retry_if_exception_type(ConcurrentChange), stop=stop_after_attempt(5), wait=wait_random(0.1, 0.5), reraise=True)
def synchronise_files(store: SqlKnowledge, clock: Clock = system_clock) -> None:
    """Bring the store to the product's files, again when another process did so meanwhile; raises KnowledgeFaulty with their faults."""
    catalogue, _, faults = load_catalogue()
    if faults:
        raise KnowledgeFaulty(faults)
    synchronise(store, documents_of(catalogue), at=clock())


def serving(settings: Settings, clock: Clock = system_clock) -> Knowledge | LiveKnowledge:
    """Return what a serving process answers from: the store, followed for the life of the process, or the files alone."""
    if settings.knowledge == "files":
        return build()
    store = SqlKnowledge(connect(settings.database))
    departments, lexicon = load_departments(ROOT / "departments.yml", []), load_lexicon()
    known: dict[tuple[str, int], Record] = {}

    log = get_logger("knowledge")

    def read(day: date) -> Knowledge:
        catalogue = catalogue_in_force(store, day, known, lambda error: log.error("record_left_out", fault=str(error)))
        return assemble(catalogue, departments, lexicon=lexicon)

    live = LiveKnowledge(store.revision, read, clock, log)
    live.watch()
    return live
