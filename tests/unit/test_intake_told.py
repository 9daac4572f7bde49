"""Whole tellings of a ticket, over the real extraction: nothing told is lost, and each thing lands in its own field."""

from __future__ import annotations

from functools import lru_cache

import pytest

from core.bootstrap import load_regions
from tickets.draft import Draft
from tickets.intake import absorb, next_question, start, summary
from tickets.model import TicketType
from zh.extract import Extractor
from zh.normalise import normalise

REGIONS = load_regions(home="370100")


@lru_cache(maxsize=1)
def extractor() -> Extractor:
    return Extractor(REGIONS.names(), (), REGIONS.other_words())


def region_in(text: str, within: str | None) -> str | None:
    found = REGIONS.find(text, within=within)
    return found.code if found and found.level != "province" else None


def told(kind: str, first: str, *answers: str, phone: str | None = None) -> Draft:
    """Tell the matter, then answer whatever is asked, message by message."""
    text = normalise(first)
    draft = start(TicketType(kind), text, extractor().extract(text), phone=phone, region=region_in(text, None))
    for answer in map(normalise, answers):
        question = next_question(draft)
        assert question is not None, f"no question is left for {answer}"
        draft = absorb(draft, question, answer, extractor().extract(answer), region_in(answer, draft.region))
    return draft


RUBBISH = ("我要投诉小区垃圾没人清", "济南市历下区和平路35号", "物业", "昨天开始", "13812345678")


@pytest.mark.parametrize("said", ["不知道", "那匿名会保密吗", "还有物业态度也差", "13900001111", "地点是和平路53号", "不对"])
def test_only_a_yes_files_the_ticket(said: str) -> None:
    draft = told("投诉", *RUBBISH, said)
    assert draft.confirmed is not True
    assert next_question(draft) == "confirm"


def test_a_corrected_place_keeps_its_city_and_district() -> None:
    draft = told("投诉", *RUBBISH, "不对", "地点是和平路53号")
    assert (draft.where, draft.region, draft.confirmed) == ("济南市历下区和平路53号", "370102", None)
    draft = told("求助", "路灯不亮了", "青岛市市南区香港中路十号", "地址是香港中路二十号", phone="13812345678")
    assert (draft.where, draft.region) == ("青岛市市南区香港中路二十号", "370202")


def test_a_correction_that_names_a_district_moves_the_region() -> None:
    draft = told("投诉", *RUBBISH, "地点是烟台市芝罘区南大街6号")
    assert (draft.where, draft.region) == ("烟台市芝罘区南大街6号", "370602")


def test_a_city_said_later_takes_no_district_back() -> None:
    assert told("求助", "停水了", "济南市历下区和平路35号", "我在济南").region == "370102"


@pytest.mark.parametrize(("answers", "phone"), [
    (("天桥区堤口路1号", "不知道", "13755556666"), "13755556666"), (("天桥区堤口路1号", "1381234567", "13812345678"), "13812345678"),
    (("天桥区堤口路1号", "1381234567", "1381234567"), None), (("13812345678",), "13812345678"), (("天桥区堤口路1号", "88881234"), "88881234"),
], ids=["at the read-back", "after a digit too few", "a digit too few twice", "at the place", "a local number"])
def test_a_number_told_anywhere_is_the_callers(answers: tuple[str, ...], phone: str | None) -> None:
    assert told("求助", "停水了", *answers).phone == phone


def test_another_number_than_that_of_the_line_is_taken() -> None:
    draft = told("投诉", "我要投诉公交车不停", "青岛市市北区台东", "司机", "今天早上", "不要用这个号码用13900001111", phone="13812345678")
    assert (draft.phone, draft.known_caller, draft.course) == ("13900001111", False, "我要投诉公交车不停")


def test_the_number_of_another_is_evidence_and_stays() -> None:
    draft = told("投诉", "我要投诉诈骗", "骗子的电话是13912345678")
    assert draft.phone is None
    assert "13912345678" in draft.text


def test_what_a_reporter_tells_instead_of_choosing_is_kept() -> None:
    draft = told("举报", "我要举报", "化工厂往河里排污水", "滨州市邹平市韩店镇", "叫鲁北化工", "每天晚上")
    assert (draft.course or "").startswith("化工厂往河里排污水")
    assert (draft.where, draft.who, draft.when, draft.region) == ("滨州市邹平市韩店镇", "鲁北化工", "每天晚上", "371681")


def test_a_number_of_a_house_is_corrected_alone() -> None:
    draft = told("举报", "我要举报楼下烧烤店半夜冒烟扰民", "历下区文化东路16号 老张烧烤 每天晚上11点到凌晨2点", "不对 是18号", "姓李 13900001111")
    assert (draft.where, draft.name, draft.phone, draft.who) == ("历下区文化东路18号", "姓李", "13900001111", "烧烤店")
    assert "老张烧烤每天晚上11点到凌晨2点" in draft.text
    assert "13900001111" not in draft.text


@pytest.mark.parametrize("wish", ["继续投诉", "登记工单", "我想反映个事", "我要投诉", "我想投诉"])
def test_a_bare_wish_is_no_matter_and_no_place(wish: str) -> None:
    assert told("投诉", wish).course is None
    draft = told("投诉", "路灯坏了", wish)
    assert (draft.where, draft.course) == (None, "路灯坏了")


def test_a_matter_told_at_the_place_becomes_the_matter() -> None:
    draft = told("投诉", "我要投诉", "继续投诉", "小区停水三天了 天桥区堤口路花园小区", "从星期一开始的", "不知道", "13612345678 姓孙")
    assert (draft.course or "").startswith("小区停水三天了天桥区堤口路花园小区")
    assert (draft.where, draft.who, draft.name, draft.phone) == ("天桥区堤口路花园小区", None, "姓孙", "13612345678")
    assert "从星期一开始" in draft.text


@pytest.mark.parametrize(("answer", "field", "value"), [
    ("上星期天", "when", "上星期天"), ("昨天中午", "when", "昨天中午"), ("13812345678", "phone", "13812345678"), ("没有名字 就是楼上", "who", None),
])
def test_an_answer_of_another_kind_fills_its_own_field(answer: str, field: str, value: str | None) -> None:
    draft = told("投诉", "路灯坏了", "历下区解放路1号", answer)
    assert (draft.who, getattr(draft, field)) == (None, value)
    assert "who" in draft.asked


@pytest.mark.parametrize(("answer", "when", "who", "phone"), [
    ("13812345678", None, "李经理", "13812345678"), ("李家诊所", None, "李经理", None), ("物业", None, "李经理", None), ("前天晚上", "前天晚上", "李经理", None),
])
def test_only_a_time_answers_when(answer: str, when: str | None, who: str, phone: str | None) -> None:
    draft = told("投诉", "路灯坏了", "历下区解放路1号", "李经理", answer)
    assert (draft.when, draft.who, draft.phone) == (when, who, phone)


def test_time_and_matter_are_no_part_of_the_place() -> None:
    draft = told("投诉", "我租的房子房东不退押金", "市中区经七路88号 房东不退我3000押金 上个月15号搬走的")
    assert (draft.where, draft.when) == ("市中区经七路88号", "上个月15号")
    assert told("投诉", *RUBBISH[:2]).where == "济南市历下区和平路35号"
    assert told("求助", "楼上漏水", "解放路12号").where == "解放路12号"


def test_what_is_told_later_is_read_back() -> None:
    draft = told("求助", "我在济南打工没拿到工资老板欠我三个月了咋办", "我想投诉", "老板叫刘大伟 在历城区工业北路金地工地 从8月到10月 一共两万四没给",
                 "我姓王 电话13812345678")
    assert (draft.type, draft.who, draft.name, draft.phone, draft.region) == (TicketType.COMPLAINT, "刘大伟", "姓王", "13812345678", "370112")
    assert "一共两万四没给" in summary(draft)["内容"]
    assert draft.where == "历城区工业北路金地工地"
    assert "还有物业态度也差" in summary(told("投诉", *RUBBISH, "还有物业态度也差"))["内容"]


@pytest.mark.parametrize("kind", ["求助", "投诉", "建议"])
def test_the_callers_name_and_number_stay_out_of_the_text(kind: str) -> None:
    draft = told(kind, "路灯坏了 槐荫区张庄路12号 昨天晚上开始 我叫王强 电话13812345678")
    assert (draft.name, draft.phone) == ("王强", "13812345678")
    assert draft.text == draft.course == "路灯坏了槐荫区张庄路12号昨天晚上开始"


def test_a_suggestion_is_asked_its_place_and_praise_keeps_it() -> None:
    assert next_question(told("建议", "我建议在小区门口加个红绿灯")) == "where"
    draft = told("建议", "我建议在小区门口加个红绿灯", "烟台芝罘区幸福小区门口")
    assert (draft.where, draft.region) == ("烟台芝罘区幸福小区门口", "370602")
    praise = told("表扬", "谢谢王主任帮我办事", "济南市市中区舜玉路社区", "前天")
    assert (praise.where, praise.when, praise.region) == ("济南市市中区舜玉路社区", "前天", "370103")


@pytest.mark.parametrize("who", ["学校", "物业", "房东", "村里", "邻居", "老板", "他们"])
@pytest.mark.parametrize("words", ["但是别让{}知道我是谁", "不想让{}知道", "别告诉{}"])
def test_whoever_is_not_to_know_the_ticket_is_confidential(who: str, words: str) -> None:
    draft = told("投诉", "老师打孩子我要投诉", "任城区实验小学", "不知道", "昨天", "13812345678 " + words.format(who))
    assert (draft.confidential, draft.phone, draft.who) == (True, "13812345678", "老师")


def test_a_reporter_who_wants_confidence_is_asked_for_the_number_once() -> None:
    draft = told("举报", "我要举报我们村支书贪污低保款", "保密")
    assert next_question(draft) == "contact"
    asked = told("举报", "我要举报我们村支书贪污低保款", "保密", "13812345678")
    assert (asked.phone, asked.confidential, next_question(asked)) == ("13812345678", True, "where")
    assert next_question(told("举报", "我要举报我们村支书贪污低保款", "保密", "不留")) == "where"


def test_without_a_matter_a_yes_files_nothing() -> None:
    assert told("投诉", "我要投诉", "不想说", "济南", "不知道", "不知道", "对").confirmed is None


def test_only_a_name_is_whom_it_is_about() -> None:
    assert told("投诉", "我要投诉小区垃圾没人清").who is None
    assert told("投诉", "漏水物业不管").who == "物业"
    assert told("举报", "我要举报楼下烧烤店半夜冒烟扰民").who == "烧烤店"
