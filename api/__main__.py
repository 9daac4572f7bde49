"""`python -m api` runs the gateway."""

from __future__ import annotations

import logging
import socket
import sys

import uvicorn

from api.main import create_app
from api.shield import BODY_LIMIT
from api.wiring import build_parts
from core.cipher import load_cipher
from core.db import migrate
from core.logs import configure_logs
from core.settings import Settings, SettingsError, load_settings


def main() -> None:
    """Serve on settings.host and settings.port until told to stop."""
    # spaCy loads TensorFlow wherever it is installed; nothing here uses it, and without it 350 MB and some seconds are saved.
    sys.modules.setdefault("tensorflow", None)  # type: ignore[arg-type]
    settings = load_settings()
    if not settings.redis_url:
        raise SettingsError("missing setting: REDIS_URL")
    configure_logs("gateway", settings.log_level)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for every question to Rasa says nothing
    migrate(settings.database, load_cipher(settings.personal_keys))
    app = create_app(settings, build_parts(settings))
    # Rasa pins `websockets` 10, which uvicorn refuses: WebSockets go through wsproto. Access logs would hold ticket numbers.
    config = uvicorn.Config(app, ws="wsproto", log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5,
                            ws_max_size=BODY_LIMIT)
    uvicorn.Server(config).run(sockets=listening_all(settings))


def listening_all(settings: Settings) -> list[socket.socket]:
    """Return the shared socket, and where one is wanted the socket by which this very process is asked how it is."""
    shared = listening(settings.host, settings.port)
    return [shared, listening("127.0.0.1", settings.health_port)] if settings.health_port else [shared]


def listening(host: str, port: int) -> socket.socket:
    """Return a socket on a port that several gateways share: callers of one that dies connect to the next. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    shared = socket.socket(family, kind, protocol)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    shared.bind(address)
    return shared


if __name__ == "__main__":
    main()
