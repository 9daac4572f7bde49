"""First stage: BM25 over characters, pairs of characters and pairs of sounds, in arrays that a million names fit into."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from knowledge.matching.encode import Codes, Sounds
from knowledge.matching.sorted_keys import place_of

K1, B = 1.2, 0.5
SOUND_WEIGHT = 0.7      # of a pair of sounds against a pair of characters
STEPS = 100.0           # a posting's saturated count is kept as a byte: at most 2.2, in steps of 1/100
COMMON = 0.1            # share of the names; a term that more of them have opens no candidate once rarer terms have
MANY = 20_000           # names; below it every term is looked up
BLOCK = 64              # names of which the best one is looked at first
ENOUGH = 0.5            # of a text's weight that rarer terms must carry before common ones are left out


@dataclass(frozen=True)
class Terms:
    """One kind of term: sorted keys, where each one's postings begin, the names (ascending) and their saturated counts."""

    keys: NDArray[np.uint32]
    begins: NDArray[np.int64]
    names: NDArray[np.int32]
    counts: NDArray[np.uint8]


@dataclass(frozen=True)
class Postings:
    """All terms of a segment of names; immutable."""

    size: int
    kinds: tuple[Terms, Terms, Terms]


def build_postings(text: Codes, starts: NDArray[np.int64], sounds: Sounds) -> Postings:
    """Index the names that `text` holds one after the other; raises ValueError without names."""
    size = len(starts) - 1
    if size <= 0:
        raise ValueError("nothing to index")
    lengths = np.diff(starts).astype(np.float32)
    norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1.0))
    first, second, third = (_terms(_joined(text, starts, sounds, kind), norm) for kind in range(3))
    return Postings(size, (first, second, third))


@njit(cache=True, nogil=True)
def _key(text: Any, at: int, last: int, sounds: Any, kind: int) -> Any:
    """The key of the character, the pair or the pair of sounds that begins at `at`, 0 where there is none; a text ends at `last`."""
    char = np.int64(text[at])
    if kind == 0:
        return np.int64(0) if char == 32 else char
    if at == last:
        return np.int64(0)
    follower = np.int64(text[at + 1])
    if kind == 1:
        return np.int64(0) if char == 32 or char == 0 or follower == 32 or follower == 0 else (char << 16) | follower
    heard, then = np.int64(sounds[char]), np.int64(sounds[follower])
    return np.int64(0) if heard < 0 or then < 0 else (heard << 11) + then + 1


@njit(cache=True, nogil=True)
def _joined(text: Any, starts: Any, sounds: Any, kind: int) -> Any:
    """Every term of one kind as its key in the upper and its name in the lower half, in the order of the text."""
    count = 0
    for name in range(starts.shape[0] - 1):
        for at in range(starts[name], starts[name + 1]):
            count += _key(text, at, starts[name + 1] - 1, sounds, kind) != 0
    found = np.empty(count, dtype=np.uint64)
    count = 0
    for name in range(starts.shape[0] - 1):
        for at in range(starts[name], starts[name + 1]):
            key = _key(text, at, starts[name + 1] - 1, sounds, kind)
            if key != 0:
                found[count] = (np.uint64(key) << np.uint64(32)) | np.uint64(name)
                count += 1
    return found


def _terms(joined: NDArray[np.uint64], norm: NDArray[np.float32]) -> Terms:
    joined.sort()
    return Terms(*_gathered(joined, norm))


@njit(cache=True, nogil=True)
def _gathered(joined: Any, norm: Any) -> Any:
    """The arrays of Terms, of terms in order."""
    terms = postings = 0
    for i in range(joined.shape[0]):
        if i == 0 or joined[i] != joined[i - 1]:
            postings += 1
            terms += i == 0 or joined[i] >> np.uint64(32) != joined[i - 1] >> np.uint64(32)
    keys = np.empty(terms, dtype=np.uint32)
    begins = np.empty(terms + 1, dtype=np.int64)
    names = np.empty(postings, dtype=np.int32)
    counts = np.empty(postings, dtype=np.uint8)
    begins[terms] = postings
    at = term = i = 0
    while i < joined.shape[0]:
        end = i + 1
        while end < joined.shape[0] and joined[end] == joined[i]:
            end += 1
        if i == 0 or joined[i] >> np.uint64(32) != joined[i - 1] >> np.uint64(32):
            keys[term], begins[term] = joined[i] >> np.uint64(32), at
            term += 1
        name = np.int32(joined[i] & np.uint64(0xFFFFFFFF))
        count = np.float32(end - i)
        saturated = count * np.float32(K1 + 1) / (count + norm[name]) * np.float32(STEPS)
        names[at], counts[at] = name, np.uint8(min(max(saturated, np.float32(1)), np.float32(255)))
        at += 1
        i = end
    return keys, begins, names, counts


@njit(cache=True, nogil=True)
def _asked(text: Any, starts: Any, sounds: Any) -> Any:
    """The distinct keys of some readings, in order: those of characters, of pairs and of pairs of sounds."""
    return _keys(text, starts, sounds, 0), _keys(text, starts, sounds, 1), _keys(text, starts, sounds, 2)


@njit(cache=True, nogil=True)
def _keys(text: Any, starts: Any, sounds: Any, kind: int) -> Any:
    found = np.sort(_joined(text, starts, sounds, kind) >> np.uint64(32)).astype(np.uint32)
    count = 0
    for i in range(found.shape[0]):
        if i == 0 or found[i] != found[i - 1]:
            found[count] = found[i]
            count += 1
    return found[:count]


@njit(cache=True, nogil=True)
def _weigh(keys: Any, share: float, known: Any, begins: Any, size: int, weights: Any, froms: Any, tos: Any, filled: int) -> int:
    """Note the weight and the postings of each key after the first `filled`; a key that no name has weighs most and has no postings."""
    for i in range(keys.shape[0]):
        if keys[i] == 0:
            continue
        place = place_of(known, keys[i])
        froms[filled] = begins[place] if place >= 0 else 0
        tos[filled] = begins[place + 1] if place >= 0 else 0
        count = tos[filled] - froms[filled]
        weights[filled] = share * np.log(1 + (size - count + 0.5) / (count + 0.5))
        filled += 1
    return filled


@njit(cache=True, nogil=True)
def _highest(bits: Any) -> Any:
    """The highest of some bits of scores: those of numbers from 0 on stand in the order of the numbers, and are compared many at a time."""
    found = np.int32(0)
    for i in range(bits.shape[0]):
        found = max(found, bits[i])
    return found


@njit(cache=True, nogil=True)
def _best(scores: Any, wanted: int, dead: Any) -> Any:
    """Places of the `wanted` highest scores, best first, and the scores; clears `scores` on the way.

    The `wanted`-th highest of the blocks' highest scores is a floor below which nothing need be looked at. Whatever is dead is
    cleared before, so that no block promises what it has not.
    """
    size, buried = scores.shape[0], dead.view(np.uint8)
    blocks = (size + BLOCK - 1) // BLOCK
    bits, tops = scores.view(np.int32), np.empty(blocks, dtype=np.int32)
    for block in range(blocks):
        low, high = block * BLOCK, min(size, (block + 1) * BLOCK)
        tops[block] = _highest(bits[low:high])
        if tops[block] > 0:
            gone = np.uint8(0)
            for i in range(low, high):
                gone |= buried[i]
            if gone:
                for i in range(low, high):
                    bits[i] = 0 if dead[i] else bits[i]
                tops[block] = _highest(bits[low:high])
    floor = max(np.int32(1), np.partition(tops, blocks - wanted)[blocks - wanted] if blocks > wanted else np.int32(1))
    count = 0
    for block in range(blocks):
        if tops[block] >= floor:
            for i in range(block * BLOCK, min(size, (block + 1) * BLOCK)):
                count += bits[i] >= floor
    places = np.empty(count, dtype=np.int32)
    values = np.empty(count, dtype=np.float32)
    filled = 0
    for block in range(blocks):
        if tops[block] >= floor:
            for i in range(block * BLOCK, min(size, (block + 1) * BLOCK)):
                if bits[i] >= floor:
                    places[filled] = i
                    values[filled] = scores[i]
                    filled += 1
    scores[:] = 0.0
    order = np.argsort(-values, kind="mergesort")[:wanted]
    return places[order], values[order]


@njit(cache=True, nogil=True)
def _search(chars: Any, pairs: Any, spairs: Any, chars_known: Any, chars_begin: Any, chars_names: Any, chars_counts: Any,
            pairs_known: Any, pairs_begin: Any, pairs_names: Any, pairs_counts: Any,
            spairs_known: Any, spairs_begin: Any, spairs_names: Any, spairs_counts: Any,
            scores: Any, dead: Any, wanted: int, sparing: bool) -> Any:
    size = scores.shape[0]
    room = chars.shape[0] + pairs.shape[0] + spairs.shape[0]
    weights = np.empty(room, dtype=np.float32)
    froms = np.empty(room, dtype=np.int64)
    tos = np.empty(room, dtype=np.int64)
    first = _weigh(chars, 1.0, chars_known, chars_begin, size, weights, froms, tos, 0)
    second = _weigh(pairs, 1.0, pairs_known, pairs_begin, size, weights, froms, tos, first)
    filled = _weigh(spairs, SOUND_WEIGHT, spairs_known, spairs_begin, size, weights, froms, tos, second)
    total = np.float32(0.0)
    for i in range(filled):
        if tos[i] > froms[i]:
            total += weights[i]
    carried = np.float32(0.0)
    for i in np.argsort(-weights[:filled]):
        begin, end = froms[i], tos[i]
        if begin == end or (sparing and end - begin > COMMON * size and carried > ENOUGH * total):
            continue
        weight = weights[i] / STEPS
        carried += weights[i]
        if i < first:
            for at in range(begin, end):
                scores[chars_names[at]] += weight * chars_counts[at]
        elif i < second:
            for at in range(begin, end):
                scores[pairs_names[at]] += weight * pairs_counts[at]
        else:
            for at in range(begin, end):
                scores[spairs_names[at]] += weight * spairs_counts[at]
    return _best(scores, wanted, dead)


def rareness(postings: Postings, text: Codes, weights: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how rare each character and each pair of a text is among the names, in the order of the text; what weighs nothing is not counted."""
    wide = text.astype(np.uint32)
    kept = weights > 0
    pairs = np.where(kept[:-1] & kept[1:], (wide[:-1] << 16) | wide[1:], 0).astype(np.uint32)
    return _rareness(postings, 0, np.where(kept, wide, 0).astype(np.uint32)), _rareness(postings, 1, pairs)


def _rareness(postings: Postings, kind: int, keys: NDArray[np.uint32]) -> NDArray[np.float32]:
    terms = postings.kinds[kind]
    if not len(terms.keys):
        return np.zeros(len(keys), dtype=np.float32)
    places = np.minimum(np.searchsorted(terms.keys, keys), len(terms.keys) - 1)
    counts = np.where(terms.keys[places] == keys, terms.begins[places + 1] - terms.begins[places], 0)
    rare = np.log(1 + (postings.size - counts + 0.5) / (counts + 0.5))
    return np.where((keys > 0) & (counts > 0), rare, 0.0).astype(np.float32)


def nearest(postings: Postings, readings: Sequence[Codes], sounds: Sounds, wanted: int, scores: NDArray[np.float32],
            dead: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the places of at most `wanted` names nearest to a text in any of its readings, best first, and their scores.

    The score is that of all terms of all readings, each counted once. `scores` are `postings.size` zeros, used and left as zeros;
    `dead` marks names that are no more. A text with no known term finds nothing.
    """
    begins = np.array([0, *accumulate(map(len, readings))], dtype=np.int64)
    chars, pairs, spairs = _asked(np.concatenate(readings), begins, sounds)
    kinds = [array for terms in postings.kinds for array in (terms.keys, terms.begins, terms.names, terms.counts)]
    found: tuple[NDArray[np.int32], NDArray[np.float32]] = _search(chars, pairs, spairs, *kinds, scores, dead, wanted,
                                                                  postings.size > MANY)
    return found
