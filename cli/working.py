"""`hotline work` and `hotline webhooks`."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any, Optional

import redis
import typer
from rich.markup import escape
from rich.table import Table

from api.archive import Archive
from api.archiver import Archiver, Forgetting
from cli.common import console, fail, settings
from core.calendar import published_calendar
from core.cipher import load_cipher
from core.clock import system_clock
from core.db import Database, connect, migrate
from core.logs import configure_logs
from core.settings import Settings
from tickets.bootstrap import build_vault, serving
from tickets.events import NAMES
from tickets.hooks import Poster, UrlRefused, Webhook, checked_url, networks_of, unknown_events
from tickets.load import load_catalogue, load_policy
from tickets.notices.notifier import build_notifier
from tickets.photos.sweeping import PAUSE as SWEEPING_PAUSE
from tickets.photos.sweeping import Sweeping
from tickets.store.hooks import SqlHooks
from tickets.store.outbox import SqlOutbox
from tickets.store.photos import SqlPhotos
from tickets.store.streams import RedisStream
from tickets.telling import BackOff, key_of, new_secret
from tickets.worker import Cleaning, Deliveries, Duty, Notices, Relay, Scheduler, work

webhooks = typer.Typer(no_args_is_help=True, help="单位系统的推送：登记、列出、删除、查死信、重发。")
_POSTING = 4  # webhooks that are posted to at once
_HOUR = 3600.0
_LISTED = 500


def run() -> None:
    """到点亮牌、转发事件、推送到单位系统、给来电人发通知、归档结束的会话；serve 会自己启动它，也可以另开几个。"""
    wanted = settings()
    if not wanted.redis_url:
        raise fail("请设置 REDIS_URL：事件要写进 Redis。")
    configure_logs("worker", wanted.log_level)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    migrate(wanted.database, load_cipher(wanted.personal_keys))
    work(duties_of(wanted), stop)


def duties_of(wanted: Settings) -> list[Duty]:
    """Return what a worker does, over the configured database, Redis and gateways."""
    named: dict[str, Any] = {"socket_timeout": 5.0, "socket_connect_timeout": 2.0, "client_name": f"hotline-worker-{os.getpid()}"}
    client = redis.Redis.from_url(wanted.redis_url, **named)
    database, cipher, pause = connect(wanted.database), load_cipher(wanted.personal_keys), wanted.worker_pause
    service, archive = serving(wanted, client), Archive(database, cipher)
    outbox, hooks, lease = SqlOutbox(database), SqlHooks(database, cipher), timedelta(seconds=wanted.worker_lease)
    back_off = BackOff(timedelta(seconds=wanted.retry_first), timedelta(seconds=wanted.retry_longest), wanted.retry_times)
    poster = Poster(wanted.webhook_timeout, networks_of(wanted.webhook_networks), system_clock)
    notices = Notices(outbox, build_notifier(wanted, service.repository, cipher), system_clock, lease, back_off)
    posting = Deliveries(hooks, poster, system_clock, lease, back_off)
    return [
        Duty("scheduler", Scheduler(service, published_calendar, system_clock).step, pause),
        Duty("relay", Relay(outbox, RedisStream(client, wanted.events_kept), hooks, system_clock, lease).step, pause),
        Duty("notices", notices.step, pause),
        *(Duty(f"webhooks {number}", posting.step, pause) for number in range(1, _POSTING + 1)),
        Duty("archiver", Archiver(redis.Redis.from_url(wanted.redis_url, decode_responses=True, **named), archive).step, pause),
        Duty("forgetting", Forgetting(archive, system_clock, timedelta(days=wanted.conversation_days)).step, _HOUR),
        Duty("sweeping", Sweeping(build_vault(wanted, cipher), SqlPhotos(database), system_clock).step, SWEEPING_PAUSE),
        Duty("cleaning", Cleaning(outbox, system_clock, timedelta(days=wanted.outbox_days)).step, _HOUR),
    ]


@webhooks.command("add")
def add(
    url: str = typer.Argument(..., help="推送到哪里，https:// 开头"),
    department: Optional[str] = typer.Option(None, "--department", help="只推这个单位主办的工单；不写就推全部，只给热线中心自己用"),
    region: Optional[str] = typer.Option(None, "--region", help="这个单位的六位区划代码，和工单上承办单位的一致"),
    event: Optional[list[str]] = typer.Option(None, "--event", help="只推这种事件，可以写几次；不写就推全部"),
    secret_from: Optional[Path] = typer.Option(
        None, "--secret-from", allow_dash=True,
        help="从这个文件读签名密钥（whsec_ 开头的 base64，24 到 64 字节），- 是从标准输入或者当场输入；不写就新造一个"),
) -> None:
    """登记一个接收地址，签名密钥只显示这一次。"""
    if unknown := unknown_events(event or []):
        raise fail(f"没有这种事件：{'、'.join(unknown)}。可选：{'、'.join(sorted(NAMES))}")
    if region and not department:
        raise fail("写了区划就要写单位。")
    secret = _secret(secret_from) if secret_from else new_secret()
    try:
        checked_url(url)
        key_of(secret)
    except UrlRefused as error:
        raise fail(str(error))
    except ValueError:
        raise fail("签名密钥要是 24 到 64 字节的 base64。")
    if len(url) > 500:
        raise fail("网址最多500个字符。")
    if department and department not in _known_departments():
        console.print(f"[yellow]请核对[/] 派单目录里没有“{escape(department)}”这个单位。", highlight=False)
    number = _hooks().add(Webhook(0, url, secret, department, region, tuple(event or ())))
    console.print(f"[green]✓[/] 已登记，编号 {number}，签名密钥（只显示这一次）：\n{secret}", highlight=False, soft_wrap=True)


@webhooks.command("list")
def show() -> None:
    """列出接收地址。"""
    table = Table("编号", "网址", "单位", "区划", "事件", "状态")
    for hook in _hooks().all():
        state = "停用" if not hook.active else f"连续失败{hook.failures}次" if hook.failures else "正常"
        events = "、".join(hook.events) or "全部"
        table.add_row(str(hook.id), *map(escape, (hook.url, hook.department or "全部", hook.office_region or "", events, state)))
    console.print(table)


@webhooks.command("remove")
def remove(number: int = typer.Argument(..., help="编号")) -> None:
    """删除一个接收地址，还没推的一并不推了。"""
    if not _hooks().remove(number):
        raise fail(f"没有编号为 {number} 的接收地址。")
    console.print("[green]✓[/] 已删除")


@webhooks.command("dead")
def dead() -> None:
    """列出放弃了的推送和通知（最近的在前）。"""
    table = Table("标识", "内容", "发给", "试过", "原因")
    for letter, hook, fault in _hooks().dead(_LISTED):
        table.add_row(*map(escape, (letter.id, letter.name, f"{hook.id} {hook.url}", str(letter.tries), fault)))
    for letter, fault in _outbox().dead(_LISTED):
        table.add_row(*map(escape, (letter.id, letter.name, "诉求人", str(letter.tries), fault)))
    console.print(table)


@webhooks.command("retry")
def retry(id: Optional[str] = typer.Argument(None, help="标识；不写就是全部"),
          number: Optional[int] = typer.Option(None, "--webhook", help="只重发给这个编号的接收地址")) -> None:
    """把放弃了的推送和通知重新排队。"""
    at = system_clock()
    count = _hooks().again(at, id, number) + (0 if number else _outbox().again(at, id))
    console.print(f"[green]✓[/] 重新排队 {count} 条", highlight=False)


def _secret(source: Path) -> str:
    """Return a secret from a file, standard input or the keyboard: other users of a machine see its command lines."""
    if str(source) == "-":
        return str(typer.prompt("签名密钥", hide_input=True)).strip() if sys.stdin.isatty() else sys.stdin.readline().strip()
    try:
        return source.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise fail(f"读不了这个文件：{source}")


def _known_departments() -> set[str]:
    leaves = (*load_catalogue(), load_policy().backstop)
    return {name for leaf in leaves for name in (leaf.department, leaf.county, leaf.town) if name}


def _database() -> Database:
    wanted = settings()
    migrate(wanted.database, load_cipher(wanted.personal_keys))
    return connect(wanted.database)


def _hooks() -> SqlHooks:
    return SqlHooks(_database(), load_cipher(settings().personal_keys))


def _outbox() -> SqlOutbox:
    return SqlOutbox(_database())
