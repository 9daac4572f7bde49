"""Ids and replies of turns."""

from __future__ import annotations

from api.turns import reply_of, turn_id


def test_a_repeated_message_is_the_same_turn() -> None:
    assert turn_id("w1", "m1") == turn_id("w1", "m1")
    assert len({turn_id("w1", "m1"), turn_id("w1", "m2"), turn_id("w2", "m1")}) == 3


def test_a_reply_leaves_out_what_is_unknown_and_what_is_not_for_the_page() -> None:
    note = {"outcome": "ticket_form", "owner": "bot", "turn_id": "t", "ticket_type": "求助", "item": None, "action": "transfer"}
    assert reply_of([], note) == {"messages": [], "owner": "bot", "outcome": "ticket_form", "turn_id": "t", "ticket_type": "求助"}
