"""How written Chinese is said."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.phone.pages import LIMIT
from api.phone.speakable import PAGE_WORD, slowly, speakable, without_addresses
from api.phrases import Phrases
from core.settings import ROOT


@pytest.mark.parametrize(("written", "said"), [
    ("请打12345", "请打幺二三四五"), ("转119", "转幺幺九"), ("公积金打12329", "公积金打幺二三二九"),
    ("手机13812345678", "手机幺三八，幺二三四，五六七八"), ("138-1234-5678", "幺三八，幺二三四，五六七八"),
    ("电话0531-88886666", "电话零五三幺，八八八八，六六六六"), ("010-88886666", "零幺零，八八八八，六六六六"),
    ("编号2026112012345678", "编号二零二六，幺幺二零，幺二三四，五六七八"), ("查询码00123456", "查询码零零幺二，三四五六"),
    ("身份证37010219900101123X", "身份证三七零幺，零二幺九，九零零幺，零幺幺二，三叉")])
def test_numbers_that_are_dialled_or_noted_down_are_said_digit_by_digit(written: str, said: str) -> None:
    assert speakable(written) == said


@pytest.mark.parametrize(("written", "said"), [
    ("2026-11-20之前", "二零二六年十一月二十日之前"), ("2026年11月20日", "二零二六年十一月二十日"), ("2026年1月", "二零二六年一月"), ("2026年", "二零二六年"),
    ("9:00-11:30", "九点到十一点三十分"), ("13：05", "十三点零五分"), ("11月2日", "十一月二日")])
def test_days_and_hours_are_said_as_such(written: str, said: str) -> None:
    assert speakable(written) == said


@pytest.mark.parametrize(("written", "said"), [
    ("120元", "一百二十元"), ("40.50元", "四十元五角"), ("10.05元", "十元零五分"), ("¥1,200", "一千二百元"), ("1.5万元", "一点五万元"),
    ("20个工作日", "二十个工作日"), ("2个月", "两个月"), ("110天", "一百一十天"), ("3-5张", "三到五张"), ("15%", "百分之十五"), ("80㎡", "八十平方米")])
def test_amounts_are_said_as_numbers(written: str, said: str) -> None:
    assert speakable(written) == said


def test_a_key_to_press_keeps_its_digit_and_the_signs_get_their_names() -> None:
    assert speakable("按0找人工，按1继续，按*返回，按#结束") == "按0找人工，按1继续，按星号键返回，按井号键结束"


def test_lines_are_pauses() -> None:
    assert speakable("先离开\n再报警。\n别拿东西") == "先离开，再报警。别拿东西"


@given(st.text(alphabet="0123456789年月日号元角个天-.,:：%¥*#XxaＡ０１按拨第万亿+ \n，。、", max_size=60))
def test_whatever_is_written_only_keys_are_left_as_digits_and_saying_it_again_changes_nothing(text: str) -> None:
    said = speakable(text)
    assert not re.search(r"\d\d", said)
    assert not re.search(r"(?<![按拨])\d", said)
    assert speakable(said) == said


@pytest.mark.parametrize(("text", "left", "addresses"), [
    ("请登录https://zwfw.sd.gov.cn/a?b=1办理。", f"请登录{PAGE_WORD}办理。", ("https://zwfw.sd.gov.cn/a?b=1",)),
    ("网址：www.example.com，或者example.org/x。", f"{PAGE_WORD}，或者{PAGE_WORD}。", ("www.example.com", "example.org/x")),
    ("邮箱a.b@example.cn。", f"邮箱{PAGE_WORD}。", ("a.b@example.cn",)), ("没有网址。", "没有网址。", ()), ("1.5万元", "1.5万元", ())])
def test_no_address_is_left_to_be_read_out(text: str, left: str, addresses: tuple[str, ...]) -> None:
    assert without_addresses(text) == (left, addresses)


def test_the_words_for_danger_fit_into_one_prompt() -> None:
    phrases = Phrases.load(ROOT / "bot" / "domain")
    for name in phrases.variants:
        if name.startswith("utter_emergency") or name == "utter_crisis":
            assert len(speakable(phrases.render(name, "ivr"))) <= LIMIT, name


def test_slowly_every_clause_ends_with_a_stop() -> None:
    assert slowly("不着急，您慢慢说。要办什么事？可以：按0") == "不着急。您慢慢说。要办什么事？可以。按0"
