"""`hotline import` and `hotline export`."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Iterable, Iterator, Mapping

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from knowledge.importers.errors import ExportFailed
from knowledge.importers.exporting import export_items, write_csv
from knowledge.importers.mapping import load_mapping
from knowledge.importers.report import Outcome, Report
from knowledge.importers.run import Listen, import_items
from knowledge.ports import Store

VERDICTS = {"added": "新增", "changed": "更改", "unchanged": "未变", "refused": "拒收"}
SHOWN = 20  # refused rows and changes on the screen; the report file has all
WIDTH = 60  # characters of a value on the screen


def run_import(console: Console, store: Store, file: Path, mapping: Path | str | None = None, dry_run: bool = False, draft: bool = False, *,
               author: str, at: datetime, report_file: Path | None = None, region: str | None = None) -> Report:
    """Import a list of items and tell what became of it; `mapping` is a file or the name of a shipped one, `region` whose list it is.

    Raises ExchangeError, whose message is for the editor, and ConcurrentChange; then nothing was changed.
    """
    rules = load_mapping(mapping) if mapping is not None else None
    with _progress(console) as progress, _report(report_file) as listen:
        report = import_items(store, file, rules, author=author, at=at, draft=draft, dry_run=dry_run, region=region,
                              listen=listen, progress=progress)
    _show(console, file, report, dry_run, report_file)
    return report


def run_export(console: Console, documents: Iterable[Mapping[str, Any]], path: Path) -> int:
    """Write documents of items to a file in the national layout and return how many; raise ExchangeError."""
    count = export_items(documents, path)
    console.print(f"[green]✓[/] 已导出 {count} 个事项到 {escape(str(path))}", highlight=False)
    return count


@contextmanager
def _progress(console: Console) -> Iterator[Any]:
    if not console.is_terminal:
        yield lambda at, total: None
        return
    columns = (TextColumn("正在读"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda at, total: bar.update(task, completed=at, total=total or None)


@contextmanager
def _report(path: Path | None) -> Iterator[Listen]:
    """Write each outcome as it is told; the file appears only when the import was done."""
    if path is None:
        yield lambda outcome: None
        return
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise ExportFailed(f"写不了报告 {path}：要写一个文件名，放在有权限写的文件夹里。")
    with tempfile.TemporaryDirectory(prefix=".hotline-report-", dir=path.parent) as folder:
        draft = Path(folder) / "report.csv"
        with draft.open("w", encoding="utf-8-sig", newline="", errors="backslashreplace") as file:
            write_csv(file, [("行", "标识", "名称", "结果", "说明")])
            yield lambda outcome: write_csv(file, [_line(outcome)])
        os.replace(draft, path)


def _line(outcome: Outcome) -> tuple[str, ...]:
    changed = "、".join(difference.field for difference in outcome.differences)
    told = "；".join(filter(None, (f"改了{changed}" if changed else "", outcome.reason)))
    return str(outcome.row), outcome.code, outcome.name, VERDICTS[outcome.verdict], told


def _show(console: Console, file: Path, report: Report, dry_run: bool, report_file: Path | None) -> None:
    table = Table(title=f"{'试导入' if dry_run else '导入'} {escape(file.name)}", title_style="")
    for label in VERDICTS.values():
        table.add_column(label, justify="right")
    table.add_row(*(str(getattr(report, verdict)) for verdict in VERDICTS))
    console.print(table)
    if dry_run and report.changes:
        _show_changes(console, report)
    if report.refusals:
        _show_refusals(console, report)
    if report.noted:
        console.print(f"{report.noted} 行收下了，但有要留意的地方，--report 写出的文件里有说明。", highlight=False)
    if report.passed_over:
        console.print(f"这些列没有用到：{escape('、'.join(report.passed_over))}", highlight=False)
    if report_file:
        console.print(f"逐行的结果在 {escape(str(report_file))}", highlight=False)
    if dry_run:
        console.print("这是试导入，什么都没有改。", highlight=False)


def _show_changes(console: Console, report: Report) -> None:
    table = Table("标识", "字段", "原来", "改成", title="要改的", title_style="")
    for outcome in report.changes[:SHOWN]:
        for place, difference in enumerate(outcome.differences):
            table.add_row(escape(outcome.code) if not place else "", difference.field, _short(difference.before), _short(difference.after))
    console.print(table)
    _rest(console, report.changed)


def _show_refusals(console: Console, report: Report) -> None:
    table = Table("行", "标识", "名称", "原因", title="拒收的", title_style="")
    for outcome in report.refusals[:SHOWN]:
        table.add_row(str(outcome.row), _short(outcome.code), _short(outcome.name), escape(outcome.reason))
    console.print(table)
    _rest(console, report.refused)


def _rest(console: Console, count: int) -> None:
    if count > SHOWN:
        console.print(f"还有 {count - SHOWN} 行没有列出，用 --report 可以写出全部。", highlight=False)


def _short(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return escape(printable if len(printable) <= WIDTH else printable[:WIDTH] + "…")
