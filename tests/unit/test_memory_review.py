"""`hotline review`: lists, accepts, rejects, asks, reports; says what to do where something is wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli import common, main
from core.clock import system_clock
from core.db import connect
from core.settings import Settings
from knowledge.bootstrap import open_store
from knowledge.memory.model import Miss, Pick
from knowledge.store.memory import SqlMemory

CODE, OTHER = "driving-licence-renew", "driving-licence-reissue"
SAID = "俺那塑料本本快到日子了"


def hotline(*words: str, keys: str | None = None) -> Result:
    return CliRunner(mix_stderr=False).invoke(main.app, list(words), input=keys)


def told(*words: str) -> Any:
    result = hotline("review", *words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a database with the product's own knowledge; filling one takes seconds."""
    folder: Path = tmp_path_factory.mktemp("filled")
    open_store(Settings(data_dir=folder))
    with connect(f"sqlite:///{folder / 'hotline.db'}").engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return (folder / "hotline.db").read_bytes()


@pytest.fixture
def memory(tmp_path: Path, filled: bytes, monkeypatch: pytest.MonkeyPatch) -> SqlMemory:
    """Three callers who mean one record, one who means another, and one who was rude."""
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for console in (common.console, common.errors):
        monkeypatch.setattr(console, "_width", 240)
    (tmp_path / "hotline.db").write_bytes(filled)
    return SqlMemory(connect(Settings(data_dir=tmp_path).database))


@pytest.fixture
def heard(memory: SqlMemory) -> SqlMemory:
    now = system_clock()
    for caller, text, code in (("a", SAID, CODE), ("a", SAID, CODE), ("b", SAID + "啊", CODE), ("c", SAID, CODE), ("d", "小红本卷边了要换新", OTHER),
                               ("e", "你们这群王八蛋换驾照", CODE), ("f", "停用的那个老记录", "no-such-record")):
        memory.keep_pick(Pick(text, code, "choice", now, caller))
    memory.keep_pick(Pick("半年前说过的塑料本本", CODE, "choice", now - timedelta(days=181), "g"))
    return memory


@pytest.mark.usefixtures("memory")
def test_without_anything_it_says_so() -> None:
    assert "没有要看的建议" in hotline("review").stdout
    assert "没有答不上来的问题" in hotline("review", "--gaps").stdout
    assert told() == {"suggestions": []}


def test_suggestions_are_listed_with_callers_and_without_the_rude_the_old_and_the_withdrawn(heard: SqlMemory) -> None:
    found = told()["suggestions"]
    assert [(one["text"], one["code"], one["callers"], one["rivals"]) for one in found] == [(SAID, CODE, 3, []), ("小红本卷边了要换新", OTHER, 1, [])]
    listed = hotline("review").stdout
    assert all(word in listed for word in (found[0]["id"], SAID, CODE, "100%", f"{SAID}啊（1人）"))
    assert "王八蛋" not in listed
    assert len(heard.picks()) == 7, "what is too old is deleted"


def test_what_is_accepted_is_learned_and_gone_from_the_list_until_it_is_forgotten(heard: SqlMemory) -> None:
    one, two = told()["suggestions"]
    done = hotline("review", "--accept", one["id"], two["id"])
    assert (done.exit_code, told()) == (0, {"suggestions": []}), done.stderr
    assert {(name.code, name.text, name.evidence) for name in heard.learned()} == {(CODE, SAID, 3), (OTHER, "小红本卷边了要换新", 1)}
    assert SAID in hotline("items", "show", CODE).stdout
    assert hotline("review", "--forget", CODE, SAID).exit_code == 0
    assert SAID not in hotline("items", "show", CODE).stdout
    assert [entry["id"] for entry in told()["suggestions"]] == [one["id"]]


def test_what_is_rejected_never_comes_back(heard: SqlMemory) -> None:
    assert told("--reject", told()["suggestions"][0]["id"])["rejected"][0]["text"] == SAID
    heard.keep_pick(Pick(SAID + "呢", CODE, "choice", system_clock(), "z"))
    assert [one["code"] for one in told()["suggestions"]] == [OTHER]


def test_all_that_enough_callers_said_and_nobody_disputes_is_accepted_at_once(heard: SqlMemory) -> None:
    heard.keep_pick(Pick("小红本卷边了要换新", CODE, "choice", system_clock(), "z"))
    assert [one["text"] for one in told("--all-from", "1")["accepted"]] == [SAID]


def test_one_by_one_with_keys(heard: SqlMemory) -> None:
    done = hotline("review", "--ask", keys="x\ny\nq\n")
    assert done.exit_code == 0, done.stderr
    assert [name.text for name in heard.learned()] == [SAID]
    assert hotline("review", "--ask", keys="n\n").exit_code == 0
    assert heard.rejected() == [(OTHER, "小红本卷边了要换新")]


def test_the_gap_report_is_shown_written_and_told_to_machines(memory: SqlMemory, tmp_path: Path) -> None:
    for caller, text in (("a", "去美国的签证怎么办"), ("b", "美国签证咋办"), ("c", "你们这群王八蛋咋办签证"), ("d", "[red]养龙虾要啥证")):
        memory.keep_miss(Miss(text, system_clock(), caller))
    gaps = told("--gaps")["gaps"]
    assert [(gap["callers"], len(gap["examples"])) for gap in gaps] == [(2, 2), (1, 1)]
    assert gaps[0]["nearest"] is None or isinstance(gaps[0]["nearest"], str)
    assert "[red]养龙虾" in hotline("review", "--gaps").stdout
    file = tmp_path / "gaps.md"
    assert hotline("review", "--gaps", "--out", str(file)).exit_code == 0
    written = file.read_text(encoding="utf-8")
    assert "美国" in written
    assert "王八蛋" not in written


@pytest.mark.parametrize(("words", "told"), [
    (("--accept", "ffffffff"), "没有编号为 ffffffff 的建议，什么也没有改"), (("--reject", "[/x]"), "没有编号为 [/x] 的建议"),
    (("--accept", "1", "--reject", "2"), "一次只能用一个"), (("1234",), "编号前面要写 --accept 或 --reject"), (("--out", "x.md"), "--out 要和 --gaps 一起用"),
    (("--forget", CODE, "没学过的说法"), "没有学到过"), (("--gaps", "--out", "/no/such/folder/x.md"), "写不了"), (("--ask", "--json"), "不能一起用"),
])
@pytest.mark.usefixtures("heard")
def test_wrong_use_ends_with_a_word_that_helps(words: tuple[str, ...], told: str) -> None:
    done = hotline("review", *words)
    assert done.exit_code == 1
    assert told in done.stderr
