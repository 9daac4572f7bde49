"""How work grows with its input: a ratio of two measurements on the same machine in the same run, never a wall-clock figure."""

from __future__ import annotations

import time
from typing import Callable

ROUNDS = 7


def growth(work: Callable[[str], object], small: str, large: str) -> float:
    """Return how many times the processor time of `small` the work on `large` takes; the least of several rounds, taken in turn."""
    work(large)
    least = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        for position, text in enumerate((small, large)):
            began = time.process_time()
            work(text)
            least[position] = min(least[position], time.process_time() - began)
    return least[1] / max(least[0], 1e-4)
