"""`hotline lessons`: what contested dispatch teaches, for a supervisor to accept or drop."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator, Optional

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from cli.common import console, editor, fail, require_region, settings
from core.bootstrap import load_regions
from core.clock import system_clock
from core.db import connect
from tickets.errors import InvalidTicket
from tickets.lessons import Lesson, LessonState, set_right
from tickets.load import load_catalogue, load_policy
from tickets.routing import Router
from tickets.store.lessons import SqlLessons

lessons = typer.Typer(no_args_is_help=True, help="派错了的工单教会什么：看、采纳、不采纳。")
Id = typer.Argument(..., metavar="编号", help="用 hotline lessons list 看")


@contextmanager
def explained() -> Iterator[None]:
    """End the command with a sentence for each error."""
    try:
        yield
    except InvalidTicket as error:
        raise fail(str(error))
    except SQLAlchemyError as error:
        raise fail(f"数据库用不了（{type(error).__name__}）。请看 DATABASE_URL 对不对、数据库开没开；还没有启动过的话，先运行 hotline serve。")


@lessons.command("list")
def listed(state: LessonState = typer.Option(LessonState.PROPOSED, help="proposed 待定、accepted 已采纳、dropped 不采纳"),
           limit: int = typer.Option(50, min=1, max=500, help="最多列几条")) -> None:
    """列出来，新的在前。"""
    with explained():
        found = _store().listed(state, limit)
    if not found:
        console.print(f"没有{state.label}的。")
        return
    table = Table("编号", "说法", "先派给", "应是", "地方", "工单", "时间", "谁定的", title=f"{state.label}的改派记录")
    for lesson in found:
        table.add_row(*map(escape, (str(lesson.id), lesson.phrase, f"{lesson.wrong_category}（{lesson.wrong_department}）",
                                    f"{lesson.category}（{lesson.department}）", _place(lesson), lesson.number,
                                    f"{lesson.at:%Y-%m-%d %H:%M}", lesson.author)))
    console.print(table)


@lessons.command()
def accept(id: int = Id,
           category: Optional[str] = typer.Option(None, "--category", help="正确的类别不是列出的那个：写在这里"),
           region: Optional[str] = typer.Option(None, "--region", help="类别没有错，只是这个地方（六位区划代码）由别的单位办"),
           phrase: Optional[str] = typer.Option(None, "--phrase", help="换一句更好的说法，不要有姓名、电话、地点")) -> None:
    """采纳：以后这样说的，派给正确的类别或单位；五秒内生效。"""
    require_region(region)
    with explained():
        lesson = _lesson(id)
        right = set_right(lesson, Router(load_catalogue(), load_policy()), category, region, phrase)
        _decide(right, LessonState.ACCEPTED)
    told = f"“{right.phrase}” → {right.category}" if right.region is None else f"{_place(right)}的{right.category} → {right.department}"
    console.print(f"[green]✓[/] {escape(told)}，五秒内生效。要收回：hotline lessons drop {id}", highlight=False)


@lessons.command()
def drop(id: int = Id) -> None:
    """不采纳，或者收回已经采纳的。"""
    with explained():
        _decide(_lesson(id), LessonState.DROPPED)
    console.print(f"[green]✓[/] 不采纳第{id}条", highlight=False)


def _decide(lesson: Lesson, state: LessonState) -> None:
    if not _store().decide(lesson, state, author=editor(), at=system_clock()):
        raise fail("刚才有人定过这一条，这次什么也没有改。请再看一眼。")


def _lesson(id: int) -> Lesson:
    lesson = _store().find(id)
    if lesson is None:
        raise fail(f"没有第{id}条。用 hotline lessons list 看全部。")
    return lesson


def _store() -> SqlLessons:
    return SqlLessons(connect(settings().database))


def _place(lesson: Lesson) -> str:
    regions = load_regions()
    return regions.path_name(lesson.region) if lesson.region and regions.get(lesson.region) else "各地"
