"""`hotline tickets` and `hotline ticket`: the desk at the terminal, for whoever may log in to the machine."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Iterator, Mapping, Optional

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from cli import listing
from cli.common import console, editor, fail, require_region, settings
from cli.traces import leave_trace
from core.clock import system_clock
from core.pii import mask
from tickets.doing import Actor, Details
from tickets.errors import TicketError, TicketNotFound
from tickets.listing import MOST, Wanted, place_of
from tickets.model import NewTicket
from tickets.vocabulary import Act, Card, Channel, Pending, Queue, Result, Role, Status, TicketType

if TYPE_CHECKING:
    from tickets.desk import Desk

ticket = typer.Typer(no_args_is_help=True, help="一张工单：看、办、查记录、登记。")
Number = typer.Argument(..., metavar="编号", help="16 位工单编号")
As = typer.Option("operator", "--as", help="以什么身份：operator 话务员、supervisor 督办员、department 承办单位、admin 管理员（只能看）")
Office = typer.Option(None, "--office", help="以哪个承办单位的身份（--as department 时必填）")
OfficeRegion = typer.Option(None, "--office-region", help="这个单位的六位区划代码（--as department 时必填）")


class Desks(str, Enum):
    """As whom one may work at the terminal."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    DEPARTMENT = "department"
    ADMIN = "admin"


@contextmanager
def explained() -> Iterator[None]:
    """End the command with a sentence for each error of tickets."""
    try:
        yield
    except TicketNotFound:
        raise fail("没有这张工单，或者这个单位看不到它。")
    except TicketError as error:
        raise fail(f"{error.message}（{error.field}）" if error.field else error.message)
    except SQLAlchemyError as error:
        raise fail(f"数据库用不了（{type(error).__name__}）。请看 DATABASE_URL 对不对、数据库开没开。")


def tickets(limit: int = typer.Option(20, min=1, max=MOST, help="最多列几张"),
            status: Optional[Status] = typer.Option(None, help="只看这个状态"),
            department: Optional[str] = typer.Option(None, help="只看一个主办单位"),
            region: Optional[str] = typer.Option(None, help="只看这个区划（区县、市或全省的六位代码）"),
            category: Optional[str] = typer.Option(None, help="只看这个分类"),
            queue: Optional[Queue] = typer.Option(None, help="只看这个专门队列"),
            card: Optional[Card] = typer.Option(None, help="只看亮了牌的"),
            pending: Optional[Pending] = typer.Option(None, help="只看在等审核的"),
            after: Optional[str] = typer.Option(None, help="接着上一页看")) -> None:
    """列出工单，新的在前（电话、姓名已隐去）。"""
    require_region(region)
    with explained():
        wanted = Wanted(status=status, department=department, region=region, category=category, queue=queue, card=card, pending=pending,
                        after=place_of(after) if after else None)
        listing.show_tickets(console, _desk(Desks.OPERATOR).page(wanted, limit))


@ticket.command("show")
def show(number: str = Number, role: Desks = As, office: Optional[str] = Office, office_region: Optional[str] = OfficeRegion,
         full: bool = typer.Option(False, "--full", help="连姓名、电话也显示")) -> None:
    """看一张工单，和现在能对它做什么。"""
    with explained():
        desk = _desk(role, office, office_region)
        found = desk.ticket(number)
        if full:
            leave_trace("ticket_seen", number=found.number)
        listing.show_ticket(console, found, desk.open_acts(found, system_clock()), full)


@ticket.command("trail")
def trail(number: str = Number, role: Desks = As, office: Optional[str] = Office, office_region: Optional[str] = OfficeRegion) -> None:
    """看办理记录：谁、何时、做了什么、为什么。"""
    with explained():
        entries = _desk(role, office, office_region).trail(number)
        leave_trace("trail_seen", number=number)
        listing.show_trail(console, entries)


@ticket.command("act")
def act(number: str = Number, name: Act = typer.Argument(..., metavar="做什么", help="例如 receive、reply；hotline ticket show 列出现在能做的"),
        role: Desks = As, office: Optional[str] = Office, office_region: Optional[str] = OfficeRegion,
        text: str = typer.Option("", help="答复、理由或说明"),
        department: Optional[str] = typer.Option(None, help="派给哪个单位"),
        region: Optional[str] = typer.Option(None, help="那个单位的六位区划代码"),
        category: Optional[str] = typer.Option(None, help="改成哪个分类"),
        helper: Optional[list[str]] = typer.Option(None, help="协办单位，可以写几次"),
        days: Optional[int] = typer.Option(None, min=1, help="延期几个工作日"),
        until: Optional[datetime] = typer.Option(None, formats=["%Y-%m-%d"], help="挂账到哪一天"),
        result: Optional[Result] = typer.Option(None, help="办理结果"),
        channel: Optional[Channel] = typer.Option(None, help="不予受理时应当走的渠道"),
        lead: Optional[str] = typer.Option(None, help="并到哪张工单"),
        level: Optional[int] = typer.Option(None, min=1, help="几级督办"),
        reached: Optional[bool] = typer.Option(None, "--reached/--not-reached", help="回访有没有接通"),
        content: Optional[bool] = typer.Option(None, "--content/--not-content", help="诉求人满意不满意"),
        version: Optional[int] = typer.Option(None, min=0, help="看到的版本：别人先办了就不办")) -> None:
    """办理一张工单：签收、答复、审核、转派等。"""
    require_region(region)
    with explained():
        desk = _desk(role, office, office_region)
        details = Details(department=department, region=region, category=category, helpers=tuple(helper or ()), days=days,
                          until=until.date() if until else None, result=result, channel=channel, lead=lead, level=level, reached=reached,
                          content=content)
        after = desk.act(number, name, system_clock(), text, details, version)
    console.print(f"[green]✓[/] {after.number} {name.label}，现在是：{after.status.label}（版本 {after.version}）", highlight=False)


@ticket.command("open")
def open_ticket(kind: TicketType = typer.Option(..., "--type", help="诉求类型"),
                from_file: Optional[Path] = typer.Option(
                    None, "--from-file", allow_dash=True,
                    help="从这个 JSON 文件读 text、name、phone，- 是标准输入；不写就当场问"),
                region: Optional[str] = typer.Option(None, help="六位区划代码，默认本热线的"),
                address: Optional[str] = typer.Option(None, help="地址"),
                category: Optional[str] = typer.Option(None, help="分类"),
                anonymous: bool = typer.Option(False, "--anonymous", help="匿名"),
                confidential: bool = typer.Option(False, "--confidential", help="保密"),
                hold: bool = typer.Option(False, "--hold", help="先受理，不派单：自己答复、不予受理或者再派")) -> None:
    """替来电人登记一张工单，并派出去。"""
    require_region(region)
    said = _read(from_file) if from_file else _asked()
    new = NewTicket(kind, said["text"], "operator", region=region or settings().region, address=address, name=said.get("name"),
                    phone=said.get("phone"), category=category, anonymous=anonymous, confidential=confidential, held=hold)
    with explained():
        opened = _desk(Desks.OPERATOR).service.open(new, system_clock())
    found = opened.ticket
    what = "已受理，还没有派" if hold else f"已派给{found.department}，{found.due_on}到期"
    console.print(f"[green]✓[/] {found.number} {what}" + (f"，查询码 {opened.code}" if opened.code else ""),
                  highlight=False)
    for warning in opened.warnings:
        console.print(warning)


@ticket.command("similar")
def similar(number: str = Number, role: Desks = As, office: Optional[str] = Office, office_region: Optional[str] = OfficeRegion) -> None:
    """列出可以和这张工单并案的：同一地点，或者内容差不多。"""
    with explained():
        found = _desk(role, office, office_region).similar(number, system_clock())
    table = Table("工单编号", "标题", "主办单位", "状态", "相似", "为什么")
    for one in found:
        other = one.ticket
        cells = (other.number, mask(other.title), other.department, other.status.label, f"{one.score:.2f}", "；".join(one.reasons))
        table.add_row(*map(escape, cells))
    console.print(table if found else "没有可以并案的工单。")


_TOLD = ("text", "name", "phone")


def _read(path: Path) -> Mapping[str, str]:
    """Return what a caller told, from a file: command lines are seen by everybody on a machine, and kept by shells."""
    try:
        told = json.loads(sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise fail(f"读不了 {path}：要一个 JSON 对象，有 text，可以有 name 和 phone。")
    if not isinstance(told, dict) or "text" not in told or not all(name in _TOLD and isinstance(value, str) for name, value in told.items()):
        raise fail("要一个 JSON 对象，有 text，可以有 name 和 phone，值都是文字。")
    return told


def _asked() -> Mapping[str, str]:
    questions = {"text": "说的什么事", "name": "诉求人（可以不写）", "phone": "电话（可以不写，不写就给一个查询码）"}
    told = {name: typer.prompt(question) if name == "text" else typer.prompt(question, default="", show_default=False)
            for name, question in questions.items()}
    return {name: value for name, value in told.items() if value}


def _desk(role: Desks, office: str | None = None, office_region: str | None = None) -> Desk:
    """Return the desk of whoever sits at the terminal, over a database brought to the newest schema."""
    from core.cipher import load_cipher
    from core.db import migrate
    from tickets.bootstrap import build
    from tickets.desk import Desk
    if (role is Desks.DEPARTMENT) != bool(office and office_region) or bool(office) != bool(office_region):
        raise fail("以承办单位的身份要同时写 --office 和 --office-region，别的身份都不写。")
    require_region(office_region)
    found = settings()
    migrate(found.database, load_cipher(found.personal_keys))
    return Desk(build(found, None), Actor(Role(role.value), editor(), office or "", office_region))
