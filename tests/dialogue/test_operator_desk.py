"""A person at the desk, against the real processes: takes a caller over, is helped, answers, and gives him back to the bot."""

from __future__ import annotations

import httpx
import pytest

from tests.support.running_product import Product


@pytest.fixture(scope="session")
def desk(product: Product) -> httpx.Client:
    made = product.hotline("admin", "key", "--role", "operator", "--label", "一号座席")
    assert made.returncode == 0, made.stderr
    return product.http(**{"X-API-Key": next(word for word in made.stdout.split() if word.startswith("hk_"))})


def act(desk: httpx.Client, id: str, name: str, **body: str) -> dict[str, object]:
    answer = desk.post(f"/v1/operator/conversations/{id}/{name}", json=body or None)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_person_takes_over_is_given_suggestions_answers_and_gives_the_caller_back(product: Product, desk: httpx.Client) -> None:
    chat = product.chat("370102")
    chat.tell("居民身份证丢失补领要什么材料", "转人工")
    assert chat.id in [entry["id"] for entry in desk.get("/v1/operator/queue").json()["waiting"]]
    act(desk, chat.id, "claim")
    package = desk.get(f"/v1/operator/conversations/{chat.id}/package").json()
    assert "身份证" in package["summary"]["text"]
    silent = chat.say("那结婚登记要带什么")
    assert (silent["messages"], silent["owner"]) == ([], "operator")
    suggested = desk.get(f"/v1/operator/conversations/{chat.id}/suggestions").json()["suggestions"]
    assert "结婚登记" in suggested[0]["name"]
    act(desk, chat.id, "messages", text=suggested[0]["text"], item=suggested[0]["item"], client_message_id="o1")
    seen = chat.http.get(f"/v1/chat/sessions/{chat.id}/messages").json()["messages"]
    assert (seen[-1]["author"], seen[-1]["text"]) == ("operator", suggested[0]["text"])
    act(desk, chat.id, "return")
    answered = chat.say("居民身份证丢失补领在哪里办")
    assert (answered["owner"], answered["outcome"]) == ("bot", "answered")


def test_the_form_that_the_bot_has_begun_is_handed_over_and_goes_on_after_the_person_has_left(product: Product, desk: httpx.Client) -> None:
    chat = product.chat("370102")
    assert chat.say("我要投诉，解放路12号楼下饭店半夜噪音扰民")["outcome"] == "ticket_form"
    act(desk, chat.id, "claim")
    form = desk.get(f"/v1/operator/conversations/{chat.id}/package").json()["form"]
    assert form["type"] == "投诉"
    assert "噪音" in form["filled"]["内容"]
    assert form["missing"]
    act(desk, chat.id, "return")
    assert chat.say("昨天晚上十一点")["outcome"] == "ticket_form"


def test_who_is_handed_on_to_a_neighbour_is_told_its_number(product: Product, desk: httpx.Client) -> None:
    chat = product.chat("370102")
    chat.say("转人工")
    act(desk, chat.id, "claim")
    act(desk, chat.id, "transfer", to="12333", note="问社保转移")
    last = chat.http.get(f"/v1/chat/sessions/{chat.id}/messages").json()["messages"][-1]
    assert "12333" in last["text"]


def test_an_ended_conversation_can_be_rated_once(product: Product, desk: httpx.Client) -> None:
    chat = product.chat("370102")
    chat.say("转人工")
    act(desk, chat.id, "claim")
    assert act(desk, chat.id, "end")["ended"] == "operator"
    rated = chat.http.post(f"/v1/chat/sessions/{chat.id}/rating", json={"grade": "满意"})
    assert rated.status_code == 200, rated.text
    assert chat.http.post(f"/v1/chat/sessions/{chat.id}/rating", json={"grade": "满意"}).status_code == 409
