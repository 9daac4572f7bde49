"""The region tree of Shandong, counted."""

from __future__ import annotations

from collections import Counter
from typing import Iterable, Iterator

from core.regions import Region
from knowledge.errors import Fault

FILE = "core/data/regions.yml"
# Since 2019, when 莱芜 became part of 济南; Ministry of Civil Affairs, divisions at county level and above.
EXPECTED = {"province": 1, "city": 16, "county": 136}


def region_faults(regions: Iterable[Region]) -> Iterator[Fault]:
    """Yield a fault for every level whose number of regions is not Shandong's."""
    counts = Counter(region.level for region in regions)
    for level, wanted in EXPECTED.items():
        if counts[level] != wanted:  # type: ignore[index]  # the keys are the levels
            yield Fault(FILE, 1, f"{counts[level]} regions of level {level}, Shandong has {wanted}")  # type: ignore[index]
