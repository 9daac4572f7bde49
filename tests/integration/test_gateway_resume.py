"""A web conversation that is over goes on in a new one; one that is ended can still be read for a while."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import redis

from api.archiver import Archiver
from api.conversations import DUE, conversation_key
from api.ports import Parts
from core.settings import Settings
from tests.support.fake_rasa import FakeRasa
from tests.support.gateway_fixtures import Chat, begin_chat

pytest_plugins = ("tests.support.gateway_fixtures",)
RESUMED = "您上次问的是“居民身份证丢失补领”要带的材料。接着说就行。"


async def pass_time(parts: Parts, chat: Chat) -> None:
    """As if nothing had been said in it for as long as it lasts."""
    await parts.redis.hset(conversation_key(chat.id), "due", "1")
    await parts.redis.zadd(DUE, {chat.id: 1})


async def archived(parts: Parts, settings: Settings, chat: Chat) -> None:
    await pass_time(parts, chat)
    Archiver(redis.Redis.from_url(settings.redis_url, decode_responses=True), parts.archive).step()  # type: ignore[arg-type]
    assert await parts.redis.exists(conversation_key(chat.id)) == 0


async def resume(chat: Chat, id: str = "", token: str = "", **more: Any) -> dict[str, Any]:
    answer = await chat.client.post("/v1/chat/sessions", json={"previous": {"session_id": id or chat.id, "token": token or chat.token}, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


@pytest.mark.parametrize("in_redis", [True, False], ids=["not archived yet", "archived"])
async def test_an_expired_conversation_goes_on_as_a_new_one_with_its_summary(
        in_redis: bool, chat: Chat, parts: Parts, settings: Settings, rasa: FakeRasa) -> None:
    await chat.say("身份证丢了")
    rasa.slots = {"region": "370102", "last_item": "id-card-reissue", "last_facet": "materials", "ticket_draft": {"type": "投诉"}, "ticket_type": "投诉",
                  "opened_ticket": "2026110512345678", "lookup": {"number": "1"}, "choices": ["x"], "unanswered": None}
    await (pass_time(parts, chat) if in_redis else archived(parts, settings, chat))
    assert (await chat.client.get(chat.path, headers=chat.headers)).status_code == 404
    began = await resume(chat)
    assert began["session_id"] != chat.id
    assert (began["greeting"]["seq"], began["resumed"]["seq"], began["resumed"]["text"]) == (1, 2, RESUMED)
    new = Chat(chat.client, began["session_id"], began["token"], began["greeting"])
    assert [message["seq"] for message in (await new.state())["messages"]] == [1, 2]
    assert rasa.remembered == [(f"/conversations/{new.id}/tracker/events", {
        "region": "370102", "last_item": "id-card-reissue", "last_facet": "materials", "ticket_draft": {"type": "投诉"}, "ticket_type": "投诉"})]
    assert (await parts.redis.hgetall(conversation_key(new.id)))["resumed_from"] == chat.id
    await new.say("多少钱")
    assert rasa.requests[-1]["metadata"]["region"] == "370102"


@pytest.mark.parametrize("draft", [{"type": "投诉", "confidential": True}, {"type": "投诉", "anonymous": True}, {"type": "举报"}], ids=str)
async def test_a_form_that_was_to_be_kept_from_others_is_not_carried_over(draft: dict[str, object], chat: Chat, parts: Parts, rasa: FakeRasa) -> None:
    await chat.say("身份证丢了")
    rasa.slots = {"last_item": "id-card-reissue", "ticket_draft": draft, "ticket_type": draft["type"], "ticket_request": "r"}
    await pass_time(parts, chat)
    await resume(chat)
    ((_, carried),) = rasa.remembered
    assert not carried.keys() & {"ticket_draft", "ticket_type", "ticket_request"}


async def test_who_comes_back_twice_without_a_word_is_told_of_the_same_matter(chat: Chat, parts: Parts, settings: Settings) -> None:
    await chat.say("身份证丢了")
    await archived(parts, settings, chat)
    again = await resume(chat)
    second = Chat(chat.client, again["session_id"], again["token"], again["greeting"])
    await archived(parts, settings, second)
    assert (await resume(second))["resumed"]["text"] == RESUMED


async def test_who_is_old_or_upset_still_is_in_the_new_conversation(chat: Chat, parts: Parts, settings: Settings) -> None:
    await chat.say("我七十多了，看不清字")
    await parts.redis.hset(conversation_key(chat.id), "mood", "distressed")
    await archived(parts, settings, chat)
    fields = await parts.redis.hgetall(conversation_key((await resume(chat))["session_id"]))
    assert (fields["elderly"], fields["mood"]) == ("1", "distressed")


async def test_a_conversation_about_nothing_is_not_spoken_of(chat: Chat, parts: Parts, settings: Settings) -> None:
    await archived(parts, settings, chat)
    assert "resumed" not in await resume(chat)


async def test_the_region_that_is_named_now_wins(chat: Chat, parts: Parts, settings: Settings) -> None:
    await archived(parts, settings, chat)
    began = await resume(chat, region="370600")
    assert (await parts.redis.hgetall(conversation_key(began["session_id"])))["region"] == "370600"


async def test_what_does_not_open_a_conversation_gives_no_hint_why(chat: Chat, parts: Parts, settings: Settings) -> None:
    await chat.say("身份证丢了")
    other = await begin_chat(chat.client)
    alive = await resume(chat)
    await archived(parts, settings, chat)
    began = [alive, await resume(chat, token="wrong"), await resume(chat, token=other.token), await resume(chat, id="w" + "0" * 32),
             await resume(chat, id="../x\x00"), await resume(chat, id="i" + chat.id[1:])]
    assert [sorted(answer) for answer in began] == [["greeting", "session_id", "token"]] * len(began)
    for answer in began:
        fields = await parts.redis.hgetall(conversation_key(answer["session_id"]))
        assert (fields["region"], fields.get("resumed_from")) == ("370100", None)


async def test_a_call_is_nobodys_web_conversation(chat: Chat, parts: Parts, settings: Settings) -> None:
    await parts.redis.hset(conversation_key(chat.id), "channel", "ivr")
    assert "resumed" not in await resume(chat)
    await archived(parts, settings, chat)
    assert "resumed" not in await resume(chat)


async def test_without_rasa_only_the_words_tell_of_it(chat: Chat, parts: Parts, settings: Settings, rasa: FakeRasa) -> None:
    await chat.say("身份证丢了")
    await archived(parts, settings, chat)
    rasa.remembers = True
    assert (await resume(chat))["resumed"]["text"] == RESUMED
    assert parts.log.named("rasa_fault") == [{"reason": "status 500"}]  # type: ignore[attr-defined]


async def test_an_archive_that_cannot_be_read_is_no_reason_to_turn_somebody_away(chat: Chat, parts: Parts, settings: Settings) -> None:
    await chat.say("身份证丢了")
    await archived(parts, settings, chat)
    settings.personal_keys.write_text(f"blind {'0' * 64}\n")
    parts.archive._cipher = type("Lost", (), {"show": _lost})()  # type: ignore[attr-defined]
    assert "resumed" not in await resume(chat)
    assert parts.log.named("conversation_not_resumed") == [{"error": "KeysFaulty"}]  # type: ignore[attr-defined]


def _lost(*_: object) -> None:
    from core.cipher import KeysFaulty
    raise KeysFaulty("no key")


async def test_an_ended_conversation_can_be_read_but_not_spoken_in_and_goes_on_anew(chat: Chat, client: httpx.AsyncClient, parts: Parts) -> None:
    first = await chat.say("身份证丢了", "m1")
    ended = await client.post(f"/v1/chat/sessions/{chat.id}/end", headers=chat.headers)
    assert ended.status_code == 204
    assert len((await chat.state())["messages"]) == 3
    assert await chat.say("身份证丢了", "m1") == first  # a repeat gets what it was answered
    refused = await chat.send("多少钱", "m2")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "session_not_found")
    assert (await client.post(f"/v1/chat/sessions/{chat.id}/end", headers=chat.headers)).status_code == 204
    assert (await parts.redis.hgetall(conversation_key(chat.id)))["seq"] == "3"
    assert (await resume(chat))["resumed"]["text"] == RESUMED


async def test_only_its_own_caller_ends_a_conversation(chat: Chat, client: httpx.AsyncClient) -> None:
    other = await begin_chat(client)
    assert (await client.post(f"/v1/chat/sessions/{chat.id}/end", headers=other.headers)).status_code == 401
    await chat.say("你好")


async def test_marks_of_turns_are_never_told(chat: Chat) -> None:
    reply = await chat.say("身份证丢了", "m1")
    assert not any("turn" in message for message in [*reply["messages"], *(await chat.state())["messages"]])
