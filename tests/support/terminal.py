"""The command line in a terminal of its own, and what stands on its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from typing import Callable

from core.settings import ROOT

PATIENCE = 90.0  # seconds on a loaded machine
F2, F3, F8, F10, ENTER, REDRAW = "\x1bOQ", "\x1bOR", "\x1b[19~", "\x1b[21~", "\r", "\x0c"


class Terminal:
    """`hotline` with some words in a terminal of 80 × 24."""

    def __init__(self, *words: str, **environment: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", "LANG": "C.UTF-8", **environment}
        self.process = subprocess.Popen([sys.executable, "-m", "cli.main", *words], cwd=ROOT, env=environment, stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True)
        os.close(slave)
        self._output = bytearray()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self._master, 65536)
            except OSError:
                return
            if not chunk:
                return
            self._output += chunk

    @property
    def output(self) -> str:
        return bytes(self._output).decode("utf-8", "replace")

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def kill(self) -> None:
        """End the program as a power cut does."""
        self.process.kill()
        self.process.wait(10)

    def until(self, *words: str) -> None:
        """Redraw until all these words stand on the screen at once."""
        self._look(lambda seen: all(word in seen for word in words), str(words))

    def find(self, pattern: str) -> str:
        """Redraw until a pattern stands on the screen; return its group."""
        return re.findall(pattern, self._look(lambda seen: bool(re.search(pattern, seen)), pattern))[0]  # type: ignore[no-any-return]

    def _look(self, right: Callable[[str], bool], what: str) -> str:
        seen = ""

        def shown() -> bool:
            nonlocal seen
            begin = len(self._output)
            self.press(REDRAW)
            time.sleep(0.2)
            seen = without_escapes(bytes(self._output[begin:]).decode("utf-8", "replace"))
            return right(seen)

        wait(shown, lambda: f"{what} not on the screen: {seen}")
        return seen

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        os.close(self._master)


def wait(true: Callable[[], bool], why: Callable[[], str] = lambda: "it did not come about") -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, why()
        time.sleep(0.02)


def without_escapes(text: str) -> str:
    """Return what a terminal would show of a program's output, without its places and colours."""
    return re.sub(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[ -/]*[0-~])", "", text)
