"""The import over a store: what is added, changed, left alone and refused; all or nothing."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cli.importing import run_import
from core.clock import SHANGHAI
from knowledge.document import read_item, write_item
from knowledge.errors import ConcurrentChange
from knowledge.importers.errors import ExportFailed, FileRefused, MappingFaulty
from knowledge.importers.report import Outcome, Report
from knowledge.importers.run import BATCH, import_items
from knowledge.record import Change
from tests.support.fake_knowledge_store import FakeKnowledgeStore

AT = datetime(2026, 11, 20, 9, 30, tzinfo=SHANGHAI)
HEAD = "标识,事项名称,事项类型,实施主体,办理地点\n"
GOOD = HEAD + "a,登记路灯,公共服务,试验局,一楼\nb,拆路灯,行政许可,试验局,二楼\n"


@pytest.fixture
def store() -> FakeKnowledgeStore:
    return FakeKnowledgeStore()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(GOOD, encoding="utf-8")
    return path


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.refused


def imported(store: FakeKnowledgeStore, path: Path, **more: Any) -> Report:
    return import_items(store, path, **{"author": "editor", "at": AT, **more})


def document(code: str, **fields: Any) -> dict[str, Any]:
    given = {"code": code, "name": "登记路灯", "topic": "市政", "kind": "公共服务", "subject": ["个人"], "department": "试验局", "as_of": "2026-01-01"}
    return write_item(*read_item(given | fields))


def test_new_items_are_in_force_at_once_with_who_when_and_from_where(store: FakeKnowledgeStore, file: Path) -> None:
    assert counts(imported(store, file)) == (2, 0, 0, 0)
    version = store.kept["a"][0]
    assert (version.state, version.author, version.at, version.note) == ("published", "editor", AT, "导入 list.csv")
    assert version.document == document("a", topic="试验局", subject=["个人", "企业"], as_of="2026-11-20", location="一楼")


def test_the_same_file_on_another_day_changes_nothing(store: FakeKnowledgeStore, file: Path) -> None:
    imported(store, file)
    assert counts(imported(store, file, at=AT + timedelta(days=30))) == (0, 0, 2, 0)
    assert store.puts == 1


def test_only_what_changed_gets_a_new_version_and_its_differences_are_told(store: FakeKnowledgeStore, file: Path) -> None:
    imported(store, file)
    file.write_text(GOOD.replace("一楼", "三楼"), encoding="utf-8")
    report = imported(store, file)
    assert counts(report) == (0, 1, 1, 0)
    assert [(difference.field, difference.before, difference.after) for difference in report.changes[0].differences] == [("办理地点", "一楼", "三楼")]
    assert [len(store.kept[code]) for code in "ab"] == [2, 1]


def test_what_an_editor_added_outlives_a_sparse_list(store: FakeKnowledgeStore, file: Path) -> None:
    imported(store, file)
    added = {**store.kept["a"][0].document, "aliases": ["路灯咋登记"], "location": "editor's"}
    store.put([Change("item", "a", added)], author="other", at=AT, note="")
    assert counts(imported(store, file)) == (0, 1, 1, 0)
    assert store.documents()["a"] == {**added, "location": "一楼"}


def test_a_bad_row_stops_nobody_else(store: FakeKnowledgeStore, file: Path) -> None:
    file.write_text(GOOD + "c,坏行,公共服务\n,没有编码,公共服务,试验局,x\nd,坏类型,天知道,试验局,x\nA,又一个,公共服务,试验局,x\ne,好行,公共服务,试验局,x\n", encoding="utf-8")
    report = imported(store, file)
    assert counts(report) == (3, 0, 0, 4)
    assert [(outcome.row, outcome.code, outcome.reason.split("：")[0]) for outcome in report.refusals] == [
        (4, "", "有 3 格，表头有 5 格"), (5, "", "没有编码"), (6, "d", "事项类型"), (7, "A", "编码和第 2 行相同")]
    assert set(store.kept) == {"a", "b", "e"}


@pytest.mark.parametrize("tail", ['x,"没有闭合\n', 'x,"y"z\n'], ids=["unclosed", "behind a mark"])
def test_a_file_that_breaks_at_its_end_changes_nothing(store: FakeKnowledgeStore, file: Path, tail: str) -> None:
    lines = "".join(f"r{number},登记路灯,公共服务,试验局,x\n" for number in range(3 * BATCH))
    file.write_text(HEAD + lines + tail, encoding="utf-8")
    with pytest.raises(FileRefused, match="引号"):
        imported(store, file)
    assert store.kept == {}


def test_the_store_that_refuses_leaves_everything_as_it_was(store: FakeKnowledgeStore, file: Path) -> None:
    class Overtaken(FakeKnowledgeStore):
        def put(self, changes: Any, **more: Any) -> int:
            self.kept.setdefault("b", []).extend(store_of_other.kept["b"])
            return super().put(changes, **more)

    store_of_other, mine = FakeKnowledgeStore(), Overtaken()
    imported(store_of_other, file)
    with pytest.raises(ConcurrentChange):
        imported(mine, file)
    assert set(mine.kept) == {"b"}


def test_a_dry_run_tells_the_same_and_changes_nothing(store: FakeKnowledgeStore, file: Path) -> None:
    assert counts(imported(store, file, dry_run=True)) == (2, 0, 0, 0)
    assert store.kept == {}


def test_drafts_wait_until_they_are_published(store: FakeKnowledgeStore, file: Path) -> None:
    imported(store, file, draft=True)
    assert {found[-1].state for found in store.kept.values()} == {"draft"}
    assert counts(imported(store, file, draft=True)) == (0, 0, 2, 0)
    report = imported(store, file)
    assert counts(report) == (0, 2, 0, 0)
    assert [difference.field for difference in report.changes[0].differences] == ["状态"]
    assert counts(imported(store, file, draft=True)) == (0, 0, 2, 0)


def test_a_withdrawn_item_that_is_in_a_list_again_is_published_again(store: FakeKnowledgeStore, file: Path) -> None:
    imported(store, file)
    store.put([Change("item", "a", store.kept["a"][0].document, "withdrawn")], author="editor", at=AT, note="")
    assert counts(imported(store, file)) == (0, 1, 1, 0)
    assert [version.state for version in store.kept["a"]] == ["published", "withdrawn", "published"]


def test_a_policy_answer_is_never_overwritten(store: FakeKnowledgeStore, file: Path) -> None:
    store.put([Change("policy", "a", {"code": "a"})], author="editor", at=AT, note="")
    report = imported(store, file)
    assert counts(report) == (1, 0, 0, 1)
    assert report.refusals[0].reason == "这个标识在库里是政策问答，不是事项"


def test_batches_do_not_lose_rows(store: FakeKnowledgeStore, file: Path) -> None:
    rows = 2 * BATCH + 1
    file.write_text(HEAD + "".join(f"r{number},登记路灯,公共服务,试验局,x\n" for number in range(rows)), encoding="utf-8")
    heard: list[Outcome] = []
    places: list[tuple[int, int]] = []
    report = imported(store, file, listen=heard.append, progress=lambda at, total: places.append((at, total)))
    assert counts(report) == (rows, 0, 0, 0)
    assert [outcome.row for outcome in heard] == list(range(2, rows + 2))
    assert places[-1] == (file.stat().st_size, file.stat().st_size)
    assert counts(imported(store, file)) == (0, 0, rows, 0)


@pytest.mark.parametrize(("name", "content", "told"), [
    ("a.csv", "标识,随便\na,b\n", None),
    ("a.csv", "名称,随便\na,b\n", "没有一个字段是国家目录的字段名"),
    ("a.csv", "事项名称,随便\na,b\n", "没有编码这一列"),
    ("a.json", '[{"名称": "a"}]', "没有一个字段是国家目录的字段名"),
], ids=["a code will do", "no field", "no code", "JSON without a field"])
def test_a_header_that_is_not_national_is_refused_whole(store: FakeKnowledgeStore, tmp_path: Path, name: str, content: str, told: str | None) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    if told is None:
        report = imported(store, tmp_path / name)
        assert (report.passed_over, report.refused) == (("随便",), 1)
    else:
        with pytest.raises(FileRefused, match=told):
            imported(store, tmp_path / name)


# The command

def command(store: FakeKnowledgeStore, file: Path, *given: Any, **more: Any) -> str:
    out = io.StringIO()
    run_import(Console(file=out, width=160), store, file, *given, author="editor", at=AT, **more)
    return out.getvalue()


def test_the_command_tells_counts_refusals_and_columns_nobody_read(store: FakeKnowledgeStore, file: Path) -> None:
    file.write_text("标识,事项名称,事项类型,实施主体,旧系统号[red]\na,登记路灯,公共服务,试验局,1\nb,[b]坏行[/b],天知道,试验局,2\n", encoding="utf-8")
    told = command(store, file)
    assert "新增" in told and "拒收" in told
    assert "事项类型：“天知道”不认识" in told and "[b]坏行[/b]" not in store.kept
    assert "这些列没有用到：旧系统号[red]" in told


def test_a_dry_run_shows_the_difference(store: FakeKnowledgeStore, file: Path) -> None:
    command(store, file)
    file.write_text(GOOD.replace("一楼", "三楼"), encoding="utf-8")
    told = command(store, file, dry_run=True)
    assert [word for word in ("办理地点", "一楼", "三楼", "什么都没有改") if word not in told] == []
    assert store.documents()["a"]["location"] == "一楼"


def test_the_report_file_has_one_line_a_row_and_runs_no_formula(store: FakeKnowledgeStore, file: Path, tmp_path: Path) -> None:
    command(store, file)
    file.write_text(GOOD.replace("一楼", "三楼") + "c,=1+1,天知道,试验局,x\n", encoding="utf-8")
    command(store, file, report_file=tmp_path / "report.csv")
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as written:
        assert list(csv.reader(written))[:4] == [["行", "标识", "名称", "结果", "说明"], ["2", "a", "登记路灯", "更改", "改了办理地点"],
                                                 ["3", "b", "拆路灯", "未变", ""], ["4", "c", "'=1+1", "拒收", REASON]]


REASON = "事项类型：“天知道”不认识，可以是：行政许可、行政确认、行政给付、行政裁决、行政奖励、行政征收、公共服务、其他行政权力"


def test_a_refused_file_leaves_no_report(store: FakeKnowledgeStore, file: Path, tmp_path: Path) -> None:
    file.write_text('标识\n"', encoding="utf-8")
    with pytest.raises(FileRefused):
        command(store, file, report_file=tmp_path / "report.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_a_report_that_cannot_be_written_is_told_before_anything_changes(store: FakeKnowledgeStore, file: Path, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none" / "report.csv"):
        with pytest.raises(ExportFailed, match="写不了报告"):
            command(store, file, report_file=place)
    assert store.kept == {}


def test_the_command_takes_a_mapping_by_file(store: FakeKnowledgeStore, file: Path, tmp_path: Path) -> None:
    file.write_text("no,title,who\n1,登记路灯,试验局\n", encoding="utf-8")
    rules = tmp_path / "m.yml"
    rules.write_text("fields:\n  基本编码: \"no\"\n  事项名称: title\n  实施主体: who\n  事项类型: {const: 公共服务}\n", encoding="utf-8")
    command(store, file, rules)
    assert store.documents()["1"]["name"] == "登记路灯"
    file.write_text("no,title\n1,登记路灯\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="没有映射要找的来源字段：who"):
        command(store, file, rules)
    with pytest.raises(MappingFaulty, match="没有这个映射"):
        command(store, file, "nowhere")


def test_a_first_row_that_a_mapping_cannot_take_is_refused_alone(store: FakeKnowledgeStore, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"task_code": "1", "themes": [{"x": 1}]}]', encoding="utf-8")
    assert "不能用 join 连起来" in command(store, tmp_path / "a.json", "guangdong")


def test_json_that_is_not_for_the_mapping_is_refused(store: FakeKnowledgeStore, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"x": 1}]', encoding="utf-8")
    with pytest.raises(FileRefused, match="任何一个来源字段"):
        command(store, tmp_path / "a.json", "guangdong")
