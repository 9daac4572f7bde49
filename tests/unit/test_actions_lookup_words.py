"""What a caller says about a ticket that exists: a no is never taken for a wish, nor a doubt for a yes."""

from __future__ import annotations

import pytest

from actions.lookup_words import another, bare_wish, cannot_say, consents, declines, nothing_to_add, wish_in, withdraws, words_to_add


@pytest.mark.parametrize("text", [
    "别撤销", "不想撤销", "不撤了", "先别撤", "先不撤", "不想撤", "别给我撤了", "把单子别撤", "别把我那个工单撤了", "不取消", "我没要撤", "谁让你们撤的", "不是要撤销",
    "别催了", "不用催", "不补充了",
])
def test_a_wish_that_is_refused_is_no_wish(text: str) -> None:
    assert (declines(text), wish_in(text), consents(text)) == (True, None, False)


@pytest.mark.parametrize("text", [
    "不投诉了,把之前那个单子撤销", "不用派人来了,单子撤了吧", "俺不告他们了,把那个单子撤了", "不追究了,撤单吧", "不要了,撤了吧", "能不能撤", "能撤销吗", "要不要撤", "怎么还不撤",
])
def test_a_no_to_something_else_does_not_refuse_the_withdrawal(text: str) -> None:
    assert (declines(text), wish_in(text)) == (False, "withdraw")


def test_who_says_that_nobody_acts_unless_urged_asks_for_urging() -> None:
    assert (declines("你们不催他们不办"), wish_in("你们不催他们不办")) == (False, "urge")
    assert (declines("别撤,先催一下"), wish_in("别撤,先催一下"), bare_wish("别撤,先催一下")) == (True, "urge", "urge")


@pytest.mark.parametrize(("text", "wish"), [
    ("撤回", "withdraw"), ("撤了吧", "withdraw"), ("取消我的工单", "withdraw"), ("工单作废吧", "withdraw"), ("补充老板又跑了", "supplement"), ("再加一条", "supplement"),
    ("催一下", "urge"), ("加急处理", "urge"), ("我不满意", "rate"), ("给个好评", "rate"), ("查进度", "progress"), ("到哪一步了", "progress"), ("五六七八", None), ("我找找", None),
])
def test_the_words_tell_the_wish(text: str, wish: str | None) -> None:
    assert wish_in(text) == wish


def test_my_ticket_is_no_withdrawal() -> None:
    assert [withdraws(text) for text in ("我的工单", "查我的工单", "把我那个投诉撤了吧", "路灯亮了,工单关了吧", "昨天那个单子不要了", "取消")] == [False, False, True, True, True, True]


@pytest.mark.parametrize("text", [
    "是", "是的", "对", "确定", "确认", "确定撤销", "我确定要撤销工单", "撤", "撤吧", "撤了吧", "那就撤了吧", "好", "好的", "行", "中", "管", "可以", "OK", "对对对", "撤销吧,对",
    "路灯修好了,撤吧",
])
def test_a_clear_yes_withdraws(text: str) -> None:
    assert consents(text) is True


@pytest.mark.parametrize("text", [
    "不", "不是", "不确定", "不行", "不好", "嗯", "算了", "等等", "我想想", "没想好", "好吧先留着", "行,我再想想", "撤,还是等等吧", "确定吗", "可以吗", "转人工", "催一下", "五六七八", "",
    "我", "那就", "修好了,先别撤",
])
def test_all_else_keeps_the_ticket(text: str) -> None:
    assert consents(text) is False


@pytest.mark.parametrize("text", ["撤了还能恢复吗", "能撤销吗", "能不能撤", "怎么撤", "撤了以后还能反悔不"])
def test_a_question_about_withdrawing_is_neither_yes_nor_no(text: str) -> None:
    assert consents(text) is None


@pytest.mark.parametrize(("text", "unknown"), [
    ("不知道", True), ("忘了", True), ("没有编号", True), ("记不住", True), ("我没有工单号", True), ("没给我编号", True), ("没有查询码", True), ("编号找不到了", True),
    ("没有", True), ("没留手机号", False), ("没有手机号", False), ("我找找", False), ("五六七八", False),
])
def test_who_does_not_have_it_is_understood(text: str, unknown: bool) -> None:
    assert cannot_say(text) is unknown


@pytest.mark.parametrize(("text", "nothing"), [
    ("没有了", True), ("不用了", True), ("算了", True), ("不补充了", True), ("没有要补充的了", True), ("老板跑了", False), ("没有水", False), ("补充", False),
])
def test_who_takes_the_addition_back_is_understood(text: str, nothing: bool) -> None:
    assert nothing_to_add(text) is nothing


@pytest.mark.parametrize(("text", "added"), [
    ("我想补充一下,东边那盏也不亮了", "东边那盏也不亮了"), ("给工单加点情况:楼上两家也漏水", "楼上两家也漏水"), ("补充老板又跑了", "老板又跑了"),
    ("补充,物业今天又来断电了", "物业今天又来断电了"), ("那个工厂昨晚上又偷排了,给我加到举报里头", "那个工厂昨晚上又偷排了"), ("给我那个求助补一句,家里还有病人", "家里还有病人"),
    ("补充一下", None), ("我想给工单补充点情况", None), ("我要补充到那个单子里", None), ("帮我在工单里加上车牌号", None), ("补充点新情况", None), ("楼上也漏水", None),
])
def test_words_to_add_are_told_from_the_wish_to_add(text: str, added: str | None) -> None:
    assert words_to_add(text) == added


@pytest.mark.parametrize(("text", "wish"), [
    ("催一下", "urge"), ("撤回", "withdraw"), ("查进度", "progress"), ("补充一下", "supplement"), ("他们还没结果,老板撤了摊子", None), ("还没结果", None),
])
def test_only_a_wish_and_no_word_more_is_bare(text: str, wish: str | None) -> None:
    assert bare_wish(text) == wish


def test_another_ticket_is_told_from_this_one() -> None:
    assert [another(text) for text in ("查另一个", "查别的工单", "换个单子", "还有其他情况要补充", "催一下")] == [True, True, True, False, False]
