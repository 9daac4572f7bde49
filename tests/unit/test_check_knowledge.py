"""`hotline check` finds what is wrong with knowledge files beyond their format."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cli.checks.knowledge import Filling, address_faults, fillings, knowledge_faults, punctuation_faults, summary_faults
from knowledge.catalogue import CatalogueData
from knowledge.errors import Fault
from knowledge.model import Fee, Item, Limit, Material

COMMA = "\uff0c"
ITEM = Item(code="id-card", name="身份证", topic="户籍", kind="公共服务", action="补领", subject=("个人",), department="公安",
            aliases=("补身份证",), basis=("《居民身份证法》",), as_of=date(2026, 11, 1), source="people.yml:3")


def written(folder: Path, text: str, name: str = "people.yml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("length", [20, 60])
def test_a_summary_of_20_to_60_characters_is_right(length: int) -> None:
    assert list(summary_faults([replace(ITEM, summary="补" * length)])) == []


@pytest.mark.parametrize("length", [19, 61])
def test_a_summary_outside_20_to_60_characters_is_a_fault(length: int) -> None:
    item = replace(ITEM, summary="补" * length)
    assert list(summary_faults([item])) == [Fault("people.yml", 3, f"the summary of 'id-card' has {length} characters, not 20 to 60")]


def test_a_summary_that_a_variant_keeps_is_told_once() -> None:
    item = replace(ITEM, summary="太短")
    assert len(list(summary_faults([item, replace(item, region="370100", source="people.yml:9")]))) == 1


def test_half_width_punctuation_in_prose_is_a_fault_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "topic: 户籍\nitems:\n  - name: 身份证\n    note: \"带户口簿" + ",本人到场\"\n")
    assert [(fault.file, fault.line) for fault in punctuation_faults([path])] == [("people.yml", 4)]


def test_the_line_inside_a_block_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "text: |-\n  第一行。\n  带户口簿" + ",本人到场\n")
    assert [fault.line for fault in punctuation_faults([path])] == [3]


def test_full_width_punctuation_and_flow_lists_are_right(tmp_path: Path) -> None:
    path = written(tmp_path, f"note: 带户口簿{COMMA}本人到场\nlist: [身份证, 户口簿]\n")
    assert list(punctuation_faults([path])) == []


@pytest.mark.parametrize("address", ["https://a.gov.cn/x", "www.abc.com", "gat.shandong.gov.cn"])
def test_a_web_address_in_a_spoken_field_is_a_fault(tmp_path: Path, address: str) -> None:
    path = written(tmp_path, f"online:\n  channel: \"登录{address}\"\n")
    assert [(fault.line, fault.message.startswith("'channel' is spoken and holds a web address")) for fault in address_faults([path])] == [(2, True)]


def test_the_name_of_an_app_is_no_web_address(tmp_path: Path) -> None:
    assert list(address_faults([written(tmp_path, "channel: 爱山东APP\nfee: 每证40.5元\n")])) == []


def test_faults_of_the_loader_get_the_whole_path(tmp_path: Path) -> None:
    written(tmp_path, "公安: {name: 公安局, phone: '12345'}\n", "departments.yml")
    written(tmp_path, "topic: 户籍\nitems: []\nextra: 1\n", "items/people.yml")
    written(tmp_path, "topic: 改革\npolicies: []\n", "policies/reform.yml")
    assert list(knowledge_faults(tmp_path)) == [Fault("people.yml", 1, "unknown key 'extra'")]


def test_each_topic_is_counted_with_the_fields_filled() -> None:
    full = replace(ITEM, materials=(Material("户口簿"),), legal_limit=Limit(60), fee=Fee(False))
    promised = replace(ITEM, code="b", promised_limit=Limit(3))
    other = replace(ITEM, code="c", topic="社保", basis=())
    data = CatalogueData({item.code: item for item in (full, promised, other)}, {}, {})
    assert fillings(data) == [Filling("户籍", 2, materials=1, limit=2, otherwise=0, fee=1, basis=2, whole=1), Filling("社保", 1, 0, 0, 0, 0, 0, 0)]
