"""What was said, as texts of the platform: cards as short lists, choices as numbers, long texts in several pieces."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any, Mapping, Sequence

from api.conversations import Message

LIMIT = 2048  # bytes of one text message, UTF-8
_SENTENCE = re.compile(r"[^\n。！？；]*[\n。！？；]?")
_LINES = 12   # of one list in a card
_CHOICE = re.compile(r"\d{1,2}", re.ASCII)


def pieces_of(message: Message, limit: int = LIMIT) -> list[str]:
    """Return the texts of one message, each at most `limit` bytes."""
    parts = [message["text"], card_text(message.get("card")), options_text(message.get("options") or ())]
    return split("\n\n".join(part for part in parts if part), limit)


def card_text(card: Mapping[str, Any] | None) -> str:
    """Return a card as text: its title, its lists numbered, the steps of a life event in their order."""
    if not isinstance(card, Mapping):
        return ""
    blocks = [f"【{card.get('name') or card.get('number') or ''}】"] if card.get("name") or card.get("number") else []
    for row in _listed(card.get("rows")):
        lines = [line for line in row.get("lines") or () if isinstance(line, str)]
        if lines:
            blocks.append("\n".join([f"{row.get('title') or ''}：", *_numbered(lines)]))
    steps = [str(step["title"]) for step in _listed(card.get("steps")) if step.get("title")]
    return "\n".join([*blocks, *_numbered(steps)])


def options_text(options: Sequence[str]) -> str:
    """Return choices as numbered lines, nothing for none."""
    return "\n".join([*(f"{number}. {option}" for number, option in enumerate(options, 1)), "（回复数字选择）"]) if options else ""


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Return a text in pieces of at most `limit` bytes, cut at the ends of sentences where that can be done."""
    pieces, piece = [], ""
    for sentence in filter(None, _SENTENCE.findall(text)):
        for part in _cut(sentence, limit):
            if len((piece + part).encode()) > limit:
                pieces.append(piece)
                piece = ""
            piece += part
    return [kept for kept in (piece.strip() for piece in [*pieces, piece]) if kept]


def options_after(messages: Sequence[Message], before: str) -> str:
    """Return, as JSON, the choices that stand open after messages: those of the last answer; `before` where there was none."""
    said = [message for message in messages if message["author"] in ("bot", "operator") or message.get("options")]
    return json.dumps(said[-1].get("options") or [], ensure_ascii=False) if said else before


def chosen(text: str, options: str) -> str:
    """Return the choice that a number picks, the text itself where it is no number of one."""
    number = unicodedata.normalize("NFKC", text).strip().rstrip(".。、")
    offered: list[str] = json.loads(options or "[]")
    return offered[int(number) - 1] if _CHOICE.fullmatch(number) and 1 <= int(number) <= len(offered) else text


def _cut(sentence: str, limit: int) -> list[str]:
    """Cut one overlong sentence between characters."""
    parts: list[str] = []
    part: list[str] = []
    size = 0
    for char in sentence:
        width = len(char.encode("utf-8", "replace"))
        if size + width > limit:
            parts.append("".join(part))
            part, size = [], 0
        part.append(char)
        size += width
    return [*parts, "".join(part)]


def _numbered(lines: Sequence[str]) -> list[str]:
    shown = [f"{number}. {line}" for number, line in enumerate(lines[:_LINES], 1)]
    return [*shown, f"……共{len(lines)}项"] if len(lines) > _LINES else shown


def _listed(value: object) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
