"""Long replies in prompts that can be listened to, and what settles a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.phone.pages import LIMIT, LIST, MORE, pages
from api.phone.pending import Kind, Pending, read, settled, write
from api.phone.recent import broken_off, has_business
from api.phone.speakable import speakable
from api.phone.spoken import Spoken, last_prompt, with_prompt, without_last


def test_a_short_reply_is_one_prompt_as_it_is() -> None:
    assert pages("带身份证、户口簿和照片就行。") == ("带身份证、户口簿和照片就行。",)


def test_a_long_reply_is_cut_at_its_sentences_and_asks_whether_to_go_on() -> None:
    sentence = "先到大厅一楼取号，再到三号窗口交材料，工作人员当场看一遍，缺什么一次说清。"
    told = pages(sentence * 7)
    assert len(told) > 2
    assert all(page.endswith("。" + MORE) for page in told[:-1]) and not told[-1].endswith(MORE)
    assert "".join(page.removesuffix(MORE) for page in told) == sentence * 7


def test_a_list_stops_after_four_and_goes_on_in_the_next_prompt() -> None:
    told = pages("办这个要带甲表、乙表（原件、复印件）、丙表、丁表、戊表、己表。不收费。")
    assert told == (f"办这个要带甲表、乙表（原件、复印件）、丙表、丁表。{MORE}", "还有戊表、己表。不收费。")


@pytest.mark.parametrize("parted", ["；", "\n"])
def test_numbered_entries_stop_after_four(parted: str) -> None:
    told = pages(parted.join(f"{number}，第{number}样东西" for number in range(1, 7)) + "。")
    assert [sum(f"{number}，" in page for number in range(1, 7)) for page in told] == [LIST, 2]


@given(st.text(alphabet="甲乙丙，。；、（）\n！？0123456789年月日元", max_size=600))
def test_no_prompt_is_too_long_and_no_word_is_lost(text: str) -> None:
    told = pages(text)
    assert all(len(speakable(page)) <= LIMIT for page in told)
    kept = "".join(page.removesuffix(MORE) for page in told)
    for char in "甲乙丙0123456789":
        assert kept.count(char) == text.count(char)


@pytest.mark.parametrize(("text", "keys", "answer"), [
    ("是", "", True), ("是的。", "", True), ("嗯，好的", "", True), ("继续听", "", True), ("要", "", True), ("对，继续", "", True), ("", "1", True), ("", "#", True),
    ("不用了", "", False), ("不是", "", False), ("不要，谢谢", "", False), ("算了吧", "", False), ("", "2", False),
    ("要带什么材料", "", None), ("不动产登记怎么办", "", None), ("好的那我还想问社保", "", None), ("", "3", None), ("是" * 500, "", None)])
def test_only_a_plain_yes_or_no_settles_a_question(text: str, keys: str, answer: bool | None) -> None:
    assert settled(text, keys) is answer


def test_what_is_pending_is_kept_whole() -> None:
    pending = Pending("more", ("一页", "二页"), ("甲",), ("www.example.com",), "hangup", "话", "i1")
    assert read(write(pending)) == pending
    assert read(write(None)) is None


@pytest.mark.parametrize(("kind", "broken"), [("more", True), ("confirm", True), ("message", True), ("person", True), ("resume", False)])
def test_who_hangs_up_on_an_open_question_was_not_done(kind: Kind, broken: bool) -> None:
    assert broken_off({"outcome": "answered", "pending": write(Pending(kind))}, "caller_hung_up") is broken


def test_back_goes_through_the_prompts_and_stays_at_the_first() -> None:
    first = {"history": with_prompt({}, Spoken("一", "answered", ("甲",)))}
    second = {"history": with_prompt(first, Spoken("二", "answered"))}
    back = {"history": without_last(second)}
    assert (last_prompt(second).prompt, last_prompt(back).prompt, last_prompt(back).options) == ("二", "一", ["甲"])  # type: ignore[union-attr]
    assert last_prompt({"history": without_last(back)}).prompt == "一"  # type: ignore[union-attr]
    assert last_prompt({}) is None


@pytest.mark.parametrize(("outcome", "reason", "broken"), [
    ("answered", "line_lost", True), ("answered", "掉线", True), ("ticket_form", "caller_hung_up", True), ("answered", "caller_hung_up", False),
    ("answered", "completed", False)])
def test_a_call_that_ends_in_the_middle_was_broken_off(outcome: str, reason: str, broken: bool) -> None:
    assert broken_off({"outcome": outcome}, reason) is broken
    assert has_business(outcome) and not has_business("smalltalk") and not has_business(None)
