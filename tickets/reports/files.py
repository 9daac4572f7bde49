"""Tables as CSV and XLSX files that a spreadsheet runs nothing of; a file appears whole or not at all."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from pathlib import Path
from typing import Any, Callable, Iterable, Sequence

from tickets.reports.table import Cell, Percent, shown

ROWS = 1_048_575  # of a sheet, below its header
_TEXT = 32_767   # characters of a cell
# What starts a formula, full-width too, where the language of the office programme writes it so.
_FORMULA = "=+-@＝＋－＠"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Table = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]  # title, headings, rows


class CannotWrite(Exception):
    """The file cannot be written; the message is for whoever asked, in Chinese."""


def defused(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe before it, control characters out, cut to what a cell holds."""
    clean = _NOT_XML.sub("", text).encode("utf-8", "replace").decode("utf-8")[:_TEXT - 1]
    return f"'{clean}" if clean[:1] in ("\t", "\r", "\n") or clean.lstrip()[:1] in tuple(_FORMULA) else clean


def write_table(path: Path, *tables: Table) -> int:
    """Write tables to a .csv (one below the other) or .xlsx file (a sheet each), row by row, and return how many rows there are.

    A file of the same name is replaced. Raises CannotWrite.
    """
    writers: dict[str, Callable[[Path, Sequence[Table]], int]] = {".csv": _write_csv, ".xlsx": _write_xlsx}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise CannotWrite(f"不认识“{path.suffix or path.name}”这种文件，可以写 {'、'.join(writers)}。")
    return whole(path, lambda draft: write(draft, tables))


def whole(path: Path, write: Callable[[Path], int]) -> int:
    """Let `write` make a file beside `path` and put it there once it is finished; readable by its owner alone. Raises CannotWrite."""
    try:
        with tempfile.TemporaryDirectory(prefix=".hotline-", dir=path.parent) as folder:
            draft = Path(folder) / path.name
            count = write(draft)
            draft.chmod(0o600)
            os.replace(draft, path)
    except OSError as error:
        raise CannotWrite(f"写不了 {path}：{error.strerror}") from None
    return count


def _write_csv(path: Path, tables: Sequence[Table]) -> int:
    """With the mark by which Excel knows UTF-8; every text quoted, for in some places a semicolon parts the cells."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        for place, (title, header, rows) in enumerate(tables):
            if place:
                writer.writerows([[], [defused(title)]])
            writer.writerow([defused(cell) for cell in header])
            for row in rows:
                writer.writerow([cell if isinstance(cell, (int, float)) else defused(shown(cell)) for cell in row])
                count += 1
    return count


def _write_xlsx(path: Path, tables: Sequence[Table]) -> int:
    import openpyxl  # takes longer to load than most commands to run

    book = openpyxl.Workbook(write_only=True)
    count = 0
    for title, header, rows in tables:
        sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "", title)[:31])
        sheet.freeze_panes = "A2"
        sheet.append([_cell(sheet, cell) for cell in header])
        for below, row in enumerate(rows):
            if below >= ROWS:
                raise CannotWrite(f"超过{ROWS}行，XLSX 放不下，请写成 .csv。")
            sheet.append([_cell(sheet, cell) for cell in row])
            count += 1
    book.save(path)
    return count


def _cell(sheet: Any, cell: Cell) -> Any:
    """Texts stay texts whatever they look like: #N/A would be an error, and = is defused already."""
    from openpyxl.cell import WriteOnlyCell

    if isinstance(cell, Percent):
        told = WriteOnlyCell(sheet, float(cell.value))
        told.number_format = "0.0%"
        return told
    if isinstance(cell, (int, float)):
        return cell
    words = defused(shown(cell))
    if not words.startswith("#"):
        return words
    text = WriteOnlyCell(sheet, words)
    text.data_type = "s"
    return text
