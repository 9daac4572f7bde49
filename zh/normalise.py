"""Bring text from callers, recognisers and authors into one form before anything looks at it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

# Fillers of spoken Chinese that carry nothing; only at the edge of a clause, so that 那个人 or 这个月 stay whole.
_FILLERS = re.compile(r"(?:(?<=^)|(?<=[,。?!;]))(?:嗯+|呃+|额+|啊+|哎+|唉+|那个那个|就是就是|这个这个)[,、]?")
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff,。?!;:、])\s+|\s+(?=[\u3400-\u9fff,。?!;:、])")


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def normalise(text: str) -> str:
    """Return text in NFKC, simplified characters, half-width punctuation, without fillers, control marks and stray spaces.

    Never raises; the result is never longer than three times the input (NFKC may expand a ligature).
    """
    text = unicodedata.normalize("NFKC", text)
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    text = _converter().convert(text)
    text = _HAN_GAP.sub("", text)
    text = _FILLERS.sub("", text)
    return re.sub(r" {2,}", " ", text).strip(" ")
