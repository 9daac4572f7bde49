"""Misheard and mistyped characters: the likeliest text that sounds the same, given how characters follow each other in names and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from knowledge.matching.encode import CODES, SPOKEN_BASE, SYLLABLES, codes, concatenated, sounds
from knowledge.matching.sorted_keys import place_of

ALIKE = 12            # characters considered for one sound, the most frequent ones
SUBSTITUTION = 2.0    # what changing a character costs, in the logarithms of counts that it must win
MOST = 6.0            # logarithm of a count beyond which two characters follow each other no better
LONGEST = 60          # characters; a longer clause is left as it is


@dataclass(frozen=True)
class Repair:
    """Which characters share a sound, and how often one follows another; immutable."""

    alike: NDArray[np.uint16]   # sound → ALIKE codes, 0 where there are fewer
    pairs: NDArray[np.uint32]   # sorted keys of pairs of characters
    strength: NDArray[np.float32]

    def __call__(self, text: str) -> str:
        """Return a canonical text with what was misheard set right where its neighbours say so; the text itself when nothing does."""
        if not 1 < len(text) <= LONGEST:
            return text
        code = codes(text)
        if len(code) != len(text):
            return text
        sounds().learn(code)
        found = _decode(code, sounds().table, self.alike, self.pairs, self.strength)
        return str(found.tobytes(), "utf-16-le", "surrogatepass")


def learn_repair(texts: Sequence[str]) -> Repair:
    """Return what names and words teach: texts in canonical form."""
    text, starts = concatenated(texts)
    sounds().learn(text)
    table = sounds().table
    counts = np.bincount(text, minlength=CODES)
    alike = np.zeros((SYLLABLES, ALIKE), dtype=np.uint16)
    known = np.flatnonzero((counts > 0) & (table >= 0) & ~_is_spoken(np.arange(CODES)))
    order = known[np.lexsort((-counts[known], table[known]))]
    heads = np.flatnonzero(np.concatenate(([True], np.diff(table[order]) > 0))) if len(order) else np.empty(0, dtype=np.int64)
    for head, end in zip(heads, np.append(heads[1:], len(order))):
        best = order[head:min(end, head + ALIKE)]
        alike[table[order[head]], :len(best)] = best
    inside = np.ones(max(len(text) - 1, 0), dtype=bool)
    cuts = starts[1:-1]
    inside[cuts[(cuts > 0) & (cuts < len(text))] - 1] = False
    wide = text.astype(np.uint32)
    keys, seen = np.unique(((wide[:-1] << 16) | wide[1:])[inside], return_counts=True)
    return Repair(alike, keys.astype(np.uint32), np.minimum(np.log1p(seen), MOST).astype(np.float32))


def _is_spoken(code: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (code >= SPOKEN_BASE) & (code < SPOKEN_BASE + SYLLABLES)


@njit(cache=True, nogil=True)
def _follows(pairs: Any, strength: Any, first: int, second: int) -> float:
    place = place_of(pairs, np.uint32((first << 16) | second))
    return strength[place] if place >= 0 else 0.0


@njit(cache=True, nogil=True)
def _decode(code: Any, table: Any, alike: Any, pairs: Any, strength: Any) -> Any:
    """The likeliest characters for a text (Viterbi): itself costs nothing, another of the same sound SUBSTITUTION, a typed syllable nothing."""
    length, width = code.shape[0], alike.shape[1] + 1
    options = np.zeros((length, width), dtype=np.int64)
    cost = np.full((length, width), 1e9)
    for i in range(length):
        options[i, 0] = code[i]
        typed = SPOKEN_BASE <= code[i] < SPOKEN_BASE + SYLLABLES
        cost[i, 0] = SUBSTITUTION if typed else 0.0
        if table[code[i]] >= 0:
            for k in range(width - 1):
                other = alike[table[code[i]], k]
                if other != 0 and other != code[i]:
                    options[i, k + 1] = other
                    cost[i, k + 1] = 0.1 * k if typed else SUBSTITUTION
    best = np.full((length, width), -1e9)
    came = np.zeros((length, width), dtype=np.int64)
    for k in range(width):
        best[0, k] = -cost[0, k]
    for i in range(1, length):
        for k in range(width):
            if cost[i, k] > 1e8:
                continue
            for j in range(width):
                if best[i - 1, j] < -1e8:
                    continue
                value = best[i - 1, j] + _follows(pairs, strength, options[i - 1, j], options[i, k]) - cost[i, k]
                if value > best[i, k]:
                    best[i, k] = value
                    came[i, k] = j
    found = np.empty(length, dtype=np.uint16)
    at = np.argmax(best[length - 1])
    for i in range(length - 1, -1, -1):
        found[i] = options[i, at]
        at = came[i, at]
    return found
