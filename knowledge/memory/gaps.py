"""What callers ask for and the product does not know: their words grouped, most asked first."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Callable, Iterable, Sequence

from knowledge.memory.likeness import grouped, matter
from knowledge.memory.model import Miss

LIKE = 70.0  # rapidfuzz ratio of what two questions are about; a gap may be drawn wider than a name
EXAMPLES = 5


@dataclass(frozen=True)
class Gap:
    """One matter that found nothing: different callers, ways it was said with their callers, and the name that comes nearest if any does."""

    text: str
    callers: int
    examples: tuple[tuple[str, int], ...]
    nearest: str | None


def gaps(misses: Iterable[Miss], nearest: Callable[[str], str | None]) -> list[Gap]:
    """Group misses by likeness; `nearest` returns the name of the record that comes nearest to a text, None without one."""
    ordered = sorted(misses, key=lambda miss: (miss.at, miss.text))
    leader = grouped((matter(miss.text) for miss in ordered), LIKE)
    said: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for miss in ordered:
        said[leader[matter(miss.text)]].add((miss.who, miss.text))
    found = []
    for told in said.values():
        ways = sorted(Counter(text for _, text in told).items(), key=lambda entry: (-entry[1], entry[0]))
        found.append(Gap(ways[0][0], len({who for who, _ in told}), tuple(ways[:EXAMPLES]), nearest(ways[0][0])))
    return sorted(found, key=lambda gap: (-gap.callers, gap.text))


def report(found: Sequence[Gap], day: date, days: int) -> str:
    """Return the gaps as Markdown for whoever writes the missing records."""
    lines = ["# 没答上来的问题", "", f"截至{day.isoformat()}，最近{days}天，共{len(found)}类。同一个来电人问几遍只算一次。", ""]
    if found:
        lines += ["| 来电人 | 问法 | 别的说法 | 最接近的记录 |", "|---:|---|---|---|"]
    for gap in found:
        others = "；".join(text for text, _ in gap.examples if text != gap.text)
        lines.append("| " + " | ".join(map(_cell, (str(gap.callers), gap.text, others, gap.nearest or "没有"))) + " |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
