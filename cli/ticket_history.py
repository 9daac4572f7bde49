"""`hotline import-tickets` and `hotline open-data`."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any, Iterable, Iterator, Mapping, Sequence

import yaml
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from core.bootstrap import load_regions
from core.clock import SHANGHAI
from core.regions import RegionTree
from core.settings import Settings
from knowledge.importers.exporting import write_csv
from knowledge.importers.tables import open_table
from tickets import open_data
from tickets.bootstrap import build
from tickets.errors import NumberTaken
from tickets.history import FIELDS, HistoryReader, RowFaulty
from tickets.open_data import PublicTicket
from tickets.service import TicketService

SHOWN = 20  # faulty rows on the screen
_TRIES = 5


class MappingFaulty(ValueError):
    """A mapping file that cannot be used; the message says why."""


@dataclass
class Told:
    """What became of the rows; `faults` are (row, why)."""

    added: int = 0
    known: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class HistoryMapping:
    """Our field → the list's column, how its words are ours, and what an empty cell means."""

    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    defaults: Mapping[str, str] = field(default_factory=dict)

    def apply(self, cells: Mapping[str, Any]) -> dict[str, str]:
        """Return a row under our fields; what is empty is left out."""
        found = {}
        for name, column in self.columns.items():
            text = str(cells.get(column, "")).strip()
            text = self.values.get(name, {}).get(text, text) or self.defaults.get(name, "")
            if text:
                found[name] = text
        return found


def read_mapping(path: Path | None) -> HistoryMapping:
    """Read a mapping (our field: column, or {from: column, values: {theirs: ours}, default: ours}); without one the columns bear our names."""
    if path is None:
        return HistoryMapping(FIELDS, {})
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingFaulty(f"读不了映射文件 {path.name}：{error}") from None
    if not isinstance(raw, dict) or not raw:
        raise MappingFaulty(f"{path.name} 里应当是“我们的字段: 来源的列”")
    columns, values, defaults = {}, {}, {}
    for name, rule in raw.items():
        if name not in FIELDS:
            raise MappingFaulty(f"{path.name}：没有“{name}”这个字段，可以用 {'、'.join(FIELDS)}")
        # A list may have no column at all for what has a default.
        column = rule.get("from", FIELDS[name] if "default" in rule else None) if isinstance(rule, dict) else rule
        if not isinstance(column, str):
            raise MappingFaulty(f"{path.name}：{name} 要写来源的列名")
        columns[name] = column
        if isinstance(rule, dict):
            values[name] = {str(theirs): str(ours) for theirs, ours in (rule.get("values") or {}).items()}
            defaults[name] = str(rule.get("default") or "")
    return HistoryMapping(columns, values, defaults)


def import_tickets(console: Console, settings: Settings, file: Path, mapping: Path | None, source: str, dry_run: bool) -> Told:
    """Import a list of older tickets; a row imported before is left as it is. Raises FileRefused, MappingFaulty."""
    rules = read_mapping(mapping)
    service, regions, told = build(settings, None), load_regions(home=settings.region), Told()
    reader = HistoryReader(source, service.router, service.deadlines, lambda name: _region(regions, name), secrets.randbelow)
    with open_table(file) as table, _bar(console) as bar:
        task = bar.add_task(f"导入 {file.name}", total=None)
        for row in table.rows:
            bar.advance(task)
            try:
                if row.fault:
                    raise RowFaulty(row.fault)
                _store(service, reader, rules.apply(row.cells), told, dry_run)
            except RowFaulty as error:
                told.faults.append((row.number, str(error)))
    _show(console, told, dry_run)
    return told


def _store(service: TicketService, reader: HistoryReader, row: Mapping[str, str], told: Told, dry_run: bool) -> None:
    for _ in range(_TRIES):
        change = reader.read(row)
        if service.repository.find_request(change.ticket.request_digest):
            told.known += 1
            return
        try:
            if not dry_run and not service.repository.add(change):
                told.known += 1
                return
        except NumberTaken:
            if change.ticket.number == row.get("number"):
                raise RowFaulty(f"编号 {change.ticket.number} 已经是另一张工单") from None
            continue
        told.added += 1
        return
    raise RowFaulty("没有取到空的编号")


def _region(regions: RegionTree, name: str) -> str | None:
    if regions.get(name):
        return name
    found = regions.find(name)
    return found.code if found else None


def _show(console: Console, told: Told, dry_run: bool) -> None:
    done = "可以导入" if dry_run else "已导入"
    console.print(f"[green]✓[/] {done} {told.added} 张，原来就有 {told.known} 张，拒收 {len(told.faults)} 行", highlight=False)
    if told.faults:
        table = Table("行", "原因", title="拒收的", title_style="")
        for number, why in told.faults[:SHOWN]:
            table.add_row(str(number), escape(why))
        console.print(table)
    if len(told.faults) > SHOWN:
        console.print(f"还有 {len(told.faults) - SHOWN} 行没有列出。", highlight=False)


def export_open_data(console: Console, settings: Settings, first: date, last: date, target: Path) -> int:
    """Write what anybody may know of the tickets opened from `first` to `last` as CSV or GeoJSON, by the suffix; return how many."""
    from core.db import connect
    from tickets.store.public import PublicTickets
    tickets = PublicTickets(connect(settings.database)).between(*_span(first, last))
    if target.suffix == ".geojson":
        count = _geojson(target, tickets)
    else:
        count = _csv(target, open_data.COLUMNS, (open_data.row(ticket, serial) for serial, ticket in enumerate(tickets, 1)))
    console.print(f"[green]✓[/] 已写出 {count} 件到 {escape(str(target))}", highlight=False)
    return count


def export_typical(console: Console, settings: Settings, first: date, last: date, target: Path) -> int:
    """Write the typical cases among the tickets opened from `first` to `last`, for an editor to read before they go out; return how many."""
    from core.cipher import load_cipher
    from core.db import connect
    from tickets.store.public import PublicTickets
    regions = load_regions(home=settings.region)
    cases = PublicTickets(connect(settings.database)).typical(*_span(first, last), load_cipher(settings.personal_keys))
    count = _csv(target, open_data.TYPICAL_COLUMNS, (open_data.typical_row(case, _county(regions, case.region)) for case in cases))
    console.print(f"[green]✓[/] 已写出 {count} 个典型问题到 {escape(str(target))}，公开以前请编辑逐条读一遍", highlight=False)
    return count


def _span(first: date, last: date) -> tuple[datetime, datetime]:
    return datetime.combine(first, time(0), SHANGHAI), datetime.combine(last, time(0), SHANGHAI) + timedelta(days=1)


def _county(regions: RegionTree, code: str | None) -> str:
    found = regions.get(code) if code else None
    return found.name if found else ""


@contextmanager
def _whole(target: Path, encoding: str) -> Iterator[IO[str]]:
    """Yield a file that takes the place of `target` at the end; until then, and when something fails, nobody sees half of it."""
    with tempfile.TemporaryDirectory(prefix=".hotline-export-", dir=target.parent) as folder:
        draft = Path(folder) / target.name
        with draft.open("w", encoding=encoding, newline="") as file:
            yield file
        os.replace(draft, target)


def _csv(target: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    with _whole(target, "utf-8-sig") as file:
        write_csv(file, [columns])
        for row in rows:
            write_csv(file, [tuple("" if cell is None else str(cell) for cell in row)])
            count += 1
    return count


def _geojson(target: Path, tickets: Iterable[PublicTicket]) -> int:
    count = 0
    with _whole(target, "utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [')
        for serial, ticket in enumerate(tickets, 1):
            feature = open_data.feature(ticket, serial)
            if feature:
                file.write(("," if count else "") + "\n" + json.dumps(feature, ensure_ascii=False))
                count += 1
        file.write("\n]}\n")
    return count


def _bar(console: Console) -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True)
