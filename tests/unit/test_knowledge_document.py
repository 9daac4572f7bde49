"""Records as documents: nothing is lost on the way there and back, equal records have one text, and faults are named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.bootstrap import load_catalogue
from knowledge.difference import difference, told
from knowledge.document import CURATED, digest, read_item, read_policy, text_of, write_item, write_policy
from knowledge.editions import documents_of
from knowledge.errors import KnowledgeFaulty
from knowledge.model import Fee, Item, Limit, Material, Online, Policy, Question, Result

BARE = Item("lamp", "路灯登记", "试验", "公共服务", "", ("个人",), "城管", (), (), date(2026, 11, 1))
FULL = replace(
    BARE, action="登记", aliases=("登记路灯", "路灯咋登记"), summary="带身份证就能登记", conditions="家里有灯。",
    materials=(Material("身份证", "原件", 2, "公安机关"), Material("委托书", required=False, note="代办要带")), not_required=("户口簿",),
    process=("登记", "领牌"), legal_limit=Limit(20, "工作日", "自受理之日起"), promised_limit=Limit(0), fee=Fee(True, "5元", "《价目》", "按盏"),
    location="窗口", hours="周一", phone="12319", online=Online(False), visits=0, reach="全省通办", result=Result("路灯牌", "三年"),
    basis=("《路灯办法》",), questions=(Question("要锁吗", "不用"),), valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 1),
    national=(("实施编码", "1137"),))


def through_json(document: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(text_of(document)))


@pytest.mark.parametrize("item", [BARE, FULL, replace(BARE, no_limit="按当年公告的时间办")], ids=["bare", "full", "without a number of days"])
def test_an_item_comes_back_from_its_document(item: Item) -> None:
    assert read_item(through_json(write_item(item))) == (item, ())


def test_a_variant_is_written_as_what_differs_and_comes_back_whole() -> None:
    different = replace(FULL, region="370100", location="泉城路窗口")
    document = write_item(FULL, (different,))
    assert document["variants"] == [{"region": "370100", "location": "泉城路窗口"}]
    assert read_item(through_json(document)) == (FULL, (different,))


def test_what_is_unknown_is_absent_and_what_is_false_or_zero_stays() -> None:
    assert set(write_item(BARE)) == {"code", "name", "topic", "kind", "subject", "department", "as_of"}
    document = write_item(FULL)
    assert (document["visits"], document["online"], document["limit"]["promised"]["value"]) == (0, {"available": False}, 0)
    assert document["materials"][1]["required"] is False
    assert "required" not in document["materials"][0]


def test_every_curated_record_comes_back_from_its_document() -> None:
    catalogue, _, faults = load_catalogue()
    assert faults == ()
    assert len(documents_of(catalogue)) == len(catalogue.by_code) + len(catalogue.policy_by_code) + len(catalogue.event_by_code)
    for item in catalogue.items():
        variants = tuple(variant for (code, _), variant in catalogue.variants.items() if code == item.code)
        assert read_item(through_json(write_item(item, variants)), CURATED) == (item, variants)


def test_a_policy_comes_back_from_its_document() -> None:
    policy = Policy("lamps", "路灯归谁管", "试验", ("谁管", "找谁", "哪家管"), "归城管", "文件", "2018-05", date(2026, 11, 1))
    assert read_policy(through_json(write_policy(policy))) == policy


_TEXT = st.text(min_size=1, max_size=20).map(str.strip).filter(bool)


@given(st.lists(_TEXT, max_size=5, unique=True), _TEXT, st.dictionaries(_TEXT, _TEXT, max_size=3))
def test_any_text_comes_back(aliases: list[str], name: str, national: dict[str, str]) -> None:
    item = replace(BARE, name=name, aliases=tuple(aliases), national=tuple(sorted(national.items())))
    assert read_item(through_json(write_item(item)))[0] == item


def test_equal_records_have_equal_digests_and_others_have_not() -> None:
    document = write_item(FULL)
    assert digest(dict(reversed(list(document.items())))) == digest(document)
    assert digest(write_item(replace(FULL, visits=1))) != digest(document)


@pytest.mark.parametrize(("change", "fault"), [
    ({"kind": "许可"}, "'kind' is '许可'"), ({"as_of": "2026-13-01"}, "'as_of' is no date"), ({"as_of": None}, "'as_of' is missing"),
    ({"limit": {"legal": {"value": 1, "unit": "工作日"}, "otherwise": "按公告"}}, "not both"),
    ({"valid_from": "2027-01-02", "valid_to": "2027-01-01"}, "'valid_from' lies after 'valid_to'"), ({"national": {"编码": 3}}, "'national' holds something that is not text"),
    ({"subject": []}, "'subject' needs 1 entries, has 0"), ({"colour": "red"}, "unknown key 'colour'"), ({"visits": True}, "'visits' has the wrong type"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_faulty_document_is_refused_with_its_reason(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(KnowledgeFaulty) as refused:
        read_item({**write_item(BARE), **change}, where="row 7")
    assert str(refused.value).startswith("row 7:1: ")
    assert fault in str(refused.value)


@pytest.mark.parametrize(("before", "after", "changes"), [
    ({"name": "甲"}, {"name": "甲"}, []),
    ({"name": "甲", "fee": {"charged": False}}, {"name": "乙"}, [("名称", "甲", "乙"), ("收费", "是否收费：否", "")]),
    ({}, {"process": ["登记", "领牌"], "new": 3}, [("流程", "", "登记\n领牌"), ("new", "", "3")]),
], ids=["nothing", "changed and gone", "new, in the order of the fields"])
def test_a_difference_names_the_fields_for_people(before: dict[str, Any], after: dict[str, Any], changes: list[tuple[str, str, str]]) -> None:
    assert [(change.title, change.before, change.after) for change in difference(before, after)] == changes


def test_a_part_is_told_with_its_titles() -> None:
    assert told([{"name": "身份证", "required": True}]) == "名称：身份证，是否必须：是"


def test_a_region_with_a_number_of_days_has_no_other_rule_of_time_and_the_other_way_round() -> None:
    scheduled = {"region": "370100", "limit": {"otherwise": "按公告的时间办"}}
    numbered = {"region": "370200", "limit": {"legal": {"value": 5, "unit": "工作日"}}}
    item, (there,) = read_item({**write_item(FULL), "variants": [scheduled]})
    assert (there.legal_limit, there.promised_limit, there.no_limit) == (None, None, "按公告的时间办")
    assert read_item(through_json(write_item(item, (there,)))) == (item, (there,))
    _, (here,) = read_item({**write_item(replace(BARE, no_limit="按公告")), "variants": [numbered]})
    assert (here.legal_limit, here.no_limit) == (Limit(5, "工作日"), None)


def test_a_name_that_nobody_can_say_is_refused() -> None:
    with pytest.raises(KnowledgeFaulty, match="has 121 characters"):
        read_item({**write_item(BARE), "aliases": ["长" * 121]})
