"""The phone: keys, silence, alarms, transfer and goodbye."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
import redis.asyncio
from fastapi import FastAPI

from api.desk.package import messages_of
from api.main import create_app
from api.ports import Parts
from core.settings import Settings
from tests.support.fake_rasa import SCRIPT, FakeRasa
from tests.support.gateway_fakes import NOW
from tests.support.gateway_fixtures import key_headers
from tests.support.redis_server import free_port
from tickets.notices.message import Message

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


async def test_silence_is_asked_again_then_slowly_then_a_person_is_offered_and_then_listens(call: Call, rasa: FakeRasa) -> None:
    answers = [await call.turn(silence=True) for _ in range(4)]
    assert [answer["action"] for answer in answers] == ["continue", "continue", "continue", "transfer"]
    assert [answer.get("slow", False) for answer in answers] == [False, True, True, False]
    assert "没有听到" in answers[0]["prompt"]
    assert "按0" in answers[1]["prompt"]
    assert "工作人员" in answers[2]["prompt"]
    assert answers[3]["transfer_to"] == "operator"
    assert rasa.requests == []


async def test_the_offered_person_comes_with_a_yes_and_not_with_a_no(call: Call, rasa: FakeRasa) -> None:
    for _ in range(3):
        await call.turn(silence=True)
    assert (await call.turn(text="不用"))["action"] == "continue"
    for _ in range(3):
        await call.turn(silence=True)
    assert (await call.turn(dtmf="1"))["outcome"] == "handoff"
    assert rasa.requests == []


async def test_words_in_between_let_silence_count_anew(call: Call) -> None:
    await call.turn(silence=True)
    await call.turn(text="身份证丢了")
    assert "没有听到" in (await call.turn(silence=True))["prompt"]


async def test_empty_words_are_silence(call: Call) -> None:
    assert "没有听到" in (await call.turn(text="  "))["prompt"]


@pytest.mark.parametrize(("confidence", "said"), [(0.29, "再说一遍"), (0.3, "您是说“身份证丢了”吗"), (0.49, "您是说“身份证丢了”吗"), (0.5, "户口簿"), (1, "户口簿")])
async def test_words_below_the_confidence_are_said_back_or_asked_for_again(call: Call, rasa: FakeRasa, confidence: float, said: str) -> None:
    answer = await call.turn(text="身份证丢了", confidence=confidence)
    assert said in answer["prompt"]
    assert len(rasa.requests) == (confidence >= 0.5)


async def test_what_was_said_back_is_asked_with_a_yes_even_one_that_is_hardly_heard(call: Call, rasa: FakeRasa) -> None:
    await call.turn(text="身份证丢了", confidence=0.4)
    assert (await call.turn(text="是的", confidence=0.4))["outcome"] == "answered"
    assert [asked["message"] for asked in rasa.requests] == ["身份证丢了"]


async def test_what_was_said_back_is_dropped_with_a_no_or_with_other_words(call: Call, rasa: FakeRasa) -> None:
    await call.turn(text="生分证丢了", confidence=0.4)
    assert "再说一遍" in (await call.turn(text="不是"))["prompt"]
    assert rasa.requests == []
    await call.turn(text="身份证丢了", confidence=0.9)
    assert [asked["message"] for asked in rasa.requests] == ["身份证丢了"]


async def test_the_second_doubt_in_a_row_is_asked_in_other_words(call: Call) -> None:
    first = await call.turn(text="身份证丢了", confidence=0.4)
    second = await call.turn(text="省份证丢了", confidence=0.4)
    assert first["prompt"] != second["prompt"] and "您是说" not in second["prompt"]
    assert second["slow"]


@pytest.mark.parametrize("doubt", [[{"text": "驾使证", "confidence": 0.4}, {"text": "不是"}], [{"text": "驾", "confidence": 0.1}],
                                   [{"text": "驾使证", "confidence": 0.4}, {"text": "驾", "confidence": 0.4}],
                                   [{"silence": True}, {"silence": True}, {"silence": True}, {"text": "不用"}]],
                         ids=["said back", "not heard", "twice not heard", "a person offered"])
async def test_a_doubt_keeps_the_choices_before_it(call: Call, rasa: FakeRasa, doubt: list[dict[str, Any]]) -> None:
    await call.turn(text="补证")
    for heard in doubt:
        answer = await call.turn(**heard)
    assert answer["options"] == ["身份证", "驾驶证"]
    await call.turn(dtmf="2")
    assert rasa.requests[-1]["message"] == "驾驶证"


async def test_a_failed_transfer_opens_the_call_back_that_is_offered_then(call: Call, parts: Parts, rasa: FakeRasa) -> None:
    """The exchange says that nobody answered and asks; nobody ever sat at this hotline's desk."""
    assert "要吗" in parts.phrases.render("utter_transfer_failed", "ivr")
    for ways in ([{"dtmf": "0"}], [{"silence": True}] * 4, [{"text": "喂", "confidence": 0.1}] * 4, [{"text": "转人工"}]):
        for heard in ways:
            answer = await call.turn(**heard)
        assert answer["action"] == "transfer"
        assert (await call.turn(dtmf="2"))["outcome"] == "smalltalk"
    await call.turn(dtmf="0")
    opened = await call.turn(dtmf="1")
    assert opened["outcome"] == "ticket_opened" and "5678" in opened["text"]


async def test_after_a_failed_transfer_any_other_word_is_a_turn(call: Call, rasa: FakeRasa) -> None:
    await call.turn(dtmf="0")
    assert (await call.turn(text="身份证丢了"))["outcome"] == "answered"
    await call.turn(text="要")
    assert [asked["message"] for asked in rasa.requests] == ["身份证丢了", "要"]


async def test_the_place_in_the_line_is_not_kept_as_told(app: FastAPI, call: Call) -> None:
    await call.turn(text="转人工")
    (entry,) = await app.state.gateway.line.waiting()
    assert not (await app.state.gateway.conversations.load(entry.id)).fields.get("told_place")


async def test_an_alarmed_caller_who_hangs_up_after_other_words_stays_in_the_line(app: FastAPI, call: Call) -> None:
    await call.turn(text="着火了")
    await call.turn(text="身份证丢了")
    await call.client.post("/v1/ivr/calls/c1/end", json={"reason": "caller_hung_up"}, headers=call.headers)
    assert [entry.reason for entry in await app.state.gateway.line.waiting()] == ["emergency_119"]


@pytest.mark.parametrize("key", ["0", "0#"])
async def test_zero_while_a_person_has_the_call_leaves_it_to_the_person(app: FastAPI, call: Call, key: str) -> None:
    gateway = app.state.gateway
    await call.turn(text="转人工")
    (entry,) = await gateway.line.waiting()
    await gateway.ownership.claim(entry.id, "k1", "王", NOW)
    outcome = (await gateway.conversations.load(entry.id)).outcome
    answer = await call.turn(dtmf=key)
    assert (answer["action"], answer["outcome"]) == ("transfer", "transferred")
    call_now = await gateway.conversations.load(entry.id)
    assert (await gateway.line.waiting(), call_now.owner, call_now.outcome) == ([], "operator", outcome)
    assert [message["author"] for message in await gateway.conversations.messages(entry.id)][-2:] == ["caller", "system"]


async def test_nothing_goes_on_after_a_transfer_that_nobody_continued(call: Call) -> None:
    await call.turn(dtmf="0")
    assert (await call.client.post("/v1/ivr/calls/c1/onward", headers=call.headers)).status_code == 204
    assert (await call.client.post("/v1/ivr/calls/c9/onward", headers=call.headers)).status_code == 404


LONG = "先到大厅一楼取号，再到三号窗口交材料，工作人员当场看一遍，缺什么一次说清。" * 6
FORM = [{"text": "登记好了，编号2026112012345678，2026-11-27之前答复您。", "custom": {"outcome": "ticket_opened"}}]


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    script: dict[str, Any] = {
        "长": [{"text": LONG, "custom": {"outcome": "answered", "item": "id-card-reissue"}}], "登记": FORM,
        "挂": [{"text": "就这样。", "custom": {"outcome": "smalltalk", "action": "hangup"}}],
        "网上": [{"text": "在www.example.com上能办。", "custom": {"outcome": "answered", "item": "id-card-reissue"}}]}
    for said, answer in script.items():
        monkeypatch.setitem(SCRIPT, said, answer)
    return script


@pytest.mark.parametrize("yes", [{"text": "继续"}, {"dtmf": "1"}])
async def test_a_long_reply_goes_on_with_a_yes(call: Call, rasa: FakeRasa, scripted: dict[str, Any], yes: dict[str, str]) -> None:
    answer, heard = await call.turn(text="长"), ""
    while answer["prompt"].endswith("还要继续听吗？"):
        assert len(answer["prompt"]) <= 120
        heard += answer["prompt"].removesuffix("还要继续听吗？")
        answer = await call.turn(**yes)
    assert heard + answer["prompt"] == LONG
    assert len(rasa.requests) == 1


async def test_anything_else_ends_a_long_reply_and_is_a_turn(call: Call, rasa: FakeRasa, scripted: dict[str, Any]) -> None:
    await call.turn(text="长")
    await call.turn(text="身份证丢了")
    await call.turn(text="是")
    assert [asked["message"] for asked in rasa.requests] == ["长", "身份证丢了", "是"]


async def test_numbers_are_spoken_and_also_told_as_they_are_written(call: Call, scripted: dict[str, Any]) -> None:
    answer = await call.turn(text="登记")
    assert "幺二三四，五六七八，二零二六年十一月二十七日" in answer["prompt"]
    assert "2026112012345678" in answer["text"]


async def test_a_goodbye_that_rasa_forgot_is_said(call: Call, scripted: dict[str, Any]) -> None:
    answer = await call.turn(text="挂")
    assert answer["action"] == "hangup" and "再见" in answer["prompt"]


class Outbox:
    """Keeps the messages that would go out."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def deliver(self, message: Message) -> None:
        self.sent.append(message)


async def test_an_address_is_not_read_out_but_sent_if_wished(app: FastAPI, call: Call, parts: Parts, scripted: dict[str, Any]) -> None:
    outbox = Outbox()
    app.state.gateway = replace(app.state.gateway, parts=replace(parts, text_messages=outbox))
    answer = await call.turn(text="网上")
    assert "example" not in answer["prompt"] and "短信" in answer["prompt"]
    assert outbox.sent == []
    assert "短信" in (await call.turn(text="要"))["prompt"]
    assert [(message.phone, "www.example.com" in message.text) for message in outbox.sent] == [("13812345678", True)]


async def test_without_anything_to_send_by_no_message_is_promised(call: Call, scripted: dict[str, Any]) -> None:
    answer = await call.turn(text="网上")
    assert "example" not in answer["prompt"] and "短信" not in answer["prompt"]


async def test_star_goes_back_to_the_prompt_before_with_its_choices(call: Call, rasa: FakeRasa) -> None:
    first = await call.turn(text="补证")
    await call.turn(text="身份证丢了")
    back = await call.turn(dtmf="*")
    assert (back["prompt"], back["options"]) == (first["prompt"], first["options"])
    await call.turn(dtmf="2")
    assert rasa.requests[-1]["message"] == "驾驶证"


async def test_star_at_the_first_prompt_says_that_again(call: Call) -> None:
    assert "智能助手" in (await call.turn(dtmf="*"))["prompt"]


async def over(call: Call, parts: Parts, reason: str | None = None) -> None:
    """The exchange tells why the call ended, or nothing at all for longer than any turn takes."""
    if reason:
        await call.client.post("/v1/ivr/calls/c1/end", json={"reason": reason}, headers=call.headers)
        return
    for key in [key async for key in parts.redis.scan_iter("hotline:conversation:*") if not key.endswith(":messages")]:
        await parts.redis.hset(key, "spoken_at", (NOW - timedelta(seconds=91)).isoformat())


async def lost(call: Call, parts: Parts, reason: str | None) -> None:
    await call.turn(text="补证")
    await over(call, parts, reason)


async def again(call: Call, **body: Any) -> dict[str, Any]:
    answer = await call.client.post("/v1/ivr/calls", json={"call_id": "c2", "caller": "13812345678", **body}, headers=call.headers)
    return answer.json()  # type: ignore[no-any-return]


async def next_turn(call: Call, **body: Any) -> dict[str, Any]:
    return (await call.client.post("/v1/ivr/calls/c2/turns", json=body, headers=call.headers)).json()  # type: ignore[no-any-return]


@pytest.mark.parametrize("reason", [None, "line_lost", "caller_hung_up"])
async def test_a_call_that_broke_off_goes_on_where_it_was(call: Call, parts: Parts, rasa: FakeRasa, reason: str | None) -> None:
    await lost(call, parts, reason)
    offered = await again(call)
    assert "接着说吗" in offered["prompt"] and "录音" in offered["prompt"]
    resumed = await next_turn(call, text="接着说")
    assert "您要补哪一个证" in resumed["prompt"] and resumed["options"] == ["身份证", "驾驶证"]
    await next_turn(call, dtmf="1")
    assert rasa.requests[1]["message"] == "身份证"
    assert rasa.requests[0]["sender"] == rasa.requests[1]["sender"], "Rasa goes on with the form and slots of the call before"


@pytest.mark.parametrize("said", ["不用", "身份证丢了"])
async def test_no_or_anything_else_begins_anew(call: Call, parts: Parts, rasa: FakeRasa, said: str) -> None:
    await lost(call, parts, None)
    await again(call)
    await next_turn(call, text=said)
    await next_turn(call, text="身份证丢了")
    assert rasa.requests[-1]["sender"] != rasa.requests[0]["sender"]


async def test_nothing_is_offered_after_a_proper_end(call: Call) -> None:
    await call.turn(text="身份证丢了")
    await call.client.post("/v1/ivr/calls/c1/end", json={"reason": "completed"}, headers=call.headers)
    assert "接着说" not in (await again(call))["prompt"]


@pytest.mark.parametrize("ending", [{"text": "再见"}, {"dtmf": "0"}, {"text": "转人工"}, {"text": "着火了"}])
async def test_nothing_is_offered_after_a_goodbye_or_a_person(call: Call, ending: dict[str, str]) -> None:
    await call.turn(text="补证")
    await call.turn(**ending)
    assert "接着说" not in (await again(call))["prompt"]


@pytest.mark.parametrize("body", [{"caller": None}, {"caller": "anonymous"}, {"caller": "13900001111"}, {"vouched": False}])
async def test_nothing_is_offered_to_a_number_that_is_another_or_not_vouched_for(call: Call, parts: Parts, body: dict[str, Any]) -> None:
    await lost(call, parts, None)
    assert "接着说" not in (await again(call, **body))["prompt"]


async def test_a_call_that_still_goes_on_is_not_offered_to_another_that_shares_its_number(call: Call, parts: Parts, rasa: FakeRasa) -> None:
    await call.turn(text="补证")
    assert "接着说" not in (await again(call))["prompt"]
    await next_turn(call, text="接着说")
    await call.turn(text="身份证")
    assert len({asked["sender"] for asked in rasa.requests}) == 2


async def test_a_silent_call_that_was_gone_on_with_is_over(call: Call, parts: Parts) -> None:
    await lost(call, parts, None)
    await again(call)
    await next_turn(call, text="接着说")
    late = await call.client.post("/v1/ivr/calls/c1/turns", json={"text": "身份证"}, headers=call.headers)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "call_ended")


@pytest.mark.parametrize(("outcome", "said"), [("ticket_form", "登记一张工单"), ("ticket_status", "工单编号"), ("ticket_opened", "工单编号")])
async def test_of_a_ticket_nothing_is_said_again_but_that_it_was_one(call: Call, parts: Parts, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch,
                                                                     outcome: str, said: str) -> None:
    personal = "王建国，13812345678，解放路12号，工单2026112000000001，对吗？"
    monkeypatch.setitem(SCRIPT, "路灯", [{"text": personal, "custom": {"outcome": outcome, "ticket": {"number": "2026112000000001"}}}])
    await call.turn(text="路灯")
    await over(call, parts, "line_lost")
    heard = (await again(call))["text"]
    for words in ({"text": "接着说"}, {"dtmf": "*"}):
        heard += (await next_turn(call, **words))["text"]
    assert said in heard
    for secret in ("王建国", "1381", "解放路", "2026112000000001"):
        assert secret not in heard


async def test_who_hangs_up_in_the_middle_of_a_long_answer_hears_the_rest(call: Call, parts: Parts, scripted: dict[str, Any]) -> None:
    await call.turn(text="长")
    await over(call, parts, "caller_hung_up")
    assert "接着说吗" in (await again(call))["prompt"]
    assert (await next_turn(call, text="接着说"))["prompt"].endswith("还要继续听吗？")
    assert "人工" not in (await next_turn(call, text="继续"))["prompt"]


async def test_who_gave_up_waiting_for_a_person_is_offered_one_again(app: FastAPI, call: Call, parts: Parts) -> None:
    gateway = app.state.gateway
    await gateway.presence.here("k1", "王", (), None, "ready", NOW)
    await call.turn(dtmf="0")
    await over(call, parts, "caller_hung_up")
    assert "要找工作人员，接着说吗" in (await again(call))["text"]
    assert (await next_turn(call, text="好的"))["action"] == "transfer"
    assert len(await gateway.line.waiting()) == 1


async def test_a_call_that_goes_on_hands_over_what_the_first_one_was_about(app: FastAPI, call: Call, parts: Parts) -> None:
    conversations = app.state.gateway.conversations
    await call.turn(text="身份证丢了")
    (first,) = [key.split(":")[2] async for key in parts.redis.scan_iter("hotline:conversation:i*:messages")]
    await parts.redis.hset(f"hotline:conversation:{first}", mapping={"elderly": "1", "mood": "angry", "ticket_type": "投诉"})
    await over(call, parts, "line_lost")
    await again(call)
    await next_turn(call, text="接着说")
    (second,) = {key.split(":")[2] async for key in parts.redis.scan_iter("hotline:conversation:i*:messages")} - {first}
    gone_on = await conversations.load(second)
    carried = {name: gone_on.fields.get(name) for name in ("item", "facet", "elderly", "mood", "ticket_type")}
    assert carried == {"item": "id-card-reissue", "facet": "materials", "elderly": "1", "mood": "angry", "ticket_type": "投诉"}
    told = [(message["seq"], message["text"]) for message in await messages_of(conversations, gone_on)]
    assert [text for _, text in told].index("身份证丢了") == 1
    assert [seq for seq, _ in told] == list(range(told[0][0], told[0][0] + len(told)))
    assert told[0][0] < 1 < told[-1][0]


async def test_with_a_long_prompt_the_lead_in_of_a_call_that_goes_on_is_left_out(call: Call, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    just = "您要补的证在大厅一楼取号以后到三号窗口交材料就行，您想补哪一个证？" * 3
    monkeypatch.setitem(SCRIPT, "满", [{"text": just, "custom": {"outcome": "clarified"}}])
    assert 110 > len((await call.turn(text="满"))["prompt"]) > 95
    monkeypatch.setitem(SCRIPT, "满", [{"text": just + "您说。" * 5, "custom": {"outcome": "clarified"}}])
    long = (await call.turn(text="满"))["prompt"]
    await over(call, parts, "line_lost")
    await again(call)
    assert (await next_turn(call, text="接着说"))["prompt"] == long


async def test_the_callers_own_words_are_not_said_again(call: Call, parts: Parts) -> None:
    await call.turn(text="补证")
    await call.turn(text="我住解放路12号", confidence=0.4)
    await over(call, parts, "line_lost")
    await again(call)
    assert "解放路" not in (await next_turn(call, text="接着说"))["text"]


async def test_whose_ticket_it_is_must_be_proved_again_by_a_call_that_goes_on(call: Call, parts: Parts, rasa: FakeRasa) -> None:
    await lost(call, parts, "line_lost")
    await again(call)
    await next_turn(call, text="接着说")
    assert rasa.forgotten == [(f"/conversations/{rasa.requests[0]['sender']}/tracker/events", ["opened_ticket", "lookup"])]


async def test_where_nothing_can_be_forgotten_rasa_begins_anew(call: Call, parts: Parts, rasa: FakeRasa) -> None:
    rasa.remembers = True
    await lost(call, parts, "line_lost")
    await again(call)
    await next_turn(call, text="接着说")
    await next_turn(call, text="身份证")
    assert rasa.requests[1]["sender"] != rasa.requests[0]["sender"]


async def test_another_exchange_cannot_go_on_with_the_call(call: Call, parts: Parts) -> None:
    await lost(call, parts, None)
    assert "接着说" not in (await again(Call(call.client, key_headers(parts, "ivr"))))["prompt"]


async def test_the_offer_lapses_after_ten_minutes(call: Call, parts: Parts) -> None:
    await lost(call, parts, "line_lost")
    keys = [key async for key in parts.redis.scan_iter("hotline:phone:last:*")]
    assert len(keys) == 1 and 0 < await parts.redis.ttl(keys[0]) <= 600
    assert "13812345678" not in keys[0]
    await parts.redis.delete(keys[0])
    assert "接着说" not in (await again(call))["prompt"]


async def test_keys_and_words_are_in_no_log(call: Call, parts: Parts) -> None:
    await call.turn(dtmf="37010219900101123#")
    await call.turn(dtmf="6688#")
    await call.turn(text="身份证丢了", confidence=0.4)
    written = repr(parts.log.lines)  # type: ignore[attr-defined]
    for said in ("370102", "6688", "身份证", "138"):
        assert said not in written


VXML = {"Accept": "application/voicexml+xml"}


def fields(document: str) -> tuple[str, str]:
    """The address to submit to and the token, as a voice browser reads them."""
    root = ET.fromstring(document)
    v = "{http://www.w3.org/2001/vxml}"
    return str(root.find(f".//{v}field//{v}submit").get("next")), str(root.find(f"{v}var").get("expr")).strip("'")  # type: ignore[union-attr]


async def test_a_voice_browser_goes_through_a_call_with_the_token_alone(call: Call, rasa: FakeRasa) -> None:
    begun = await call.client.post("/v1/ivr/calls", json={"call_id": "v1"}, headers={**call.headers, **VXML})
    assert (begun.status_code, begun.headers["content-type"]) == (200, "application/voicexml+xml")
    address, token = fields(begun.text)
    blank = {"token": token, "text": "", "dtmf": "", "silence": "", "confidence": ""}
    said = await call.client.post(address, data={**blank, "text": "身份证丢了", "confidence": "0.9"})
    assert said.status_code == 200 and "户口簿" in said.text
    keyed = await call.client.get(address, params={**blank, "dtmf": "1 2 3"}, headers=VXML)
    assert keyed.status_code == 200 and [asked["message"] for asked in rasa.requests] == ["身份证丢了", "123"]
    assert "没有听到" in (await call.client.post(address, data={**blank, "silence": "true"})).text
    person = await call.client.post(address, data={**blank, "dtmf": "0"})
    assert 'dest="tel:operator"' in person.text
    over = await call.client.post(address.replace("turns", "end"), data={"token": token, "reason": "caller_hung_up"})
    assert over.status_code == 200 and "exit" in over.text
    late = await call.client.post(address, data={**blank, "text": "喂"})
    assert "再见" in late.text and "disconnect" in late.text


async def test_a_voice_browser_with_the_key_may_send_json_or_a_form(call: Call) -> None:
    turns = "/v1/ivr/calls/c1/turns"
    for given in ({"json": {"text": "身份证丢了"}}, {"data": {"text": "身份证丢了"}}):
        answer = await call.client.post(turns, headers={**call.headers, **VXML}, **given)
        assert answer.headers["content-type"] == "application/voicexml+xml" and "户口簿" in answer.text


@pytest.mark.parametrize(("said", "number"), [({"text": "着火了"}, "119"), ({"dtmf": "0"}, "operator"), ({"text": "身份证丢了"}, "operator")])
async def test_a_voice_browser_is_transferred_even_without_redis(settings: Settings, parts: Parts, call: Call, said: dict[str, str],
                                                                 number: str) -> None:
    begun = await call.client.post("/v1/ivr/calls", json={"call_id": "v1"}, headers={**call.headers, **VXML})
    address, token = fields(begun.text)
    dead = create_app(settings, replace(parts, redis=redis.asyncio.Redis(port=free_port(), decode_responses=True)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=dead), base_url="http://gateway") as client:
        answer = await client.post(address, data={"token": token, **said})
        assert answer.status_code == 200 and f'dest="tel:{number}"' in answer.text
        forged = await client.post(address, data={"token": "i0';alert(1)//", **said})
        assert forged.status_code == 401


@pytest.mark.parametrize("token", ["", "x", "i0.x", "w0.x"])
async def test_without_the_token_of_the_call_nothing_opens(call: Call, token: str) -> None:
    answer = await call.client.post("/v1/ivr/calls/c1/turns", data={"token": token, "text": "喂"})
    assert answer.status_code == 401


async def test_what_a_caller_says_is_escaped(call: Call) -> None:
    hostile = "<exit/>&\"']]>"
    answer = await call.client.post("/v1/ivr/calls/c1/turns", json={"text": hostile, "confidence": 0.4}, headers={**call.headers, **VXML})
    assert "您是说" in answer.text and "<exit" not in answer.text
    ET.fromstring(answer.text)


@pytest.mark.parametrize(("keys", "text"), [("2", "驾驶证"), ("3", "3"), ("#", "对"), ("1234#", "1234")],
                         ids=["picks the second option", "no such option", "confirms", "a number ended by #"])
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
