"""`hotline conversations`: what was said in a conversation that is over, for a supervisor who must know."""

from __future__ import annotations

from datetime import datetime

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from api.archive import Archive, Kept
from cli.common import console, fail, settings
from core.cipher import KeysFaulty, load_cipher
from core.clock import SHANGHAI
from core.db import connect

conversations = typer.Typer(no_args_is_help=True, help="已经结束的会话：按编号查看。")
_AUTHORS = {"caller": "来访人", "bot": "智能助手", "operator": "工作人员", "system": "系统"}


@conversations.callback()
def _group() -> None:
    """A command of its own name although it is the only one."""


@conversations.command("show")
def show(id: str = typer.Argument(..., metavar="编号", help="会话编号")) -> None:
    """看一次结束了的会话说了什么：有来访人的原话和号码，请注意保密。"""
    wanted = settings()
    try:
        kept = Archive(connect(wanted.database), load_cipher(wanted.personal_keys)).find(id)
    except KeysFaulty:
        raise fail("密钥文件读不了这次会话，请核对 HOTLINE_KEYS_FILE。")
    except SQLAlchemyError as error:
        raise fail(f"数据库用不了（{type(error).__name__}）。请看 DATABASE_URL 对不对、数据库开没开；还没有启动过的话，先运行 hotline serve。")
    if kept is None:
        raise fail("没有这次会话，可能还没结束，或者保存期已过。")
    console.print(_head(kept), highlight=False, soft_wrap=True)
    console.print(_said(kept))


def _head(kept: Kept) -> str:
    told, fields = kept.conversation, kept.conversation.fields
    since, until = (f"{datetime.fromtimestamp(float(fields[name]), SHANGHAI):%Y-%m-%d %H:%M}" for name in ("opened_at", "ended_at"))
    known = {"渠道": told.channel, "区划": told.region, "号码": told.caller, "结果": told.outcome, "说的是": fields.get("about"),
             "结束原因": told.ended, "接着": fields.get("resumed_from")}
    return escape("，".join([f"{since} 到 {until}", *(f"{name}：{value}" for name, value in known.items() if value)]))


def _said(kept: Kept) -> Table:
    table = Table("序号", "时间", "谁", "说了什么")
    for message in kept.messages:
        at = f"{datetime.fromisoformat(message['at']):%H:%M:%S}"
        table.add_row(str(message["seq"]), at, _AUTHORS.get(message["author"], message["author"]), escape(message["text"]))
    return table
