"""The memory on real databases, and the ways into it: the desk's corrections, and what an alarm takes out again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import StatementError

from api.ports import Parts
from core.clock import SHANGHAI
from core.db import Database, connect, migrate
from knowledge.memory.model import Learned, Miss, Pick
from knowledge.store.memory import SqlMemory
from knowledge.store.sql import SqlKnowledge
from tests.support.gateway_fakes import ITEM
from tests.support.gateway_fixtures import Chat, key_headers
from tests.support.postgres import empty

pytest_plugins = ("tests.support.gateway_fixtures",)

AT = datetime(2026, 11, 5, 10, 30, tzinfo=SHANGHAI)
POSTGRES = os.environ.get("TEST_DATABASE_URL", "")
PICK = Pick("塔灯参观咋弄😀", "lamp", "choice", AT, "a")
NAME = Learned("lamp", "塔灯参观咋弄", "wang", AT, 3)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.skipif(not POSTGRES, reason="TEST_DATABASE_URL is not set"))])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'memory.db'}" if request.param == "sqlite" else POSTGRES
    if request.param == "postgresql":
        empty(url)
    migrate(url)
    database = connect(url)
    yield database
    database.close()


@pytest.fixture
def memory(database: Database) -> SqlMemory:
    return SqlMemory(database, lambda: AT)


def test_picks_and_misses_come_back_as_they_were_kept(memory: SqlMemory) -> None:
    memory.keep_pick(PICK)
    memory.keep_miss(Miss("养龙虾要啥证", AT, "b"))
    assert (memory.picks(), memory.misses()) == ([PICK], [Miss("养龙虾要啥证", AT, "b")])


def test_a_pick_is_taken_back_from_its_caller_alone(memory: SqlMemory) -> None:
    other = Pick(PICK.text, "lamp", "choice", AT, "b")
    memory.keep_pick(PICK)
    memory.keep_pick(other)
    memory.take_back("a", PICK.text, "lamp")
    assert memory.picks() == [other]


def test_of_a_silenced_caller_nothing_is_kept_before_or_after(memory: SqlMemory) -> None:
    memory.keep_pick(PICK)
    memory.keep_miss(Miss("养龙虾要啥证", AT, "a"))
    memory.silence("a")
    memory.silence("a")
    memory.keep_pick(PICK)
    memory.keep_miss(Miss("养龙虾要啥证", AT, "b"))
    assert (memory.picks(), [miss.who for miss in memory.misses()]) == ([], ["b"])


def test_what_is_older_than_its_time_is_deleted(memory: SqlMemory) -> None:
    for days in (181, 179):
        memory.keep_pick(Pick(PICK.text, "lamp", "choice", AT - timedelta(days=days), "a"))
        memory.keep_miss(Miss("养龙虾要啥证", AT - timedelta(days=days), "a"))
    assert memory.expire(AT - timedelta(days=180)) == 2
    assert [entry.at for entry in (*memory.picks(), *memory.misses())] == [AT - timedelta(days=179)] * 2


def test_accepting_and_forgetting_let_the_revision_grow_and_rejecting_does_not(memory: SqlMemory, database: Database) -> None:
    knowledge = SqlKnowledge(database)
    seen = [knowledge.revision()]
    memory.accept([NAME, Learned("pole", NAME.text, "wang", AT, 1)])
    seen.append(knowledge.revision())
    assert memory.forget("pole", NAME.text)
    seen.append(knowledge.revision())
    assert seen == sorted(set(seen)), "each is heard by every process"
    memory.reject([("lamp", "别的啥")], author="wang", at=AT)
    memory.reject([("lamp", "别的啥")], author="wang", at=AT)
    assert not memory.forget("pole", NAME.text)
    memory.accept([])
    assert knowledge.revision() == seen[-1]
    assert (memory.learned(), memory.rejected()) == ([NAME], [("lamp", "别的啥")])


def test_a_name_accepted_again_stands_once(memory: SqlMemory) -> None:
    memory.accept([NAME])
    memory.accept([Learned("lamp", NAME.text, "li", AT, 5)])
    assert [(name.author, name.evidence) for name in memory.learned()] == [("li", 5)]


def test_accepting_is_all_or_none(memory: SqlMemory, database: Database) -> None:
    revision = SqlKnowledge(database).revision()
    with pytest.raises(StatementError, match="zone"):
        memory.accept([NAME, Learned("pole", "别的啥", "wang", datetime(2026, 11, 5), 1)])
    assert (memory.learned(), SqlKnowledge(database).revision()) == ([], revision)


def test_every_installation_has_a_salt_of_its_own(memory: SqlMemory, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    migrate(url)
    salts = {memory.salt(), memory.salt(), SqlMemory(connect(url)).salt()}
    assert [len(salt) for salt in salts] == [64, 64]


# --- the ways in ---------------------------------------------------------------------------------------------------------
async def test_a_person_at_the_desk_tells_what_words_meant(client: httpx.AsyncClient, operator: dict[str, str], parts: Parts) -> None:
    answer = await client.post("/v1/operator/corrections", json={"text": "俺那证没了", "code": ITEM.code}, headers=operator)
    assert answer.status_code == 202
    assert parts.memory.told == [("pick", "俺那证没了", ITEM.code, "operator")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("role", "body", "status", "code"), [
    ("operator", {"text": "俺那证没了", "code": "no-such"}, 404, "item_not_found"), ("operator", {"text": "", "code": ITEM.code}, 422, "invalid_request"),
    ("operator", {"text": "字" * 201, "code": ITEM.code}, 422, "invalid_request"), ("operator", {"text": "俺那证没了"}, 422, "invalid_request"),
    ("ivr", {"text": "俺那证没了", "code": ITEM.code}, 403, "forbidden"), (None, {"text": "俺那证没了", "code": ITEM.code}, 401, "unauthorised"),
])
async def test_a_wrong_correction_is_refused_in_the_one_form(client: httpx.AsyncClient, parts: Parts, role: str | None, body: dict[str, str], status: int,
                                                             code: str) -> None:
    headers = key_headers(parts, role) if role else {}  # type: ignore[arg-type]
    answer = await client.post("/v1/operator/corrections", json=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert parts.memory.told == []  # type: ignore[attr-defined]


async def test_words_of_danger_are_not_kept_whoever_hands_them_in(client: httpx.AsyncClient, operator: dict[str, str], parts: Parts) -> None:
    answer = await client.post("/v1/operator/corrections", json={"text": "家里着火了", "code": ITEM.code}, headers=operator)
    assert (answer.status_code, parts.memory.told) == (202, [])  # type: ignore[attr-defined]


async def test_an_alarm_in_a_chat_silences_it(chat: Chat, parts: Parts) -> None:
    await chat.say("家里着火了")
    assert parts.memory.told == [("silence", chat.id)]  # type: ignore[attr-defined]


async def test_an_alarm_on_the_phone_silences_the_call(client: httpx.AsyncClient, exchange: dict[str, str], parts: Parts) -> None:
    await client.post("/v1/ivr/calls", json={"call_id": "c1", "caller": "13800138000"}, headers=exchange)
    answer = await client.post("/v1/ivr/calls/c1/turns", json={"text": "我爸喘不上气了", "confidence": 0.2}, headers=exchange)
    assert answer.json()["outcome"] == "emergency_120"
    assert [entry[0] for entry in parts.memory.told] == ["silence"]  # type: ignore[attr-defined]
