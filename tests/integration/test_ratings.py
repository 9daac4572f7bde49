"""好差评 over HTTP and in the database: a conversation by its own caller, a call by keys and words, a ticket by the link in a message."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.main import create_app
from api.ports import Parts
from core.cipher import load_cipher
from core.db import Database
from core.settings import Settings
from tests.support.gateway_fakes import NOW
from tests.support.gateway_fixtures import Chat, begin_chat, key_headers
from tests.support.ticket_store import AT
from tickets.conversation_ratings import ConversationRating, digest_session, rating_of
from tickets.model import Act, Actor, Details, Result, Role, Ticket
from tickets.notices.link import may_rate, rating_token
from tickets.store.conversation_ratings import SqlConversationRatings
from tickets.vocabulary import Grade, Queue

pytest_plugins = ("tests.support.gateway_fixtures", "tests.support.ticket_store")
LAMP = {"type": "求助", "text": "小区门口路灯坏了一个月没人修", "region": "370102", "phone": "13800001234"}
OFFICE = Actor(Role.DEPARTMENT, "小张", "城市管理局", "370102")


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def follow_ups(parts: Parts) -> list[Ticket]:
    return [one for one in parts.tickets.recent() if one.queue is Queue.RATING]  # type: ignore[attr-defined]


def kept(parts: Parts, session: str) -> ConversationRating | None:
    return parts.ratings.store.find(digest_session(session))  # type: ignore[attr-defined,no-any-return]


# --- the store, on both databases ------------------------------------------------------------------------------------
def test_a_rating_is_read_as_it_was_kept(database: Database) -> None:
    full = rating_of("w1", "web", Grade.VERY_BAD, AT, reason="问了三遍😀", region="370102", about="id-card-reissue")
    bare = rating_of("i1", "ivr", Grade.FAIR, AT)
    store = SqlConversationRatings(database)
    assert [store.add(full), store.add(bare), store.find(full.session_digest), store.find(bare.session_digest)] == [True, True, full, bare]
    assert store.find("0" * 64) is None


def test_the_first_rating_of_a_conversation_stays_however_many_come_at_once(database: Database) -> None:
    store = SqlConversationRatings(database)
    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(lambda n: store.add(rating_of("w1", "web", list(Grade)[n % 5], AT, reason=str(n))), range(20)))
    stays = store.find(digest_session("w1"))
    assert (results.count(True), stays and stays.reason) == (1, str(results.index(True)))


# --- the web chat ----------------------------------------------------------------------------------------------------
async def rate(chat: Chat, **body: Any) -> httpx.Response:
    return await chat.client.post(f"/v1/chat/sessions/{chat.id}/rating", json=body, headers=chat.headers)


async def test_a_chat_is_rated_once_and_the_second_grade_changes_nothing(chat: Chat, parts: Parts) -> None:
    await chat.say("身份证丢了")
    first = await rate(chat, grade="满意")
    assert (first.status_code, first.json()) == (200, {"grade": "满意", "text": "您的评价是满意，记下了，谢谢您。"})
    assert error(await rate(chat, grade="非常不满意", reason="慢")) == (409, "already_rated")
    rating = kept(parts, chat.id)
    assert rating == ConversationRating(digest_session(chat.id), "web", Grade.GOOD, NOW, "", "370102", "id-card-reissue")


async def test_a_chat_is_rated_by_nobody_else_and_not_before_anything_was_answered(client: httpx.AsyncClient, chat: Chat) -> None:
    assert error(await rate(chat, grade="满意")) == (409, "nothing_to_rate")
    await chat.say("身份证丢了")
    path = f"/v1/chat/sessions/{chat.id}/rating"
    other = await begin_chat(client)
    assert error(await client.post(path, json={"grade": "满意"})) == (401, "unauthorised")
    assert error(await client.post(path, json={"grade": "满意"}, headers=other.headers)) == (401, "unauthorised")
    assert error(await client.post(f"/v1/chat/sessions/w{'0' * 32}/rating", json={"grade": "满意"}, headers=chat.headers)) == (404, "session_not_found")
    assert error(await rate(chat, grade="还行")) == (422, "invalid_request")
    assert error(await rate(chat)) == (422, "invalid_request")
    assert (await rate(chat, grade="满意")).status_code == 200


async def test_a_bad_grade_of_a_chat_without_a_phone_promises_no_call(chat: Chat, parts: Parts) -> None:
    await chat.say("身份证丢了")
    answer = (await rate(chat, grade="不满意", reason="我电话13812345678，没说清楚")).json()
    rating = kept(parts, chat.id)
    assert "没有留电话" in answer["text"] and follow_ups(parts) == []
    assert rating and rating.reason == "我电话138********，没说清楚"


async def test_a_bad_grade_of_a_chat_about_a_ticket_is_followed_up_at_its_phone(client: httpx.AsyncClient, chat: Chat, parts: Parts) -> None:
    number = (await client.post("/v1/tickets", json=LAMP)).json()["number"]
    await chat.say("身份证丢了")
    await parts.redis.hset(f"hotline:conversation:{chat.id}", "about", number)
    assert "打电话" in (await rate(chat, grade="非常不满意", reason="转来转去")).json()["text"]
    (follow_up,) = follow_ups(parts)
    assert (follow_up.phone, follow_up.parent, follow_up.due_on and follow_up.due_on.isoformat()) == ("13800001234", number, "2026-11-23")
    assert "转来转去" in follow_up.text


# --- the phone -------------------------------------------------------------------------------------------------------
class Call:
    """A call as the exchange sees it."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str], id: str = "c1") -> None:
        self.client, self.headers, self.id = client, headers, id

    async def post(self, what: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"/v1/ivr/calls/{self.id}/{what}", json=body or None, headers=self.headers)

    async def rate(self, **body: Any) -> dict[str, Any]:
        answer = await self.post("rating", **body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["outcome"] in ("rated", "handoff", "emergency_119")
        return answer.json()  # type: ignore[no-any-return]


@pytest.fixture
async def call(client: httpx.AsyncClient, exchange: dict[str, str]) -> Call:
    """A call whose business is done."""
    await client.post("/v1/ivr/calls", json={"call_id": "c1", "caller": "13812345678", "region": "370102"}, headers=exchange)
    call = Call(client, exchange)
    await call.post("turns", text="身份证丢了")
    return call


async def test_a_call_is_asked_for_its_grade_and_thanked(call: Call, parts: Parts) -> None:
    asked = await call.rate()
    assert (asked["action"], asked["options"], "按5" in asked["prompt"]) == ("continue", [grade.value for grade in Grade], True)
    thanked = await call.rate(dtmf="1")
    assert (thanked["action"], "非常满意" in thanked["prompt"], follow_ups(parts)) == ("hangup", True, [])
    assert error(await call.post("rating", dtmf="5")) == error(await call.post("rating")) == (409, "already_rated")


@pytest.mark.parametrize(("grade", "said", "reason"), [
    ({"dtmf": "4"}, {"text": "一直让我等着", "confidence": 0.9}, "一直让我等着"), ({"text": "太差了，很不满意"}, {"text": "不想说"}, ""),
    ({"text": "不满意"}, {"silence": True}, ""), ({"dtmf": "5#"}, {"dtmf": "#"}, ""), ({"dtmf": "5"}, {"text": "呜哩哇啦", "confidence": 0.1}, "")])
async def test_a_bad_grade_of_a_call_is_asked_why_once_and_followed_up(call: Call, parts: Parts, grade: dict[str, Any], said: dict[str, Any], reason: str) -> None:
    why = await call.rate(**grade)
    assert (why["action"], why["options"], "哪里不好" in why["prompt"], follow_ups(parts)) == ("continue", [], True, [])
    done = await call.rate(**said)
    assert (done["action"], "回电话" in done["prompt"]) == ("hangup", True)
    (follow_up,) = follow_ups(parts)
    assert (follow_up.phone, follow_up.due_on and follow_up.due_on.isoformat(), f"原因：{reason}" in follow_up.text) == ("13812345678", "2026-11-23", bool(reason))


async def test_who_tells_why_along_with_a_bad_grade_is_not_asked(call: Call, parts: Parts) -> None:
    done = await call.rate(text="不满意，等了半天也没人管", confidence=0.9)
    assert (done["action"], "回电话" in done["prompt"]) == ("hangup", True)
    assert "原因：等了半天也没人管" in follow_ups(parts)[0].text


async def test_a_grade_taken_back_when_asked_why_is_not_its_reason(call: Call, parts: Parts) -> None:
    await call.rate(dtmf="5")
    assert "您的评价是满意" in (await call.rate(text="按错了，是满意", confidence=0.9))["prompt"]
    assert follow_ups(parts) == []


async def test_who_hangs_up_when_asked_why_has_rated(call: Call, parts: Parts) -> None:
    await call.rate(dtmf="5")
    assert (await call.post("end", reason="caller_hung_up")).status_code == 204
    assert len(follow_ups(parts)) == 1
    assert error(await call.post("rating", dtmf="1")) == (409, "call_ended")


async def test_the_end_of_a_call_that_gave_no_grade_rates_nothing(call: Call, parts: Parts) -> None:
    await call.rate()
    assert (await call.post("end", reason="caller_hung_up")).status_code == 204
    assert follow_ups(parts) == []


@pytest.mark.parametrize(("turns", "ends"), [
    ([{}, {"silence": True}], "hangup"), ([{}, {"text": "什么"}, {"text": "啥"}], "hangup"), ([{}, {"dtmf": "9"}, {"silence": True}], "hangup"),
    ([{}, {"text": "什么"}, {"dtmf": "2"}], "hangup"), ([{}, {"text": "什么"}], "continue"), ([{"silence": True}], "continue")])
async def test_nobody_is_asked_for_a_grade_more_than_twice(call: Call, turns: list[dict[str, Any]], ends: str) -> None:
    assert [await call.rate(**turn) for turn in turns][-1]["action"] == ends


@pytest.mark.parametrize(("said", "outcome", "target"), [({"dtmf": "0"}, "handoff", "operator"), ({"dtmf": "0#"}, "handoff", "operator"), ({"text": "着火了"}, "emergency_119", "119")])
async def test_a_person_and_help_come_before_any_rating(call: Call, said: dict[str, Any], outcome: str, target: str) -> None:
    await call.rate()
    answer = await call.rate(**said)
    assert (answer["action"], answer["outcome"], answer["transfer_to"]) == ("transfer", outcome, target)


async def test_a_call_is_rated_by_its_own_exchange_and_not_before_anything_was_answered(client: httpx.AsyncClient, exchange: dict[str, str], parts: Parts,
                                                                                       call: Call) -> None:
    assert error(await Call(client, key_headers(parts, "ivr")).post("rating", dtmf="1")) == (404, "call_not_found")
    assert error(await Call(client, key_headers(parts, "operator")).post("rating", dtmf="1")) == (403, "forbidden")
    await client.post("/v1/ivr/calls", json={"call_id": "c2"}, headers=exchange)
    assert error(await Call(client, exchange, "c2").post("rating")) == (409, "nothing_to_rate")


# --- the link in a message -------------------------------------------------------------------------------------------
@pytest.fixture
def linked(settings: Settings, parts: Parts) -> FastAPI:
    cipher = load_cipher(settings.personal_keys)
    return create_app(settings, replace(parts, may_rate=lambda number, token: may_rate(number, token, cipher)))


async def test_the_link_shows_where_its_ticket_stands_and_nothing_else(linked: FastAPI, settings: Settings, parts: Parts) -> None:
    cipher = load_cipher(settings.personal_keys)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=linked), base_url="http://gateway") as page:
        number = (await page.post("/v1/tickets", json=LAMP)).json()["number"]

        async def shown(token: str | None, of: str = number) -> httpx.Response:
            return await page.get(f"/v1/tickets/{of}/rating", headers={"Authorization": f"Bearer {token}"} if token else {})

        good = rating_token(number, cipher)
        assert (await shown(good)).json() == {"number": number, "status": "dispatched", "status_text": "已派单，正在办理", "open": False}
        for act, by, details in ((Act.RECEIVE, OFFICE, Details()), (Act.REPLY, OFFICE, Details(result=Result.SOLVED)), (Act.APPROVE, Role.OPERATOR, Details())):
            parts.tickets.act(number, act, by=by, at=NOW, note="修好了", details=details)  # type: ignore[attr-defined]
        assert (await shown(good)).json() == {"number": number, "status": "closed", "status_text": "已办结", "open": True}
        await page.post(f"/v1/tickets/{number}/rate", json={"grade": "基本满意", "token": good})
        assert (await shown(good)).json() == {"number": number, "status": "rated", "status_text": "已评价", "rating": "基本满意", "open": False}
        assert error(await shown(None)) == (401, "unauthorised")
        assert error(await shown("A" * 22)) == error(await shown(good, "9" * 16)) == error(await shown(rating_token("9" * 16, cipher), "9" * 16)) == (404, "ticket_not_found")


async def test_the_page_of_the_link_is_served_with_its_files(client: httpx.AsyncClient) -> None:
    page = await client.get("/rate")
    assert (page.status_code, "rate/rate.js" in page.text, "'self'" in page.headers["Content-Security-Policy"]) == (200, True, True)
    assert [(await client.get(f"/rate/{file}")).status_code for file in ("rate.js", "rate.css")] == [200, 200]
