"""Reads items, policy answers and departments from YAML; every fault is named with file and line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterable, TypeVar, cast

import yaml

from knowledge.document import CURATED, item_builder, policy_builder
from knowledge.errors import Fault
from knowledge.event_document import event_builder
from knowledge.life_event import LifeEvent
from knowledge.model import Item, Policy
from knowledge.reader import LINE, Reader

T = TypeVar("T")
_SITE = re.compile(r"https?://[\w.-]+/\S*")


@dataclass(frozen=True)
class Department:
    """A type of department: its full name at city level and the number to ask."""

    short: str
    name: str
    phone: str


class _Lines(yaml.CSafeLoader):
    """A safe loader that remembers the line on which each mapping starts."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be text", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key '{key.value}' stands twice", key.start_mark)
            seen.add(key.value)
        mapping = cast("dict[Any, Any]", super().construct_mapping(node, deep=deep))
        mapping[LINE] = node.start_mark.line + 1
        return mapping

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError as error:  # 2026-13-01 looks like a date and is none
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from None


def read_yaml(path: Path, faults: list[Fault]) -> Any:
    """Return the document with line marks, or None and a fault when it cannot be parsed."""
    try:
        return yaml.load(path.read_bytes(), Loader=_Lines)  # noqa: S506  # a safe loader, see above
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        faults.append(Fault(path.name, mark.line + 1 if mark else 1, f"no valid YAML: {getattr(error, 'problem', error)}"))
        return None


def _load(folder: Path, key: str, build: Callable[[str], Callable[[Reader], T]], faults: list[Fault]) -> tuple[T, ...]:
    found: list[T] = []
    for path in sorted(folder.glob("*.yml")):
        raw = read_yaml(path, faults)
        if raw is not None:
            reader = Reader(raw, path.name, 1, faults)
            found.extend(reader.parts(key, build(reader.text("topic"))))
            reader.close()
    return tuple(found)


def load_departments(path: Path, faults: list[Fault]) -> dict[str, Department]:
    """Read the table of departments: short name → full name and number to ask."""
    raw = Reader(read_yaml(path, faults), path.name, 1, faults)
    found = {}
    for short in raw.raw:
        if short != LINE:
            inner = Reader(raw.raw[short], path.name, raw.line, faults)
            found[short] = Department(short, inner.text("name"), inner.text("phone"))
            inner.close()
    return found


def load_sites(path: Path, faults: list[Fault]) -> dict[str, str]:
    """Read the table of sites: the name of an online channel → where it is (http or https)."""
    raw = Reader(read_yaml(path, faults), path.name, 1, faults)
    sites = {name: raw.text(name) for name in raw.raw if name != LINE}
    faults += [Fault(path.name, raw.line, f"'{name}' is no address of a site") for name, url in sites.items() if not _SITE.fullmatch(url)]
    raw.close()
    return sites


def load_items(folder: Path, departments: Iterable[str], faults: list[Fault]) -> tuple[tuple[Item, tuple[Item, ...]], ...]:
    """Read every item with its regional variants, in the order of file names."""
    return _load(folder, "items", lambda topic: item_builder(topic, CURATED, tuple(departments)), faults)


def load_policies(folder: Path, faults: list[Fault]) -> tuple[Policy, ...]:
    """Read every policy answer."""
    return _load(folder, "policies", policy_builder, faults)


def load_events(folder: Path, faults: list[Fault]) -> tuple[LifeEvent, ...]:
    """Read every life event."""
    return _load(folder, "events", event_builder, faults)
