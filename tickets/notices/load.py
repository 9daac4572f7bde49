"""Reads the words of the messages that stand beside this file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any, Mapping

import yaml

from tickets.vocabulary import Queue

_WORDS = Path(__file__).resolve().parent / "words.yml"
BLANKS = frozenset({"number", "department", "due", "until", "result", "channel", "words"})


class WordsFaulty(Exception):
    """The words cannot be used; the message names the template."""


@dataclass(frozen=True)
class Template:
    """One kind of message: what it says, to whom differently, whether it asks for a rating, and what a hidden caller is told."""

    says: str
    stands: str
    link: bool = False
    queues: Mapping[Queue, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Words:
    """All messages by name of the template; `hidden` holds {number} and {stands}, `link` holds {link}."""

    hidden: str
    link: str
    templates: Mapping[str, Template]


def load_words(path: Path = _WORDS) -> Words:
    """Read the words; raises WordsFaulty for a missing or unusable entry."""
    with path.open(encoding="utf-8") as stream:
        raw = yaml.load(stream, yaml.CSafeLoader)
    try:
        _check("hidden", raw["hidden"], frozenset({"number", "stands"}))
        _check("link", raw["link"], frozenset({"link"}))
        return Words(raw["hidden"], raw["link"], {name: _template(name, entry) for name, entry in raw["templates"].items()})
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise WordsFaulty(f"{path.name}: {error}") from error


def _template(name: str, raw: Mapping[str, Any]) -> Template:
    template = Template(raw["says"], raw["stands"], raw.get("link", False), {Queue(queue): says for queue, says in raw.get("queues", {}).items()})
    for says in (template.says, *template.queues.values()):
        _check(name, says, BLANKS)
    return template


def _check(name: str, says: str, blanks: frozenset[str]) -> None:
    unknown = sorted({blank for _, blank, _, _ in Formatter().parse(says) if blank is not None} - blanks)
    if unknown:
        raise ValueError(f"{name}: nothing to fill {', '.join(unknown)} with")
