"""Transfers reach the neighbour's system: signed, at least once, whatever dies on the way. Real Redis, a real receiver on loopback."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator

import pytest
import redis.asyncio

from api.desk.offering import GROUP, Offering, build_offering
from api.desk.transfers import STREAM, Transfer, keep
from core.clock import system_clock
from core.settings import Settings, SettingsError
from tests.support.fake_rasa import serving
from tests.support.gateway_fakes import NOW, RecordingLog
from tests.support.redis_server import running_redis
from tickets.hooks import HookAway, Poster, Webhook
from tickets.telling import Letter, new_secret, verify

SECRET = new_secret()


@dataclass
class Neighbour:
    """An ASGI app that takes posts; it answers with `statuses` in turn, then 204."""

    statuses: list[int] = field(default_factory=list)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        if scope["type"] != "http":
            return
        event = await receive()
        self.taken.append(({name.decode(): value.decode() for name, value in scope["headers"]}, event["body"]))
        status = self.statuses.pop(0) if self.statuses else 204
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def redis_server() -> Iterator[str]:
    with running_redis() as url:
        yield url


@pytest.fixture
async def store(redis_server: str) -> "redis.asyncio.Redis[str]":
    client = redis.asyncio.from_url(redis_server, decode_responses=True)
    await client.flushall()
    return client


@pytest.fixture
def neighbour() -> Neighbour:
    return Neighbour()


@pytest.fixture
def address(neighbour: Neighbour) -> Iterator[str]:
    with serving(neighbour) as url:
        yield url


def transfer(id: str = "t1") -> Transfer:
    return Transfer(id, "12333", NOW, "w" + "0" * 32, "web", "370102", "asked", "问的是异地转移社保。", None, "13812345678", "急")


def offering(store: Any, address: str, log: RecordingLog, most: int = 3) -> Offering:
    return Offering(store, Poster(30.0, (), system_clock), Webhook(0, f"{address}/hotline", SECRET), log, most=most, first=0.0)


async def all_steps(offer: Offering, **left: int) -> int:
    count = 0
    while await offer.step(**left):
        count += 1
    return count


async def test_a_transfer_is_told_once_signed_and_settled(store: Any, address: str, neighbour: Neighbour) -> None:
    log = RecordingLog()
    first, second = offering(store, address, log), offering(store, address, log)
    await first.step()  # makes the group
    await keep(store, transfer())
    assert sum(await asyncio.gather(first.step(), second.step())) == 1
    (headers, body), = neighbour.taken
    assert verify(SECRET, headers, body, system_clock()) == "t1"
    told = json.loads(body)
    assert (told["type"], told["data"]["to"], told["data"]["caller"]) == ("transfer.offered", "12333", "13812345678")
    assert (await store.xpending(STREAM, GROUP))["pending"] == 0
    assert await store.xlen(STREAM) == 1  # it stays for those who read the stream
    assert not any("13812345678" in repr(line) or "社保" in repr(line) for line in log.lines)


async def test_what_was_there_before_the_first_look_is_told_too(store: Any, address: str, neighbour: Neighbour) -> None:
    await keep(store, transfer("t1"))
    await keep(store, transfer("t2"))
    offer = offering(store, address, RecordingLog())
    await offer.step()
    assert await all_steps(offer) == 2
    assert [headers["webhook-id"] for headers, _ in neighbour.taken] == ["t1", "t2"]


async def test_a_neighbour_that_is_out_of_order_is_asked_again_at_once(store: Any, address: str, neighbour: Neighbour) -> None:
    neighbour.statuses = [503, 500]
    log = RecordingLog()
    offer = offering(store, address, log)
    await offer.step()
    await keep(store, transfer())
    assert await offer.step()
    assert [line["attempt"] for line in log.named("transfer_offered")] == [1, 2, 3]
    assert [headers["webhook-id"] for headers, _ in neighbour.taken] == ["t1"] * 3
    assert (await store.xpending(STREAM, GROUP))["pending"] == 0


async def test_what_a_gateway_had_in_hand_when_it_died_is_told_by_another(store: Any, address: str, neighbour: Neighbour) -> None:
    class Dying(Poster):
        def post(self, webhook: Webhook, letter: Letter) -> None:
            raise SystemError("killed")

    dead = Offering(store, Dying(1.0, (), system_clock), Webhook(0, address, SECRET), RecordingLog(), most=3, first=0.0)
    await dead.step()
    await keep(store, transfer())
    with pytest.raises(SystemError):
        await dead.step()
    alive = offering(store, address, RecordingLog())
    assert not await alive.step()  # not before its time
    assert await alive.step(left_ms=0)
    assert [headers["webhook-id"] for headers, _ in neighbour.taken] == ["t1"]
    assert (await store.xpending(STREAM, GROUP))["pending"] == 0


async def test_a_neighbour_that_never_takes_it_is_given_up_loudly(store: Any, address: str, neighbour: Neighbour) -> None:
    neighbour.statuses = [400] * 10
    log = RecordingLog()
    offer = offering(store, address, log, most=3)
    await offer.step()
    await keep(store, transfer())
    assert await all_steps(offer, left_ms=0) == 3
    assert log.named("transfer_not_taken") == [{"id": "t1", "to": "12333"}]
    assert len(neighbour.taken) == 3  # a refusal is not argued with at once


async def test_a_neighbour_that_is_away_holds_up_nothing_but_its_own(store: Any) -> None:
    class Away(Poster):
        def post(self, webhook: Webhook, letter: Letter) -> None:
            raise HookAway("没有回应")

    offer = Offering(store, Away(1.0, (), system_clock), Webhook(0, "http://127.0.0.1:1/", SECRET), RecordingLog(), most=9, first=0.0)
    await offer.step()
    await keep(store, transfer("t1"))
    await keep(store, transfer("t2"))
    assert await offer.step()
    assert await offer.step()
    assert not await offer.step()
    assert (await store.xpending(STREAM, GROUP))["pending"] == 2


async def test_the_stream_is_bounded(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.desk.transfers.KEPT", 100)
    for number in range(500):
        await keep(store, transfer(f"t{number}"))
    assert await store.xlen(STREAM) < 400  # whole nodes of the stream are dropped, never half ones


async def test_what_is_a_week_old_is_forgotten(store: Any, address: str, neighbour: Neighbour, monkeypatch: pytest.MonkeyPatch) -> None:
    now = (await store.time())[0] * 1000
    for number, age in enumerate((8, 6)):
        await store.xadd(STREAM, {"id": f"t{number}", "to": "12333", "at": NOW.isoformat(), "data": "{}"}, id=f"{now - age * 86_400_000}-0")
    running = asyncio.create_task(offering(store, address, RecordingLog()).run())
    for _ in range(400):
        if len(neighbour.taken):
            break
        await asyncio.sleep(0.02)
    running.cancel()
    assert [entry["id"] for _, entry in await store.xrange(STREAM)] == ["t1"]


async def test_without_a_webhook_the_old_goes_with_the_next_and_the_last_by_itself(store: Any) -> None:
    now = (await store.time())[0] * 1000
    await store.xadd(STREAM, {"id": "old"}, id=f"{now - 8 * 86_400_000}-0")
    await keep(store, transfer("new"))
    assert [entry["id"] for _, entry in await store.xrange(STREAM)] == ["new"]
    assert 0 < await store.ttl(STREAM) <= 7 * 86_400


@pytest.mark.parametrize(("given", "named"), [
    ({"transfer_webhook": "http://10.0.0.1/x", "transfer_secret": SECRET}, "TRANSFER_WEBHOOK"),
    ({"transfer_webhook": "https://neighbour.example/x"}, "TRANSFER_SECRET"),
    ({"transfer_webhook": "https://neighbour.example/x", "transfer_secret": "short"}, "TRANSFER_SECRET")])
def test_settings_that_cannot_work_stop_the_start_and_show_no_secret(store: Any, given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as refused:
        build_offering(Settings(**given), store, system_clock, RecordingLog())
    assert SECRET not in str(refused.value)


def test_without_a_webhook_nothing_is_offered(store: Any) -> None:
    assert build_offering(Settings(), store, system_clock, RecordingLog()) is None
