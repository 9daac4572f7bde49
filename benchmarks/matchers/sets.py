"""The sets of names and of callers' texts; read by path, nothing of them is the product's."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Sequence

from benchmarks.matchers.composed import compose
from benchmarks.noise.generator import KINDS, noised

SEED = 12345
PLAIN, MIXED = "plain", "混合"
QUESTIONS, SAMPLE, ITEMS = 291, 360, 2193   # sizes that mean a set; a larger one is composed
SAMPLED = 120                               # queries of the sample of 360
QUICK = 60                                  # texts a set with --quick
FILES = ("service_items/guangdong.jsonl", "service_items/guangdong_alias_dev.jsonl", "questions/shenzhen_standard.jsonl",
         "questions/shenzhen_phrasings_dev.jsonl")


@dataclass(frozen=True)
class Query:
    """A caller's text and the codes of which any is right."""

    text: str
    right: frozenset[str]


@dataclass(frozen=True)
class Trials:
    """Names by unique codes, and the texts to ask by kind: PLAIN, and kinds of noise."""

    names: Sequence[tuple[str, str]]
    asked: Mapping[str, Sequence[Query]]
    texts: Mapping[str, str] = field(default_factory=dict)


def absent(data: Path) -> list[str]:
    """Return the files that are not there."""
    return [name for name in FILES if not (data / name).is_file()]


def title(size: int) -> str:
    """Return what a set is called in the report; the letters are explained there."""
    return {QUESTIONS: "B, 291 questions", SAMPLE: "A, 360 of the names", ITEMS: "A, 2,193 names"}.get(size, f"Composed, {size:,} names")


def load(size: int, data: Path, quick: bool = False) -> Trials:
    """Return one set; the same every time. Raises OSError without its files."""
    if size == QUESTIONS:
        return _questions(data, quick)
    names, queries, texts = _items(data)
    if size == ITEMS:
        return Trials(_coded(names), _asked(queries[:QUICK] if quick else queries, KINDS), texts)
    if size == SAMPLE:
        return _sample(names, queries, quick)
    return _large(names, queries[:QUICK] if quick else queries, size)


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _coded(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(str(i), name) for i, name in enumerate(names)]


def _asked(queries: Sequence[Query], kinds: Sequence[str]) -> dict[str, Sequence[Query]]:
    """The queries as they are and under each kind of noise; the noise of a text depends on nothing but the text."""
    return {PLAIN: queries} | {kind: [Query(noised(query.text, kind, random.Random(f"{SEED} {kind} {query.text}")), query.right)  # noqa: S311
                                      for query in queries] for kind in kinds}


def _questions(data: Path, quick: bool) -> Trials:
    names = [(row["intent"], row["text"]) for row in _rows(data / FILES[2])]
    queries = _mixed([Query(row["text"], frozenset({row["intent"]})) for row in _rows(data / FILES[3])])
    return Trials(names, _asked(queries[:QUICK] if quick else queries, KINDS))


def _mixed(queries: Sequence[Query]) -> list[Query]:
    """In a fixed mixed order, so that any first part is a fair sample."""
    found = list(queries)
    random.Random(SEED).shuffle(found)  # noqa: S311
    return found


def _items(data: Path) -> tuple[list[str], list[Query], dict[str, str]]:
    """The distinct names, the queries, and the conditions by code: of rows that share a name, the longest."""
    conditions: dict[str, str] = {}
    for row in _rows(data / FILES[0]):
        conditions[row["name"]] = max(conditions.get(row["name"], ""), row.get("accept_standard") or "", key=len)
    names = list(conditions)
    code = {name: str(i) for i, name in enumerate(names)}
    queries = _mixed([Query(row["query"], frozenset(code[name] for name in row["targets"])) for row in _rows(data / FILES[1])])
    return names, queries, {code[name]: text for name, text in conditions.items() if text}


def _sample(names: Sequence[str], queries: Sequence[Query], quick: bool) -> Trials:
    queries = queries[:SAMPLED]
    needed = {int(code) for query in queries for code in query.right}
    others = [i for i in range(len(names)) if i not in needed]
    kept = sorted(needed | set(random.Random(SEED).sample(others, SAMPLE - len(needed))))  # noqa: S311
    return Trials([(str(i), names[i]) for i in kept], _asked(queries[:QUICK] if quick else queries, (MIXED,)))


def _large(names: Sequence[str], queries: Sequence[Query], size: int) -> Trials:
    """Each query is asked at one place; the noise is in the query, and recognisers know the places."""
    made = compose(names, size)
    drawn = random.Random(SEED)  # noqa: S311
    at = [drawn.randrange(len(made.places)) for _ in queries]
    right = [frozenset(made.code(place, int(code), len(names)) for code in query.right) for place, query in zip(at, queries)]
    return Trials(made.names, {kind: [Query(made.places[place].said + query.text, codes) for place, query, codes in zip(at, told, right)]
                               for kind, told in _asked(queries, (MIXED,)).items()})
