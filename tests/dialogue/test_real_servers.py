"""DATABASE_URL and REDIS_URL switch to real servers: the same product on PostgreSQL and a Redis of one's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.support.redis_server import running_redis
from tests.support.running_product import Product, launch

SERVER = os.environ.get("TEST_DATABASE_URL", "")
pytestmark = [pytest.mark.stack, pytest.mark.skipif(not SERVER, reason="TEST_DATABASE_URL is not set")]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT", future=True)
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE hotline_product"))
    yield make_url(SERVER).set(database="hotline_product").render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE hotline_product WITH (FORCE)"))
    engine.dispose()


def test_a_ticket_is_stored_in_postgresql_and_the_conversation_in_the_given_redis(database: str, tmp_path: Path) -> None:
    with running_redis() as redis_url:
        product: Product = launch(tmp_path, DATABASE_URL=database, REDIS_URL=redis_url)
        try:
            opened = product.chat().tell("历下区解放路12号阳光花园小区门口的路灯坏了，我手机13812345678", "对，提交")
            assert opened["outcome"] == "ticket_opened"
            with create_engine(database, future=True).connect() as connection:
                stored = connection.execute(text("SELECT number FROM tickets")).scalars().all()
            assert stored == [opened["ticket"]["number"]]
            assert redis.Redis.from_url(redis_url).dbsize() > 0
            assert not (tmp_path / "hotline.db").exists()
            assert not (tmp_path / "redis").exists()
        finally:
            assert product.stop() == 0
