"""Callers of the web chat and the phone against the real product, and with --chaos parts that die; writes docs/benchmarks/conversations.md.

Takes long, so it is no test. Run it as: .venv/bin/python -m benchmarks.conversations --chaos
"""

from __future__ import annotations

import os
import signal
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Iterator, Sequence

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.crowd import chaos, ledger
from benchmarks.crowd.driver import Load, LoadFailed
from benchmarks.crowd.pictures import Pictures
from benchmarks.crowd.plan import RAMP_S, Plan
from benchmarks.crowd.report import Results, failures, markdown
from benchmarks.crowd.runs import Blow, Run
from benchmarks.crowd.stage import Stage, set_up, take_down
from core.settings import ROOT

FOLDER = ROOT / "docs" / "benchmarks"
IDLE_ACTIVE = 50  # callers who talk while many conversations stand open
PEER_CALLERS = (1, 16)
STORMY_S = 1800.0  # longer than all blows together: the load is told when it is enough
PARTS = {"rasa": "Rasa", "actions": "动作服务", "gateway": "网关", "redis": "Redis"}
LEAST_S = 60.0
QUICK_NOTE = "**A quick run: its figures say little.**"


class Bench:
    """Runs plans one after the other on one product, each with callers who have not been there before."""

    def __init__(self, stage: Stage, console: Console, seconds: float, keep: Path | None) -> None:
        self._stage = stage
        self._console = console
        self._seconds = seconds
        self._keep = keep
        self._used = 0

    def run(self, name: str, chinese: str, active: int, **more: object) -> Run:
        """Live one plan to its end."""
        plan = self._plan(active, self._seconds, **more)
        with self._loaded(name, chinese, plan) as load:
            return self._finish(load)

    def storm(self, active: int, victims: Sequence[str]) -> tuple[Run, list[Blow]]:
        """Kill one part after the other while callers talk."""
        with self._loaded(f"{active} active, parts die", f"{active} 人在说，部件轮流被杀", self._plan(active, STORMY_S)) as load:
            blows = chaos.strikes(self._stage, victims, lambda part: self._console.print(f"    杀死{PARTS[part]}"), load.alive)
            load.stop()
            return self._finish(load), blows

    def _plan(self, active: int, seconds: float, **more: object) -> Plan:
        plan = Plan(self._stage.product.base, self._stage.rasa, self._stage.key, active, seconds, "", first=self._used)
        return replace(plan, **more)  # type: ignore[arg-type]  # the callers name fields of a plan

    @contextmanager
    def _loaded(self, name: str, chinese: str, plan: Plan) -> Iterator[Load]:
        columns = (TextColumn("  {task.description}"), BarColumn(), TextColumn("{task.fields[turns]} 轮"), TimeRemainingColumn())
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task(chinese, total=None if plan.seconds == STORMY_S else plan.seconds, turns=0)
            told = lambda facts: bar.update(task, completed=facts.get("seconds", 0), turns=facts["turns"]) if "turns" in facts else None  # noqa: E731
            with Load(name, plan, told) as load:
                yield load
        self._console.print(f"  [green]✓[/] {chinese}", highlight=False)

    def _finish(self, load: Load) -> Run:
        run = load.result()
        self._used = run.used
        run = replace(run, talks=self._stage.with_calls(run.talks))
        if self._keep:
            self._keep.mkdir(parents=True, exist_ok=True)
            ledger.write(self._keep / f"{run.name}.jsonl", run.talks)
        return run


def measure(bench: Bench, users: Sequence[int], idle: int, storm: bool) -> Results:
    """Live all scenarios."""
    loads = [bench.run(f"{active} active", f"{active} 人在说", active) for active in users]
    if idle:
        name, chinese = f"{IDLE_ACTIVE} active, {idle + IDLE_ACTIVE:,} open", f"{IDLE_ACTIVE} 人在说，{idle + IDLE_ACTIVE} 个会话开着"
        loads.append(bench.run(name, chinese, IDLE_ACTIVE, idle=idle))
    peers = []
    for callers in PEER_CALLERS if users else ():
        ours = bench.run(f"{callers} at once, gateway", f"{callers} 人不停地说，经网关", callers, think=None, phones=False)
        straight = bench.run(f"{callers} at once, straight to Rasa", f"{callers} 人不停地说，直接问 Rasa", callers, think=None, straight=True)
        peers.append((ours, straight))
    return Results(loads, peers, bench.storm(IDLE_ACTIVE, chaos.VICTIMS) if storm else None)


def read_users(text: str) -> list[int]:
    """Read numbers of callers set apart by commas; raises BadParameter."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdigit() and 1 <= int(part) <= 2000 for part in parts):
        raise typer.BadParameter("同时在说的人数是 1 到 2000 的整数，用逗号隔开")
    return [int(part) for part in parts]


def main(users: str = typer.Option("10,50,200", help="同时在说的人数，用逗号隔开；空着就不量"),
         seconds: float = typer.Option(60.0, min=2 * RAMP_S, help="每种情形多少秒"),
         idle: int = typer.Option(950, min=0, max=5000, help="另外还有多少个会话只是开着"),
         storm: bool = typer.Option(False, "--chaos", help="再量一遍：各部件轮流被杀死"),
         gateways: int = typer.Option(2, min=1, max=8, help="几个网关进程"),
         rasas: int = typer.Option(1, "--rasa", min=1, max=8, help="几个 Rasa 进程"),
         into: Path = typer.Option(FOLDER, help="报告和图片写到哪个文件夹"),
         keep: Path = typer.Option(None, help="把每句话和存下来的内容留在这个文件夹，查毛病用")) -> None:
    """模拟来访人和来电人同时说话，写出 docs/benchmarks/conversations.md 和图。"""
    console, counts = Console(), read_users(users)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # ended in order, however it is told to
    try:
        with tempfile.TemporaryDirectory() as folder:
            with console.status("正在启动整套产品……"):
                stage = set_up(Path(folder), gateways, rasas)
            console.print("  [green]✓[/] 整套产品已就绪", highlight=False)
            try:
                results = measure(Bench(stage, console, seconds, keep), counts, idle, storm)
            finally:
                take_down(stage)
    except (AssertionError, LoadFailed) as error:
        console.print(f"[red]✗[/] 没有量成：\n{escape(str(error))}", highlight=False)
        raise typer.Exit(2)
    except KeyboardInterrupt:
        console.print("[yellow]![/] 中途停下了，没有写报告。")
        raise typer.Exit(130)
    about = f"{gateways} gateways, {rasas} Rasa, {os.cpu_count()} processors."
    _publish(replace(results, note=about if seconds >= LEAST_S else f"{about} {QUICK_NOTE}"), into, console)


def _publish(results: Results, into: Path, console: Console) -> None:
    into.mkdir(parents=True, exist_ok=True)
    pictures = Pictures(into)
    drawn = [pictures.load(results.loads)] if results.loads else []
    if results.stormy:
        drawn.append(pictures.chaos(*results.stormy))
    if not pictures.chinese:
        console.print("[yellow]![/] 这台机器没有中文字体，图里用英文。")
    (into / "conversations.md").write_text(markdown(results, drawn), encoding="utf-8")
    console.print(f"[green]✓[/] 已写入 {into / 'conversations.md'} 和 {len(drawn)} 张图", highlight=False)
    found = failures(results)
    for failure in found:
        console.print(f"  [red]✗[/] {escape(failure)}", highlight=False)
    raise typer.Exit(int(bool(found)))


if __name__ == "__main__":
    typer.run(main)
