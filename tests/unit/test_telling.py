import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta

import pytest

from core.clock import SHANGHAI
from tickets.telling import BackOff, Letter, SignatureWrong, body_of, headers_of, key_of, new_secret, verify

AT = datetime(2026, 11, 5, 10, 30, 15, tzinfo=SHANGHAI)
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
LETTER = Letter("2026110500000001-2", "ticket.dispatched", "2026110500000001", AT, {"department": "城市管理局", "version": 2})


def test_pauses_grow_threefold_up_to_the_longest() -> None:
    back_off = BackOff(timedelta(seconds=5), timedelta(hours=6))
    assert [back_off.pause(tries).total_seconds() for tries in (1, 2, 3, 8, 9, 10, 10**6)] == [5, 15, 45, 10935, 21600, 21600, 21600]


def test_after_the_last_try_there_is_no_next_one() -> None:
    back_off = BackOff(timedelta(seconds=5), timedelta(hours=6), most=3)
    assert back_off.next_at(2, AT) == AT + timedelta(seconds=15)
    assert back_off.next_at(3, AT) is None
    assert BackOff(timedelta(seconds=5), timedelta(seconds=8)).next_at(1000, AT) == AT + timedelta(seconds=8)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    body = body_of(LETTER)
    headers = headers_of(SECRET, LETTER.id, AT, body)
    signed = f"{LETTER.id}.{int(AT.timestamp())}.".encode() + body
    assert headers == {
        "webhook-id": LETTER.id, "webhook-timestamp": str(int(AT.timestamp())),
        "webhook-signature": "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()}


def test_the_body_is_json_with_type_timestamp_and_data() -> None:
    assert json.loads(body_of(LETTER)) == {"type": "ticket.dispatched", "timestamp": AT.isoformat(), "data": {"department": "城市管理局", "version": 2}}


def test_who_knows_the_secret_learns_the_id() -> None:
    body = body_of(LETTER)
    assert verify(SECRET, headers_of(SECRET, LETTER.id, AT, body), body, AT + timedelta(minutes=4)) == LETTER.id


def test_while_a_secret_changes_one_of_two_signatures_is_enough() -> None:
    body, other = body_of(LETTER), new_secret()
    old, new = headers_of(other, LETTER.id, AT, body), headers_of(SECRET, LETTER.id, AT, body)
    both = {**new, "webhook-signature": f"{old['webhook-signature']} {new['webhook-signature']}"}
    assert verify(SECRET, both, body, AT) == verify(other, both, body, AT) == LETTER.id


@pytest.mark.parametrize("change", [
    {"webhook-id": "2026110500000001-3"}, {"webhook-timestamp": str(int(AT.timestamp()) + 1)}, {"webhook-timestamp": "soon"},
    {"webhook-signature": "v1,AAAA"}, {"webhook-signature": ""}, {"webhook-signature": "v1,é"},
])
def test_headers_that_were_changed_are_refused(change: dict[str, str]) -> None:
    body = body_of(LETTER)
    with pytest.raises(SignatureWrong):
        verify(SECRET, {**headers_of(SECRET, LETTER.id, AT, body), **change}, body, AT)


def test_a_changed_body_a_missing_header_and_another_secret_are_refused() -> None:
    body = body_of(LETTER)
    headers = headers_of(SECRET, LETTER.id, AT, body)
    for secret, given, told in ((SECRET, headers, body + b" "), (SECRET, {}, body), (new_secret(), headers, body)):
        with pytest.raises(SignatureWrong):
            verify(secret, given, told, AT)


@pytest.mark.parametrize("later", [timedelta(minutes=6), -timedelta(minutes=6)], ids=["replayed", "from the future"])
def test_a_post_that_is_not_fresh_is_refused(later: timedelta) -> None:
    body = body_of(LETTER)
    with pytest.raises(SignatureWrong, match="too long ago"):
        verify(SECRET, headers_of(SECRET, LETTER.id, AT, body), body, AT + later)


def test_a_secret_is_base64_of_24_to_64_bytes() -> None:
    assert key_of(SECRET) == key_of(SECRET[len("whsec_"):]) == KEY
    assert len(key_of(new_secret())) == 32
    for bad in ("", "whsec_", "whsec_短", "whsec_" + base64.b64encode(b"short").decode(), base64.b64encode(bytes(65)).decode(), "not base64!"):
        with pytest.raises(ValueError, match="secret"):
            key_of(bad)
