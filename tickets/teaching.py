"""Keeps the router of a serving process taught: reads the accepted lessons anew whenever one is decided anywhere."""

from __future__ import annotations

import threading
from typing import Protocol, Sequence

from core.logs import get_logger
from tickets.lessons import Lesson, learned
from tickets.routing import Router

_log = get_logger(__name__)
EVERY = 1.0  # seconds between two looks; a lesson must be in force everywhere within 5


class Lessons(Protocol):
    """Where lessons are kept."""

    def revision(self) -> tuple[object, int]:
        """Return something that changes whenever a lesson is decided."""

    def accepted(self) -> Sequence[Lesson]:
        """Return every accepted lesson."""


class Teaching:
    """Teaches one router; a reading that fails leaves what it knows in force."""

    def __init__(self, lessons: Lessons, router: Router) -> None:
        self._lessons = lessons
        self._router = router
        self._revision: tuple[object, int] = (None, 0)
        self._failed: str | None = None

    def refresh(self) -> bool:
        """Look once; return whether the router has learnt something. Never raises."""
        try:
            revision = self._lessons.revision()
            if revision == self._revision:
                return False
            self._router.learn(learned(self._lessons.accepted()))
        except Exception as error:  # whatever is wrong with the database, requests are routed by what we know
            if repr(error) != self._failed:
                self._failed = repr(error)
                _log.error("lessons_not_read", error=type(error).__name__)
            return False
        self._revision, self._failed = revision, None
        _log.info("lessons_read", accepted=revision[1])
        return True

    def watch(self, every: float = EVERY) -> None:
        """Look every `every` seconds in a daemon thread, for the life of the process."""
        def run() -> None:
            pause = threading.Event()
            while not pause.wait(every):
                self.refresh()

        threading.Thread(target=run, name="lessons", daemon=True).start()
