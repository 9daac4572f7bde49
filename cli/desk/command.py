"""`hotline desk`: the key, the address, and then the screen."""

from __future__ import annotations

import asyncio
import stat
import sys
from pathlib import Path
from typing import Optional

import typer

from cli.asking import NotUnderstood, gateway
from cli.common import fail, require_region, settings
from core.settings import Settings

NO_KEY = ("没有坐席的密钥。请先发一个：hotline admin key --role operator --label 您的工号，"
          "把它存进一个只有您能读的文件，再用 --key-file 指明这个文件，或者放进环境变量 HOTLINE_OPERATOR_KEY。")


def desk(url: Optional[str] = typer.Option(None, help="网关的地址；不写就用本机正在运行的热线助手"),
         key_file: Optional[Path] = typer.Option(None, "--key-file", help="存着坐席密钥的文件；不写就用 HOTLINE_OPERATOR_KEY"),
         skills: str = typer.Option("", help="接哪几类，用逗号分开：tickets,general；不写就都接"),
         region: Optional[str] = typer.Option(None, help="接哪个地方的，六位区划代码；不写就都接")) -> None:
    """坐席的终端：看排队、接入、对话、用建议、转接、交还、结束。见 docs/desk.md。"""
    from cli.desk.link import Refused, Unreached
    from cli.desk.program import Program
    from core.bootstrap import load_regions
    wanted = settings()
    require_region(region)
    address = _address(url, wanted)
    key = key_of(key_file, wanted)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise fail("坐席的屏幕要在终端里打开。")
    regions = load_regions()

    def place(code: str) -> str:
        found = regions.get(code) if code else None
        return found.name if found else code

    async def work() -> None:
        await Program(address, key, tuple(filter(None, (skill.strip() for skill in skills.split(",")))), region, place).run()

    try:
        asyncio.run(work())
    except (Refused, Unreached) as error:
        raise fail(str(error))


def key_of(file: Optional[Path], wanted: Settings) -> str:
    """Return the key of the file, else of the environment; ends the command where there is none or others can read it."""
    if file is None:
        if key := wanted.operator_key.get_secret_value().strip():
            return key
        raise fail(NO_KEY)
    try:
        mode, text = file.stat().st_mode, file.read_text(encoding="ascii")
    except (OSError, ValueError):
        raise fail(f"读不了密钥文件 {file}。{NO_KEY}")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise fail(f"别人也能读密钥文件 {file}，请先运行：chmod 600 {file}")
    if not (key := text.strip()) or len(key.split()) != 1:
        raise fail(f"密钥文件 {file} 里没有密钥。{NO_KEY}")
    return key


def _address(url: Optional[str], wanted: Settings) -> str:
    if url is None:
        try:
            return gateway(wanted)
        except NotUnderstood as error:
            raise fail(f"{error}网关在别的机器上时，用 --url 写明它的地址。")
    if not url.startswith(("http://", "https://")):
        raise fail("地址请写成 http://主机:端口 或 https://主机。")
    return url.rstrip("/")
