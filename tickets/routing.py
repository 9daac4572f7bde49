"""Finds the category of a request, and with it the department that answers for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Iterator, Mapping, Sequence

from tickets.likeness import Heard, Likeness, grams, joined
from tickets.load import Category, Policy
from tickets.model import Elements, TicketType, Urgency
from tickets.offices import office_of
from tickets.request_type import request_type
from zh.normalise import normalise

_CLAUSE_END = re.compile(r"[,。?!;:、\s]+")
# "更正:地点是燕山新居" tells the handler where to go, not what the matter is.
_CORRECTED_PLACE = re.compile(r"更正:(?:地点|时间|反映对象|原因)是[^。\n]*")
_NUMBER = re.compile(r"[0-9]{6,}")  # a telephone is no matter, and 13812345678 has nothing of 12345
_WINDOW = 40        # characters looked at together: about one matter, so that what is told along the way does not add up
_STEP = 20          # a recogniser writes no stops: longer runs are cut, overlapping
_MAX_CLAUSES = 600
_ASIDE = 1.5        # a clause is an aside when it is nearly as alike to what goes with any matter as to the nearest category
_WHOLE_WEIGHT = 0.2   # a description said nearly in full settles more than single words
_WORD_WEIGHT = 0.05   # a word that settles a tie
_LIKELIEST = 10     # categories looked at closely
_ALIKE = 0.03       # so near to the best counts as a rival worth showing
_SHORT_NAME = 3     # characters; 快递 or 公交 said in passing is no description of a matter


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
class Learned:
    """What disputes have taught: further descriptions by category, and offices by (category, region code) where they differ."""

    says: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    offices: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """A category that a text may belong to; `words` of the catalogue stand in it, `like` is the description nearest to it, `clause` decided."""

    leaf: Category
    score: float
    words: tuple[str, ...]
    like: str
    clause: str

    @property
    def why(self) -> str:
        """Return what decided, in words for an operator."""
        return "、".join(self.words) or f"像“{self.like}”"


@dataclass(frozen=True)
class _Saying:
    text: str
    grams: Mapping[str, float]
    weight: float


@dataclass(frozen=True)
class _Index:
    """All that is looked up, swapped as a whole when something is learnt."""

    likeness: Likeness
    sayings: tuple[tuple[_Saying, ...], ...]
    words: tuple[tuple[str, ...], ...]
    learned: Learned


def office(department: str, region: str) -> str:
    """Return the department as it is said of its region (济南市天桥区, or empty where none is known)."""
    return region + department.removeprefix("区县") if region else department


class Router:
    """An index over what callers say; any thread may ask while another makes it learn."""

    def __init__(self, catalogue: Sequence[Category], policy: Policy, learned: Learned = Learned()) -> None:
        self._leaves = tuple(catalogue)
        self._policy = policy
        self._by_name = {leaf.name: leaf for leaf in self._leaves}
        self._departments = {name for leaf in self._leaves for name in (leaf.department, leaf.county, leaf.town) if name}
        self._index = self._built(learned)

    @property
    def categories(self) -> tuple[Category, ...]:
        """Return all leaves of the catalogue, in its order."""
        return self._leaves

    @property
    def backstop(self) -> Category:
        """Return who takes what no category fits (首接负责)."""
        return self._policy.backstop

    def category(self, name: str) -> Category | None:
        """Return the leaf of this name, or None."""
        return self._by_name.get(name)

    def knows(self, department: str) -> bool:
        """Whether the catalogue names this office at some level."""
        return department in self._departments

    def learn(self, learned: Learned) -> None:
        """Put this in place of what was learnt before; whoever asks meanwhile is answered from the old index."""
        # New descriptions want a new index; a new office alone does not.
        self._index = replace(self._index, learned=learned) if learned.says == self._index.learned.says else self._built(learned)

    def office_of(self, leaf: Category, region: str | None) -> tuple[str, str | None]:
        """Return department and region of the office; what this region or its city was found to do otherwise wins."""
        department, office_region = office_of(leaf, region)
        offices = self._index.learned.offices
        own = (offices.get((leaf.name, region)) or offices.get((leaf.name, region[:4] + "00"))) if region else None
        return own or department, office_region

    def classify(self, text: str, elements: Elements | None = None, type: TicketType | None = None) -> Classification:
        """Return type, category, department and urgency of any text; below the floor the backstop takes it.

        `department` is that of the city: which office it is in a region says `office_of`. `type` is given where the caller chose it.
        Raises nothing for whatever text; the work grows with its length, 5,000 characters take some tens of milliseconds.
        """
        text = _NUMBER.sub("", _CORRECTED_PLACE.sub("", normalise(text)))
        matches = self._matches(text)
        best = matches[0] if matches and matches[0].score >= self._policy.floor else None
        leaf = best.leaf if best else self._policy.backstop
        reasons = [f"{leaf.name}：{best.why}" if best else "没有对上的类别，由区县热线受理中心首接负责"]
        verdict = request_type(text)
        if verdict:
            reasons.append(f"{verdict.type.value}：{'、'.join(verdict.evidence)}")
        urgency, words = self._urgency(text, leaf)
        if words:
            reasons.append(f"{urgency.value}：{'、'.join(words)}")
        rivals = tuple(other.leaf.name for other in matches[1:4] if best and best.score - other.score < _ALIKE)
        return Classification(type or (verdict.type if verdict else leaf.type), leaf.name, leaf.department, urgency,
                              elements or Elements(course=text or None), tuple(reasons), round(best.score, 3) if best else 0.0, rivals)

    def ranked(self, text: str, most: int) -> list[Match]:
        """Return the likeliest categories, the best first; none for a text that says nothing of any."""
        return self._matches(_NUMBER.sub("", _CORRECTED_PLACE.sub("", normalise(text))))[:most]

    def _built(self, learned: Learned) -> _Index:
        return _Index(*_compared(self._leaves, self._policy.asides, tuple(learned.says.items())), learned)

    def _matches(self, text: str) -> list[Match]:
        index = self._index
        best: dict[int, tuple[float, Heard, str]] = {}
        for heard, clause in self._windows(text, index):
            for leaf, cosine in heard.cosines.items():
                if leaf < len(self._leaves) and cosine > best.get(leaf, (0.0,))[0]:
                    best[leaf] = cosine, heard, clause
        likeliest = sorted(best, key=lambda leaf: (-best[leaf][0], leaf))[:_LIKELIEST]
        return sorted((self._match(index, leaf, *best[leaf]) for leaf in likeliest), key=lambda match: -match.score)

    def _match(self, index: _Index, leaf: int, cosine: float, heard: Heard, clause: str) -> Match:
        words = sorted((word for word in index.words[leaf] if word in clause), key=len, reverse=True)
        share, like = max(((_share(saying, heard.grams), saying.text) for saying in index.sayings[leaf]), default=(0.0, ""))
        settled = min(len(words[0]), 5) / 5 + 0.1 * min(len(words) - 1, 2) if words else 0.0
        return Match(self._leaves[leaf], cosine + _WHOLE_WEIGHT * share ** 4 + _WORD_WEIGHT * settled, tuple(words[:3]), like, clause)

    def _windows(self, text: str, index: _Index) -> Iterator[tuple[Heard, str]]:
        """Yield each run of neighbouring clauses that is short enough to be about one matter, asides left out."""
        clauses = list(_clauses(text))
        heard = [index.likeness.hear(clause) for clause in clauses]
        told = [place for place, one in enumerate(heard) if not self._aside(one)] or list(range(len(clauses)))
        for first in range(len(told)):
            last, length = first, len(clauses[told[first]])
            while last + 1 < len(told) and length + len(clauses[told[last + 1]]) <= _WINDOW:
                last += 1
                length += len(clauses[told[last]])
            run = told[first:last + 1]
            yield joined([heard[place] for place in run]), ",".join(clauses[place] for place in run)
            if last + 1 == len(told):
                return

    def _aside(self, heard: Heard) -> bool:
        aside = len(self._leaves)
        nearest = max((product for leaf, product in heard.products.items() if leaf != aside), default=0.0)
        return heard.products.get(aside, 0.0) * _ASIDE >= nearest

    def _urgency(self, text: str, leaf: Category) -> tuple[Urgency, tuple[str, ...]]:
        for urgency in (Urgency.CRITICAL, Urgency.URGENT):
            words = tuple(word for word in self._policy.urgency_words.get(urgency, ()) if word in text)
            if words:
                # A category that is critical by itself is not lowered by a milder word.
                return (leaf.urgency, ()) if leaf.urgency is Urgency.CRITICAL else (urgency, words)
        return leaf.urgency, ()


@lru_cache(maxsize=2)  # a service that is built again over the same catalogue compares with the same index
def _compared(leaves: tuple[Category, ...], asides: tuple[str, ...], learned: tuple[tuple[str, tuple[str, ...]], ...],
              ) -> tuple[Likeness, tuple[tuple[_Saying, ...], ...], tuple[tuple[str, ...], ...]]:
    taught = dict(learned)
    says = [tuple(dict.fromkeys(map(normalise, (*((leaf.name,) if len(leaf.name) > _SHORT_NAME else ()), *leaf.says,
                                                *taught.get(leaf.name, ()))))) for leaf in leaves]
    words = tuple(tuple(map(normalise, leaf.words)) for leaf in leaves)
    # The last document is what callers say along with any matter.
    likeness = Likeness([*((*said, *settling) for said, settling in zip(says, words, strict=True)), map(normalise, asides)])
    return likeness, tuple(tuple(_saying(text, likeness) for text in said) for said in says), words


def _saying(text: str, likeness: Likeness) -> _Saying:
    weights = {gram: likeness.rarity(gram) for gram in grams(text)}
    return _Saying(text, weights, sum(weights.values()) or 1.0)


def _share(saying: _Saying, heard: frozenset[str]) -> float:
    return sum(weight for gram, weight in saying.grams.items() if gram in heard) / saying.weight


def _clauses(text: str) -> Iterator[str]:
    made = 0
    for clause in _CLAUSE_END.split(text):
        for start in range(0, max(len(clause), 1), _STEP):
            piece = clause[start:start + _WINDOW]
            if piece and made < _MAX_CLAUSES:
                made += 1
                yield piece
            if start + _WINDOW >= len(clause):
                break
