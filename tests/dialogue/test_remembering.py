"""What callers choose after a question back becomes, once an editor accepts it, a name in every process of the running product."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from tests.support.running_product import Product

pytestmark = pytest.mark.stack
PROMISE = 5.0  # seconds from the editor's word to the caller's ear
PATIENCE = 30.0  # for what is promised no time: a record on its way into the database, an import on its way to the callers
WORDS = "荧光灯塔参观怎么弄"
ROWS = [{"标识": code, "事项名称": name, "事项类型": "公共服务", "实施主体": "文旅", "服务对象": "个人", "办理地点": f"灯塔{place}门窗口", "是否收费": "否",
         "核对日期": "2026-11-01"} for code, name, place in (("tower-book", "荧光灯塔参观预约", "北"), ("tower-cancel", "荧光灯塔参观退约", "南"))]


def until(told: Callable[[], bool], patience: float = PATIENCE) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if told():
            return True
        time.sleep(0.2)
    return False


def reviewed(product: Product, *words: str) -> Any:
    done = product.hotline("review", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def suggested(product: Product) -> list[dict[str, Any]]:
    return [one for one in reviewed(product)["suggestions"] if one["text"] == WORDS]


@pytest.fixture
def towers(product: Product, tmp_path: Path) -> Iterator[None]:
    """Two items that nobody can tell apart by the words of this test; they are gone afterwards."""
    file = tmp_path / "towers.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(ROWS[0]))
        writer.writeheader()
        writer.writerows(ROWS)
    imported = product.hotline("import", str(file))
    assert imported.returncode == 0, imported.stderr
    assert until(lambda: product.chat().say(WORDS)["outcome"] == "clarified")
    yield
    for row in ROWS:
        product.hotline("items", "withdraw", row["标识"])


def choose(product: Product, position: str) -> str:
    chat = product.chat()
    assert chat.say(WORDS)["outcome"] == "clarified"
    chosen = chat.say(position)
    assert chosen["outcome"] == "answered", chosen
    return str(chosen["item"])


@pytest.mark.usefixtures("towers")
def test_a_choice_is_reviewed_and_then_understood_without_a_question_back(product: Product) -> None:
    meant = choose(product, "第二个")
    assert choose(product, "第二个") == meant
    in_danger = product.chat()
    in_danger.say(WORDS)
    in_danger.say("第二个")
    assert in_danger.say("家里着火了快来人")["outcome"] == "emergency_119"
    assert until(lambda: [(one["code"], one["callers"]) for one in suggested(product)] == [(meant, 2)]), suggested(product)
    id = suggested(product)[0]["id"]
    assert id in product.hotline("review").stdout
    accepted = product.hotline("review", "--accept", id)
    assert accepted.returncode == 0, accepted.stderr
    began = time.monotonic()
    assert until(lambda: product.chat().say(WORDS)["outcome"] == "answered", PROMISE), "Rasa and the action server"
    found = product.http().post("/v1/knowledge/match", json={"text": WORDS}).json()
    assert time.monotonic() - began < PROMISE
    assert (found["decision"], found["candidates"][0]["code"], found["candidates"][0]["matched_on"]) == ("answer", meant, WORDS), "the gateway"
    assert product.chat().say(WORDS)["item"] == meant
    assert WORDS in product.hotline("items", "show", meant).stdout
    assert suggested(product) == []
    assert product.hotline("review", "--forget", meant, WORDS).returncode == 0
    assert until(lambda: product.chat().say(WORDS)["outcome"] == "clarified")
    assert product.hotline("review", "--reject", id).returncode == 0
    assert suggested(product) == []


def test_what_found_nothing_stands_in_the_report(product: Product, tmp_path: Path) -> None:
    assert product.chat().say("去美国的签证怎么办")["outcome"] == "not_found"
    assert until(lambda: any("美国的签证" in gap["text"] for gap in reviewed(product, "--gaps")["gaps"]))
    file = tmp_path / "gaps.md"
    assert product.hotline("review", "--gaps", "--out", str(file)).returncode == 0
    assert "美国的签证" in file.read_text(encoding="utf-8")


def test_an_operators_correction_is_suggested(product: Product) -> None:
    made = product.hotline("admin", "key", "--role", "operator")
    key = next(word for word in made.stdout.split() if word.startswith("hk_"))
    text = "俺那个塑料本本快到日子了要换"
    answer = product.http(**{"X-API-Key": key}).post("/v1/operator/corrections", json={"text": text, "code": "driving-licence-renew"})
    assert answer.status_code == 202, answer.text
    assert until(lambda: any(one["text"] == text and one["code"] == "driving-licence-renew" for one in reviewed(product)["suggestions"]))
