"""What a cell holds, and how each kind of value is written in one: a codec reads a cell and writes it back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Union

from knowledge.importers.errors import CellRefused

# A cell of a table is text; JSON has lists and mappings as well. Numbers and truth values have become text: 3, 是, 否.
Cell = Union[str, list[Any], dict[str, Any]]
DEPTH = 6  # variants hold materials, which are lists of mappings: nothing lies deeper
# Control characters but tab and line ends, lone surrogates, marks that turn the direction of writing, and what XML cannot hold.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_NUMBER = re.compile(r"(\d{1,9})(?:\.0+)?\s*[次份个]?", re.ASCII)
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.|年(\d{1,2})月|(\d\d))(\d{1,2})日?(?: 00:00:00)?", re.ASCII)
# What a spreadsheet may run as a formula; in Chinese settings the full-width signs too.
_RUNS = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")


@dataclass(frozen=True)
class Codec:
    """`read` takes a cell that is not empty and raises CellRefused; `write` gives what `read` takes."""

    read: Callable[[Cell], Any]
    write: Callable[[Any], Cell]


def control_character(text: str) -> str | None:
    """Return the first character that no text may hold as U+…, or None."""
    found = _CONTROL.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def clean(text: str) -> str:
    """Return text with one kind of line end and nothing blank around it."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def plain(value: Any, depth: int = 0) -> Cell:
    """Return a value of JSON as a cell; raise CellRefused when it is nested too deep or no value."""
    if isinstance(value, str):
        return clean(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if depth == DEPTH:
        raise CellRefused("嵌套太深")
    if isinstance(value, list):
        return [plain(entry, depth + 1) for entry in value]
    if isinstance(value, dict):
        return {str(key).strip(): plain(entry, depth + 1) for key, entry in value.items()}
    raise CellRefused("里面有不是数的数（NaN 或者无穷大）")


def texts_in(cell: Cell) -> list[str]:
    """Return every text of a cell, keys of mappings included."""
    if isinstance(cell, str):
        return [cell]
    if isinstance(cell, list):
        return [text for entry in cell for text in texts_in(entry)]
    return [text for key, entry in cell.items() for text in (key, *texts_in(entry))]


def listed(cell: Cell) -> list[Cell]:
    """Return the entries of a cell: a list as it is, a text that is a JSON list, or one entry a line."""
    if isinstance(cell, dict):
        raise CellRefused("应当是一个列表")
    if isinstance(cell, str):
        found = _json_list(cell)
        cell = [clean(line) for line in cell.split("\n")] if found is None else found
    return [entry for entry in cell if entry]


def flatten(cell: Cell) -> str:
    """Return a cell as the one text that `listed` takes apart again."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, list) and all(isinstance(entry, str) for entry in cell):
        text = "\n".join(cell)
        if listed(text) == cell:
            return text
    return json.dumps(cell, ensure_ascii=False)


def guard(text: str) -> str:
    """Return text that no spreadsheet runs as a formula: an apostrophe comes first where it must."""
    return "'" + text if _RUNS.match(text) else text


def unguard(text: str) -> str:
    """Undo `guard`."""
    return text[1:] if text.startswith("'") and _RUNS.match(text) else text


def _json_list(text: str) -> list[Cell] | None:
    if not text.startswith("["):
        return None
    try:
        found = plain(json.loads(text, parse_int=str, parse_float=str))
    except RecursionError:
        raise CellRefused("嵌套太深")
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, list) else None


def _text(cell: Cell) -> str:
    if not isinstance(cell, str):
        raise CellRefused("应当是一段文字")
    return cell


def _texts(cell: Cell) -> list[str]:
    return [_text(entry) for entry in listed(cell)]


def _number(cell: Cell) -> int:
    found = _NUMBER.fullmatch(_text(cell))
    if not found:
        raise CellRefused(f"“{shown(cell)}”不是整数")
    return int(found.group(1))


def _day(cell: Cell) -> str:
    found = _DAY.fullmatch(_text(cell))
    try:
        if found:
            year, *months, day = found.groups()
            return date(int(year), int(next(filter(None, months))), int(day)).isoformat()
    except ValueError:
        pass
    raise CellRefused(f"“{shown(cell)}”不是日期，要写成 2026-11-01 的样子")


def choice(words: Mapping[str, Any]) -> Codec:
    """Return the codec of a fixed set of words; the first word of a value is the one written."""
    written: dict[Any, str] = {}
    for word, value in words.items():
        written.setdefault(value, word)

    def read(cell: Cell) -> Any:
        if not isinstance(cell, str) or cell not in words:
            raise CellRefused(f"“{shown(cell)}”不认识，可以是：{'、'.join(written.values())}")
        return words[cell]

    return Codec(read, lambda value: written.get(value, str(value)))


def choices(words: Mapping[str, str]) -> Codec:
    """Return the codec of several words of a fixed set, in one text with marks between them or in a list."""
    one = choice(words)

    def read(cell: Cell) -> list[str]:
        entries = re.split(r"[、，,；;|/\n]", cell) if isinstance(cell, str) else listed(cell)
        return list(dict.fromkeys(one.read(clean(entry) if isinstance(entry, str) else entry) for entry in entries if entry))

    return Codec(read, lambda values: "、".join(str(one.write(value)) for value in values))


def parts(columns: Sequence[tuple[str, str, Codec]], extra: Sequence[str] = ()) -> Codec:
    """Return the codec of a list of mappings with `columns` (header, key, codec); the first is required and may stand alone.

    What stands under the headers of `extra` is kept as text under the key "national".
    """
    by_header = {header: (key, codec) for header, key, codec in columns}
    first = columns[0]

    def read_one(cell: Cell) -> dict[str, Any]:
        if not isinstance(cell, dict):
            return {first[1]: _text(cell)}
        found: dict[str, Any] = {}
        for header, value in cell.items():
            if value and header in by_header:
                key, codec = by_header[header]
                found[key] = _within(header, codec, value)
            elif value and header in extra:
                found.setdefault("national", {})[header] = _text(value)
            elif value:
                raise CellRefused(f"不认识“{shown(header)}”，可以写：{'、'.join(by_header)}")
        if first[1] not in found:
            raise CellRefused(f"有一项没有写{first[0]}")
        return found

    def write_one(entry: Mapping[str, Any]) -> dict[str, Any]:
        told = {header: codec.write(entry[key]) for header, key, codec in columns if key in entry}
        return told | dict(entry.get("national", {}))

    return Codec(lambda cell: [read_one(entry) for entry in listed(cell)], lambda entries: [write_one(entry) for entry in entries])


def _within(header: str, codec: Codec, cell: Cell) -> Any:
    try:
        return codec.read(cell)
    except CellRefused as refused:
        raise CellRefused(f"{header}：{refused}")


def shown(cell: Cell) -> str:
    """Return the beginning of a cell, for a message."""
    text = flatten(cell)
    return text if len(text) <= 20 else text[:20] + "…"


TEXT = Codec(_text, str)
TEXTS = Codec(_texts, list)
NUMBER = Codec(_number, str)
DAY = Codec(_day, str)
YES_NO = choice({"是": True, "否": False, "1": True, "0": False})
