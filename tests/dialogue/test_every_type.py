"""Every type of request is opened by chat, by phone and over HTTP."""

from __future__ import annotations

import re
from typing import Any, Callable

import httpx
import pytest

from tests.support.running_product import Product

pytestmark = pytest.mark.stack

TOLD = {
    "咨询": "我想咨询个事，你们帮我问问部门再答复我，低保户装宽带有没有优惠",
    "求助": "家里停水三天了，赶紧找人给看看吧",
    "投诉": "我要投诉小区物业，电梯坏了半个月不修",
    "举报": "我举报有人在河边偷排污水",
    "建议": "我建议在学校门口装个红绿灯",
    "表扬": "我想表扬政务大厅的小张，服务态度特别好",
}
# The read-back first: it repeats words that other questions ask with.
REPLIES = {"还要继续听吗": "继续", "对的话": "对，提交", "对吗": "对", "保密并留": "保密，手机号13812345678", "还是保密": "保密", "在什么地方": "济南历下区解放路12号", "手机号": "13812345678",
           "哪个单位": "幸福物业公司", "什么时候的事": "昨天晚上", "是什么事": "小区的事一直没人管"}
CALLER = "13900004444"


@pytest.fixture(scope="session")
def operator(product: Product) -> httpx.Client:
    made = product.hotline("admin", "key", "--role", "operator")
    assert made.returncode == 0, made.stderr
    return product.http(**{"X-API-Key": next(word for word in made.stdout.split() if word.startswith("hk_"))})


def finished(turn: dict[str, Any], say: Callable[[str], dict[str, Any]], words: str) -> dict[str, Any]:
    """Answer what the form asks, five questions and one turn of the page at most; what the bot said is the turn's field `words`."""
    for _ in range(6):
        if turn["outcome"] != "ticket_form":
            break
        turn = say(next(reply for cue, reply in REPLIES.items() if cue in turn[words]))
    assert turn["outcome"] == "ticket_opened", turn[words]
    return turn


def by_chat(product: Product, key: str, kind: str) -> str:
    chat = product.chat()
    return str(finished(chat.say(TOLD[kind]), chat.say, "said")["ticket"]["number"])


def by_phone(product: Product, key: str, kind: str) -> str:
    call = product.call(key, caller=CALLER)
    return re.search(r"20\d{14}", finished(call.say(TOLD[kind]), call.say, "text")["text"])[0]  # type: ignore[index]


def over_http(product: Product, key: str, kind: str) -> str:
    body = {"type": kind, "text": TOLD[kind], "region": "370102", "address": "解放路12号", "phone": "13812345678"}
    answer = product.http().post("/v1/tickets", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


@pytest.mark.parametrize(("opened", "channel", "phone"), [(by_chat, "web", "13812345678"), (by_phone, "ivr", CALLER), (over_http, "web", "13812345678")],
                         ids=["chat", "phone", "api"])
@pytest.mark.parametrize("kind", TOLD)
def test_each_type_is_opened_on_each_channel(product: Product, operator: httpx.Client, ivr_key: str, kind: str,
                                             opened: Callable[[Product, str, str], str], channel: str, phone: str) -> None:
    answer = operator.get(f"/v1/staff/tickets/{opened(product, ivr_key, kind)}")
    assert answer.status_code == 200, answer.text
    kept = answer.json()
    assert (kept["type"], kept["source_channel"], kept.get("queue")) == (kind, channel, None)
    assert phone[-4:] in str(kept["phone"])
    assert kept["department"]
