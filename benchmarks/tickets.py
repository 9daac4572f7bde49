"""A simulated year of tickets through the real service on both databases; writes docs/benchmarks/tickets.md. Takes long, so it is no test.

PostgreSQL is the one that TEST_DATABASE_URL names, so run it as: scripts/test_servers.sh .venv/bin/python -m benchmarks.tickets
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Mapping

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
    """Live the year on one fresh database."""
    settings = Settings(data_dir=folder, database_url=url)
    migrate(settings.database, load_cipher(settings.personal_keys))
    service, database = build(settings, None), connect(settings.database)
    service.classify("路灯坏了")
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(f"{name}：一年的工单", total=count)
        began = time.perf_counter()
        taken = Year(service, count, lambda: bar.advance(task)).run()
        seconds = time.perf_counter() - began
    size, reports = _size(database, settings), {count: _report(settings)}
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
    head = ("database", "tickets", "tickets a second", "acts a second", "size a ticket", *(f"monthly report at {n:,}" for n in sizes))
    parts += [table(head, rows), "", "## Each act", ""]
    acts = sorted({act for run in runs for act in run.taken.seconds})
    columns = ("act", *(f"{run.name}: {what}" for run in runs for what in ("count", "p50 ms", "p99 ms")))
    parts.append(table(columns, [(act, *(cell for run in runs for cell in _cells(run.taken.seconds.get(act, [])))) for act in acts]))
    return "\n".join(parts) + "\n"


def _cells(seconds: list[float]) -> tuple[str, ...]:
    if not seconds:
        return "0", "–", "–"
    return f"{len(seconds):,}", f"{1000 * percentile(seconds, .5):.1f}", f"{1000 * percentile(seconds, .99):.1f}"


def main(tickets: int = typer.Option(100_000, help="一年多少张工单"), copies: int = typer.Option(9, min=0, max=9, help="再复制几份来量月报"),
         databases: str = typer.Option("sqlite,postgresql", help="用哪些数据库"), into: Path = typer.Option(REPORT, help="报告写到哪里")) -> None:
    """模拟一年的工单，写出 docs/benchmarks/tickets.md。"""
    configure_logs("benchmark", "ERROR")  # a line a ticket would be measured along with it
    console, runs = Console(), []
    postgres = os.environ.get("TEST_DATABASE_URL", "")
    urls: dict[str, Any] = {"sqlite": "", "postgresql": postgres}
    for name in databases.split(","):
        if name not in urls or (name == "postgresql" and not postgres):
            console.print(f"[yellow]![/] {name} 不测：PostgreSQL 要有 TEST_DATABASE_URL。")
            continue
        with tempfile.TemporaryDirectory() as folder:
            runs.append(simulate(name, urls[name], Path(folder), tickets, copies, console))
    if not runs:
        raise typer.Exit(2)
    into.write_text(markdown(runs), encoding="utf-8")
    console.print(f"[green]✓[/] 已写入 {into}", highlight=False)


if __name__ == "__main__":
    typer.run(main)
