"""Documents of items as a file in the national layout; what is written here, the import reads back to the same documents."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from itertools import chain
from pathlib import Path
from typing import IO, Any, Callable, Iterable, Mapping, Sequence

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import IllegalCharacterError

from knowledge.importers.cells import Cell, flatten, guard
from knowledge.importers.errors import ExportFailed
from knowledge.importers.fields import CODE, FIELDS, KEPT, MATERIAL, MATERIAL_KEPT, MATERIALS, QUESTION, QUESTIONS, REGION, VARIANTS, VARYING
from knowledge.importers.national import write_row
from knowledge.importers.tables import CELL, COLUMNS, ROWS

FIRST_SHEET = "事项"
# The lists of an item as further sheets: one row an entry, the item's code first.
_SHEETS: dict[str, tuple[str, ...]] = {
    MATERIALS: (*(header for header, _, _ in MATERIAL), *MATERIAL_KEPT),
    QUESTIONS: tuple(header for header, _, _ in QUESTION),
    VARIANTS: (REGION, *(field.header for field in VARYING)),
}
Row = Mapping[str, Cell]


def export_items(documents: Iterable[Mapping[str, Any]], path: Path) -> int:
    """Write documents of items to a CSV, XLSX, JSON or JSON Lines file, by its suffix, and return how many.

    The file appears whole or not at all; one of the same name is replaced. Raises ExportFailed.
    """
    writers: dict[str, Callable[[Path, Sequence[str], Sequence[Row]], None]] = {
        ".csv": _write_csv, ".xlsx": _write_xlsx, ".json": _write_json, ".jsonl": _write_lines, ".ndjson": _write_lines}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise ExportFailed(f"不认识“{path.suffix or path.name}”这种文件，可以导出 {'、'.join(writers)}。")
    rows = [write_row(document) for document in documents]
    header = _header(rows)
    if len(header) > COLUMNS or len(rows) > ROWS:
        raise ExportFailed(f"有 {len(rows)} 行、{len(header)} 列，超过 {ROWS} 行或者 {COLUMNS} 列，再导入时读不回来。")
    try:
        _whole(path, lambda draft: write(draft, header, rows))
    except OSError as error:
        raise ExportFailed(f"写不了 {path}：{error.strerror}")
    except (IllegalCharacterError, UnicodeEncodeError):
        raise ExportFailed("有的事项里有不能写进文件的控制字符，请先改正。")
    return len(rows)


def _header(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return every field, and what else an item of these keeps, in the order of the layout."""
    fields = (CODE, *(field.header for field in FIELDS), VARIANTS)
    kept = {header for row in rows for header in row}.difference(fields)
    return (*fields, *(header for header in KEPT if header in kept), *sorted(kept.difference(KEPT)))


def _whole(path: Path, write: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory(prefix=".hotline-export-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        write(draft)
        os.replace(draft, path)


def write_csv(file: IO[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows of texts so that a spreadsheet runs none of them as a formula; `file` is open with newline=""."""
    csv.writer(file).writerows([guard(cell) for cell in row] for row in rows)


def _write_csv(path: Path, header: Sequence[str], rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        write_csv(file, chain([header], ([_fitting(row, name) for name in header] for row in rows)))


def _write_json(path: Path, header: Sequence[str], rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for place, row in enumerate(rows):
            file.write((",\n" if place else "[\n") + _object(header, row))
        file.write("\n]\n" if rows else "[]\n")


def _write_lines(path: Path, header: Sequence[str], rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_object(header, row) + "\n" for row in rows)


def _object(header: Sequence[str], row: Row) -> str:
    """A field that says nothing is null, so that an import clears it."""
    return json.dumps({name: row.get(name) or None for name in header}, ensure_ascii=False)


def _write_xlsx(path: Path, header: Sequence[str], rows: Sequence[Row]) -> None:
    book = openpyxl.Workbook(write_only=True)
    plain = tuple(name for name in header if name not in _SHEETS)
    _sheet(book, FIRST_SHEET, plain, ([_fitting(row, name) for name in plain] for row in rows))
    for name, columns in _SHEETS.items():
        entries = [(row[CODE], entry) for row in rows for entry in row.get(name) or () if isinstance(entry, dict)]
        _sheet(book, name, (CODE, *columns), ([str(code), *(_fitting(entry, column) for column in columns)] for code, entry in entries))
    book.save(path)


def _sheet(book: Any, title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "C2"
    sheet.append(list(header))
    for row in rows:
        sheet.append([_as_text(sheet, guard(cell)) if cell else None for cell in row])


def _as_text(sheet: Any, text: str) -> Any:
    """A text such as #N/A would become an error value."""
    if not text.startswith("#"):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def _fitting(row: Row, header: str) -> str:
    """Return a cell as text that fits into a spreadsheet and passes the import again."""
    text = flatten(row.get(header, ""))
    if len(text) > CELL:
        raise ExportFailed(f"{row.get(CODE, '')} 的“{header}”有 {len(text)} 个字，表格的一格放不下，请导出成 .jsonl。")
    return text
