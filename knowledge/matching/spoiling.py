"""Spoils texts as recognisers do, so that the ranking learns to trust sounds; the noise that judges comes from elsewhere."""

from __future__ import annotations

import random
from collections import defaultdict
from functools import lru_cache
from typing import Mapping, Sequence

from pypinyin import Style, lazy_pinyin

from knowledge.matching.encode import general_weights
from zh.pinyin import syllables

USUAL = 9.5       # rarity in the language below which a recogniser puts a character
SWAPS = 2         # characters a text
NEAR = 0.3        # of the swaps are only near in sound (平翘舌, 前后鼻音, n and l)
DROPPED = 0.3     # of the texts lose a character


@lru_cache(maxsize=1)
def _alike() -> tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]]:
    """Usual characters by sound, and by folded sound."""
    usual = [chr(code) for code in range(0x4E00, 0x9FA6) if 0 < general_weights()[code] < USUAL]
    same: dict[str, list[str]] = defaultdict(list)
    near: dict[str, list[str]] = defaultdict(list)
    for char in usual:
        same[_sound(char)].append(char)
        near[syllables(char)[0]].append(char)
    return same, near


@lru_cache(maxsize=8192)
def _sound(char: str) -> str:
    return str(lazy_pinyin(char, style=Style.NORMAL)[0])


def spoilt(text: str, draw: random.Random) -> str:
    """Return a text with SWAPS characters replaced by ones that sound alike, and now and then one dropped; the same for the same `draw`."""
    same, near = _alike()
    chars = list(text)
    places = [i for i, char in enumerate(chars) if "\u4e00" <= char <= "\u9fa5"]
    draw.shuffle(places)
    for place in places[:SWAPS]:
        char = chars[place]
        others = near.get(syllables(char)[0], ()) if draw.random() < NEAR else same.get(_sound(char), ())
        pool = [other for other in others if other != char]
        if pool:
            chars[place] = draw.choice(pool)
    if len(chars) > 3 and draw.random() < DROPPED:
        del chars[draw.randrange(len(chars))]
    return "".join(chars)
