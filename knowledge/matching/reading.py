"""What a caller's text, or a name, says: its clauses in every reading, and the actions and subjects it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Iterator, Sequence
from zlib import crc32

import cn2an

from knowledge.facets import matter_of, spoken
from knowledge.matching.encode import SPOKEN_BASE, SYLLABLES, sounds
from knowledge.matching.lexicon import Lexicon
from zh.normalise import normalise
from zh.typed import LATIN, split_pinyin

MAX_TEXT = 2000       # characters looked at; a caller's matter stands in the first minutes of what he says
MAX_CLAUSES = 12
MAX_READINGS = 4
RAMBLING = 100        # characters; in a longer text a clause is judged by itself
TOPIC = 4             # characters; a shorter clause names a topic and needs the next one
NUMBERS = SPOKEN_BASE + SYLLABLES
_CLAUSE = re.compile(r"[,。?!;、:\n ]+")
_NUMBER = re.compile(r"[0-9]{3,}")
_SMALL = re.compile(r"(?<![0-9.])[0-9]{1,2}(?![0-9.])")
_ENDING = r"(?:快点(?:吧|啊)?|快些|谢谢(?:你|您|了|啊)?|急着用|着急|麻烦(?:你|您)?了?|好吗|行不|中不|辛苦了)"
_COURTESY = re.compile(
    r"^(?:(?:喂|你好|您好|哎|闺女|姑娘|同志|师傅|大姐|大哥|小伙子)[,。!]?|(?:我|俺)?(?:想|就)?(?:请问|问问|问一下|打听打听|打听一下|咨询一下)(?:一下)?[,]?)+"
    rf"|(?:[,。!?]{_ENDING})+[,。!?]*$")
_TWICE = re.compile(r"([\u3400-\u9fff]{1,4}?)\1+")
_SIGN_GAP = re.compile(f"(?<=[{chr(SPOKEN_BASE)}-{chr(NUMBERS - 1)}\u3400-\u9fff]) +(?=[{chr(SPOKEN_BASE)}-{chr(NUMBERS - 1)}])"
                       f"|(?<=[{chr(SPOKEN_BASE)}-{chr(NUMBERS - 1)}]) +(?=[\u3400-\u9fff])")


def one_sign(match: "re.Match[str]") -> str:
    """Return the private-use character of a number: it is itself or another number, 13812345678 has nothing of 12345."""
    return chr(NUMBERS + crc32(match.group().encode()) % (0xF8FF - NUMBERS))


@dataclass(frozen=True)
class Clause:
    """A stretch of text in all its readings, as it stands first; `whole` when it is all that was said."""

    readings: tuple[str, ...]
    actions: int
    subjects: int
    whole: bool


@dataclass(frozen=True)
class Heard:
    """A caller's text: as normalised, its clauses (the whole first unless it rambles), and what the whole names."""

    plain: str
    canonical: str
    clauses: tuple[Clause, ...]
    readings: tuple[str, ...]
    actions: int
    subjects: int
    rambles: bool


class Reader:
    """Reads texts with one lexicon; `latin` are the words in Latin letters that stand in the names (ETC), which are no pinyin."""

    def __init__(self, lexicon: Lexicon, latin: frozenset[str] = frozenset(), repair: Callable[[str], str] | None = None) -> None:
        self.lexicon = lexicon
        self._latin = latin
        self._repair = repair

    def canonical(self, text: str) -> str:
        """Return a normalised text in the form that matching compares: standard question words, numerals as characters, nothing twice."""
        text = spoken(text.lower())
        text = _NUMBER.sub(one_sign, text)
        text = _SMALL.sub(lambda match: str(cn2an.an2cn(match.group())), text)
        return _TWICE.sub(r"\1", text).strip()

    def readings(self, canonical: str) -> tuple[str, ...]:
        """Return a canonical text as it stands, with everyday words in official terms, and both again with what was misheard set right."""
        found = self.lexicon.readings(canonical)
        repaired = self._repair(canonical) if self._repair else canonical
        return found if repaired == canonical else tuple(dict.fromkeys((*found[:2], *self.lexicon.readings(repaired)[:2])))

    def name(self, text: str) -> tuple[str, ...]:
        """Return at most two readings of a name: as it stands, and in official terms."""
        return self.lexicon.readings(self.canonical(normalise(text)))[:2]

    def hear(self, text: str) -> Heard:
        """Read a caller's text of any length; never raises."""
        plain = normalise(text[:MAX_TEXT])
        spelled = self._spelled(without_courtesy(plain))
        first = self.canonical(spelled[0])
        actions, subjects = self.lexicon.actions.within(first), self.lexicon.subjects.within(first)
        rambles = len(plain) > RAMBLING
        clauses = []
        stretches = ([] if rambles else [first]) + [part for part in joined(first) if part != first or rambles]
        for i, stretch in enumerate(dict.fromkeys(stretches)):
            readings = self.readings(stretch)
            whole = stretch == first
            if whole:
                others = [reading for other in spelled[1:] for reading in self.readings(self.canonical(other))]
                readings = tuple(dict.fromkeys((*readings, *others)))[:MAX_READINGS]
            clauses.append(Clause(readings, self.lexicon.actions.within(stretch) or actions, subjects, whole))
            if i >= MAX_CLAUSES:
                break
        clauses = [clause for clause in clauses if clause.readings[0]]
        whole_readings = next((clause.readings for clause in clauses if clause.whole), self.readings(first))
        return Heard(plain, first, tuple(clauses), whole_readings, actions, subjects, rambles)

    def _spelled(self, plain: str) -> tuple[str, ...]:
        """The text with what was typed in Latin letters as words or syllables; more than one where letters mean several words."""
        lower = plain.lower()
        variants = [""]
        place = 0
        for match in LATIN.finditer(lower):
            words = self._said(match.group())
            variants = [variant + lower[place:match.start()] + word for word in words for variant in variants][:4]
            place = match.end()
        return tuple(_SIGN_GAP.sub("", variant + lower[place:]) for variant in variants)

    def _said(self, letters: str) -> tuple[str, ...]:
        if letters in self._latin or len(letters) < 2:
            return (letters,)
        if letters in self.lexicon.latin:
            return self.lexicon.latin[letters]
        syllables = split_pinyin(letters)
        return ("".join(sounds().spoken(syllable) for syllable in syllables),) if syllables else (letters,)


def without_courtesy(plain: str) -> str:
    """Return a normalised text without how callers begin and end: 喂,我问问 … 快点,谢谢; the text itself when nothing else is said."""
    return _COURTESY.sub("", plain) or plain


def joined(text: str) -> list[str]:
    """Return the clauses of a text, a bare topic joined to what is said of it: 护照,丢了补办 speaks of 护照丢了补办, not of 护照."""
    found: list[str] = []
    for part in (part for part in _CLAUSE.split(text) if len(part) > 1):
        if found and len(matter_of(found[-1])) < TOPIC:
            found[-1] += part
        else:
            found.append(part)
    return found[:MAX_CLAUSES]


def latin_words(names: Sequence[str]) -> frozenset[str]:
    """Return the words in Latin letters that stand in some names."""
    return frozenset(_latin(names))


def _latin(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if not name.isascii():
            lower = name.lower()
            if any("a" <= char <= "z" for char in lower):
                yield from LATIN.findall(lower)
