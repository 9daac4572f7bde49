"""The web chat through the app, a real Redis and a Rasa over HTTP."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from api.ports import Parts
from tests.support.fake_rasa import CARD, FakeRasa
from tests.support.gateway_fixtures import Chat, begin_chat

pytest_plugins = ("tests.support.gateway_fixtures",)


async def test_a_session_begins_with_a_greeting_and_a_token(client: httpx.AsyncClient) -> None:
    chat = await begin_chat(client)
    assert chat.greeting["author"] == "bot"
    assert chat.greeting["seq"] == 1
    assert "智能助手" in chat.greeting["text"]
    assert len(chat.token) == 43


async def test_what_rasa_says_is_relayed_with_its_facts(chat: Chat, rasa: FakeRasa) -> None:
    reply = await chat.say("身份证丢了咋补")
    turn_id = reply.pop("turn_id")
    message = reply["messages"][0]
    assert {key: message[key] for key in ("seq", "author", "text", "card")} == {
        "seq": 3, "author": "bot", "text": "补身份证带上户口簿就行。", "card": CARD}
    assert {key: reply[key] for key in reply if key != "messages"} == {
        "owner": "bot", "outcome": "answered", "item": "id-card-reissue", "facet": "materials", "region": "370102"}
    assert rasa.requests == [{"sender": chat.id, "message": "身份证丢了咋补", "channel": "web",
                              "metadata": {"region": "370102", "caller": None, "turn_id": turn_id}}]


async def test_options_and_ticket_type_are_told(chat: Chat) -> None:
    assert (await chat.say("补证", "a"))["messages"][0]["options"] == ["身份证", "驾驶证"]
    assert (await chat.say("路灯坏了", "b"))["ticket_type"] == "求助"


async def test_a_card_sent_by_itself_belongs_to_the_sentence_before_it(chat: Chat) -> None:
    reply = await chat.say("只有卡")
    assert [(message["text"], message["card"]) for message in reply["messages"]] == [("请看。", CARD)]


async def test_a_callers_number_in_a_web_body_is_ignored(client: httpx.AsyncClient, rasa: FakeRasa) -> None:
    began = (await client.post("/v1/chat/sessions", json={"caller": "13800001234"})).json()
    await client.post(f"/v1/chat/sessions/{began['session_id']}/messages", headers={"Authorization": f"Bearer {began['token']}"},
                      json={"text": "你好", "client_message_id": "m1", "caller": "13800001234", "metadata": {"caller": "13800001234"}})
    assert rasa.requests[0]["metadata"]["caller"] is None


async def test_a_repeated_message_is_answered_once_with_the_same_reply(chat: Chat, rasa: FakeRasa) -> None:
    first = await chat.say("身份证丢了", "same")
    assert await chat.say("身份证丢了", "same") == first
    assert len(rasa.requests) == 1
    assert [message["author"] for message in (await chat.state())["messages"]] == ["bot", "caller", "bot"]


async def test_a_repeat_while_the_first_is_still_running_waits_for_its_reply(chat: Chat, rasa: FakeRasa) -> None:
    first, second = await asyncio.gather(chat.say("等一下", "same"), chat.say("等一下", "same"))
    assert first == second
    assert len(rasa.requests) == 1


async def test_two_messages_at_once_are_taken_one_after_the_other_in_order(chat: Chat, rasa: FakeRasa) -> None:
    first = asyncio.create_task(chat.say("等一下一", "a"))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(chat.say("等一下二", "b"))
    await asyncio.gather(first, second)
    assert rasa.overlap == 1
    assert [request["message"] for request in rasa.requests] == ["等一下一", "等一下二"]
    said = (await chat.state())["messages"]
    assert [(m["seq"], m["author"]) for m in said] == [(1, "bot"), (2, "caller"), (3, "bot"), (4, "caller"), (5, "bot")]
    assert [m["text"] for m in said if m["author"] == "caller"] == ["等一下一", "等一下二"]


async def test_a_slow_conversation_does_not_hold_up_another(client: httpx.AsyncClient) -> None:
    slow, quick = await begin_chat(client), await begin_chat(client)
    waiting = asyncio.create_task(slow.say("慢慢来"))
    await asyncio.sleep(0.05)
    await quick.say("你好")
    assert not waiting.done()
    await waiting


async def test_what_was_missed_is_given_from_a_number_on(chat: Chat) -> None:
    await chat.say("身份证丢了")
    state = await chat.state(after=2)
    assert [message["seq"] for message in state["messages"]] == [3]
    assert (state["owner"], state["outcome"], state["last_seq"]) == ("bot", "answered", 3)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}],
                         ids=["no token", "wrong token", "another scheme"])
async def test_a_conversation_opens_only_to_its_token(chat: Chat, headers: dict[str, str]) -> None:
    for answer in (await chat.client.get(chat.path, headers=headers),
                   await chat.client.post(chat.path, headers=headers, json={"text": "着火了", "client_message_id": "x"})):
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "unauthorised"


async def test_another_sessions_token_does_not_open_it(client: httpx.AsyncClient, chat: Chat) -> None:
    other = await begin_chat(client)
    assert (await client.get(chat.path, headers=other.headers)).status_code == 401


async def test_a_session_that_is_gone_is_said_to_be_gone(client: httpx.AsyncClient) -> None:
    gone = await client.get(f"/v1/chat/sessions/w{'0' * 32}/messages", headers={"Authorization": "Bearer x"})
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "session_not_found")


async def test_records_of_a_conversation_wait_for_the_archiver_and_hold_no_token(chat: Chat, parts: Parts) -> None:
    await chat.say("你好")
    keys = [key async for key in parts.redis.scan_iter(f"hotline:conversation:{chat.id}*")]
    assert len(keys) == 4  # the conversation, its messages, and the two steps of the turn
    lasting = [30 * 86_400 * (":once:" not in key) + 86_400 for key in keys]
    for key, seconds in zip(keys, lasting):
        assert seconds - 400 < await parts.redis.ttl(key) <= seconds
    assert chat.token not in str(await parts.redis.hgetall(f"hotline:conversation:{chat.id}"))


async def test_the_thirty_first_message_in_a_minute_is_refused_but_never_an_alarm(chat: Chat) -> None:
    for number in range(30):
        assert (await chat.send("你好", f"m{number}")).status_code == 200
    refused = await chat.send("你好", "m30")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_requests")
    assert (await chat.say("着火了", "m31"))["outcome"] == "emergency_119"
