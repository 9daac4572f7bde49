"""The hand-written tables of noise, read once from the YAML files beside this module and turned into look-ups."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Mapping

import yaml

FOLDER = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class Tables:
    """`homophones`: syllable to its characters; `near`: syllable to the syllables taken for it; the others map what is written to what is typed."""

    homophones: Mapping[str, str]
    near: Mapping[str, tuple[str, ...]]
    readings: Mapping[str, str]
    word_readings: Mapping[str, tuple[str, ...]]
    traditional: Mapping[str, str]
    lookalikes: Mapping[str, str]
    english: Mapping[str, str]
    initials: Mapping[str, str]
    fillers: tuple[str, ...]
    openings: tuple[str, ...]
    closings: tuple[str, ...]
    digits: str
    counters: str
    no_number: tuple[str, ...]


def read(name: str) -> Any:
    """The content of one table file. Raises FileNotFoundError for a name there is none of."""
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def tables() -> Tables:
    """All tables; equal files give equal tables in equal order, which the seed relies on."""
    homophones: dict[str, str] = read("homophones")
    typed, chatter, numerals = read("readings"), read("chatter"), read("numerals")
    readings = {character: syllable for syllable, group in homophones.items() for character in group}
    return Tables(
        homophones=homophones,
        near=_near(read("near")),
        readings={**readings, **typed["main"], **typed["alone"]},
        word_readings={word: tuple(syllables.split()) for word, syllables in typed["words"].items()},
        traditional={pair[0]: pair[1] for line in read("traditional").values() for pair in line.split()},
        lookalikes=_lookalikes(read("lookalikes")),
        english=read("english"),
        initials=read("initials"),
        fillers=tuple(chatter["fillers"]),
        openings=tuple(chatter["openings"]),
        closings=tuple(chatter["closings"]),
        digits=numerals["digits"],
        counters=numerals["counters"],
        no_number=tuple(numerals["no_number"]),
    )


def _near(pairs: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for one, other in (pair.split() for group in pairs.values() for pair in group):
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return {syllable: tuple(dict.fromkeys(others)) for syllable, others in found.items()}


def _lookalikes(lines: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in (group for line in lines.values() for group in line.split()):
        for character in group:
            found[character] = "".join(dict.fromkeys(found.get(character, "") + group.replace(character, "")))
    return found
