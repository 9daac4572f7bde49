"""Mappings from somebody else's table: what each key does, and what is wrong with one, with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from knowledge.importers.errors import MappingFaulty, RowRefused
from knowledge.importers.mapping import SHIPPED, FieldMapping, load_mapping
from knowledge.importers.national import read_row


def mapping(folder: Path, text: str) -> FieldMapping:
    path = folder / "m.yml"
    path.write_text(text, encoding="utf-8")
    return load_mapping(path)


@pytest.mark.parametrize(("rule", "cells", "cell"), [
    ("title", {"title": "甲"}, "甲"),
    ("a.b", {"a": {"b": "甲"}}, "甲"),
    ("a.b", {"a.b": "原样", "a": {"b": "甲"}}, "原样"),
    ("a.b", {"a": ""}, ""),
    ("{const: 是}", {}, "是"),
    ("{from: t, values: {1: 行政许可, '02': 公共服务, 空: ~}}", {"t": "1"}, "行政许可"),
    ("{from: t, values: {1: 行政许可, '02': 公共服务, 空: ~}}", {"t": "02"}, "公共服务"),
    ("{from: t, values: {1: 行政许可, '02': 公共服务, 空: ~}}", {"t": "空"}, ""),
    ("{from: t, values: {1: 行政许可}}", {"t": "别的"}, "别的"),
    ("{from: t, strip: 地点：}", {"t": "地点： 二楼"}, "二楼"),
    ("{from: t, strip: [地点：, 地址：]}", {"t": "地址：二楼"}, "二楼"),
    (r"{from: t, match: 'code=(\d+)'}", {"t": "x?code=3706&y=1"}, "3706"),
    (r"{from: t, match: '\d+'}", {"t": "共12页"}, "12"),
    (r"{from: t, match: '\d+'}", {"t": "没有"}, ""),
    (r"{from: t, match: '\d+', values: {12: 十二}}", {"t": "共12页"}, "十二"),
    ("{from: t, split: ；}", {"t": "甲； 乙；"}, ["甲", "乙"]),
    ("{from: t, join: 、}", {"t": ["甲", "乙"]}, "甲、乙"),
    ("{from: t, join: 、, values: {其他: ~}}", {"t": ["甲", "其他"]}, "甲"),
    ("{from: t, split: ；, join: 、}", {"t": "甲；乙"}, "甲、乙"),
], ids=["name", "dotted", "a name with a dot comes first", "nothing there", "const", "value", "value in quotes", "value to nothing", "value unknown",
        "strip", "strip several", "match a group", "match whole", "no match", "match then value", "split", "join", "value within a list", "split and join"])
def test_a_rule_makes_the_national_cell(tmp_path: Path, rule: str, cells: dict[str, Any], cell: Any) -> None:
    found = mapping(tmp_path, f"fields:\n  受理条件: {rule}\n")
    assert found.apply(cells) == {"受理条件": cell}


def test_a_source_that_a_row_does_not_have_supplies_nothing(tmp_path: Path) -> None:
    found = mapping(tmp_path, "fields:\n  受理条件: a\n  办理地点: b.c\n  咨询方式: d\n")
    assert found.apply({"d": "12345", "b": {"x": "1"}}) == {"咨询方式": "12345"}


def test_a_mapping_names_the_columns_that_are_missing_and_those_it_does_not_read(tmp_path: Path) -> None:
    found = mapping(tmp_path, "fields:\n  受理条件: a\n  办理地点: b.c\n  咨询方式: b.c\n  是否网办: {const: 是}\n")
    assert found.missing(["a", "d"]) == ("b.c",)
    assert found.unused(["a", "b", "d"]) == ("d",)


def test_a_list_of_mappings_cannot_be_joined(tmp_path: Path) -> None:
    found = mapping(tmp_path, "fields:\n  受理条件: {from: a, join: 、}\n")
    with pytest.raises(RowRefused, match="不能用 join"):
        found.apply({"a": [{"b": "c"}]})


@pytest.mark.parametrize(("text", "told"), [
    ("fields:\n  事项名字: name\n", "m.yml，事项名字：不是国家目录的字段"),
    ("fields:\n  事项名称: {form: name}\n", "m.yml 第 2 行，事项名称：不认识 form"),
    ("fields:\n  事项名称: {}\n", "from 和 const 要写一个"),
    ("fields:\n  事项名称: {from: a, const: b}\n", "from 和 const 要写一个"),
    ("fields:\n  事项名称: {const: b, split: 、}\n", "就不能再写别的"),
    ("fields:\n  事项名称: 12\n", "应当写来源字段的名字"),
    ("fields:\n  事项名称: no\n", "yes、no、on、off 这样的词要加引号"),
    ("fields:\n  事项名称: {from: [a]}\n", "from 应当是文字"),
    ("fields:\n  事项名称: {from: a, split: ''}\n", "split 应当是文字"),
    ("fields:\n  事项名称: {from: a, strip: [1]}\n", "strip 应当是文字"),
    ("fields:\n  事项名称: {from: a, match: '('}\n", "不是有效的正则表达式"),
    ("fields:\n  事项名称: {from: a, values: [b]}\n", "values 应当是"),
    ("fields:\n  事项名称: {from: a, values: {b: [c]}}\n", "values 应当是"),
    ("fields:\n  事项名称: {from: a, values: {b: yes}}\n", "values 应当是"),
    ("fields: [事项名称]\n", "最上面只能有 fields"),
    ("field:\n  事项名称: a\n", "不认识 field"),
    ("fields: {}\n", "最上面只能有 fields"),
    ("", "最上面只能有 fields"),
    ("fields:\n  事项名称: a\n  事项名称: b\n", "第 3 行不是有效的 YAML"),
    ("fields: [\n", "不是有效的 YAML"),
], ids=["field", "key", "nothing", "both", "const and more", "number", "no", "from a list", "empty split", "strip", "expression", "values a list", "value a list",
        "value yes", "fields a list", "top key", "no fields", "empty", "twice", "no YAML"])
def test_a_faulty_mapping_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(MappingFaulty) as caught:
        mapping(tmp_path, text)
    assert told in str(caught.value)


def test_every_fault_of_a_mapping_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(MappingFaulty) as caught:
        mapping(tmp_path, "fields:\n  甲: a\n  乙: {from: b}\n  事项名称: {fron: c}\n")
    assert [line.split("：")[0] for line in str(caught.value).splitlines()] == [
        "m.yml，甲", "m.yml 第 3 行，乙", "m.yml 第 4 行，事项名称", "m.yml 第 4 行，事项名称"]


def test_a_mapping_that_is_not_there_names_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(MappingFaulty, match="自带的有：guangan、guangdong"):
        load_mapping(tmp_path / "none.yml")


def test_a_mapping_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_bytes("fields:\n  事项名称: 名称\n".encode("gb18030"))
    with pytest.raises(MappingFaulty, match="不是有效的 YAML"):
        load_mapping(tmp_path / "m.yml")


PROVINCIAL = {"task_code": "11370000AB1", "name": "登记路灯", "matter_name": "登记路灯", "parent": "路灯", "department": "试验厅", "type": "公共服务",
              "area": "某省", "level": "省级", "legal_limit": "30(工作日)", "promised_limit": "", "accept_standard": "有路灯",
              "location": "办理地点：二楼三号窗口", "phone": "0531-12345", "complaint_phone": "0531-1", "themes": ["其他", "城建"],
              "url": "https://lamps.example/1", "extra": {"online_book": "是"}, "material_intro": ["身份证", "申请表"]}


def test_the_provincial_mapping_fills_the_model_and_keeps_the_rest() -> None:
    told = read_row(load_mapping("guangdong").apply(PROVINCIAL))
    assert told.code == "11370000ab1"
    assert told.values[("limit", "legal", "value")] == 30
    assert told.values[("limit", "legal", "unit")] == "工作日"
    assert told.values[("limit", "promised", "value")] is None
    assert told.values[("location",)] == "二楼三号窗口"
    assert told.values[("phone",)] == "0531-12345"
    assert told.values[("materials",)] == [{"name": "身份证"}, {"name": "申请表"}]
    assert {"监督投诉方式": "0531-1", "主题分类": "其他、城建", "行使层级": "省级", "所属区划": "某省", "主项名称": "路灯",
            "计算机端在线办理跳转地址": "https://lamps.example/1", "是否支持预约办理": "是"}.items() <= told.kept.items()
    assert "https" not in str(told.values)


def test_no_window_is_no_place() -> None:
    assert read_row(load_mapping("guangdong").apply(PROVINCIAL | {"location": "无线下办理窗口"})).values[("location",)] is None


def test_the_district_mapping_reads_the_type_and_the_region() -> None:
    told = read_row(load_mapping("guangan").apply({"department": "区试验局", "main_item": "未分类", "name": "登记路灯", "item_code": "5A-1", "task_type": "7",
                                                   "url": "https://lamps.example/?areaCode=370102&x=1"}))
    assert told.values[("kind",)] == "行政确认"
    assert told.kept["所属区划"] == "370102"
    assert told.kept["主项名称"] == ""


def test_a_type_that_the_mapping_does_not_name_refuses_the_row() -> None:
    with pytest.raises(RowRefused, match="事项类型：“2”不认识"):
        read_row(load_mapping("guangan").apply({"name": "登记路灯", "item_code": "5A-1", "task_type": "2"}))


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_is_valid_and_names_what_an_item_needs(path: Path) -> None:
    fields = {rule.field for rule in load_mapping(path).rules}
    assert {"业务办理项编码", "事项名称", "事项类型", "实施主体"} <= fields
