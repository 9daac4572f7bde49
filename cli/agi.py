"""`hotline agi`: the FastAGI server for Asterisk-compatible exchanges."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from pathlib import Path

import httpx

from api.phone.agi_server import PHRASES, AgiServer, Desk, Wiring
from api.phrases import Phrases
from cli.common import fail, settings
from cli.keys import create_key
from core.logs import configure_logs, get_logger
from core.settings import ROOT, Settings

PORT = 4573  # FastAGI's own


def agi() -> None:
    """启动 FastAGI 服务，接 Asterisk 一类的交换机；默认只在本机 4573 端口，见 docs/phone.md。"""
    wanted = settings()
    configure_logs("agi", wanted.log_level)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        asyncio.run(serve(wanted))
    except OSError as error:
        raise fail(f"端口 {wanted.agi_port or PORT} 用不了：{error.strerror}")


async def serve(wanted: Settings) -> None:
    """Serve until told to stop; raises OSError where the port cannot be had."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    phrases = Phrases.load(ROOT / "bot" / "domain")
    phrases.require(PHRASES)
    host = "127.0.0.1" if wanted.host in ("0.0.0.0", "::") else wanted.host
    gateway = wanted.agi_gateway or f"http://{host}:{wanted.port}"
    headers = {"X-API-Key": key_of(wanted)}
    async with httpx.AsyncClient(base_url=gateway, headers=headers, timeout=httpx.Timeout(15.0, connect=2.0), trust_env=False) as http:
        desk = Desk(http, phrases, wanted.transfer_to, get_logger("agi"))
        wiring = Wiring(wanted.agi_say, wanted.agi_ask, wanted.agi_dial, wanted.transfer_to, wanted.agi_vouches)
        calls = AgiServer(desk, wiring, wanted.agi_calls)
        server = await calls.start(wanted.agi_host, wanted.agi_port or PORT)
        await stop.wait()
        server.close()
        await calls.stop()


def key_of(wanted: Settings) -> str:
    """Return the key for the gateway: the setting's, else the one in the data folder, made when there is none."""
    if given := wanted.agi_key.get_secret_value():
        return given
    path: Path = wanted.data_dir / "keys" / "agi.key"
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = create_key(wanted, "ivr", "FastAGI")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key)
    return key
