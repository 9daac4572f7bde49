"""Between records and catalogues: what is in force as a catalogue, and a catalogue as the documents of the store."""

from __future__ import annotations

from datetime import date
from typing import Any, Callable, Iterable, Mapping, Union

from knowledge.catalogue import CatalogueData
from knowledge.document import IMPORTED, read_item, read_policy, write_item, write_policy
from knowledge.errors import KnowledgeFaulty
from knowledge.event_document import read_event, write_event
from knowledge.life_event import LifeEvent
from knowledge.model import Item, Kind, Policy
from knowledge.ports import Store
from knowledge.record import Version


def catalogue_of(items: Iterable[tuple[Item, tuple[Item, ...]]], policies: Iterable[Policy], events: Iterable[LifeEvent]) -> CatalogueData:
    """Return the catalogue of records that have been read."""
    by_code: dict[str, Item] = {}
    variants: dict[tuple[str, str], Item] = {}
    for item, found in items:
        by_code[item.code] = item
        variants.update({(item.code, variant.region or ""): variant for variant in found})
    return CatalogueData(by_code, variants, {policy.code: policy for policy in policies}, {event.code: event for event in events})


Record = Union[tuple[Item, tuple[Item, ...]], Policy, LifeEvent]  # an item with its regional variants


def catalogue_in_force(store: Store, day: date, known: dict[tuple[str, int], Record] | None = None,
                       faulty: Callable[[KnowledgeFaulty], object] | None = None) -> CatalogueData:
    """Return what callers hear on `day`.

    A stored record that is not in the format is told to `faulty` and left out, for one record must not silence all; without `faulty`
    KnowledgeFaulty is raised.
    `known` holds the records of the last edition by code and number, and is brought to this one: a version never changes, so it is read once.
    """
    known = {} if known is None else known
    found: dict[tuple[str, int], Record] = {}
    for version in store.in_force(day):
        key = (version.code, version.number)
        try:
            found[key] = known.get(key) or read_record(version)
        except KnowledgeFaulty as error:
            if faulty is None:
                raise
            faulty(error)
    known.clear()
    known.update(found)
    records = found.values()
    return catalogue_of([record for record in records if isinstance(record, tuple)], [record for record in records if isinstance(record, Policy)],
                        [record for record in records if isinstance(record, LifeEvent)])


def read_record(version: Version) -> Record:
    """Return what a version holds; raise KnowledgeFaulty when its document is not in the format."""
    where = f"{version.code} {version.number}"
    if version.kind == "item":
        return read_item(version.document, IMPORTED, where=where)
    if version.kind == "policy":
        return read_policy(version.document, where)
    return read_event(version.document, where)


def documents_of(catalogue: CatalogueData) -> dict[str, tuple[Kind, Mapping[str, Any]]]:
    """Return every record of a catalogue as the store keeps it: code → kind and document."""
    variants: dict[str, list[Item]] = {}
    for (code, _), variant in catalogue.variants.items():
        variants.setdefault(code, []).append(variant)
    found: dict[str, tuple[Kind, Mapping[str, Any]]] = {
        item.code: ("item", write_item(item, variants.get(item.code, ()))) for item in catalogue.items()}
    found.update({policy.code: ("policy", write_policy(policy)) for policy in catalogue.policies()})
    found.update({event.code: ("life_event", write_event(event)) for event in catalogue.events()})
    return found
