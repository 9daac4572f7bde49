"""Which of the choices offered does a caller mean; whoever points at none is not given one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.choosing import chosen, indifferent, ordered, refused

LOST, RENEW, FIRST, TEMPORARY = "居民身份证丢失补领", "居民身份证换领", "居民身份证首次申领", "临时居民身份证申领"
TWO, FOUR = (LOST, RENEW), (LOST, RENEW, FIRST, TEMPORARY)


@pytest.mark.parametrize(("text", "position"), [
    ("第一个", 0), ("第二个", 1), ("第三个", 2), ("第四个", 3), ("第 二 个", 1), ("1", 0), ("2", 1), ("4", 3), ("二", 1), ("三", 2), ("一吧", 0),
    ("我要第三个", 2), ("我选二", 1), ("说的是第一个", 0), ("第二个吧", 1), ("那就第二个,谢谢", 1), ("第三项", 2), ("第2个", 1), ("二号", 1), ("第二种.", 1),
    ("最后一个", 3), ("最后那个", 3), ("末了那个", 3), ("头一个", 0), ("前面那个", 0), ("上面那个", 0),
])
def test_a_place_in_the_list_is_understood(text: str, position: int) -> None:
    assert chosen(text, FOUR) == position


@pytest.mark.parametrize(("text", "position"), [("后面那个", 1), ("后头那个", 1), ("下面那个", 1), ("后边一个", 1), ("前头那个", 0), ("前一个", 0)])
def test_of_two_one_stands_before_and_one_after(text: str, position: int) -> None:
    assert chosen(text, TWO) == position


@pytest.mark.parametrize(("text", "position"), [
    ("补的那个", 0), ("丢失的", 0), ("换领的", 1), ("我要换的那个", 1), ("首次申领", 2), ("我是首次的", 2), ("临时的", 3), ("临时身份证", 3), ("丢失补领", 0),
    (LOST, 0), (RENEW, 1), (FIRST, 2), (TEMPORARY, 3),
])
def test_words_that_set_a_choice_apart_point_at_it(text: str, position: int) -> None:
    assert chosen(text, FOUR) == position


@pytest.mark.parametrize("text", ["都不是", "都不对", "没有我要的", "哪个都不是", "一个也不是", "都不要", "全不对", "两个都没有", "都不是,我要第二个护照"])
def test_who_says_none_gets_none(text: str) -> None:
    assert chosen(text, FOUR) is None


@pytest.mark.parametrize(("text", "position"), [
    ("不是第一个", None), ("不要第二个", None), ("第一个不对", None), ("不是前面那个", None), ("不是第一个,是第二个", 1), ("不要第二个,要第一个", 0),
])
def test_a_denied_choice_is_not_taken(text: str, position: int | None) -> None:
    assert chosen(text, FOUR) is position


@pytest.mark.parametrize("text", [
    "随便", "都行", "两个", "两个都要", "嗯", "啊", "", "身份证", "居民身份证", "我不知道", "这是啥意思", "你说呢", "第五个", "5", "第九项", "人工", "结婚登记", "后面那个",
])
def test_words_that_point_at_no_choice_choose_nothing(text: str) -> None:
    assert chosen(text, FOUR) is None


def test_a_place_beyond_the_list_is_no_choice() -> None:
    assert chosen("第三个", TWO) is None
    assert chosen("3", TWO) is None


def test_without_choices_nothing_is_chosen() -> None:
    assert [chosen(text, ()) for text in ("第一个", "补的", "")] == [None, None, None]


def test_words_that_two_choices_share_choose_neither() -> None:
    assert chosen("婚姻登记", ("结婚登记", "离婚登记")) is None
    assert chosen("登记", ("离婚登记", "收养登记证")) is None
    assert chosen("离婚", ("结婚登记", "离婚登记")) == 1


# --- everyday names --------------------------------------------------------------------------------------------------
EVERYDAY = ((LOST, "身份证丢了怎么补", "身份证找不到了"), (RENEW, "身份证过期了", "身份证坏了换新的"), (FIRST, "孩子办身份证"), (TEMPORARY, "着急用身份证"))


@pytest.mark.parametrize(("text", "position"), [
    ("丢了", 0), ("我的丢了", 0), ("找不到了", 0), ("过期了", 1), ("坏了", 1), ("孩子的", 2), ("我着急用", 3),
    ("身份证", None), ("是的", None), ("了", None), ("", None), ("都不是,丢了", None), ("今天下雨没法出门", None), ("丢了坏了", None),
])
def test_a_choice_is_known_by_its_everyday_names_where_the_official_ones_settle_nothing(text: str, position: int | None) -> None:
    assert chosen(text, FOUR, EVERYDAY) == position


def test_without_everyday_names_what_happened_to_the_card_points_only_at_a_name_that_says_it() -> None:
    assert [chosen(text, FOUR) for text in ("丢了", "丢了的呢", "过期了", "坏了")] == [0, 0, None, None]


@pytest.mark.parametrize("text", ["那要多少钱", "多少钱", "要带啥", "去哪办", "得多久"])
def test_the_words_of_a_question_point_at_no_choice(text: str) -> None:
    priced = tuple((name, f"{name}多少钱", "换领去哪办得多久") if place == 2 else (name,) for place, name in enumerate(FOUR))
    assert chosen(text, FOUR, priced) is None


def test_the_official_name_and_the_place_in_the_list_go_before_everyday_names() -> None:
    crossed = ((LOST, "换领"), (RENEW, "丢失补领"))
    assert (chosen("换领的", TWO, crossed), chosen("第二个", TWO, crossed)) == (1, 1)


def test_half_of_the_words_must_tell_the_choices_apart() -> None:
    everyday = (("甲乙",), ("丙",))
    assert chosen("甲天", ("某某", "等等"), everyday) == 0
    assert chosen("甲天地", ("某某", "等等"), everyday) is None


def test_words_that_two_choices_share_do_not_tell_them_apart() -> None:
    assert chosen("甲乙丙", ("某某", "等等"), (("甲乙丙",), ("甲乙",))) is None
    assert chosen("甲丙", ("某某", "等等"), (("甲乙丙",), ("甲乙",))) == 0


# --- the words of each choice ----------------------------------------------------------------------------------------
SAYS = ("丢了补办", "到期或损坏换新", "企业的")
WORDS = (("丢了", "补办", "挂失", "补换"), ("到期", "换领", "坏了", "补换"), ("企业", "公司"))


@pytest.mark.parametrize(("text", "position"), [
    ("挂失", 0), ("快到期了", 1), ("公司的", 2), ("企业的", 2), ("补的", 0), ("换的那个", 1), ("不是挂失,是到期了", 1), ("不是补的,换的", 1), ("不是第一个,是公司的", 2),
    ("到期或损坏换新", 1), ("丢了又坏了", None), ("补换", None), ("都不是,挂失", None), ("我再想想", None), ("", None),
])
def test_a_choice_is_known_by_words_that_are_its_own(text: str, position: int | None) -> None:
    assert chosen(text, SAYS, (), WORDS) == position


def test_the_place_in_the_list_goes_before_the_words() -> None:
    assert chosen("第一个,公司的", SAYS, (), WORDS) == 0
    assert (ordered("头一样", SAYS), ordered("企业的", SAYS), ordered("第四个", SAYS), ordered("公司", SAYS)) == (0, 2, 3, None)


@pytest.mark.parametrize(("text", "said"), [("随便", True), ("都行", True), ("那就随便吧", True), ("你看着办吧", True), ("哪个都行", True), ("随便问问公司咋开", False), ("行", False)])
def test_who_leaves_the_choice_to_us_is_heard(text: str, said: bool) -> None:
    assert indifferent(text) is said


@pytest.mark.parametrize(("text", "said"), [("都不是", True), ("没有我要的", True), ("哪个都不对", True), ("不是第一个", False), ("都行", False)])
def test_who_wants_none_of_them_is_heard(text: str, said: bool) -> None:
    assert refused(text) is said


@given(st.text(max_size=40), st.lists(st.text(max_size=12), max_size=4), st.lists(st.lists(st.text(max_size=6), max_size=3), min_size=4, max_size=4))
def test_no_answer_raises_or_leaves_the_list(text: str, names: list[str], everyday: list[list[str]]) -> None:
    position = chosen(text, names, everyday[:len(names)], everyday[:len(names)])
    assert position is None or 0 <= position < len(names)
