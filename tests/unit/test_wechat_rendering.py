"""How what was said looks as texts of an official account."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.channels.wechat.delivery import LONGEST_S, pause_after
from api.channels.wechat.rendering import LIMIT, card_text, chosen, options_after, options_text, pieces_of, split


def message(author: str = "bot", **more: Any) -> dict[str, Any]:
    return {"id": "1", "seq": 1, "author": author, "text": "好的。", "at": "2026-11-20T09:30:00+08:00", **more}


def test_a_long_text_is_cut_at_the_ends_of_sentences_and_nothing_is_lost() -> None:
    text = "".join(f"第{number}句话说得不长也不短。" for number in range(200))
    pieces = split(text)
    assert len(pieces) > 1 and "".join(pieces) == text
    assert all(len(piece.encode()) <= LIMIT and piece.endswith("。") for piece in pieces)


@pytest.mark.parametrize("text", ["字" * 3000, "a" * 5000, "😀" * 1500], ids=["characters", "letters", "pictures"])
def test_a_sentence_without_an_end_is_cut_between_characters(text: str) -> None:
    pieces = split(text)
    assert "".join(pieces) == text and all(len(piece.encode()) <= LIMIT for piece in pieces)


def test_nothing_gives_no_piece() -> None:
    assert split("") == split(" \n ") == []


def test_a_card_is_a_title_and_numbered_lists() -> None:
    card = {"kind": "item", "name": "身份证补领", "rows": [{"title": "要带的材料", "lines": ["户口簿", "照片"]}, {"title": "空", "lines": []}]}
    assert card_text(card) == "【身份证补领】\n要带的材料：\n1. 户口簿\n2. 照片"


def test_the_steps_of_a_life_event_are_told_in_their_order() -> None:
    assert card_text({"name": "开饭店", "steps": [{"title": "办执照"}, {"title": "办许可"}]}) == "【开饭店】\n1. 办执照\n2. 办许可"


def test_a_long_list_says_how_long_it_is() -> None:
    lines = card_text({"name": "某事", "rows": [{"title": "材料", "lines": [f"材料{n}" for n in range(30)]}]}).split("\n")
    assert (lines[-2], lines[-1]) == ("12. 材料11", "……共30项")


@pytest.mark.parametrize("card", [None, {}, {"rows": "no"}, {"rows": [1, {"lines": [2]}]}, {"steps": [{"title": None}]}])
def test_a_card_that_tells_nothing_is_nothing(card: Any) -> None:
    assert card_text(card) == ""


def test_choices_follow_the_words_as_numbers() -> None:
    assert pieces_of(message(options=["身份证", "驾驶证"])) == ["好的。\n\n1. 身份证\n2. 驾驶证\n（回复数字选择）"]
    assert options_text([]) == ""


@pytest.mark.parametrize(("text", "meant"), [("1", "身份证"), (" ２ ", "驾驶证"), ("2.", "驾驶证"), ("0", "0"), ("3", "3"), ("12", "12"), ("一", "一"),
                                             ("13812345678", "13812345678"), ("-1", "-1"), ("补证", "补证")])
def test_a_number_picks_its_choice_and_nothing_else_does(text: str, meant: str) -> None:
    assert chosen(text, '["身份证", "驾驶证"]') == meant


def test_without_choices_a_number_is_a_number() -> None:
    assert chosen("1", "") == chosen("1", "[]") == "1"


@pytest.mark.parametrize(("messages", "left"), [
    ([message(options=["甲"])], ["甲"]), ([message(options=["甲"]), message()], []), ([message(options=["甲"]), message("operator")], []),
    ([message(options=["甲"]), message("system")], ["甲"]), ([message("system", options=["乙"])], ["乙"]), ([message("caller")], ["旧"])],
    ids=["offered", "answered since", "a person spoke since", "the line spoke since", "offered by the line", "only the caller spoke"])
def test_which_choices_stand_open(messages: list[dict[str, Any]], left: list[str]) -> None:
    assert json.loads(options_after(messages, '["旧"]')) == left


def test_the_pauses_grow_up_to_five_minutes() -> None:
    assert [pause_after(failures) for failures in (1, 2, 3, 8, 9, 10_000)] == [2.0, 4.0, 8.0, 256.0, LONGEST_S, LONGEST_S]
