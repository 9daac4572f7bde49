"""Chinese prose wants full-width punctuation; keyboards and tools often leave half-width marks in it."""

from __future__ import annotations

import re

_HAN = r"[\u3400-\u9fff\u3001\u3002\uff08\uff09\u300a\u300b\u3010\u3011\u201c\u201d]"
_WIDE = {",": "\uff0c", "?": "\uff1f", "!": "\uff01", ";": "\uff1b", ":": "\uff1a", "(": "\uff08", ")": "\uff09"}
# A mark belongs to the prose when Han stands directly before it and no space follows (a space means YAML or Latin text).
_MARK = re.compile(rf"(?<={_HAN})([,;:])(?=[\u3400-\u9fff\u300a\u201c0-9A-Za-z{{])|(?<=[0-9A-Za-z%}}])([,;])(?=[\u3400-\u9fff\u300a])")
_END = re.compile(rf"(?<={_HAN})([?!])")
_BRACKETS = re.compile(r"(?<![A-Za-z_\\(\[])\(([^()\n]*[\u3400-\u9fff][^()\n]*)\)")


def widen(text: str) -> str:
    """Return `text` with half-width punctuation that stands in Chinese prose made full-width; idempotent."""
    while True:  # a mark that was widened may show that its neighbour stands in prose too; each round widens one at least
        wider = _BRACKETS.sub(lambda m: f"{_WIDE['(']}{m.group(1)}{_WIDE[')']}", text)
        wider = _MARK.sub(lambda m: _WIDE[m.group(1) or m.group(2)], wider)
        wider = _END.sub(lambda m: _WIDE[m.group(1)], wider)
        if wider == text:
            return text
        text = wider
