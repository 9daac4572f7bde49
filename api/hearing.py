"""Hearing danger without holding up the others: two thousand characters take some hundredths of a second."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from api.ports import Alarm, Detector

THREADS = 2


class Hearing:
    """The detector in a few threads of its own, which no other slow work fills."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._threads = ThreadPoolExecutor(THREADS, "hearing")

    async def hear(self, text: str) -> Alarm | None:
        """Return the danger that is heard in a text."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._detector.detect, text)
