"""A simulated year of tickets through the real service on both databases; writes docs/benchmarks/tickets.md. Takes long, so it is no test.

PostgreSQL is the one that TEST_DATABASE_URL names, so run it as: TEST_FSYNC=on scripts/test_servers.sh .venv/bin/python -m benchmarks.tickets
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Mapping, Optional

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import inspect, text

from benchmarks.ticket_year.simulation import Taken, Year
from cli.evaluation.measures import percentile
from cli.evaluation.report import table
from core.cipher import load_cipher
from core.clock import system_clock
from core.db import Database, connect, migrate
from core.logs import configure_logs
from core.settings import ROOT, Settings
from tickets.bootstrap import build, build_reports
from tickets.reports.period import Period

REPORT = ROOT / "docs" / "benchmarks" / "tickets.md"
MONTH = Period(date(2026, 3, 1), date(2026, 3, 31))
COPIES = "ghijklmno"  # first signs of the numbers and (hexadecimal) digests of copied tickets: ten times as many with the simulated ones
REPEATS = 3
PART = 1_000  # tickets; each part is a whole year of its own draw on the same database
REPORT_BAR_S = 2.0


@dataclass(frozen=True)
class Run:
    """What one database showed: seconds, bytes, and seconds of the monthly report by number of tickets."""

    name: str
    tickets: int
    seconds: float
    taken: Taken
    size: int
    reports: Mapping[int, float]


def simulate(name: str, url: str, folder: Path, count: int, copies: int, console: Console) -> Run:
    """Live the year on one database, a part after the other; a run that was broken off goes on with the part it was in."""
    settings, state = Settings(data_dir=folder, database_url=url), folder / "state.json"
    migrate(settings.database, load_cipher(settings.personal_keys))
    service, database = build(settings, None), connect(settings.database)
    service.classify("路灯坏了")
    done = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {"parts": 0, "seconds": 0.0, "taken": {}, "refused": 0}
    taken = Taken(defaultdict(list, done["taken"]), done["refused"])
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(f"{name}：一年的工单", total=count, completed=done["parts"] * PART)
        for part in range(done["parts"], math.ceil(count / PART)):
            began = time.perf_counter()
            Year(service, min(PART, count - part * PART), lambda: bar.advance(task), seed=part, taken=taken).run()
            done = {"parts": part + 1, "seconds": done["seconds"] + time.perf_counter() - began, "taken": taken.seconds, "refused": taken.refused}
            state.write_text(json.dumps(done), encoding="utf-8")
    size, reports, seconds = _size(database, settings), {count: _report(settings)}, done["seconds"]
    if copies:
        _copy(database, copies)
        reports[count * (1 + copies)] = _report(settings)
    console.print(f"  {name}：{count / seconds:.0f} 张/秒，月报 " + "，".join(f"{n:,} 张 {s:.2f} 秒" for n, s in reports.items()), highlight=False)
    return Run(name, count, seconds, taken, size, reports)


def _report(settings: Settings) -> float:
    """Seconds of the monthly report by department, the best of REPEATS."""
    reports, found = build_reports(settings), []
    for _ in range(REPEATS):
        began = time.perf_counter()
        assert reports.tallies(MONTH, "department", system_clock())
        found.append(time.perf_counter() - began)
    return min(found)


def _copy(database: Database, copies: int) -> None:
    """Make each ticket several times as many, under numbers of their own."""
    with database.write() as connection:
        columns = [column["name"] for column in inspect(connection).get_columns("tickets")]
        for sign in COPIES[:copies]:
            values = ", ".join(f"'{sign}' || substr({name}, 2)" if name in ("number", "request_digest") else f'"{name}"' for name in columns)
            names = ", ".join(f'"{name}"' for name in columns)
            connection.execute(text(f"INSERT INTO tickets ({names}) SELECT {values} FROM tickets WHERE number LIKE '2%'"))  # noqa: S608
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def _keep(run: Run, into: Path) -> None:
    """Keep what one database showed, so that another day can measure the other."""
    into.mkdir(parents=True, exist_ok=True)
    (into / f"{run.name}.json").write_text(json.dumps({**vars(run), "taken": vars(run.taken)}), encoding="utf-8")


def _kept(path: Path) -> Run:
    values = json.loads(path.read_text(encoding="utf-8"))
    taken = Taken(values["taken"]["seconds"], values["taken"]["refused"])
    return Run(**{**values, "taken": taken, "reports": {int(n): s for n, s in values["reports"].items()}})


def _size(database: Database, settings: Settings) -> int:
    with database.read() as connection:
        if connection.dialect.name == "postgresql":
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    return sum(path.stat().st_size for path in settings.data_dir.glob("*.db*"))


def markdown(runs: list[Run]) -> str:
    """Return the report."""
    parts = ["<!-- Written by benchmarks/tickets.py; changes by hand are lost. -->", "# A simulated year of tickets", "",
             "Tickets come in over a year, are dispatched, received, returned, put off, answered late, sent back, rated and done again, all",
             "through the real service, one client, one commit an act. Durations are wall-clock on this machine.", ""]
    sizes = sorted(runs[0].reports)
    rows = [(run.name, f"{run.tickets:,}", f"{run.tickets / run.seconds:.0f}", f"{sum(map(len, run.taken.seconds.values())) / run.seconds:.0f}",
             f"{run.size / run.tickets / 1024:.1f} kB", *(f"{run.reports.get(n, float('nan')):.2f} s" for n in sizes)) for run in runs]
    slowest = max(seconds for run in runs for seconds in run.reports.values())
    head = ("database", "tickets", "tickets a second", "acts a second", "size a ticket", *(f"monthly report at {n:,}" for n in sizes))
    parts += [table(head, rows), "", f"The monthly report may take {REPORT_BAR_S:.0f} s: {'met' if slowest <= REPORT_BAR_S else 'missed'} "
              f"(slowest {slowest:.2f} s).", "", "## Each act", ""]
    acts = sorted({act for run in runs for act in run.taken.seconds})
    columns = ("act", *(f"{run.name}: {what}" for run in runs for what in ("count", "p50 ms", "p99 ms")))
    parts.append(table(columns, [(act, *(cell for run in runs for cell in _cells(run.taken.seconds.get(act, [])))) for act in acts]))
    return "\n".join(parts) + "\n"


def _cells(seconds: list[float]) -> tuple[str, ...]:
    if not seconds:
        return "0", "–", "–"
    return f"{len(seconds):,}", f"{1000 * percentile(seconds, .5):.1f}", f"{1000 * percentile(seconds, .99):.1f}"


def main(tickets: int = typer.Option(100_000, help="一年多少张工单"), copies: int = typer.Option(9, min=0, max=9, help="再复制几份来量月报"),
         databases: str = typer.Option("sqlite,postgresql", help="用哪些数据库"),
         keep: Optional[Path] = typer.Option(None, help="结果和数据留在这个目录，中断了可以接着量；PostgreSQL 的数据在它自己那里"),
         into: Path = typer.Option(REPORT, help="报告写到哪里")) -> None:
    """模拟一年的工单，写出 docs/benchmarks/tickets.md。"""
    configure_logs("benchmark", "ERROR")  # a line a ticket would be measured along with it
    console, runs = Console(), []
    postgres = os.environ.get("TEST_DATABASE_URL", "")
    urls: dict[str, Any] = {"sqlite": "", "postgresql": postgres}
    for name in databases.split(","):
        if keep and (keep / f"{name}.json").exists():
            runs.append(_kept(keep / f"{name}.json"))
            continue
        if name not in urls or (name == "postgresql" and not postgres):
            console.print(f"[yellow]![/] {name} 不测：PostgreSQL 要有 TEST_DATABASE_URL。")
            continue
        with tempfile.TemporaryDirectory() as nowhere:
            folder = keep / name if keep else Path(nowhere)
            folder.mkdir(parents=True, exist_ok=True)
            runs.append(simulate(name, urls[name], folder, tickets, copies, console))
        if keep:
            _keep(runs[-1], keep)
    if not runs:
        raise typer.Exit(2)
    into.write_text(markdown(runs), encoding="utf-8")
    console.print(f"[green]✓[/] 已写入 {into}", highlight=False)


if __name__ == "__main__":
    typer.run(main)
