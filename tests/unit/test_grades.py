"""The five grades as callers say and key them; and their reasons."""

from __future__ import annotations

import pytest

from tickets.grades import corrected_grade, grade_in, grade_of_key, reason_answered, reason_told
from tickets.vocabulary import Grade


@pytest.mark.parametrize(("text", "grade"), [
    ("满意", "满意"), ("非常满意", "非常满意"), ("很满意", "非常满意"), ("特别满意", "非常满意"), ("基本满意", "基本满意"), ("还行吧", "基本满意"), ("一般", "基本满意"),
    ("凑合", "基本满意"), ("不满意", "不满意"), ("不太满意", "不满意"), ("不是很满意", "不满意"), ("不怎么满意", "不满意"), ("谈不上满意", "不满意"), ("一点都不满意", "不满意"),
    ("差评", "不满意"), ("好评", "满意"), ("非常不满意", "非常不满意"), ("很不满意", "非常不满意"), ("不是非常满意", "不满意"), ("我说两句", None), ("", None),
])
def test_blame_is_never_taken_for_praise(text: str, grade: str | None) -> None:
    assert grade_in(text) == (Grade(grade) if grade else None)


@pytest.mark.parametrize(("keys", "grade"), [
    ("1", Grade.VERY_GOOD), ("2", Grade.GOOD), ("3", Grade.FAIR), ("4", Grade.BAD), ("5#", Grade.VERY_BAD), ("0", None), ("6", None), ("12", None), ("#", None), ("", None),
])
def test_one_is_the_best_key_and_five_the_worst(keys: str, grade: Grade | None) -> None:
    assert grade_of_key(keys) is grade


@pytest.mark.parametrize(("text", "reason"), [
    ("路灯还是不亮,我不满意", "路灯还是不亮"), ("不满意,打了几次电话都没人接", "打了几次电话都没人接"), ("非常不满意。工作人员态度差,还推来推去", "工作人员态度差,还推来推去"),
    ("不满意", ""), ("我要评价一下那个工单,不满意", ""), ("2026110112345678那个工单,不满意", ""), ("尾号五六七八没错,不满意", ""), ("喂你好,我很不满意,谢谢你", ""), ("", ""),
])
def test_only_what_could_be_mended_is_a_reason(text: str, reason: str) -> None:
    assert reason_told(text) == reason


@pytest.mark.parametrize("text", ["不想说", "我不想说了", "没有原因", "没什么理由", "就是不满意", "不用了,谢谢", "算了", "不知道啊", "没了", "好的再见", ""])
def test_a_reason_may_be_refused(text: str) -> None:
    assert reason_answered(text) == ""


@pytest.mark.parametrize("text", ["没人来修", "不知道谁来修的,修完又坏了", "说不清楚要等多久", "算了半天钱都算错"])
def test_a_reason_that_begins_like_a_refusal_is_one(text: str) -> None:
    assert reason_answered(text) == text


def test_a_reason_is_no_longer_than_can_be_kept() -> None:
    assert len(reason_answered("坏" * 500)) == len(reason_told("坏" * 500)) == 200


def test_a_grade_is_put_right_in_few_words_only() -> None:
    assert corrected_grade("说错了,是满意") is Grade.GOOD
    assert corrected_grade("他们说错了地方,白跑了好几趟,我不满意") is None
    assert corrected_grade("还是不满意") is None
