"""What callers picked, as names that an editor may take: who says so, how often, and who says otherwise."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Iterable

from knowledge.memory.likeness import SAME, alike, grouped, nearest, plain
from knowledge.memory.model import Pick

EXAMPLES = 3


@dataclass(frozen=True)
class Suggestion:
    """`text` may become a name of `code`. `callers` counts different ones; `share` is the part (0..1] of all who said this and went to
    this record; `rivals` are the other records with their callers; `examples` the ways it was said, each with its callers."""

    code: str
    text: str
    callers: int
    share: float
    examples: tuple[tuple[str, int], ...]
    rivals: tuple[tuple[str, int], ...]

    @property
    def id(self) -> str:
        """The same from call to call, whatever else is suggested."""
        return hashlib.sha256(f"{self.code}\n{plain(self.text)}".encode("utf-8", "surrogatepass")).hexdigest()[:8]


def suggestions(picks: Iterable[Pick], settled: Iterable[tuple[str, str]] = ()) -> list[Suggestion]:
    """Return what the picks suggest, the most supported first; `settled` (code, text) were decided on, and nothing like them comes back."""
    leaders, said = _by_record(sorted(picks, key=lambda pick: (pick.at, pick.text, pick.code)))
    decided: defaultdict[str, list[str]] = defaultdict(list)
    for code, text in settled:
        decided[code].append(plain(text))
    callers = {key: {who for who, _ in told} for key, told in said.items()}
    everywhere: defaultdict[str, set[str]] = defaultdict(set)
    for code, leader in said:
        everywhere[leader].add(code)
    texts = list(everywhere)
    found = []
    for (code, leader), told in said.items():
        if nearest(leader, decided[code], SAME) is not None:
            continue
        against: defaultdict[str, set[str]] = defaultdict(set)
        for other in alike(leader, texts):
            for rival in everywhere[other] - {code}:
                against[rival] |= callers[rival, other]
        count = len(callers[code, leader])
        rivals = tuple(sorted(((rival, len(whos)) for rival, whos in against.items()), key=lambda entry: (-entry[1], entry[0])))
        ways = Counter(text for _, text in told)
        examples = tuple(sorted(ways.items(), key=lambda entry: (-entry[1], entry[0]))[:EXAMPLES])
        found.append(Suggestion(code, leaders[code, leader], count, count / (count + sum(n for _, n in rivals)), examples, rivals))
    return sorted(found, key=lambda one: (-one.callers, -one.share, one.code, one.text))


def _by_record(picks: list[Pick]) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], set[tuple[str, str]]]]:
    """Group a record's words by likeness: (code, plain leader) → the leader as it was said; and → who said what."""
    by_code: defaultdict[str, list[Pick]] = defaultdict(list)
    for pick in picks:
        by_code[pick.code].append(pick)
    leaders: dict[tuple[str, str], str] = {}
    said: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for code, own in by_code.items():
        leader = grouped((plain(pick.text) for pick in own), SAME)
        for pick in own:
            key = (code, leader[plain(pick.text)])
            leaders.setdefault(key, pick.text)
            said.setdefault(key, set()).add((pick.who, pick.text))
    return leaders, said

