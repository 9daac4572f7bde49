"""Fixtures for tests of the widget: a gateway that a made-up site may use, and a browser that notes what a page complains of."""

from __future__ import annotations

from typing import Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.fake_rasa import serving
from tests.support.host_page import Site


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    with serving(made) as made.origin:
        yield made


@pytest.fixture
def gateway(app: FastAPI, site: Site) -> Iterator[str]:
    with serving(app) as site.gateway:
        yield site.gateway


@pytest.fixture
def faults() -> list[str]:
    """What the page complains of; whoever expects some clears it."""
    return []


@pytest.fixture
def context(browser: Browser, gateway: str, faults: list[str]) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1000, "height": 720})
    context.set_default_timeout(30000)
    context.on("weberror", lambda error: faults.append(str(error.error)))
    context.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    yield context
    context.close()
    assert faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
