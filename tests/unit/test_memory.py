"""What is remembered of callers' words: masked, vetted, counted by caller, grouped."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from core.clock import SHANGHAI
from knowledge.bootstrap import load_catalogue, names_of
from knowledge.catalogue import CatalogueData
from knowledge.memory.gaps import gaps, report
from knowledge.memory.likeness import grouped, plain
from knowledge.memory.load import load_vetting
from knowledge.memory.model import How, Learned, Miss, Pick
from knowledge.memory.privacy import LONGEST, keepable, who
from knowledge.memory.suggesting import suggestions
from knowledge.memory.vetting import only_chooses
from knowledge.model import Item

AT = datetime(2026, 11, 5, 10, 30, tzinfo=SHANGHAI)
VETTING = load_vetting()


def pick(text: str, code: str = "lamp", caller: str = "a", minute: int = 0, how: How = "choice") -> Pick:
    return Pick(text, code, how, AT + timedelta(minutes=minute), caller)


# --- privacy -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("said", "kept"), [
    ("驾照快到日子了咋弄", "驾照快到日子了咋弄"), ("嗯，駕照到期了", "驾照到期了"),
    ("我电话13812345678驾照到期了", "我电话138********驾照到期了"),
    ("身份证370102199001011234丢了", "身份证******************丢了"),
], ids=["as it is", "normalised", "a telephone", "an identity number"])
def test_words_are_kept_normalised_and_masked(said: str, kept: str) -> None:
    assert keepable(said) == kept


@pytest.mark.parametrize("said", [
    "验证码是123456咋办", "房号一零二三五的房子", "1 2 3 4 5号楼", "我叫王建国,驾照到期了", "帮张伟办身份证", "我妈王桂芳的医保", "李伟民的驾照到期了", "找李主任办低保",
    "啊" * (LONGEST + 1), "", " \u200b ",
])
def test_words_with_a_number_or_a_name_left_in_them_are_not_kept(said: str) -> None:
    assert keepable(said) is None


@pytest.mark.parametrize("said", ["帮老人办低保", "给孩子上户口", "我妈的医保", "我爸退休了", "张店区办居住证", "公司叫停了咋办", "许可证到期"])
def test_ordinary_words_hold_no_name(said: str) -> None:
    assert keepable(said) == said


def test_a_caller_cannot_be_led_back_and_differs_by_installation() -> None:
    assert who("salt", "w1") == who("salt", "w1")
    assert len({who("salt", "w1"), who("salt", "w2"), who("other", "w1")}) == 3
    assert "w1" not in who("salt", "w1")


# --- vetting -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("said", "reason"), [
    ("你们这群王八蛋办证", "insults"), ("傻 逼 热线办护照", "insults"), ("他妈的咋办护照", "swearing"), ("护照TMD咋办", "swearing"),
    ("办护照加微信找我", "advertising"), ("护照看www.abc.cn", "link"), ("护照上https://a.b办", "link"), ("<script>办护照</script>", "code"),
    ("select * from 护照登记", "code"), ("how to get a passport", "foreign"), ("护护护护照", "mash"), ("阿斯顿发生的", "mash"), ("办护办护办护照", "mash"),
    ("护照", "short"), ("多少钱", "short"), ("第二个", "choice"), ("是的", "choice"), ("就要第一个吧", "choice"), ("都不是", "choice"),
    ("电话138********办护照", "masked"),
    ("老家宅基地翻盖新房邻居不签字村委盖章以后镇上说材料缺失让重新测量面积再公示七天然后报县里审批流程", "long"),
])
def test_what_no_editor_needs_to_read(said: str, reason: str) -> None:
    assert VETTING.unfit(said) == reason


@pytest.mark.parametrize("said", ["俺那驾照快到日子了", "垃圾分类点咋申请", "刷单被骗了咋报案", "神经病医院能报销不", "ETC咋注销", "举报乱发小广告", "假证举报", "办护照"])
def test_decent_words_pass(said: str) -> None:
    assert VETTING.unfit(said) is None


def test_none_of_the_products_own_names_is_taken_for_rude_or_suspicious() -> None:
    catalogue, _, _ = load_catalogue()
    found = {name.text: VETTING.unfit(name.text) for name in names_of(catalogue)}
    wrong = {text: reason for text, reason in found.items() if reason in ("insults", "swearing", "advertising", "link", "code", "mash", "choice")}
    assert len(wrong) <= len(found) / 2000, wrong  # 加微信交钱，是不是骗子 is a caller's question and sounds like an advertisement


def test_a_long_row_of_choosing_words_is_read_at_once() -> None:
    assert only_chooses("那个" * 5000)
    assert not only_chooses("那个" * 5000 + "证")


def test_one_who_names_many_records_for_the_same_words_is_not_heard() -> None:
    restless = [pick("塔灯参观咋弄", code, "troll") for code in ("lamp", "pole", "wire")]
    honest = [pick("塔灯参观咋弄呢", "lamp", "b"), pick("塔灯参观咋弄呢", "pole", "b")]
    assert VETTING.fit([*restless, *honest], ()) == honest


def test_words_that_are_a_name_already_are_dropped() -> None:
    assert VETTING.fit([pick("登记，路灯"), pick("路灯不亮了")], {plain("登记路灯")}) == [pick("路灯不亮了")]


# --- suggestions -------------------------------------------------------------------------------------------------------
def test_one_caller_who_repeats_counts_once() -> None:
    found = suggestions([*(pick("塔灯参观咋弄", minute=n) for n in range(9)), pick("塔灯参观咋弄", caller="b")])
    assert [(one.text, one.callers, one.examples) for one in found] == [("塔灯参观咋弄", 2, (("塔灯参观咋弄", 2),))]


def test_near_equal_words_are_one_suggestion_named_by_the_first() -> None:
    found = suggestions([pick("俺那驾照快到日子了", minute=5), pick("我那驾照快到日子了", caller="b"), pick("路灯不亮", caller="c")])
    assert [(one.text, one.callers) for one in found] == [("我那驾照快到日子了", 2), ("路灯不亮", 1)]
    assert found[0].examples == (("俺那驾照快到日子了", 1), ("我那驾照快到日子了", 1))


def test_contradictory_picks_show_their_rivals_and_shares() -> None:
    found = suggestions([pick("塔灯参观咋弄", "lamp", caller) for caller in "abc"] + [pick("塔灯参观咋弄啊", "pole", "d")])
    assert [(one.code, one.callers, one.share, one.rivals) for one in found] == [("lamp", 3, 0.75, (("pole", 1),)), ("pole", 1, 0.25, (("lamp", 3),))]


def test_an_id_stays_when_more_is_said() -> None:
    before = suggestions([pick("塔灯参观咋弄")])[0]
    after = suggestions([pick("塔灯参观咋弄"), *(pick("塔灯参观咋弄呢", caller=caller, minute=9) for caller in "bcd"), pick("路灯不亮", "pole")])
    assert (after[0].id, after[0].callers) == (before.id, 4)
    assert len({one.id for one in after}) == 2


def test_what_was_decided_never_comes_back_however_it_is_varied() -> None:
    picks = [pick("塔灯参观咋弄呢"), pick("塔灯参观咋弄呢", "pole")]
    assert [one.code for one in suggestions(picks, [("lamp", "塔灯参观咋弄")])] == ["pole"]


# --- gaps --------------------------------------------------------------------------------------------------------------
def test_misses_are_grouped_by_what_they_are_about() -> None:
    misses = [Miss(text, AT + timedelta(minutes=n), caller) for n, (text, caller) in enumerate((
        ("去美国的签证怎么办", "a"), ("去美国的签证怎么办", "a"), ("美国签证咋办", "b"), ("请问美国签证要什么材料", "c"), ("养龙虾要啥证", "d")))]
    found = gaps(misses, lambda text: "签证延期" if "签证" in text else None)
    assert [(gap.callers, gap.nearest, len(gap.examples)) for gap in found] == [(3, "签证延期", 3), (1, None, 1)]


def test_the_report_is_a_table_that_no_caller_can_break() -> None:
    written = report(gaps([Miss("养龙虾|要啥<b>证", AT, "a")], lambda text: None), date(2026, 11, 5), 180)
    assert "| 1 | 养龙虾\\|要啥&lt;b>证 |  | 没有 |" in written
    assert "共0类" in report([], date(2026, 11, 5), 180)


def test_grouping_is_one_pass_with_the_first_as_leader() -> None:
    assert grouped(["abcdefgh", "abcdefgx", "zzzz", "abcdefgh"], 85) == {"abcdefgh": "abcdefgh", "abcdefgx": "abcdefgh", "zzzz": "zzzz"}


# --- learned names -----------------------------------------------------------------------------------------------------
LAMP = Item("lamp", "路灯登记", "试验", "公共服务", "登记", ("个人",), "城管", ("登记路灯",), (), date(2026, 11, 1))


def test_learned_names_are_names_like_others_and_silent_without_their_record() -> None:
    learned = [Learned("lamp", "塔灯参观咋弄", "wang", AT, 3), Learned("gone", "别的啥", "wang", AT, 3), Learned("lamp", "登记路灯", "wang", AT, 3)]
    names = [(name.code, name.text, name.kind, name.official) for name in names_of(CatalogueData({"lamp": LAMP}, {}, {}), learned)]
    assert names == [("lamp", text, "item", "路灯登记") for text in ("路灯登记", "登记路灯", "塔灯参观咋弄")]
