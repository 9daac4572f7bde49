"""First stage: which names could a text be about. BM25 over characters, character pairs and their sounds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Mapping, Sequence

import numpy as np
from scipy import sparse

from zh.pinyin import syllables

K1, B = 1.2, 0.5  # measured: character-level names are short, so length counts half
PINYIN_WEIGHT = 0.7


def features(text: str) -> Counter[str]:
    """Return the weighted terms of a folded text: characters, character pairs, and pairs of syllables (marked ~)."""
    sounds = syllables(text)
    terms: Counter[str] = Counter(char for char in text if not char.isspace())
    terms.update(text[i:i + 2] for i in range(len(text) - 1) if not text[i:i + 2].isspace())
    terms.update(f"~{a} {b}" for a, b in zip(sounds, sounds[1:]))
    return terms


@dataclass(frozen=True)
class Index:
    """Names × terms with BM25 weights."""

    vocabulary: Mapping[str, int]
    weights: sparse.csc_matrix

    def nearest(self, text: str, limit: int) -> list[int]:
        """Return the positions of at most `limit` names that share a term with `text`, best first."""
        columns = [(self.vocabulary[term], min(count, 2)) for term, count in features(text).items() if term in self.vocabulary]
        if not columns:
            return []
        picked = self.weights[:, [column for column, _ in columns]]
        scores = np.asarray(picked @ np.array([count for _, count in columns], dtype=np.float32)).ravel()
        count = min(limit, int((scores > 0).sum()))
        top = np.argpartition(-scores, count - 1)[:count] if count else np.array([], dtype=int)
        return [int(i) for i in top[np.argsort(-scores[top], kind="stable")]]


def rarity(groups: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return the idf of each character over items, each given by all its folded names: 登记 is in many, 失业 in few."""
    frequency = Counter(char for names in groups for char in set("".join(names)))
    return {char: float(np.log(1 + (len(groups) - n + 0.5) / (n + 0.5))) for char, n in frequency.items()}


def build_index(names: Sequence[str]) -> Index:
    """Build the index over folded names; raises ValueError when there is none."""
    if not names:
        raise ValueError("nothing to index")
    bags = [features(name) for name in names]
    vocabulary = {term: i for i, term in enumerate(sorted({term for bag in bags for term in bag}))}
    rows = np.repeat(np.arange(len(bags)), [len(bag) for bag in bags])
    columns = np.fromiter((vocabulary[term] for bag in bags for term in bag), dtype=np.int64, count=len(rows))
    counts = np.fromiter((count for bag in bags for count in bag.values()), dtype=np.float64, count=len(rows))
    frequency = np.bincount(columns, minlength=len(vocabulary))
    idf = np.log(1 + (len(names) - frequency + 0.5) / (frequency + 0.5))
    sound = np.array([PINYIN_WEIGHT if term[0] == "~" else 1.0 for term in vocabulary])
    lengths = np.bincount(rows, weights=counts, minlength=len(bags))
    norm = K1 * (1 - B + B * lengths / (lengths.mean() or 1.0))
    values = (idf * sound)[columns] * counts * (K1 + 1) / (counts + norm[rows])
    matrix = sparse.csc_matrix((values.astype(np.float32), (rows, columns)), shape=(len(names), len(vocabulary)))
    return Index(vocabulary, matrix)
