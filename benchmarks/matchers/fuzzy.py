"""rapidfuzz: the text against each name, by edits."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from benchmarks.matchers.base import LIMIT, Found, Matcher
from benchmarks.matchers.words import plain


class _Scan:
    def __init__(self, codes: Sequence[str], names: Sequence[str], scorer: Any) -> None:
        from rapidfuzz import process
        self._codes, self._names, self._scorer, self._extract = codes, names, scorer, process.extract

    def find(self, text: str) -> Found:
        found = self._extract(plain(text), self._names, scorer=self._scorer, limit=LIMIT)
        return Found([(self._codes[position], score) for _, score, position in found])


class Fuzzy:
    """One of the scorers of rapidfuzz.fuzz, through process.extract on one thread."""

    def __init__(self, scorer: str) -> None:
        self._scorer = scorer

    def prepare(self) -> None:
        """Import the library."""
        import rapidfuzz.process  # noqa: F401

    def build(self, names: Sequence[tuple[str, str]], texts: Mapping[str, str]) -> Matcher:
        """Keep the names; there is no index."""
        from rapidfuzz import fuzz
        return _Scan([code for code, _ in names], [plain(text) for _, text in names], getattr(fuzz, self._scorer))
