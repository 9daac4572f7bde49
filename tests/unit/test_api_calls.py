"""Numbers and keys of the phone."""

from __future__ import annotations

import pytest

from api.calls import caller_number, conversation_id, pressed


@pytest.mark.parametrize(("given", "number"), [
    ("13812345678", "13812345678"), ("+8613812345678", "13812345678"), ("0086 138-1234-5678", "13812345678"),
    ("053188886666", "053188886666"), ("+86 531 8888 6666", "053188886666"), ("01088886666", "01088886666"),
    ("anonymous", None), ("", None), (None, None), ("110", None), ("12345", None), ("+12025550123", None), ("1381234567", None)])
def test_a_caller_number_is_kept_as_dialled_at_home_or_not_at_all(given: str | None, number: str | None) -> None:
    assert caller_number(given) == number


@pytest.mark.parametrize(("keys", "options", "text"), [
    ("1", ["甲", "乙"], "甲"), ("2", ["甲", "乙"], "乙"), ("3", ["甲", "乙"], "3"), ("1", [], "1"), ("12", ["甲"], "12"),
    ("2026112012345678#", [], "2026112012345678"), ("*", [], "再说一遍"), ("#", [], "对"), ("##", [], "再说一遍")])
def test_keys_are_read_as_words(keys: str, options: list[str], text: str) -> None:
    assert pressed(keys, options) == text


def test_calls_with_one_id_at_two_exchanges_are_two_conversations() -> None:
    assert conversation_id("a", "1") != conversation_id("b", "1")
    assert conversation_id("a", "1") == conversation_id("a", "1")
