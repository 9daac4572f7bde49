"""The tree of regions, and finding the one a caller means. Texts are expected normalised (`zh.normalise`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

Level = Literal["province", "city", "county"]

# A short name that is also an everyday word counts at the start of a clause or after a word of being somewhere ...
_BEFORE_ALONE = re.compile(r"(?:^|[,。?!;:、 ]|[在是住到从于给])$")
# ... when the clause ends with it, or right after its city, when no other word can begin there (市中|医院, 市南|京路).
_AFTER_ALONE = re.compile(r"的?(?:$|[,。?!;:、 ])|[这那][边里儿]")
_AFTER_CITY = re.compile(rf"{_AFTER_ALONE.pattern}|的|怎么?办|咋办|[有办能可怎咋哪]|公[安积]|社保|政务|民政|人社|不动产|税务|法院")
_DENIED = re.compile(r"(?:(?<!是)不是|不在)$")
_SUFFIX_OF_ROAD = re.compile(r"[东西南北中一二三四五六七八九十]?(?:路(?![灯面段况费政人边上])|大街|大道|街(?![道上头]))")


@dataclass(frozen=True)
class Region:
    """A province, city or county. `code` has six digits (GB/T 2260); `aliases` mean this region and no other."""

    code: str
    name: str
    short: str
    level: Level
    parent: str | None
    aliases: tuple[str, ...] = ()


class _Mention(NamedTuple):
    start: int
    end: int
    name: str


class RegionTree:
    """All regions of a province. Raises ValueError for a code given twice or a parent that does not exist."""

    def __init__(
        self,
        regions: Iterable[Region],
        *,
        words: Iterable[str] = (),
        everyday: Iterable[str] = (),
        home: str | None = None,
    ) -> None:
        """`words` hold a region's name without meaning it; `everyday` short names are counted with care;
        `home` is the region whose hotline this is: it settles a shared name that nothing else settles."""
        self._regions: dict[str, Region] = {}
        self._named: dict[str, list[Region]] = {word: [] for word in words}
        self._everyday = frozenset(everyday)
        for region in regions:
            if region.code in self._regions:
                raise ValueError(f"region given twice: {region.code}")
            self._regions[region.code] = region
            for name in dict.fromkeys((region.name, region.short, *region.aliases)):
                self._named.setdefault(name, []).append(region)
        orphans = [r.code for r in self._regions.values() if r.parent is not None and r.parent not in self._regions]
        if orphans:
            raise ValueError(f"region without its parent: {', '.join(orphans)}")
        if home is not None and home not in self._regions:
            raise ValueError(f"unknown home region: {home}")
        self._home = home
        self._lengths: dict[str, list[int]] = {}
        for name in self._named:
            self._lengths.setdefault(name[0], []).append(len(name))
        for first, lengths in self._lengths.items():
            self._lengths[first] = sorted(set(lengths), reverse=True)

    def __iter__(self) -> Iterator[Region]:
        return iter(self._regions.values())

    def get(self, code: str) -> Region | None:
        """Return the region with this code, or None."""
        return self._regions.get(code)

    def ancestors(self, code: str) -> tuple[Region, ...]:
        """Return the regions that hold this one, nearest first. Raises KeyError for an unknown code."""
        found: list[Region] = []
        parent = self._regions[code].parent
        while parent is not None:
            found.append(self._regions[parent])
            parent = self._regions[parent].parent
        return tuple(found)

    def children(self, code: str) -> tuple[Region, ...]:
        """Return the regions directly under this one. Raises KeyError for an unknown code."""
        self._regions[code]
        return tuple(region for region in self if region.parent == code)

    def path_name(self, code: str) -> str:
        """Return the name with its city before it, as it is spoken: 济南市历下区. Raises KeyError for an unknown code."""
        region = self._regions[code]
        cities = [above.name for above in self.ancestors(code) if above.level == "city"]
        return "".join([*cities, region.name])

    def cities(self) -> tuple[Region, ...]:
        """Return the cities, by code."""
        return tuple(sorted((r for r in self if r.level == "city"), key=lambda r: r.code))

    def counties(self) -> tuple[Region, ...]:
        """Return counties, districts and county-level cities, by code."""
        return tuple(sorted((r for r in self if r.level == "county"), key=lambda r: r.code))

    def names(self) -> tuple[str, ...]:
        """Return every name that means a region wherever it stands, those of districts like 济南市中区 with their city."""
        plain = [name for name, regions in self._named.items() if regions and name not in self._everyday]
        # Read from the left, 济南市中区 would be 济南市 and a rest.
        joined = [self._regions[r.parent].short + r.name for r in self.counties() if r.parent and r.name[0] == "市"]
        return (*plain, *joined)

    def other_words(self) -> tuple[str, ...]:
        """Return the words that hold a region's name and do not mean it."""
        return tuple(name for name, regions in self._named.items() if not regions)

    def find(self, text: str, within: str | None = None) -> Region | None:
        """Return the most specific region that `text` names, the longest name before the first; None if it names none.

        A name of two cities' districts (市中区) goes by the city named in the text, then by `within` (any code), then by
        home; if none of them settles it, it counts as not named.
        """
        mentions = self._mentions(text)
        cities = [self._city(r) for m in mentions for r in self._named[m.name] if len(self._named[m.name]) == 1]
        context = [*cities, self._context(within), self._context(self._home)]
        best: tuple[int, int, Region] | None = None
        for mention in mentions:
            region = self._settle(self._named[mention.name], context)
            if region is None:
                continue
            rank = (len(self.ancestors(region.code)), mention.end - mention.start)
            if best is None or rank > best[:2]:
                best = (*rank, region)
        return best[2] if best else None

    def _context(self, code: str | None) -> str | None:
        region = self._regions.get(code) if code else None
        return self._city(region) if region else None

    def _city(self, region: Region) -> str | None:
        line = (region, *self.ancestors(region.code))
        return next((r.code for r in line if r.level == "city"), None)

    @staticmethod
    def _settle(regions: list[Region], context: list[str | None]) -> Region | None:
        if len(regions) == 1:
            return regions[0]
        return next((r for city in context if city for r in regions if r.parent == city), None)

    def _mentions(self, text: str) -> list[_Mention]:
        """Names of regions in `text` in their order; words that only look like one have taken their place away."""
        taken = [False] * len(text)
        kept: list[_Mention] = []
        for mention in sorted(self._candidates(text), key=lambda m: (m.start - m.end, m.start)):
            # The last character of 济南市 may also be the first of 市中区.
            shared = mention.name[-1] == "市" and bool(self._named[mention.name])
            if any(taken[mention.start : mention.end - shared]):
                continue
            for place in range(mention.start, mention.end - shared):
                taken[place] = True
            if self._named[mention.name] and not _DENIED.search(text[: mention.start][-3:]):
                kept.append(mention)
        return sorted(kept)

    def _candidates(self, text: str) -> Iterator[_Mention]:
        for start, char in enumerate(text):
            for length in self._lengths.get(char, ()):
                name = text[start : start + length]
                if name in self._named and self._plausible(text, start, name):
                    yield _Mention(start, start + len(name), name)
                    break

    def _plausible(self, text: str, start: int, name: str) -> bool:
        regions = self._named[name]
        after = text[start + len(name) :][:8]
        if not regions:
            return True
        if any(name == region.name for region in regions):
            return not (name[-1] == "区" and after[:1] == "域")
        if _SUFFIX_OF_ROAD.match(after):
            return False
        if name not in self._everyday:
            return True
        before = text[:start][-5:]
        cities = [self._regions[region.parent] for region in regions if region.parent]
        if before.endswith(tuple(name for city in cities for name in (city.name, city.short))):
            return _AFTER_CITY.match(after) is not None
        return _BEFORE_ALONE.search(before) is not None and _AFTER_ALONE.match(after) is not None
