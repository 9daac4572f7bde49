"""Export in the national layout, and the way back: export → import is the identity, whatever the texts hold."""

from __future__ import annotations

import io
import json
import string
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from cli.importing import run_export
from core.clock import SHANGHAI
from knowledge.bootstrap import load_catalogue
from knowledge.document import Document, read_item, write_item
from knowledge.importers.cells import guard, unguard
from knowledge.importers.errors import ExportFailed
from knowledge.importers.exporting import export_items
from knowledge.importers.fields import KEPT
from knowledge.importers.run import import_items
from tests.support.fake_knowledge_store import FakeKnowledgeStore

AT = datetime(2026, 11, 20, 9, 30, tzinfo=SHANGHAI)
SUFFIXES = (".csv", ".xlsx", ".json", ".jsonl")
WHOLE: Document = write_item(*read_item({
    "code": "lamp", "name": "登记路灯", "topic": "市政", "kind": "公共服务", "action": "登记", "subject": ["企业", "个人"], "department": "试验局",
    "aliases": ["路灯咋登记", "=登记路灯"], "as_of": "2026-11-01", "valid_from": "2026-12-01", "valid_to": "2027-12-31", "summary": "带身份证来。",
    "conditions": "有路灯，\n而且亮", "materials": [{"name": "身份证", "form": "原件", "copies": 1, "source": "公安机关"},
                                            {"name": "委托书", "required": False, "note": "别人代办要带"}],
    "not_required": ["户口簿"], "process": ["登记", "领牌"], "fee": {"charged": True, "amount": "每盏5元", "basis": "路灯〔2026〕1号", "note": "现场交"},
    "limit": {"legal": {"value": 20, "unit": "工作日", "note": "自受理之日起"}, "promised": {"value": 0, "unit": "自然日"}},
    "location": "城管窗口", "hours": "周一到周五", "phone": "12319", "online": {"available": False, "channel": "手机", "note": "要到场"}, "visits": 0,
    "reach": "全省通办", "result": {"name": "路灯牌", "validity": "三年"}, "basis": ["《路灯办法》", "《灯》第一条"],
    "questions": [{"ask": "要上锁吗", "answer": "不用。"}], "national": {"行使层级": "市级", "受理标准：身份证": "在有效期内", "窗口": "@7"},
    "variants": [{"region": "370100", "phone": "0531", "limit": {"legal": {"value": 5, "unit": "工作日"}}, "materials": [{"name": "=表", "copies": 2}]},
                 {"region": "370102", "fee": {"charged": False}, "process": ["来", "走"], "questions": [{"ask": "甲", "answer": "乙"}]}]}))


def back(documents: list[Document], suffix: str) -> dict[str, Any]:
    """Export and import into an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"items{suffix}"
        assert export_items(documents, path) == len(documents)
        store = FakeKnowledgeStore()
        report = import_items(store, path, author="editor", at=AT)
        assert [outcome.reason for outcome in report.refusals] == []
        again = import_items(store, path, author="editor", at=AT)
        assert (again.unchanged, again.rows) == (len(documents), len(documents))
        return store.documents()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_item_with_everything_comes_back_as_it_was(suffix: str) -> None:
    assert back([WHOLE], suffix) == {"lamp": WHOLE}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_curated_item_comes_back_as_it_was(suffix: str) -> None:
    catalogue, _, faults = load_catalogue()
    assert faults == ()
    variants: dict[str, list[Any]] = {}
    for (code, _), variant in catalogue.variants.items():
        variants.setdefault(code, []).append(variant)
    documents = {item.code: write_item(item, variants.get(item.code, ())) for item in catalogue.items()}
    assert back(list(documents.values()), suffix) == documents


# Letters, what CSV, JSON, XML and spreadsheets treat specially, full width, beyond the basic plane, and line ends.
HARD = st.text(st.sampled_from("甲乙路灯aZ09 ,;\t\n\"'=+-@＝＋－＠[]{}<>&\\/：，。“”#~%_\u3000\u2028\u00a0é𠮷😀👨\u200d\ufeff"), min_size=1, max_size=12) | \
    st.sampled_from(["=1+1", "'=1", "''+2", "#N/A", "#REF!", "[]", '["甲"]', "[1]", "null", "NaN", "TRUE", "007", "1e5", "_x000D_", "x005F_", "\ufeff甲", "是",
                     "2026-01-01", "标识", "<a>&amp;", "=cmd|' /C calc'!A0", '"', "\\n", "-", "，", "；"])


def texts(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return strategy.map(str.strip).filter(bool)


TEXT = texts(HARD)
LIST = st.lists(TEXT, min_size=1, max_size=3)
LIMIT = st.fixed_dictionaries({"value": st.integers(0, 400), "unit": st.sampled_from(("工作日", "小时"))}, optional={"note": TEXT})
MATERIALS = st.lists(st.fixed_dictionaries({"name": TEXT}, optional={"form": TEXT, "copies": st.integers(0, 9), "source": TEXT, "note": TEXT,
                                                                    "required": st.booleans()}), min_size=1, max_size=3)
BODY: dict[str, st.SearchStrategy[Any]] = {
    "summary": TEXT, "conditions": TEXT, "materials": MATERIALS, "not_required": LIST, "process": LIST, "location": TEXT, "hours": TEXT, "phone": TEXT,
    "limit": st.fixed_dictionaries({}, optional={"legal": LIMIT, "promised": LIMIT}), "visits": st.integers(0, 9), "basis": LIST,
    "fee": st.fixed_dictionaries({"charged": st.booleans()}, optional={"amount": TEXT, "basis": TEXT, "note": TEXT}),
    "online": st.fixed_dictionaries({"available": st.booleans()}, optional={"channel": TEXT, "note": TEXT}),
    "reach": st.sampled_from(("全国通办", "辖区办理")), "result": st.fixed_dictionaries({"name": TEXT}, optional={"validity": TEXT}),
    "questions": st.lists(st.fixed_dictionaries({"ask": TEXT, "answer": TEXT}), min_size=1, max_size=2)}
VARIANT = st.fixed_dictionaries({"region": st.sampled_from(("370100", "370200"))}, optional=BODY)
NATIONAL = st.dictionaries(st.sampled_from((*KEPT, "窗口", "=窗口", "a,b")), TEXT, max_size=4)
DOCUMENT = st.fixed_dictionaries(
    {"code": st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8), "name": TEXT, "topic": TEXT, "kind": st.just("公共服务"),
     "subject": st.sampled_from((["个人"], ["企业"], ["企业", "个人"])), "department": TEXT, "as_of": st.just("2026-11-01")},
    optional={"action": TEXT, "aliases": LIST, "valid_from": st.just("2026-01-01"), "national": NATIONAL, **BODY,
              "variants": st.lists(VARIANT, min_size=1, max_size=2, unique_by=lambda variant: variant["region"])})


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(drawn=st.lists(DOCUMENT, min_size=1, max_size=2, unique_by=lambda document: document["code"]))
def test_hostile_texts_come_back_as_they_were(suffix: str, drawn: list[Document]) -> None:
    documents = {document["code"]: write_item(*read_item(document)) for document in drawn}
    assert back(list(documents.values()), suffix) == documents


@settings(max_examples=500, deadline=None, derandomize=True)
@given(HARD)
def test_the_guard_is_undone_exactly_and_no_formula_is_left(text: str) -> None:
    assert unguard(guard(text)) == text
    assert guard(text)[0] not in "=+-@\t\r\n＝＋－＠"


def test_a_restored_export_takes_away_what_was_added_since() -> None:
    bare = write_item(*read_item({key: WHOLE[key] for key in ("code", "name", "topic", "kind", "subject", "department", "as_of")}))
    with tempfile.TemporaryDirectory() as folder:
        for suffix in SUFFIXES:
            path = Path(folder) / f"items{suffix}"
            export_items([bare], path)
            store = FakeKnowledgeStore()
            import_items(store, path, author="editor", at=AT)
            first = Path(folder) / f"whole{suffix}"
            export_items([WHOLE | {"national": {}}], first)
            import_items(store, first, author="editor", at=AT)
            assert store.documents()["lamp"] != bare
            import_items(store, path, author="editor", at=AT)
            assert store.documents()["lamp"] == bare


def test_a_csv_opens_in_a_spreadsheet_and_runs_nothing(tmp_path: Path) -> None:
    export_items([WHOLE | {"conditions": "=1+1", "national": {"监督投诉方式": "+86"}}], tmp_path / "a.csv")
    content = (tmp_path / "a.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf" + "标识,事项名称".encode())
    assert b",'=1+1," in content and b",'+86" in content


def test_an_xlsx_has_a_sheet_for_each_list_and_nothing_but_texts(tmp_path: Path) -> None:
    export_items([WHOLE | {"location": "#N/A"}], tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["事项", "材料", "问答", "地区差异"]
    assert [cell.value for cell in book["材料"][1]][:3] == ["标识", "材料名称", "材料形式"]
    assert [cell.value for cell in book["材料"][2]][:4] == ["lamp", "身份证", "原件", "1"]
    assert {cell.data_type for sheet in book for row in sheet for cell in row if cell.value is not None} == {"s"}


def test_json_names_every_field_so_that_an_import_clears_what_is_null(tmp_path: Path) -> None:
    export_items([WHOLE], tmp_path / "a.json")
    row = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))[0]
    assert row["材料"][0] == {"材料名称": "身份证", "材料形式": "原件", "纸质材料份数": "1", "来源渠道": "公安机关", "受理标准": "在有效期内"}
    assert row["其他：窗口"] == "@7"
    assert row["承诺办结时限说明"] is None


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".csv", ".xlsx"])
def test_no_items_make_an_empty_list(tmp_path: Path, suffix: str) -> None:
    assert export_items([], tmp_path / f"a{suffix}") == 0
    assert (tmp_path / f"a{suffix}").is_file()


@pytest.mark.parametrize(("name", "document", "told"), [
    ("a.pdf", WHOLE, "不认识“.pdf”"),
    ("none/a.csv", WHOLE, "写不了"),
    ("a.csv", WHOLE | {"process": ["长" * 15_000, "长" * 15_000]}, "放不下，请导出成 .jsonl"),
    ("a.xlsx", WHOLE | {"location": "铃\x07"}, "控制字符"),
    ("a.csv", WHOLE | {"location": "\ud800"}, "控制字符"),
], ids=["kind", "folder", "too long", "control character", "half a character"])
def test_what_cannot_be_exported_leaves_the_old_file(tmp_path: Path, name: str, document: Document, told: str) -> None:
    old = tmp_path / "a.csv"
    old.write_text("old", encoding="utf-8")
    with pytest.raises(ExportFailed, match=told):
        export_items([document], tmp_path / name)
    assert (old.read_text(encoding="utf-8"), [path.name for path in tmp_path.iterdir()]) == ("old", ["a.csv"])


def test_the_command_tells_how_many(tmp_path: Path) -> None:
    out = io.StringIO()
    assert run_export(Console(file=out, width=200), [WHOLE], tmp_path / "a.json") == 1
    assert "已导出 1 个事项" in out.getvalue()
