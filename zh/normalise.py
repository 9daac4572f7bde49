"""Bring text from callers, recognisers and authors into one form before anything looks at it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

# Fillers of spoken Chinese that carry nothing; only at the edge of a clause, so that 那个人 or 这个月 stay whole;
# 额 may begin 额度, and of 这个这个月 one 这个 is meant.
_FILLERS = re.compile(r"(?:(?<=^)|(?<=[,。?!;]))(?:嗯+|呃+|额+(?![度头外定满])|啊+|哎+|唉+|那个(?=那个)|就是(?=就是)|这个(?=这个))[,、]?")
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff,。?!;:、])\s+|\s+(?=[\u3400-\u9fff,。?!;:、])")


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=32768)
def _simplified(char: str) -> str:
    # One character at a time: with whole phrases OpenCC rewrites simplified text as well (坏坏 becomes 坯坏).
    return str(_converter().convert(char)) if char > "\u2fff" else char


def normalise(text: str) -> str:
    """Return text in NFKC, simplified characters, half-width punctuation, without fillers, control marks and stray spaces.

    Never raises; the result is never longer than 18 times the input (NFKC spells out one Arabic ligature).
    """
    text = unicodedata.normalize("NFKC", text)
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    text = "".join(map(_simplified, text))
    text = _HAN_GAP.sub("", text)
    text = re.sub(r" {2,}", " ", text).strip(" ")
    return _FILLERS.sub("", text) or text  # a filler that is all he says (嗯) is an answer
