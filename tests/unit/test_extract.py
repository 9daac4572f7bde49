"""Extraction: realistic sentences with every span they must give, in order, and nothing else."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bootstrap import load_regions
from tests.support.growth import growth
from zh.extract import Extractor, Span
from zh.extract_rules import is_id_number
from zh.normalise import normalise

NOW = datetime(2026, 11, 22, 10, 0)  # a Sunday
REGIONS = load_regions()
EXTRACTOR = Extractor(REGIONS.names(), ["万科物业", "龙湖智创"], REGIONS.other_words())


def shown(text: str, now: datetime | None = NOW) -> list[str]:
    """Each span as label:text, or label:text=value."""
    spans = EXTRACTOR.extract(normalise(text), now)
    return [f"{s.label}:{s.text}" + (f"={s.value}" if s.value else "") for s in spans]


PLACES = {
    "我在历下区解放路12号": ["place:历下区解放路12号"],
    "小区门口有人摆摊": ["place:小区门口"],
    "经十路和舜耕路路口红绿灯坏了": ["place:经十路和舜耕路路口"],
    "北园大街和历山路交叉口堵得厉害": ["place:北园大街和历山路交叉口"],
    "和平路与解放东路交叉口没有红绿灯": ["place:和平路与解放东路交叉口"],
    "俺村东头有个大坑": ["place:俺村东头"],
    "XX大酒店门口停满了车": ["place:XX大酒店门口"],
    "3号楼楼下有人烧烤": ["place:3号楼楼下"],
    "济南市历下区解放路12号楼漏水": ["place:济南市历下区解放路12号楼"],
    "济南市中区经七路": ["place:济南市中区经七路"],
    "青岛市市南区香港中路有人打架": ["place:青岛市市南区香港中路"],
    "家里在李家庄村村口": ["place:李家庄村村口"],
    "我在恒大山水城3号楼住": ["place:恒大山水城3号楼"],
    "向阳花园小区5号楼东户漏水": ["place:向阳花园小区5号楼东户"],
    "东平县银山镇李村的路坏了": ["place:东平县银山镇李村"],
    "工业南路57号院3号楼西户": ["place:工业南路57号院3号楼西户"],
    "高新区舜华路2000号": ["place:高新区舜华路2000号"],
    "大众广场公交站附近没有路灯": ["place:大众广场公交站附近"],
    "二环东路高架桥下堆满垃圾": ["place:二环东路高架桥下"],
    "我在马路上捡了个钱包": ["place:马路上"],
    "有人在经十路上飙车": ["place:经十路"],
    "济南西站怎么走": ["place:济南西站"],
    "花园路12号": ["place:花园路12号"],
    "泰山路88号门口": ["place:泰山路88号门口"],
    "章丘区绣惠街道怎么走": ["place:章丘区绣惠街道"],
    "解放路小学门口天天堵车": ["place:解放路小学门口", "time:天天"],
    "单元门口电动车着火了": ["place:单元门口"],
    "老百姓大药房门口有人晕倒": ["place:老百姓大药房门口"],
    "我想反映一下翡翠城小区的供暖": ["place:翡翠城小区"],
    "俺们村里没水": ["place:俺们村里"],
    "五一路上有个井盖没了": ["place:五一路"],
}
TIMES = {
    "昨天晚上就没水了": ["time:昨天晚上=2026-11-21"],
    "上个月15号交的钱": ["time:上个月15号=2026-10-15"],
    "8月3号下午3点去的": ["time:8月3号下午3点=2026-08-03"],
    "12月10号能办吗": ["time:12月10号=2026-12-10"],
    "1月5号就报了": ["time:1月5号=2026-01-05"],
    "从去年冬天开始暖气不热": ["time:从去年冬天开始"],
    "一个月了没人管": ["time:一个月了"],
    "每天半夜施工": ["time:每天半夜"],
    "刚才有人打架": ["time:刚才=2026-11-22"],
    "晚上10点到早上6点一直响": ["time:晚上10点到早上6点"],
    "三天前报的修": ["time:三天前=2026-11-19"],
    "上周三去过": ["time:上周三=2026-11-11"],
    "下周一上班吗": ["time:下周一=2026-11-23"],
    "2026年8月3日申请的": ["time:2026年8月3日=2026-08-03"],
    "二零二五年三月二号办的": ["time:二零二五年三月二号=2025-03-02"],
    "去年12月1号": ["time:去年12月1号=2025-12-01"],
    "2月30号": ["time:2月30号"],
    "每月10号发工资": ["time:每月10号"],
    "每周一次": ["time:每周"],
    "五一放假吗": ["time:五一"],
    "从8月3号到8月10号没有水": ["time:8月3号到8月10号=2026-08-03"],
    "从昨天就停电": ["time:昨天=2026-11-21"],
}
PEOPLE = {
    "张经理不理我": ["person:张经理=张"],
    "我叫王建国": ["person:王建国=王建国"],
    "我叫王伟电话13805311234": ["person:王伟=王伟", "phone:13805311234=13805311234"],
    "我姓李": ["person:姓李=李"],
    "我叫欧阳修文": ["person:欧阳修文=欧阳修文"],
    "王书记和李主任都不管": ["person:王书记=王", "person:李主任=李"],
    "找高老师": ["person:高老师=高"],
    "我们小区物业不管": ["org:小区物业"],
    "阳光花园小区物业公司不给办": ["org:阳光花园小区物业公司"],
    "是万科物业让收的": ["org:万科物业"],
    "龙湖智创收了钱": ["org:龙湖智创"],
    "某某驾校不退学费": ["org:某某驾校"],
    "我去村委会他们不管": ["org:村委会"],
    "派出所不给开证明": ["org:派出所"],
    "我在老王饭店吃饭拉肚子": ["org:老王饭店"],
    "历下区人社局不给办": ["org:历下区人社局"],
    "临淄区齐都镇政府": ["org:临淄区齐都镇政府"],
    "举报泉城路小学乱收费": ["org:泉城路小学"],
    "济南市天桥区北园街道办事处": ["org:济南市天桥区北园街道办事处"],
    "我爸在山东恒泰建筑工程有限公司干活": ["org:山东恒泰建筑工程有限公司"],
}
NUMBERS = {
    "电话幺三八零五三一幺二三四一直没人接": ["phone:幺三八零五三一幺二三四=13805311234"],
    "幺三八,零五三一,幺二三四": ["phone:幺三八,零五三一,幺二三四=13805311234"],
    "座机0531-82781234": ["phone:0531-82781234=053182781234"],
    "400-820-8820打不通": ["phone:400-820-8820=4008208820"],
    "欠我三百二十块钱": ["money:三百二十块钱=320"],
    "一万二千元押金": ["money:一万二千元=12000"],
    "三块五一斤": ["money:三块五=3.5"],
    "1.5万元": ["money:1.5万元=15000"],
    "两千多块钱": ["money:两千多块钱"],
    "身份证11010519491231002X": ["id_number:11010519491231002X=11010519491231002X"],
}
LONG = {
    "俺是沂水县诸葛镇的,俺们村东头那个砖厂天天冒黑烟,从今年三月份开始到现在半年多了": [
        "place:沂水县诸葛镇", "place:俺们村东头", "org:砖厂", "time:天天", "time:从今年三月份开始到现在", "time:半年多了",
    ],
    "我昨天下午三点在槐荫区政务服务中心办社保,窗口的刘女士说材料不全": [
        "time:昨天下午三点=2026-11-21", "place:槐荫区政务服务中心", "person:刘女士=刘",
    ],
    "我要投诉历城区的一个驾校,叫平安驾校,交了3800块钱一年多了没让我学车": [
        "place:历城区", "org:平安驾校", "money:3800块钱=3800", "time:一年多了",
    ],
    "前几天在泰安火车站打车被多收了20块钱": ["time:前几天", "place:泰安火车站", "money:20块钱=20"],
    "我叫王建国,住在章丘区绣惠街道,电话幺三八零五三一幺二三四": [
        "person:王建国=王建国", "place:章丘区绣惠街道", "phone:幺三八零五三一幺二三四=13805311234",
    ],
    "我老公叫李明,在青岛啤酒厂上班": ["person:李明=李明", "org:青岛啤酒厂"],
}  # fmt: skip
NOTHING = [
    "病历下载不了", "银行卡丢了", "大学生就业补贴", "有三点建议", "对方经理不在", "提高老师待遇", "路灯坏了", "一块地", "孩子上一年级", "年满16周岁",
    "回家路上被狗咬了", "农村医保", "城中村改造", "370102198001010012", "12345", "几百块", "您贵姓", "姓名", "",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [*PLACES.items(), *TIMES.items(), *PEOPLE.items(), *NUMBERS.items(), *LONG.items()])
def test_a_sentence_gives_these_spans_and_no_others(text: str, expected: list[str]) -> None:
    assert shown(text) == [normalise(span) for span in expected]


@pytest.mark.parametrize("text", NOTHING)
def test_words_that_only_look_like_something_give_nothing(text: str) -> None:
    assert shown(text) == []


def test_offsets_refer_to_the_text_given() -> None:
    assert EXTRACTOR.extract("我姓李住历下区", NOW) == (Span("person", "姓李", 1, 3, "李"), Span("place", "历下区", 4, 7, None))


def test_without_the_present_a_time_has_no_value() -> None:
    assert shown("昨天晚上", None) == ["time:昨天晚上"]


def test_days_of_the_coming_month_are_ahead_and_all_others_past() -> None:
    new_year = datetime(2027, 1, 2)
    assert shown("12月20号", new_year) == ["time:12月20号=2026-12-20"]
    assert shown("1月20号", new_year) == ["time:1月20号=2027-01-20"]


def test_without_words_that_hold_it_a_name_is_seen_everywhere() -> None:
    assert [s.text for s in Extractor(["历下"], []).extract("病历下载")] == ["历下"]


@pytest.mark.parametrize(
    ("number", "right"),
    [("11010519491231002X", True), ("11010519491231002x", True), ("110105194912310021", False), ("11010519491331002X", False), ("", False)],
)
def test_an_identity_number_has_a_birthday_and_a_check_digit(number: str, right: bool) -> None:
    assert is_id_number(number) is right


@given(st.text(max_size=120) | st.text(alphabet="我在历下区解放路12号楼小区门口和与的一月块元点年:-,X幺零昨天到从姓张经理公司 1", max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_ordered_spans_that_do_not_overlap(text: str) -> None:
    spans = EXTRACTOR.extract(text, NOW)
    for span in spans:
        assert span.text == text[span.start : span.end] != ""
    assert all(left.end <= right.start for left, right in zip(spans, spans[1:], strict=False))


RAMBLING = normalise(",".join([*LONG, *PLACES, *TIMES, *PEOPLE, *NUMBERS]) * 3)[:2000]
MONOTONE = [piece * (2000 // len(piece)) for piece in ("一", "1", "路", "每", "历下区", "小区门口", "到从昨天", "5个", "1-", "三百", "零,")]


@pytest.mark.parametrize("text", [RAMBLING, *MONOTONE], ids=lambda text: text[:4])
def test_the_work_grows_with_the_text_and_not_with_its_square(text: str) -> None:
    # Four times the text: a square would be sixteen times the work.
    assert growth(lambda words: EXTRACTOR.extract(words, NOW), text[:500], text[:2000]) < 10
