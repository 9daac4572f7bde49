"""The knowledge in force in a serving process: read anew when the store's revision or the day changes, swapped whole."""

from __future__ import annotations

import threading
from datetime import date
from typing import Callable, Protocol

from core.clock import Clock
from knowledge.answer import CatalogueAnswerer
from knowledge.catalogue import CatalogueData
from knowledge.matching.matcher import KnowledgeMatcher

EVERY = 0.5  # seconds between two looks; a published change must be heard within 5


class Edition(Protocol):
    """All that a process answers from at one time."""

    @property
    def catalogue(self) -> CatalogueData: ...

    @property
    def matcher(self) -> KnowledgeMatcher: ...

    @property
    def answerer(self) -> CatalogueAnswerer: ...


class Log(Protocol):
    """Where a reading that failed is told."""

    def info(self, event: str, **values: object) -> object: ...

    def error(self, event: str, **values: object) -> object: ...


class LiveKnowledge:
    """Hands out the parts of the newest edition; a reading that fails leaves the last good one in force."""

    def __init__(self, revision: Callable[[], int], read: Callable[[date], Edition], clock: Clock, log: Log) -> None:
        """Read the first edition; raises whatever `read` raises, for a process without knowledge must not serve."""
        self._revision = revision
        self._read = read
        self._clock = clock
        self._log = log
        self._key = self._now()
        self._edition = read(self._key[1])
        self._failed: object = None

    @property
    def catalogue(self) -> CatalogueData:
        return self._edition.catalogue

    @property
    def matcher(self) -> KnowledgeMatcher:
        return self._edition.matcher

    @property
    def answerer(self) -> CatalogueAnswerer:
        return self._edition.answerer

    def refresh(self) -> bool:
        """Look once; return whether a new edition is in force. Never raises."""
        try:
            key = self._now()
            if key == self._key:
                return False
            edition = self._read(key[1])
        except Exception as error:  # whatever is wrong with the database, callers are answered from what we have
            if repr(error) != self._failed:
                self._failed = repr(error)
                self._log.error("knowledge_not_read", error=f"{type(error).__name__}: {error}")
            return False
        self._edition, self._key, self._failed = edition, key, None
        self._log.info("knowledge_read", revision=key[0], items=len(edition.catalogue.by_code))
        return True

    def watch(self, every: float = EVERY) -> None:
        """Look every `every` seconds in a daemon thread, for the life of the process."""
        def run() -> None:
            pause = threading.Event()
            while not pause.wait(every):
                self.refresh()

        threading.Thread(target=run, name="knowledge", daemon=True).start()

    def _now(self) -> tuple[int, date]:
        return self._revision(), self._clock().date()
