"""CSV as a table."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from knowledge.importers.cells import clean, unguard
from knowledge.importers.encoding import encoding_of
from knowledge.importers.errors import FileRefused
from knowledge.importers.tables import Row, Table, row_of

_DELIMITERS = ",\t;"


@contextmanager
def read(path: Path) -> Iterator[Table]:
    """Yield the table; `at` and `total` are bytes. Raises FileRefused."""
    encoding = encoding_of(path)
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        first = text.readline()
        text.seek(0)
        # Strict: a quotation mark that never closes would otherwise swallow the rest of the file as one cell.
        lines = csv.reader(text, delimiter=max(_DELIMITERS, key=first.count), strict=True)
        records = _records(lines)
        header = tuple(clean(cell) for cell in next(records, []))
        yield Table(header, _rows(records, header, raw), path.stat().st_size)


def _records(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    number = 0
    try:
        for cells in lines:
            number += 1
            yield cells
    except csv.Error as error:
        large = "field larger" in str(error)
        reason = f"有一格超过 {csv.field_size_limit()} 个字，多半是引号没有闭合" if large else "引号没有闭合，或者引号后面还有字"
        raise FileRefused(f"第 {number + 1} 行：{reason}。请改好这一行再导入。")


def _rows(records: Iterator[list[str]], header: tuple[str, ...], raw: io.BufferedReader) -> Iterator[Row]:
    for number, cells in enumerate(records, 2):
        row = row_of(header, [unguard(clean(cell)) for cell in cells], number, raw.tell() if number % 64 == 0 else 0)
        if row:
            yield row
