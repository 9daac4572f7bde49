"""Our matcher against other ways to match, on real names and callers' words; writes docs/benchmarks/matching.md. Takes long, so it is no test."""

from __future__ import annotations

import subprocess
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from benchmarks.matchers import scores
from benchmarks.matchers.pictures import Pictures
from benchmarks.matchers.registry import PEERS, RASA
from benchmarks.matchers.report import markdown
from benchmarks.matchers.sets import FILES, ITEMS, PLAIN, QUESTIONS, SAMPLE, absent, title
from benchmarks.matchers.trial import Trial, run
from cli.evaluation.measures import percentile
from cli.evaluation.quiet import hushed
from core.settings import ROOT

FOLDER = ROOT / "docs" / "benchmarks"
DATA = ROOT.parent / "shared" / "data"
SMALLEST_COMPOSED = 10_000
QUICK_NOTE = "**A quick run on few texts: its figures say little.**"


def read_sizes(text: str) -> list[int]:
    """Read sizes set apart by commas; raises BadParameter for one that is no set."""
    sizes = [int(part) for part in text.split(",") if part.strip().isdigit()]
    unknown = [size for size in sizes if size not in (QUESTIONS, SAMPLE, ITEMS) and size < SMALLEST_COMPOSED]
    if not sizes or unknown or len(sizes) != len(text.split(",")):
        raise typer.BadParameter(f"规模是 {QUESTIONS}、{SAMPLE}、{ITEMS}，或者不小于 {SMALLEST_COMPOSED} 的数，用逗号隔开")
    return sorted(set(sizes))


def main(sizes: str = typer.Option("291,360,2193,100000,1000000", help="名称规模，用逗号隔开"),
         data: Path = typer.Option(DATA, help="公开数据所在的文件夹"),
         quick: bool = typer.Option(False, "--quick", help="每套只问几十条"),
         with_rasa: bool = typer.Option(True, help="也训练 Rasa 的 ResponseSelector（只在 291 条上）"),
         into: Path = typer.Option(FOLDER, help="报告和图片写到哪个文件夹"),
         keep: Path = typer.Option(None, help="把每次测量留在这个文件夹，已有的不再测")) -> None:
    """同一台机器、同样的问法，比较各种匹配方法，写出 docs/benchmarks/matching.md 和三张图。"""
    console = Console()
    missing = absent(data)
    if missing:
        console.print(f"[red]✗[/] {data} 里没有公开数据，无法比较：缺少 {'、'.join(missing)}（共需 {len(FILES)} 个文件）。用 --data 指明位置。")
        raise typer.Exit(2)
    found: dict[int, dict[str, Trial]] = {}
    reasons: dict[int, dict[str, str]] = {}
    failed = False
    for size in read_sizes(sizes):
        console.print(f"[bold]{title(size)}[/]", highlight=False)
        found[size], reasons[size] = {}, {}
        for peer in PEERS:
            reason = peer.left_out(size) or ("left out of this run" if peer is RASA and not with_rasa else "")
            if reason:
                if not peer.with_texts:
                    reasons[size][peer.name] = reason
                continue
            try:
                trial = found[size][peer.name] = run(peer.name, size, data, quick, keep)
            except subprocess.CalledProcessError as error:
                # The others are worth telling all the same.
                failed, reasons[size][peer.name] = True, f"failed with exit code {error.returncode}"
                console.print(f"  [red]✗[/] {peer.name}：{escape(error.stderr[-2000:])}", highlight=False)
                continue
            console.print(f"  {peer.name}：首位 {scores.hit(trial.outcomes[PLAIN], 1)}，建索引 {trial.build:.1f} 秒，"
                          f"每问 {1000 * percentile(trial.seconds, 0.5):.2f} 毫秒", highlight=False)
        if PEERS[0].name not in found[size]:
            raise typer.Exit(1)  # nothing to set the others beside
    into.mkdir(parents=True, exist_ok=True)
    with hushed():
        pictures = Pictures(into)
        drawn = pictures.draw(found, [peer.name for peer in PEERS if any(peer.name in trials for trials in found.values())])
    if not pictures.chinese:
        console.print("[yellow]![/] 这台机器没有中文字体，图里用英文。")
    (into / "matching.md").write_text(markdown(found, reasons, drawn, QUICK_NOTE if quick else ""), encoding="utf-8")
    console.print(f"[green]✓[/] 已写入 {into / 'matching.md'} 和 {len(drawn)} 张图", highlight=False)
    raise typer.Exit(int(failed))


if __name__ == "__main__":
    typer.run(main)
