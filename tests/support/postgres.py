"""The throw-away PostgreSQL of the tests, and one that a test may kill."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from core.db import connect
from tests.support.redis_server import free_port


def empty(url: str) -> None:
    """Drop every table, whatever an earlier test or an older schema left."""
    database = connect(url)
    with database.write() as connection:
        for table in inspect(connection).get_table_names():
            connection.execute(text(f'DROP TABLE "{table}" CASCADE'))
    database.close()


def binaries() -> Path | None:
    """Return where the newest server of this machine lies, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else None


class PostgresServer:
    """A server of one test alone: it may be killed, and keeps what it was told."""

    def __init__(self) -> None:
        """Make an empty cluster; it cannot be run as root, so root lends it to the package's own user."""
        self._folder = Path(tempfile.mkdtemp(prefix="hotline-postgres-"))
        self._user: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        if self._user:
            shutil.chown(self._folder, "postgres", "postgres")
        port = free_port()
        self.url = f"postgresql+psycopg2://hotline@127.0.0.1:{port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None
        # What a killed process has written outlives it; only a power cut would need fsync.
        self._command = [self._tool("postgres"), "-D", str(self._folder / "db"), "-p", str(port), "-k", str(self._folder),
                         "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        subprocess.run([self._tool("initdb"), "-D", str(self._folder / "db"), "-U", "hotline", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"],
                       check=True, cwd=self._folder, stdout=subprocess.DEVNULL, **self._user)

    def start(self) -> None:
        """Start it and wait until it answers; raises RuntimeError."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:  # it refuses while those of the killed one are still ending
                self._process = subprocess.Popen(self._command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._user)
            if self._answers():
                return
            time.sleep(0.1)
        raise RuntimeError("PostgreSQL did not start")

    def kill(self) -> None:
        """End its first process as a power cut does; the others notice and follow."""
        if self._process:
            self._process.kill()
            self._process.wait(60)

    def remove(self) -> None:
        """Stop it and delete what it holds."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(60)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        database = connect(self.url)
        try:
            with database.read() as connection:
                return bool(connection.execute(text("SELECT 1")).scalar())
        except OperationalError:
            return False
        finally:
            database.close()

    @staticmethod
    def _tool(name: str) -> str:
        folder = binaries()
        assert folder is not None, "PostgreSQL is not installed"
        return str(folder / name)
