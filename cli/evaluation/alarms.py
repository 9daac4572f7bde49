"""The safety rules on calls that are, and are not, an emergency."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable

import yaml

from cli.evaluation.listener import Alarm
from cli.evaluation.measures import Share

LOOKALIKE = "lookalike"


@dataclass(frozen=True)
class Call:
    """One call of a set: `half` is the folder (written or judge), `kind` the number it belongs to or LOOKALIKE."""

    half: str
    kind: str
    text: str


@dataclass(frozen=True)
class Mistake:
    """A call taken wrongly; `taken` is None for a missed alarm, else the kind that was raised."""

    call: Call
    taken: str | None


@dataclass(frozen=True)
class AlarmRow:
    """One kind of one half: `wrong` is missed alarms or false ones; `elsewhere` are alarms that went to other numbers only."""

    half: str
    kind: str
    wrong: Share
    elsewhere: Share


def read_calls(root: Path) -> list[Call]:
    """Read every alarms.yml and lookalikes.yml below `root`, folder by folder: a list, alone or under the file's name."""
    calls: list[Call] = []
    for path in sorted(root.glob("*/*.yml")):
        document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        for entry in document[path.stem] if isinstance(document, dict) else document:
            calls.append(Call(path.parent.name, str(entry["kind"]) if path.stem == "alarms" else LOOKALIKE, entry["text"]))
    return calls


def halves(rows: Iterable[AlarmRow]) -> tuple[str, ...]:
    """Return the halves in their order."""
    return tuple(dict.fromkeys(row.half for row in rows))


def missed(rows: Iterable[AlarmRow], half: str) -> Share:
    """Return the alarms of a half that were not raised."""
    return _total(row for row in rows if row.half == half and row.kind != LOOKALIKE)


def raised(rows: Iterable[AlarmRow], half: str) -> Share:
    """Return the look-alikes of a half that were taken for an alarm."""
    return _total(row for row in rows if row.half == half and row.kind == LOOKALIKE)


def _total(rows: Iterable[AlarmRow]) -> Share:
    shares = [row.wrong for row in rows]
    return Share(sum(part.hits for part in shares), sum(part.of for part in shares))


def measure(calls: Iterable[Call], detect: Callable[[str], Alarm | None]) -> tuple[list[AlarmRow], list[Mistake]]:
    """Return a row for each half and kind, and every call that was taken wrongly."""
    groups: dict[tuple[str, str], list[tuple[Call, Alarm | None]]] = {}
    for call in calls:
        groups.setdefault((call.half, call.kind), []).append((call, detect(call.text)))
    rows: list[AlarmRow] = []
    mistakes: list[Mistake] = []
    for (half, kind), found in groups.items():
        wrong = [(call, alarm) for call, alarm in found if (alarm is None) != (kind == LOOKALIKE)]
        other = [] if kind == LOOKALIKE else [(call, alarm) for call, alarm in found if alarm and kind not in (alarm.kind, *alarm.also)]
        rows.append(AlarmRow(half, kind, Share(len(wrong), len(found)), Share(len(other), len(found))))
        mistakes += [Mistake(call, str(alarm.kind) if alarm else None) for call, alarm in (*wrong, *other)]
    return rows, mistakes
