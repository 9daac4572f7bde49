"""The made-up city portal that holds the widget, on an address of its own, for a test."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import Iterator

import uvicorn

from cli.demo import portal


@contextmanager
def serving_portal(gateway: str, port: int) -> Iterator[str]:
    """Serve the portal with the gateway's widget; yield its origin."""
    server = uvicorn.Server(uvicorn.Config(portal(gateway), host="127.0.0.1", port=port, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started:
        if time.monotonic() > until:
            raise RuntimeError("the portal did not start")
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=5)
