"""Fixtures for tests of the gateway: a real Redis and database, a Rasa that can be made to fail, fakes for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, AsyncIterator, Iterator

import httpx
import pytest
import redis
import redis.asyncio
from fastapi import FastAPI

from api.archive import Archive
from api.keys import KeyStore
from api.main import create_app
from api.ports import Parts, Role
from core.cipher import load_cipher
from core.db import connect, migrate
from core.settings import Settings
from tests.support.action_fakes import RecordingMemory
from tests.support.fake_rasa import FakeRasa, serving
from tests.support.gateway_fakes import NOW, FakeDetector, FakeKnowledge, FakeRegions, RecordingLog, phrases
from tests.support.redis_server import running_redis
from tickets.bootstrap import build as build_tickets
from tickets.bootstrap import build_album
from tickets.conversation_ratings import ConversationRatings
from tickets.store.conversation_ratings import SqlConversationRatings
from tickets.store.public import PublicTickets


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    with running_redis() as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    redis.from_url(redis_server).flushall()
    return redis_server


@pytest.fixture
def rasa() -> FakeRasa:
    return FakeRasa()


@pytest.fixture
def rasa_url(rasa: FakeRasa) -> Iterator[str]:
    with serving(rasa) as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, redis_url: str, rasa_url: str) -> Settings:
    return Settings(data_dir=tmp_path, redis_url=redis_url, rasa_url=rasa_url, actions_url=rasa_url, region="370100")


def build_parts(settings: Settings) -> Parts:
    """Real store and keys, fakes for the rest; needs a migrated database."""
    database = connect(settings.database)

    def ping_database() -> None:
        with database.read() as connection:
            connection.exec_driver_sql("SELECT 1")

    tickets = build_tickets(settings, redis.from_url(settings.redis_url, decode_responses=True))
    return Parts(
        redis=redis.asyncio.from_url(settings.redis_url, decode_responses=True, socket_timeout=2, socket_connect_timeout=1),
        http=httpx.AsyncClient(trust_env=False), detector=FakeDetector(), knowledge=FakeKnowledge(), regions=FakeRegions(),
        public_tickets=PublicTickets(database),
        ratings=ConversationRatings(SqlConversationRatings(database), tickets.open, tickets.repository.find),
        tickets=tickets, photos=build_album(settings, tickets),
        archive=Archive(database, load_cipher(settings.personal_keys)), keys=KeyStore(database, lambda: NOW),
        memory=RecordingMemory(), phrases=phrases(), ping_database=ping_database, clock=lambda: NOW, log=RecordingLog())


@pytest.fixture
def parts(settings: Settings) -> Parts:
    migrate(settings.database)
    return build_parts(settings)


@pytest.fixture
def app(settings: Settings, parts: Parts) -> FastAPI:
    return create_app(settings, parts)


@pytest.fixture
async def client(app: FastAPI, parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, client=("203.0.113.7", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client
    await parts.http.aclose()
    await parts.redis.close()


@dataclass
class Chat:
    """A web conversation as a page would hold it."""

    client: httpx.AsyncClient
    id: str
    token: str
    greeting: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/v1/chat/sessions/{self.id}/messages"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def send(self, text: str, message_id: str = "m1") -> httpx.Response:
        return await self.client.post(self.path, json={"text": text, "client_message_id": message_id}, headers=self.headers)

    async def say(self, text: str, message_id: str = "m1") -> dict[str, Any]:
        answer = await self.send(text, message_id)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def state(self, after: int = 0) -> dict[str, Any]:
        return (await self.client.get(self.path, params={"after": after}, headers=self.headers)).json()  # type: ignore[no-any-return]


async def begin_chat(client: httpx.AsyncClient, region: str | None = None) -> Chat:
    answer = await client.post("/v1/chat/sessions", json={"region": region} if region else {})
    assert answer.status_code == 200, answer.text
    session = answer.json()
    return Chat(client, session["session_id"], session["token"], session["greeting"])


@pytest.fixture
async def chat(client: httpx.AsyncClient) -> Chat:
    return await begin_chat(client, "370102")


def key_headers(parts: Parts, role: Role) -> dict[str, str]:
    office = ("城市管理局", "370102") if role == "department" else ()
    return {"X-API-Key": parts.keys.create(role, "测试", *office)}  # type: ignore[attr-defined]


@pytest.fixture
def operator(parts: Parts) -> dict[str, str]:
    return key_headers(parts, "operator")


@pytest.fixture
def exchange(parts: Parts) -> dict[str, str]:
    return key_headers(parts, "ivr")
