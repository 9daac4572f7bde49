"""The question back: grouped by what tells the items apart, at most four short choices, every item within reach."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.matching.grouping import LONGEST_SAY, MAX_OFFERS, MAX_OPTIONS, REST, Enquiry, Offer, enquiry, questions_needed, spoken
from knowledge.matching.lexicon import Lexicon
from knowledge.matching.sayable import LONGEST_WHOLE, plain_names, short_name
from tests.support.words import words
from zh.normalise import normalise

LEXICON = words()


def offers(*names: str, departments: tuple[str, ...] = (), regions: tuple[str | None, ...] = (), scores: tuple[float, ...] = ()) -> list[Offer]:
    """Offers with codes c0, c1, …; falling scores where none are given."""
    found = []
    for place, name in enumerate(names):
        plain = normalise(name)
        found.append(Offer(f"c{place}", name, LEXICON.actions.within(plain), LEXICON.subjects.within(plain),
                           departments[place] if departments else "公安局", regions[place] if regions else None,
                           scores[place] if scores else 0.5 / (place + 1)))
    return found


def asked(found: list[Offer]) -> Enquiry:
    question = enquiry(found, LEXICON)
    assert question is not None
    return question


def says(found: list[Offer]) -> list[str]:
    return [option.say for option in asked(found).options]


# --- what tells them apart -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("names", "by", "about", "options"), [
    (("居民身份证丢失补领", "居民身份证换领"), "action", "居民身份证", ["丢了补办", "到期或损坏换新"]),
    (("机动车驾驶证遗失补证", "机动车驾驶证期满换证", "机动车驾驶证注销"), "action", "机动车驾驶证", ["丢了补办", "到期或损坏换新", "注销"]),
    (("养老待遇申请（企业职工）", "养老待遇申请（城乡居民）"), "subject", "养老待遇", ["企业职工的", "城乡居民的"]),
    (("小型汽车转籍", "摩托车转籍"), "name", None, ["小型汽车转籍", "摩托车转籍"]),
    (("结婚登记", "离婚登记"), "name", None, ["结婚登记", "离婚登记"]),
    (("护士执业证书打样", "护士执业证书盖章"), "name", "护士执业证书", ["打样", "盖章"]),
    (("初次申领机动车驾驶证", "机动车驾驶证期满换证"), "action", "驾驶证", ["新办", "到期或损坏换新"]),
], ids=["lost or worn", "three actions", "two kinds of people", "short names", "very short names", "what is left of the names", "a common term"])
def test_the_question_is_put_by_what_tells_the_items_apart(names: tuple[str, ...], by: str, about: str | None, options: list[str]) -> None:
    question = asked(offers(*names))
    assert (question.by, [option.say for option in question.options]) == (by, options)
    assert question.about == about or (about == "驾驶证" and question.about == "机动车驾驶证")


def test_twins_of_one_name_are_told_apart_by_who_deals_with_them() -> None:
    question = asked(offers("参保登记", "参保登记", departments=("社保局", "医保局")))
    assert (question.by, [option.say for option in question.options]) == ("place", ["社保局的", "医保局的"])
    assert question.options[0].words == ("社保局的", "社保局", "社保")


def test_twins_of_one_department_are_told_apart_by_where_they_hold() -> None:
    question = asked(offers("养犬登记", "养犬登记", "养犬登记", regions=("济南市", None, "青岛市")))
    assert (question.by, [option.say for option in question.options]) == ("place", ["济南市的", "全省的", "青岛市的"])


def test_departments_are_not_asked_about_where_the_names_differ() -> None:
    assert asked(offers("居民身份证换领", "居民身份证丢失补领", departments=("公安局", "民政局"))).by == "action"


def test_many_items_of_two_things_are_asked_about_by_the_thing() -> None:
    question = asked(offers("港澳通行证签注加急", "港澳通行证签注邮寄", "出生医学证明加急", "出生医学证明邮寄", "港澳通行证签注寄存"))
    assert max(len(option.codes) for option in question.options) <= MAX_OPTIONS


def test_many_items_are_asked_about_by_the_action_that_several_share() -> None:
    found = offers("公司设立登记", "合作社设立登记", "合伙企业设立登记", "公司注销登记", "合作社注销登记", "合伙企业注销登记")
    question = asked(found)
    assert question.by in ("action", "subject", "family")
    assert {code for option in question.options for code in option.codes} == {offer.code for offer in found}
    assert {questions_needed(found, offer.code, LEXICON) for offer in found} == {2}


def test_an_item_that_does_something_to_another_thing_is_called_by_its_name() -> None:
    found = offers("机动车驾驶证遗失补证", "机动车驾驶证期满换证", "机动车行驶证注销")
    assert says(found) == ["丢了补办", "到期或损坏换新", "机动车行驶证注销"]
    assert asked(found).about == "机动车驾驶证"


def test_an_item_that_does_several_things_is_not_called_by_one_of_them() -> None:
    assert says(offers("残疾人证申领", "残疾人证换领、变更与迁移"))[1] == "换领变更与迁移"
    assert says(offers("食品经营许可新办", "食品经营许可变更和延续"))[1] == "变更和延续"


def test_what_goes_beyond_four_is_something_else_and_comes_last() -> None:
    found = offers("甲地样品抽送", "乙炉烟尘巡看", "丙桥承重复算", "丁巷名牌挂设", "戊山树种统计", "己河水位公布", scores=(0.1, 0.1, 0.1, 0.2, 0.3, 0.4))
    question = asked(found)
    assert [option.say for option in question.options][-1] == REST
    assert [option.codes for option in question.options] == [("c5",), ("c4",), ("c3",), ("c0", "c1", "c2")]
    assert [questions_needed(found, f"c{place}", LEXICON) for place in range(6)] == [2, 2, 2, 1, 1, 1]


def test_the_likeliest_choice_is_said_first() -> None:
    assert says(offers("居民身份证丢失补领", "居民身份证换领", scores=(0.2, 0.7))) == ["到期或损坏换新", "丢了补办"]


def test_no_official_name_of_more_than_sixteen_characters_is_read_out() -> None:
    found = offers("从事城市生活垃圾经营性清扫收集运输服务单位的审批", "从事城市生活垃圾经营性处理服务单位的审批",
                   "从事城市餐厨垃圾经营性收集运输处置服务单位的审批")
    options = says(found)
    assert len(set(options)) == 3
    assert all(len(say) <= LONGEST_SAY for say in options)


def test_brackets_are_said_only_where_they_tell_the_items_apart() -> None:
    assert plain_names(["护照补发（加急）", "护照换发（加急）"]) == ["护照补发", "护照换发"]
    assert plain_names(["护照补发（加急）", "护照补发（普通）"]) == ["护照补发加急", "护照补发普通"]


# --- nothing to ask --------------------------------------------------------------------------------------------------
def test_one_item_or_none_is_no_question() -> None:
    assert enquiry([], LEXICON) is None
    assert enquiry(offers("居民身份证换领"), LEXICON) is None


def test_what_nothing_tells_apart_is_no_question() -> None:
    found = offers("参保登记", "参保登记")
    assert enquiry(found, LEXICON) is None
    assert [questions_needed(found, code, LEXICON) for code in ("c0", "c1")] == [1, None]


def test_an_item_that_is_not_among_them_is_never_reached() -> None:
    assert questions_needed(offers("居民身份证换领"), "else", LEXICON) is None
    assert questions_needed(offers("居民身份证换领"), "c0", LEXICON) == 1


def test_more_than_eight_are_not_asked_about() -> None:
    found = offers(*(f"{char}桥承重复算" for char in "甲乙丙丁戊己庚辛壬癸"))
    codes = {code for option in asked(found).options for code in option.codes}
    assert codes == {f"c{place}" for place in range(MAX_OFFERS)}
    assert questions_needed(found, "c8", LEXICON) is None


def test_without_words_the_names_alone_tell_the_items_apart() -> None:
    found = [replace(offer, actions=0, subjects=0) for offer in offers("居民身份证丢失补领", "居民身份证换领")]
    question = enquiry(found, Lexicon({}))
    assert question is not None
    assert (question.by, [option.codes for option in question.options]) == ("name", [("c0",), ("c1",)])


# --- how it is said --------------------------------------------------------------------------------------------------
def test_two_and_more_choices_are_said_as_one_question() -> None:
    three = asked(offers("机动车驾驶证遗失补证", "机动车驾驶证期满换证", "机动车驾驶证注销")).options
    assert spoken(three[:2]) == "丢了补办，还是到期或损坏换新"
    assert spoken(three) == "丢了补办、到期或损坏换新，还是注销"


def test_what_a_caller_may_say_for_a_choice_are_the_words_of_its_action() -> None:
    lost, worn = asked(offers("居民身份证丢失补领", "居民身份证换领")).options
    assert {"丢了补办", "丢了", "挂失"} <= set(lost.words)
    assert {"到期", "坏了"} <= set(worn.words)
    assert not set(lost.words[1:]) & {"到期", "坏了"}


@pytest.mark.parametrize(("name", "short"), [
    ("居民身份证换领", "居民身份证换领"), ("从事城市生活垃圾经营性清扫收集运输服务单位的审批", None), ("养老保险待遇申领（在职转退休人员一次性补缴用）", "养老保险待遇申领"),
])
def test_a_long_name_is_shortened_before_it_is_read_out(name: str, short: str | None) -> None:
    assert len(short_name(name)) <= LONGEST_WHOLE
    assert short is None or short_name(name) == short


# --- whatever comes --------------------------------------------------------------------------------------------------
THINGS = ("机动车驾驶证", "居民身份证", "公司", "合伙企业", "食品经营许可证", "护照", "不动产", "社会保障卡", "企业职工基本养老保险", "城乡居民基本医疗保险", "学生资助")
DEEDS = ("遗失补领", "换领", "首次申领", "注销登记", "变更登记", "信息查询", "抵押登记", "备案", "年度检验", "延续", "迁移", "样本寄送", "（加急）", "", "变更和延续")
NAMES = st.builds(str.__add__, st.sampled_from(THINGS), st.sampled_from(DEEDS))
DISTINCT = st.lists(NAMES, min_size=2, max_size=8, unique_by=lambda name: plain_names([name])[0])
SCORES = st.lists(st.floats(0.01, 1), min_size=8, max_size=8)


@settings(max_examples=300, deadline=None)
@given(DISTINCT, SCORES)
def test_every_question_is_short_and_every_item_is_reached(names: list[str], scores: list[float]) -> None:
    found = offers(*names, scores=tuple(sorted(scores, reverse=True)))
    question = asked(found)
    told = [option.say for option in question.options]
    assert 2 <= len(told) <= MAX_OPTIONS
    assert len(set(told)) == len(told)
    assert max(map(len, told)) <= LONGEST_SAY
    assert sorted(code for option in question.options for code in option.codes) == [f"c{place}" for place in range(len(names))]
    needed = [questions_needed(found, offer.code, LEXICON) for offer in found]
    most = 1 if len(names) <= MAX_OPTIONS else 2 if len(names) < MAX_OFFERS else 3
    assert all(count is not None and count <= most for count in needed)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("甲乙丙丁变更登记（）、的证", min_size=1, max_size=30), min_size=2, max_size=8, unique=True), SCORES)
def test_names_of_any_letters_break_nothing(names: list[str], scores: list[float]) -> None:
    found = offers(*names, scores=tuple(scores[:len(names)]))
    question = enquiry(found, LEXICON)
    if question is None:
        assert len(set(plain_names(names))) == 1
        return
    told = [option.say for option in question.options]
    assert 2 <= len(set(told)) == len(told) <= MAX_OPTIONS
    assert sorted(code for option in question.options for code in option.codes) == sorted(offer.code for offer in found)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(("参保登记", "待遇申领")), st.sampled_from(("社保局", "医保局", "民政局", "税务局"))), min_size=2, max_size=8, unique=True))
def test_twins_are_reached_within_three_questions(pairs: list[tuple[str, str]]) -> None:
    found = offers(*(name for name, _ in pairs), departments=tuple(department for _, department in pairs))
    needed = [questions_needed(found, offer.code, LEXICON) for offer in found]
    assert all(count is not None and count <= 3 for count in needed)
