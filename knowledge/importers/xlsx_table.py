"""XLSX as a table: the first sheet holds the items, further sheets of our own export hold their lists."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from itertools import chain
from pathlib import Path
from typing import Any, Iterator, Mapping
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException

from knowledge.importers.cells import Cell, clean, unguard
from knowledge.importers.errors import CellRefused, FileRefused
from knowledge.importers.fields import CODE, MATERIALS, QUESTIONS, VARIANTS
from knowledge.importers.tables import COLUMNS, ROWS, Row, Table, checked_header, row_of

UNPACKED_BYTES = 500 * 2**20
RATIO = 200  # a sheet of nothing but repeated rows packs 50 : 1; a bomb packs 1,000 : 1
MEMBERS = 10_000
SHEETS = (MATERIALS, QUESTIONS, VARIANTS)  # each with the item's code in a column 标识
_LAST_ROW = 2**20
_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number and makes the rest zero


@contextmanager
def read(path: Path) -> Iterator[Table]:
    """Yield the table; `at` and `total` are rows. Formulas are refused by their cell, macros are never looked at. Raises FileRefused."""
    if not openpyxl.DEFUSEDXML:
        raise FileRefused("没有安装 defusedxml，不能安全地读 XLSX。")
    _check_package(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that are of no use here
        with closing(_book(path)) as book:
            sheets = book.worksheets
            if not sheets:
                raise FileRefused(f"{path.name} 里没有工作表。")
            total = min(sheets[0].max_row or 0, ROWS)
            lines = _lines(path, sheets[0])
            header = checked_header(_header(lines))
            further = {sheet.title: _grouped(path, sheet) for sheet in sheets[1:] if sheet.title in SHEETS} if CODE in header else {}
            yield Table(header, _rows(lines, header, further), total)


def _book(path: Path) -> Any:
    with _clear_errors(path):
        return openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)


def _check_package(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        raise FileRefused(f"{path.name} 不是 XLSX 文件，或者加了密码，或者已经损坏。")
    with _clear_errors(path), zipfile.ZipFile(path) as package:
        members = package.infolist()
    if len(members) > MEMBERS or sum(member.file_size for member in members) > UNPACKED_BYTES:
        raise FileRefused(f"{path.name} 解开以后超过 {UNPACKED_BYTES // 2**20} MB，不能导入。")
    for member in members:
        if member.file_size > 2**20 and member.file_size > RATIO * max(member.compress_size, 1):
            raise FileRefused(f"{path.name} 的压缩比不正常，像是压缩炸弹，不能导入。")


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    try:
        yield
    # What openpyxl raises for a broken workbook is whatever its parts stumble on; errors of ours are none of these.
    except (ParseError, zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, IndexError, TypeError, ValueError, AttributeError,
            NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        if isinstance(error, DefusedXmlException) or isinstance(error.__cause__, DefusedXmlException):
            raise FileRefused(f"{path.name} 里有 XML 实体定义，可能是恶意文件，不能导入。")
        raise FileRefused(f"{path.name} 的 XLSX 结构有误，请在表格软件里重新另存一份（{type(error).__name__}）。")


def _lines(path: Path, sheet: Any) -> Iterator[tuple[int, list[str], str]]:
    """Yield number, texts and fault of each row. Trailing empty cells are cut off."""
    sheet.reset_dimensions()  # they are only claimed, and may be absurd
    with _clear_errors(path):
        for number, line in enumerate(sheet.iter_rows(), 1):
            if number > _LAST_ROW:
                raise FileRefused(f"工作表“{sheet.title}”的行号超过 {_LAST_ROW}，不是正常的表格。")
            cells = list(line)
            while cells and cells[-1].value is None:  # formatted, and empty
                cells.pop()
            if len(cells) > COLUMNS:
                raise FileRefused(f"工作表“{sheet.title}”第 {number} 行有 {len(cells)} 列，超过 {COLUMNS} 列。")
            if any(cell.data_type == "f" for cell in cells):
                place = next(cell.coordinate for cell in cells if cell.data_type == "f")
                raise FileRefused(f"工作表“{sheet.title}”的 {place} 格是公式。请复制后“只粘贴值”，再导入。")
            texts, fault = [], ""
            for cell in cells:
                try:
                    texts.append(_text(cell))
                except CellRefused as refused:
                    texts.append("")
                    fault = fault or f"{cell.coordinate} 格{refused}"
            while texts and not texts[-1]:
                texts.pop()
            yield number, texts, fault


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        raise CellRefused(f"是错误值 {value}")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, float)):
        if abs(value) >= _EXACT:
            raise CellRefused("的数字太长，后面的位数已经丢了，请把这一列设成文本再填")
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return unguard(clean(str(value)))


def _header(lines: Iterator[tuple[int, list[str], str]]) -> tuple[str, ...]:
    _, texts, fault = next(lines, (1, [], ""))
    if fault:
        raise FileRefused(f"表头有误：{fault}。")
    return tuple(texts)


def _rows(lines: Iterator[tuple[int, list[str], str]], header: tuple[str, ...], further: Mapping[str, dict[str, list[Cell]]]) -> Iterator[Row]:
    told: set[str] = set()
    last = 1
    for number, texts, fault in lines:
        last = number
        row = row_of(header, texts + [""] * (len(header) - len(texts)), number, number)
        if row and (fault or row.fault):
            yield Row(number, row.cells, row.fault or fault, number)
        elif row:
            code = str(row.cells.get(CODE, ""))
            told.add(code)
            yield Row(number, {**row.cells, **{sheet: lists.get(code, "") for sheet, lists in further.items()}}, at=number)
    for sheet, lists in further.items():
        for code in chain(lists.keys() - told):
            yield Row(last, {CODE: code}, f"工作表“{sheet}”里的标识“{code}”在第一张工作表里没有")


def _grouped(path: Path, sheet: Any) -> dict[str, list[Cell]]:
    """Return the rows of a further sheet by the item's code."""
    lines = _lines(path, sheet)
    header = checked_header(_header(lines))
    if CODE not in header:
        raise FileRefused(f"工作表“{sheet.title}”没有“{CODE}”这一列。")
    found: dict[str, list[Cell]] = {}
    for number, texts, fault in lines:
        row = row_of(header, texts + [""] * (len(header) - len(texts)), number, number)
        fault = fault or (row.fault if row else "")
        if fault:
            raise FileRefused(f"工作表“{sheet.title}”第 {number} 行{fault}。")
        if row:
            entry = {name: cell for name, cell in row.cells.items() if cell and name != CODE}
            found.setdefault(str(row.cells[CODE]), []).append(entry)
    return found
