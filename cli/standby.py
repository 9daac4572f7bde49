"""A warm process in reserve: it has loaded everything and waits to be told the port of one that has died."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Mapping

from cli.children import Child

PAUSE_S = 60.0  # before the next one, when one has died in waiting


class Standby:
    """At most one spare of a part; `command` reads its port from its input and ends when that is closed."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self._name, self._command, self._environment, self._log = name, command, environment, log
        self._spare: Child | None = None
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """The spare's process id, None where there is none."""
        return self._spare.process.pid if self._spare and self._spare.process and self._spare.alive() else None

    def keep(self, now: float) -> None:
        """Begin a spare where there is none, but not again and again; `now` in seconds."""
        if self.pid is None and now >= self._not_before:
            self._spare = Child(self._name, self._command, self._environment, self._log, lambda: True, stdin=subprocess.PIPE)
            self._spare.start()
            self._not_before = now + PAUSE_S

    def take(self, port: int, log: Path) -> "subprocess.Popen[bytes] | None":
        """Give the spare a port and hand it over, its output going into `log` from now on; None where there is none."""
        spare, self._spare = self._spare, None
        if spare is None or spare.process is None or spare.process.stdin is None or not spare.alive():
            return None
        spare.log = log
        try:
            with spare.process.stdin as told:
                told.write(b"%d\n" % port)
        except OSError:  # it died this very moment
            spare.stop()
            return None
        self._not_before = 0.0
        return spare.process

    def stop(self) -> None:
        """End the spare."""
        if self._spare:
            self._spare.stop()
