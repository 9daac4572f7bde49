"""Parts that live and answer nobody: each is asked again and again, and one that stays silent is killed, so that it is started anew."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Callable

from cli.children import Child

EVERY_S = 5.0        # between two questions
ANSWER_S = 10.0      # for one answer: a machine with too much to do is slow and does not hang
SILENCE_S = 60.0     # of a part that has answered before
STARTING_S = 300.0   # of one that has not: a cold machine reads model and knowledge from disk
FEWEST = 4           # questions in a row; after a machine has slept the clock alone says nothing


@dataclass
class Pulse:
    """What one process has answered lately; another process begins another pulse."""

    pid: int | None = None
    since: float = 0.0        # of its last answer, or of the first question
    answered: bool = False
    failures: int = 0         # in a row

    def note(self, pid: int, answered: bool, now: float) -> bool:
        """Take the outcome of one question at `now` (seconds); return whether the process hangs."""
        if pid != self.pid:
            self.pid, self.since, self.answered, self.failures = pid, now, False, 0
        if answered:
            self.since, self.answered, self.failures = now, True, 0
            return False
        self.failures += 1
        return self.failures >= FEWEST and now - self.since >= (SILENCE_S if self.answered else STARTING_S)


class Watch:
    """Asks one part in a thread of its own, for a part that hangs must not hold up the others."""

    def __init__(self, child: Child, answers: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._child = child
        self._answers = answers
        self._clock = clock
        self._pulse = Pulse()

    def start(self) -> None:
        """Ask for the life of this process."""
        def run() -> None:
            while True:
                self.ask()
                time.sleep(EVERY_S)

        threading.Thread(target=run, name=f"watch of {self._child.name}", daemon=True).start()

    def ask(self) -> None:
        """Ask once, and kill the process that was asked when it hangs."""
        process = self._child.process
        if process is not None and process.poll() is None and self._pulse.note(process.pid, self._answers(), self._clock()):
            self._child.kill(process)

    def well(self) -> bool:
        """Return whether the process of this moment answered when it was last asked."""
        process = self._child.process
        return process is not None and process.pid == self._pulse.pid and self._pulse.answered and not self._pulse.failures
