"""One supervised child process: started, watched, restarted with back-off, stopped; its output masked into a log."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Mapping

from core.pii import mask

MAX_CRASHES = 5      # within CRASH_WINDOW; more means it will not live
CRASH_WINDOW = 120.0  # seconds
BACK_OFF = (0.5, 1.0, 2.0, 4.0, 8.0)
STOP_PATIENCE = 8.0  # seconds between a polite end and a hard one
LOG_LIMIT = 20_000_000  # bytes; the log starts anew beyond, with one old file kept


@dataclass
class Child:
    """A command that must keep running; `ready` says whether it answers."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool]
    relief: "Callable[[], subprocess.Popen[bytes] | None] | None" = None  # gives a process that takes a dead one's place at once
    stdin: int = subprocess.DEVNULL
    process: "subprocess.Popen[bytes] | None" = None
    crashes: "deque[float]" = field(default_factory=deque)
    _restart_at: float = 0.0

    def start(self) -> None:
        """Start the process in a group of its own, so that Ctrl-C reaches it only through the supervisor."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(self.command, env={**os.environ, **self.environment}, stdin=self.stdin,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        threading.Thread(target=self._drain, args=(self.process,), name=f"log of {self.name}", daemon=True).start()

    def _drain(self, process: "subprocess.Popen[bytes]") -> None:
        """Write the output with personal data masked; Rasa and its libraries know nothing of masking."""
        assert process.stdout is not None
        for raw in process.stdout:
            if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
                self.log.replace(self.log.with_suffix(".old.log"))
            with self.log.open("a", encoding="utf-8") as file:
                file.write(mask(raw.decode("utf-8", "replace")))

    def alive(self) -> bool:
        """Return whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def tend(self, now: float) -> bool:
        """Replace a crashed process, or restart it when its back-off is over; return False when it has crashed too often."""
        if self.alive():
            return True
        if self._restart_at == 0.0:
            self.crashes.append(now)
            while self.crashes and now - self.crashes[0] > CRASH_WINDOW:
                self.crashes.popleft()
            if len(self.crashes) > MAX_CRASHES:
                return False
            relief = self.relief() if self.relief else None
            if relief is not None:
                self.process = relief
                return True
            self._restart_at = now + BACK_OFF[min(len(self.crashes), len(BACK_OFF)) - 1]
        elif now >= self._restart_at:
            self._restart_at = 0.0
            self.start()
        return True

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """End a process that hangs, unless another has taken its place meanwhile; `tend` then restarts it."""
        if process is self.process and self.alive():
            self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """End the process and whatever it started; first politely."""
        if self.process is None:
            return
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_PATIENCE
        while self.alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)  # type: ignore[union-attr]  # only called with a process
        except ProcessLookupError:
            pass

    def last_words(self, lines: int = 15) -> str:
        """Return the end of the log, for a person who must mend it."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
