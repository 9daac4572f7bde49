"""Words of strangers made harmless for a terminal, and cut into lines by the columns they take."""

from __future__ import annotations

import re
import unicodedata

from prompt_toolkit.utils import get_cwidth

# Whole sequences first, so that their tail does not stay as text. One that does not end loses only its opening:
# otherwise a caller could hide the rest of what was said.
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]{0,300}(?:\x07|\x1b\\|\x9c)"
                       r"|\x1b[ -/]*[0-~]?")
_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn")  # controls, direction marks and other marks without a picture, broken halves, private use
_MARKS = 2  # marks upon one letter; more would grow over the lines above


def plain(text: object) -> str:
    """Return the text without escape sequences, controls, direction marks and piled-up accents; line breaks stay."""
    if not isinstance(text, str):
        return ""
    kept: list[str] = []
    marks = 0
    for char in _BREAK.sub("\n", _SEQUENCE.sub("", text)).replace("\t", " "):
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if char == "\n" or category not in _HIDDEN and marks <= _MARKS:
            kept.append(char)
    return "".join(kept).strip()


def one_line(text: object) -> str:
    """Return plain text on one line."""
    return " ".join(plain(text).split())


def cut(text: str, width: int) -> str:
    """Return the text in at most `width` columns, with … where something is left out."""
    if get_cwidth(text) <= width:
        return text
    return _head(text, max(width - 1, 0)) + "…"


def fold(text: str, width: int) -> list[str]:
    """Return the lines of a text in columns of a terminal, where a Chinese character takes two; at least one line."""
    lines: list[str] = []
    for line in text.split("\n"):
        while len(line) > 1 and get_cwidth(line) > width:
            head = _head(line, width) or line[0]
            lines.append(head)
            line = line[len(head):]
        lines.append(line)
    return lines


def _head(text: str, width: int) -> str:
    taken = 0
    for index, char in enumerate(text):
        taken += get_cwidth(char)
        if taken > width:
            return text[:index]
    return text
