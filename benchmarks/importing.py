"""Import of generated rows into a fresh SQLite database: rows a second and memory; writes docs/benchmarks/importing.md. Takes minutes, so no test."""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

import openpyxl
import typer
from rich.console import Console

from cli.evaluation.report import table
from core.clock import SHANGHAI
from core.db import connect, migrate
from core.settings import ROOT
from knowledge.importers.report import Report
from knowledge.importers.run import import_items
from knowledge.store.sql import SqlKnowledge

REPORT = ROOT / "docs" / "benchmarks" / "importing.md"
AT = datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI)
HEADER = ("业务办理项编码", "事项名称", "事项类型", "实施主体", "服务对象", "法定办结时限", "承诺办结时限", "受理条件", "办理流程",
          "材料", "办理地点", "办理时间", "咨询方式", "是否收费", "是否网办", "到办事现场次数", "设定依据", "行使层级", "主题分类",
          "计算机端在线办理跳转地址")
DEED = ("登记", "换领", "变更", "注销", "备案", "查询", "补领", "延续")
THING = ("路灯", "公告栏", "候车亭", "饮水点", "停车位", "晾衣架", "垃圾箱", "长椅", "花坛", "健身器")


@dataclass(frozen=True)
class Trial:
    """One run in a process of its own: processor seconds, and the most memory it held, in bytes; `start` is what it held before."""

    name: str
    seconds: float
    peak: int
    start: int


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """Yield `count` rows under HEADER, the same ones every time."""
    for number in range(count):
        thing, deed = THING[number % len(THING)], DEED[number // len(THING) % len(DEED)]
        area = f"第{number // 80 + 1}片区"
        conditions = f"在{area}有{thing}，并且{thing}完好，已经在使用，没有争议。" * (number % 4 + 1)
        yield (f"11370000ab{number:09d}", f"{area}{thing}{deed}", ("公共服务", "行政许可", "行政确认")[number % 3], f"试验市{thing}管理局",
               "自然人、企业法人", f"{number % 60 + 1}(工作日)", f"{number % 20 + 1}(工作日)", conditions,
               f"提出{deed}申请\n审查材料\n现场查看{thing}\n发放{thing}牌", f"{thing}{deed}申请表\n居民身份证\n{area}平面图",
               f"{area}便民中心{number % 9 + 1}号窗口", "周一到周五，上午九点到下午五点", f"0531-{number % 10**8:08d}", "否",
               "是" if number % 2 else "否", str(number % 3), f"《{thing}管理办法》第{number % 40 + 1}条", "县级", thing, f"https://lamps.example/{number}")


def write_table(path: Path, count: int) -> None:
    """Write rows as CSV or XLSX, by the suffix."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows(count)])
        return
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    page.append(HEADER)
    for row in rows(count):
        page.append(row)
    book.save(path)


def bare(path: Path) -> int:
    """Read a table with nothing but the csv module or openpyxl."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return sum(1 for _ in csv.DictReader(file))
    book = openpyxl.load_workbook(path, read_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)) - 1


def ours(path: Path, url: str, dry_run: bool = False) -> int:
    """Import a table into the database."""
    migrate(url)
    database = connect(url)
    report: Report = import_items(SqlKnowledge(database), path, author="benchmark", at=AT, dry_run=dry_run)
    database.close()
    if report.refused:
        raise RuntimeError(report.refusals[0].reason)
    return report.rows


# A child begins with its parent's peak of memory as its own, so even the tables are written by a child: the parent stays small.
WORK: dict[str, Callable[[Path, str, int], object]] = {
    "write": lambda path, url, count: write_table(path, count), "bare": lambda path, url, count: bare(path),
    "dry": lambda path, url, count: ours(path, url, dry_run=True), "import": lambda path, url, count: ours(path, url)}


def measured(name: str, work: str, path: Path, url: str, count: int) -> Trial:
    """Do the work in a child process and return what it took; raises CalledProcessError."""
    command = [sys.executable, __file__, "--child", work, "--table", str(path), "--url", url, "--rows", str(count)]
    told: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout)
    return Trial(name, told["seconds"], told["peak"], told["start"])


def child(work: str, path: Path, url: str, count: int) -> None:
    """Do one piece of work and tell processor seconds and bytes as JSON."""
    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    start, clock = peak(), time.process_time()
    WORK[work](path, url, count)
    sys.stdout.write(json.dumps({"seconds": time.process_time() - clock, "peak": peak(), "start": start}))


def lines(trials: Sequence[Trial], count: int) -> str:
    """Return the table of trials; the first is the peer that the others are set beside."""
    first = trials[0]
    return table(("what", "rows a second", "processor time", "peak memory", "of it the program itself"), (
        (trial.name, f"{round(count / trial.seconds, -2):,.0f}", f"{trial.seconds / first.seconds:.1f} ×", f"{trial.peak / 2**20:.0f} MB",
         f"{trial.start / 2**20:.0f} MB") for trial in trials))


def markdown(parts: Sequence[str]) -> str:
    """Return the report around the tables."""
    return "\n\n".join((
        "<!-- Written by benchmarks/importing.py; changes by hand are lost. -->", "# Import of service items",
        f"Generated rows of {len(HEADER)} national columns go through `knowledge.importers` into a fresh SQLite database with "
        "`knowledge.store.sql.SqlKnowledge`: all new, then the same file again, which changes nothing. Each line is a process of its own. The peer "
        "is the bare reading of the same file, which understands, compares and stores nothing: it tells how much of the work is the file itself. "
        "Rows a second are of processor time on one core and belong to a machine; the ratio to the peer travels better.",
        *parts,
        "Rows are read in batches, and changes wait in a temporary file until the whole table has been understood; what grows with the number of "
        "rows is the codes of the file and the heads of the store, not the documents. An XLSX is slower because openpyxl builds an object for "
        "every cell, which is needed to tell a formula from a text.")) + "\n"


def main(count: int = typer.Option(100_000, "--rows", min=100, help="CSV 生成多少行"),
         sheet: int = typer.Option(20_000, min=100, help="XLSX 取其中多少行"),
         work: str = typer.Option("", "--child", hidden=True), path: Path = typer.Option(Path(), "--table", hidden=True),
         url: str = typer.Option("", hidden=True)) -> None:
    """生成事项，导入新的数据库，再导入一遍，把速度和内存写进 docs/benchmarks/importing.md。"""
    if work:
        child(work, path, url, count)
        return
    console = Console()
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, size, peer in (("csv", count, "csv.DictReader"), ("xlsx", sheet, "openpyxl, values only")):
            file, database = Path(folder) / f"rows.{kind}", f"sqlite:///{folder}/{kind}.db"
            console.print(f"正在生成 {size} 行 {kind}", highlight=False)
            measured("", "write", file, "", size)
            trials = []
            for name, work in ((peer, "bare"), ("dry run, all new", "dry"), ("import, all new", "import"), ("import, all unchanged", "import")):
                trials.append(measured(name, work, file, database, size))
                console.print(f"  {name}：{trials[-1].seconds:.1f} 秒", highlight=False)
            parts += [f"## {kind.upper()}, {size:,} rows, {file.stat().st_size / 1e6:.0f} MB", lines(trials, size)]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(markdown(parts), encoding="utf-8")
    console.print(f"[green]✓[/] 已写入 {REPORT.relative_to(ROOT)}", highlight=False)


if __name__ == "__main__":
    typer.run(main)
