"""Build the concrete things of `core` from their files."""

from __future__ import annotations

from pathlib import Path

import yaml

from core.regions import Level, Region, RegionTree

_REGIONS = Path(__file__).resolve().parent / "data" / "regions.yml"


def load_regions(path: Path = _REGIONS, *, home: str | None = None) -> RegionTree:
    """Read the tree of regions; level and parent follow from the code. `home` is the code of the hotline's own region.

    Raises OSError if the file cannot be read, ValueError if it does not hold a whole tree or does not hold `home`.
    """
    with path.open(encoding="utf-8") as file:
        data = yaml.load(file, Loader=yaml.CSafeLoader)
    return RegionTree(
        (_region(entry) for entry in data["regions"]),
        words=(word for row in data["words"] for word in row),
        everyday=data["everyday"],
        home=home,
    )


def _region(entry: dict[str, str | list[str]]) -> Region:
    code = str(entry["code"])
    level, parent = _place(code)
    return Region(code, str(entry["name"]), str(entry["short"]), level, parent, tuple(entry.get("aliases", ())))


def _place(code: str) -> tuple[Level, str | None]:
    if code.endswith("0000"):
        return "province", None
    if code.endswith("00"):
        return "city", f"{code[:2]}0000"
    return "county", f"{code[:4]}00"
