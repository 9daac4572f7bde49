"""The product's actions and subjects, and a few terms, as a lexicon for tests."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.matching.lexicon import Lexicon, Sense

WORDS = Path(__file__).resolve().parents[2] / "knowledge" / "words"


@lru_cache(maxsize=1)
def words() -> Lexicon:
    """Return the lexicon of the files that the product brings."""
    return Lexicon({"驾驶证": ("驾照", "驾本")}, _senses("actions.yml"), _senses("subjects.yml"))


def _senses(file: str) -> list[Sense]:
    raw: dict[str, dict[str, Any]] = yaml.load((WORDS / file).read_bytes(), Loader=yaml.CSafeLoader)
    return [Sense(name, told["say"], tuple(told["words"]), tuple(told.get("except", ())), told.get("group", ""), bool(told.get("bare")))
            for name, told in raw.items()]
