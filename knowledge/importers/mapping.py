"""A mapping from somebody else's table to the national layout: a YAML file, see docs/importing.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Mapping

from knowledge.errors import Fault
from knowledge.importers.cells import Cell, clean, listed
from knowledge.importers.errors import CellRefused, MappingFaulty, RowRefused
from knowledge.importers.fields import is_field
from knowledge.load import read_yaml
from knowledge.reader import LINE

SHIPPED = Path(__file__).resolve().parent / "mappings"
_KEYS = ("from", "const", "match", "strip", "values", "split", "join")
_BYTES = 2**20
_QUOTES = "数字和 yes、no、on、off 这样的词要加引号。"  # YAML reads them as numbers and truth values


@dataclass(frozen=True)
class Rule:
    """How one national field comes about: a constant, or a source field; then split, on each entry match, strip and values, then join."""

    field: str
    source: str | None = None
    const: str | None = None
    match: re.Pattern[str] | None = None
    strip: tuple[str, ...] = ()
    values: Mapping[str, str] | None = None
    split: str | None = None
    join: str | None = None

    def apply(self, cells: Mapping[str, Cell]) -> Cell | None:
        """Return the cell of the national field, None when the row has no such source field; raise RowRefused."""
        if self.const is not None:
            return self.const
        found = _reach(cells, self.source or "")
        if found is None:
            return None
        try:
            if self.split is not None and isinstance(found, str):
                found = [clean(part) for part in found.split(self.split)]
            if self.join is not None and isinstance(found, str):
                found = listed(found)
        except CellRefused as refused:
            raise RowRefused(f"{self.source}：{refused}")
        if not isinstance(found, list):
            return self._reworded(found)
        entries = [entry for entry in map(self._reworded, found) if entry]
        if self.join is None:
            return entries
        if not all(isinstance(entry, str) for entry in entries):
            raise RowRefused(f"{self.source} 里不全是文字，不能用 join 连起来")
        return self.join.join(map(str, entries))

    def _reworded(self, cell: Cell) -> Cell:
        if not isinstance(cell, str) or not cell:
            return cell
        if self.match:
            found = self.match.search(cell)
            cell = clean((found.group(1) if found.re.groups else found.group()) or "") if found else ""
        for prefix in self.strip:
            if cell.startswith(prefix):
                cell = clean(cell[len(prefix):])
        return self.values.get(cell, cell) if self.values is not None else cell


@dataclass(frozen=True)
class FieldMapping:
    """All rules of a mapping, by national field."""

    rules: tuple[Rule, ...]

    def apply(self, cells: Mapping[str, Cell]) -> dict[str, Cell]:
        """Return a row under national headers, with those fields only that the row supplies; raise RowRefused."""
        found = {rule.field: rule.apply(cells) for rule in self.rules}
        return {field: cell for field, cell in found.items() if cell is not None}

    @property
    def sources(self) -> tuple[str, ...]:
        """Return every source field once."""
        return tuple(dict.fromkeys(rule.source for rule in self.rules if rule.source))

    def missing(self, header: Iterable[str]) -> tuple[str, ...]:
        """Return the source fields that a header does not have."""
        cells = dict.fromkeys(header, "")
        return tuple(source for source in self.sources if _reach(cells, source) is None)

    def unused(self, header: Iterable[str]) -> tuple[str, ...]:
        """Return the columns of a header that no rule reads."""
        used = {*self.sources, *(source.split(".")[0] for source in self.sources)}
        return tuple(name for name in header if name not in used)


def load_mapping(path: Path | str) -> FieldMapping:
    """Read a mapping, or a shipped one by its name such as "guangdong"; raise MappingFaulty with every fault and its line."""
    path = _found(path)
    faults: list[Fault] = []
    raw = read_yaml(path, faults)
    if faults:
        raise MappingFaulty(f"{path.name} 第 {faults[0].line} 行不是有效的 YAML。")
    fields = raw.get("fields") if isinstance(raw, dict) else None
    unknown = [key for key in raw if key not in ("fields", LINE)] if isinstance(raw, dict) else []
    if unknown or not isinstance(fields, dict) or len(fields) < 2:  # one entry is the mark of the line
        raise MappingFaulty(f"{path.name}：最上面只能有 fields，下面每行写“国家字段：来源字段”。" + (f"不认识 {unknown[0]}。" if unknown else ""))
    told: list[str] = []
    rules = [_rule(str(field), value, path.name, told) for field, value in fields.items() if field != LINE]
    if told:
        raise MappingFaulty("\n".join(told))
    return FieldMapping(tuple(rules))


def _found(path: Path | str) -> Path:
    given = Path(path)
    shipped = SHIPPED / f"{path}.yml"
    if not given.is_file() and given.name == str(path) and shipped.is_file():
        given = shipped
    try:
        if not given.is_file():
            names = "、".join(sorted(file.stem for file in SHIPPED.glob("*.yml")))
            raise MappingFaulty(f"没有这个映射：{path}。自带的有：{names}。")
        if given.stat().st_size > _BYTES:
            raise MappingFaulty(f"{given.name} 超过 1 MB，不是映射。")
        given.read_bytes()
    except OSError as error:
        raise MappingFaulty(f"读不了 {path}：{error.strerror}")
    return given


def _rule(field: str, value: Any, file: str, told: list[str]) -> Rule:
    def fault(message: str) -> None:
        told.append(f"{file}{line}，{field}：{message}")

    line = f" 第 {value[LINE]} 行" if isinstance(value, dict) else ""
    if not is_field(field):
        fault("不是国家目录的字段，也不是本系统的字段。其余的可以写成“其他：名称”。")
    if isinstance(value, str):
        return Rule(field, source=value)
    if not isinstance(value, dict):
        fault(f"应当写来源字段的名字，或者 from、const 等。{_QUOTES}")
        return Rule(field)
    raw = {key: entry for key, entry in value.items() if key != LINE}
    for key in raw:
        if key not in _KEYS:
            fault(f"不认识 {key}，可以写：{'、'.join(_KEYS)}。")
    if ("from" in raw) == ("const" in raw):
        fault("from 和 const 要写一个，也只能写一个。")
    if "const" in raw and len(raw) > 1:
        fault("写了 const，就不能再写别的。")
    texts = {key: _text(raw[key]) for key in ("from", "const", "match", "split", "join") if key in raw}
    for key, text in texts.items():
        if text is None or (not text and key != "join"):
            fault(f"{key} 应当是文字。{_QUOTES}")
    strip = raw.get("strip", [])
    prefixes = strip if isinstance(strip, list) else [strip]
    if not all(isinstance(prefix, str) and prefix for prefix in prefixes):
        fault("strip 应当是文字，或者文字的列表。")
    values = raw.get("values")
    words = {_text(key): "" if word is None else _text(word) for key, word in values.items() if key != LINE} if isinstance(values, dict) else {}
    if ("values" in raw and not words) or None in words or None in words.values():
        fault("values 应当是“来源的值：国家的值”，值是文字；留空（~）表示没有。" + _QUOTES)
    pattern = None
    try:
        pattern = re.compile(texts.get("match") or "") if "match" in texts else None
    except re.error as error:
        fault(f"match 不是有效的正则表达式（{error}）。")
    return Rule(field, texts.get("from"), texts.get("const"), pattern, tuple(prefixes), words or None,  # type: ignore[arg-type]  # told above
                texts.get("split"), texts.get("join"))


def _text(value: Any) -> str | None:
    """YAML makes numbers of digits; a code such as 01 must stand in quotes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _reach(cells: Mapping[str, Cell], path: str) -> Cell | None:
    """Return what stands under a source field: its name as it is, else its parts between dots as steps into mappings."""
    if path in cells:
        return cells[path]
    found: Cell | None = dict(cells)
    for step in path.split("."):
        if found == "":
            return ""
        found = found.get(step) if isinstance(found, dict) else None
    return found
