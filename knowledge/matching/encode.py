"""Texts as arrays: 16-bit character codes, folded sounds, and how much each character tells."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from zh.pinyin import fold, syllables

Codes = NDArray[np.uint16]
Sounds = NDArray[np.int16]
Weights = NDArray[np.float32]

CODES = 1 << 16
UNKNOWN_WEIGHT = 4.0   # of a character that no name has
FUNCTION_WEIGHT = 0.2
RAREST = 14.0          # most that a character tells by its rarity in the language
LATIN_WEIGHT = 6.0
# Grammar, not matter: such a character alone tells next to nothing (in a pair it still counts: 不动产).
FUNCTION = frozenset("的了着过吗呢啊吧呀不没我俺你您他她它们咱人家自己想要能会可以得需让叫请问下那这个些现在还就才又再给是有在去到上来把被跟和与及也都很太办弄整做说道事时候里边头为因所从向对只")
SPOKEN_BASE = 0xE000   # private-use code of a syllable that was typed as pinyin: a sound without a character
SYLLABLES = 0x700      # private-use codes kept for syllables; the rest of the area stands for numbers


def codes(text: str) -> Codes:
    """Return the text as UTF-16 code units; a character beyond the basic plane counts as two."""
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype=np.uint16)


class SoundTable:
    """The sound of every code unit as a small number; -1 for none. Grows as new syllables are met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.table: Sounds = np.full(CODES, -1, dtype=np.int16)
        self._known = np.zeros(CODES, dtype=bool)
        for code in range(SPOKEN_BASE, SPOKEN_BASE + SYLLABLES):
            self._known[code] = True

    def number(self, syllable: str) -> int:
        """Return the number of a folded syllable."""
        return self._numbers.setdefault(syllable, len(self._numbers))

    def spoken(self, syllable: str) -> str:
        """Return the sign that stands for a syllable typed as pinyin (zheng): it sounds, but is no character."""
        number = self.number(fold(syllable))
        self.table[SPOKEN_BASE + number] = number
        return chr(SPOKEN_BASE + number)

    def learn(self, text: Codes) -> None:
        """Make sure that every code of `text` has its sound."""
        known = self._known[text]
        if known.all():
            return
        for code in np.unique(text[~known]):
            char = chr(int(code))
            if "\u3400" <= char <= "\u9fff":
                self.table[code] = self.number(syllables(char)[0])
            self._known[code] = True


@lru_cache(maxsize=1)
def sounds() -> SoundTable:
    """Return the table of the process; what it learns is the same whoever asks first, but for the numbers."""
    return SoundTable()


def concatenated(texts: Sequence[str]) -> tuple[Codes, NDArray[np.int64]]:
    """Return all texts as one array of codes, and where each begins (one more entry than texts)."""
    found = [text.encode("utf-16-le", "surrogatepass") for text in texts]
    starts = np.zeros(len(found) + 1, dtype=np.int64)
    np.cumsum([len(one) // 2 for one in found], out=starts[1:])
    return np.frombuffer(b"".join(found), dtype=np.uint16), starts


def char_weights(records: Iterable[Codes]) -> Weights:
    """Return by code how much a character tells: rare among the records tells more, grammar hardly anything."""
    counts = np.zeros(CODES, dtype=np.int64)
    total = 0
    for record in records:
        counts[np.unique(record)] += 1
        total += 1
    return weights_of_counts(counts, total)


def weights_of_counts(counts: NDArray[np.int64], total: int) -> Weights:
    """Return `char_weights` from how many of `total` records have each character, shape (CODES,)."""
    weights = np.where(counts > 0, np.log(1 + (total - counts + 0.5) / (counts + 0.5)), UNKNOWN_WEIGHT).astype(np.float32)
    weights[codes("".join(sorted(FUNCTION)))] *= FUNCTION_WEIGHT
    weights[[ord(" "), 0]] = 0.0
    return weights


@lru_cache(maxsize=1)
def general_weights() -> Weights:
    """Return by code how rare a character is in the language at large (source: the segmenter's own word frequencies)."""
    counts = _counted(codes(resources.files("jieba").joinpath("dict.txt").read_text(encoding="utf-8")))
    weights = np.zeros(CODES, dtype=np.float32)
    known = counts > 0
    weights[known] = np.minimum(RAREST, -np.log(counts[known] / counts.sum()))
    weights[SPOKEN_BASE:0xF900] = RAREST - 2
    weights[codes("abcdefghijklmnopqrstuvwxyz0123456789")] = LATIN_WEIGHT
    weights[codes("".join(sorted(FUNCTION)))] *= FUNCTION_WEIGHT
    return weights


def _counted(text: Codes) -> NDArray[np.float64]:
    """How often each code stands in the words of lines `word frequency kind`; as arrays, for every process counts 350,000 lines at its start."""
    ends = np.flatnonzero(text == ord("\n"))
    begins = np.concatenate(([0], ends[:-1] + 1))
    spaces = np.flatnonzero(text == ord(" ")).reshape(len(ends), 2)
    lengths = spaces[:, 1] - spaces[:, 0] - 1
    digits = np.repeat(spaces[:, 1] - np.cumsum(lengths), lengths) + np.arange(lengths.sum())
    values = (text[digits] - ord("0")) * 10.0 ** (np.repeat(spaces[:, 1], lengths) - 1 - digits)
    frequencies = np.add.reduceat(values, np.cumsum(lengths) - lengths)
    sizes = spaces[:, 0] - begins
    chars = np.repeat(spaces[:, 0] - np.cumsum(sizes), sizes) + np.arange(sizes.sum())
    return np.bincount(text[chars], np.repeat(frequencies, sizes), CODES).astype(np.float64)
