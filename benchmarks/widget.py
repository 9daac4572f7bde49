"""The widget beside another web chat client: bytes, first paint, first answer, memory, layout shift; writes docs/benchmarks/widget.md.

Takes long, so it is no test. Run it as: .venv/bin/python -m benchmarks.widget
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import typer
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.widget_page.clients import OURS, PEER
from benchmarks.widget_page.measuring import LENGTHS, PEER_LENGTHS, Figures, first_use, long_use
from benchmarks.widget_page.report import failures, markdown
from benchmarks.widget_page.stage import stage
from benchmarks.widget_page.visit import SPEEDS
from core.settings import ROOT
from tests.support.chromium import ARGS, CHROMIUM

FOLDER = ROOT / "docs" / "benchmarks"
QUICK_RUNS = 2
QUICK_NOTE = "**A quick run: its figures say little.**"
_STEPS = 2 * len(SPEEDS) + len(LENGTHS) + len(PEER_LENGTHS)


def main(runs: int = typer.Option(7, min=1, max=50, help="每样量几遍"),
         quick: bool = typer.Option(False, "--quick", help=f"只量 {QUICK_RUNS} 遍"),
         into: Path = typer.Option(FOLDER, help="报告写到哪个文件夹")) -> None:
    """在同一个网页里量网页小助手和另一个聊天客户端，写出 docs/benchmarks/widget.md。"""
    console = Console()
    fetched = subprocess.run([ROOT / "scripts" / "rasa_webchat.sh"], capture_output=True, text=True)
    if CHROMIUM is None or fetched.returncode:
        console.print(f"[red]✗[/] {'没有 Chromium，请用 CHROMIUM 指明位置' if CHROMIUM is None else escape(fetched.stderr.strip())}", highlight=False)
        raise typer.Exit(2)
    runs = QUICK_RUNS if quick else runs
    ours, peer = Figures(), Figures()
    columns = (TextColumn("  {task.description}"), BarColumn(), TimeRemainingColumn())
    with stage() as here, sync_playwright() as playwright, Progress(*columns, console=console, transient=True) as bar:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        task = bar.add_task("正在量", total=runs * _STEPS)
        for run in range(runs):
            for client, figures in ((OURS, ours), (PEER, peer)):
                bar.update(task, description=f"第 {run + 1} 遍，{'小助手' if client is OURS else client.name}")
                first_use(browser, here, client, figures, lambda: bar.advance(task))
                long_use(browser, here, client, figures, lambda: bar.advance(task))
        version = browser.version
        browser.close()
    into.mkdir(parents=True, exist_ok=True)
    (into / "widget.md").write_text(markdown(ours, peer, runs, version, QUICK_NOTE if quick else ""), encoding="utf-8")
    console.print(f"[green]✓[/] 已写入 {into / 'widget.md'}", highlight=False)
    found = failures(ours)
    for failure in found:
        console.print(f"  [red]✗[/] {escape(failure)}", highlight=False)
    raise typer.Exit(int(bool(found)))


if __name__ == "__main__":
    typer.run(main)
