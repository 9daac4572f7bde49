"""Special queues: each is opened by chat, by phone and over HTTP, with five questions at most."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from tests.support.running_product import Product

pytestmark = pytest.mark.stack

PLACE = "济南市历下区解放路12号阳光花园3号楼"
# What the caller says first, and what he answers to which question.
TOLD: dict[str, tuple[str, dict[str, str]]] = {
    "营商环境投诉": ("我要反映营商环境问题", {"是什么事": "招标的时候非要指定本地企业", "您企业的名字": "济南星火商贸有限公司", "您同意吗": "同意"}),
    "帮办代办": ("我想找人帮我代办营业执照", {"在什么地方": PLACE, "替您办": "替我办"}),
    "预约": ("我想预约去历下区政务服务中心办护照", {"哪天": "哪天都行"}),
    "差评回访": ("我上次给窗口打了差评，到现在没人回访我", {}),
    "未接来电回拨": ("我刚才打12345没打通，给我回个电话", {}),
    "110转办": ("110让我打你们的电话，楼上邻居天天放音响", {"警情编号": "370102202611230045", "在什么地方": PLACE}),
}
OUTCOMES = {"预约": "booked"}
MATTERS: dict[str, dict[str, Any]] = {
    "营商环境投诉": {"enterprise": "济南星火商贸有限公司", "publish": True}, "帮办代办": {"item": "营业执照", "proxy": True},
    "预约": {"office": "jinan-lixia", "item": "护照"}, "110转办": {"case": "370102202611230045"},
}


@pytest.fixture(scope="session")
def operator(product: Product) -> httpx.Client:
    return product.http(**{"X-API-Key": key(product, "operator")})


def key(product: Product, role: str, *more: str) -> str:
    made = product.hotline("admin", "key", "--role", role, *more)
    assert made.returncode == 0, made.stderr
    return next(word for word in made.stdout.split() if word.startswith("hk_"))


def ticket(operator: httpx.Client, number: str) -> dict[str, Any]:
    answer = operator.get(f"/v1/staff/tickets/{number}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def reply_to(said: str, answers: dict[str, str]) -> str:
    """The read-back first: it repeats words that other questions ask with."""
    cues = {"对的话": "对，提交", "对吗": "对", "行吗": "对", **answers, "手机号": "13812345678"}
    return next(answer for cue, answer in cues.items() if cue in said)


@pytest.mark.parametrize("queue", TOLD)
def test_each_queue_is_opened_in_a_chat_and_asks_nothing_twice(product: Product, operator: httpx.Client, queue: str) -> None:
    first, answers = TOLD[queue]
    chat, asked = product.chat(), []
    turn = chat.say(first)
    while turn["outcome"] == "ticket_form":
        assert turn["ticket_type"] == queue
        asked.append(turn["said"])
        assert len(asked) <= 5, asked
        turn = chat.say(reply_to(turn["said"], answers))
    assert (turn["outcome"], turn["ticket_type"]) == (OUTCOMES.get(queue, "ticket_opened"), queue), turn["said"]
    assert len(set(asked)) == len(asked)
    kept = ticket(operator, turn["ticket"]["number"])
    assert kept["queue"] == queue
    assert MATTERS.get(queue, {}).items() <= kept.get("matter", {}).items()
    assert kept["enterprise"] is (queue == "营商环境投诉")


@pytest.mark.parametrize("queue", TOLD)
def test_each_queue_is_opened_by_phone_and_takes_the_number_from_the_line(product: Product, operator: httpx.Client, ivr_key: str, queue: str) -> None:
    first, answers = TOLD[queue]
    call, asked = product.call(ivr_key, caller="13900002222"), 0
    turn = call.say(first)
    while turn["outcome"] == "ticket_form":
        if turn["prompt"].endswith("还要继续听吗？"):
            turn = call.say("继续")
            continue
        asked += 1
        assert asked <= 4, turn["prompt"]
        assert "手机号" not in turn["prompt"]
        turn = call.say(reply_to(turn["text"], answers))
    assert turn["outcome"] == OUTCOMES.get(queue, "ticket_opened"), turn["prompt"]
    kept = ticket(operator, re.search(r"20\d{14}", turn["text"])[0])  # type: ignore[index]
    assert (kept["queue"], kept["source_channel"]) == (queue, "ivr")


@pytest.mark.parametrize(("body", "keyed"), [
    ({"type": "投诉", "text": "招标的时候非要指定本地企业", "queue": "营商环境投诉", "matter": MATTERS["营商环境投诉"]}, False),
    ({"type": "求助", "text": "老人走不动，请帮忙办", "address": PLACE, "queue": "帮办代办", "matter": MATTERS["帮办代办"]}, False),
    ({"type": "求助", "text": "楼上邻居天天放音响", "address": PLACE, "queue": "110转办", "matter": MATTERS["110转办"]}, True),
    ({"type": "求助", "text": "没打通，请回电", "queue": "未接来电回拨"}, True),
], ids=lambda value: value["queue"] if isinstance(value, dict) else "")
def test_a_queue_is_opened_over_http(product: Product, operator: httpx.Client, body: dict[str, Any], keyed: bool) -> None:
    client = operator if keyed else product.http()
    answer = client.post("/v1/tickets", json={**body, "phone": "13812345678", "source_channel": "operator" if keyed else "web"})
    assert answer.status_code == 201, answer.text
    assert ticket(operator, answer.json()["number"])["queue"] == body["queue"]


def test_an_appointment_over_http_takes_a_seat_that_a_withdrawal_gives_back(product: Product) -> None:
    http = product.http()
    days = (date.today() + timedelta(days=ahead) for ahead in range(2, 15))
    told = next(found for day in days if (found := http.get("/v1/appointments/slots", params={"office": "jinan-tianqiao", "day": str(day)}).json())["slots"])
    slot = told["slots"][-1]

    def free() -> int:
        return int(http.get("/v1/appointments/slots", params={"office": "jinan-tianqiao", "day": told["day"]}).json()["slots"][-1]["free"])

    matter = {"office": "jinan-tianqiao", "item": "身份证", "day": told["day"], "slot": slot["slot"]}
    booked = http.post("/v1/tickets", json={"type": "求助", "text": "预约办身份证", "phone": "13812340001", "queue": "预约", "matter": matter})
    assert (booked.status_code, free()) == (201, slot["free"] - 1)
    assert http.post(f"/v1/tickets/{booked.json()['number']}/withdraw", json={"phone_last4": "0001"}).status_code == 200
    assert free() == slot["free"]


def test_a_missed_call_is_called_back_once(product: Product, operator: httpx.Client, ivr_key: str) -> None:
    exchange = product.http(**{"X-API-Key": ivr_key})
    body = {"call_id": uuid.uuid4().hex, "caller": "13900003333"}
    numbers = {exchange.post("/v1/ivr/missed-calls", json=body).json()["number"] for _ in range(2)}
    assert [ticket(operator, number)["queue"] for number in numbers] == ["未接来电回拨"]


def test_a_bad_grade_over_http_opens_the_follow_up(product: Product, operator: httpx.Client) -> None:
    number = product.http().post("/v1/tickets", json={"type": "求助", "text": "小区门口路灯坏了一个月没人修", "phone": "13800009911",
                                                      "region": "370102"}).json()["number"]
    held = ticket(operator, number)
    office = product.http(**{"X-API-Key": key(product, "department", "--department", held["department"], "--region", held["office_region"])})
    for client, act in ((office, {"act": "receive"}), (office, {"act": "reply", "text": "已经修好。", "result": "已解决"}), (operator, {"act": "approve"})):
        answer = client.post(f"/v1/staff/tickets/{number}/acts", json=act)
        assert answer.status_code == 200, answer.text
    rated = product.http().post(f"/v1/tickets/{number}/rate", json={"grade": "不满意", "reason": "没修好", "phone_last4": "9911"})
    assert rated.status_code == 200, rated.text
    found = operator.get("/v1/staff/tickets", params={"queue": "差评回访", "phone": "13800009911"}).json()["tickets"]
    assert len(found) == 1


def test_a_changed_wish_at_the_read_back_moves_the_booking(product: Product) -> None:
    chat = product.chat()
    turn = chat.tell("我想预约去历下区政务服务中心办护照", "下周三上午十点", "13812340002")
    assert "上午10点" in turn["said"] and "周三" in turn["said"]
    moved = chat.say("改成下午三点")
    assert (moved["outcome"], "下午3点" in moved["said"]) == ("ticket_form", True)
    booked = chat.say("对，提交")
    assert (booked["outcome"], "下午3点" in booked["said"]) == ("booked", True)


def test_asking_about_a_queue_opens_nothing(product: Product) -> None:
    for text in ("帮办代办收不收钱", "办护照要不要预约", "营商环境投诉找谁"):
        assert product.chat().say(text)["outcome"] in ("answered", "clarified"), text
