"""The desk over REST, on a real Redis."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
import redis
from fastapi import FastAPI

from api.conversations import new_message
from api.desk.transfers import NEIGHBOURS
from api.main import create_app
from api.ports import Parts
from api.rasa_client import RasaFault
from core.settings import Settings
from tests.support.fake_rasa import FakeRasa
from tests.support.gateway_fixtures import Chat, begin_chat, build_parts, key_headers
from tickets.draft import Draft
from tickets.model import TicketType

pytest_plugins = ("tests.support.gateway_fixtures",)
DRAFT = Draft(TicketType.COMPLAINT, text="路灯坏了", course="路灯坏了", phone="13812345678", asked=("course",))


class Person:
    """Somebody with a key."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.client.get(f"/v1/operator/{path}", headers=self.headers, params=params)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"/v1/operator/{path}", headers=self.headers, json=body or None)

    async def act(self, chat: Chat, act: str, **body: Any) -> httpx.Response:
        return await self.post(f"conversations/{chat.id}/{act}", **body)

    async def see(self, chat: Chat, what: str, **params: Any) -> httpx.Response:
        return await self.get(f"conversations/{chat.id}/{what}", **params)


@pytest.fixture
def person(client: httpx.AsyncClient, operator: dict[str, str]) -> Person:
    return Person(client, operator)


@pytest.fixture
def other(client: httpx.AsyncClient, parts: Parts) -> Person:
    return Person(client, key_headers(parts, "operator"))


@pytest.fixture
def chief(client: httpx.AsyncClient, parts: Parts) -> Person:
    return Person(client, key_headers(parts, "supervisor"))


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def texts(chat: Chat) -> list[tuple[str, str]]:
    return [(message["author"], message["text"]) for message in (await chat.state())["messages"]]


async def test_of_twenty_who_claim_at_once_on_two_gateways_exactly_one_gets_it(chat: Chat, settings: Settings, parts: Parts) -> None:
    await chat.say("转人工")
    second_parts = build_parts(settings)
    transports = [httpx.ASGITransport(app=create_app(settings, each)) for each in (parts, second_parts)]
    clients = [httpx.AsyncClient(transport=transport, base_url="http://gateway") for transport in transports]
    people = [Person(clients[number % 2], key_headers(parts, "operator")) for number in range(20)]
    answers = await asyncio.gather(*(someone.act(chat, "claim") for someone in people))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert [author for author, _ in await texts(chat)].count("system") == 2  # that he waits, and that one person came
    await second_parts.http.aclose()
    await second_parts.redis.close()


async def test_of_twenty_who_ask_for_the_next_each_caller_goes_to_one(client: httpx.AsyncClient, parts: Parts) -> None:
    chats = [await begin_chat(client) for _ in range(5)]
    for chat in chats:
        await chat.say("转人工")
    people = [Person(client, key_headers(parts, "operator")) for _ in range(20)]
    answers = await asyncio.gather(*(someone.post("next") for someone in people))
    assert sorted(answer.json()["id"] for answer in answers if answer.status_code == 200) == sorted(chat.id for chat in chats)
    assert [answer.status_code for answer in answers].count(204) == 15


async def test_the_next_one_is_an_alarm_and_of_ones_own_region(client: httpx.AsyncClient, person: Person) -> None:
    here, alarmed = await begin_chat(client, "370102"), await begin_chat(client, "370600")
    await here.say("转人工")
    await alarmed.say("着火了")
    assert (await person.post("next", region="370100")).json()["id"] == alarmed.id
    assert (await person.post("next", region="370600")).status_code == 204
    assert (await person.post("next", region="370100")).json()["id"] == here.id
    assert code_of(await person.post("next", region="379999")) == (422, "unknown_region")


async def test_who_is_in_the_middle_of_a_turn_holds_up_nobody_behind_him(client: httpx.AsyncClient, person: Person, parts: Parts) -> None:
    busy, free = await begin_chat(client), await begin_chat(client)
    for chat in (busy, free):
        await chat.say("转人工")
    await parts.redis.set(f"hotline:turn:{busy.id}", "another gateway")
    assert (await person.post("next")).json()["id"] == free.id
    assert code_of(await person.post("next")) == (409, "turn_in_progress")
    await parts.redis.delete(f"hotline:turn:{busy.id}")
    assert (await person.post("next")).json()["id"] == busy.id


async def test_the_line_tells_what_one_must_know_to_choose_and_no_number(chat: Chat, person: Person) -> None:
    await chat.say("我电话13812345678，转接一下", "a")
    await chat.say("转人工", "b")
    await chat.say("快点，我电话13812345678", "c")
    entry = (await person.get("queue")).json()["waiting"][0]
    assert (entry["id"], entry["skill"], entry["channel"], entry["position"], entry["alarm"]) == (chat.id, "general", "web", 1, False)
    assert (entry["region"], entry["elderly"]) == ("370102", False)
    assert entry["last_text"] == "快点，我电话138********"


async def test_the_package_holds_what_was_said_what_it_was_about_and_the_form(chat: Chat, person: Person, rasa: FakeRasa) -> None:
    rasa.slots = {"ticket_draft": DRAFT.to_dict()}
    await chat.say("身份证丢了", "a")
    await chat.say("转人工", "b")
    assert code_of(await person.see(chat, "package")) == (409, "conversation_not_claimed")
    await person.act(chat, "claim")
    told = (await person.see(chat, "package")).json()
    assert (told["id"], told["channel"], told["region_name"], told["reason"]) == (chat.id, "web", "济南历下", "asked")
    assert told["summary"]["items"] == ["居民身份证丢失补领"]
    assert told["form"] == {"type": "投诉", "filled": {"诉求类型": "投诉", "内容": "路灯坏了", "联系方式": "13812345678"},
                            "missing": ["地点", "反映对象", "时间"]}
    assert [message["text"] for message in told["transcript"] if message["author"] == "caller"] == ["身份证丢了", "转人工"]
    assert "turn" not in json.dumps(told)


async def test_without_rasa_the_package_lacks_the_form_and_nothing_else(chat: Chat, person: Person, parts: Parts) -> None:
    await chat.say("转人工")
    await person.act(chat, "claim")
    told = (await person.see(chat, "package")).json()  # this Rasa answers with an empty tracker
    assert told["form"] is None
    assert told["may_call_back"] is False


async def test_others_see_nothing_of_a_conversation_but_a_supervisor_reads_it(chat: Chat, person: Person, other: Person, chief: Person) -> None:
    await chat.say("转人工")
    for what in ("messages", "package", "suggestions"):
        assert code_of(await other.see(chat, what)) == (409, "conversation_not_claimed")
    await person.act(chat, "claim")
    for what in ("messages", "package", "suggestions"):
        assert code_of(await other.see(chat, what)) == (409, "conversation_taken")
        assert (await chief.see(chat, what)).status_code == 200
    assert (await chief.see(chat, "messages")).json()["mine"] is False
    assert code_of(await chief.act(chat, "messages", text="我来说")) == (409, "conversation_taken")


async def test_a_supervisor_takes_a_conversation_over_and_the_first_person_has_it_no_more(chat: Chat, person: Person, chief: Person) -> None:
    await chat.say("转人工")
    await person.act(chat, "claim")
    assert (await chief.act(chat, "claim")).json()["mine"] is True
    assert "换了一位" in (await texts(chat))[-1][1]
    for act in ("messages", "return", "end"):
        assert code_of(await person.act(chat, act, **({"text": "我还在"} if act == "messages" else {}))) == (409, "conversation_taken")
    assert (await chief.act(chat, "messages", text="您好")).status_code == 200


async def test_a_reply_that_is_sent_twice_is_said_once_even_after_it_was_given_back(chat: Chat, person: Person) -> None:
    await chat.say("转人工")
    await person.act(chat, "claim")
    said = {"text": "请您带户口簿。", "client_message_id": "o-1"}
    first, second = await asyncio.gather(person.act(chat, "messages", **said), person.act(chat, "messages", **said))
    assert first.json() == second.json()
    await person.act(chat, "return")
    assert (await person.act(chat, "messages", **said)).json() == first.json()
    assert [text for author, text in await texts(chat) if author == "operator"] == ["请您带户口簿。"]


async def test_nobody_speaks_in_what_was_taken_from_him_in_that_moment(chat: Chat, person: Person, redis_url: str,
                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    await chat.say("转人工")
    await person.act(chat, "claim")

    def too_late(*said: Any, **more: Any) -> dict[str, Any]:
        redis.from_url(redis_url).hset(f"hotline:conversation:{chat.id}", mapping={"owner": "queue", "operator": ""})
        return new_message(*said, **more)

    monkeypatch.setattr("api.desk.desk.new_message", too_late)
    assert code_of(await person.act(chat, "messages", text="我在", client_message_id="o-1")) == (409, "conversation_not_claimed")
    assert "operator" not in [author for author, _ in await texts(chat)]


async def test_a_reply_from_a_suggestion_is_marked_at_the_desk_and_nowhere_else(chat: Chat, person: Person, rasa: FakeRasa) -> None:
    await chat.say("转人工", "a")
    await person.act(chat, "claim")
    await chat.say("身份证丢了", "b")
    asked = len(rasa.requests)
    found = (await person.see(chat, "suggestions")).json()["suggestions"]
    assert [(one["item"], one["text"]) for one in found] == [("id-card-reissue", "要带居民户口簿。")]
    assert len(rasa.requests) == asked
    kept = (await person.act(chat, "messages", text=found[0]["text"], item=found[0]["item"])).json()
    assert "turn" not in kept
    seen = (await person.see(chat, "messages")).json()["messages"][-1]
    assert (seen["text"], seen["suggested"]) == ("要带居民户口簿。", "id-card-reissue")
    page = (await chat.state())["messages"][-1]
    assert page["text"] == "要带居民户口簿。"
    assert not {"suggested", "turn"} & set(page)


async def test_nothing_is_suggested_to_an_alarm(chat: Chat, person: Person) -> None:
    await chat.say("转人工", "a")
    await person.act(chat, "claim")
    await chat.say("着火了，身份证也烧了", "b")
    assert (await person.see(chat, "suggestions")).json() == {"suggestions": []}


async def test_a_conversation_that_is_ended_says_goodbye_asks_for_a_rating_and_can_still_be_rated(chat: Chat, person: Person) -> None:
    await chat.say("转人工")
    await person.act(chat, "claim")
    state = (await person.act(chat, "end", reason="办完了")).json()
    assert (state["owner"], state["ended"]) == ("bot", "办完了")
    assert "评价" in (await texts(chat))[-1][1]
    rated = await chat.client.post(f"/v1/chat/sessions/{chat.id}/rating", json={"grade": "满意"}, headers=chat.headers)
    assert rated.status_code == 200
    assert code_of(await person.act(chat, "claim")) == (404, "conversation_not_found")
    assert (await person.get("queue")).json()["waiting"] == []


async def test_who_has_rated_already_is_not_asked_again(chat: Chat, person: Person) -> None:
    await chat.say("转人工")
    await chat.client.post(f"/v1/chat/sessions/{chat.id}/rating", json={"grade": "满意"}, headers=chat.headers)
    await person.act(chat, "claim")
    await person.act(chat, "end")
    last = (await texts(chat))[-1][1]
    assert "再见" in last
    assert "评价" not in last


async def test_a_caller_is_handed_on_to_every_neighbour_with_what_is_known(chat: Chat, person: Person, rasa: FakeRasa, parts: Parts) -> None:
    rasa.slots = {"ticket_draft": DRAFT.to_dict()}
    await chat.say("身份证丢了", "a")
    for to in NEIGHBOURS:
        await person.act(chat, "claim")
        assert (await person.act(chat, "transfer", to=to, note="急事")).json()["owner"] == "bot"
        author, told = (await texts(chat))[-1]
        assert author == "system"
        assert to in told
        assert "一并转给" in told
        (_, entry), = await parts.redis.xrevrange("hotline:transfers", count=1)
        record = json.loads(entry["data"])
        assert (entry["to"], record["conversation"], record["note"], record["caller"]) == (to, chat.id, "急事", None)
        assert "居民身份证丢失补领" in record["summary"]
        assert record["form"]["filled"]["内容"] == "路灯坏了"
    assert (await chat.say("身份证丢了", "b"))["owner"] == "bot"


async def test_a_call_is_handed_on_by_the_exchange_with_its_next_turn(client: httpx.AsyncClient, person: Person, parts: Parts,
                                                                     exchange: dict[str, str]) -> None:
    async def turn(**said: Any) -> dict[str, Any]:
        return (await client.post("/v1/ivr/calls/c1/turns", json=said, headers=exchange)).json()  # type: ignore[no-any-return]

    await client.post("/v1/ivr/calls", json={"call_id": "c1", "caller": "13812345678", "region": "370102"}, headers=exchange)
    await turn(text="身份证丢了")
    (key,) = [name async for name in parts.redis.scan_iter("hotline:conversation:i*:messages")]
    id = key.split(":")[2]
    assert (await person.post(f"conversations/{id}/claim")).status_code == 200
    assert (await person.get(f"conversations/{id}/package")).json()["caller"] == "13812345678"
    assert code_of(await person.post(f"conversations/{id}/messages", text="您好")) == (409, "call_is_spoken")
    await person.post(f"conversations/{id}/transfer", to="12333")
    (_, entry), = await parts.redis.xrange("hotline:transfers")
    assert json.loads(entry["data"])["caller"] == "13812345678"
    handed = await turn(silence=True)
    assert (handed["action"], handed["transfer_to"], handed["outcome"]) == ("transfer", "12333", "transferred")
    assert "人社" in handed["text"]
    assert (await turn(text="身份证丢了"))["action"] == "continue"  # it did not come through: the call goes on


async def test_what_was_told_in_confidence_goes_to_a_neighbour_only_if_the_caller_agrees(chat: Chat, person: Person, rasa: FakeRasa, parts: Parts) -> None:
    rasa.slots = {"ticket_draft": replace(DRAFT, name="王小明", confidential=True).to_dict()}
    for clear, told in ((False, (None, None)), (True, ("王小明", "13812345678"))):
        await person.act(chat, "claim")
        await person.act(chat, "transfer", to="12333", **({"clear": True} if clear else {}))
        (_, entry), = await parts.redis.xrevrange("hotline:transfers", count=1)
        filled = json.loads(entry["data"])["form"]["filled"]
        assert (filled.get("称呼"), filled.get("联系方式")) == told
        assert filled["内容"] == "路灯坏了"
    await person.act(chat, "claim")
    assert (await person.act(chat, "transfer", to="12333", clear="yes")).status_code == 422


@pytest.mark.parametrize("away", [False, True], ids=["said so before", "nothing can be read"])
async def test_who_stays_anonymous_on_the_phone_stays_so_when_the_form_is_gone(client: httpx.AsyncClient, person: Person, parts: Parts, away: bool,
                                                                             exchange: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    await client.post("/v1/ivr/calls", json={"call_id": "c1", "caller": "13812345678", "region": "370102"}, headers=exchange)
    for text in ("路灯坏了", "身份证丢了" if away else "匿名", "转人工"):
        await client.post("/v1/ivr/calls/c1/turns", json={"text": text}, headers=exchange)
    id = (await person.post("next")).json()["id"]
    if away:
        async def unread(*_: Any) -> None:
            raise RasaFault("timeout")
        monkeypatch.setattr("api.rasa_client.RasaClient.slots", unread)
    package = (await person.get(f"conversations/{id}/package")).json()
    assert (package["caller"], package["form"], package["may_call_back"]) == ("138********", None, False)
    await person.post(f"conversations/{id}/transfer", to="12333", clear=True)
    (_, entry), = await parts.redis.xrange("hotline:transfers")
    assert json.loads(entry["data"])["caller"] is None


@pytest.mark.parametrize(("returns", "ended", "refused"), [(False, False, True), (True, False, False), (True, True, True)],
                         ids=["a blind transfer", "an exchange that asks again", "over at the exchange"])
async def test_a_call_that_is_out_of_reach_is_transferred_on_the_telephone(client: httpx.AsyncClient, person: Person, parts: Parts, returns: bool,
                                                                           ended: bool, refused: bool, exchange: dict[str, str]) -> None:
    await client.post("/v1/ivr/calls", json={"call_id": "c1", "caller": "13812345678", "region": "370102", "returns": returns}, headers=exchange)
    await client.post("/v1/ivr/calls/c1/turns", json={"dtmf": "0"}, headers=exchange)
    (entry,) = (await person.get("queue")).json()["waiting"]
    await person.post(f"conversations/{entry['id']}/claim")
    if ended:
        await client.post("/v1/ivr/calls/c1/end", json={"reason": "transferred"}, headers=exchange)
    handed = await person.post(f"conversations/{entry['id']}/transfer", to="12333")
    assert await parts.redis.xlen("hotline:transfers") == 1, "the neighbour gets the package all the same"
    onward = await client.post("/v1/ivr/calls/c1/onward", headers=exchange)
    if refused:
        assert code_of(handed) == (409, "call_passed_on")
        assert "话机" in handed.json()["error"]["message"]
        assert onward.status_code in (204, 409)
    else:
        assert (onward.status_code, onward.json()["transfer_to"]) == (200, "12333")
        assert (await client.post("/v1/ivr/calls/c1/onward", headers=exchange)).status_code == 204


async def test_a_transfer_to_another_line_waits_there_before_the_others(client: httpx.AsyncClient, chat: Chat, person: Person, other: Person) -> None:
    waits = await begin_chat(client)
    await waits.say("转人工")
    await chat.say("转人工")
    await person.act(chat, "claim")
    await person.act(chat, "transfer", to="queue", skill="tax", note="问个税")
    told = (await person.get("queue")).json()["waiting"]
    assert [(entry["id"], entry["skill"]) for entry in told] == [(chat.id, "tax"), (waits.id, "general")]
    taken = (await other.post("next", skills=["tax"])).json()
    assert taken["id"] == chat.id
    assert (await other.see(chat, "package")).json()["note"] == "问个税"


async def test_only_who_has_it_hands_it_on(chat: Chat, person: Person, other: Person, parts: Parts) -> None:
    await chat.say("转人工")
    assert code_of(await person.act(chat, "transfer", to="12333")) == (409, "conversation_not_claimed")
    await person.act(chat, "claim")
    for act, body in (("transfer", {"to": "12333"}), ("transfer", {"to": "queue"}), ("return", {}), ("end", {})):
        assert code_of(await other.act(chat, act, **body)) == (409, "conversation_taken")
    assert await parts.redis.xlen("hotline:transfers") == 0
    assert (await person.act(chat, "transfer", to="95533")).status_code == 422


async def test_what_does_not_exist_is_not_found(person: Person) -> None:
    unknown = "w" + "0" * 32
    for act in ("claim", "return", "end"):
        assert code_of(await person.post(f"conversations/{unknown}/{act}")) == (404, "conversation_not_found")
    assert code_of(await person.get(f"conversations/{unknown}/package")) == (404, "conversation_not_found")
    assert (await person.post("conversations/..%2f/claim")).status_code in (404, 422)


async def test_no_word_of_a_caller_or_an_operator_reaches_the_log(chat: Chat, person: Person, parts: Parts) -> None:
    await chat.say("我叫王小明，电话13812345678", "a")
    await person.act(chat, "claim")
    await person.act(chat, "messages", text="王小明您好")
    await person.act(chat, "transfer", to="12333", note="王小明的事")
    written = repr(parts.log.lines)  # type: ignore[attr-defined]
    assert "王小明" not in written
    assert "13812345678" not in written
    assert [line["act"] for line in parts.log.named("desk")] == ["claim", "transfer"]  # type: ignore[attr-defined]


async def test_a_supervisor_sees_whose_every_conversation_is_and_not_a_word(client: httpx.AsyncClient, chat: Chat, person: Person, chief: Person) -> None:
    waits, held = await begin_chat(client), await begin_chat(client, "370600")
    await chat.say("身份证丢了，我电话13812345678")
    await waits.say("转人工")
    await held.say("转人工")
    await person.act(held, "claim")
    assert code_of(await person.get("conversations")) == (403, "forbidden")
    told = (await chief.get("conversations")).json()["conversations"]
    assert {entry["id"]: entry["owner"] for entry in told} == {chat.id: "bot", waits.id: "queue", held.id: "operator"}
    known = [value for entry in told for name, value in entry.items() if name != "id"]  # any three digits may stand in an id
    assert not any(word in repr(known) for word in ("身份证", "138", "转人工"))
    for owner, one in (("bot", chat), ("queue", waits), ("operator", held)):
        found, = (await chief.get("conversations", owner=owner)).json()["conversations"]
        assert (found["id"], found["channel"]) == (one.id, "web")
    assert (found["region"], found["operator_name"], found["outcome"]) == ("370600", "测试", "handoff")
    assert (await chief.get("conversations", owner="nobody")).status_code == 422


async def test_the_newest_conversations_come_first_and_those_that_are_over_do_not(client: httpx.AsyncClient, chief: Person, parts: Parts) -> None:
    chats = [await begin_chat(client) for _ in range(4)]
    now, _ = await parts.redis.time()
    for number, chat in enumerate(chats):
        await parts.redis.zadd("hotline:conversations", {chat.id: now + 1000 * number - 500})
    told = (await chief.get("conversations", owner="bot", limit=2)).json()["conversations"]
    assert [entry["id"] for entry in told] == [chats[3].id, chats[2].id]
    assert len((await chief.get("conversations")).json()["conversations"]) == 3


async def test_a_console_over_rest_has_a_seat(person: Person, chief: Person, chat: Chat, parts: Parts) -> None:
    assert code_of(await person.get("seats")) == (403, "forbidden")
    assert (await chief.get("seats")).json() == {"seats": []}
    assert (await person.post("seat", state="ready", skills=["tax"], region="370100")).status_code == 204
    seat, = (await chief.get("seats")).json()["seats"]
    assert (seat["name"], seat["skills"], seat["region"], seat["state"], seat["busy"]) == ("测试", ["tax"], "370100", "ready", 0)
    await person.post("seat", state="paused")
    seat, = (await chief.get("seats")).json()["seats"]
    assert (seat["state"], seat["skills"], "region" in seat) == ("paused", [], False)
    await person.post("seat", state="away")
    assert (await chief.get("seats")).json() == {"seats": []}
    assert code_of(await person.post("seat", state="ready", region="379999")) == (422, "unknown_region")
    assert (await person.post("seat", state="asleep")).status_code == 422


@pytest.mark.parametrize("act", ["next", "claim"])
async def test_who_takes_callers_over_rest_counts_as_being_there(chat: Chat, person: Person, app: FastAPI, act: str) -> None:
    presence = app.state.gateway.presence
    assert not await presence.used()
    await chat.say("转人工")
    assert (await (person.post("next", skills=["general"]) if act == "next" else person.act(chat, "claim"))).status_code == 200
    assert (await presence.used(), await presence.anybody_for("general", "370102")) == (True, True)
