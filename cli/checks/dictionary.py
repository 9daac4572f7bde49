"""The segmenter's dictionary against what it is generated from."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import Iterator

from cli.checks.source import shown
from knowledge.errors import Fault


def dictionary_faults(path: Path, expected: str) -> Iterator[Fault]:
    """Yield a dictionary that is missing or stale, and whatever else lies beside it: jieba would load that too."""
    for other in sorted(path.parent.glob("*")):
        if other != path:
            yield Fault(shown(other), 1, "nothing but the generated dictionary may lie in this folder")
    if not path.exists():
        yield Fault(shown(path), 1, "the dictionary is missing, `hotline train` writes it")
        return
    text = path.read_text(encoding="utf-8")
    if text != expected:
        lines = zip_longest(text.splitlines(), expected.splitlines())
        line = next((number for number, (have, want) in enumerate(lines, 1) if have != want), 1)
        yield Fault(shown(path), line, "the dictionary is not what knowledge and regions yield now, `hotline train` writes it")
