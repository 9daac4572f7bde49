"""Reads the words that keep a text away from the editor."""

from __future__ import annotations

from pathlib import Path

import yaml

from knowledge.memory.vetting import Vetting

WORDS = Path(__file__).resolve().parent / "unfit.yml"


def load_vetting(path: Path = WORDS) -> Vetting:
    """Return the rules with the words of the file; raises OSError or yaml.YAMLError when it cannot be read."""
    return Vetting({reason: tuple(words) for reason, words in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader).items()})
