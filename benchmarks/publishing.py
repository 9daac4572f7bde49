"""How long a published change takes to reach callers of a running product, in every process; writes docs/benchmarks/publishing.md."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Callable

import typer
from rich.console import Console

from cli.evaluation.report import table
from core.clock import system_clock
from core.db import connect
from core.settings import ROOT
from knowledge.document import write_item
from knowledge.editing import withdraw
from knowledge.model import Item
from knowledge.record import Change
from knowledge.store.sql import SqlKnowledge
from tests.support.running_product import Product, launch

REPORT = ROOT / "docs" / "benchmarks" / "publishing.md"
CODE, QUESTION = "bench-lamp", "荧光灯塔参观预约在哪里办"
LAMP = Item(CODE, "荧光灯塔参观预约", "试验", "公共服务", "预约", ("个人",), "文旅", ("荧光灯塔咋预约",), (), date(2026, 11, 1))
PATIENCE = 120.0


def main(rounds: int = typer.Option(8, help="published changes a line"), more: int = typer.Option(3400, help="further items in the store")) -> None:
    """Measure on a fresh data folder, first with the curated items, then with a long imported list beside them."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        product = launch(Path(folder))
        store = SqlKnowledge(connect(f"sqlite:///{folder}/hotline.db"))
        try:
            curated = len(store.heads())
            rows = [(f"{curated} records", *_measure(product, store, rounds, console))]
            filler = (Change("item", f"bench-{n}", write_item(_filler(n))) for n in range(more))
            store.put(filler, author="benchmark", at=system_clock(), note="filler")
            _until(lambda: _heard(product, "长名单试验事项0001登记在哪里办"))
            rows.append((f"{curated + more} records", *_measure(product, store, rounds, console)))
        finally:
            product.stop()
    REPORT.write_text("\n\n".join((
        "<!-- Written by benchmarks/publishing.py; changes by hand are lost. -->", "# From publishing to hearing",
        "Seconds from the commit of a change to the first answer that tells it, through the gateway alone (`/v1/knowledge/match`) and through "
        "a whole turn of a chat (gateway, Rasa, action server), on an idle product of one machine. The aim is five.",
        table(("store", "gateway, median", "gateway, most", "whole turn, median", "whole turn, most"), rows))) + "\n", encoding="utf-8")
    console.print(f"[green]✓[/] {REPORT.relative_to(ROOT)}")


def _filler(number: int) -> Item:
    return replace(LAMP, code=f"bench-{number}", name=f"长名单试验事项{number:04d}登记", aliases=(), location="试验窗口")


def _measure(product: Product, store: SqlKnowledge, rounds: int, console: Console) -> tuple[str, ...]:
    gateway, turn = [], []
    for number in range(rounds):
        for seconds, heard in ((gateway, _heard), (turn, _said)):
            place = f"灯塔{'东南西北'[number % 4]}门第{number}窗口"
            store.put([Change("item", CODE, write_item(LAMP) | {"location": place})], author="benchmark", at=system_clock(), note="change")
            seconds.append(_until(lambda: place in heard(product, QUESTION)))  # noqa: B023  # called at once
            console.print(f"{heard.__name__} {seconds[-1]:.2f} s", highlight=False)
    withdraw(store, CODE, author="benchmark", at=system_clock())
    return tuple(f"{figure:.1f}" for seconds in (gateway, turn) for figure in (median(seconds), max(seconds)))


def _until(told: Callable[[], object]) -> float:
    began = time.monotonic()
    while not told():
        if time.monotonic() - began > PATIENCE:
            raise SystemExit("the change was not heard")
        time.sleep(0.1)
    return time.monotonic() - began


def _heard(product: Product, text: str) -> str:
    found = product.http().post("/v1/knowledge/match", json={"text": text}).json()
    return json.dumps(found, ensure_ascii=False) if found.get("decision") == "answer" else ""


def _said(product: Product, text: str) -> str:
    return str(product.chat().say(text)["said"])


if __name__ == "__main__":
    typer.run(main)
