"""A national row and the document of an item, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.document import Document
from knowledge.importers.cells import flatten, listed
from knowledge.importers.errors import RowRefused
from knowledge.importers.fields import FIELDS, KEPT
from knowledge.importers.national import code_of, merge, read_row, write_row

ROW: dict[str, Any] = {"标识": "lamp", "事项名称": "登记路灯", "事项类型": "公共服务", "实施主体": "试验局"}
DAY = "2026-11-20"


def made(before: Document | None = None, **cells: Any) -> Document:
    return merge(read_row(ROW | cells), before, DAY)


def refusal(**cells: Any) -> str:
    with pytest.raises(RowRefused) as caught:
        made(**cells)
    return str(caught.value)


@pytest.mark.parametrize(("cells", "code"), [
    ({"标识": "lamp", "业务办理项编码": "X1"}, "lamp"),
    ({"标识": "", "业务办理项编码": " 11 37AB ", "实施编码": "Z"}, "1137ab"),
    ({"实施编码": "Z-9", "基本编码": "3"}, "z-9"),
    ({"基本编码": "000118024000"}, "000118024000"),
], ids=["own", "business item", "implementation", "basic"])
def test_the_code_is_the_first_that_is_told(cells: dict[str, Any], code: str) -> None:
    assert code_of(cells) == code


@pytest.mark.parametrize("cells", [{}, {"标识": "", "基本编码": ""}, {"标识": "路灯"}, {"标识": "a" * 121}, {"标识": "../x"}, {"基本编码": ["a"]}])
def test_a_row_without_a_usable_code_is_refused(cells: dict[str, Any]) -> None:
    with pytest.raises(RowRefused, match="编码|标识"):
        code_of(cells)


def test_a_new_item_has_what_a_list_does_not_say() -> None:
    assert made() == {"code": "lamp", "name": "登记路灯", "kind": "公共服务", "department": "试验局", "topic": "试验局", "subject": ["个人", "企业"],
                      "as_of": DAY}


@pytest.mark.parametrize(("header", "cell", "key", "value"), [
    ("服务对象", "自然人", "subject", ["个人"]),
    ("服务对象", "企业法人,事业法人", "subject", ["企业"]),
    ("服务对象", ["自然人", "其他组织"], "subject", ["个人", "企业"]),
    ("法定办结时限", "30(工作日)", "limit", {"legal": {"value": 30, "unit": "工作日"}}),
    ("法定办结时限", "1（自然日）", "limit", {"legal": {"value": 1, "unit": "自然日"}}),
    ("承诺办结时限", "2个月", "limit", {"promised": {"value": 2, "unit": "个月"}}),
    ("承诺办结时限", "即办", "limit", {"promised": {"value": 0, "unit": "工作日"}}),
    ("是否收费", "否", "fee", {"charged": False}),
    ("到办事现场次数", "0", "visits", 0),
    ("到办事现场次数", "1次", "visits", 1),
    ("是否网办", "1", "online", {"available": True}),
    ("通办范围", "全省", "reach", "全省通办"),
    ("设定依据", "《甲法》第一条\n《乙法》", "basis", ["《甲法》第一条", "《乙法》"]),
    ("办理流程", ["申请", "领取"], "process", ["申请", "领取"]),
    ("材料", "身份证\n申请表", "materials", [{"name": "身份证"}, {"name": "申请表"}]),
    ("材料名称", "身份证", "materials", [{"name": "身份证"}]),
    ("材料", [{"材料名称": "身份证", "材料形式": "原件", "纸质材料份数": "2", "材料必要性": "非必要", "填报须知": "能核实的不用带"}], "materials",
     [{"name": "身份证", "form": "原件", "copies": 2, "required": False, "note": "能核实的不用带"}]),
    ("问答", '[{"问题": "要钱吗", "答案": "不要"}]', "questions", [{"ask": "要钱吗", "answer": "不要"}]),
    ("计划生效日期", "2026年3月1日", "valid_from", "2026-03-01"),
    ("计划取消日期", "20271231", "valid_to", "2027-12-31"),
    ("核对日期", "2026/1/5", "as_of", "2026-01-05"),
    ("主题", "市政", "topic", "市政"),
    ("主题分类", "城建", "topic", "城建"),
    ("地区差异", [{"区划代码": "370100", "办理地点": "三楼", "法定办结时限": "5(工作日)"}], "variants",
     [{"region": "370100", "location": "三楼", "limit": {"legal": {"value": 5, "unit": "工作日"}}}]),
])
def test_a_cell_becomes_its_place_in_the_document(header: str, cell: Any, key: str, value: Any) -> None:
    assert made(**{header: cell})[key] == value


@pytest.mark.parametrize(("cells", "told"), [
    ({"事项类型": "行政处罚"}, "事项类型：“行政处罚”不认识"),
    ({"事项名称": ""}, "没有事项名称"),
    ({"实施主体": ""}, "没有实施主体"),
    ({"服务对象": "神仙"}, "服务对象：“神仙”不认识"),
    ({"法定办结时限": "30"}, "法定办结时限没有写单位"),
    ({"法定办结时限": "很快"}, "法定办结时限：“很快”不是整数"),
    ({"法定办结时限": "3", "法定办结时限单位": "年"}, "法定办结时限单位：“年”不认识"),
    ({"是否收费": "看情况"}, "是否收费：“看情况”不认识"),
    ({"到办事现场次数": "-1"}, "不是整数"),
    ({"到办事现场次数": "9" * 30}, "不是整数"),
    ({"核对日期": "2026-02-30"}, "不是日期"),
    ({"材料": [{"材料形式": "原件"}]}, "有一项没有写材料名称"),
    ({"材料": [{"材料名称": "表", "颜色": "白"}]}, "不认识“颜色”"),
    ({"材料": [{"材料名称": "表", "纸质材料份数": "几"}]}, "纸质材料份数：“几”不是整数"),
    ({"材料": "看网站 https://lamps.example"}, "材料里有网址"),
    ({"事项名称": "见 www.lamps.example"}, "事项名称里有网址"),
    ({"受理条件": ["甲"]}, "应当是一段文字"),
    ({"材料": "[" * 5_000}, "嵌套太深"),
    ({"材料": '[{"材料名称": "表", "纸质材料份数": ' + "9" * 5_000 + "}]"}, "不是整数"),
    ({"材料": '[{"材料名称": NaN}]'}, "不是数的数"),
    ({"地区差异": [{"办理地点": "三楼"}]}, "六位的区划代码"),
    ({"地区差异": [{"区划代码": "370100", "事项名称": "别名"}]}, "不能按地区写"),
    ({"地区差异": [{"区划代码": "370100", "咨询方式": "www.lamps.example"}]}, "咨询方式里有网址"),
])
def test_a_cell_that_cannot_be_understood_refuses_the_row(cells: dict[str, Any], told: str) -> None:
    assert told in refusal(**cells)


BEFORE: Document = {"code": "lamp", "name": "登记路灯", "topic": "市政", "kind": "公共服务", "action": "登记", "subject": ["个人"], "department": "试验局",
                    "aliases": ["路灯咋登记"], "as_of": "2026-01-01", "location": "一楼", "phone": "12319", "fee": {"charged": True, "amount": "五元"},
                    "limit": {"legal": {"value": 20, "unit": "工作日", "note": "自受理之日起"}, "promised": {"value": 3, "unit": "工作日"}},
                    "materials": [{"name": "旧表"}], "national": {"行使层级": "市级", "受理标准：旧表": "盖章"}}


def test_what_a_list_has_no_column_for_stays() -> None:
    assert made(BEFORE) == BEFORE


def test_an_empty_cell_clears_and_a_filled_one_replaces() -> None:
    after = made(BEFORE, 办理地点="二楼", 咨询方式="", 行使层级="", 法定办结时限="", 是否收费="")
    assert after["location"] == "二楼"
    assert "phone" not in after and "fee" not in after
    assert after["limit"] == {"promised": {"value": 3, "unit": "工作日"}}
    assert after["national"] == {"受理标准：旧表": "盖章"}


def test_a_part_of_a_limit_can_change_alone() -> None:
    assert made(BEFORE, 法定办结时限="10(自然日)")["limit"]["legal"] == {"value": 10, "unit": "自然日", "note": "自受理之日起"}


def test_a_day_an_editor_did_not_give_stays_when_its_cell_is_empty() -> None:
    assert made(BEFORE, 核对日期="", 主题="", 服务对象="") == BEFORE


def test_the_store_s_own_document_is_not_touched() -> None:
    before = {**BEFORE, "limit": {"legal": dict(BEFORE["limit"]["legal"])}, "national": dict(BEFORE["national"])}
    made(before, 法定办结时限="1(小时)", 行使层级="县级", 材料="新表")
    assert before["limit"] == {"legal": {"value": 20, "unit": "工作日", "note": "自受理之日起"}}
    assert before["national"] == BEFORE["national"]


def test_fields_without_a_place_in_the_model_are_kept_as_text() -> None:
    assert made(行使层级="市级", **{"其他：窗口编号": "7"})["national"] == {"行使层级": "市级", "窗口编号": "7"}


def test_what_is_kept_of_a_material_comes_back_with_it() -> None:
    document = made(材料=[{"材料名称": "表", "受理标准": "盖章"}])
    assert document["national"] == {"受理标准：表": "盖章"}
    assert write_row(document)["材料"] == [{"材料名称": "表", "受理标准": "盖章"}]
    assert "national" not in made(document, 材料="新表")


def test_an_address_is_kept_and_told_but_never_spoken() -> None:
    told = read_row(ROW | {"受理条件": "见 http://lamps.example"})
    document = merge(told, None, DAY)
    assert "conditions" not in document
    assert told.notes == ("受理条件里有网址，只保存，不念给来电人",)
    assert write_row(document)["受理条件"] == "见 http://lamps.example"
    assert made(document, 受理条件="有路灯") == made(受理条件="有路灯")


def test_a_part_whose_whole_is_unknown_is_kept_as_text() -> None:
    document = made(收费标准="每盏五元", 法定办结时限说明="随到随办")
    assert "fee" not in document and "limit" not in document
    assert document["national"] == {"收费标准": "每盏五元", "法定办结时限说明": "随到随办"}
    assert write_row(document)["收费标准"] == "每盏五元"


def test_the_list_s_own_words_come_back_while_they_mean_the_same() -> None:
    document = made(服务对象="企业法人,事业法人")
    assert write_row(document)["服务对象"] == "企业法人,事业法人"
    assert write_row(document | {"subject": ["个人"]})["服务对象"] == "自然人"


def test_every_field_stands_for_one_place() -> None:
    assert len({field.path for field in FIELDS}) == len(FIELDS)
    assert not {field.header for field in FIELDS} & set(KEPT)


@pytest.mark.parametrize("entries", [["甲"], ["甲", "乙\n丙"], ["[甲]"], ['["甲"]'], ["[1, 2", "乙"], [" 外有空格"], ["a\u2028b"]])
def test_a_list_in_one_cell_is_taken_apart_again(entries: list[str]) -> None:
    assert listed(flatten(entries)) == [entry.strip() for entry in entries]
