"""Second stage: every name near a text as a row of features, and the weights that make one score of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.dense.similarity import DenseIndex
from knowledge.matching.encode import Codes, Weights, codes, general_weights, sounds
from knowledge.matching.features import ASKING, FEATURES, GAINED, compare_all, cover_all
from knowledge.matching.lexicon import Lexicon
from knowledge.matching.postings import nearest, rareness
from knowledge.matching.reading import Clause, Heard
from knowledge.matching.segment import Segment, asking_mask

NEAR_BY_MEANING = 20
NEAR = 80          # names compared closely for each clause
LONG = 40.0        # characters of a name that count as long
BEST_NAMES = 3     # of a record's names near the text that speak together
COLUMNS = (*FEATURES, *(f"gain_{FEATURES[i]}" for i in GAINED), "found", "known_chars", "known_pairs", "often_chars", "often_pairs", "said",
           "action_conflict", "action_same", "length", "whole", "event", "action_unasked", "event_asked", "subject_conflict", "subject_same",
           "subject_unasked", "names_found", "meaning")
Row = NDArray[np.float32]
_buffers = threading.local()


@dataclass(frozen=True)
class Near:
    """Names near a text, over all its clauses: place of the name, place of its record, and COLUMNS, one row each."""

    names: NDArray[np.int32]
    records: NDArray[np.int32]
    rows: NDArray[np.float32]

    @staticmethod
    def none() -> "Near":
        return Near(np.empty(0, np.int32), np.empty(0, np.int32), np.empty((0, len(COLUMNS)), np.float32))


def weigh(text: str, rarity: Weights, general: Weights) -> tuple[Codes, Weights, Weights]:
    """Return the codes of a text, and how much each tells here and in the language; a question's own words tell less."""
    code = codes(text)
    sounds().learn(code)
    share = np.where(asking_mask(text), np.float32(ASKING), np.float32(1.0))
    return code, rarity[code] * share, general[code] * share


def _zeros(size: int) -> NDArray[np.float32]:
    """An array of zeros of this thread, left as zeros by whoever uses it."""
    kept: dict[int, NDArray[np.float32]] = _buffers.__dict__.setdefault("scores", {})
    if size not in kept:
        if len(kept) > 8:
            kept.clear()
        kept[size] = np.zeros(size, dtype=np.float32)
    return kept[size]


def look_up(segment: Segment, dead: NDArray[np.bool_], heard: Heard, rarity: Weights, lexicon: Lexicon, chain: bool,
            meaning: DenseIndex | None = None) -> Near:
    """Return the names of a segment near a text; `dead` marks entries that are no more, `chain` a question after all that has to be done.

    `meaning` holds the vectors of the names: what is near by them is looked at too.
    """
    found = [near for clause in heard.clauses if len((near := _near_clause(segment, dead, heard, clause, rarity, lexicon, chain, meaning)).names)]
    if not found:
        return Near.none()
    rows, records = np.concatenate([near.rows for near in found]), np.concatenate([near.records for near in found])
    rows[:, COLUMNS.index("names_found")] = _together(records, rows[:, COLUMNS.index("found")])
    return Near(np.concatenate([near.names for near in found]), records, rows)


def _together(records: NDArray[np.int32], scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return for each row the mean of its record's best scores: several names that fit say more than one."""
    order = np.lexsort((-scores, records))
    heads = np.flatnonzero(np.concatenate(([True], np.diff(records[order]) > 0)))
    rank = np.arange(len(order)) - np.repeat(heads, np.diff(np.append(heads, len(order))))
    sums = np.add.reduceat(np.where(rank < BEST_NAMES, scores[order], 0.0), heads) / BEST_NAMES
    result = np.empty(len(order), dtype=np.float32)
    result[order] = np.repeat(sums, np.diff(np.append(heads, len(order))))
    return result


def _near_clause(segment: Segment, dead: NDArray[np.bool_], heard: Heard, clause: Clause, rarity: Weights, lexicon: Lexicon, chain: bool,
                 meaning: DenseIndex | None) -> Near:
    general, table = general_weights(), sounds().table
    weighed = [weigh(reading, rarity, general) for reading in clause.readings]
    entries, scores = nearest(segment.postings, [code for code, _, _ in weighed], sounds().table, NEAR, _zeros(segment.postings.size), dead)
    names, first = np.unique(segment.name_of[entries], return_index=True)
    best = scores[first]  # entries come best first
    if meaning and clause.whole:
        alive = [name for name in meaning.nearest(heard.plain, NEAR_BY_MEANING)[0] if not dead[segment.firsts[name]]]
        more = np.setdiff1d(np.array(alive, dtype=np.int32), names)
        names, best = np.concatenate((names, more)), np.concatenate((best, np.zeros(len(more), dtype=np.float32)))
    if not len(names):
        return Near.none()
    begins = np.concatenate(([0], np.cumsum([len(code) for code, _, _ in weighed]))).astype(np.int64)
    joined = [np.concatenate(part) for part in zip(*weighed)]
    features = compare_all(joined[0], begins, joined[1], joined[2], segment.text, segment.asks, segment.starts,
                           segment.firsts[names], segment.firsts[names + 1], table, rarity, general)
    records = segment.record_of[names]
    distinct, back = np.unique(records, return_inverse=True)
    said = clause.readings if heard.rambles else heard.readings
    code, weight, _ = weighed[0] if len(said) == 1 and said[0] == clause.readings[0] else weigh(" ".join(said), rarity, general)
    known = cover_all(code, weight, *rareness(segment.postings, code, weight), segment.context, segment.context_starts, segment.context_names,
                      distinct, table)[back]
    asked, whom = clause.actions, clause.subjects
    offered, theirs = segment.actions[names], segment.subjects[names]
    event = segment.is_event[names]
    bare = lexicon.actions.bare
    others = np.column_stack((
        best, known, _conflict(lexicon.actions.groups, asked, offered), (offered & asked) != 0, np.minimum(segment.lengths[names], LONG) / LONG,
        np.full(len(names), clause.whole), event, (offered & ~bare != 0) & (asked == 0), event & chain,
        _conflict(lexicon.subjects.groups, whom, theirs), (theirs & whom) != 0, (theirs & ~whom) != 0, np.zeros(len(names)),
        meaning.similarity(heard.plain, names) if meaning and clause.whole else np.zeros(len(names)))).astype(np.float32)
    return Near(names.astype(np.int32), records, np.concatenate((features, others), axis=1))


def _conflict(groups: Sequence[int], asked: int, offered: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return where what is asked and what is offered cannot be the same: of one group both name some, and none in common."""
    found = np.zeros(len(offered), dtype=bool)
    for group in groups:
        if asked & group:
            found |= ((offered & group) != 0) & ((offered & asked & group) == 0)
    return found


def weights_of(named: Mapping[str, float]) -> NDArray[np.float32]:
    """Return weights by name as one column a feature; a name that is no column raises KeyError."""
    unknown = set(named) - set(COLUMNS)
    if unknown:
        raise KeyError(f"no such features: {sorted(unknown)}")
    return np.array([named.get(column, 0.0) for column in COLUMNS], dtype=np.float32)
