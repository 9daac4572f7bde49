"""Half-width marks in Chinese prose become full-width, those of code and YAML stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zh.punctuation import widen

COMMA, COLON, QUESTION, EXCLAMATION, SEMICOLON, OPEN, CLOSE = "\uff0c\uff1a\uff1f\uff01\uff1b\uff08\uff09"


@pytest.mark.parametrize(
    ("typed", "prose"),
    [
        ("您好" + ",请讲", f"您好{COMMA}请讲"),
        ("可以吗" + "?", f"可以吗{QUESTION}"),
        ("谢谢" + "!", f"谢谢{EXCLAMATION}"),
        ("一是身份证" + ";二是户口本", f"一是身份证{SEMICOLON}二是户口本"),
        ("电话" + ":12345", f"电话{COLON}12345"),
        ("户口本" + "(原件)", f"户口本{OPEN}原件{CLOSE}"),
        ("拨打12345" + ",请讲", f"拨打12345{COMMA}请讲"),
        ("a, b", "a, b"),
        ("name: 济南", "name: 济南"),
        ("[济南, 青岛]", "[济南, 青岛]"),
        ("12:30", "12:30"),
        ("f(x)", "f(x)"),
    ],
)
def test_marks_in_prose_are_widened_and_others_left(typed: str, prose: str) -> None:
    assert widen(typed) == prose


@given(st.text(alphabet="济南a1,?!;:() \n。", max_size=40))
def test_widening_twice_changes_nothing_more(text: str) -> None:
    assert widen(widen(text)) == widen(text)
