"""Writes down what callers picked, beside their turns: nothing that happens here can break or delay one."""

from __future__ import annotations

import threading
from queue import Full, Queue
from typing import Callable, Protocol

from core.clock import Clock
from knowledge.live import Log
from knowledge.memory.model import How, Miss, Pick
from knowledge.memory.privacy import keepable, who

WAITING = 1000  # records; beyond, the database has been away for so long that what comes is dropped


class Keeper(Protocol):
    """Where it is kept; knowledge.store.memory."""

    def salt(self) -> str: ...

    def keep_pick(self, pick: Pick) -> None: ...

    def keep_miss(self, miss: Miss) -> None: ...

    def take_back(self, who: str, text: str, code: str) -> None: ...

    def silence(self, who: str) -> None: ...


class Memory(Protocol):
    """What a turn may ask to be remembered; never raises, never waits."""

    def pick(self, conversation: str, text: str, code: str, how: How) -> None:
        """The words meant this record."""

    def miss(self, conversation: str, text: str) -> None:
        """The words found nothing."""

    def take_back(self, conversation: str, text: str, code: str) -> None:
        """They did not mean it after all."""

    def silence(self, conversation: str) -> None:
        """Someone is in danger: keep nothing of this conversation, neither what was said nor what will be."""


class Recorder:
    """A memory with one thread of its own, started by the first record."""

    def __init__(self, keeper: Keeper, clock: Clock, log: Log) -> None:
        self._keeper = keeper
        self._clock = clock
        self._log = log
        self._salt: str | None = None
        self._jobs: Queue[Callable[[], None]] = Queue(WAITING)
        self._starting = threading.Lock()
        self._started = False

    def pick(self, conversation: str, text: str, code: str, how: How) -> None:
        at = self._clock()

        def keep() -> None:
            words = keepable(text)
            if words is not None:
                self._keeper.keep_pick(Pick(words, code, how, at, self._who(conversation)))

        self._later(keep)

    def miss(self, conversation: str, text: str) -> None:
        at = self._clock()

        def keep() -> None:
            words = keepable(text)
            if words is not None:
                self._keeper.keep_miss(Miss(words, at, self._who(conversation)))

        self._later(keep)

    def take_back(self, conversation: str, text: str, code: str) -> None:
        def forget() -> None:
            words = keepable(text)
            if words is not None:
                self._keeper.take_back(self._who(conversation), words, code)

        self._later(forget)

    def silence(self, conversation: str) -> None:
        self._later(lambda: self._keeper.silence(self._who(conversation)))

    def settle(self) -> None:
        """Wait until all that was asked for is written or given up."""
        self._jobs.join()

    def _who(self, conversation: str) -> str:
        if self._salt is None:
            self._salt = self._keeper.salt()
        return who(self._salt, conversation)

    def _later(self, job: Callable[[], None]) -> None:
        try:
            self._jobs.put_nowait(job)
        except Full:
            self._log.error("memory_full")
            return
        with self._starting:
            if not self._started:
                threading.Thread(target=self._work, name="memory", daemon=True).start()
                self._started = True

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                job()
            except Exception as error:  # a record is worth less than the process that answers callers
                self._log.error("memory_not_kept", error=type(error).__name__)
            finally:
                self._jobs.task_done()


class Forgetful:
    """Remembers nothing: for a process that answers from the files alone and has no store."""

    def pick(self, conversation: str, text: str, code: str, how: How) -> None:
        """Let it go."""

    def miss(self, conversation: str, text: str) -> None:
        """Let it go."""

    def take_back(self, conversation: str, text: str, code: str) -> None:
        """There is nothing to take back."""

    def silence(self, conversation: str) -> None:
        """Nothing is kept of any conversation."""
