"""`hotline report` and `hotline ledger`."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Iterator, Optional, Sequence

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from cli.common import console, fail, require_region, settings
from cli.traces import leave_trace
from core.bootstrap import load_regions
from core.clock import system_clock
from tickets.doing import Actor
from tickets.reports.files import CannotWrite, whole, write_table
from tickets.reports.ledger import ledger_header, ledger_rows
from tickets.reports.measures import Dimension
from tickets.reports.period import InvalidPeriod, Period, read_period
from tickets.reports.ranking import Ranking, rank
from tickets.reports.ratings import ratings_sheet
from tickets.reports.table import Sheet, named, ranking_sheets, report_sheet, screen_sheets, shown
from tickets.vocabulary import Role

if TYPE_CHECKING:
    from tickets.store.reports import SqlReports

_FIRST = typer.Option(None, "--from", help="从哪一天受理的，例如 2026-10-01")
_LAST = typer.Option(None, "--to", help="到哪一天受理的（含当天），不写就到今天")
_MONTH = typer.Option(None, "--month", help="哪个月受理的，例如 2026-10；什么都不写就是本月")


def report(
    first: Optional[str] = _FIRST,
    last: Optional[str] = _LAST,
    month: Optional[str] = _MONTH,
    by: Dimension = typer.Option(Dimension.DEPARTMENT, "--by", help="按什么分行：单位、区划、分类、类型、专席、月份"),
    ranking: bool = typer.Option(False, "--ranking", help="排名通报：各单位按三率综合得分排名"),
    ratings: bool = typer.Option(False, "--ratings", help="好差评：会话和工单各得了多少个哪一等"),
    csv: Optional[Path] = typer.Option(None, "--csv", help="写进这个 CSV 文件"),
    xlsx: Optional[Path] = typer.Option(None, "--xlsx", help="写进这个 XLSX 文件"),
    png: Optional[Path] = typer.Option(None, "--png", help="把排名画成图，写进这个 PNG 文件（和 --ranking 一起用）"),
) -> None:
    """三率和别的指标：响应率、解决率、满意率、按时办结率、退单率、重办率、直接办结率（口径见 docs/reports.md）。"""
    if ranking and by is not Dimension.DEPARTMENT:
        raise fail("排名只按承办单位排，不要写 --by。")
    if ratings and (ranking or by is not Dimension.DEPARTMENT):
        raise fail("好差评按评价对象和渠道列，不要再写 --by 和 --ranking。")
    if png and not ranking:
        raise fail("--png 画的是排名，请同时写 --ranking。")
    with _explained():
        period = _period(first, last, month)
        reports, name_of = _reports(), _names()
        lines = [] if ratings else named(reports.tallies(period, by, system_clock()), by, name_of)
        placed = rank(lines, reports.rules)
        title = f"工单指标 {period.label}"
        if ratings:
            sheets = [ratings_sheet(f"好差评 {period.label}", reports.grades(period))]
        else:
            sheets = list(ranking_sheets(period.label, placed)) if ranking else [report_sheet(title, by, lines)]
        for file in filter(None, (csv, xlsx)):
            write_table(file, *((sheet.title, sheet.header, sheet.rows) for sheet in sheets))
            _written(file, f"{sum(len(sheet.rows) for sheet in sheets)} 行")
        if png:
            _draw(png, period, placed)
        if not (csv or xlsx or png):
            _show(sheets if ranking or ratings else screen_sheets(title, by, lines))


def ledger(
    file: Path = typer.Argument(..., help="写到哪里，后缀决定格式：.csv 或 .xlsx"),
    first: Optional[str] = _FIRST,
    last: Optional[str] = _LAST,
    month: Optional[str] = _MONTH,
    department: Optional[str] = typer.Option(None, "--department", help="只要这个单位主办的，按它能看到的写"),
    region: Optional[str] = typer.Option(None, "--region", help="这个单位所在的区划（六位代码）"),
    callers: bool = typer.Option(False, "--callers", help="加上诉求人和电话两列；给单位的台账里，举报、保密、匿名的仍然不写"),
) -> None:
    """台账：一张工单一行，有主办单位、期限、状态、亮牌、督办级别。"""
    require_region(region)
    if region and not department:
        raise fail("写了 --region，还要写 --department 是哪个单位。")
    actor = Actor(Role.DEPARTMENT, "", department, region) if department else Actor(Role.SUPERVISOR)
    at = system_clock()
    with _explained():
        period = _period(first, last, month)
        rows = ledger_rows(_reports().ledger(period, actor, callers), at, _names(), callers)
        if callers:
            leave_trace("ledger_with_callers", period=period.label, department=department)
        count = write_table(file, (f"台账 {period.label}", ledger_header(callers), rows))
    _written(file, f"{count} 张工单")


@contextmanager
def _explained() -> Iterator[None]:
    from core.cipher import KeysFaulty
    try:
        yield
    except (InvalidPeriod, CannotWrite) as error:
        raise fail(str(error))
    except KeysFaulty as error:
        raise fail(f"个人信息的密钥用不了：{error}")


def _period(first: str | None, last: str | None, month: str | None) -> Period:
    return read_period(system_clock().date(), month, first, last)


def _reports() -> SqlReports:
    from core.cipher import load_cipher
    from core.db import migrate
    from tickets.bootstrap import build_reports
    migrate(settings().database, load_cipher(settings().personal_keys))
    return build_reports(settings())


def _names() -> Callable[[str], str]:
    """How regions are called; a code that is on no list is told as it is."""
    regions = load_regions()
    known = {region.code: regions.path_name(region.code) for region in regions}
    return lambda code: known.get(code, code)


def _show(sheets: Sequence[Sheet]) -> None:
    for sheet in sheets:
        if not sheet.rows:
            continue
        table = Table(title=escape(sheet.title), title_style="", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for place, heading in enumerate(sheet.header):
            figures = not isinstance(sheet.rows[0][place], str)
            table.add_column(heading, justify="right" if figures else "left", no_wrap=figures)
        for row in sheet.rows:
            table.add_row(*(escape(shown(cell)) for cell in row))
        console.print(table)


def _draw(path: Path, period: Period, ranking: Ranking) -> None:
    from cli.ranking_picture import NoChineseFont, draw_ranking
    try:
        whole(path, lambda draft: draw_ranking(draft, f"承办单位排名 {period.label}", ranking.places))
    except NoChineseFont:
        raise fail("这台机器上没有中文字体，画不了图。可以安装 fonts-noto-cjk。")
    _written(path, "排名图")


def _written(path: Path, what: str) -> None:
    console.print(f"[green]✓[/] {what}已写进 {escape(str(path))}", highlight=False)
