"""`hotline demo`: a made-up city portal on another address than the gateway's, with the widget in it."""

from __future__ import annotations

from urllib.parse import urlsplit

import typer
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from cli.common import console, settings
from core.settings import ROOT

FOLDER = ROOT / "web" / "demo"
_MARK = "{{gateway}}"


def portal(gateway: str) -> Starlette:
    """Return the site of the portal; its policy allows the gateway at `gateway` (scheme and host) and nothing else."""
    parts = urlsplit(gateway)
    stream = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    policy = (f"default-src 'none'; script-src {gateway}; connect-src {gateway} {stream}; style-src 'self'; img-src 'self' data:; "
              "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'")
    page = (FOLDER / "index.html").read_text(encoding="utf-8").replace(_MARK, gateway)

    async def index(_: Request) -> Response:
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"})

    return Starlette(routes=[Route("/", index), Mount("/", StaticFiles(directory=FOLDER))])


def demo(port: int = typer.Option(8080, min=1, max=65535, help="门户网站用的端口"),
         gateway: str = typer.Option("", help="网关的网址，例如 http://127.0.0.1:8000；不填就是本机这一个")) -> None:
    """启动一个虚构的门户网站，看看助手放进别的网站是什么样子。"""
    here = settings()
    address = (gateway or f"http://127.0.0.1:{here.port}").rstrip("/")
    origin = f"http://127.0.0.1:{port}"
    console.print(f"门户网站：{origin}/　网关：{address}", highlight=False)
    if origin not in here.allowed_origins:
        console.print(f"[yellow]![/] 网关要允许这个网站：在 .env 里写 HOTLINE_WIDGET_ORIGINS={origin}，再重新启动 hotline serve。", highlight=False)
    uvicorn.run(portal(address), host="127.0.0.1", port=port, log_level="warning", ws="none")
