"""The cues of one text, found once, and what they weigh for a sign at a given place."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict

from safety.lexicon import Cue, Kind, Lexicon
from safety.patterns import CLAUSE_END

_BREAK = re.compile(f"[{CLAUSE_END}]")
Span = tuple[int, int]


class Context:
    """Where the cues and the clause ends of `text` are."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self._past, self._now = lexicon.past, lexicon.now
        self._spans: dict[Cue, list[Span]] = defaultdict(list)
        for cue, match in lexicon.cues.find(text):
            self._spans[cue].append(match.span())
        self._breaks = [match.start() for match in _BREAK.finditer(text)]
        self._length = len(text)

    def weigh(self, match: re.Match[str], kind: Kind) -> int:
        """Return the sum of the weights of the cues near `match`, each counted once."""
        start, end = match.span()
        heard = [
            cue
            for cue in self._spans
            if cue not in (self._past, self._now) and kind not in cue.not_for and self._hears(cue, start, end)
        ]
        return self._tense(start, end) + sum(cue.weight for cue in heard if not cue.subject) + self._subjects(heard)

    @staticmethod
    def _subjects(heard: list[Cue]) -> int:
        """Cues of one subject are one reason: of 报销 and 带什么材料 only the heavier counts."""
        heaviest: dict[str, int] = {}
        for cue in heard:
            if cue.subject:
                heaviest[cue.subject] = min(cue.weight, heaviest.get(cue.subject, 0))
        return sum(heaviest.values())

    def _tense(self, start: int, end: int) -> int:
        """The nearer word of time before the sign decides: 去年装的…现在漏气 is now, 刚说的是去年着火 is past."""
        past, now = self._past, self._now
        # One character more than the sign: its last one may open a word of time (剐蹭上|周).
        past_at = self._last(past, start - past.before, end + 1)
        now_at = self._last(now, start - now.before, end + 1)
        if now_at > past_at:
            return now.weight
        if past_at >= 0:
            return past.weight
        if self._any(now, end, end + now.after):
            return now.weight
        return past.weight if self._any(past, end, min(end + past.after, self._clause(end)[1])) else 0

    def _hears(self, cue: Cue, start: int, end: int) -> bool:
        left, right = start - cue.before, end + cue.after
        if cue.clause:
            left, right = max(left, self._clause(start)[0]), min(right, self._clause(end)[1])
        if cue.weight < 0:  # may also stand inside the sign or overlap it: 电梯经常困人, 车祸伤残
            return self._any(cue, left, right)
        return self._any(cue, left, start) or self._any(cue, end, right)

    def _clause(self, at: int) -> Span:
        """Return where the clause around `at` begins and ends."""
        i = bisect_left(self._breaks, at)
        return (self._breaks[i - 1] + 1 if i else 0, self._breaks[i] if i < len(self._breaks) else self._length)

    def _any(self, cue: Cue, left: int, right: int) -> bool:
        return self._last(cue, left, right) >= 0

    def _last(self, cue: Cue, left: int, right: int) -> int:
        """Return the end of the last word of `cue` that lies within [left, right), or -1."""
        spans = self._spans.get(cue, [])
        for _, end in reversed(spans[bisect_left(spans, (left, 0)) : bisect_left(spans, (right, 0))]):
            if end <= right:
                return end
        return -1
