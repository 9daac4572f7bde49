"""Open311 GeoReport v2 in its two formats, and its errors (a list of code and description)."""

from __future__ import annotations

import re
from typing import Any, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi.responses import JSONResponse, Response

Record = Mapping[str, Any]
# Characters that XML 1.0 has no way to write.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Open311Error(Exception):
    """What a civic client is told: HTTP status and description."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.description = description


def answer(kind: str, root: str, entry: str, records: Sequence[Record], status: int = 200) -> Response:
    """Return records as `kind` (json or xml); in XML they are elements `entry` of `root`."""
    if kind == "json":
        return JSONResponse([_plain(record) for record in records], status_code=status)
    top = Element(root)
    for record in records:
        _write(SubElement(top, entry), record)
    return _xml(top, status)


def answer_one(kind: str, root: str, record: Record) -> Response:
    """Return one record, the root itself."""
    if kind == "json":
        return JSONResponse(_plain(record))
    top = Element(root)
    _write(top, record)
    return _xml(top, 200)


def failure(kind: str, error: Open311Error) -> Response:
    """Return an error in the format that was asked for."""
    return answer(kind, "errors", "error", [{"code": error.status, "description": error.description}], error.status)


def _xml(top: Element, status: int) -> Response:
    return Response(b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(top, encoding="utf-8"), status, media_type="text/xml; charset=utf-8")


# What the elements of a list are called in XML.
_ITEMS = {"endpoints": "endpoint", "formats": "format", "attributes": "attribute", "values": "value"}


def _write(element: Element, record: Record) -> None:
    for name, value in record.items():
        child = SubElement(element, name)
        if isinstance(value, (list, tuple)):
            for one in value:
                entry = SubElement(child, _ITEMS.get(name, "item"))
                if isinstance(one, Mapping):
                    _write(entry, one)
                else:
                    entry.text = _said(one)
        else:
            child.text = _said(value)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else _NO_XML.sub("", str(value))


def _plain(record: Record) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in record.items()}
