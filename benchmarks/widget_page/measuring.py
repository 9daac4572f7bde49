"""What is measured of a client, one fresh visit at a time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import Callable

from playwright.sync_api import Browser

from benchmarks.widget_page.clients import OURS, Client
from benchmarks.widget_page.stage import Stage
from benchmarks.widget_page.visit import QUESTIONS, SPEEDS, Loaded, Visit, visiting

LENGTHS = (0, 100, 500)
PEER_LENGTHS = (0, 100)
LATE_ANSWERS = 5
LAUNCHER, OPENED, EVERYTHING = "launcher only", "conversation", "everything"


@dataclass
class Figures:
    """Of one client: numbers of all visits under a name and a speed or a length, and what was loaded at each stage."""

    numbers: dict[tuple[str, str | int], list[float]] = field(default_factory=lambda: defaultdict(list))
    loaded: dict[str, Loaded] = field(default_factory=dict)
    shifts: list[float] = field(default_factory=list)

    def note(self, name: str, under: str | int, value: float) -> None:
        """Keep one number."""
        self.numbers[name, under].append(value)


def first_use(browser: Browser, stage: Stage, client: Client, figures: Figures, told: Callable[[], None]) -> None:
    """Come, open, ask once, at each speed."""
    for speed in SPEEDS:
        with visiting(browser, client, stage, speed) as visit:
            figures.note("launcher", speed.name, visit.come())
            launcher = visit.loaded()
            figures.note("open", speed.name, visit.open())
            opened = visit.loaded()
            figures.note("answer", speed.name, visit.ask(QUESTIONS[0]))
            figures.shifts.append(visit.shift())
            if speed is SPEEDS[0]:
                figures.loaded = {LAUNCHER: launcher, OPENED: opened}
                if client is OURS:
                    visit.forms()
                    figures.loaded[EVERYTHING] = visit.loaded()
        told()


def long_use(browser: Browser, stage: Stage, client: Client, figures: Figures, told: Callable[[], None]) -> None:
    """Talk for long, and look at the weight on the way."""
    with visiting(browser, client, stage) as visit:
        visit.come()
        visit.open()
        for length in LENGTHS if client is OURS else PEER_LENGTHS:
            visit.talk(length)
            _look(visit, length, figures)
            told()
        if client is OURS:
            there, tap = visit.again(LENGTHS[-1])
            figures.note("reloaded", LENGTHS[-1], there)
            figures.note("reopened", LENGTHS[-1], tap)


def _look(visit: Visit, length: int, figures: Figures) -> None:
    heap, nodes = visit.weight()
    figures.note("heap", length, heap)
    figures.note("nodes", length, nodes)
    if length:
        figures.note("frame", length, visit.scroll())
        figures.note("late", length, median(visit.late(LATE_ANSWERS)))
    figures.shifts.append(visit.shift())
