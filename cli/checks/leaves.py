"""The catalogue of who answers for what: every file can be loaded, every leaf stands in the third level."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import yaml

from cli.checks.source import shown
from knowledge.errors import Fault
from tickets.load import CatalogueError, load_catalogue


def catalogue_faults(folder: Path) -> Iterator[Fault]:
    """Yield what keeps a file, or else all of them together, from being loaded."""
    faults = [fault for path in sorted(folder.glob("*.yml")) for fault in _faults(path)]
    yield from faults or _faults(folder)


def _faults(path: Path) -> Iterator[Fault]:
    try:
        load_catalogue(path)
    except (CatalogueError, yaml.YAMLError, OSError) as error:
        yield Fault(shown(path), 1, " ".join(str(error).split()))
