"""A file as rows of named cells, whatever it is: the suffix says the kind, the content must fit it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Protocol

from knowledge.importers.cells import Cell, control_character, texts_in
from knowledge.importers.errors import FileRefused

FILE_BYTES = 100 * 2**20
ROWS = 1_000_000
COLUMNS = 500
CELL = 20_000  # characters; a spreadsheet holds 32,767


@dataclass(frozen=True)
class Row:
    """One row: `number` as a spreadsheet counts, `fault` why it cannot be taken, `at` how far into the file (see Table.total)."""

    number: int
    cells: Mapping[str, Cell]
    fault: str = ""
    at: int = 0


@dataclass(frozen=True)
class Table:
    """`header` is None where every row names its own cells; `total` is the size that `Row.at` grows to, 0 when unknown."""

    header: tuple[str, ...] | None
    rows: Iterator[Row]
    total: int


class _Opener(Protocol):
    def __call__(self, path: Path) -> Any: ...


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Yield the table in a CSV, XLSX, JSON or JSON Lines file; its rows are drawn once, while the file is open.

    Raises FileRefused here or while rows are drawn: for what is no table, empty, too large, hostile or broken as a whole.
    """
    opener = _opener(path)
    try:
        if not path.is_file():
            raise FileRefused(f"没有这个文件：{path}")
        size = path.stat().st_size
        if size == 0:
            raise FileRefused(f"{path.name} 是空文件。")
        if size > FILE_BYTES:
            raise FileRefused(f"{path.name} 有 {size / 2**20:.0f} MB，超过 {FILE_BYTES // 2**20} MB。请拆成几个文件分开导入。")
        with opener(path) as table:
            yield replace(table, header=None if table.header is None else checked_header(table.header), rows=_checked(table.rows, path))
    except OSError as error:
        raise FileRefused(f"读不了 {path}：{error.strerror}")


def checked_header(header: tuple[str, ...]) -> tuple[str, ...]:
    """Return the header; raise FileRefused when it is too wide, empty or names a column twice."""
    named = [name for name in header if name]
    if not named:
        raise FileRefused("第一行应当是表头，现在是空的。")
    if len(header) > COLUMNS:
        raise FileRefused(f"有 {len(header)} 列，超过 {COLUMNS} 列。")
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice:
        raise FileRefused(f"表头里“{twice[:30]}”写了两次，请去掉一列。")
    return header


def row_of(header: tuple[str, ...], cells: list[str], number: int, at: int) -> Row | None:
    """Return the row that cells make under a header, None when all are empty."""
    if not any(cells):
        return None
    if len(cells) != len(header):
        return Row(number, {}, f"有 {len(cells)} 格，表头有 {len(header)} 格", at)
    if cells == list(header):
        return Row(number, {}, "又是一行表头", at)
    return Row(number, {name: cell for name, cell in zip(header, cells) if name}, at=at)


def _opener(path: Path) -> Callable[[Path], Any]:
    from knowledge.importers import csv_table, json_table, xlsx_table
    kinds: dict[str, _Opener] = {".csv": csv_table.read, ".xlsx": xlsx_table.read, ".xlsm": xlsx_table.read, ".json": json_table.read_list,
                                 ".jsonl": json_table.read_lines, ".ndjson": json_table.read_lines}
    suffix = path.suffix.lower()
    if suffix == ".xls":
        raise FileRefused("旧的 .xls 读不了，请在表格软件里另存为 .xlsx。")
    if suffix not in kinds:
        raise FileRefused(f"不认识“{suffix or path.name}”这种文件，可以导入 {'、'.join(kinds)}。")
    return kinds[suffix]


def _checked(rows: Iterator[Row], path: Path) -> Iterator[Row]:
    count = 0
    for row in rows:
        count += 1
        if count > ROWS:
            raise FileRefused(f"{path.name} 超过 {ROWS} 行。请拆成几个文件分开导入。")
        yield row if row.fault else replace(row, fault=fault) if (fault := _fault(row.cells)) else row
    if not count:
        raise FileRefused(f"{path.name} 里没有数据，只有表头或者空行。")


def _fault(cells: Mapping[str, Cell]) -> str:
    """Say why a row cannot be taken as it stands in the file, "" when it can."""
    if len(cells) > COLUMNS:
        return f"有 {len(cells)} 个字段，超过 {COLUMNS} 个"
    for name, cell in cells.items():
        for text in (name, *texts_in(cell)):
            if len(text) > CELL:
                return f"{name[:30]}有 {len(text)} 个字，超过 {CELL} 个"
            if not text.isprintable() and (found := control_character(text)):
                return f"{_printable(name)}里有不能用的控制字符 {found}"
    return ""


def _printable(name: str) -> str:
    return "".join(character for character in name[:30] if character.isprintable())
