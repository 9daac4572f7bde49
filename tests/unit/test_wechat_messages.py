"""The protocol of the official accounts: signatures, encryption, XML. The known values are computed here by other means."""

from __future__ import annotations

import base64
import hashlib
import struct

import pytest

from api.channels.wechat.encryption import Envelope, Unreadable
from api.channels.wechat.messages import Inbound, Malformed, fields_of, inbound_of, reply
from api.channels.wechat.signing import fresh, signature, signed
from tests.support.wechat_platform import AES_KEY, APP_ID, seal, unseal

BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><xml><Content>&b;</Content></xml>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml><Content>&a;</Content></xml>'


def fields(**more: str) -> dict[str, str]:
    return {"ToUserName": "gh_a", "FromUserName": "oB", "CreateTime": "1790000000", "MsgType": "text", "MsgId": "12", "Content": "补证", **more}


def test_a_signature_is_of_the_sorted_parts() -> None:
    assert signature("tok", "1790000000", "9") == hashlib.sha1(b"17900000009tok").hexdigest()
    assert signed(signature("tok", "b", "a"), "tok", "a", "b")


@pytest.mark.parametrize("given", ["", "0" * 40, "证" * 40, signature("other", "a", "b")])
def test_a_wrong_signature_is_none(given: str) -> None:
    assert not signed(given, "tok", "a", "b")


@pytest.mark.parametrize(("timestamp", "is_fresh"), [("1000", True), ("700", True), ("699", False), ("1301", False), ("", False), ("-1000", False),
                                                     ("１０００", False), ("1e3", False), ("9" * 30, False)])
def test_a_signature_holds_for_five_minutes(timestamp: str, is_fresh: bool) -> None:
    assert fresh(timestamp, 1000.0) is is_fresh


def test_what_is_sealed_can_be_opened_by_both_sides() -> None:
    envelope = Envelope(AES_KEY, APP_ID)
    for length in range(0, 70):
        text = "字" * length
        assert envelope.open(seal(text)) == text.encode()
        assert unseal(envelope.seal(text.encode())) == text.encode()


@pytest.mark.parametrize("sealed", ["", "A", "!!!!", base64.b64encode(b"0" * 16).decode(), base64.b64encode(b"0" * 64).decode(), "证" * 8,
                                    seal("<xml/>", "wx_of_another"), base64.b64encode(b"0" * 15).decode()],
                         ids=["nothing", "no base64", "marks", "one block", "random", "characters", "another account", "half a block"])
def test_what_is_not_of_this_account_is_unreadable(sealed: str) -> None:
    with pytest.raises(Unreadable):
        Envelope(AES_KEY, APP_ID).open(sealed)


def test_a_length_that_lies_is_unreadable() -> None:
    sealed = bytearray(base64.b64decode(Envelope(AES_KEY, APP_ID).seal(b"x" * 40)))
    sealed[0:16] = bytes(a ^ b for a, b in zip(sealed[0:16], struct.pack(">I", 0xFFFF).rjust(16, b"\1")))
    with pytest.raises(Unreadable):
        Envelope(AES_KEY, APP_ID).open(base64.b64encode(bytes(sealed)).decode())


@pytest.mark.parametrize("key", ["", "short", "A" * 42, "A" * 44, "证" * 43])
def test_a_key_of_another_form_is_refused(key: str) -> None:
    with pytest.raises(ValueError):
        Envelope(key, APP_ID)


@pytest.mark.parametrize("xml", [BOMB, OUTSIDE, b"", b"<xml>", b"no xml", b"\xff\xfe<", b'<?xml version="1.0" encoding="nowhere"?><xml/>'],
                         ids=["billion laughs", "external entity", "nothing", "open", "text", "bytes", "unknown encoding"])
def test_hostile_xml_is_refused(xml: bytes) -> None:
    with pytest.raises(Malformed):
        fields_of(xml)


@pytest.mark.parametrize(("more", "kind", "text", "id"), [
    ({}, "text", "补证", "m12"), ({"MsgType": "voice", "Recognition": "路灯坏了"}, "text", "路灯坏了", "m12"),
    ({"MsgType": "voice", "Recognition": ""}, "other", "", "m12"), ({"MsgType": "image"}, "other", "", "m12"), ({"Content": ""}, "other", "", "m12")],
    ids=["text", "voice that was understood", "voice that was not", "a picture", "an empty text"])
def test_what_a_message_is(more: dict[str, str], kind: str, text: str, id: str) -> None:
    found = inbound_of(fields(**more))
    assert (found.sender, found.account, found.kind, found.text, found.id) == ("oB", "gh_a", kind, text, id)


@pytest.mark.parametrize(("event", "key", "kind", "text"), [("subscribe", "", "greet", ""), ("unsubscribe", "", "leave", ""), ("VIEW", "http://a", "nothing", ""),
                                                            ("CLICK", "办身份证", "text", "办身份证"), ("CLICK", "", "nothing", "")])
def test_what_an_event_is(event: str, key: str, kind: str, text: str) -> None:
    found = inbound_of(fields(MsgType="event", Event=event, EventKey=key))
    assert (found.kind, found.text) == (kind, text)


def test_events_are_told_apart_by_moment_and_key() -> None:
    ids = {inbound_of(fields(MsgType="event", Event="CLICK", EventKey=key, CreateTime=at)).id for key in "ab" for at in ("1", "2")}
    assert len(ids) == 4
    assert inbound_of(fields(MsgType="event", Event="CLICK", EventKey="a")) == inbound_of(fields(MsgType="event", Event="CLICK", EventKey="a"))


@pytest.mark.parametrize("name", ["FromUserName", "ToUserName", "CreateTime", "MsgType", "MsgId"])
def test_a_message_without_its_names_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        inbound_of(fields(**{name: ""}))


def test_an_answer_survives_what_it_says() -> None:
    words = "a]]>b<c>&amp;\x00\x08]]]]>>"
    assert fields_of(reply("oB", "gh_a", 5, words).encode()) == {
        "ToUserName": "oB", "FromUserName": "gh_a", "CreateTime": "5", "MsgType": "text", "Content": words.replace("\x00", "").replace("\x08", "")}


def test_an_inbound_message_is_compared_by_what_it_tells() -> None:
    assert inbound_of(fields()) == Inbound("oB", "gh_a", "text", "m12", "补证")
