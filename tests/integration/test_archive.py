"""Conversations that are over go from Redis into the database: nothing lost, nothing twice, wherever the worker dies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
import redis.asyncio
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from api.archive import Archive, Kept
from api.archiver import Archiver, Forgetting
from api.conversations import AFTER_END_S, DUE, Conversation, ConversationGone, Conversations, conversation_key, messages_key, new_message
from api.phone.recent import WINDOW_S
from core.cipher import Cipher, add_key
from core.clock import SHANGHAI
from core.db import Database, conversation_messages, conversations
from tickets.store.renewal import renew_rows

pytest_plugins = ("tests.support.gateway_fixtures", "tests.support.ticket_store")
ID, TOKEN, CALLER = "w" + "0" * 32, "secret", "13812345678"
AT = datetime(2026, 11, 5, 10, 30, 15, tzinfo=SHANGHAI)
SAID = "我叫王建国，住解放路12号😀"


@pytest.fixture
def store(redis_url: str) -> Iterator["redis.Redis[str]"]:
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    yield client
    client.close()


@pytest.fixture
async def live(redis_url: str) -> Any:
    client = redis.asyncio.from_url(redis_url, decode_responses=True)
    yield Conversations(client, 3600)
    await client.close()


@pytest.fixture
def archive(database: Database, cipher: Cipher) -> Archive:
    return Archive(database, cipher)


@pytest.fixture
def archiver(store: "redis.Redis[str]", archive: Archive) -> Archiver:
    return Archiver(store, archive)


async def begin(live: Conversations, id: str = ID, *said: str) -> list[dict[str, Any]]:
    await live.open(id, "web", "370102", CALLER, TOKEN)
    messages = [new_message("caller", text, AT, client_message_id=f"m{n}") for n, text in enumerate(said or (SAID,))]
    answer = new_message("bot", "补身份证带上户口簿。", AT, card={"code": "id-card"}, turn={"outcome": "answered", "item": "id-card"})
    return await live.append(id, [*messages, answer], fields={"outcome": "answered", "about": "id-card", "item": "id-card"})


def pass_time(store: "redis.Redis[str]", id: str = ID) -> None:
    """As if nothing had been said in it for as long as it lasts."""
    store.hset(conversation_key(id), "due", "1")
    store.zadd(DUE, {id: 1}, xx=True)


def count(database: Database) -> tuple[int, int]:
    with database.read() as connection:
        return tuple(connection.scalar(select(func.count()).select_from(table)) for table in (conversations, conversation_messages))  # type: ignore[return-value]


def kept(archive: Archive, id: str = ID) -> Kept:
    found = archive.find(id)
    assert found is not None
    return found


async def test_a_conversation_that_goes_on_is_left_alone(live: Conversations, archiver: Archiver, database: Database) -> None:
    await begin(live)
    assert archiver.step() is False
    assert (count(database), (await live.load(ID)).seq) == ((0, 0), 2)


async def test_an_idle_conversation_is_gone_for_its_caller_and_moves_as_a_whole(
        live: Conversations, store: "redis.Redis[str]", archiver: Archiver, archive: Archive, database: Database) -> None:
    said = await begin(live)
    pass_time(store)
    with pytest.raises(ConversationGone):
        await live.load(ID)
    archiver.step()
    found = kept(archive)
    assert found.messages == said
    told = found.conversation
    assert (told.id, told.channel, told.region, told.caller, told.outcome, told.seq, told.ended) == (ID, "web", "370102", CALLER, "answered", 2, "idle")
    assert (told.fields["about"], told.fields["item"], told.opened_by(TOKEN), told.opened_by("other")) == ("id-card", "id-card", True, False)
    assert (store.exists(conversation_key(ID), messages_key(ID)), store.zcard(DUE)) == (0, 0)
    with pytest.raises(ConversationGone):
        await live.append(ID, [new_message("caller", "还在吗", AT)])
    assert archiver.step() is False
    assert count(database) == (1, 2)


async def test_an_ended_conversation_stays_for_a_while(live: Conversations, store: "redis.Redis[str]", archiver: Archiver, archive: Archive) -> None:
    await begin(live)
    await live.append(ID, [], fields={"ended": "caller_hung_up 13812345678"})
    told = await live.load(ID)
    assert AFTER_END_S > WINDOW_S  # a call that dropped can be gone on with for as long
    lasts = float(told.fields["due"]) - float(told.fields["ended_at"])
    assert (told.ended, lasts, store.zscore(DUE, ID)) == ("caller_hung_up 13812345678", AFTER_END_S, float(told.fields["due"]))
    await live.append(ID, [new_message("caller", "还有", AT)])  # what comes after the end does not lengthen it
    assert (await live.load(ID)).fields["due"] == told.fields["due"]
    archiver.step()
    assert archive.find(ID) is None
    pass_time(store)
    archiver.step()
    assert (kept(archive).conversation.ended, len(kept(archive).messages)) == ("caller_hung_up 138********", 3)


async def test_words_cards_and_numbers_are_not_in_the_clear(live: Conversations, store: "redis.Redis[str]", archiver: Archiver, database: Database,
                                                            cipher: Cipher) -> None:
    await begin(live)
    pass_time(store)
    archiver.step()
    with database.read() as connection:
        rows = str([*connection.execute(text("SELECT * FROM conversations")), *connection.execute(text("SELECT * FROM conversation_messages"))])
        index = connection.scalar(select(conversations.c.caller_index))
    assert not any(word in rows for word in ("王建国", "解放路", CALLER, "户口簿", TOKEN))
    assert index == cipher.index(CALLER)


async def test_keys_of_archived_words_are_renewed(live: Conversations, store: "redis.Redis[str]", archiver: Archiver, archive: Archive,
                                                  database: Database, cipher: Cipher, key_file: Any) -> None:
    said = await begin(live)
    pass_time(store)
    archiver.step()
    add_key(key_file)
    assert renew_rows(database, cipher, [conversations, conversation_messages]) == 4  # number, fields, two messages
    assert (kept(archive).messages, kept(archive).conversation.caller) == (said, CALLER)


# --- killed, or overtaken -------------------------------------------------------------------------------------------------
class Killed(BaseException):
    """As kill -9: nothing after it runs."""


@pytest.mark.parametrize("point", ["_read", "keep", "_let_go"])
async def test_killed_before_any_step_it_goes_on_where_it_was(
        point: str, live: Conversations, store: "redis.Redis[str]", archiver: Archiver, archive: Archive, database: Database,
        monkeypatch: pytest.MonkeyPatch) -> None:
    said = await begin(live)
    pass_time(store)

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(archive if point == "keep" else archiver, point, die)
        with pytest.raises(Killed):
            archiver.step()
    assert store.zcard(messages_key(ID)) == 2
    Archiver(store, archive).step()
    assert (kept(archive).messages, count(database), store.exists(conversation_key(ID))) == (said, (1, 2), 0)


async def test_where_the_database_refuses_a_message_nothing_half_is_kept(
        live: Conversations, store: "redis.Redis[str]", archiver: Archiver, archive: Archive, database: Database,
        monkeypatch: pytest.MonkeyPatch) -> None:
    said = await begin(live)
    pass_time(store)
    rows = archive._message_rows
    with monkeypatch.context() as patched:
        patched.setattr(archive, "_message_rows", lambda kept: [*rows(kept), {**rows(kept)[0], "seq": 9, "author": None}])
        archiver.step()
    assert (count(database), store.exists(conversation_key(ID)), store.zcount(DUE, "-inf", 1)) == ((0, 0), 1, 0)
    pass_time(store)
    archiver.step()
    assert kept(archive).messages == said


async def test_a_message_that_comes_in_between_keeps_it_alive_and_goes_with_the_next_pass(
        live: Conversations, store: "redis.Redis[str]", archiver: Archiver, archive: Archive, database: Database) -> None:
    said = await begin(live)
    pass_time(store)
    snapshot = archiver._read(ID)
    assert snapshot is not None
    archive.keep(snapshot)
    said += await live.append(ID, [new_message("caller", "我还在", AT)])
    fields = snapshot.conversation.fields
    assert not archiver._let_go(keys=[conversation_key(ID), messages_key(ID), DUE], args=[fields["key"], fields["version"], ID])
    assert [message["seq"] for message in await live.messages(ID)] == [1, 2, 3]
    assert (await live.load(ID)).seq == 3
    pass_time(store)
    archiver.step()
    assert (kept(archive).messages, kept(archive).conversation.seq, count(database)) == (said, 3, (1, 3))


async def test_a_worker_that_was_overtaken_changes_nothing_back(live: Conversations, store: "redis.Redis[str]", archiver: Archiver, archive: Archive,
                                                                database: Database) -> None:
    await begin(live)
    pass_time(store)
    old = archiver._read(ID)
    assert old is not None
    await live.append(ID, [new_message("caller", "我还在", AT)], fields={"outcome": "handoff"})
    store.hincrby(conversation_key(ID), "due", 5)  # the clock of Redis tells whole seconds
    newer = archiver._read(ID)
    pass_time(store)
    assert newer is not None
    archive.keep(newer)
    archive.keep(Kept(replace(old.conversation, fields={**old.conversation.fields, "idle": "0"}), old.messages))
    assert (kept(archive).conversation.outcome, kept(archive).conversation.seq, count(database)) == ("handoff", 3, (1, 3))


async def test_a_call_id_that_is_used_again_is_another_conversation(live: Conversations, store: "redis.Redis[str]", archiver: Archiver,
                                                                    archive: Archive, database: Database) -> None:
    first = await begin(live, ID, "第一次")
    pass_time(store)
    second = await begin(live, ID, "第二次", "接着说")  # before any archiver came
    assert await live.messages(ID) == second
    archiver.step()
    assert kept(archive).messages == first
    pass_time(store)
    archiver.step()
    assert count(database) == (2, 5)
    assert store.keys("hotline:conversation:*") == []


async def test_one_that_is_begun_twice_keeps_what_was_said_and_takes_the_new_token(live: Conversations) -> None:
    said = await begin(live)
    await live.open(ID, "web", None, None, "another")
    told = await live.load(ID)
    assert (await live.messages(ID), told.region, told.opened_by("another"), told.opened_by(TOKEN)) == (said, "370102", True, False)


async def test_one_that_cannot_be_read_keeps_nobody_else_waiting(live: Conversations, store: "redis.Redis[str]", archiver: Archiver,
                                                                 archive: Archive) -> None:
    await begin(live, "broken")
    await begin(live)
    store.zadd(messages_key("broken"), {"no json": 3})
    pass_time(store, "broken")
    pass_time(store)
    archiver.step()
    assert archive.find("broken") is None
    assert (len(kept(archive).messages), store.exists(messages_key("broken")), store.zcount(DUE, "-inf", 1)) == (2, 1, 0)


async def test_while_the_database_is_away_everything_stays(live: Conversations, store: "redis.Redis[str]", archiver: Archiver, archive: Archive,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    await begin(live)
    pass_time(store)

    def away(_: Kept) -> None:
        raise OperationalError("", {}, Exception())

    with monkeypatch.context() as patched:
        patched.setattr(archive, "keep", away)
        with pytest.raises(OperationalError):
            archiver.step()
    archiver.step()
    assert len(kept(archive).messages) == 2


async def test_a_record_that_redis_dropped_is_dropped_from_the_line_of_the_archiver(store: "redis.Redis[str]", archiver: Archiver) -> None:
    store.zadd(DUE, {"nobody": 1})
    archiver.step()
    assert store.zcard(DUE) == 0


async def test_two_workers_at_once_keep_each_conversation_once(live: Conversations, store: "redis.Redis[str]", archive: Archive,
                                                               database: Database) -> None:
    from concurrent.futures import ThreadPoolExecutor
    ids = [f"w{n:032d}" for n in range(60)]
    for id in ids:
        await begin(live, id)
        pass_time(store, id)
    workers = [Archiver(store, archive) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(Archiver.step, workers))
        list(pool.map(Archiver.step, workers))
    assert (count(database), store.keys("hotline:conversation:*"), store.zcard(DUE)) == ((60, 120), [], 0)


# --- forgetting -----------------------------------------------------------------------------------------------------------
def over(n: int, at: datetime) -> Kept:
    fields = {"key": str(n), "channel": "web", "owner": "bot", "region": "", "caller": "", "digest": "", "seq": "1",
              "opened_at": str(at.timestamp()), "ended_at": str(at.timestamp()), "ended": "caller", "due": "1"}
    return Kept(Conversation(str(n), "web", "bot", None, None, "", None, None, 1, fields), [{**new_message("caller", "喂", at), "seq": 1}])


def test_old_conversations_are_forgotten_a_few_at_a_time(archive: Archive, database: Database) -> None:
    for n in range(101):
        archive.keep(over(n, AT))
    archive.keep(over(200, AT + timedelta(days=2)))
    forgetting = Forgetting(archive, lambda: AT + timedelta(days=366), timedelta(days=365))
    assert (forgetting.step(), count(database)) == (True, (2, 2))
    assert (forgetting.step(), forgetting.step(), count(database)) == (False, False, (1, 1))
