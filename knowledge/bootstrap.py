"""Builds the knowledge of one process, from its files or from the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Iterable, Iterator, Mapping

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from core.bootstrap import load_regions
from core.cipher import load_cipher
from core.clock import Clock, system_clock
from core.db import connect, migrate
from core.logs import get_logger
from core.settings import Settings
from knowledge.answer import CatalogueAnswerer
from knowledge.catalogue import CatalogueData, cross_faults
from knowledge.curated import synchronise
from knowledge.dense.onnx import load_encoder
from knowledge.dense.port import Encoder
from knowledge.editions import Record, catalogue_in_force, catalogue_of, documents_of
from knowledge.errors import ConcurrentChange, Fault, KnowledgeFaulty
from knowledge.kept_readings import MOST, KeptReadings, keep_readings, load_readings
from knowledge.live import LiveKnowledge
from knowledge.load import Department, load_departments, load_events, load_items, load_policies, load_sites
from knowledge.load_words import load_beyond, load_lexicon, load_models
from knowledge.matching.lexicon import Lexicon
from knowledge.matching.matcher import KnowledgeMatcher, Models
from knowledge.matching.names import Name
from knowledge.matching.segment import read_name
from knowledge.memory.model import Learned
from knowledge.memory.recorder import Forgetful, Memory, Recorder
from knowledge.model import Item
from knowledge.store.memory import SqlMemory
from knowledge.store.sql import SqlKnowledge

ROOT = Path(__file__).resolve().parent
FIRST_WORDS = "身份证丢了,怎么补办"  # matched before anybody calls: what is compiled at first use takes seconds
TRAINED = "matcher.json"  # in the data folder: weights that a city's own log has taught


@dataclass(frozen=True)
class Knowledge:
    """All that a process needs to answer: the catalogue, the matcher over it, and the answers."""

    catalogue: CatalogueData
    matcher: KnowledgeMatcher
    answerer: CatalogueAnswerer
    departments: dict[str, Department]
    lexicon: Lexicon
    said: Mapping[str, tuple[Name, ...]]  # code → every way to say the record
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Matching:
    """What a matcher is made with, beside what is to be matched."""

    lexicon: Lexicon
    models: Models
    beyond: tuple[Name, ...]
    usual_gap: float
    encoder: Encoder | None = None
    readings: KeptReadings | None = None


def load_matching(settings: Settings | None = None) -> Matching:
    """Read words, weights and what lies beyond us; with settings, also what a city's log has taught and the model that compares by meaning.

    Raises DenseModelFaulty.
    """
    own = settings.data_dir / TRAINED if settings else None
    models, usual_gap = load_models(own) if own and own.exists() else load_models()
    encoder = load_encoder(settings.dense_model) if settings and settings.dense_model else None
    return Matching(load_lexicon(), models, load_beyond(), usual_gap, encoder, load_readings())


def load_catalogue(root: Path = ROOT) -> tuple[CatalogueData, dict[str, Department], tuple[Fault, ...]]:
    """Read all files; the faults name file and line, and the catalogue holds whatever could be read."""
    faults: list[Fault] = []
    departments = load_departments(root / "departments.yml", faults)
    load_sites(ROOT / "sites.yml", faults)
    items = load_items(root / "items", departments, faults)
    policies = load_policies(root / "policies", faults)
    events = load_events(root / "life_events", faults)
    faults.extend(cross_faults(items, policies, events, (region.code for region in load_regions())))
    return catalogue_of(items, policies, events), departments, tuple(faults)


def names_of(catalogue: CatalogueData, learned: Iterable[Learned] = ()) -> Iterator[Name]:
    """Yield every way to say every item, life event and policy answer; learned names come last and are silent where their record is not
    told, or where a record has come to be called so meanwhile."""
    learned = list(learned)
    wanted, taken = {name.text for name in learned}, set()
    official: dict[str, Name] = {}
    for name in _written_names(catalogue):
        official.setdefault(name.code, name)
        if name.text in wanted:
            taken.add(name.text)
        yield name
    for found in learned:
        if found.code in official and found.text not in taken:
            yield replace(official[found.code], text=found.text)


def _written_names(catalogue: CatalogueData) -> Iterator[Name]:
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


def assemble(catalogue: CatalogueData, departments: dict[str, Department], learned: Iterable[Learned] = (),
             matching: Matching | None = None, previous: Knowledge | None = None) -> Knowledge:
    """Index a catalogue with the names learned from callers. Raises ValueError when it holds nothing.

    `matching` holds what does not change from edition to edition; of `previous`, made with the same, all that stayed the same is kept.
    """
    matching = matching or load_matching()
    texts = texts_of(catalogue)
    said: dict[str, tuple[Name, ...]] = {}
    for name in names_of(catalogue, learned):
        said[name.code] = (*said.get(name.code, ()), name)
    matcher = _changed(previous, said, texts) if previous else None
    if matcher is None:
        names = [*(name for group in said.values() for name in group), *matching.beyond]
        known = matching.readings.by_text if matching.readings else {}
        matcher = KnowledgeMatcher(names, texts, matching.lexicon, matching.models, encoder=matching.encoder, known=known)
        matcher.match(FIRST_WORDS)
        if matching.readings and len(names) <= MOST:
            keep_readings(matching.readings, {name.text: read_name(matching.lexicon, name.text) for name in names if name.text not in known})
    answerer = CatalogueAnswerer(catalogue, departments, load_regions(), load_sites(ROOT / "sites.yml", []))
    return Knowledge(catalogue, matcher, answerer, departments, matching.lexicon, said, texts)


def _changed(previous: Knowledge, said: Mapping[str, tuple[Name, ...]], texts: Mapping[str, str]) -> KnowledgeMatcher | None:
    changed = {code: said.get(code, ()) for code in {*said, *previous.said}
               if said.get(code) != previous.said.get(code) or texts.get(code) != previous.texts.get(code)}
    return previous.matcher.updated(changed, {code: texts.get(code, "") for code in changed}) if changed else previous.matcher


def build(root: Path | None = None, matching: Matching | None = None) -> Knowledge:
    """Read, validate and index the files; raise KnowledgeFaulty with file and line of each fault."""
    catalogue, departments, faults = load_catalogue(root or ROOT)
    if faults:
        raise KnowledgeFaulty(faults)
    return assemble(catalogue, departments, matching=matching)


def open_store(settings: Settings) -> SqlKnowledge:
    """Bring the database to the newest schema and return the store; one that holds nothing yet is filled from the files."""
    migrate(settings.database, load_cipher(settings.personal_keys))
    store = SqlKnowledge(connect(settings.database))
    if store.revision() == 0:
        synchronise_files(store)
    return store


def open_memory(settings: Settings) -> SqlMemory:
    """Return the memory of a store that has been opened before."""
    return SqlMemory(connect(settings.database))


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
        return build(matching=load_matching(settings))
    database = connect(settings.database)
    store, memory = SqlKnowledge(database), SqlMemory(database, clock)
    departments, matching = load_departments(ROOT / "departments.yml", []), load_matching(settings)
    editions: list[Knowledge] = []
    known: dict[tuple[str, int], Record] = {}

    log = get_logger("knowledge")

    def read(day: date) -> Knowledge:
        catalogue = catalogue_in_force(store, day, known, lambda error: log.error("record_left_out", fault=str(error)))
        editions[:] = [assemble(catalogue, departments, memory.learned(), matching, editions[0] if editions else None)]
        return editions[0]

    live = LiveKnowledge(store.revision, read, clock, log)
    live.watch()
    return live


def remembering(settings: Settings, clock: Clock = system_clock) -> Memory:
    """Return where a serving process writes down what callers pick: the store's memory, or none beside the files."""
    if settings.knowledge == "files":
        return Forgetful()
    return Recorder(SqlMemory(connect(settings.database), clock), clock, get_logger("memory"))
