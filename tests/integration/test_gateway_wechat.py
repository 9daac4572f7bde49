"""The webhook of an official account: who may speak, what is answered at once, and that every message is taken once. Real Redis."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from redis.exceptions import ConnectionError as RedisConnectionError

from api.channels import further
from api.gateway import Gateway
from api.main import create_app
from api.ports import Parts
from core.settings import Settings, SettingsError
from tests.support.fake_rasa import FakeRasa
from tests.support.gateway_fakes import NOW
from tests.support.wechat_platform import AES_KEY, APP_ID, OPENID, TOKEN, Phone, said, seal, sign

pytest_plugins = ("tests.support.gateway_fixtures", "tests.support.wechat_fixtures")
STALE = str(int(NOW.timestamp()) - 301)


async def conversations(gateway: Gateway) -> list[str]:
    keys = await gateway.parts.redis.keys("hotline:conversation:x*")
    return sorted({key.split(":")[2] for key in keys})


async def words_of(gateway: Gateway, author: str = "caller") -> list[str]:
    return [message["text"] for id in await conversations(gateway) for message in await gateway.conversations.messages(id)
            if message["author"] == author]


async def test_the_platform_is_answered_its_own_word(client: httpx.AsyncClient) -> None:
    at = str(int(NOW.timestamp()))
    query = {"timestamp": at, "nonce": "5", "echostr": "8812345678901234567", "signature": sign(at, "5")}
    answer = await client.get("/v1/wechat", params=query)
    assert (answer.status_code, answer.text) == (200, "8812345678901234567")
    assert (await client.get("/v1/wechat", params={**query, "nonce": "6"})).status_code == 403
    assert (await client.get("/v1/wechat")).status_code == 403
    assert (await client.get("/v1/wechat", params={**query, "timestamp": STALE, "signature": sign(STALE, "5")})).status_code == 403


async def test_a_question_is_answered_at_once_with_its_card(person: Phone, rasa: FakeRasa) -> None:
    words = said(await person.text("身份证丢了咋补"))
    assert words == "补身份证带上户口簿就行。\n\n【居民身份证丢失补领】\n要带的材料：\n1. 居民户口簿（原件）"
    assert [(asked["channel"], asked["metadata"]["region"]) for asked in rasa.requests] == [("web", "370100")]


@pytest.mark.parametrize("query", [{"signature": "0" * 40}, {"signature": ""}, {"timestamp": STALE}, {"nonce": "x", "signature": sign("1", "x")}])
async def test_who_is_not_the_platform_is_refused(person: Phone, gateway: Gateway, rasa: FakeRasa, query: dict[str, str]) -> None:
    answer = await person.text("路灯坏了", **query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert rasa.requests == [] and await conversations(gateway) == []


async def test_an_alarm_of_a_stranger_is_not_taken(person: Phone, gateway: Gateway) -> None:
    assert (await person.text("着火了", signature="0" * 40)).status_code == 403
    assert await conversations(gateway) == []


@pytest.mark.parametrize("xml", ["<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>", "<!DOCTYPE x SYSTEM 'http://127.0.0.1/x'><xml/>", "", "<xml><a>"])
async def test_hostile_xml_is_no_message(person: Phone, xml: str) -> None:
    assert (await person.deliver(xml)).status_code == 422


async def test_too_much_is_refused(person: Phone) -> None:
    assert (await person.text("字" * 30_000)).status_code == 413


async def test_the_same_message_is_one_turn_and_gets_the_same_answer(person: Phone, gateway: Gateway, rasa: FakeRasa) -> None:
    answers = [said(await person.text("补证", 42)) for _ in range(3)]
    assert answers[0].startswith("您要补哪一个证？") and len(set(answers)) == 1
    assert len(rasa.requests) == 1 and await words_of(gateway) == ["补证"]


async def test_a_signature_carries_no_second_message(person: Phone, gateway: Gateway) -> None:
    first = {"nonce": "12345"}
    assert said(await person.text("补证", 1, **first))
    assert said(await person.text("路灯坏了", 2, **first)) == ""
    assert said(await person.text("着火了", 3, **first)) == ""
    assert await words_of(gateway) == ["补证"]


async def test_a_number_picks_the_choice_that_was_offered(person: Phone, gateway: Gateway) -> None:
    assert "1. 身份证\n2. 驾驶证\n（回复数字选择）" in said(await person.text("补证"))
    await person.text("2")
    assert await words_of(gateway) == ["补证", "驾驶证"]
    await person.text("2")
    assert await words_of(gateway) == ["补证", "驾驶证", "2"]


async def test_who_comes_is_greeted_once(person: Phone, gateway: Gateway) -> None:
    assert said(await person.event("subscribe")) == gateway.parts.phrases.render("utter_greet", "web")


async def test_a_menu_key_and_understood_speech_are_words(person: Phone, gateway: Gateway) -> None:
    await person.event("CLICK", "补证")
    await person.post("voice", None, "<MediaId>m</MediaId><Recognition><![CDATA[路灯坏了]]></Recognition>")
    assert await words_of(gateway) == ["补证", "路灯坏了"]


@pytest.mark.parametrize("kind", ["image", "location", "link", "video", "voice", "shortvideo"])
async def test_what_cannot_be_read_gets_an_honest_word(person: Phone, gateway: Gateway, rasa: FakeRasa, kind: str) -> None:
    assert said(await person.post(kind, None, "")) == gateway.parts.phrases.render("utter_wechat_only_text", "web")
    assert rasa.requests == [] and await words_of(gateway) == ["（发来了文字以外的内容）"]


async def test_a_text_beyond_the_limit_is_told_so(person: Phone, rasa: FakeRasa) -> None:
    assert "最多2000个字" in said(await person.text("字" * 2001))
    assert said(await person.text("\u200b"))
    assert rasa.requests == []


async def test_a_danger_is_answered_first_and_keeps_its_place_in_the_line(person: Phone, gateway: Gateway, rasa: FakeRasa) -> None:
    assert said(await person.text("家里着火了")) == "请马上拨打119。"
    (entry,) = await gateway.line.waiting()
    assert entry.alarm and [entry.id] == await conversations(gateway) and rasa.requests == []
    assert said(await person.text("补证")).startswith("您要补哪一个证？")  # and is not told a second time


async def test_a_danger_is_heard_however_much_was_said_before(person: Phone) -> None:
    answers = [said(await person.text(f"第{n}句")) for n in range(32)]
    assert answers[-1] == "发得太快了，请过一分钟再试。"
    assert [said(await person.text("着火了")) for _ in range(25)] == ["请马上拨打119。"] * 25


async def test_without_a_store_a_danger_is_heard_and_nothing_is_promised(person: Phone, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any, **__: Any) -> Any:
        raise RedisConnectionError

    monkeypatch.setattr(parts.redis, "execute_command", away)
    assert said(await person.text("着火了")) == "请马上拨打119。"
    assert "系统这会儿不可用" in said(await person.text("补证"))


async def test_an_openid_stands_neither_in_logs_nor_in_the_store(person: Phone, gateway: Gateway, parts: Parts) -> None:
    await person.text("补证")
    await person.text("坏了")
    redis = gateway.parts.redis
    kept = repr(await redis.keys("*")) + repr([await redis.hgetall(key) for key in await redis.keys("*") if await redis.type(key) == "hash"])
    assert OPENID not in kept + repr(parts.log.lines)  # type: ignore[attr-defined]
    assert re.fullmatch(r"x[0-9a-f]{32}", (await conversations(gateway))[0])


async def test_a_page_cannot_open_the_conversation(person: Phone, client: httpx.AsyncClient, gateway: Gateway) -> None:
    await person.text("补证")
    (id,) = await conversations(gateway)
    answer = await client.get(f"/v1/chat/sessions/{id}/messages", headers={"Authorization": "Bearer x"})
    assert answer.status_code in (404, 422)


async def test_who_leaves_is_written_to_no_more_and_begins_anew(person: Phone, gateway: Gateway) -> None:
    await person.text("补证")
    (id,) = await conversations(gateway)
    assert said(await person.event("unsubscribe")) == ""
    assert (await gateway.conversations.load(id)).ended == "caller"
    assert said(await person.event("subscribe")) == gateway.parts.phrases.render("utter_greet", "web")
    assert len(await conversations(gateway)) == 2


class TestSealed:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.copy(update={"wechat_aes_key": type(settings.wechat_aes_key)(AES_KEY)})

    async def test_a_sealed_message_gets_a_sealed_answer(self, client: httpx.AsyncClient) -> None:
        person = Phone(client, sealed=True)
        assert [said(await person.text("补证", 7), sealed=True)[:8] for _ in range(2)] == ["您要补哪一个证？"] * 2

    async def test_a_plain_message_does_not_get_round_it(self, client: httpx.AsyncClient, gateway: Gateway) -> None:
        assert (await Phone(client).text("补证")).status_code == 403
        assert (await Phone(client).text("补证", encrypt_type="aes")).status_code == 403
        assert await conversations(gateway) == []

    async def test_what_cannot_be_opened_is_refused(self, client: httpx.AsyncClient) -> None:
        at = str(int(NOW.timestamp()))
        for inner in ("AAAA", seal("<xml/>", "wx_of_another"), ""):
            query = {"timestamp": at, "nonce": "5", "encrypt_type": "aes", "msg_signature": sign(at, "5", inner)}
            answer = await client.post("/v1/wechat", params=query, content=f"<xml><Encrypt>{inner}</Encrypt></xml>".encode())
            assert answer.status_code == 403

    async def test_what_is_sealed_under_another_signature_is_refused(self, client: httpx.AsyncClient) -> None:
        assert (await Phone(client, sealed=True).text("补证", msg_signature="0" * 40)).status_code == 403


async def test_without_a_token_there_is_no_such_channel(settings: Settings, parts: Parts) -> None:
    app: FastAPI = create_app(settings.copy(update={"wechat_token": type(settings.wechat_token)("")}), parts)
    assert further(app.state.gateway) == []
    assert "/v1/wechat" not in app.openapi()["paths"]


@pytest.mark.parametrize(("change", "name"), [({"wechat_app_id": ""}, "HOTLINE_WECHAT_APP_ID"), ({"wechat_app_secret": ""}, "HOTLINE_WECHAT_APP_SECRET"),
                                              ({"wechat_aes_key": "too-short"}, "HOTLINE_WECHAT_AES_KEY")])
async def test_settings_that_do_not_fit_together_stop_the_start_by_name(settings: Settings, parts: Parts, change: dict[str, str], name: str) -> None:
    typed = {key: value if key == "wechat_app_id" else type(settings.wechat_token)(value) for key, value in change.items()}
    with pytest.raises(SettingsError, match=name) as told:
        create_app(settings.copy(update=typed), parts)
    assert not any(secret in str(told.value) for secret in (TOKEN, APP_ID, "too-short", "app-secret"))


async def test_a_store_that_hangs_does_not_hold_up_the_words_for_a_danger(person: Phone, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(*_: Any, **__: Any) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("api.channels.wechat.webhook.ALARM_S", 0.2)
    monkeypatch.setattr(parts.redis, "execute_command", hangs)
    assert said(await asyncio.wait_for(person.text("着火了"), 20)) == "请马上拨打119。"
