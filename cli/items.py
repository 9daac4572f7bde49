"""`hotline items`: what callers hear, its versions, and what editors do with them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator, Optional

import typer
from sqlalchemy.exc import SQLAlchemyError

from cli import listing
from cli.common import console, editor, fail, require_region, settings
from core.clock import system_clock
from knowledge import editing
from knowledge.bootstrap import open_memory, open_store
from knowledge.errors import ConcurrentChange, KnowledgeFaulty, UnknownItem, UnknownVersion
from knowledge.importers.errors import ExchangeError
from knowledge.store.sql import SqlKnowledge

items = typer.Typer(invoke_without_command=True, help="事项、政策答问、一件事：查看、版本、发布、停用、恢复。")
Code = typer.Argument(..., help="代码，用 hotline items 查")
Region = typer.Option(None, help="六位区划代码")


@contextmanager
def explained() -> Iterator[None]:
    """End the command with a sentence that says what to do, for each error of the knowledge."""
    try:
        yield
    except UnknownItem as error:
        raise fail(f"没有代码为 {error.item} 的记录。用 hotline items 看全部。")
    except UnknownVersion as error:
        raise fail(f"{error.item} 没有这样的第{error.number}版。用 hotline items history {error.item} 看全部版本；只有草稿能发布。")
    except ConcurrentChange:
        raise fail("刚才有人改了同一条记录，这次什么也没有写。请再看一眼，重来一次。")
    except SQLAlchemyError as error:
        raise fail(f"数据库用不了（{type(error).__name__}）。请看 DATABASE_URL 对不对、数据库开没开；正在大批导入的话，等一会儿再来。")
    except ExchangeError as error:
        raise fail(str(error))
    except KnowledgeFaulty as error:
        raise fail(f"知识库有误，请先改正：\n{error}")


def store() -> SqlKnowledge:
    """Return the store, brought to the newest schema and to the product's own files."""
    with explained():
        return open_store(settings())


@items.callback()
def show_all(context: typer.Context) -> None:
    """列出现行的全部事项、一件事和政策答问。"""
    if context.invoked_subcommand is None:
        with explained():
            listing.show_items(console, store())


@items.command("show")
def show(code: str = Code, region: Optional[str] = Region) -> None:
    """显示一条记录现行的全部内容。"""
    require_region(region)
    with explained():
        found = store()
        learned = [name for name in open_memory(settings()).learned() if name.code == code]
        listing.show_item(console, found, code, region, learned)


@items.command("history")
def history(code: str = Code) -> None:
    """列出一条记录的全部版本：谁、何时、做了什么。"""
    with explained():
        listing.show_history(console, editing.history(store(), code))


@items.command("diff")
def diff(code: str = Code, before: Optional[int] = typer.Argument(None, help="旧版号，默认倒数第二版"),
         after: Optional[int] = typer.Argument(None, help="新版号，默认最后一版")) -> None:
    """逐项比较两个版本。"""
    with explained():
        trail = editing.history(store(), code)
        newest = len(trail) if after is None else after
        oldest = newest - 1 if before is None else before
        if before is None and newest == 1:
            raise fail(f"{code} 只有一版，没有可比的。")
        listing.show_difference(console, editing.version(store(), code, oldest), editing.version(store(), code, newest))


@items.command("publish")
def publish(code: str = Code) -> None:
    """发布最新的草稿。"""
    with explained():
        number = editing.publish(store(), code, author=editor(), at=system_clock())
    console.print(f"[green]✓[/] {code} 已发布为第{number}版，五秒内生效")


@items.command("withdraw")
def withdraw(code: str = Code) -> None:
    """停用一条记录，来电人不再听到；历史都留着，可以恢复。"""
    with explained():
        number = editing.withdraw(store(), code, author=editor(), at=system_clock())
    console.print(f"[green]✓[/] {code} 已停用，记为第{number}版")


@items.command("restore")
def restore(code: str = Code, number: int = typer.Argument(..., min=1, help="要恢复的版号")) -> None:
    """把旧版本重新发布为最新版。"""
    with explained():
        fresh = editing.restore(store(), code, number, author=editor(), at=system_clock())
    console.print(f"[green]✓[/] {code} 的第{number}版已重新发布为第{fresh}版，五秒内生效")
