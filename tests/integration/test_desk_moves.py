"""A conversation has exactly one owner, whoever does what to it at the same time; and none is lost between owner and line."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any, AsyncIterator

import pytest
import redis.asyncio

from api.conversations import AFTER_END_S, ConversationGone, Conversations, new_message
from api.desk.line import Line
from api.desk.moves import DESK, LINE, OWNED, Move, Moves
from api.desk.ownership import Ownership
from api.desk.presence import Presence
from api.desk.waits import Waits
from api.errors import ApiError
from tests.support.gateway_fakes import NOW

pytest_plugins = ("tests.support.gateway_fixtures",)


class Desk:
    """Everything that changes hands, on one Redis, for one conversation `w1`."""

    def __init__(self, store: "redis.asyncio.Redis[str]") -> None:
        self.store, self.conversations, self.line = store, Conversations(store, 3600), Line(store, lambda: NOW)
        self.ownership, self.moves, self.waits = Ownership(store), Moves(store), Waits(store)

    async def sound(self) -> None:
        """Owner, operator, line and desk agree."""
        async with self.store.pipeline(transaction=True) as pipe:  # one look: the others go on meanwhile
            pipe.hgetall("hotline:conversation:w1")
            pipe.hget(LINE, "w1")
            pipe.hget(OWNED, "w1")
            fields, waits, owned = await pipe.execute()
        owner = fields["owner"]
        assert owner in ("bot", "queue", "operator")
        assert (owner == "operator") == bool(fields.get("operator")) == bool(owned)
        assert owned is None or owned == fields["operator"]
        if owner == "queue":
            assert waits, "owned by the line but in no line"
        if owner == "bot":
            assert not waits, "in the line but the bot has it"
        if owner == "operator":
            assert not waits or '"alarm":true' in waits, "a person has it and yet it waits"


@pytest.fixture
async def desk(redis_url: str):  # type: ignore[no-untyped-def]
    store = redis.asyncio.from_url(redis_url, decode_responses=True)
    made = Desk(store)
    await made.conversations.open("w1", "web", "370102", None, "token")
    yield made
    await store.close()


async def claimed(desk: Desk, key: str) -> bool:
    try:
        return await desk.ownership.claim("w1", key, key, NOW, [new_message("system", f"{key} 来了", NOW)])
    except ApiError as error:
        assert error.code in ("conversation_taken", "conversation_not_found")
        return False


async def refused(act: object) -> bool:
    try:
        await act  # type: ignore[misc]
    except ApiError as error:
        assert error.code in ("conversation_taken", "conversation_not_claimed", "conversation_not_found")
        return True
    return False


async def test_of_many_who_reach_for_it_at_once_one_gets_it_and_says_so_once(desk: Desk) -> None:
    await desk.line.join("w1", "asked", NOW)
    got = await asyncio.gather(*(claimed(desk, f"k{number}") for number in range(30)))
    assert sum(got) == 1
    winner = f"k{got.index(True)}"
    conversation = await desk.conversations.load("w1")
    assert (conversation.owner, conversation.operator) == ("operator", winner)
    assert [message["text"] for message in await desk.conversations.messages("w1")] == [f"{winner} 来了"]
    await desk.sound()


async def test_a_silent_person_loses_it_once_however_many_gateways_look(desk: Desk) -> None:
    await claimed(desk, "k1")
    seen = {name: (await desk.store.hget("hotline:conversation:w1", name)) or "" for name in ("seq", "operator_seen")}
    entry = {"reason": "returned", "since": "1.0", "at": "", "skill": "general", "region": "", "alarm": False, "elderly": False, "distressed": False,
             "returned": True}
    move = Move({"operator": "queue"}, operator="k1", seen=seen, entry=entry, messages=[new_message("system", "请稍等", NOW)])
    results = [moved.result for moved in await asyncio.gather(*(desk.moves.make("w1", move) for _ in range(20)))]
    assert sorted(results) == ["done"] + ["refused"] * 19
    assert len(await desk.conversations.messages("w1")) == 2
    await desk.sound()


async def test_a_word_said_at_the_last_moment_keeps_it(desk: Desk) -> None:
    await claimed(desk, "k1")
    seen = {"seq": (await desk.conversations.load("w1")).fields["seq"]}
    await desk.conversations.append("w1", [new_message("operator", "我在。", NOW)])
    assert (await desk.moves.make("w1", Move({"operator": "bot"}, operator="k1", seen=seen))).result == "refused"
    assert (await desk.conversations.load("w1")).owner == "operator"


@pytest.mark.parametrize("seed", range(12))
async def test_claim_return_join_silence_and_end_in_any_order_leave_one_owner(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)

    async def one(number: int) -> None:
        key = f"k{chance.randrange(3)}"
        act = chance.randrange(8 if number < 60 else 9)
        await asyncio.sleep(chance.random() * 0.01)
        if act in (0, 1):
            await claimed(desk, key)
        elif act == 2:
            await refused(desk.ownership.give_back("w1", key, [new_message("bot", "我在。", NOW)]))
        elif act == 3:
            await desk.line.join("w1", chance.choice(["asked", "angry", "emergency_119"]), NOW)
        elif act == 4:
            await refused(desk.ownership.to_line("w1", key, "returned", NOW))
        elif act == 5:
            await desk.line.leave("w1")
        elif act == 6:
            await refused(desk.ownership.claim("w1", key, key, NOW, over=True))
        elif act == 7:
            await desk.ownership.alive("w1", key, NOW)
        else:
            await refused(desk.ownership.end("w1", "done", key))
        await desk.sound()

    await asyncio.gather(*(one(number) for number in range(80)))
    await desk.sound()
    said = await desk.conversations.messages("w1")
    assert [message["seq"] for message in said] == list(range(1, len(said) + 1)), "every word has its own number"


async def test_a_conversation_that_is_gone_is_taken_out_of_the_line(desk: Desk) -> None:
    assert await desk.line.join("w1", "asked", NOW) == "queue"
    await desk.store.delete("hotline:conversation:w1")
    assert await desk.line.join("w1", "asked", NOW) == ""
    assert await desk.line.waiting() == []
    with pytest.raises(ConversationGone):
        await desk.conversations.load("w1")


@pytest.mark.parametrize("act", ["leave", "join", "claim"])
async def test_what_is_over_is_only_taken_out_and_never_comes_alive(desk: Desk, act: str) -> None:
    await desk.line.join("w1", "asked", NOW)
    await desk.store.hset(OWNED, "w1", "k1")
    await desk.store.hset("hotline:conversation:w1", "due", (await desk.store.time())[0] - 1)
    before = await desk.store.hgetall("hotline:conversation:w1")
    if act == "leave":
        await desk.line.leave("w1")
    elif act == "join":
        assert await desk.line.join("w1", "emergency_119", NOW) == ""
    else:
        assert not await claimed(desk, "k1")
    assert await desk.store.hgetall("hotline:conversation:w1") == before
    assert not await desk.store.hexists(LINE, "w1")
    assert not await desk.store.hexists(OWNED, "w1")


async def test_words_with_a_move_are_kept_once_and_change_nothing_in_the_line(desk: Desk) -> None:
    await claimed(desk, "k1")
    move = Move({"operator": "operator"}, operator="k1", messages=[new_message("operator", "您好", NOW)], once="operator:k1:m1")
    async with desk.store.pubsub() as line:
        await line.subscribe(DESK)
        assert [(await desk.moves.make("w1", move)).result for _ in range(2)] == ["done", "again"]
        heard = [told async for told in _heard(line)]
    assert heard == [], "nobody looks at the line for a word that was said"
    done = await desk.conversations.done("w1", "operator:k1:m1")
    assert done is not None
    assert [(message["seq"], message["text"]) for message in done[0]] == [(2, "您好")]
    assert len(await desk.conversations.messages("w1")) == 2
    assert (await desk.moves.make("w1", replace(move, operator="k2", once=""))).result == "refused"


async def _heard(line: Any) -> AsyncIterator[Any]:
    while told := await line.get_message(timeout=0.1):
        if told["type"] == "message":
            yield told


async def test_who_joins_again_keeps_his_place_and_an_alarm_is_never_lowered(desk: Desk) -> None:
    await desk.line.join("w1", "asked", NOW - timedelta(minutes=2), skill="tax")
    await desk.line.join("w1", "emergency_119", NOW, elderly=True)
    await desk.line.join("w1", "asked", NOW, skill="tax")
    waiting, = await desk.line.waiting()
    assert (waiting.reason, waiting.alarm, waiting.since, waiting.priority) == ("emergency_119", True, (NOW - timedelta(minutes=2)).timestamp(), 0)


@pytest.mark.parametrize("act", ["leave", "end", "ended_at_a_desk", "give_back", "silent"])
async def test_an_alarm_stays_in_the_line_until_a_person_takes_it_or_ends_it(desk: Desk, act: str) -> None:
    at_a_desk = act in ("ended_at_a_desk", "give_back", "silent")
    if at_a_desk:
        await claimed(desk, "k1")
    await desk.line.join("w1", "emergency_119", NOW)
    if act == "leave":
        await desk.line.leave("w1")
    elif act == "give_back":
        await desk.ownership.give_back("w1", "k1")
    elif act == "silent":
        await desk.moves.make("w1", Move({"operator": "queue"}, operator="k1"))
    else:
        await desk.ownership.end("w1", "caller")
    waiting, = await desk.line.waiting()
    assert (waiting.alarm, (await desk.conversations.load("w1")).owner) == (True, "queue")
    await desk.sound()
    assert await claimed(desk, "k2")
    assert await desk.line.waiting() == []
    await desk.sound()


@pytest.mark.parametrize("act", ["seen", "ended", "passed on"])
async def test_a_person_who_looks_at_an_alarm_ends_it_or_passes_it_on_takes_it_out_of_the_line(desk: Desk, act: str) -> None:
    await claimed(desk, "k1")
    await desk.line.join("w1", "emergency_119", NOW)
    if act == "seen":
        await claimed(desk, "k1")
    elif act == "ended":
        await desk.ownership.end("w1", "operator", "k1")
    else:
        await desk.ownership.give_back("w1", "k1", fields={"outcome": "transferred"})
    assert await desk.line.waiting() == []
    await desk.sound()


async def test_whom_a_person_has_joins_the_line_with_an_alarm_alone(desk: Desk) -> None:
    await claimed(desk, "k1")
    before = await desk.store.hgetall("hotline:conversation:w1")
    assert await desk.line.join("w1", "asked", NOW) == "operator"
    assert (await desk.line.waiting(), await desk.store.hgetall("hotline:conversation:w1")) == ([], before)
    assert await desk.line.join("w1", "emergency_119", NOW) == "operator"
    assert await desk.line.join("w1", "asked", NOW) == "operator"
    waiting, = await desk.line.waiting()
    assert waiting.reason == "emergency_119"


@pytest.mark.parametrize("held", ["line", "person"])
async def test_a_conversation_that_ended_lasts_as_long_as_it_waits_or_a_person_has_it(desk: Desk, held: str) -> None:
    await (desk.line.join("w1", "emergency_119", NOW) if held == "line" else claimed(desk, "k1"))
    await desk.conversations.append("w1", [], fields={"ended": "transferred"})
    fields, (now, _) = (await desk.conversations.load("w1")).fields, await desk.store.time()
    assert (float(fields["due"]) > now + AFTER_END_S, "ended_at" in fields) == (True, False)
    await claimed(desk, "k1")
    await desk.ownership.end("w1", "done", "k1")
    fields = (await desk.conversations.load("w1")).fields
    assert float(fields["due"]) - float(fields["ended_at"]) == AFTER_END_S
    await desk.conversations.append("w1", [new_message("system", "再见", NOW)])
    assert (await desk.conversations.load("w1")).fields["due"] == fields["due"]


async def test_the_best_that_fits_is_next(desk: Desk) -> None:
    for id, skill in (("w2", "tax"), ("w3", "general")):
        await desk.conversations.open(id, "web", "370102", None, "token")
        await desk.line.join(id, "asked", NOW, skill=skill, region="370102")
    found = await desk.line.next_for(("general",), "370100")
    assert found is not None and found.id == "w3"
    assert await desk.line.next_for(("housing-fund",), None) is None


async def test_the_wait_is_told_from_those_who_were_taken(desk: Desk) -> None:
    for number in range(3):
        await desk.waits.note("tax", "370102", (NOW - timedelta(hours=2)).timestamp() if number == 0 else NOW.timestamp(), NOW + timedelta(minutes=2 * number))
    assert await desk.waits.expected("tax", "370100", 1, NOW + timedelta(minutes=5)) is not None
    assert await desk.waits.expected("tax", "370600", 1, NOW + timedelta(minutes=5)) is None, "another city's desk has its own pace"
    assert await desk.waits.expected("general", "370102", 1, NOW) is None
    assert await desk.waits.expected("tax", "370102", 1, NOW + timedelta(hours=3)) is None


async def test_presence_lives_by_heartbeats(desk: Desk) -> None:
    now = NOW
    presence = Presence(desk.store, lambda: now)
    assert not await presence.used()
    await presence.here("k1", "王", ("tax",), "370100", "ready", NOW)
    assert [(seat.key_id, seat.busy) for seat in await presence.present()] == [("k1", 0)]
    assert await presence.anybody_for("tax", "370102")
    assert not await presence.anybody_for("general", "370102")
    assert not await presence.anybody_for("tax", "370600")
    await presence.here("k1", "王", ("tax",), "370100", "paused", NOW)
    assert not await presence.anybody_for("tax", "370102")
    await claimed(desk, "k1")
    assert (await presence.present())[0].busy == 1
    now = NOW + timedelta(seconds=30)
    assert (await presence.present(), await presence.lost(), await presence.used()) == ([], {"k1"}, True)


async def test_who_only_takes_callers_is_here_and_is_not_missed_when_no_heartbeat_comes(desk: Desk) -> None:
    now = NOW
    presence = Presence(desk.store, lambda: now)
    await presence.acts("k1", "王", ("tax",), "370100", NOW)
    assert (await presence.used(), await presence.anybody_for("tax", "370102")) == (True, True)
    await presence.here("k2", "李", (), None, "paused", NOW)
    await presence.acts("k2", "李", (), None, NOW)  # his console tells how he is
    assert [seat.state for seat in sorted(await presence.present(), key=lambda seat: seat.key_id)] == ["ready", "paused"]
    now = NOW + timedelta(seconds=30)
    assert (await presence.present(), await presence.lost()) == ([], {"k2"})
    await presence.acts("k2", "李", (), None, now)
    assert await presence.lost() == set()
    now += timedelta(seconds=30)
    assert await presence.lost() == {"k2"}, "he has told how he is, and should go on"


async def test_who_leaves_is_gone_at_once_but_loses_what_he_has_only_after_a_heartbeats_time(desk: Desk) -> None:
    presence = Presence(desk.store, lambda: NOW)
    await presence.here("k1", "王", (), None, "ready", NOW)
    await presence.away("k1")
    assert (await presence.present(), await presence.lost()) == ([], set())
