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


class _Plain(dict[int, str]):
    """What stands for a character: nothing for a control mark, a space for every kind of gap, else the simplified form."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char.isspace():
            plain = " "
        elif unicodedata.category(char)[0] == "C":
            plain = ""
        else:  # one character at a time: with whole phrases OpenCC rewrites simplified text as well (坏坏 becomes 坯坏)
            plain = str(_converter().convert(char)) if char > "\u2fff" else char
        if len(self) < _REMEMBERED:
            self[code] = plain
        return plain


_REMEMBERED = 32_768
_PLAIN = _Plain()


def normalise(text: str) -> str:
    """Return text in NFKC, simplified characters, half-width punctuation, without fillers, control marks and stray spaces.

    Never raises; the result is never longer than 18 times the input (NFKC spells out one Arabic ligature).
    """
    text = unicodedata.normalize("NFKC", text)
    text = text.translate(_PLAIN)
    text = _HAN_GAP.sub("", text)
    text = re.sub(r" {2,}", " ", text).strip(" ")
    return _FILLERS.sub("", text) or text  # a filler that is all he says (嗯) is an answer
