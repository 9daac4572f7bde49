"""The notation of the word tables: small enough to read aloud, compiled to bounded regular expressions.

    [甲|乙|]  one of these; an empty choice makes it optional
    <who>     a named class of words from `classes`
    ~         up to four characters of the same clause
    ^[甲|乙]  not followed by one of these
    {甲|乙}   not preceded by one of these
    _         an optional 了 or 着
    $         the end of a clause
    #         one digit or numeral
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

CLAUSE_END = ",。?!;:、…"
_NUMERAL = "[0-9一二三四五六七八九十两几俩仨半百]"
_CLASS = re.compile(r"<(\w+)>")
_TOKEN = re.compile(r"\^\[|\{[^}]*\}|.")
# 天天, 常常, 年年, 月月 mean something else than the single character.
_HAN_RUN = re.compile(r"((?![天常年月])[\u3400-\u9fff])\1+")
_MEANINGS = {
    "[": "(?:",
    "]": ")",
    "|": "|",
    "^[": "(?!",
    "_": "[了着]?",
    "~": f"[^{CLAUSE_END}]{{0,4}}?",
    "$": f"(?=[{CLAUSE_END}]|$)",
    "#": _NUMERAL,
}


class PatternError(ValueError):
    """A word table holds a pattern that cannot be read; the message names the pattern."""


def squeeze(text: str) -> str:
    """Return `text` with a Han character that is said several times in a row said once (着着火火了 → 着火了).

    Word tables go through the same step, so that 爸爸 and 爸 are one word on both sides.
    """
    return _HAN_RUN.sub(r"\1", text)


def _body(pattern: str, classes: Mapping[str, str]) -> str:
    def expand(match: re.Match[str]) -> str:
        if match[1] not in classes:
            raise PatternError(f"{pattern}: no class named {match[1]}")
        return "[" + "|".join(classes[match[1]].split()) + "]"

    def parts(text: str) -> Iterable[str]:
        for token in _TOKEN.findall(text):
            if token.startswith("{"):  # a look-behind needs one width, so each word has its own
                yield "".join(f"(?<!{re.escape(word)})" for word in token[1:-1].split("|"))
            else:
                yield _MEANINGS.get(token, re.escape(token))

    return "".join(parts(squeeze(_CLASS.sub(expand, pattern))))


def compile_words(words: str | Iterable[str], classes: Mapping[str, str]) -> re.Pattern[str]:
    """Return one expression that matches any of the patterns (a string holds several, set apart by white space).

    Raises PatternError for an unknown class or unbalanced brackets.
    """
    patterns = words.split() if isinstance(words, str) else list(words)
    bodies = [_body(pattern, classes) for pattern in patterns]
    for pattern, body in zip(patterns, bodies, strict=True):
        try:
            re.compile(body)
        except re.error as error:
            raise PatternError(f"{pattern}: {error}") from error
    # The longest first, so that of two words at one place the fuller one is reported.
    return re.compile("|".join(sorted(bodies, key=len, reverse=True)) or r"(?!)")
