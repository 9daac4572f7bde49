"""One city's list: what is new holds there alone, and no other place hears what the list says."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.clock import SHANGHAI
from knowledge.document import read_item, write_item
from knowledge.importers.exporting import export_items
from knowledge.importers.report import Report
from knowledge.importers.run import import_items
from knowledge.record import Change
from tests.support.fake_knowledge_store import FakeKnowledgeStore

AT = datetime(2026, 11, 20, 9, 30, tzinfo=SHANGHAI)
JINAN, QINGDAO = "370100", "370200"
HEAD = "标识,事项名称,事项类型,实施主体,办理地点\n"


@pytest.fixture
def store() -> FakeKnowledgeStore:
    return FakeKnowledgeStore()


def imported(store: FakeKnowledgeStore, folder: Path, rows: str, region: str | None, head: str = HEAD) -> Report:
    path = folder / "list.csv"
    path.write_text(head + rows, encoding="utf-8")
    return import_items(store, path, author="editor", at=AT, region=region)


def newest(store: FakeKnowledgeStore, code: str) -> dict[str, Any]:
    return dict(store.kept[code][-1].document)


def test_what_is_new_holds_in_the_lists_region_alone(store: FakeKnowledgeStore, tmp_path: Path) -> None:
    rows = "a,登记路灯,公共服务,试验局,一楼\n"
    assert imported(store, tmp_path, rows, QINGDAO).added == 1
    assert newest(store, "a")["only_in"] == [QINGDAO]
    assert imported(store, tmp_path, rows, QINGDAO).unchanged == 1
    assert imported(store, tmp_path, rows.replace("一楼", "二楼"), QINGDAO).changed == 1
    assert (newest(store, "a")["only_in"], newest(store, "a")["location"]) == ([QINGDAO], "二楼")


def test_a_row_may_name_its_places_itself(store: FakeKnowledgeStore, tmp_path: Path) -> None:
    head = HEAD.strip() + ",适用区划\n"
    imported(store, tmp_path, 'a,登记路灯,公共服务,试验局,一楼,"370202\n370203"\nb,拆路灯,公共服务,试验局,一楼,\n', QINGDAO, head)
    assert (newest(store, "a")["only_in"], newest(store, "b")["only_in"]) == (["370202", "370203"], [QINGDAO])
    assert imported(store, tmp_path, "c,修路灯,公共服务,试验局,一楼,青岛\n", None, head).refused == 1


def test_what_holds_everywhere_stays_and_gets_a_variant(store: FakeKnowledgeStore, tmp_path: Path) -> None:
    imported(store, tmp_path, "a,登记路灯,公共服务,试验局,一楼\n", None)
    before = newest(store, "a")
    row = "a,登记路灯,公共服务,市试验局,三楼\n"
    assert imported(store, tmp_path, row, QINGDAO).changed == 1
    assert newest(store, "a") == before | {"variants": [{"region": QINGDAO, "location": "三楼"}]}
    assert imported(store, tmp_path, row, QINGDAO).unchanged == 1
    assert imported(store, tmp_path, "a,登记路灯,公共服务,试验局,一楼\n", QINGDAO).changed == 1
    assert newest(store, "a") == before


def test_a_variants_field_without_a_column_stays(store: FakeKnowledgeStore, tmp_path: Path) -> None:
    given = {"code": "a", "name": "登记路灯", "topic": "市政", "kind": "公共服务", "subject": ["个人"], "department": "试验局", "as_of": "2026-01-01",
             "variants": [{"region": JINAN, "location": "南楼"}, {"region": QINGDAO, "phone": "0532-1"}]}
    store.put([Change("item", "a", write_item(*read_item(given)), "published", 0)], author="editor", at=AT, note="")
    imported(store, tmp_path, "a,登记路灯,公共服务,试验局,三楼\n", QINGDAO)
    assert newest(store, "a")["variants"] == [{"region": JINAN, "location": "南楼"}, {"region": QINGDAO, "phone": "0532-1", "location": "三楼"}]


def test_two_cities_lists_never_overwrite_each_other(store: FakeKnowledgeStore, tmp_path: Path) -> None:
    rows = {QINGDAO: "a,登记路灯,公共服务,试验局,一楼\n", JINAN: "a,登记路灯,公共服务,试验局,九楼\n"}
    assert [imported(store, tmp_path, rows[region], region).added for region in (QINGDAO, JINAN)] == [1, 1]
    assert {code: (newest(store, code)["only_in"], newest(store, code)["location"]) for code in store.kept} == {
        "a": ([QINGDAO], "一楼"), f"a-{JINAN}": ([JINAN], "九楼")}
    assert [imported(store, tmp_path, rows[region], region).unchanged for region in (QINGDAO, JINAN)] == [1, 1]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".json", ".jsonl"])
def test_an_export_comes_back_with_its_places(store: FakeKnowledgeStore, tmp_path: Path, suffix: str) -> None:
    imported(store, tmp_path, "a,登记路灯,公共服务,试验局,一楼\n", QINGDAO)
    imported(store, tmp_path, "a,登记路灯,公共服务,试验局,一楼\nb,拆路灯,公共服务,试验局,一楼\n", JINAN)
    imported(store, tmp_path, "c,修路灯,公共服务,试验局,一楼\n", None)
    before = {code: newest(store, code) for code in store.kept}
    path = tmp_path / f"out{suffix}"
    export_items(before.values(), path)
    again = import_items(store, path, author="editor", at=AT)
    assert (again.unchanged, again.added + again.changed + again.refused) == (4, 0)
    fresh = FakeKnowledgeStore()
    import_items(fresh, path, author="editor", at=AT)
    assert {code: newest(fresh, code) for code in fresh.kept} == before
