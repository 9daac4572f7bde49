"""Rasa's words and ours."""

from __future__ import annotations

import pytest

from api.errors import ApiError
from api.origins import allowed
from api.rasa_face import wire
from api.rasa_face.delivery import PARTING_S, PROOF_S, Delivery

MESSAGE = {"id": "a1", "seq": 4, "author": "bot", "text": "您要补哪一个证？", "at": "2026-11-20T09:30:00+08:00",
           "options": ["身份证", "驾驶证"], "turn": {"outcome": "clarified"}}


@pytest.mark.parametrize("text", ["/greet", "/get_started", ' /inform{"name": "张三", "n": 1} ', "/session_start\n"])
def test_what_rasas_clients_send_by_themselves_is_a_command(text: str) -> None:
    assert wire.is_command(text)


@pytest.mark.parametrize("text", ["/转人工", "转人工", "/ greet", "/greet 你好", "http://a/b", "/", "/1", "我要/greet", ""])
def test_what_a_caller_may_mean_is_none(text: str) -> None:
    assert not wire.is_command(text)


def test_a_session_id_is_read_back_and_nothing_else_is() -> None:
    id, token = "w" + "0" * 32, "A-_z" * 10 + "abc"
    assert wire.read_session(wire.session_id(id, token)) == (id, token)
    for wrong in (id, f"{id}.", f"{id}.{token}x", f"c{id[1:]}.{token}", f"{id}.{token}\n", "", None, 7, ["x"], {}):
        assert wire.read_session(wrong) is None


def test_a_message_has_exactly_the_keys_that_clients_look_for() -> None:
    assert wire.bot_uttered({**MESSAGE, "options": None}) == {"text": "您要补哪一个证？"}
    assert wire.bot_uttered(MESSAGE) == {"text": "您要补哪一个证？", "quick_replies": [
        {"content_type": "text", "title": name, "payload": name} for name in ("身份证", "驾驶证")]}


def test_an_entry_of_the_rest_channel_tells_number_and_author_and_no_internal_mark() -> None:
    entry = wire.entry(MESSAGE, "caller-17")
    assert entry["recipient_id"] == "caller-17"
    assert entry["buttons"] == [{"title": "身份证", "payload": "身份证"}, {"title": "驾驶证", "payload": "驾驶证"}]
    assert entry["custom"] == {"id": "a1", "seq": 4, "author": "bot", "at": "2026-11-20T09:30:00+08:00"}


def test_words_are_cleaned_and_bounded_as_in_every_channel() -> None:
    assert wire.words_of(" 身份证\x00丢了 ") == "身份证 丢了"
    for wrong in ("字" * 2001, "\u200b", 7, None):
        with pytest.raises(ApiError):
            wire.words_of(wrong)


def test_a_message_id_may_stand_beside_the_text_or_in_metadata() -> None:
    assert wire.message_id({"message_id": "m-1"}) == "m-1"
    assert wire.message_id({"message_id": None, "metadata": {"message_id": "m-2"}}) == "m-2"
    for wrong in ({}, {"message_id": "a b"}, {"message_id": 7}, {"metadata": "m-1"}, {"message_id": "x" * 65}):
        assert wire.message_id(wrong) is None


@pytest.mark.parametrize(("origin", "fits"), [
    (None, True), ("https://12345.example", True), ("HTTPS://12345.EXAMPLE", True), ("http://12345.example", True),
    ("https://a.gov.cn", True), ("http://a.gov.cn", False), ("https://a.gov.cn:8443", False), ("https://12345.example.evil", False),
    ("null", False), ("", False), ("http://[", False), ("https://evil@12345.example", False)])
def test_whose_pages_may_connect(origin: str | None, fits: bool) -> None:
    assert allowed(origin, "12345.example", ("https://a.gov.cn",)) is fits


def test_without_a_host_only_named_sites_connect() -> None:
    assert not allowed("https://12345.example", None, ())
    assert not allowed("", "", ())


def test_a_message_is_proved_only_by_a_connection_that_outlives_it() -> None:
    delivery = Delivery(3)
    delivery.sent(4, at=100.0)
    delivery.sent(5, at=120.0)
    assert (delivery.last, delivery.standing(at=100.0 + PROOF_S - 1), delivery.standing(at=100.0 + PROOF_S)) == (5, 3, 4)


def test_a_connection_that_broke_proves_less_than_one_that_was_closed() -> None:
    broken, closed, at_once = Delivery(0), Delivery(0), Delivery(0)
    for delivery in (broken, closed, at_once):
        delivery.sent(1, at=100.0)
    later = 100.0 + PARTING_S + 1
    assert (broken.closed(later, answered=False), closed.closed(later, answered=True), at_once.closed(100.0, answered=True)) == (0, 1, 0)


def test_who_polls_again_has_what_was_sent() -> None:
    delivery = Delivery(0)
    delivery.sent(1, at=100.0)
    assert delivery.asked_for_more() == delivery.closed(100.0, answered=False) == 1
