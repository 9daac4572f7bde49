"""JSON (a list of objects) and JSON Lines (an object a line) as tables whose rows name their own cells."""

from __future__ import annotations

import io
import json
import re
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

from knowledge.importers.cells import plain
from knowledge.importers.encoding import encoding_of
from knowledge.importers.errors import CellRefused, FileRefused
from knowledge.importers.tables import Row, Table

_BLANK = re.compile(r"[ \t\r\n]*")


class _NoNumber:
    """NaN or infinity: `plain` refuses it, and with it the row."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Repeated(dict[str, Any]):
    """An object that names a key twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Repeated(found)


# Numbers stay the texts they were written as: a code of 31 digits is one, and a number of a million digits must not be computed.
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=_NoNumber)


@contextmanager
def read_list(path: Path) -> Iterator[Table]:
    """Yield the table of a JSON list; `at` and `total` are characters. Raises FileRefused."""
    text = path.read_text(encoding=encoding_of(path))
    yield Table(None, _elements(text), len(text))


@contextmanager
def read_lines(path: Path) -> Iterator[Table]:
    """Yield the table of JSON Lines; `at` and `total` are bytes. Raises FileRefused."""
    encoding = encoding_of(path)
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding=encoding, newline="\n") as lines:
        yield Table(None, _lines(lines, raw), path.stat().st_size)


def _elements(text: str) -> Iterator[Row]:
    """Decode one element after the other, so that only one is unpacked at a time."""
    place = _skip(text, 0)
    if text[place:place + 1] != "[":
        raise FileRefused("JSON 文件应当是一个列表：[{…}, {…}]。一行一个对象的文件请用后缀 .jsonl。")
    place = _skip(text, place + 1)
    number, mark = 0, text[place:place + 1]
    while mark != "]":
        number += 1
        try:
            element, place = _DECODER.raw_decode(text, place)
        except (json.JSONDecodeError, RecursionError) as error:
            raise FileRefused(f"JSON 第 {number} 项读不了：{_reason(error)}。")
        if number == 1 and not isinstance(element, dict):
            raise FileRefused("JSON 列表里应当是对象：[{…}, {…}]。")
        yield _row(number, element, place)
        place = _skip(text, place)
        mark = text[place:place + 1]
        if mark == ",":
            place = _skip(text, place + 1)
        elif mark != "]":
            raise FileRefused(f"JSON 第 {number} 项后面少了逗号或者右方括号，文件可能不完整。")
    if _skip(text, place + 1) != len(text):
        raise FileRefused("JSON 列表后面还有别的内容。")


def _lines(lines: io.TextIOWrapper, raw: io.BufferedReader) -> Iterator[Row]:
    first = True
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        element, reason = None, ""
        try:
            element = _DECODER.decode(line)
        except (json.JSONDecodeError, RecursionError) as error:
            reason = f"：{_reason(error)}"
        if first and not isinstance(element, dict):
            raise FileRefused(f"第 {number} 行不是一个 JSON 对象{reason}。JSON Lines 文件每行是一个对象：{{…}}。")
        first = False
        at = raw.tell() if number % 64 == 0 else 0
        yield Row(number, {}, f"不是一个 JSON 对象{reason}", at) if reason else _row(number, element, at)


def _row(number: int, element: Any, at: int) -> Row:
    if not isinstance(element, dict):
        return Row(number, {}, "不是一个 JSON 对象", at)
    if isinstance(element, _Repeated):
        return Row(number, {}, "有一个字段写了两次", at)
    cells = {}
    for key, value in element.items():
        try:
            cells[key.strip()] = plain(value)
        except CellRefused as refused:
            return Row(number, {}, f"{key[:30]}：{refused}", at)
    return Row(number, cells, at=at)


def _skip(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"第 {error.lineno} 行第 {error.colno} 个字起不合 JSON 的写法"
    return "嵌套太深"
