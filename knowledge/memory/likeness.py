"""Which words are as good as the same."""

from __future__ import annotations

import re
from typing import Iterable, Sequence

from rapidfuzz import fuzz, process

from knowledge.facets import matter_of
from zh.normalise import normalise

SAME = 85.0  # rapidfuzz ratio, 0..100: in six characters none may differ, in seven one
_SOUNDLESS = re.compile(r"[^\w]|_")


def plain(text: str) -> str:
    """Return normalised words in small letters without marks and spaces."""
    return _SOUNDLESS.sub("", normalise(text).lower())


def matter(text: str) -> str:
    """Return plainly what a question is about, its question words off; the plain words where nothing is left."""
    return plain(matter_of(normalise(text))) or plain(text)


def nearest(text: str, among: Sequence[str], least: float) -> str | None:
    """Return the one of `among` that is most like `text`, None when none reaches `least` (ratio, 0..100)."""
    found = process.extractOne(text, among, scorer=fuzz.ratio, score_cutoff=least)
    return str(found[0]) if found else None


def alike(text: str, among: Sequence[str]) -> list[str]:
    """Return all of `among` that are as good as the same as `text`."""
    return [str(found[0]) for found in process.extract(text, among, scorer=fuzz.ratio, score_cutoff=SAME, limit=None)]


def grouped(texts: Iterable[str], least: float) -> dict[str, str]:
    """Return for each text the one that stands for its group: in a single pass, the first one seen that it is like."""
    leaders: list[str] = []
    found: dict[str, str] = {}
    for text in texts:
        if text not in found:
            leader = nearest(text, leaders, least)
            if leader is None:
                leaders.append(text)
            found[text] = leader or text
    return found
