"""The phone: keys, silence, alarms, transfer and goodbye."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.ports import Parts
from tests.support.fake_rasa import FakeRasa
from tests.support.gateway_fixtures import key_headers

pytest_plugins = ("tests.support.gateway_fixtures",)


class Call:
    """A call as the exchange sees it."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    async def begin(self, **body: Any) -> httpx.Response:
        return await self.client.post("/v1/ivr/calls", json={"call_id": "c1", **body}, headers=self.headers)

    async def turn(self, **body: Any) -> dict[str, Any]:
        answer = await self.client.post("/v1/ivr/calls/c1/turns", json=body, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]


@pytest.fixture
async def call(client: httpx.AsyncClient, exchange: dict[str, str]) -> Call:
    call = Call(client, exchange)
    await call.begin(caller="13812345678", region="370102")
    return call


async def test_the_first_words_name_the_assistant_the_recording_and_the_key_for_a_person(call: Call) -> None:
    answer = (await call.begin()).json()
    assert (answer["action"], answer["expects"], answer["options"]) == ("continue", "both", [])
    for word in ("智能助手", "录音", "人工", "0"):
        assert word in answer["prompt"]


async def test_a_caller_number_is_believed_from_a_keyed_exchange(call: Call, rasa: FakeRasa) -> None:
    answer = await call.turn(text="身份证丢了", confidence=0.9)
    assert (answer["prompt"], answer["action"], answer["outcome"]) == ("补身份证带上户口簿就行。", "continue", "answered")
    asked = rasa.requests[0]
    assert (asked["channel"], asked["metadata"]["caller"], asked["metadata"]["region"]) == ("ivr", "13812345678", "370102")


async def test_a_withheld_number_is_no_reason_to_refuse_a_call(client: httpx.AsyncClient, exchange: dict[str, str], rasa: FakeRasa) -> None:
    call = Call(client, exchange)
    assert (await call.begin(caller="anonymous")).status_code == 200
    await call.turn(text="你好")
    assert rasa.requests[0]["metadata"]["caller"] is None


@pytest.mark.parametrize("state", ["fresh", "after silence", "unknown call", "ended call"])
async def test_zero_always_reaches_a_person_without_the_bot(call: Call, rasa: FakeRasa, state: str) -> None:
    if state == "after silence":
        await call.turn(silence=True)
    if state == "ended call":
        await call.client.post("/v1/ivr/calls/c1/end", json={"reason": "x"}, headers=call.headers)
    path = "unknown" if state == "unknown call" else "c1"
    answer = (await call.client.post(f"/v1/ivr/calls/{path}/turns", json={"dtmf": "0"}, headers=call.headers)).json()
    assert (answer["action"], answer["transfer_to"], answer["outcome"], answer["expects"]) == ("transfer", "operator", "handoff", "none")
    assert rasa.requests == []


@pytest.mark.parametrize(("text", "outcome", "target"), [
    ("着火了", "emergency_119", "119"), ("砍人了", "emergency_110", "110"), ("喘不上气", "emergency_120", "120"),
    ("撞车了", "emergency_122", "122"), ("撞伤人了", "emergency_122", "120"), ("不想活了", "crisis", "operator")])
async def test_an_alarm_is_transferred_at_once(call: Call, rasa: FakeRasa, text: str, outcome: str, target: str) -> None:
    answer = await call.turn(text=text)
    assert (answer["action"], answer["transfer_to"], answer["outcome"]) == ("transfer", target, outcome)
    assert answer["prompt"]
    assert rasa.requests == []


async def test_an_alarm_counts_even_when_it_was_hardly_heard(call: Call) -> None:
    assert (await call.turn(text="着火了", confidence=0.05))["transfer_to"] == "119"


async def test_silence_is_asked_again_more_simply_and_then_a_person_listens(call: Call, rasa: FakeRasa) -> None:
    answers = [await call.turn(silence=True) for _ in range(3)]
    assert [answer["action"] for answer in answers] == ["continue", "continue", "transfer"]
    assert "没有听到" in answers[0]["prompt"]
    assert "按0" in answers[1]["prompt"]
    assert answers[2]["transfer_to"] == "operator"
    assert rasa.requests == []


async def test_words_in_between_let_silence_count_anew(call: Call) -> None:
    await call.turn(silence=True)
    await call.turn(text="身份证丢了")
    assert "没有听到" in (await call.turn(silence=True))["prompt"]


async def test_empty_words_are_silence(call: Call) -> None:
    assert "没有听到" in (await call.turn(text="  "))["prompt"]


@pytest.mark.parametrize(("confidence", "asked"), [(0.29, 0), (0.3, 1), (1, 1)])
async def test_words_below_the_confidence_are_asked_for_again(call: Call, rasa: FakeRasa, confidence: float, asked: int) -> None:
    answer = await call.turn(text="身份证丢了", confidence=confidence)
    assert len(rasa.requests) == asked
    assert (answer["outcome"] == "repeated") == (asked == 0)


@pytest.mark.parametrize(("keys", "text"), [("2", "驾驶证"), ("3", "3"), ("*", "再说一遍"), ("#", "对"), ("1234#", "1234")],
                         ids=["picks the second option", "no such option", "hears it again", "confirms", "a number ended by #"])
async def test_keys_pick_an_option_or_are_digits(call: Call, rasa: FakeRasa, keys: str, text: str) -> None:
    assert (await call.turn(text="补证"))["options"] == ["身份证", "驾驶证"]
    await call.turn(dtmf=keys)
    assert rasa.requests[1]["message"] == text


async def test_a_wish_for_a_person_is_a_transfer(call: Call) -> None:
    answer = await call.turn(text="转人工")
    assert (answer["prompt"], answer["action"], answer["transfer_to"]) == ("好，我帮您转人工。", "transfer", "operator")


async def test_hanging_up_comes_with_a_goodbye(call: Call) -> None:
    answer = await call.turn(text="再见")
    assert (answer["action"], answer["expects"]) == ("hangup", "none")
    assert "再见" in answer["prompt"]
    assert "transfer_to" not in answer


async def test_a_fault_on_the_phone_offers_a_person(call: Call) -> None:
    answer = await call.turn(text="坏了")
    assert (answer["outcome"], answer["action"]) == ("fault", "continue")
    assert "按0" in answer["prompt"]


async def test_an_ended_call_is_over(call: Call) -> None:
    ended = await call.client.post("/v1/ivr/calls/c1/end", json={"reason": "caller_hung_up"}, headers=call.headers)
    assert (ended.status_code, ended.content) == (204, b"")
    after = await call.client.post("/v1/ivr/calls/c1/turns", json={"text": "喂"}, headers=call.headers)
    assert (after.status_code, after.json()["error"]["code"]) == (409, "call_ended")


async def test_calls_of_two_exchanges_do_not_meet(call: Call, parts: Parts) -> None:
    other = await call.client.post("/v1/ivr/calls/c1/turns", json={"text": "喂"}, headers=key_headers(parts, "ivr"))
    assert (other.status_code, other.json()["error"]["code"]) == (404, "call_not_found")


@pytest.mark.parametrize("body", [{}, {"text": "喂", "silence": True}, {"text": "喂", "dtmf": "1"}, {"silence": False}])
async def test_a_turn_is_exactly_one_of_words_keys_and_silence(call: Call, body: dict[str, Any]) -> None:
    answer = await call.client.post("/v1/ivr/calls/c1/turns", json=body, headers=call.headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
    assert "一项" in answer.json()["error"]["message"]


async def test_the_phone_opens_only_to_ivr_keys(client: httpx.AsyncClient, operator: dict[str, str]) -> None:
    assert (await Call(client, {}).begin()).status_code == 401
    assert (await Call(client, operator).begin()).status_code == 403
