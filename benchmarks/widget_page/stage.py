"""What the pages need: the gateway over a scripted Rasa, and a city's site on another origin that holds one client or the other."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Iterator

import redis
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from api.main import create_app
from cli.demo import FOLDER as PORTAL
from core.db import migrate
from core.settings import ROOT, Settings
from tests.support.fake_rasa import FakeRasa, serving
from tests.support.gateway_fixtures import build_parts
from tests.support.redis_server import running_redis

PEER_FILE = ROOT / ".cache" / "rasa-webchat" / "index.js"
OURS = '<script type="module" src="{gateway}/widget/widget.js" data-region="370100"></script>'
PEER = """<script src="peer.js"></script><script>
WebChat.default({{socketUrl: "{gateway}", socketPath: "/socket.io/", initPayload: "/get_started", title: "12345", subtitle: "",
                 embedded: false, params: {{storage: "local"}}, customMessageDelay: () => 0}}, null);
</script>"""
_LINE = re.compile(r"<script.*?</script>")


@dataclass(frozen=True)
class Stage:
    """Where the site is; its pages are /ours and /peer."""

    site: str
    redis: "redis.Redis[bytes]"

    def forgive(self) -> None:
        """Forget how often somebody asked: a caller who writes 250 times in a minute is held up otherwise."""
        for key in self.redis.scan_iter("hotline:rate:*"):
            self.redis.delete(key)


@contextmanager
def stage() -> Iterator[Stage]:
    """Start everything; it ends with the block."""
    where: dict[str, str] = {}
    with TemporaryDirectory() as folder, running_redis() as store, serving(FakeRasa()) as rasa, serving(_site(where)) as site:
        settings = Settings(data_dir=Path(folder), redis_url=store, rasa_url=rasa, actions_url=rasa, region="370100", widget_origins=site)
        migrate(settings.database)
        with serving(create_app(settings, build_parts(settings))) as gateway:
            where["gateway"] = gateway
            yield Stage(site, redis.Redis.from_url(store))


def _site(where: dict[str, str]) -> ASGIApp:
    """The portal of the demo, with another line at the end of its body."""
    portal = _LINE.sub("", (PORTAL / "index.html").read_text(encoding="utf-8"))

    def page(line: str) -> Route:
        async def answer(_: Request) -> Response:
            return HTMLResponse(portal.replace("</body>", f"{line.format(gateway=where['gateway'])}</body>"))

        return Route("/ours" if line is OURS else "/peer", answer)

    async def peer(_: Request) -> Response:
        return FileResponse(PEER_FILE, media_type="text/javascript")

    return GZipMiddleware(Starlette(routes=[page(OURS), page(PEER), Route("/peer.js", peer), Mount("/", StaticFiles(directory=PORTAL))]))
