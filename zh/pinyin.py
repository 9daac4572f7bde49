"""Toneless syllables with the sounds folded that Shandong speakers and speech recognisers mix up."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

# 平翘舌, n/l, 前后鼻音: written as sounds, so that 着火 / 这伙 and 身份 / 身分 fall together.
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"))


def fold(syllable: str) -> str:
    """Return a toneless syllable with zh/z, ch/c, sh/s, l/n and final ng/n folded together."""
    for long, short in _INITIALS:
        if syllable.startswith(long):
            syllable = short + syllable[2:]
            break
    if syllable.startswith("l"):
        syllable = "n" + syllable[1:]
    return syllable[:-1] if syllable.endswith("ng") else syllable


@lru_cache(maxsize=65536)
def _character(char: str) -> str:
    return fold(lazy_pinyin(char, style=Style.NORMAL, errors="default")[0].lower())


def syllables(text: str) -> tuple[str, ...]:
    """Return one folded syllable per character of `text`; a character without pinyin stands for itself.

    Readings are taken per character (the commonest one), so the same character always sounds the same.
    """
    return tuple(_character(char) for char in text)
