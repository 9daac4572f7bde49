"""What an editor publishes is heard by callers of the running product, in every process, without a restart."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path
from typing import Callable

import pytest

from tests.support.running_product import Product

pytestmark = pytest.mark.stack
PATIENCE = 30.0  # seconds; the promise is five, which `benchmarks/publishing.py` measures
CODE = "tour-lamp"
ROW = {"标识": CODE, "事项名称": "荧光灯塔参观预约", "事项类型": "公共服务", "实施主体": "文旅", "服务对象": "个人", "办理地点": "灯塔北门窗口",
       "是否收费": "否", "常见问法": "荧光灯塔咋预约", "核对日期": "2026-11-01"}


def until(told: Callable[[], bool]) -> bool:
    """Return whether something comes true while a patient caller waits."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if told():
            return True
        time.sleep(0.3)
    return False


def matched(product: Product, text: str) -> str:
    found = product.http().post("/v1/knowledge/match", json={"text": text}).json()
    return str(found["answer"]) if found["decision"] == "answer" else ""


def said(product: Product, text: str) -> str:
    return str(product.chat().say(text)["said"])


@pytest.fixture
def published(product: Product, tmp_path: Path) -> Callable[..., str]:
    """Import one row as an editor does; what it prints is returned."""
    def publish(*options: str, **cells: str) -> str:
        file = tmp_path / "lamp.csv"
        with file.open("w", encoding="gb18030", newline="") as handle:
            writer = csv.DictWriter(handle, fieldnames=list(ROW))
            writer.writeheader()
            writer.writerow(ROW | cells)
        done = product.hotline("import", str(file), *options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return publish


def test_a_new_item_a_change_a_withdrawal_and_a_restoration_reach_gateway_rasa_and_actions(product: Product, published: Callable[..., str]) -> None:
    question = "荧光灯塔预约在哪里办"
    assert "灯塔" not in said(product, question)
    published("--draft")
    assert product.hotline("items", "show", CODE).returncode == 1, "a draft is not in force"
    assert product.hotline("items", "publish", CODE).returncode == 0
    assert until(lambda: "灯塔北门窗口" in matched(product, question)), "the gateway"
    assert until(lambda: "灯塔北门窗口" in said(product, question)), "Rasa finds it and the action server tells it"
    published(办理地点="灯塔南门窗口")
    assert until(lambda: "灯塔南门窗口" in said(product, question))
    shown = product.hotline("items", "diff", CODE).stdout
    assert "灯塔北门窗口" in shown
    assert "灯塔南门窗口" in shown
    assert product.hotline("items", "withdraw", CODE).returncode == 0
    assert until(lambda: "灯塔" not in said(product, question))
    assert product.hotline("items", "restore", CODE, "1").returncode == 0
    assert until(lambda: "灯塔北门窗口" in said(product, question))
    product.hotline("items", "withdraw", CODE)


@pytest.mark.skipif(not os.environ.get("TEST_LONG"), reason="runs in `make long`")
def test_what_is_exported_comes_back_unchanged(product: Product, tmp_path: Path) -> None:
    for suffix in ("csv", "xlsx", "json", "jsonl"):
        file = tmp_path / f"items.{suffix}"
        exported = product.hotline("export", str(file))
        assert exported.returncode == 0, exported.stderr
        again = product.hotline("import", str(file), "--report", str(tmp_path / f"{suffix}.csv"))
        assert again.returncode == 0, again.stderr
        with (tmp_path / f"{suffix}.csv").open(encoding="utf-8-sig", newline="") as handle:
            results = {row["结果"] for row in csv.DictReader(handle)}
        assert results == {"未变"}, suffix


def test_a_hostile_file_is_refused_and_changes_nothing(product: Product, tmp_path: Path) -> None:
    file = tmp_path / "items.xlsx"
    file.write_bytes(b"MZ\x90\x00" + bytes(range(256)) * 50)
    before = product.hotline("items").stdout
    refused = product.hotline("import", str(file))
    assert refused.returncode == 1
    assert refused.stderr.startswith("错误 ")
    assert "Traceback" not in refused.stderr
    assert product.hotline("items").stdout == before
