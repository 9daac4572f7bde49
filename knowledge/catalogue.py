"""All that is known, with regional variants resolved: the nearest level wins."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Iterable, Iterator, Mapping, Sequence

from knowledge.errors import Fault, UnknownItem
from knowledge.holding import holding, levels
from knowledge.life_event import LifeEvent
from knowledge.model import Item, Policy

_MARKS = str.maketrans({"（": "(", "）": ")", " ": None, "　": None})  # lists differ in these where they mean one name


@dataclass(frozen=True)
class CatalogueData:
    """Items by code, their variants by (code, region), policy answers and life events by code."""

    by_code: Mapping[str, Item]
    variants: Mapping[tuple[str, str], Item]
    policy_by_code: Mapping[str, Policy]
    event_by_code: Mapping[str, LifeEvent] = field(default_factory=dict)

    def item(self, code: str, region: str | None = None) -> Item:
        """Return the item as it holds in `region`, nearest level first; raise UnknownItem."""
        for level in levels(region) if region else ():
            if (code, level) in self.variants:
                return self.variants[code, level]
        if code not in self.by_code:
            raise UnknownItem(code)
        return self.by_code[code]

    def policy(self, code: str) -> Policy:
        """Return a policy answer; raise UnknownItem."""
        if code not in self.policy_by_code:
            raise UnknownItem(code)
        return self.policy_by_code[code]

    def items(self) -> Iterable[Item]:
        """Return every item in its province-wide form."""
        return self.by_code.values()

    def record(self, code: str) -> Item | Policy | LifeEvent:
        """Return whatever has this code, items in their province-wide form; raise UnknownItem."""
        found = self.by_code.get(code) or self.policy_by_code.get(code) or self.event_by_code.get(code)
        if found is None:
            raise UnknownItem(code)
        return found

    def steps_of(self, event: LifeEvent, region: str | None = None) -> dict[str, Item]:
        """Return the items of an event's steps as they hold in `region`, by code; absent are those withdrawn, and those of other places."""
        return {code: self.item(code, region) for code in event.items()
                if code in self.by_code and holding(self.by_code[code].only_in, region) == "here"}

    def namesakes(self, code: str) -> tuple[str, ...]:
        """Return the other items of the same name, as two cities' lists bring them; raise UnknownItem."""
        name = self.record(code).name.translate(_MARKS)
        return tuple(own for own in self._by_name.get(name, ()) if own != code)

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for item in self.by_code.values():
            found.setdefault(item.name.translate(_MARKS), []).append(item.code)
        return {name: tuple(codes) for name, codes in found.items() if len(codes) > 1}

    def events(self) -> Iterable[LifeEvent]:
        """Return every life event."""
        return self.event_by_code.values()

    def policies(self) -> Iterable[Policy]:
        """Return every policy answer."""
        return self.policy_by_code.values()


def cross_faults(items: Sequence[tuple[Item, tuple[Item, ...]]], policies: Iterable[Policy], events: Sequence[LifeEvent],
                 regions: Iterable[str]) -> Iterator[Fault]:
    """Yield what is wrong between records: codes and names that stand twice, steps and regions that do not exist."""
    known = set(regions)
    records: list[Item | Policy | LifeEvent] = [item for item, _ in items]
    records += policies
    records += events
    codes = Counter(record.code for record in records)
    owners: dict[str, str] = {}
    for record in records:
        file, line = record.source.rsplit(":", 1)
        if codes[record.code] > 1:
            yield Fault(file, int(line), f"code '{record.code}' stands {codes[record.code]} times")
        for name in (record.name, *record.aliases):
            if owners.setdefault(name, record.code) != record.code or (record.name, *record.aliases).count(name) > 1:
                yield Fault(file, int(line), f"'{name}' is also a name of '{owners[name]}'")
    for item, variants in items:
        file, line = item.source.rsplit(":", 1)
        for region in item.only_in:
            if region not in known:
                yield Fault(file, int(line), f"'only_in' of '{item.code}' names region '{region}', which does not exist")
        places = Counter(variant.region for variant in variants)
        for variant in variants:
            file, line = variant.source.rsplit(":", 1)
            if places[variant.region] > 1:
                yield Fault(file, int(line), f"variant of '{item.code}' for region '{variant.region}' stands {places[variant.region]} times")
            if variant.region not in known:
                yield Fault(file, int(line), f"variant of '{item.code}' names region '{variant.region}', which does not exist")
            elif holding(item.only_in, variant.region) == "elsewhere":
                yield Fault(file, int(line), f"variant of '{item.code}' for region '{variant.region}', where the item does not hold")
    known_items = {item.code for item, _ in items}
    for event in events:
        file, line = event.source.rsplit(":", 1)
        for code in event.items():
            if code not in known_items:
                yield Fault(file, int(line), f"step of '{event.code}' names item '{code}', which does not exist")
