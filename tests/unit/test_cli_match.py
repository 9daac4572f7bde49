"""`hotline match`: any list, any queries, one JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app

NAMES = ["机动车驾驶证遗失补证", "机动车驾驶证期满换证", "不动产抵押权注销登记", "路灯报修", "犬只登记", "路灯报修"]


def run(folder: Path, items: str, queries: str, *more: str) -> Any:
    (folder / "items.jsonl").write_text(items, encoding="utf-8")
    (folder / "queries.jsonl").write_text(queries, encoding="utf-8")
    return CliRunner().invoke(app, ["match", "--items", str(folder / "items.jsonl"), "--queries", str(folder / "queries.jsonl"), *more])


def lines(*values: dict[str, Any]) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


@pytest.mark.parametrize(("name", "code"), [("name", "code"), ("事项名称", "实施编码"), ("name", "task_code")])
def test_each_query_has_its_line_in_order(tmp_path: Path, name: str, code: str) -> None:
    items = lines(*({name: text, code: f"c{i}", "other": "x"} for i, text in enumerate(NAMES)))
    told = run(tmp_path, items, lines({"query": "驾照丢了咋补"}, {"query": "犬只登记"}, {"query": "路灯报修"}, {"query": "火星"}))
    assert told.exit_code == 0, told.output
    found = [json.loads(line) for line in told.stdout.splitlines()]
    assert [line["query"] for line in found] == ["驾照丢了咋补", "犬只登记", "路灯报修", "火星"]
    assert found[0]["candidates"][0] == {"code": "c0", "name": NAMES[0], "score": found[0]["candidates"][0]["score"]}
    assert (found[1]["decision"], found[1]["candidates"][0]["code"], found[1]["choices"]) == ("answer", "c4", [])
    assert found[2]["decision"] == "clarify" and set(found[2]["choices"][:2]) == {"c3", "c5"}
    assert found[3]["decision"] == "none"
    assert all(set(line) == {"query", "decision", "candidates", "choices"} and len(line["candidates"]) <= 10 for line in found)


def test_a_mapping_names_the_columns_and_a_file_takes_the_lines(tmp_path: Path) -> None:
    mapping = tmp_path / "ours.yml"
    mapping.write_text("fields:\n  事项名称: title\n  实施编码: number\n", encoding="utf-8")
    told = run(tmp_path, lines(*({"title": text, "number": f"n{i}"} for i, text in enumerate(NAMES))), lines({"query": "狗证"}),
               "--mapping", str(mapping), "--out", str(tmp_path / "out.jsonl"))
    assert told.exit_code == 0, told.output
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["candidates"][0]["code"] == "n4"


@pytest.mark.parametrize(("items", "queries", "says"), [
    (lines({"title": "x"}), lines({"query": "x"}), "里没有事项"),
    (lines({"name": "路灯报修"}), "not json\n", "第 1 行"),
    (lines({"name": "路灯报修"}), lines({"query": 5}), "第 1 行"),
])
def test_what_cannot_be_used_is_said(tmp_path: Path, items: str, queries: str, says: str) -> None:
    told = run(tmp_path, items, queries)
    assert told.exit_code == 1
    assert says in told.output or says in (told.stderr if told.stderr_bytes else "")
