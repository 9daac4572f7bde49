"""How alike a clause and each of many documents are: the cosine of characters, their pairs and folded sounds; the rare ones tell most."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Iterable, Iterator, Mapping, Sequence

from zh.pinyin import syllables

_NOT_TOLD = re.compile(r"[^\u3400-\u9fff0-9A-Za-z]+")
_SOUND = "~"          # marks a pair of sounds
_SOUND_WEIGHT = 0.5   # what sounds alike is likely, what is written alike is sure
_UNHEARD = 4.0        # weight of what no document says: a text that is mostly about something else must not look alike


@dataclass(frozen=True)
class Heard:
    """A clause measured: its inner product with each document that it shares anything with, its squared length, its grams."""

    products: Mapping[int, float]
    square: float
    grams: frozenset[str]

    @property
    def cosines(self) -> dict[int, float]:
        """Return the cosine with each document, 0..1."""
        length = math.sqrt(self.square) or 1.0
        return {document: product / length for document, product in self.products.items()}


def joined(clauses: Sequence[Heard]) -> Heard:
    """Return clauses as one."""
    if len(clauses) == 1:
        return clauses[0]
    products: dict[int, float] = defaultdict(float)
    for clause in clauses:
        for document, product in clause.products.items():
            products[document] += product
    return Heard(products, sum(clause.square for clause in clauses), frozenset().union(*(clause.grams for clause in clauses)))


class Likeness:
    """An index over documents, each a bag of phrases; read only once it is built. Texts come normalised."""

    def __init__(self, documents: Sequence[Iterable[str]]) -> None:
        bags = [Counter(gram for phrase in phrases for gram in grams(phrase)) for phrases in documents]
        spread = Counter(gram for bag in bags for gram in bag)
        # What many documents say (没人, 坏了) tells little; what one says tells much.
        self._rarity = {gram: math.log((len(bags) + 1) / (count + 1)) * _worth(gram) for gram, count in spread.items()}
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for document, bag in enumerate(bags):
            weights = {gram: _damped(count) * self._rarity[gram] for gram, count in bag.items()}
            length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
            for gram, weight in weights.items():
                self._postings[gram].append((document, weight / length))

    def hear(self, clause: str) -> Heard:
        """Measure a clause against all documents."""
        products: dict[int, float] = defaultdict(float)
        square = 0.0
        bag = Counter(grams(clause))
        for gram, count in bag.items():
            weight = _damped(count) * self.rarity(gram)
            square += weight * weight
            for document, share in self._postings.get(gram, ()):
                products[document] += weight * share
        return Heard(products, square, frozenset(bag))

    def rarity(self, gram: str) -> float:
        """Return how much a gram tells."""
        return self._rarity.get(gram, _UNHEARD * _worth(gram))


def grams(text: str) -> Iterator[str]:
    """Yield the characters, their pairs and the pairs of their folded sounds, none across a stop."""
    for run in _NOT_TOLD.split(text):
        yield from run
        for left, right in zip(run, run[1:], strict=False):
            yield left + right
        sounds = syllables(run)
        for left, right in zip(sounds, sounds[1:], strict=False):
            yield f"{_SOUND}{left} {right}"


def _damped(count: int) -> float:
    return 1 + math.log(count)


def _worth(gram: str) -> float:
    return _SOUND_WEIGHT if gram.startswith(_SOUND) else 1.0
