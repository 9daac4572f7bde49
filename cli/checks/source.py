"""YAML with the line of every value, so that a fault can name its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import yaml

from core.settings import ROOT
from knowledge.errors import Fault


class Unreadable(Exception):
    """A file that cannot be read at all; `fault` names file and line."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True)
class Scalar:
    """One value; `key` is the nearest mapping key above it, `line` counts from 1."""

    key: str
    text: str
    line: int


def shown(path: Path) -> str:
    """Return a path as faults name it: relative to the checkout."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def compose(path: Path) -> yaml.Node:
    """Return the document of a file with its marks; raise Unreadable when it is missing, empty or no YAML."""
    try:
        node = yaml.compose(path.read_bytes(), Loader=yaml.CSafeLoader)
    except OSError:
        raise Unreadable(Fault(shown(path), 1, "the file cannot be read")) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise Unreadable(Fault(shown(path), mark.line + 1 if mark else 1, f"no valid YAML: {getattr(error, 'problem', error)}")) from None
    if node is None:
        raise Unreadable(Fault(shown(path), 1, "the file is empty"))
    return node


def line_of(node: yaml.Node) -> int:
    """Return the line on which a node's content starts; a block scalar starts below its mark."""
    block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
    return int(node.start_mark.line) + (2 if block else 1)


def pairs(node: yaml.Node | None) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    """Yield key and value nodes of a mapping; nothing for any other node."""
    if isinstance(node, yaml.MappingNode):
        yield from node.value


def child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """Return the value under `key`, None when there is none."""
    return next((value for name, value in pairs(node) if name.value == key), None)


def elements(node: yaml.Node | None) -> list[yaml.Node]:
    """Return the elements of a list; none for any other node."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def text_of(node: yaml.Node | None) -> str:
    """Return a scalar's text; '' for no node and for null."""
    if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null":
        return ""
    return str(node.value)


def scalars(node: yaml.Node, key: str = "") -> Iterator[Scalar]:
    """Yield every value below a node, line by line where a block holds several."""
    if isinstance(node, yaml.ScalarNode):
        for offset, line in enumerate(node.value.split("\n") if node.style == "|" else [node.value]):
            yield Scalar(key, line, line_of(node) + offset)
    for name, value in pairs(node):
        yield from scalars(value, str(name.value))
    for element in elements(node):
        yield from scalars(element, key)
