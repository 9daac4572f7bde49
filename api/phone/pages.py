"""A long reply in prompts that a listener can take in: short, and with no list longer than four."""

from __future__ import annotations

import re
from typing import Iterator

from api.phone.speakable import speakable

LIMIT = 120  # characters of a whole prompt, as it is spoken
LIST = 4
MORE = "还要继续听吗？"
_SENTENCE = re.compile(r"[^。！？；\n]*(?:[。！？；\n]+[”）]?|$)")
_CLAUSE = re.compile(r"[^，：]*(?:[，：]+|$)")
_OPEN, _CLOSE = "（《“(", "）》”)"
_ENTRY_ENDS = ("；", "\n")
_NEW = "\f"  # stands before what must begin a new prompt


def pages(text: str) -> tuple[str, ...]:
    """Return the text, as it is written, in pieces that are spoken in one prompt each; every one but the last ends with MORE."""
    text = text.strip()
    parts = list(_parts(text))
    if not any(part.startswith(_NEW) for part in parts) and len(speakable(text)) <= LIMIT:
        return (text,)
    found: list[str] = []
    room = LIMIT - len(MORE) - 1  # a full stop may be put between
    for part in parts:
        new, part = part.startswith(_NEW), part.removeprefix(_NEW)
        if found and not new and len(speakable(found[-1] + part)) <= room:
            found[-1] += part
        else:
            found += _pieces(part, room)
    found = [page for page in (page.strip() for page in found) if page]
    return tuple(_ended(page) + MORE for page in found[:-1]) + tuple(found[-1:])


def _parts(text: str) -> Iterator[str]:
    """Sentences; the fifth entry of a list begins anew."""
    entries = 0
    for sentence in filter(None, _SENTENCE.findall(text)):
        parts = list(_shortened(sentence))
        if entries == LIST:
            parts[0], entries = _NEW + parts[0].removeprefix(_NEW), 0
        entries = entries + 1 if sentence.rstrip("”）").endswith(_ENTRY_ENDS) else 0
        yield from parts


def _shortened(sentence: str) -> Iterator[str]:
    """The sentence, and from the fifth of the names that it lists on what is left of them."""
    said = ""
    for clause in filter(None, _CLAUSE.findall(sentence)):
        names = _names(clause)
        while len(names) > LIST:
            yield said + "、".join(names[:LIST]) + "。"
            said, names = _NEW + "还有", names[LIST:]
        said += "、".join(names)
    yield said


def _names(clause: str) -> list[str]:
    """Split at 、 outside of brackets."""
    names, depth = [""], 0
    for char in clause:
        depth += (char in _OPEN) - (char in _CLOSE)
        if char == "、" and depth <= 0:
            names.append("")
        else:
            names[-1] += char
    return names


def _pieces(part: str, room: int) -> list[str]:
    """Cut what is too long for one prompt at its commas, and where there is none between two characters."""
    pieces = [""]
    for clause in filter(None, re.findall(r"[^，、]*(?:[，、]|$)", part)):
        while len(speakable(pieces[-1] + clause)) > room:
            if pieces[-1]:
                pieces.append("")
                continue
            cut = _cut(clause, room)
            pieces[-1], clause = clause[:cut], clause[cut:]
            pieces.append("")
        pieces[-1] += clause
    return [piece for piece in pieces if piece]


def _cut(clause: str, room: int) -> int:
    cut = room
    while len(speakable(clause[:cut])) > room:
        cut -= 1
    whole = cut
    while whole > 1 and clause[whole - 1].isdecimal() and clause[whole : whole + 1].isdecimal():
        whole -= 1
    return whole if whole > 1 else cut


def _ended(page: str) -> str:
    page = page.rstrip("，、：；\n")
    return page if page.endswith(("。", "！", "？", "”", "）")) else page + "。"
