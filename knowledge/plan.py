"""What a life event takes: which steps can run side by side, one checklist, and the longest path in working days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from math import ceil
from typing import AbstractSet as Set
from typing import Iterable, Mapping, Sequence

from knowledge.life_event import LifeEvent, Step
from knowledge.model import Item, Limit, Material
from knowledge.papers import asked_papers, one_of, wider, yielded_papers

WORKING_DAYS_A_MONTH = 22
Use = tuple[Step, Material]  # who asks for a paper, and how


@dataclass(frozen=True)
class Entry:
    """One line of the checklist: a paper with the steps that ask for it; `handed_in` counts the copies that stay there."""

    name: str
    original: bool
    handed_in: int
    always: bool  # False when only some cases or only a conditional step ask for it
    steps: tuple[str, ...]  # titles


@dataclass(frozen=True)
class Duration:
    """The longest chain of steps in working days; `unknown` names steps of it or beside it whose limit is not known."""

    working_days: int
    path: tuple[str, ...]  # titles, in order
    converted: bool  # calendar days or months were turned into working days
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that follows from the steps and their items."""

    stages: tuple[tuple[Step, ...], ...]  # the steps of one stage can run side by side
    core: tuple[tuple[Step, ...], ...]  # the same of the steps that everybody needs
    bring: tuple[Entry, ...]  # what everybody needs first
    on_the_way: tuple[tuple[str, str], ...]  # paper, and the title of the step that yields it
    longest: Duration  # of the steps that everybody needs
    with_all: Duration  # with the conditional ones


def plan(event: LifeEvent, items: Mapping[str, Item]) -> Plan:
    """Return the plan of an event; `items` holds its items in the caller's regional form. A step whose item is missing counts as unknown."""
    stages = tuple(_stages(event.steps))
    ordered = [step for stage in stages for step in stage]
    uses, on_the_way = _gathered(event.steps, items)
    entries = [_entry(name, asked) for name, asked in uses.items()]
    return Plan(stages, tuple(_stages(_core(event.steps))), tuple(sorted(entries, key=lambda entry: not entry.always)), on_the_way,
                _longest(ordered, {step.key for step in ordered if step.only_if is None}, items),
                _longest(ordered, {step.key for step in ordered}, items))


def working_days(limit: Limit) -> int:
    """Return a limit in working days, rounded up: five of seven calendar days, 22 a month, an office day of eight hours."""
    if limit.unit == "工作日":
        return limit.value
    if limit.unit == "自然日":
        return ceil(limit.value * 5 / 7)
    if limit.unit == "个月":
        return limit.value * WORKING_DAYS_A_MONTH
    return ceil(limit.value / (8 if limit.unit == "小时" else 8 * 60))


def _gathered(steps: Sequence[Step], items: Mapping[str, Item]) -> tuple[dict[str, list[Use]], tuple[tuple[str, str], ...]]:
    """Return who asks for each paper that has to be brought, and the papers that an earlier step yields with its title."""
    earlier = _earlier(steps)
    asked = [(step, material, names) for step in steps if (item := items.get(step.item or "")) for material in item.materials
             for names in asked_papers(material.name)]
    yields = [(step, yielded_papers(item.result.name)) for step in steps if (item := items.get(step.item or "")) and item.result]
    single = [(step, material, names[0]) for step, material, names in asked if len(names) == 1]
    listed = {name for _, _, name in single}
    sure = {name for step, material, name in single if _always(step, material)}
    uses: dict[str, list[Use]] = {}
    on_the_way: dict[str, str] = {}
    for step, material, names in asked:
        source = next(((name, giver.title) for name in names for giver, papers in yields
                       if name in papers and giver.key in earlier[step.key] and giver.only_if in (None, step.only_if)), None)
        if source:
            on_the_way.setdefault(*source)
        else:
            name = one_of(names, sure if _always(step, material) else sure | listed)
            uses.setdefault(wider(name, sure), []).append((step, material))
    return uses, tuple(on_the_way.items())


def _earlier(steps: Sequence[Step]) -> dict[str, set[str]]:
    """Return for each step the keys of all steps that are done before it."""
    after = {step.key: step.after for step in steps}
    earlier: dict[str, set[str]] = {}
    for key in TopologicalSorter(after).static_order():
        earlier[key] = set(after[key]).union(*(earlier[before] for before in after[key]))
    return earlier


def _core(steps: Sequence[Step]) -> list[Step]:
    """Return the steps that everybody needs; what stood behind a conditional one stands behind whatever that waited for."""
    earlier = _earlier(steps)
    always = {step.key for step in steps if step.only_if is None}
    return [replace(step, after=tuple(earlier[step.key] & always)) for step in steps if step.key in always]


def _always(step: Step, material: Material) -> bool:
    return material.required and step.only_if is None


def _entry(name: str, uses: Sequence[Use]) -> Entry:
    copies = sum(material.copies or 1 for _, material in uses if "复印" in (material.form or ""))
    return Entry(name, any("复印" not in (material.form or "") or "原件" in (material.form or "") for _, material in uses), copies,
                 any(_always(step, material) for step, material in uses),
                 tuple(dict.fromkeys(step.title for step, _ in uses)))


def _limit(step: Step, items: Mapping[str, Item]) -> Limit | None:
    """What the office has promised, else what the law allows it."""
    item = items.get(step.item or "")
    return step.limit or (item and (item.promised_limit or item.legal_limit)) or None


def _stages(steps: Sequence[Step]) -> Iterable[tuple[Step, ...]]:
    """Each stage holds the steps for which everything before is done, in the order of writing."""
    sorter = TopologicalSorter({step.key: step.after for step in steps})
    sorter.prepare()
    while sorter.is_active():
        ready = set(sorter.get_ready())
        yield tuple(step for step in steps if step.key in ready)
        sorter.done(*ready)


def _longest(ordered: Sequence[Step], counted: Set[str], items: Mapping[str, Item]) -> Duration:
    """The heaviest chain, up to its last step that takes time; a step that is not counted still orders those around it, but takes no time."""
    limits = {step.key: _limit(step, items) for step in ordered if step.key in counted}
    chains: dict[str, tuple[int, tuple[Step, ...]]] = {}
    for step in ordered:
        days, path = max((chains[key] for key in step.after), key=lambda chain: chain[0], default=(0, ()))
        limit = limits.get(step.key)
        chains[step.key] = (days + (working_days(limit) if limit else 0), path + ((step,) if step.key in counted else ()))
    days, path = max(chains.values(), key=lambda chain: (chain[0], -len(chain[1])))
    converted = any(limit.unit in ("自然日", "个月") for step in path if (limit := limits[step.key]))
    return Duration(days, tuple(step.title for step in path), converted,
                    tuple(step.title for step in ordered if step.key in counted and limits[step.key] is None))
