"""Texts as the peers see them: folded widths and cases, words of jieba's own dictionary, and runs of characters."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """Return the text in NFKC and lower case, without spaces at its ends."""
    return unicodedata.normalize("NFKC", text).lower().strip()


def load() -> None:
    """Read jieba's dictionary, which otherwise the first text pays for."""
    import logging

    import jieba
    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()


def words(text: str) -> list[str]:
    """Return the words of a text, long ones also by the words within; punctuation is no word."""
    import jieba
    return [word for word in jieba.cut_for_search(plain(text)) if any(char.isalnum() for char in word)]


def bigrams(text: str) -> list[str]:
    """Return the pairs of neighbouring letters and digits."""
    chars = [char for char in plain(text) if char.isalnum()]
    return [first + second for first, second in zip(chars, chars[1:])]


def words_and_bigrams(text: str) -> list[str]:
    """Return each word and each pair once per occurrence; a pair that is itself a word counts twice."""
    return words(text) + bigrams(text)
