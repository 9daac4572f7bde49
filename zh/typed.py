"""Pinyin typed instead of characters: shenfenzheng diule → the syllables shen fen zheng diu le."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

LATIN = re.compile(r"[a-zü]+[1-4]?(?:[a-zü]+[1-4]?)*")
_FIRST, _LAST = 0x4E00, 0x9FA5
_LONE = frozenset("aeo")  # syllables of one letter; believed only beside longer ones


@lru_cache(maxsize=1)
def syllables() -> frozenset[str]:
    """Return every toneless syllable of the language."""
    spoken = lazy_pinyin([chr(code) for code in range(_FIRST, _LAST + 1)], style=Style.NORMAL, errors="ignore")
    return frozenset(s.replace("ü", "v") for s in spoken if s.isascii() or "ü" in s) - frozenset("mn") - {"ng", "hm", "hng"}


@lru_cache(maxsize=4096)
def split_pinyin(letters: str) -> tuple[str, ...]:
    """Return the syllables that a run of lower-case letters (tone digits allowed) is made of, the fewest possible; empty when it is no pinyin."""
    run = re.sub(r"[1-4]", "", letters).replace("ü", "v")
    known = syllables()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(run)
    for end in range(1, len(run) + 1):
        for length in range(min(6, end), 0, -1):
            before, last = best[end - length], run[end - length:end]
            if before is not None and last in known and (best[end] is None or len(before) + 1 < len(best[end] or ())):
                best[end] = (*before, last)
    found = best[-1] or ()
    return found if any(syllable not in _LONE for syllable in found) else ()
