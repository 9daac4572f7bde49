"""A row of the national layout as what it says of an item, that merged into a document, and a document as a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.document import UNITS, Document
from knowledge.importers.cells import Cell, Codec, flatten, listed, shown, texts_in
from knowledge.importers.errors import CellRefused, RowRefused
from knowledge.importers.fields import (
    BY_HEADER,
    CODE,
    CODES,
    FIELDS,
    KEPT,
    LIMITS,
    MATERIAL_KEPT,
    MATERIALS,
    OTHER,
    QUESTIONS,
    REGION,
    SAME,
    TOPICS,
    VARIANTS,
    VARYING,
    WHOLES,
    Field,
    Path,
)

_CODE = re.compile(r"[0-9a-z][0-9a-z._-]{0,79}", re.ASCII)
_SPACE = re.compile(r"\s+")
_REGION = re.compile(r"\d{6}", re.ASCII)
_LIMIT = re.compile(rf"(\d+)\s*[(（]?\s*({'|'.join(UNITS)})\s*[)）]?", re.ASCII)
_AT_ONCE = frozenset(("即办", "即时办结", "当场办结", "当场办理", "立等可取"))
# What nobody can write down from hearing.
_ADDRESS = re.compile(r"https?://|www\.|[a-z0-9-]+\.(?:com|cn|net|org|gov)\b", re.IGNORECASE)
_REQUIRED = {("name",): "事项名称", ("kind",): "事项类型", ("department",): "实施主体"}
_FILLED = {("topic",), ("subject",), ("as_of",)}  # an empty cell leaves them: every item has them, and a day filled in once must stay
SUBJECT = ["个人", "企业"]  # where a list does not say for whom


@dataclass(frozen=True)
class Told:
    """What one row says: a value for each place, None to clear it; texts to keep, "" to clear; what the editor should know."""

    code: str
    name: str
    values: Mapping[Path, Any]
    kept: Mapping[str, str]
    notes: tuple[str, ...]


def code_of(cells: Mapping[str, Cell]) -> str:
    """Return the code of a row: lower case, without spaces; raise RowRefused."""
    for header in (CODE, *CODES):
        cell = cells.get(header)
        if cell and isinstance(cell, str):
            code = _SPACE.sub("", cell).lower()
            if not _CODE.fullmatch(code):
                raise RowRefused(f"{header}“{shown(cell)}”只能有字母、数字和 - . _，最多 80 个")
            return code
    raise RowRefused(f"没有编码：{'、'.join((CODE, *CODES))}都是空的")


def read_row(cells: Mapping[str, Cell]) -> Told:
    """Return what a row of national headers says; headers that are no field are passed over. Raises RowRefused with the reason."""
    code = code_of(cells)
    values: dict[Path, Any] = {}
    kept: dict[str, str] = {}
    notes: list[str] = []
    for header, cell in _split_limits(cells).items():
        field = BY_HEADER.get(SAME.get(header, header))
        if field:
            values[field.path], kept[field.header] = _told(field, cell, notes)
            if field.header == MATERIALS:
                kept.update(_material_texts(values[field.path] or ()))
        elif header == VARIANTS:
            values[("variants",)] = _read(header, VARIANTS_CODEC, cell) if cell else None
        elif header in KEPT:
            kept[header] = flatten(cell)
        elif header.startswith(OTHER):
            kept[header[len(OTHER):]] = flatten(cell)
    name = values.get(("name",))
    return Told(code, name or "", values, kept, tuple(notes))


def merge(told: Told, before: Document | None, today: str) -> Document:
    """Return the document that a row makes of `before`, None for a new item; raise RowRefused when something needed is missing."""
    document: Document = dict(before or {}) | {"code": told.code}
    national = dict(document.get("national", {}))
    if ("materials",) in told.values:
        national = {key: text for key, text in national.items() if not _of_material(key)}
    national.update(told.kept)
    for path, value in told.values.items():
        if value is not None or path not in _FILLED:
            _put(document, path, value)
    for whole, needed in WHOLES.items():
        if _at(document, whole) and _at(document, needed) is None:
            for header, field in BY_HEADER.items():
                if field.path[:-1] == whole and told.values.get(field.path) is not None:
                    national[header] = flatten(field.codec.write(told.values[field.path]))
            _put(document, whole, None)
    for kind, header in zip(("legal", "promised"), LIMITS):
        limit = _at(document, ("limit", kind))
        if limit and "unit" not in limit:
            raise RowRefused(f"{header}没有写单位，可以是：{'、'.join(UNITS)}")
    for path, header in _REQUIRED.items():
        if not _at(document, path):
            raise RowRefused(f"没有{header}")
    document["national"] = national = {key: text for key, text in national.items() if text}
    topic = next((national[header] for header in TOPICS if header in national), document["department"])
    return {"topic": topic, "subject": SUBJECT, "as_of": today} | {key: value for key, value in document.items() if value not in ([], {})}


def write_row(document: Mapping[str, Any]) -> dict[str, Cell]:
    """Return a document as a row: every field, "" where it says nothing, and what is kept of it."""
    national = dict(document.get("national", {}))
    row: dict[str, Cell] = {CODE: document["code"]}
    for field in FIELDS:
        value = _at(document, field.path)
        if field.header == MATERIALS and value:
            value = [entry | {"national": _taken(national, entry["name"])} for entry in value]
        words = national.pop(field.header, None)
        if words is not None and (value is None or _means(field, words, value)):
            row[field.header] = words
        else:
            row[field.header] = "" if value is None else field.codec.write(value)
    row[VARIANTS] = VARIANTS_CODEC.write(document["variants"]) if document.get("variants") else ""
    used = {_key(field, entry["name"]) for entry in document.get("materials", ()) for field in MATERIAL_KEPT}
    for key, text in national.items():
        if key not in used:
            row[key if key in KEPT else OTHER + key] = text
    return row


def _told(field: Field, cell: Cell, notes: list[str]) -> tuple[Any, str]:
    """Return the value of a cell and the words to keep beside it."""
    if not cell:
        return None, ""
    value = _read(field.header, field.codec, cell)
    if any(_ADDRESS.search(text) for text in texts_in(cell)):
        if field.path in _REQUIRED or field.header in (MATERIALS, QUESTIONS):
            raise RowRefused(f"{field.header}里有网址，电话里没法念")
        notes.append(f"{field.header}里有网址，只保存，不念给来电人")
        return None, flatten(cell)
    return value, flatten(cell) if field.keeps and field.codec.write(value) != cell else ""


def _read(header: str, codec: Codec, cell: Cell) -> Any:
    try:
        return codec.read(cell)
    except CellRefused as refused:
        raise RowRefused(f"{header}：{refused}")


def _means(field: Field, words: str, value: Any) -> bool:
    try:
        return field.keeps and bool(field.codec.read(words) == value)
    except CellRefused:
        return False


def _split_limits(cells: Mapping[str, Cell]) -> Mapping[str, Cell]:
    """Take “30(工作日)” and “即办” apart into number and unit."""
    found: dict[str, Cell] = {}
    for header in LIMITS:
        cell = cells.get(header)
        if isinstance(cell, str) and cell and not cell.isdigit():
            whole = _LIMIT.fullmatch(cell)
            if whole:
                found |= {header: whole.group(1), f"{header}单位": whole.group(2)}
            elif cell in _AT_ONCE:
                found |= {header: "0", f"{header}单位": UNITS[0]}
    return {**cells, **found} if found else cells


def _key(field: str, material: str) -> str:
    return f"{field}：{material}"


def _of_material(key: str) -> bool:
    return key.split("：", 1)[0] in MATERIAL_KEPT and "：" in key


def _material_texts(materials: Any) -> dict[str, str]:
    """Move what is kept of each material out of it."""
    return {_key(field, entry["name"]): text for entry in materials for field, text in entry.pop("national", {}).items()}


def _taken(national: Mapping[str, str], material: str) -> dict[str, str]:
    return {field: national[_key(field, material)] for field in MATERIAL_KEPT if _key(field, material) in national}


def _at(document: Mapping[str, Any], path: Path) -> Any:
    found: Any = document
    for key in path:
        found = found.get(key) if found else None
    return found


def _put(document: Document, path: Path, value: Any) -> None:
    """Set the value at `path`; None and what becomes empty are taken away. Inner mappings are copied: the store's own stay as they are."""
    key = path[0]
    if len(path) > 1:
        inner = dict(document.get(key) or {})
        _put(inner, path[1:], value)
        value = inner or None
    if value is None:
        document.pop(key, None)
    else:
        document[key] = value


def _read_variants(cell: Cell) -> list[Document]:
    return [_read_variant(entry) for entry in listed(cell)]


def _read_variant(cell: Cell) -> Document:
    region = cell.get(REGION) if isinstance(cell, dict) else None
    if not isinstance(cell, dict) or not isinstance(region, str) or not _REGION.fullmatch(region):
        raise CellRefused(f"每一条都要有六位的{REGION}")
    variant: Document = {"region": region}
    for header, value in _split_limits(cell).items():
        field = BY_HEADER.get(header)
        if header == REGION or not value:
            continue
        if field is None or not field.varies:
            raise CellRefused(f"“{shown(header)}”不能按地区写")
        if any(_ADDRESS.search(text) for text in texts_in(value)):
            raise CellRefused(f"{header}里有网址，电话里没法念")
        found = field.codec.read(value)
        if header == MATERIALS and any("national" in entry for entry in found):
            raise CellRefused(f"地区的材料不能写{'、'.join(MATERIAL_KEPT)}")
        _put(variant, field.path, found)
    return variant


def _write_variants(variants: Any) -> Cell:
    return [{REGION: variant["region"]} | {field.header: field.codec.write(_at(variant, field.path)) for field in VARYING
                                           if _at(variant, field.path) is not None} for variant in variants]


VARIANTS_CODEC = Codec(_read_variants, _write_variants)
