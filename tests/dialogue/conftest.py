"""One product for all dialogue tests: the real Rasa, action server, Redis and gateway."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from api.desk.moves import LINE
from cli.supervisor import free_port
from tests.support.running_product import Chat, Product, launch

SEATS = "hotline:desk:seats"


@pytest.fixture(scope="session")
def portal_port() -> int:
    """Where another site may be, whose pages hold the widget."""
    return free_port()


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory, portal_port: int) -> Iterator[Product]:
    running = launch(Path(tmp_path_factory.mktemp("product")), HOTLINE_WIDGET_ORIGINS=f"http://127.0.0.1:{portal_port}")
    yield running
    assert running.stop() == 0


@pytest.fixture(autouse=True)
def empty_desk(request: pytest.FixtureRequest) -> None:
    """One product serves all tests: nobody sits at its desk yet, and nobody waits from another test."""
    if "product" in request.fixturenames:
        redis.Redis.from_url(request.getfixturevalue("product").redis_url).delete(SEATS, LINE)


@pytest.fixture
def chat(product: Product) -> Chat:
    return product.chat()


@pytest.fixture(scope="session")
def ivr_key(product: Product) -> str:
    made = product.hotline("admin", "key", "--role", "ivr")
    assert made.returncode == 0, made.stderr
    return next(word for word in made.stdout.split() if word.startswith("hk_"))
