"""A real browser for tests: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

from typing import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.chromium import ARGS, CHROMIUM

PATIENCE_MS = 20_000  # a busy machine is no reason to fail


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a test file; each test has a context of its own."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
