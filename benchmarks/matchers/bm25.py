"""bm25s over words and pairs of characters, with its own settings."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from benchmarks.matchers.base import LIMIT, Found, Matcher
from benchmarks.matchers.words import load, words_and_bigrams


class _Bm25s:
    def __init__(self, codes: Sequence[str], index: Any) -> None:
        self._codes, self._index, self._limit = codes, index, min(LIMIT, len(codes))

    def find(self, text: str) -> Found:
        terms = words_and_bigrams(text)
        if not terms:
            return Found([])
        positions, scores = self._index.retrieve([terms], k=self._limit, show_progress=False)
        return Found([(self._codes[position], float(score)) for position, score in zip(positions[0], scores[0]) if score > 0])


class Bm25:
    """k1 1.5, b 0.75, Lucene's formula; numba as its backend, the fastest it has."""

    def prepare(self) -> None:
        """Import the library, read the dictionary of words, and compile."""
        import bm25s  # noqa: F401
        load()
        self.build([("lamp", "路灯修理"), ("bench", "长椅修理")], {}).find("路灯")

    def build(self, names: Sequence[tuple[str, str]], texts: Mapping[str, str]) -> Matcher:
        """Index the names."""
        import bm25s
        index = bm25s.BM25(backend="numba")
        index.index([words_and_bigrams(text) for _, text in names], show_progress=False)
        return _Bm25s([code for code, _ in names], index)
