"""The matcher's hand-written words, and what lies beyond the hotline, against themselves and the names of the records."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from types import MappingProxyType
from typing import Iterable, Iterator, Mapping

import yaml

from cli.checks.source import Unreadable, child, compose, elements, line_of, pairs, shown, text_of
from knowledge.errors import Fault

TEXTS = ("code", "name")  # what every record beyond the hotline must say


class Places:
    """Where each value was first seen."""

    def __init__(self, first: Mapping[str, str] = MappingProxyType({})) -> None:
        self._first = dict(first)

    def again(self, value: str, place: str) -> str | None:
        """Note a value and its place; return where it was seen before, None the first time."""
        if value in self._first:
            return self._first[value]
        self._first[value] = place
        return None


def word_faults(root: Path) -> Iterator[Fault]:
    """Yield what is wrong with everyday words, actions, subjects and Latin shorthand; raises Unreadable."""
    yield from term_faults(sorted((root / "terms").glob("*.yml")))
    for name in ("actions.yml", "subjects.yml"):
        yield from sense_faults(root / name)
    yield from latin_faults(root / "latin.yml")


def term_faults(paths: Iterable[Path]) -> Iterator[Fault]:
    """Yield terms without words, everyday words equal to their term, and words that stand under one term twice, in whatever file."""
    seen: dict[str, Places] = defaultdict(Places)
    for path in paths:
        for term, words in _entries(path):
            yield from _list_faults(path, words, f"'{term.value}'", seen[term.value])
            for word in elements(words):
                if text_of(word) == term.value:
                    yield Fault(shown(path), line_of(word), f"'{term.value}' is an everyday word of itself")


def sense_faults(path: Path) -> Iterator[Fault]:
    """Yield actions or subjects without words or without a `say`, that are defined twice, or that a question back could not tell apart."""
    names, said = Places(), Places()
    for name, sense in _entries(path):
        place = f"line {line_of(name)}"
        if earlier := names.again(name.value, place):
            yield Fault(shown(path), line_of(name), f"'{name.value}' is defined twice, first in {earlier}")
        yield from _list_faults(path, child(sense, "words") or sense, f"'{name.value}'", Places())
        say = text_of(child(sense, "say"))
        if not say:
            yield Fault(shown(path), line_of(name), f"'{name.value}' has no 'say'")
        elif earlier := said.again(say, place):
            yield Fault(shown(path), line_of(name), f"'{say}' is said of two senses, first in {earlier}")


def latin_faults(path: Path) -> Iterator[Fault]:
    """Yield shorthand that is not in lower-case Latin letters, is defined twice, or stands for nothing."""
    seen = Places()
    for letters, words in _entries(path):
        if not (letters.value.isascii() and letters.value.isalnum() and letters.value == letters.value.lower()):
            yield Fault(shown(path), line_of(letters), f"'{letters.value}' is not in lower-case Latin letters")
        if earlier := seen.again(letters.value, f"line {line_of(letters)}"):
            yield Fault(shown(path), line_of(letters), f"'{letters.value}' is defined twice, first in {earlier}")
        yield from _list_faults(path, words, f"'{letters.value}'", Places())


def beyond_faults(paths: Iterable[Path], taken: Mapping[str, str]) -> Iterator[Fault]:
    """Yield records beyond the hotline that are incomplete, of a code used twice, or with a phrase of another or of a record of ours.

    `taken` holds every name and alias of our records, and their codes, with the code of the record. Raises Unreadable.
    """
    codes, phrases = Places({code: code for code in taken.values()}), Places()
    for path in paths:
        records = elements(compose(path))
        if not records:
            yield Fault(shown(path), 1, "not a list of records")
        for record in records:
            code = text_of(child(record, "code"))
            for key in TEXTS:
                if not text_of(child(record, key)):
                    yield Fault(shown(path), line_of(record), f"'{code}' has no '{key}'")
            if code and (earlier := codes.again(code, f"{shown(path)}:{line_of(record)}")):
                yield Fault(shown(path), line_of(record), f"the code '{code}' is used twice, first at {earlier}")
            said = child(record, "phrases")
            yield from _list_faults(path, said or record, f"'{code}'", phrases)
            for phrase in filter(None, (child(record, "name"), *elements(said))):
                if owner := taken.get(text_of(phrase)):
                    yield Fault(shown(path), line_of(phrase), f"'{text_of(phrase)}' is a name of '{owner}', which we know")


def _entries(path: Path) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    found = list(pairs(compose(path)))
    if not found:
        raise Unreadable(Fault(shown(path), 1, "not a mapping"))
    return found


def _list_faults(path: Path, node: yaml.Node, owner: str, seen: Places) -> Iterator[Fault]:
    """Yield a list without words, an empty word, and words that were seen before."""
    words = elements(node)
    if not words:
        yield Fault(shown(path), line_of(node), f"{owner} has no words")
    for word in words:
        text, place = text_of(word).strip(), f"{shown(path)}:{line_of(word)}"
        if not text:
            yield Fault(shown(path), line_of(word), f"{owner} has an empty word")
        elif earlier := seen.again(text, place):
            yield Fault(shown(path), line_of(word), f"'{text}' stands twice under {owner}, first at {earlier}")
