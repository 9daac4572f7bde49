"""What follows after the five seconds: slow answers, the words of people, and a platform that is away. Real Redis, real HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from redis.exceptions import RedisError

from api.background import working
from api.channels import further
from api.channels.wechat.messages import Inbound
from api.channels.wechat.post import Post
from api.gateway import Gateway
from api.ports import Parts
from core.cipher import load_cipher
from tests.support.fake_rasa import FakeRasa
from tests.support.wechat_platform import APP_ID, OPENID, FakePlatform, Phone, said, settled, until

pytest_plugins = ("tests.support.gateway_fixtures", "tests.support.wechat_fixtures")
ANSWER = "补身份证带上户口簿就行。\n\n【居民身份证丢失补领】\n要带的材料：\n1. 居民户口簿（原件）"


@pytest.fixture
def post(gateway: Gateway) -> Post:
    return Post(gateway.parts.redis, load_cipher(gateway.settings.personal_keys), APP_ID)


async def conversation(gateway: Gateway) -> str:
    keys = await gateway.parts.redis.keys("hotline:conversation:x*:messages")
    assert len(keys) == 1
    return str(keys[0].split(":")[2])


async def people_say(client: httpx.AsyncClient, operator: dict[str, str], id: str, *texts: str) -> None:
    path = f"/v1/operator/conversations/{id}"
    assert (await client.post(f"{path}/claim", headers=operator)).status_code == 200
    for text in texts:
        assert (await client.post(f"{path}/messages", headers=operator, json={"text": text})).status_code == 200


async def test_a_slow_answer_follows_exactly_once(no_time: None, person: Phone, platform: FakePlatform, rasa: FakeRasa, gateway: Gateway,
                                                  followed: None) -> None:
    assert said(await person.text("等一下，身份证丢了", 42)) == ""
    assert said(await person.text("等一下，身份证丢了", 42)) == ""  # the platform asks again
    await settled(gateway)
    assert platform.sent == [(OPENID, ANSWER)]
    assert len(rasa.requests) == 1


async def test_what_went_out_with_the_answer_does_not_follow(person: Phone, platform: FakePlatform, gateway: Gateway, followed: None) -> None:
    assert said(await person.text("身份证丢了")) == ANSWER
    await settled(gateway)
    assert platform.sent == []


async def test_several_messages_at_once_keep_their_order(no_time: None, person: Phone, platform: FakePlatform, gateway: Gateway,
                                                         followed: None) -> None:
    for number in range(3):
        await person.text(f"等一下，第{number}件", number + 1)
    await settled(gateway)
    told = [message["text"] for message in await gateway.conversations.messages(await conversation(gateway)) if message["author"] == "caller"]
    assert told == ["等一下，第0件", "等一下，第1件", "等一下，第2件"]
    assert platform.texts == [ANSWER] * 3


async def test_two_gateways_send_what_was_said_once(no_time: None, person: Phone, platform: FakePlatform, gateway: Gateway, followed: None) -> None:
    (other,) = further(gateway)
    async with working(*other.duties):
        for number in range(4):
            await person.text(f"等一下，第{number}件", number + 1)
        await settled(gateway)
    await other.close()
    assert platform.texts == [ANSWER] * 4


async def test_chinese_is_sent_as_it_is_written(no_time: None, person: Phone, platform: FakePlatform, gateway: Gateway, followed: None) -> None:
    await person.text("等一下")
    await settled(gateway)
    assert "户口簿".encode() in platform.raw[0] and b"\\u" not in platform.raw[0]


async def test_a_persons_words_reach_him_whoever_claims_it(person: Phone, client: httpx.AsyncClient, platform: FakePlatform, gateway: Gateway,
                                                           operator: dict[str, str], followed: None) -> None:
    await person.text("身份证丢了")
    id = await conversation(gateway)
    await people_say(client, operator, id, "您好，我来帮您看。", "带户口簿就行。")
    await until(lambda: "带户口簿就行。" in platform.texts)
    assert said(await person.text("2")) == ""  # to the person, and a number is a number
    ended = await client.post(f"/v1/operator/conversations/{id}/end", headers=operator, json={})
    assert ended.status_code == 200, ended.text
    await until(lambda: any("办完了" in text for text in platform.texts))
    await settled(gateway)
    assert [text for text in platform.texts if text in ("您好，我来帮您看。", "带户口簿就行。")] == ["您好，我来帮您看。", "带户口簿就行。"]
    assert len(platform.texts) == len(set(platform.texts))
    assert [m["text"] for m in await gateway.conversations.messages(id) if m["author"] == "caller"] == ["身份证丢了", "2"]


async def test_what_was_ended_can_be_rated_and_the_next_word_begins_anew(person: Phone, client: httpx.AsyncClient, gateway: Gateway, parts: Parts,
                                                                         operator: dict[str, str]) -> None:
    await person.text("身份证丢了")
    id = await conversation(gateway)
    await people_say(client, operator, id)
    await client.post(f"/v1/operator/conversations/{id}/end", headers=operator, json={})
    asked = said(await person.text("评价"))
    assert "1. 非常满意\n2. 满意\n3. 基本满意\n4. 不满意\n5. 非常不满意" in asked
    assert said(await person.text("2")) == "您的评价是满意，记下了，谢谢您。"
    assert parts.ratings.rated(id)
    assert "已经评价过" in said(await person.text("不满意"))
    assert said(await person.text("身份证丢了")) == ANSWER
    assert len(await gateway.parts.redis.keys("hotline:conversation:x*:messages")) == 2


async def test_the_words_before_an_end_are_not_lost_to_a_new_beginning(person: Phone, client: httpx.AsyncClient, gateway: Gateway,
                                                                       operator: dict[str, str]) -> None:
    await person.text("身份证丢了")
    id = await conversation(gateway)
    await people_say(client, operator, id, "材料我给您查好了。")
    await client.post(f"/v1/operator/conversations/{id}/end", headers=operator, json={})
    words = said(await person.text("身份证丢了"))  # nobody followed up, so all of it comes now, in its order
    assert words.index("材料我给您查好了。") < words.index("办完了") < words.index(ANSWER)


async def test_a_token_that_is_none_any_more_is_renewed_once_and_shared(no_time: None, person: Phone, platform: FakePlatform, gateway: Gateway,
                                                                        followed: None) -> None:
    await person.text("等一下")
    await settled(gateway)
    await person.text("等一下")
    await settled(gateway)
    assert len(platform.asked) == 1
    assert platform.asked[0] == {"grant_type": "client_credential", "appid": APP_ID, "secret": "app-secret"}
    platform.tokens.append("made-elsewhere")
    await person.text("等一下")
    await settled(gateway)
    assert platform.texts == [ANSWER] * 3 and len(platform.asked) == 2
    kept = await gateway.parts.redis.get(f"hotline:wechat:token:{APP_ID}")
    assert kept and "token-" not in kept


async def test_a_platform_that_is_away_gets_it_when_it_is_back(no_time: None, person: Phone, platform: FakePlatform, gateway: Gateway, parts: Parts,
                                                               followed: None) -> None:
    platform.codes = [-1, None]
    await person.text("等一下，身份证丢了")
    await settled(gateway)
    assert platform.texts == [ANSWER]
    unsent = parts.log.named("wechat_unsent")  # type: ignore[attr-defined]
    assert len(unsent) == 2 and OPENID not in repr(unsent) and "token" not in repr(unsent)


async def test_a_text_that_is_never_taken_does_not_hold_up_the_next(no_time: None, person: Phone, platform: FakePlatform, gateway: Gateway,
                                                                    followed: None) -> None:
    platform.codes = [45002]
    await person.text("等一下，一", 1)
    await person.text("等一下，二", 2)
    await settled(gateway)
    assert platform.texts == [ANSWER]


async def test_what_could_not_be_sent_comes_with_the_next_answer(person: Phone, client: httpx.AsyncClient, platform: FakePlatform, gateway: Gateway,
                                                                 operator: dict[str, str]) -> None:
    await person.text("身份证丢了")
    id = await conversation(gateway)
    await people_say(client, operator, id, "您带户口簿来。")
    assert said(await person.text("好的")).endswith("您带户口簿来。")
    assert platform.sent == []


async def test_what_a_gateway_that_died_had_acknowledged_is_taken_by_another(person: Phone, platform: FakePlatform, gateway: Gateway, post: Post,
                                                                            rasa: FakeRasa) -> None:
    inbound = Inbound(OPENID, "gh_hotline", "text", "m9", "身份证丢了")
    await post.accept(post.person(OPENID), inbound, 0.0)  # all that it did
    (other,) = further(gateway)
    async with working(*other.duties):
        await settled(gateway)
    await other.close()
    await gateway.news.close()
    assert platform.sent == [(OPENID, ANSWER)] and len(rasa.requests) == 1


async def test_what_was_said_while_no_gateway_ran_is_sent_by_the_next(person: Phone, client: httpx.AsyncClient, platform: FakePlatform,
                                                                     gateway: Gateway, operator: dict[str, str]) -> None:
    await person.text("身份证丢了")
    await people_say(client, operator, await conversation(gateway), "您带户口簿来。")
    await gateway.parts.redis.delete("hotline:wechat:due")
    (other,) = further(gateway)
    async with working(*other.duties):
        await until(lambda: "您带户口簿来。" in platform.texts)
        await settled(gateway)
    await other.close()
    await gateway.news.close()
    assert platform.texts.count("您带户口簿来。") == 1


async def test_when_the_window_closes_what_is_left_is_told_to_the_log_and_forgotten(person: Phone, gateway: Gateway, parts: Parts, post: Post,
                                                                                   client: httpx.AsyncClient, platform: FakePlatform,
                                                                                   operator: dict[str, str]) -> None:
    name = post.person(OPENID)
    await person.text("身份证丢了")
    await people_say(client, operator, await conversation(gateway), "您带户口簿来。")
    (channel,) = further(gateway)
    platform.codes = [45015] * 100
    async with working(*channel.duties):
        await until(lambda: bool(parts.log.named("wechat_unsent")))  # type: ignore[attr-defined]
        await gateway.parts.redis.delete(f"hotline:wechat:{name}")  # as Redis does when it expires
        await post.wake(name)
        await settled(gateway)
    await channel.close()
    await gateway.news.close()
    assert [line["texts"] for line in parts.log.named("wechat_undelivered")]  # type: ignore[attr-defined]
    assert await post.next_out(name) is None


async def test_a_danger_waits_for_no_turn(person: Phone, gateway: Gateway, post: Post) -> None:
    await person.text("身份证丢了")
    async with gateway.lock.hold(f"wechat:{post.person(OPENID)}"), gateway.lock.hold(await conversation(gateway)):
        assert said(await person.text("着火了")) == "请马上拨打119。"


async def test_a_turn_that_breaks_does_not_stop_those_after_it(person: Phone, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    take = gateway.turns.take

    async def breaks(id: str, text: str, *more: Any) -> Any:
        if text == "出事":
            raise RuntimeError("broken")
        return await take(id, text, *more)

    monkeypatch.setattr(gateway.turns, "take", breaks)
    assert "系统这会儿出了点问题" in said(await person.text("出事"))
    assert said(await person.text("身份证丢了")) == ANSWER


async def test_a_store_that_breaks_in_the_middle_loses_nothing(person: Phone, gateway: Gateway, platform: FakePlatform,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: Any) -> Any:
        raise RedisError("away")

    with monkeypatch.context() as patched:
        patched.setattr(gateway.turns, "take", breaks)
        assert said(await person.text("身份证丢了", 5)) == ""
    assert said(await person.text("身份证丢了", 5)) == ANSWER  # the platform asks again
    assert platform.sent == []
