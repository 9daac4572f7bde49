"""Rasa's Socket.IO channel on a real server, with python-socketio's own client."""

from __future__ import annotations

from typing import Any, Iterator

import httpx
import pytest
import redis
import socketio
from fastapi import FastAPI

from api.main import create_app
from api.ports import Parts
from core.settings import Settings
from tests.support.fake_rasa import FakeRasa, serving
from tests.support.gateway_fixtures import build_parts
from tests.support.rasa_client import connected

pytest_plugins = ("tests.support.gateway_fixtures",)
ANSWER, GREETING = "补身份证带上户口簿就行。", "智能助手"


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
def second(settings: Settings, address: str) -> Iterator[str]:
    """Another gateway on the same Redis and database."""
    with serving(create_app(settings, build_parts(settings))) as url:
        yield url


async def act(address: str, operator: dict[str, str], conversation: str, act: str, **body: Any) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False, headers=operator, timeout=15) as client:
        (await client.post(f"/v1/operator/conversations/{conversation}/{act}", json=body or None)).raise_for_status()


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
async def test_a_session_is_confirmed_greeted_and_answered(address: str, transports: list[str]) -> None:
    async with connected(address, transports=transports) as visitor:
        await visitor.ask(session_id=None)
        await visitor.hears(GREETING)
        await visitor.say("身份证丢了咋补")
        await visitor.hears(ANSWER)
        assert visitor.shown[1] == {"text": ANSWER}
        assert [(m["seq"], m["author"]) for m in visitor.numbered] == [(1, "bot"), (3, "bot")]
        assert "turn" not in visitor.numbered[1]


async def test_choices_are_buttons_whose_payload_is_what_to_say(address: str) -> None:
    async with connected(address) as visitor:
        await visitor.ask()
        await visitor.say("补证")
        await visitor.hears("哪一个证")
        assert visitor.shown[-1]["quick_replies"][1] == {"content_type": "text", "title": "驾驶证", "payload": "驾驶证"}


async def test_what_a_client_sends_by_itself_is_not_a_callers_words(address: str, rasa: FakeRasa) -> None:
    async with connected(address) as visitor:
        await visitor.ask()
        for opening in ("/get_started", '/greet{"name": "x"}', None, "", 7, {"a": 1}):
            await visitor.say(opening)
        await visitor.say("身份证丢了")
        await visitor.hears(ANSWER)
        assert [request["message"] for request in rasa.requests] == ["身份证丢了"]
        assert len(visitor.shown) == 2


async def test_an_id_that_the_client_made_up_opens_nothing(address: str) -> None:
    async with connected(address) as owner, connected(address) as stranger:
        session = await owner.ask(session_id="my-own-id")
        assert session != "my-own-id"
        for made_up in (owner.conversation, session[:-1] + ("a" if session[-1] != "a" else "b"), "my-own-id", 5, ["x"], {"x": 1}):
            assert (await stranger.ask(session_id=made_up)).split(".")[0] != owner.conversation
        await stranger.say("身份证丢了", session_id=owner.conversation)
        await stranger.hears(ANSWER)
        await owner.say("补证")
        await owner.hears("哪一个证")
        assert ANSWER not in owner.texts


async def test_a_message_without_a_session_request_begins_a_session(address: str) -> None:
    async with connected(address) as visitor:
        await visitor.say("身份证丢了", session_id="made-up")
        await visitor.hears(ANSWER)
        assert visitor.session and visitor.session != "made-up"


async def test_an_alarm_is_answered_at_once_and_comes_before_a_slow_turn(address: str) -> None:
    async with connected(address) as visitor:
        await visitor.ask()
        await visitor.say("等一下再说")
        await visitor.say("家里着火了")
        await visitor.hears(ANSWER)
        await visitor.hears("119")
        told = [text for text in visitor.texts if "119" in text or text == ANSWER]
        assert "119" in told[0]


async def test_sentences_keep_their_order(address: str, rasa: FakeRasa) -> None:
    async with connected(address) as visitor:
        await visitor.ask()
        for word in ("等一下一", "等一下二", "三", "四"):
            await visitor.say(word)
        await visitor.hears(ANSWER, 4)
        assert [request["message"] for request in rasa.requests] == ["等一下一", "等一下二", "三", "四"]
        numbers = [m["seq"] for m in visitor.numbered]
        assert numbers == sorted(set(numbers))


async def test_a_repeat_of_a_message_id_is_answered_once(address: str, rasa: FakeRasa) -> None:
    async with connected(address) as visitor:
        await visitor.ask()
        assert await visitor.io.call("user_uttered", {"message": "身份证丢了", "message_id": "m-1"}) is None
        assert await visitor.io.call("user_uttered", {"message": "身份证丢了", "metadata": {"message_id": "m-1"}}) is None
        await visitor.hears(ANSWER)
        assert (len(rasa.requests), visitor.texts.count(ANSWER)) == (1, 1)


async def test_a_person_at_another_gateway_takes_over_and_the_bot_is_silent(address: str, second: str, operator: dict[str, str],
                                                                           rasa: FakeRasa) -> None:
    async with connected(address) as visitor:
        await visitor.ask()
        await visitor.say("转人工")
        await visitor.until(lambda: any(m["author"] == "system" for m in visitor.numbered))
        await act(second, operator, visitor.conversation, "claim")
        await act(second, operator, visitor.conversation, "messages", text="我来帮您。")
        await visitor.hears("我来帮您。")
        asked = len(rasa.requests)
        await visitor.io.call("user_uttered", {"message": "身份证丢了"})
        await act(second, operator, visitor.conversation, "messages", text="带上户口簿。")
        await visitor.hears("带上户口簿。")
        assert (len(rasa.requests), ANSWER in visitor.texts) == (asked, False)
        assert visitor.numbered[-1]["author"] == "operator"


async def test_what_was_missed_comes_after_a_reconnect_to_another_gateway(address: str, second: str, operator: dict[str, str]) -> None:
    async with connected(address) as visitor:
        session = await visitor.ask()
        await visitor.hears(GREETING)
    await act(second, operator, visitor.conversation, "claim")
    await act(second, operator, visitor.conversation, "messages", text="您还在吗？")
    async with connected(second) as again:
        assert await again.ask(session_id=session) == session
        await again.hears("您还在吗？")
        assert [m["seq"] for m in again.numbered if m["author"] == "operator"] == [3]


async def test_a_page_that_polls_and_goes_without_a_word_is_told_nothing_twice(address: str, redis_url: str) -> None:
    async with connected(address, transports=["polling"]) as visitor:
        session = await visitor.ask()
        await visitor.say("身份证丢了")
        await visitor.hears(ANSWER)
        store = redis.from_url(redis_url)
        while (store.zscore(f"hotline:rasa:told:{visitor.conversation}", "seq") or 0) < 3:
            await visitor.io.sleep(0.02)
        async with connected(address) as again:
            await again.ask(session_id=session)
            await again.say("补证")
            await again.hears("哪一个证")
            assert len(again.shown) == 1


async def test_a_page_that_was_closed_is_told_nothing_twice(address: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.rasa_face.delivery.PARTING_S", 0.0)
    async with connected(address) as visitor:
        session = await visitor.ask()
        await visitor.say("身份证丢了")
        await visitor.hears(ANSWER)
    store = redis.from_url(redis_url)
    while (store.zscore(f"hotline:rasa:told:{visitor.conversation}", "seq") or 0) < 3:
        await visitor.io.sleep(0.02)
    async with connected(address) as again:
        await again.ask(session_id=session)
        await again.say("补证")
        await again.hears("哪一个证")
        assert len(again.shown) == 1


async def test_a_client_that_counts_gets_exactly_what_it_has_not(address: str) -> None:
    async with connected(address) as visitor:
        session = await visitor.ask()
        await visitor.say("身份证丢了")
        await visitor.hears(ANSWER)
    async with connected(address) as again:
        await again.ask(session_id=session, after=2)
        await again.hears(ANSWER)
        assert [m["seq"] for m in again.numbered] == [3]


async def test_a_session_that_is_over_is_begun_anew_and_the_words_are_not_lost(address: str, redis_url: str) -> None:
    async with connected(address) as visitor:
        session = await visitor.ask()
        redis.from_url(redis_url).flushall()
        await visitor.say("身份证丢了")
        await visitor.hears(ANSWER)
        assert visitor.session != session
    async with connected(address) as again:
        assert await again.ask(session_id=session) != session


async def test_a_session_that_is_over_goes_on_in_a_new_one(address: str, redis_url: str) -> None:
    store = redis.from_url(redis_url, decode_responses=True)
    async with connected(address) as visitor:
        session = await visitor.ask()
        await visitor.say("身份证丢了")
        await visitor.hears(ANSWER)
        store.hset(f"hotline:conversation:{visitor.conversation}", "due", "1")
        assert await visitor.ask(session_id="made-up") == session  # a request with no id of ours leaves the connection where it is
        before = visitor.conversation
    async with connected(address) as again:
        assert await again.ask(session_id=session) != session
        assert store.hget(f"hotline:conversation:{again.conversation}", "resumed_from") == before


async def test_too_long_words_are_refused_in_words(address: str, rasa: FakeRasa) -> None:
    async with connected(address) as visitor:
        await visitor.ask()
        refused = await visitor.io.call("user_uttered", {"message": "字" * 2001})
        assert refused["error"]["code"] == "invalid_request"
        await visitor.hears("最多 2000 个字")
        assert rasa.requests == []


async def test_a_connection_that_floods_is_told_so_but_a_danger_is_heard(address: str) -> None:
    async with connected(address) as visitor:
        await visitor.ask()
        for _ in range(20):
            await visitor.say("等一下")
        await visitor.hears("发得太快了")
        await visitor.say("家里着火了")
        await visitor.hears("119")


async def test_a_danger_is_heard_even_when_nothing_can_be_kept(address: str, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(address) as visitor:
        await visitor.ask()
        await visitor.hears(GREETING)

        async def broken(*_: object, **__: object) -> None:
            raise redis.ConnectionError("gone")

        monkeypatch.setattr("api.conversations.Conversations.append", broken)
        await visitor.say("家里着火了")
        await visitor.hears("119")
        await visitor.say("身份证丢了")
        await visitor.hears("系统这会儿不可用")


async def test_only_the_own_page_and_named_sites_connect(settings: Settings, parts: Parts) -> None:
    named = settings.copy(update={"widget_origins": "https://www.jinan.gov.cn, https://a.gov.cn"})
    with serving(create_app(named, parts)) as address:
        for origin in (address, "https://www.jinan.gov.cn", "https://a.gov.cn"):
            async with connected(address, origin) as visitor:
                await visitor.ask()
        for origin in ("https://evil.example", "null", "https://a.gov.cn.evil.example", "http://["):
            with pytest.raises(socketio.exceptions.ConnectionError):
                async with connected(address, origin):
                    pass


async def test_a_named_site_may_read_answers_and_no_other(settings: Settings, parts: Parts) -> None:
    named = settings.copy(update={"widget_origins": "https://www.jinan.gov.cn"})
    with serving(create_app(named, parts)) as address:
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            for path in ("/socket.io/?EIO=4&transport=polling", "/health/live"):
                answer = await client.get(path, headers={"Origin": "https://www.jinan.gov.cn"})
                assert answer.headers.get_list("Access-Control-Allow-Origin") == ["https://www.jinan.gov.cn"], path
            foreign = await client.get("/socket.io/?EIO=4&transport=polling", headers={"Origin": "https://evil.example"})
            assert (foreign.status_code, "Access-Control-Allow-Origin" in foreign.headers) == (403, False)
            preflight = {"Origin": "https://www.jinan.gov.cn", "Access-Control-Request-Method": "POST"}
            ours = {**preflight, "Access-Control-Request-Headers": "content-type, authorization, x-ticket-proof"}
            assert (await client.options("/v1/chat/sessions", headers=ours)).is_success
            assert (await client.options("/v1/operator/queue", headers={**preflight, "Access-Control-Request-Headers": "x-api-key"})).is_client_error


async def test_a_page_that_goes_leaves_no_listener_behind(address: str, redis_url: str) -> None:
    async with connected(address) as visitor:
        await visitor.ask()
        await visitor.hears(GREETING)
        channel = f"hotline:news:{visitor.conversation}"
        watcher = redis.from_url(redis_url)
        assert watcher.pubsub_numsub(channel)[0][1] == 1
    for _ in range(300):
        if watcher.pubsub_numsub(channel)[0][1] == 0:
            break
        await visitor.io.sleep(0.05)
    assert watcher.pubsub_numsub(channel)[0][1] == 0


async def test_the_face_can_be_switched_off(settings: Settings, parts: Parts) -> None:
    with serving(create_app(settings.copy(update={"rasa_clients": False}), parts)) as address:
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with connected(address):
                pass
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            assert (await client.get("/webhooks/rest/")).status_code == 404


async def test_a_blank_session_of_the_engine_is_counted_as_a_new_connection(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.rasa_face.origins.ADDRESS_MESSAGES", 1)
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        answers = [await client.get("/socket.io/?EIO=4&transport=polling&sid=") for _ in range(2)]
    assert answers[1].status_code == 429
