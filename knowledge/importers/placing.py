"""A region's own list: what is new holds in the region alone, and no other place hears what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping

from knowledge.document import Document
from knowledge.holding import holding
from knowledge.importers.fields import VARYING
from knowledge.importers.national import Told
from knowledge.record import Version

_VARYING = tuple(dict.fromkeys(field.path[0] for field in VARYING))


def own_code(told: Told, newest: Mapping[str, Version], region: str) -> Told:
    """Return a row under a code of its own, such as 0101-370200, where its code is that of an item that holds elsewhere alone."""
    before = newest.get(told.code)
    taken = before is not None and holding(before.document.get("only_in", ()), region) != "here"
    return replace(told, code=f"{told.code}-{region}") if taken else told


def held_in(merged: Document, told: Told, before: Mapping[str, Any], region: str) -> Document:
    """Return what the region's list makes of `before` (empty for a new item), `merged` being what its row `told` makes without regard to places.

    A new item holds in the region alone, unless its row names places; one of the region stays there. One that holds everywhere stays as
    it is, and what the list says otherwise of it becomes the region's variant.
    """
    if not before:
        return {"only_in": [region]} | merged
    if before.get("only_in"):
        return merged | {"only_in": before["only_in"]}
    variants: list[Document] = before.get("variants", [])
    own: Document = next((variant for variant in variants if variant["region"] == region), {"region": region})
    columns = {path[0] for path in told.values}
    own = {key: value for key, value in own.items() if key not in columns}
    own |= {key: merged[key] for key in _VARYING if key in columns and key in merged and merged[key] != before.get(key)}
    found = [variant for variant in variants if variant["region"] != region] + ([own] if len(own) > 1 else [])
    return {key: value for key, value in before.items() if key != "variants"} | ({"variants": found} if found else {})
