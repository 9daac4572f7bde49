"""Rasa's two stores on a real Redis: conversations are kept whole and bounded, and two processes never overlap in one."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
import redis
from rasa.core.agent import Agent
from rasa.core.lock_store import LockError
from rasa.core.tracker_store import RedisTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot import lock_store, tuning
from bot.lock_store import LeaseLockStore
from bot.tracker_store import PREFIX, BoundedTrackerStore, TrackerChanged
from bot.tracker_trim import TURNS_MOST
from tests.support.redis_server import RedisServer, running_redis

DOMAIN = Domain.from_dict({"intents": ["greet"], "slots": {"region": {"type": "any", "mappings": [{"type": "custom"}]}},
                           "forms": {"ticket_form": {"required_slots": []}}})
TURN: tuple[Event, ...] = (UserUttered("您好", {"name": "greet"}), ActionExecuted("utter_greet"), ActionExecuted(ACTION_LISTEN_NAME))
HOLDERS, ROUNDS = 2, 40


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_redis() as url:
        yield url


@pytest.fixture
def port(url: str) -> Iterator[int]:
    redis.from_url(url).flushall()
    yield int(redis.connection.parse_url(url)["port"])


def store_on(port: int, **more: Any) -> BoundedTrackerStore:
    return BoundedTrackerStore(DOMAIN, "127.0.0.1", port=str(port), db="1", password="", **more)


def locks_on(port: int) -> LeaseLockStore:
    return LeaseLockStore(EndpointConfig("127.0.0.1", port=port, db=2, password=""))


async def begun(store: TrackerStore, *events: Event) -> DialogueStateTracker:
    tracker = await store.get_or_create_tracker("c1", append_action_listen=False)
    tracker.update_with_events([ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), ActionExecuted(ACTION_LISTEN_NAME), *events], DOMAIN)
    await store.save(tracker)
    return tracker


async def test_what_is_saved_comes_back_event_by_event_as_from_rasas_own_store(port: int) -> None:
    ours, stock = store_on(port), RedisTrackerStore(DOMAIN, "127.0.0.1", port, 3, record_exp=60)
    for store in (ours, stock):
        await begun(store, *TURN, ActiveLoop("ticket_form"), SlotSet("region", {"code": "370102"}))
    mine, theirs = await ours.retrieve("c1"), await stock.retrieve("c1")
    assert mine is not None and theirs is not None
    assert list(mine.events) == list(theirs.events)
    assert (mine.get_slot("region"), mine.active_loop_name) == (theirs.get_slot("region"), theirs.active_loop_name) == ({"code": "370102"}, "ticket_form")
    assert mine.latest_message == theirs.latest_message


async def test_a_conversation_that_rasas_own_store_began_goes_on(port: int) -> None:
    await begun(RedisTrackerStore(DOMAIN, "127.0.0.1", port, 1), SlotSet("region", "370102"))
    tracker = await store_on(port).retrieve("c1")
    assert tracker is not None
    assert tracker.get_slot("region") == "370102"
    tracker.update_with_events(list(TURN), DOMAIN)
    await store_on(port).save(tracker)
    again = await store_on(port).retrieve("c1")
    assert again is not None
    assert list(again.events) == list(tracker.events)


async def test_a_hundred_turns_stay_bounded_and_the_form_of_the_first_is_open(port: int, url: str) -> None:
    store, sizes = store_on(port), []
    tracker: DialogueStateTracker | None = await begun(store, TURN[0], ActionExecuted("ticket_form"), ActiveLoop("ticket_form"), SlotSet("region", "370102"), TURN[2])
    for _ in range(100):
        tracker = await store.retrieve("c1")
        assert tracker is not None
        tracker.update_with_events(list(TURN), DOMAIN)
        await store.save(tracker)
        sizes.append(len(tracker.events))
    assert tracker is not None
    assert (tracker.active_loop_name, tracker.get_slot("region")) == ("ticket_form", "370102")
    assert max(sizes) == max(sizes[:TURNS_MOST + 10])


async def test_a_conversation_expires_after_its_last_turn(port: int, url: str) -> None:
    await begun(store_on(port, record_exp="3600"))
    assert 3500 < redis.from_url(url.replace("/0", "/1")).ttl(f"{PREFIX}c1") <= 3600


async def test_of_two_that_took_a_turn_at_once_the_later_is_refused(port: int) -> None:
    store = store_on(port)
    await begun(store)
    one, two = await store.retrieve("c1"), await store_on(port).retrieve("c1")
    assert one is not None and two is not None
    one.update(SlotSet("region", "370102"))
    two.update(SlotSet("region", "370103"))
    await store.save(one)
    with pytest.raises(TrackerChanged):
        await store_on(port).save(two)
    one.update(SlotSet("region", "370104"))
    await store.save(one)
    kept = await store.retrieve("c1")
    assert kept is not None
    assert kept.get_slot("region") == "370104"


async def test_two_that_begin_one_conversation_do_not_write_over_each_other(port: int) -> None:
    store = store_on(port)
    late = await store.get_or_create_tracker("c1", append_action_listen=False)
    await begun(store_on(port))
    late.update(SlotSet("region", "370103"))
    with pytest.raises(TrackerChanged):
        await store.save(late)


async def test_one_that_is_made_by_hand_replaces_any(port: int) -> None:
    store = store_on(port)
    await begun(store, SlotSet("region", "370102"))
    await store.save(DialogueStateTracker.from_events("c1", [ActionExecuted(ACTION_LISTEN_NAME)], DOMAIN.slots))
    kept = await store.retrieve("c1")
    assert kept is not None
    assert kept.get_slot("region") is None


async def test_nothing_is_kept_of_a_conversation_that_has_not_begun(port: int) -> None:
    store = store_on(port)
    await store.get_or_create_tracker("c1", append_action_listen=False)
    assert await store.retrieve("c1") is None
    assert list(await store.keys()) == []
    await begun(store)
    assert list(await store.keys()) == ["c1"]


async def test_rasa_begins_no_conversation_anew_because_redis_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Agent, "_create_tracker_store", staticmethod(tuning._create_tracker_store))
    server = RedisServer(tmp_path)
    server.start()
    try:
        store = Agent(domain=DOMAIN, tracker_store=store_on(server.port)).tracker_store
        tracker = await begun(store, SlotSet("region", "370102"))
        server.kill()
        with pytest.raises(redis.RedisError):
            await store.retrieve("c1")
        with pytest.raises(redis.RedisError):
            await store.save(tracker)
        with pytest.raises(LockError):
            async with locks_on(server.port).lock("c1"):
                raise AssertionError("held without Redis")
        server.start()
        kept = await store.retrieve("c1")
        assert kept is not None
        assert kept.get_slot("region") == "370102"
        await store.save(tracker)  # the scripts went with the old process
    finally:
        server.stop()


async def test_turns_of_one_conversation_wait_in_their_order_and_others_do_not(port: int) -> None:
    locks, seen = locks_on(port), []
    free = asyncio.Event()

    async def turn(name: str, number: int) -> None:
        async with locks.lock(name):
            if name == "c1":
                await free.wait()
            seen.append((name, number))

    waiting = [asyncio.create_task(turn("c1", number)) for number in range(3)]
    await asyncio.wait_for(turn("c2", 0), 30)
    assert seen == [("c2", 0)]
    free.set()
    await asyncio.gather(*waiting)
    assert seen[1:] == [("c1", 0), ("c1", 1), ("c1", 2)]


async def test_a_turn_that_never_ends_is_not_waited_for_for_ever(port: int) -> None:
    async with locks_on(port).lock("c1"):
        with pytest.raises(LockError):
            async with locks_on(port).lock("c1", wait_time_in_seconds=0.05):
                raise AssertionError("held twice")
        same = locks_on(port)
        async with same.lock("c2"):
            with pytest.raises(LockError):
                async with same.lock("c2", wait_time_in_seconds=0.05):
                    raise AssertionError("held twice")


async def test_the_lease_is_renewed_while_the_turn_lasts_and_ends_with_it(port: int, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_store, "RENEWED_S", 0.01)
    client, key = redis.from_url(url.replace("/0", "/2")), f"{lock_store.PREFIX}c1"
    async with locks_on(port).lock("c1"):
        client.pexpire(key, 60_000)
        for _ in range(3000):
            await asyncio.sleep(0.01)
            if client.pttl(key) < 10_000:
                break
        assert 0 < client.pttl(key) <= lock_store.LEASE_S * 1000
    assert client.exists(key) == 0


async def test_whose_lease_has_passed_to_another_does_not_free_it(port: int, url: str) -> None:
    client, key = redis.from_url(url.replace("/0", "/2")), f"{lock_store.PREFIX}c1"
    async with locks_on(port).lock("c1"):
        client.set(key, "another")
    assert client.get(key) == b"another"


def _hold(port: int, folder: str, report: Connection) -> None:
    """Take the lock again and again; count how often somebody else was inside too."""
    inside = Path(folder) / "inside"

    async def rounds() -> int:
        locks, overlaps = locks_on(port), 0
        for _ in range(ROUNDS):
            async with locks.lock("c1", wait_time_in_seconds=120):
                try:
                    os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
                except FileExistsError:
                    overlaps += 1
                time.sleep(0.001)
                inside.unlink(missing_ok=True)
        return overlaps

    report.send(asyncio.run(rounds()))


def test_two_processes_never_overlap_in_one_conversation(port: int, tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ends = [context.Pipe(duplex=False) for _ in range(HOLDERS)]
    holders = [context.Process(target=_hold, args=(port, str(tmp_path), sender)) for _, sender in ends]
    for holder in holders:
        holder.start()
    assert [receiver.recv() for receiver, _ in ends] == [0] * HOLDERS
    for holder in holders:
        holder.join(30)
        assert holder.exitcode == 0


def test_a_process_that_dies_within_a_turn_frees_the_conversation(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def die() -> None:
        async def turn() -> None:
            async with locks_on(port).lock("c1", 0.5):
                sender.send("held")
                os._exit(9)
        asyncio.run(turn())

    dying = context.Process(target=die)
    dying.start()
    assert receiver.recv() == "held"
    dying.join(30)

    async def follow() -> bool:
        async with locks_on(port).lock("c1", wait_time_in_seconds=60):
            return True

    assert asyncio.run(follow())


async def test_the_newest_turn_is_told_again_by_its_id_in_any_process(port: int) -> None:
    async def turn(id: str, text: str) -> None:
        tracker = await store_on(port).get_or_create_tracker("c1")
        tracker.update_with_events([UserUttered("对", metadata={"turn_id": id}), BotUttered(text, {"custom": {"outcome": "ticket_opened"}}),
                                    ActionExecuted(ACTION_LISTEN_NAME), SlotSet("region", None)], DOMAIN)
        await store_on(port).save(tracker)

    await turn("t1", "编号一")
    await turn("t2", "编号二")
    assert [(said.text, said.data["custom"]) for said in await store_on(port).told_in("c1", "t2")] == [("编号二", {"outcome": "ticket_opened"})]
    assert [await store_on(port).told_in(*asked) for asked in (("c1", "t1"), ("c1", "t3"), ("c1", ""), ("c2", "t2"))] == [[], [], [], []]
