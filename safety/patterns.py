"""The notation of the word tables: small enough to read aloud, compiled to bounded regular expressions.

    [甲|乙|]  one of these; an empty choice makes it optional, and so does a single one: [甲]
    <who>     a named class of words from `classes`
    ~         up to six characters of the same clause
    -         up to two of them
    %         up to fourteen characters, over the ends of clauses: 掉水里,一会儿就看不见人了
    ^[甲|乙]  not followed by one of these
    {甲|乙}   not preceded by one of these
    _         an optional 了 or 着
    $         the end of a clause
    #         one digit or numeral
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

CLAUSE_END = ",。?!;:、…"
MASK = "○"  # stands where a look-alike was; no gap reaches across it
_NUMERALS = "0123456789一二三四五六七八九十两几俩仨半百"
_CLASS = re.compile(r"<(\w+)>")
_TOKEN = re.compile(r"\^\[|\{[^}]*\}|.")
_SINGLE = re.compile(r"(?<!\^)\[([^\[\]|]*)\]")
# 天天, 常常, 年年, 月月, 公公, 宝宝 mean something else than the single character.
_HAN_RUN = re.compile(r"((?![天常年月公宝])[\u3400-\u9fff])\1+")
_MEANINGS = {
    "[": "(?:",
    "]": ")",
    "|": "|",
    "^[": "(?!",
    "_": "[了着]?",
    "~": f"[^{CLAUSE_END}{MASK}]{{0,6}}?",
    "-": f"[^{CLAUSE_END}{MASK}]{{0,2}}?",
    "%": f"[^{MASK}]{{0,14}}?",
    "$": f"(?=[{CLAUSE_END}]|$)",
    "#": f"[{_NUMERALS}]",
}
T = TypeVar("T")


class PatternError(ValueError):
    """A word table holds a pattern that cannot be read; the message names the pattern."""


def squeeze(text: str) -> str:
    """Return `text` with a Han character that is said several times in a row said once (着着火火了 → 着火了).

    Word tables go through the same step, so that 爸爸 and 爸 are one word on both sides.
    """
    return _HAN_RUN.sub(r"\1", text)


def expand(words: str, classes: Mapping[str, str]) -> Iterator[str]:
    """Yield the patterns of `words` (set apart by white space) with their classes written out.

    Raises PatternError for an unknown class.
    """
    for pattern in words.split():
        for name in _CLASS.findall(pattern):
            if name not in classes:
                raise PatternError(f"{pattern}: no class named {name}")
        pattern = _CLASS.sub(lambda match: "[" + "|".join(classes[match[1]].split()) + "]", pattern)
        yield squeeze(_SINGLE.sub(r"[\1|]", pattern))


def to_regex(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of one expanded pattern. Raises PatternError for unbalanced brackets."""
    parts = []
    for token in _TOKEN.findall(pattern):
        if token.startswith("{"):  # a look-behind needs one width, so each word has its own
            parts.append("".join(f"(?<!{re.escape(word)})" for word in token[1:-1].split("|")))
        else:
            parts.append(_MEANINGS.get(token, re.escape(token)))
    try:
        return re.compile("".join(parts))
    except re.error as error:
        raise PatternError(f"{pattern}: {error}") from error


def heads(pattern: str) -> set[str]:
    """Return the characters that a match of the expanded `pattern` may begin with."""
    if not pattern or pattern[0] in "~-%$":
        raise PatternError(f"{pattern}: a pattern begins with a word")
    if pattern[0] == "{":
        return heads(pattern[pattern.index("}") + 1 :])
    if pattern[0] == "_":
        return {"了", "着"} | heads(pattern[1:])
    if pattern[0] == "#":
        return set(_NUMERALS)
    if pattern[0] != "[":
        return {pattern[0]}
    depth, start, choices = 0, 1, []
    for at, char in enumerate(pattern):
        depth += (char == "[") - (char == "]")
        if (char == "|" and depth == 1) or depth == 0:
            choices.append(pattern[start:at])
            start = at + 1
        if depth == 0:
            return set().union(*(heads(choice + pattern[start:]) for choice in choices))
    raise PatternError(f"{pattern}: a bracket is not closed")


class Table(Generic[T]):
    """Words that stand for entries of type T, found in one pass: at each character only what begins with it is tried."""

    def __init__(self, entries: Iterable[tuple[T, Iterable[str]]]) -> None:
        self._by_head: dict[str, list[tuple[T, list[re.Pattern[str]]]]] = defaultdict(list)
        for entry, patterns in entries:
            by_head: dict[str, list[re.Pattern[str]]] = defaultdict(list)
            # The longest first, so that of two words at one place the fuller one is reported.
            for pattern in sorted(set(patterns), key=lambda text: (-len(text), text)):
                regex = to_regex(pattern)
                for head in heads(pattern):
                    by_head[head].append(regex)
            for head, regexes in by_head.items():
                self._by_head[head].append((entry, regexes))

    def find(self, text: str) -> Iterator[tuple[T, re.Match[str]]]:
        """Yield every entry with every place where one of its words begins, from the left; places may overlap."""
        for at, char in enumerate(text):
            for entry, regexes in self._by_head.get(char, ()):
                for regex in regexes:
                    match = regex.match(text, at)
                    if match:
                        yield entry, match
                        break
