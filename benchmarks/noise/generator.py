"""One text spoiled in one way.

同音 swaps two characters for homophones, 近音 one for a near-homophone, 漏字 drops one, 叠字 doubles one, 换位 turns two neighbours round,
数字 writes digits as words or the reverse, 拼音 types one to all words as pinyin, 首字母 one word by its initials, 繁体 writes traditional
characters, 错字 swaps one for a look-alike, 英文 says one word in English, 啰嗦 puts about 200 characters of chatter around the whole text,
混合 is the published protocol: two homophone swaps, and one dropped character in 30 % of the texts.
"""

from __future__ import annotations

import random
import re
from typing import Callable, Iterable, Mapping, Sequence

from benchmarks.noise import numerals
from benchmarks.noise.tables import tables

HOMOPHONE_SWAPS = 2
DROPPED = 0.3
SENTENCES_AROUND = 2

_HAN = re.compile(r"[\u4e00-\u9fff]")
_PIECE = re.compile(r"[\u4e00-\u9fff]{1,2}|[^\u4e00-\u9fff]+")
_SHORTEST = 2

Kind = Callable[[str, random.Random], str]


def noised(text: str, kind: str, rng: random.Random) -> str:
    """`text` spoiled as `kind` says, the same for the same state of `rng`; unchanged where there is nothing to spoil. Raises KeyError for no kind."""
    return _NOISE[kind](text, rng)


def readings(text: str) -> list[str]:
    """One toneless typed syllable for each character of `text`, by its words first; empty where a character has none."""
    found = [tables().readings.get(character, "") for character in text]
    for word, syllables in tables().word_readings.items():
        for hit in re.finditer(word, text):
            found[hit.start() : hit.end()] = syllables
    return found


def words(text: str) -> list[str]:
    """`text` cut into the words that the tables know and, between them, runs of at most two Chinese characters; anything else stays in one piece."""
    known = _any_of({*tables().initials, *tables().english, *tables().word_readings})
    cut = re.split(f"({known})", text)
    return [piece for place, part in enumerate(cut) for piece in ([part] if place % 2 else _PIECE.findall(part))]


def _any_of(listed: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(map(re.escape, sorted(listed, key=lambda word: (-len(word), word))))


def _swapped(text: str, others: Sequence[str], count: int, rng: random.Random) -> str:
    """`text` with up to `count` characters swapped; `others` holds what may stand at each place."""
    places = [place for place, choices in enumerate(others) if choices]
    characters = list(text)
    for place in rng.sample(places, min(count, len(places))):
        characters[place] = rng.choice(others[place])
    return "".join(characters)


def _homophones(text: str, rng: random.Random) -> str:
    others = [tables().homophones.get(syllable, "").replace(character, "") for character, syllable in zip(text, readings(text))]
    return _swapped(text, others, HOMOPHONE_SWAPS, rng)


def _near(text: str, rng: random.Random) -> str:
    groups, near = tables().homophones, tables().near
    others = ["".join(groups[other] for other in near.get(syllable, ())).replace(character, "") for character, syllable in zip(text, readings(text))]
    return _swapped(text, others, 1, rng)


def _lookalike(text: str, rng: random.Random) -> str:
    return _swapped(text, [tables().lookalikes.get(character, "") for character in text], 1, rng)


def _places(text: str) -> list[int]:
    return [hit.start() for hit in _HAN.finditer(text)]


def _dropped(text: str, rng: random.Random) -> str:
    places = _places(text)
    if len(places) < _SHORTEST:
        return text
    place = rng.choice(places)
    return text[:place] + text[place + 1 :]


def _doubled(text: str, rng: random.Random) -> str:
    places = _places(text)
    if not places:
        return text
    place = rng.choice(places)
    return text[:place] + text[place] + text[place:]


def _turned(text: str, rng: random.Random) -> str:
    places = _places(text)
    pairs = [one for one, other in zip(places, places[1:]) if other == one + 1 and text[one] != text[other]]
    if not pairs:
        return text
    place = rng.choice(pairs)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _numbers(text: str, rng: random.Random) -> str:
    changed = [version for version in (numerals.spoken(text), numerals.written(text)) if version != text]
    return rng.choice(changed) if changed else text


def _pinyin(text: str, rng: random.Random) -> str:
    syllables, pieces, start = readings(text), [], 0
    for word in words(text):
        pieces.append((word, syllables[start : start + len(word)]))
        start += len(word)
    typable = [index for index, (_, typed) in enumerate(pieces) if all(typed)]
    if not typable:
        return text
    chosen = set(rng.sample(typable, rng.randint(1, len(typable))))
    space = rng.choice(("", " "))
    said = ""
    for index, (word, typed) in enumerate(pieces):
        piece = space.join(typed) if index in chosen else word
        said += (space if index in chosen and index - 1 in chosen else "") + piece
    return said


def _one_word(text: str, table: Mapping[str, str], rng: random.Random) -> str:
    hits = list(re.finditer(_any_of(table), text))
    if not hits:
        return text
    hit = rng.choice(hits)
    return text[: hit.start()] + table[hit.group()] + text[hit.end() :]


def _initials(text: str, rng: random.Random) -> str:
    return _one_word(text, tables().initials, rng)


def _english(text: str, rng: random.Random) -> str:
    return _one_word(text, tables().english, rng)


def _traditional(text: str, rng: random.Random) -> str:
    return "".join(tables().traditional.get(character, character) for character in text)


def _rambling(text: str, rng: random.Random) -> str:
    if not text.strip():
        return text
    before = "".join(rng.sample(tables().openings, SENTENCES_AROUND)) + rng.choice(tables().fillers) + "，"
    ending = "" if text[-1] in "。？！?!." else "。"
    return before + text + ending + "".join(rng.sample(tables().closings, SENTENCES_AROUND))


def _mixed(text: str, rng: random.Random) -> str:
    swapped = _homophones(text, rng)
    return _dropped(swapped, rng) if rng.random() < DROPPED else swapped


_NOISE: Mapping[str, Kind] = {
    "同音": _homophones, "近音": _near, "漏字": _dropped, "叠字": _doubled, "换位": _turned, "数字": _numbers, "拼音": _pinyin, "首字母": _initials,
    "繁体": _traditional, "错字": _lookalike, "英文": _english, "啰嗦": _rambling, "混合": _mixed,
}  # fmt: skip
KINDS: tuple[str, ...] = tuple(_NOISE)
