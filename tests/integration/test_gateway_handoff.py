"""When a conversation goes to a person, how it waits, and what happens when nobody comes or nobody answers."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from redis.exceptions import ConnectionError as RedisConnectionError

from api.desk.callback import CallBacks
from api.desk.line import Line
from api.desk.patience import Patience
from api.desk.presence import Presence
from api.gateway import Gateway
from api.ports import Parts
from tests.support.fake_rasa import FakeRasa
from tests.support.gateway_fakes import NOW
from tests.support.gateway_fixtures import Chat, begin_chat

pytest_plugins = ("tests.support.gateway_fixtures",)


@pytest.fixture
def gateway(app: FastAPI) -> Gateway:
    return app.state.gateway  # type: ignore[no-any-return]


def patience(gateway: Gateway, later: float) -> Patience:
    """A gateway's patience `later` seconds from now, in a gateway that has run since long."""
    def clock() -> datetime:
        return NOW + timedelta(seconds=later)
    parts, redis = gateway.parts, gateway.parts.redis
    made = Patience(redis, gateway.conversations, Line(redis, clock), Presence(redis, clock), CallBacks(parts.tickets, parts.phrases, clock, parts.log),
                    parts.phrases, clock, parts.log, wait=timedelta(minutes=5), silence=timedelta(seconds=120))
    made._began = NOW - timedelta(hours=1)
    return made


def key_id(parts: Parts, headers: dict[str, str]) -> str:
    key = parts.keys.verify(headers["X-API-Key"])
    assert key is not None
    return key.id


async def ready(gateway: Gateway, key: str = "k1", *skills: str, later: float = 0) -> None:
    await gateway.presence.here(key, "王", skills, None, "ready", NOW + timedelta(seconds=later))


async def claim(client: httpx.AsyncClient, chat: Chat, operator: dict[str, str]) -> None:
    assert (await client.post(f"/v1/operator/conversations/{chat.id}/claim", headers=operator)).status_code == 200


def said(reply: dict[str, object], author: str = "bot") -> str:
    return "".join(message["text"] for message in reply["messages"] if message["author"] == author)  # type: ignore[attr-defined]


def offers(state: dict[str, object]) -> list[str]:
    return [message["text"] for message in state["messages"] if "要吗" in message["text"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("texts", "reason", "words"), [
    (["没有这事", "没有这事"], "misunderstood", "没弄明白"), (["你个破机器人"], "angry", "对不住"), (["我快崩溃了"], "distressed", "别急"),
    (["没有这事", "补证", "没有这事"], "misunderstood", "没弄明白"), (["补证", "补证", "补证"], "misunderstood", "没弄明白"),
    (["没有这事", "坏了出错"], "misunderstood", "没弄明白"), (["坏了出错", "坏了出错"], "misunderstood", "没弄明白"),
    (["气死我了", "烦死了"], "angry", "对不住"), (["没有这事", "转人工"], "no_answer", "转人工"), (["转人工"], "asked", "转人工"),
], ids=["two misunderstandings", "insult", "distress", "asked back between", "asked back thrice", "a fault after it", "two faults", "irritated twice", "no answer", "asked"])
async def test_it_goes_to_a_person_and_the_reason_is_kept(gateway: Gateway, chat: Chat, texts: list[str], reason: str, words: str) -> None:
    for number, text in enumerate(texts[:-1]):
        assert (await chat.say(text, f"b{number}"))["owner"] == "bot"
    reply = await chat.say(texts[-1], "last")
    assert (reply["outcome"], reply["owner"]) == ("handoff", "queue")
    assert words in said(reply) and "排在第1位" in said(reply, "system")
    waiting, = await gateway.line.waiting()
    assert (waiting.id, waiting.reason, waiting.region) == (chat.id, reason, "370102")
    assert reason in (await gateway.conversations.load(chat.id)).fields["handoff"]


@pytest.mark.parametrize("texts", [["没有这事"], ["没有这事", "身份证丢了", "没有这事"], ["物业真是混蛋，垃圾站臭死了"], ["没有这事", "路灯坏了", "没有这事"],
                                   ["补证", "补证"], ["补证", "补证", "身份证丢了", "没有这事"]],
                         ids=["once", "not in a row", "strong words of others", "a form between", "asked back twice", "an answer between"])
async def test_it_stays_with_the_bot(chat: Chat, texts: list[str]) -> None:
    for number, text in enumerate(texts):
        assert (await chat.say(text, f"m{number}"))["owner"] == "bot"


@pytest.mark.parametrize(("texts", "reason", "mood"), [
    (["就会说这几句", "就会说这几句"], "angry", "angry"), (["就会说这几句", "烦死了"], "angry", "angry"), (["气死我了", "就会说这几句"], "angry", "angry"),
    (["几点开门", "转人工"], "no_answer", "calm"), (["没有这事", "几点开门", "没有这事"], "misunderstood", "calm"),
], ids=["angry twice in other words", "angry and irritated", "irritated and angry", "an item without the answer", "misunderstood before and after it"])
async def test_what_rasa_makes_of_the_words_counts_too(gateway: Gateway, chat: Chat, texts: list[str], reason: str, mood: str) -> None:
    for number, text in enumerate(texts[:-1]):
        assert (await chat.say(text, f"b{number}"))["owner"] == "bot"
    reply = await chat.say(texts[-1], "last")
    assert (reply["outcome"], reply["owner"], "对不住" in said(reply)) == ("handoff", "queue", mood == "angry")
    assert [entry.reason for entry in await gateway.line.waiting()] == [reason]
    assert (await gateway.conversations.load(chat.id)).fields["mood"] == mood


@pytest.mark.parametrize("texts", [["就会说这几句", "身份证丢了", "就会说这几句"], ["几点开门", "几点开门"]], ids=["calm between", "no answer twice"])
async def test_what_rasa_makes_of_the_words_may_leave_it_with_the_bot(chat: Chat, texts: list[str]) -> None:
    assert [(await chat.say(text, f"m{number}"))["owner"] for number, text in enumerate(texts)] == ["bot"] * len(texts)


async def test_who_is_old_stands_before_others(client: httpx.AsyncClient, gateway: Gateway) -> None:
    first, told, widget = await begin_chat(client), await begin_chat(client), await begin_chat(client)
    await first.say("转人工")
    await told.say("我七十多了，看不清字", "a")
    await told.say("转人工", "b")
    session = (await client.post("/v1/chat/sessions", json={"elderly": True})).json()
    widget = Chat(client, session["session_id"], session["token"], session["greeting"])
    await widget.say("转人工")
    assert {entry.id for entry in (await gateway.line.waiting())[:2]} == {told.id, widget.id}


async def test_a_new_place_is_told_with_the_next_word_and_stands_in_the_state(client: httpx.AsyncClient, gateway: Gateway, chat: Chat) -> None:
    before = await begin_chat(client)
    await gateway.line.join(before.id, "asked", NOW - timedelta(seconds=1), region="370100")
    assert "排在第2位，要等多久还说不准" in said(await chat.say("转人工", "a"), "system")
    assert said(await chat.say("身份证丢了", "b"), "system") == ""
    assert (await chat.state())["queue"] == {"position": 2}
    await gateway.line.leave(before.id)
    for _ in range(3):
        await gateway.waits.note("general", "370102", (NOW - timedelta(minutes=4)).timestamp(), NOW)
    assert "排在第1位，大约要等" in said(await chat.say("身份证丢了", "c"), "system")
    assert (await chat.state())["queue"]["position"] == 1


async def test_where_nobody_uses_the_desk_the_line_is_joined_as_ever(chat: Chat) -> None:
    assert (await chat.say("转人工"))["owner"] == "queue"


async def test_nobody_there_a_call_back_is_opened_on_a_yes_and_with_a_number(gateway: Gateway, chat: Chat, parts: Parts) -> None:
    await ready(gateway, "k1", "tax")
    offer = await chat.say("转人工", "a")
    assert (offer["owner"], offer["outcome"]) == ("bot", "clarified")
    assert "没有工作人员在线" in said(offer) and offer["messages"][-1]["options"] == ["要", "不要"]
    assert await gateway.line.waiting() == []
    assert "电话号码" in said(await chat.say("好的", "b"))
    assert "不对" in said(await chat.say("1380013", "c"))
    opened = await chat.say("一三八零零一三八零零零", "d")
    assert (opened["outcome"], opened["ticket_type"]) == ("ticket_opened", "未接来电回拨")
    assert await chat.say("一三八零零一三八零零零", "d") == opened, "a repeat opens nothing twice"
    ticket = parts.tickets.view(opened["ticket"]["number"], at=NOW, phone_last4="8000")
    assert ticket is not None
    assert (await chat.say("身份证丢了", "e"))["outcome"] == "answered"


async def test_a_no_opens_nothing_and_who_asks_again_waits_where_he_stood(gateway: Gateway, chat: Chat) -> None:
    await ready(gateway, "k1", "tax")
    await chat.say("转人工", "a")
    assert "没有提交" in said(await chat.say("不用了", "b"))
    assert (await chat.say("转人工", "c"))["owner"] == "queue"


@pytest.mark.parametrize(("text", "outcome"), [("着火了", "emergency_119"), ("身份证丢了", "answered"), ("转人工", "clarified")],
                         ids=["an alarm", "a question", "the wish again"])
@pytest.mark.parametrize("yes", [False, True], ids=["offered", "asked for the number"])
async def test_in_the_middle_of_a_call_back_everything_else_still_works(gateway: Gateway, chat: Chat, yes: bool, text: str, outcome: str) -> None:
    await ready(gateway, "k1", "tax")
    await chat.say("转人工", "a")
    if yes:
        await chat.say("要", "b")
    assert (await chat.say(text, "c"))["outcome"] == outcome


async def test_who_waited_too_long_is_offered_a_call_back_once_however_many_gateways_look(gateway: Gateway, chat: Chat) -> None:
    await ready(gateway)
    await chat.say("转人工", "a")
    await ready(gateway, later=290)
    await patience(gateway, 290).step()
    assert (await chat.state())["owner"] == "queue"
    await ready(gateway, later=300)
    for _ in range(3):
        await patience(gateway, 301).step()
    state = await chat.state()
    assert (state["owner"], offers(state)) == ("queue", [state["messages"][-1]["text"]]), "he keeps his place until he has answered"
    refused = await chat.say("不要", "b")
    assert (refused["owner"], "在排队" in said(refused), "没有提交" in said(refused)) == ("queue", True, False)
    waiting, = await gateway.line.waiting()
    assert waiting.since == NOW.timestamp()
    await patience(gateway, 900).step()
    assert len(offers(await chat.state())) == 1, "it was offered once"


async def test_who_waits_leaves_the_line_when_the_call_back_is_opened_and_not_before(gateway: Gateway, chat: Chat) -> None:
    await ready(gateway)
    await chat.say("转人工", "a")
    await ready(gateway, later=300)
    await patience(gateway, 301).step()
    assert (await chat.say("要", "b"))["owner"] == "queue"
    assert len(await gateway.line.waiting()) == 1
    opened = await chat.say("13800138000", "c")
    assert (opened["outcome"], opened["owner"], await gateway.line.waiting()) == ("ticket_opened", "bot", [])


async def test_who_passes_the_offer_over_is_not_asked_again_at_once(gateway: Gateway, chat: Chat) -> None:
    await ready(gateway)
    await chat.say("转人工", "a")
    await ready(gateway, later=300)
    await patience(gateway, 301).step()
    assert (await chat.say("身份证丢了", "b"))["outcome"] == "answered"
    await patience(gateway, 310).step()
    assert len(offers(await chat.state())) == 1
    await ready(gateway, later=610)
    await patience(gateway, 610).step()
    state = await chat.state()
    assert (len(offers(state)), state["owner"]) == (2, "queue")


async def test_when_all_have_left_the_desk_those_who_wait_are_not_kept_waiting(gateway: Gateway, chat: Chat) -> None:
    await ready(gateway)
    await chat.say("转人工")
    await patience(gateway, 59).step()
    assert (await chat.state())["owner"] == "queue"
    await patience(gateway, 61).step()
    state = await chat.state()
    assert state["owner"] == "queue" and "没有工作人员在线" in state["messages"][-1]["text"]


async def test_an_alarm_waits_as_long_as_it_takes(gateway: Gateway, chat: Chat) -> None:
    await ready(gateway, "k1", "tax")
    assert (await chat.say("着火了"))["owner"] == "queue"
    await patience(gateway, 3600).step()
    assert (await chat.state())["owner"] == "queue"


@pytest.mark.parametrize("channel", ["web", "ivr"])
async def test_an_alarm_that_its_caller_ends_is_seen_at_the_desk_all_the_same(
        client: httpx.AsyncClient, gateway: Gateway, parts: Parts, chat: Chat, exchange: dict[str, str], operator: dict[str, str], channel: str) -> None:
    if channel == "web":
        await chat.say("着火了")
        assert (await client.post(f"/v1/chat/sessions/{chat.id}/end", headers=chat.headers)).status_code == 204
    else:
        call = await Call(client, exchange, "c1").begin()
        await call.turn(text="着火了")
        await call.end("caller_hung_up")
    await patience(gateway, 2000).step()
    waiting, = (await client.get("/v1/operator/queue", headers=operator)).json()["waiting"]
    assert waiting["reason"] == "emergency_119"
    fields = (await gateway.conversations.load(waiting["id"])).fields
    assert float(fields["due"]) > (await parts.redis.time())[0] + 900, "what is ended but not looked at yet is not over"
    assert (await client.post(f"/v1/operator/conversations/{waiting['id']}/claim", headers=operator)).json()["owner"] == "operator"


async def test_who_is_left_without_a_word_waits_again_before_others(client: httpx.AsyncClient, gateway: Gateway, parts: Parts, chat: Chat,
                                                                    operator: dict[str, str]) -> None:
    await chat.say("转人工", "a")
    await claim(client, chat, operator)
    await patience(gateway, 119).step()
    assert (await chat.state())["owner"] == "operator"
    for _ in range(3):
        await patience(gateway, 121).step()
    state = await chat.state()
    assert (state["owner"], sum("没有回应" in m["text"] for m in state["messages"])) == ("queue", 1)
    waiting, = await gateway.line.waiting()
    assert (waiting.reason, waiting.priority) == ("returned", 1)
    late = await client.post(f"/v1/operator/conversations/{chat.id}/messages", json={"text": "在"}, headers=operator)
    assert late.status_code == 409


async def test_who_was_answered_is_not_taken_away(client: httpx.AsyncClient, gateway: Gateway, chat: Chat, operator: dict[str, str]) -> None:
    await chat.say("转人工", "a")
    await claim(client, chat, operator)
    await client.post(f"/v1/operator/conversations/{chat.id}/messages", json={"text": "请稍等"}, headers=operator)
    await patience(gateway, 3600).step()
    assert (await chat.state())["owner"] == "operator"


async def test_who_is_no_longer_at_the_desk_loses_what_he_has(client: httpx.AsyncClient, gateway: Gateway, parts: Parts, chat: Chat,
                                                              operator: dict[str, str]) -> None:
    await ready(gateway, key_id(parts, operator))
    await chat.say("转人工", "a")
    await claim(client, chat, operator)
    await patience(gateway, 29).step()
    assert (await chat.state())["owner"] == "operator"
    started_just_now = patience(gateway, 31)
    started_just_now._began = NOW + timedelta(seconds=20)
    await started_just_now.step()
    assert (await chat.state())["owner"] == "operator", "after all gateways were down people get the time to come back"
    await patience(gateway, 31).step()
    assert (await chat.state())["owner"] == "queue"


async def test_who_works_over_rest_keeps_what_he_has_though_he_once_had_a_seat(client: httpx.AsyncClient, gateway: Gateway, parts: Parts, chat: Chat,
                                                                              operator: dict[str, str]) -> None:
    await ready(gateway, key_id(parts, operator), later=-3600)
    await chat.say("转人工", "a")
    await claim(client, chat, operator)
    await patience(gateway, 29).step()
    assert (await chat.state())["owner"] == "operator", "he was heard of in this conversation"
    await patience(gateway, 30).step()
    assert (await chat.state())["owner"] == "queue"


class Later:
    """A clock that stands `seconds` after NOW."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)


async def test_after_a_gap_people_get_the_time_to_come_back(client: httpx.AsyncClient, gateway: Gateway, parts: Parts, chat: Chat,
                                                            operator: dict[str, str]) -> None:
    await ready(gateway, key_id(parts, operator))
    await chat.say("转人工", "a")
    await claim(client, chat, operator)
    clock = Later()
    looks = patience(gateway, 0)
    looks._clock = looks._presence._clock = clock
    await looks.step()
    for clock.seconds in (45, 55, 65, 74):  # for 45 s there was no Redis
        await looks.step()
        assert (await chat.state())["owner"] == "operator", clock.seconds
    clock.seconds = 75
    await looks.step()
    assert (await chat.state())["owner"] == "queue"


async def test_a_look_that_fails_begins_the_time_anew(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = patience(gateway, 0)

    async def away() -> None:
        raise RedisConnectionError("away")

    async def no_more(_: float) -> None:
        raise asyncio.CancelledError

    looks.step = away  # type: ignore[method-assign]
    monkeypatch.setattr("api.desk.patience.asyncio.sleep", no_more)
    with pytest.raises(asyncio.CancelledError):
        await looks.run()
    assert looks._began == NOW


async def test_given_back_the_bot_speaks_first_and_answers_the_next_question(client: httpx.AsyncClient, chat: Chat, rasa: FakeRasa,
                                                                             operator: dict[str, str]) -> None:
    await chat.say("身份证丢了", "a")
    await chat.say("转人工", "b")
    await claim(client, chat, operator)
    await chat.say("您在吗", "c")
    assert (await client.post(f"/v1/operator/conversations/{chat.id}/return", headers=operator)).status_code == 200
    last = (await chat.state())["messages"][-1]
    assert last["author"] == "bot"
    assert "您刚才问的是“居民身份证丢失补领”" in last["text"] and "还有什么要问的" in last["text"]
    reply = await chat.say("那要带什么", "d")
    assert (reply["owner"], reply["outcome"]) == ("bot", "answered")


async def test_what_was_not_understood_before_a_person_came_does_not_count_after_he_has_gone(client: httpx.AsyncClient, chat: Chat,
                                                                                           operator: dict[str, str]) -> None:
    await chat.say("没有这事", "a")
    await claim(client, chat, operator)
    assert (await client.post(f"/v1/operator/conversations/{chat.id}/return", headers=operator)).status_code == 200
    assert (await chat.say("没有这事", "b"))["owner"] == "bot"


class Call:
    """A call as an exchange holds it."""

    def __init__(self, client: httpx.AsyncClient, exchange: dict[str, str], id: str) -> None:
        self.client, self.exchange, self.id = client, exchange, id

    async def begin(self, caller: str | None = "13800138000") -> "Call":
        answer = await self.client.post("/v1/ivr/calls", json={"call_id": self.id, "caller": caller, "region": "370102"}, headers=self.exchange)
        assert answer.status_code == 200, answer.text
        return self

    async def turn(self, **heard: object) -> dict[str, object]:
        answer = await self.client.post(f"/v1/ivr/calls/{self.id}/turns", json=heard, headers=self.exchange)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def end(self, reason: str) -> None:
        await self.client.post(f"/v1/ivr/calls/{self.id}/end", json={"reason": reason}, headers=self.exchange)


@pytest.mark.parametrize("heard", [{"dtmf": "0"}, {"text": "转人工"}, {"text": "你个破机器人"}, {"text": "着火了"}],
                         ids=["key 0", "asked", "angry", "an alarm"])
async def test_a_call_that_goes_to_a_person_is_seen_at_the_desk_until_it_is_over(client: httpx.AsyncClient, gateway: Gateway, exchange: dict[str, str],
                                                                               heard: dict[str, str]) -> None:
    call = await Call(client, exchange, "c1").begin()
    assert (await call.turn(**heard))["action"] == "transfer"
    waiting, = await gateway.line.waiting()
    assert (await gateway.conversations.load(waiting.id)).owner == "queue"
    await call.end("transferred")
    assert len(await gateway.line.waiting()) == 1
    await patience(gateway, 1801).step()
    assert [entry.alarm for entry in await gateway.line.waiting()] == ([True] if heard.get("text") == "着火了" else [])


async def test_a_call_whose_end_was_never_told_leaves_the_line_but_an_alarm_stays(client: httpx.AsyncClient, gateway: Gateway,
                                                                                  exchange: dict[str, str]) -> None:
    for id, text in (("c1", "转人工"), ("c2", "着火了")):
        await (await Call(client, exchange, id).begin()).turn(text=text)
    await patience(gateway, 1799).step()
    assert len(await gateway.line.waiting()) == 2
    await patience(gateway, 1801).step()
    assert [entry.reason for entry in await gateway.line.waiting()] == ["emergency_119"]


async def test_a_call_whose_person_is_lost_waits_for_another_and_one_who_is_silent_keeps_it(client: httpx.AsyncClient, gateway: Gateway,
                                                                                           exchange: dict[str, str]) -> None:
    await ready(gateway, "k1")
    call = await Call(client, exchange, "c1").begin()
    await call.turn(text="转人工")
    waiting, = await gateway.line.waiting()
    await gateway.ownership.claim(waiting.id, "k1", "王", NOW)
    await call.turn(text="喂，您在吗")
    await call.end("transferred")
    await ready(gateway, "k1", later=3600)
    await patience(gateway, 3600).step()
    assert (await gateway.conversations.load(waiting.id)).owner == "operator", "they hear each other elsewhere"
    await patience(gateway, 3631).step()
    assert (await gateway.conversations.load(waiting.id)).owner == "queue"


async def test_who_hangs_up_while_he_waits_is_out_of_the_line(client: httpx.AsyncClient, gateway: Gateway, exchange: dict[str, str]) -> None:
    call = await Call(client, exchange, "c1").begin()
    await call.turn(text="转人工")
    await call.end("caller_hung_up")
    assert await gateway.line.waiting() == []


async def test_on_the_phone_a_call_back_to_the_number_of_the_line_is_opened_on_a_yes(client: httpx.AsyncClient, gateway: Gateway, parts: Parts,
                                                                                     exchange: dict[str, str]) -> None:
    await ready(gateway, "k1", "tax")
    call = await Call(client, exchange, "c1").begin()
    offer = await call.turn(text="转人工")
    assert (offer["action"], offer["options"]) == ("continue", ["要", "不要"])
    assert "回电话" in str(offer["text"])
    opened = await call.turn(dtmf="1")
    assert opened["outcome"] == "ticket_opened" and "8000" in str(opened["text"])
    assert (await call.turn(dtmf="0"))["action"] == "transfer", "0 always reaches a person"


async def test_on_the_phone_a_no_opens_nothing(client: httpx.AsyncClient, gateway: Gateway, exchange: dict[str, str]) -> None:
    await ready(gateway, "k1", "tax")
    call = await Call(client, exchange, "c1").begin()
    await call.turn(text="转人工")
    assert "不登记" in str((await call.turn(dtmf="2"))["text"])
    assert (await call.turn(text="转人工"))["action"] == "transfer"


async def test_a_call_without_a_number_is_transferred_as_ever(client: httpx.AsyncClient, gateway: Gateway, exchange: dict[str, str]) -> None:
    await ready(gateway, "k1", "tax")
    call = await Call(client, exchange, "c1").begin(None)
    assert (await call.turn(text="转人工"))["action"] == "transfer"


async def test_while_a_person_has_a_call_the_bot_keeps_silent_and_what_is_said_is_kept(client: httpx.AsyncClient, gateway: Gateway, rasa: FakeRasa,
                                                                                       exchange: dict[str, str]) -> None:
    call = await Call(client, exchange, "c1").begin()
    await call.turn(text="转人工")
    waiting, = await gateway.line.waiting()
    await gateway.ownership.claim(waiting.id, "k1", "王", NOW)
    asked = len(rasa.requests)
    turn = await call.turn(text="身份证丢了")
    assert (turn["action"], turn["outcome"], len(rasa.requests)) == ("transfer", "transferred", asked)
    authors = [(message["author"], message["text"]) for message in await gateway.conversations.messages(waiting.id)]
    assert ("caller", "身份证丢了") in authors and authors[-1][0] == "system"
