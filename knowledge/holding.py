"""Where an item holds: everywhere, or only in some regions; and those regions as they are said."""

from __future__ import annotations

from typing import Literal, Sequence

from core.regions import RegionTree

Holding = Literal["here", "perhaps", "elsewhere"]  # perhaps: the caller's region is not known, or holds the place among others
SAID = 3  # places that can be kept in mind while they are heard


def levels(region: str) -> tuple[str, ...]:
    """Return a six-digit code and the codes above it, nearest first: county, city, province."""
    return tuple(dict.fromkeys((region, region[:4] + "00", region[:2] + "0000")))


def holding(only_in: Sequence[str], region: str | None) -> Holding:
    """Return whether what holds in `only_in` alone (empty: everywhere) holds in `region`; a city's code covers its counties."""
    if not only_in:
        return "here"
    if region is None:
        return "perhaps"
    if any(level in only_in for level in levels(region)):
        return "here"
    return "perhaps" if any(region in levels(place) for place in only_in) else "elsewhere"


def said_places(only_in: Sequence[str], regions: RegionTree) -> str:
    """Return the places as spoken, at most three by name: 青岛市, 济南市历下区、烟台市; one that the tree does not hold by its code."""
    names = [regions.path_name(code) if regions.get(code) else code for code in only_in]
    return "、".join(names) if len(names) <= SAID else f"{'、'.join(names[:SAID])}等{len(names)}个地方"


def said_here(only_in: Sequence[str], region: str, regions: RegionTree) -> str:
    """Return the caller's region as it is set against `only_in`: his city, or his county where his city is among those places."""
    here, city = regions.get(region), regions.get(region[:4] + "00")
    if here is None or city is None:
        return region
    return here.name if any(code[:4] == region[:4] for code in only_in) else city.short
