"""One form for every text before anything looks at it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zh.normalise import normalise


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("我想办身份证。", "我想办身份证。"),
        ("\uff11\uff12\uff13\uff14\uff15\uff0c\u662f\u5417\uff1f", "12345,是吗?"),
        ("身份證怎麼辦", "身份证怎么办"),
        ("我 想 办 证", "我想办证"),
        ("138 0531  1234", "138 0531 1234"),
        ("嗯,我想问一下", "我想问一下"),
        ("嗯,啊,着火了", "着火了"),
        ("那个那个我想问", "那个我想问"),
        ("这个这个月的工资", "这个月的工资"),
        ("额,公积金额度是多少", "公积金额度是多少"),
        ("额度是多少", "额度是多少"),
        ("那个人打我", "那个人打我"),
        ("你\u200b好\u0000", "你好"),
        ("\n\t 你好 \r\n", "你好"),
        ("", ""),
    ],
)
def test_texts_come_into_one_form(raw: str, clean: str) -> None:
    assert normalise(raw) == clean


def test_a_simplified_text_is_not_rewritten() -> None:
    assert normalise("路灯坏坏的") == "路灯坏坏的"


@given(st.text(max_size=200))
def test_any_text_can_be_normalised_and_stays_within_eighteen_times_its_length(text: str) -> None:
    clean = normalise(text)
    assert len(clean) <= 18 * len(text)
    assert not any(ord(c) < 32 for c in clean)
    assert clean == clean.strip(" ")
