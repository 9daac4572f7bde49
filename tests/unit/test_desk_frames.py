"""What comes over the WebSocket of the desk is read or refused, and never breaks anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.channels.operator_frames import LONGEST, BadFrame, Say, Transfer, Watch, frame_of
from api.channels.operator_stream import Rate

ID = "w" + "0" * 32


def frame(**fields: Any) -> str:
    return json.dumps(fields)


def test_a_word_to_the_caller_is_read() -> None:
    read = frame_of(frame(type="say", id=ID, text="  您好 ", request=7, client_message_id="a-1", item="id-card-reissue"))
    assert isinstance(read, Say)
    assert (read.text, read.request, read.client_message_id, read.item) == ("您好", 7, "a-1", "id-card-reissue")


def test_what_is_left_out_has_its_default() -> None:
    read = frame_of(frame(type="watch", id=ID))
    assert isinstance(read, Watch)
    assert (read.after, read.request) == (0, None)


@pytest.mark.parametrize("to", ["12333", "12366", "12329", "12315", "110", "119", "120", "queue"])
def test_every_neighbour_can_be_named(to: str) -> None:
    read = frame_of(frame(type="transfer", id=ID, to=to))
    assert isinstance(read, Transfer)
    assert read.to == to


HOSTILE = ["", "null", "[]", "7", '"say"', "{", "{}", "\x00", "[" * 20_000, frame(type=None), frame(type=["say"]), frame(type="drop"),
           frame(type="say", id=ID), frame(type="say", id=ID, text=" "), frame(type="say", id=ID, text=7), frame(type="say", id=ID, text="长" * 2001),
           frame(type="claim", id="w*"), frame(type="claim", id=ID + "\n"), frame(type="claim", id=None), frame(type="claim"),
           frame(type="watch", id=ID, after=-1), frame(type="watch", id=ID, after="0"), frame(type="watch", id=ID, after=1e300),
           frame(type="transfer", id=ID, to="95533"), frame(type="transfer", id=ID, to="queue", skill="a b"),
           frame(type="ready", skills="general"), frame(type="ready", skills=["general"] * 21), frame(type="ready", region="110000"),
           frame(type="claim", id=ID, request={"a": 1}), frame(type="claim", id=ID, request="x" * 65), frame(type="claim", id=ID, request=-1)]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_frame_that_means_nothing_is_refused_in_chinese(text: str) -> None:
    with pytest.raises(BadFrame) as refused:
        frame_of(text)
    assert refused.value.code in ("invalid_json", "invalid_request", "body_too_large")
    assert refused.value.message is None or any("\u4e00" <= char <= "\u9fff" for char in refused.value.message)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["type", "id", "text", "request", "to", "after"]), inner)))
def test_no_json_whatever_does_more_than_be_refused(value: Any) -> None:
    if isinstance(value, dict) and value.get("type") in ("say", "claim"):
        value = {**value, "type": "drop"}
    with pytest.raises(BadFrame):
        frame_of(json.dumps(value))


def test_a_refusal_tells_which_request_it_was_and_which_part_of_it() -> None:
    with pytest.raises(BadFrame) as refused:
        frame_of(frame(type="say", id=ID, request="q-3"))
    assert (refused.value.request, refused.value.field) == ("q-3", "text")


def test_a_frame_that_is_too_long_is_not_even_read() -> None:
    with pytest.raises(BadFrame) as refused:
        frame_of(frame(type="say", id=ID, text="a" * LONGEST))
    assert refused.value.code == "body_too_large"


def test_half_a_character_pair_is_replaced_before_anything_has_to_store_it() -> None:
    read = frame_of(frame(type="say", id=ID, text="a\ud800b\x00"))
    assert isinstance(read, Say)
    assert read.text.encode("utf-8") == b"a?b"


def test_frames_beyond_the_rate_are_not_allowed_until_the_next_window() -> None:
    now = [0.0]
    rate = Rate(3, 10.0, lambda: now[0])
    assert [rate.allows() for _ in range(4)] == [True, True, True, False]
    now[0] = 10.0
    assert rate.allows()
