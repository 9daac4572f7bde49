"""Finds the category of a request, and with it the department that answers for it."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Iterator, Sequence

from tickets.load import Category, Policy
from tickets.model import Elements, TicketType, Urgency
from tickets.request_type import request_type
from zh.normalise import normalise
from zh.pinyin import syllables

_CLAUSE_END = re.compile(r"[,。?!;:、\n]+")
# "更正:地点是燕山新居" tells the handler where to go, not what the matter is.
_CORRECTED_PLACE = re.compile(r"更正:(?:地点|时间|反映对象|原因)是[^。\n]*")
_LONGEST_CLAUSE = 40  # a recogniser writes no stops: longer runs are cut, overlapping, so that scattered characters do not add up
_OVERLAP = 15
_MAX_CLAUSES = 400
_WORD_WEIGHT = 0.55
_SAYING_WEIGHT = 0.75
_WHOLE_WEIGHT = 0.45  # a description said nearly in full settles more than any single word
_ALIKE = 0.04  # so near to the best counts as a rival worth showing


@dataclass(frozen=True)
class Classification:
    """What a request is about and who answers for it; `reasons` name the words that decided, for people to check."""

    type: TicketType
    category: str
    department: str
    urgency: Urgency
    elements: Elements
    reasons: tuple[str, ...]
    score: float = 0.0
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Phrase:
    leaf: int
    text: str
    weight: float


def office(department: str, region: str) -> str:
    """Return the department as it is said of its region (济南市天桥区, or empty where none is known)."""
    return region + department.removeprefix("区县") if region else department


class Router:
    """An index over what callers say; built once, then read only."""

    def __init__(self, catalogue: Sequence[Category], policy: Policy) -> None:
        self._leaves = tuple(catalogue)
        self._policy = policy
        self._by_name = {leaf.name: leaf for leaf in self._leaves}
        said = [(index, normalise(say)) for index, leaf in enumerate(self._leaves) for say in (leaf.name, *leaf.says)]
        spread: dict[str, set[int]] = defaultdict(set)
        for index, text in said:
            for gram in _grams(text):
                spread[gram].add(index)
        # What many categories say (没人, 坏了) tells little; what one says tells much.
        self._idf = {gram: math.log(1 + len(self._leaves) / len(leaves)) for gram, leaves in spread.items()}
        self._phrases: list[_Phrase] = []
        self._postings: dict[str, list[int]] = defaultdict(list)
        for index, text in said:
            grams = set(_grams(text))
            self._phrases.append(_Phrase(index, text, sum(self._idf[gram] for gram in grams)))
            for gram in grams:
                self._postings[gram].append(len(self._phrases) - 1)
        self._words = [(normalise(word), index) for index, leaf in enumerate(self._leaves) for word in leaf.words]

    def category(self, name: str) -> Category | None:
        """Return the leaf of this name, or None."""
        return self._by_name.get(name)

    def classify(self, text: str, elements: Elements | None = None, type: TicketType | None = None) -> Classification:
        """Return type, category, department and urgency of any text; below the floor the backstop takes it.

        `type` is given where the caller chose it. Never raises; 5,000 characters take some tens of milliseconds.
        """
        text = _CORRECTED_PLACE.sub("", normalise(text))
        scores, why = self._scores(text)
        ranked = sorted(scores, key=lambda index: -scores[index])
        best = ranked[0] if ranked and scores[ranked[0]] >= self._policy.floor else None
        leaf = self._policy.backstop if best is None else self._leaves[best]
        reasons = ["没有对上的类别，由区县热线受理中心首接负责"] if best is None else [f"{leaf.name}：{'、'.join(why[best])}"]
        verdict = request_type(text)
        if verdict:
            reasons.append(f"{verdict.type.value}：{'、'.join(verdict.evidence)}")
        urgency, words = self._urgency(text, leaf)
        if words:
            reasons.append(f"{urgency.value}：{'、'.join(words)}")
        rivals = tuple(self._leaves[index].name for index in ranked[1:4] if best is not None and scores[best] - scores[index] < _ALIKE)
        return Classification(type or (verdict.type if verdict else leaf.type), leaf.name, leaf.department, urgency,
                              elements or Elements(course=text or None), tuple(reasons),
                              round(scores[best], 3) if best is not None else 0.0, rivals)

    def _scores(self, text: str) -> tuple[dict[int, float], dict[int, list[str]]]:
        sayings: dict[int, float] = defaultdict(float)
        best: dict[int, str] = {}
        for clause in _clauses(text):
            found: dict[int, float] = defaultdict(float)
            for gram in set(_grams(clause)):
                weight = self._idf.get(gram)
                if weight:
                    for phrase in self._postings[gram]:
                        found[phrase] += weight
            for phrase, weight in found.items():
                entry = self._phrases[phrase]
                share = weight / entry.weight
                if share > sayings[entry.leaf]:
                    sayings[entry.leaf], best[entry.leaf] = share, entry.text
        words: dict[int, list[str]] = defaultdict(list)
        for word, index in self._words:
            if word in text:
                words[index].append(word)
        scores: dict[int, float] = {}
        why: dict[int, list[str]] = {}
        for index in {*sayings, *words}:
            # The longest word counts fully, and being said first tells the subject from what is told along with it.
            hits = sorted(words[index], key=len, reverse=True)
            settled = (0.8 + 0.1 * min(len(hits[0]) - 2, 2) + 0.05 * min(len(hits) - 1, 2)) if hits else 0.0
            early = 0.05 * (1 - min(text.find(hits[0]), 100) / 100) if hits else 0.0
            scores[index] = _WORD_WEIGHT * settled + _SAYING_WEIGHT * sayings[index] + _WHOLE_WEIGHT * sayings[index] ** 4 + early
            why[index] = hits[:3] or [f"像“{best[index]}”"]
        return scores, why

    def _urgency(self, text: str, leaf: Category) -> tuple[Urgency, tuple[str, ...]]:
        for urgency in (Urgency.CRITICAL, Urgency.URGENT):
            words = tuple(word for word in self._policy.urgency_words.get(urgency, ()) if word in text)
            if words:
                # A category that is critical by itself is not lowered by a milder word.
                return (leaf.urgency, ()) if leaf.urgency is Urgency.CRITICAL else (urgency, words)
        return leaf.urgency, ()


def _clauses(text: str) -> Iterator[str]:
    made = 0
    for clause in _CLAUSE_END.split(text):
        for start in range(0, max(len(clause), 1), _LONGEST_CLAUSE - _OVERLAP):
            piece = clause[start:start + _LONGEST_CLAUSE]
            if len(piece) > 1 and made < _MAX_CLAUSES:
                made += 1
                yield piece
            if start + _LONGEST_CLAUSE >= len(clause):
                break


def _grams(text: str) -> Iterator[str]:
    """Character pairs and their folded sounds; the sounds are marked with ~ and count for less by their wider spread."""
    for left, right in zip(text, text[1:], strict=False):
        yield left + right
    sounds = syllables(text)
    for left, right in zip(sounds, sounds[1:], strict=False):
        yield f"~{left} {right}"
    yield from (char for char in text if "\u3400" <= char <= "\u9fff")
