"""On the real product: a half-filled form goes on after a person and in a new session, and a repeated turn is not taken twice."""

from __future__ import annotations

from typing import Any

import httpx
import psutil
import pytest

from tests.support.running_product import Chat, Product

pytestmark = pytest.mark.stack
MATTER = "我要投诉小区物业，电梯坏了半个月没人修"


@pytest.fixture(scope="module")
def desk(product: Product) -> httpx.Client:
    made = product.hotline("admin", "key", "--role", "operator")
    assert made.returncode == 0, made.stderr
    return product.http(**{"X-API-Key": next(word for word in made.stdout.split() if word.startswith("hk_"))})


def filled(chat: Chat, turn: dict[str, Any]) -> dict[str, Any]:
    """Answer whatever is asked until the read-back, and return that turn."""
    for _ in range(5):
        if "对，提交" in (turn["options"] or ()):
            return turn
        said = turn["said"]
        turn = chat.say("13812345678" if "手机号" in said else "昨天晚上" if "什么时候" in said else "万科物业" if "哪个单位" in said else "历下区解放路12号")
    raise AssertionError(turn["said"])


def test_after_a_person_the_form_goes_on_to_its_ticket(chat: Chat, desk: httpx.Client) -> None:
    assert chat.say(MATTER)["outcome"] == "ticket_form"
    assert chat.say("转人工")["owner"] == "queue"
    assert desk.post(f"/v1/operator/conversations/{chat.id}/claim").status_code == 200
    assert "还没登记完" in desk.get(f"/v1/operator/conversations/{chat.id}/package").json()["summary"]["text"]
    assert desk.post(f"/v1/operator/conversations/{chat.id}/return", json={}).status_code == 200
    turn = chat.say("接着登记")
    assert turn["outcome"] == "ticket_form" and "电梯坏了半个月" in turn["said"]
    read_back = filled(chat, turn)
    assert "电梯坏了半个月" in read_back["said"] and "解放路12号" in read_back["said"]
    assert chat.say("对，提交")["outcome"] == "ticket_opened"


@pytest.mark.parametrize("words", ["接着说", "好的", "历下区解放路12号"])
def test_in_a_new_session_the_form_goes_on(product: Product, words: str) -> None:
    before = product.chat()
    assert before.say(MATTER)["outcome"] == "ticket_form"
    assert before.http.post(f"/v1/chat/sessions/{before.id}/end").is_success
    token = before.http.headers["Authorization"].removeprefix("Bearer ")
    began = product.http().post("/v1/chat/sessions", json={"previous": {"session_id": before.id, "token": token}}).json()
    assert "投诉还没登记完" in began["resumed"]["text"]
    chat = product.chat()
    chat.id, chat.http.headers["Authorization"] = began["session_id"], f"Bearer {began['token']}"
    turn = chat.say(words)
    assert turn["outcome"] == "ticket_form" and "电梯坏了半个月" in turn["said"]
    assert ("解放路12号" in turn["said"]) is (words == "历下区解放路12号")


def test_a_repeated_turn_opens_one_ticket_and_tells_the_same_number(product: Product, chat: Chat) -> None:
    filled(chat, chat.say(MATTER))
    port = next(found.laddr.port for found in psutil.Process(product.child("rasa")).connections("tcp") if found.status == psutil.CONN_LISTEN)
    body = {"sender": chat.id, "message": "对，提交", "channel": "web", "metadata": {"region": "370100", "caller": None, "turn_id": "a" * 32}}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=15) as rasa:
        first, again = (rasa.post("/webhooks/hotline/webhook", json=body).json() for _ in range(2))
    assert first == again
    assert first[-1]["custom"]["outcome"] == "ticket_opened" and first[-1]["custom"]["ticket"]["number"] in first[-1]["text"]
