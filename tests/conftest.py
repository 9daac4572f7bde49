"""For all tests."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """What was collected stays: thousands of tests need not be looked through for rubbish again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Nor at the end, where it takes a minute."""
    gc.freeze()
