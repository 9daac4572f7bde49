"""The hand-written words: everyday → official terms, actions and subjects that exclude each other, question words, Latin shorthand.

One source for the matcher and the segmenter's dictionary; the files stand in `knowledge/words/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Iterator, Mapping, Sequence

from knowledge.facets import SPOKEN

VARIANTS = 3  # readings of one text, where an everyday word means several things


class Scanner:
    """Finds words in texts: at every place the longest one."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)
        lengths: dict[str, set[int]] = {}
        for word in self.words:
            lengths.setdefault(word[:2], set()).add(len(word))
        self._lengths = {begin: sorted(found, reverse=True) for begin, found in lengths.items() if len(begin) > 1}

    def at(self, text: str, place: int) -> str | None:
        """Return the longest word that begins at `place`."""
        for length in self._lengths.get(text[place:place + 2], ()):
            word = text[place:place + length]
            if word in self.words:
                return word
        return text[place] if text[place] in self.words else None


@dataclass(frozen=True)
class Sense:
    """One action (补领) or subject (外国人): how it stands in texts, and how a question back names it."""

    name: str
    say: str
    words: tuple[str, ...]
    exceptions: tuple[str, ...] = ()   # words in which those letters mean something else
    group: str = ""                    # senses of one group exclude each other
    bare: bool = False                 # an action that is meant where none is named


class Senses:
    """All actions, or all subjects, as bits: what a text names is an integer, bit i for the i-th sense."""

    def __init__(self, senses: Sequence[Sense]) -> None:
        self.all = tuple(senses)
        self.scanner = Scanner(word for sense in senses for word in (*sense.words, *sense.exceptions))
        self._tells: dict[str, int] = {}
        self._hides: dict[str, int] = {}
        for word in self.scanner.words:
            prefixes = {word[:end] for end in range(1, len(word) + 1)}
            hides = sum(1 << i for i, sense in enumerate(senses) if word in sense.exceptions and word not in sense.words)
            tells = sum(1 << i for i, sense in enumerate(senses) if prefixes & set(sense.words))
            self._tells[word], self._hides[word] = tells & ~hides, hides
        groups: dict[str, int] = {}
        for i, sense in enumerate(senses):
            groups[sense.group] = groups.get(sense.group, 0) | 1 << i
        self.groups = tuple(groups.values())
        self.bare = sum(1 << i for i, sense in enumerate(senses) if sense.bare)

    def within(self, text: str) -> int:
        """Return the bits of the senses that a normalised text names; 0 for none."""
        found = 0
        hidden: list[tuple[int, int]] = []  # (end, bits) of exceptions that reach over what comes next
        for place in range(len(text)):
            word = self.scanner.at(text, place)
            if word is None:
                continue
            blocked = 0
            for end, bits in hidden:
                if place < end:
                    blocked |= bits
            found |= self._tells[word] & ~blocked
            if self._hides[word]:
                hidden.append((place + len(word), self._hides[word]))
        return found

    def exclude(self, asked: int, offered: int) -> bool:
        """Return whether what is asked and what is offered cannot be the same: of one group both name some, and none in common."""
        return any(asked & group and offered & group and not asked & offered & group for group in self.groups)

    def named(self, bits: int) -> tuple[Sense, ...]:
        """Return the senses of some bits."""
        return tuple(sense for i, sense in enumerate(self.all) if bits >> i & 1)


class Lexicon:
    """Everyday words and what they officially are; holds no state."""

    def __init__(self, terms: Mapping[str, Sequence[str]], actions: Sequence[Sense] = (), subjects: Sequence[Sense] = (),
                 latin: Mapping[str, Sequence[str]] | None = None) -> None:
        self._official: dict[str, tuple[str, ...]] = {}
        for term, everyday in terms.items():
            for word in everyday:
                self._official[word] = (*self._official.get(word, ()), term)
        for term in terms:  # an official term stays what it is, and hides the everyday word within it
            self._official[term] = (term,)
        self._scanner = Scanner(self._official)
        self.actions = Senses(actions)
        self.subjects = Senses(subjects)
        self.latin = {letters: tuple(words) for letters, words in (latin or {}).items()}

    @property
    def terms(self) -> tuple[str, ...]:
        """Return every everyday word and official term."""
        return tuple(self._official)

    @property
    def question_words(self) -> tuple[str, ...]:
        """Return the question words, colloquial and standard."""
        return tuple(dict.fromkeys(word for pair in SPOKEN for word in pair))

    @property
    def words(self) -> tuple[str, ...]:
        """Return every word that the lexicon knows, for the segmenter's dictionary."""
        return tuple(dict.fromkeys((*self.terms, *self.actions.scanner.words, *self.subjects.scanner.words, *self.question_words)))

    def readings(self, text: str) -> tuple[str, ...]:
        """Return the text as it stands, and with its everyday words in official terms; at most VARIANTS + 1 texts, all different."""
        parts = list(self._parts(text))
        most = min(VARIANTS, max(map(len, parts), default=1))
        official = ["".join([options[min(which, len(options) - 1)] for options in parts]) for which in range(most)]
        return tuple(dict.fromkeys((text, *official)))

    def _parts(self, text: str) -> Iterator[Sequence[str]]:
        """Yield the official words for each everyday word, and what stands between them as it is."""
        place = begin = 0
        while place < len(text):
            word = self._scanner.at(text, place)
            if word is None:
                place += 1
                continue
            if begin < place:
                yield (text[begin:place],)
            yield self._official[word]
            place = begin = place + len(word)
        if begin < place:
            yield (text[begin:],)
