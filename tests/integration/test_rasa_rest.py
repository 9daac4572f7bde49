"""Rasa's REST channel: the key decides whose senders are whose, and nothing that was said is lost on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import redis

from api.ports import Parts
from tests.support.fake_rasa import FakeRasa
from tests.support.gateway_fixtures import key_headers

pytest_plugins = ("tests.support.gateway_fixtures",)
ANSWER = "补身份证带上户口簿就行。"
WEBHOOK = "/webhooks/rest/webhook"


@pytest.fixture
def key(parts: Parts) -> dict[str, str]:
    return key_headers(parts, "rasa")


async def post(client: httpx.AsyncClient, key: dict[str, str], message: str | None, sender: str = "caller-17", **more: Any) -> list[dict[str, Any]]:
    answer = await client.post(WEBHOOK, json={"sender": sender, "message": message, **more}, headers=key)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def conversation(redis_url: str) -> str:
    """The only conversation that there is."""
    store = redis.from_url(redis_url, decode_responses=True)
    return next(name for name in store.keys("hotline:conversation:w*") if name.count(":") == 2).split(":")[2]


async def test_a_message_is_answered_as_rasa_answers(client: httpx.AsyncClient, key: dict[str, str]) -> None:
    said = await post(client, key, "身份证丢了咋补")
    assert [(entry["recipient_id"], entry["text"]) for entry in said] == [("caller-17", ANSWER)]
    assert (said[0]["custom"]["author"], said[0]["custom"]["seq"], said[0]["custom"]["card"]["kind"]) == ("bot", 3, "item")


async def test_buttons_carry_the_words_to_send(client: httpx.AsyncClient, key: dict[str, str]) -> None:
    said = await post(client, key, "补证")
    assert said[0]["buttons"] == [{"title": "身份证", "payload": "身份证"}, {"title": "驾驶证", "payload": "驾驶证"}]


async def test_an_opening_command_is_answered_with_the_greeting_and_is_no_turn(client: httpx.AsyncClient, key: dict[str, str], rasa: FakeRasa) -> None:
    said = await post(client, key, "/get_started")
    assert ("智能助手" in said[0]["text"], rasa.requests) == (True, [])


@pytest.mark.parametrize(("headers", "status"), [({}, 401), ({"X-API-Key": "hk_wrong"}, 401), ({"Authorization": "Bearer hk_wrong"}, 401)])
async def test_without_a_key_nobody_is_heard(client: httpx.AsyncClient, headers: dict[str, str], status: int) -> None:
    assert (await client.post(WEBHOOK, json={"sender": "x", "message": "你好"}, headers=headers)).status_code == status


async def test_only_a_key_of_the_role_may_and_it_may_come_as_a_bearer(client: httpx.AsyncClient, parts: Parts, key: dict[str, str],
                                                                      operator: dict[str, str]) -> None:
    assert (await client.post(WEBHOOK, json={"sender": "x", "message": "你好"}, headers=operator)).status_code == 403
    assert await post(client, {"Authorization": f"Bearer {key['X-API-Key']}"}, "身份证丢了")


async def test_a_senders_name_under_another_key_is_another_sender(client: httpx.AsyncClient, parts: Parts, key: dict[str, str], rasa: FakeRasa) -> None:
    await post(client, key, "身份证丢了")
    await post(client, key_headers(parts, "rasa"), "身份证丢了")
    await post(client, key, "补证")
    first, stranger, again = [request["sender"] for request in rasa.requests]
    assert (first == again, first == stranger) == (True, False)


async def test_two_first_messages_at_once_begin_one_conversation(client: httpx.AsyncClient, key: dict[str, str], rasa: FakeRasa) -> None:
    await asyncio.gather(*(post(client, key, word) for word in ("身份证丢了", "补证", "路灯坏了")))
    assert len({request["sender"] for request in rasa.requests}) == 1
    assert (len(rasa.requests), rasa.overlap) == (3, 1)


async def test_a_repeat_is_answered_once_and_the_same(client: httpx.AsyncClient, key: dict[str, str], rasa: FakeRasa) -> None:
    first = await post(client, key, "身份证丢了", message_id="m-1")
    assert await post(client, key, "身份证丢了", message_id="m-1") == first
    assert len(rasa.requests) == 1


async def test_what_a_person_wrote_comes_with_the_next_answer_and_once(client: httpx.AsyncClient, key: dict[str, str], operator: dict[str, str],
                                                                       redis_url: str, rasa: FakeRasa) -> None:
    await post(client, key, "身份证丢了")
    at = f"/v1/operator/conversations/{conversation(redis_url)}"
    (await client.post(f"{at}/claim", headers=operator)).raise_for_status()
    (await client.post(f"{at}/messages", json={"text": "我来帮您。"}, headers=operator)).raise_for_status()
    asked = len(rasa.requests)
    said = await post(client, key, "好的", message_id="m-2")
    assert [entry["custom"]["author"] for entry in said] == ["system", "operator"]
    assert await post(client, key, "好的", message_id="m-2") == said  # that answer may have been lost
    assert await post(client, key, None) == []
    assert len(rasa.requests) == asked


async def test_a_danger_is_answered_though_a_turn_runs(client: httpx.AsyncClient, key: dict[str, str]) -> None:
    slow = asyncio.create_task(post(client, key, "等一下再说"))
    await asyncio.sleep(0)
    said = await post(client, key, "家里着火了")
    assert "119" in said[-1]["text"]
    assert ANSWER in [entry["text"] for entry in await slow]


async def test_a_danger_is_answered_even_when_nothing_can_be_kept(client: httpx.AsyncClient, key: dict[str, str],
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise redis.ConnectionError("gone")

    monkeypatch.setattr("api.conversations.Conversations.append", broken)
    assert "119" in (await post(client, key, "家里着火了"))[0]["text"]
    answer = await client.post(WEBHOOK, json={"sender": "b", "message": "身份证丢了"}, headers=key)
    assert answer.status_code == 503


@pytest.mark.parametrize("body", [{"message": "你好"}, {"sender": "", "message": "你好"}, {"sender": "x" * 201, "message": "你好"},
                                  {"sender": "x", "message": "字" * 2001}, {"sender": "x", "message": ["你好"]}, {"sender": "x", "metadata": "y"}, []])
async def test_what_is_no_message_is_refused(client: httpx.AsyncClient, key: dict[str, str], body: Any) -> None:
    answer = await client.post(WEBHOOK, json=body, headers=key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


async def test_a_conversation_that_is_over_is_followed_by_a_new_one(client: httpx.AsyncClient, key: dict[str, str], redis_url: str, rasa: FakeRasa) -> None:
    await post(client, key, "身份证丢了")
    redis.from_url(redis_url).delete(f"hotline:conversation:{conversation(redis_url)}")
    assert [entry["text"] for entry in await post(client, key, "身份证丢了")] == [ANSWER]
    assert len({request["sender"] for request in rasa.requests}) == 2


async def test_the_channel_says_that_it_is_there(client: httpx.AsyncClient) -> None:
    assert (await client.get("/webhooks/rest/")).json() == {"status": "ok"}


async def test_who_marks_nothing_hears_a_person_twice_rather_than_never(client: httpx.AsyncClient, key: dict[str, str], operator: dict[str, str],
                                                                      redis_url: str) -> None:
    await post(client, key, "身份证丢了")
    at = f"/v1/operator/conversations/{conversation(redis_url)}"
    (await client.post(f"{at}/claim", headers=operator)).raise_for_status()
    (await client.post(f"{at}/messages", json={"text": "我来帮您。"}, headers=operator)).raise_for_status()
    said = [[entry["custom"]["author"] for entry in await post(client, key, None)] for _ in range(3)]
    assert said == [["system", "operator"], ["operator"], []]
    numbered = await post(client, key, None, metadata={"after": 3})
    assert [entry["custom"]["seq"] for entry in numbered] == [4, 5]
