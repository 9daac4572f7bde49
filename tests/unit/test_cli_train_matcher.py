"""`hotline train-matcher`: a city's log that teaches is put into service, one that does not is not, a bad one is told with its line."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Sequence

import numpy as np
import pytest
from typer.testing import CliRunner

from cli import main, matcher_training
from core.settings import Settings
from knowledge.bootstrap import TRAINED, Knowledge, Matching
from knowledge.load_words import load_models
from knowledge.matching.decision import SIGNS, Calibration
from knowledge.matching.matcher import KnowledgeMatcher, Model, Models
from knowledge.matching.names import Name
from knowledge.matching.ranking import weights_of
from tests.support.words import words

THINGS = ("路灯", "水井", "渔船", "蜂箱", "苗圃", "石磨", "戏台", "粮仓", "电梯", "锅炉", "泳池", "锣鼓", "桥梁", "烟囱", "风筝", "邮筒")
ITEM, EVENT = ("报备一下", "报上去", "报给乡里"), ("一整套", "前前后后", "里里外外")  # with the official name enough for the rich model
SHAPES = ("{}装设", "{}装设咋弄", "俺想{}装设", "{}装设去哪", "打听{}装设", "{}装设的事", "问下{}装设", "{}装设咋跑")


def names() -> list[Name]:
    """Of every thing an item and a life event that are called nearly alike."""
    found = []
    for i, thing in enumerate(THINGS):
        found += [Name(f"item-{i}", text, "item", f"{thing}装设备案") for text in (f"{thing}装设备案", *(f"{thing}装设{how}" for how in ITEM))]
        found += [Name(f"life-{i}", text, "life_event", f"{thing}装设一件事") for text in (f"{thing}装设一件事", *(f"{thing}装设{how}" for how in EVENT))]
    return found


def calibration() -> Calibration:
    signs = np.array([float(sign in ("one", "lead")) for sign in SIGNS], np.float32)
    return Calibration(signs, signs)


def model(event: float) -> Model:
    """A model that prefers life events, or with a weight below zero shuns them."""
    return Model(weights_of({"found": 0.3, "cover_text": 3.0, "cover_name": 1.0, "event": event}), calibration())


class Bench:
    """The command on a small knowledge: settings of its own folder, few lessons, and what it printed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings = Settings(data_dir=folder / "data")
        self.log = folder / "calls.jsonl"
        self.target = self.settings.data_dir / TRAINED
        self.serve(-5.0, monkeypatch)
        monkeypatch.setattr(matcher_training, "read_questions", lambda path: [])
        monkeypatch.setattr(matcher_training, "SAMPLE", 2)
        monkeypatch.setattr(main, "settings", lambda: self.settings)

    def serve(self, event: float, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put a model into service that weighs life events so."""
        matching = Matching(words(), Models(model(event), model(event)), (), 0.125)
        all_names = names()
        said = {name.code: tuple(other for other in all_names if other.code == name.code) for name in all_names}
        knowledge = Knowledge(None, KnowledgeMatcher(all_names, {}, matching.lexicon, matching.models), None, {}, matching.lexicon, said, {})  # type: ignore[arg-type]
        self.knowledge = knowledge
        monkeypatch.setattr(matcher_training, "load_matching", lambda settings: matching)
        monkeypatch.setattr(matcher_training, "build", lambda matching: knowledge)

    def write(self, lines: Sequence[tuple[str, str]]) -> None:
        self.log.write_text("\n".join(json.dumps({"query": text, "code": code}, ensure_ascii=False) for text, code in lines) + "\n", encoding="utf-8")

    def run(self, *options: str) -> tuple[int, str]:
        """Run the command; an exception that is not told as a fault comes through."""
        found = CliRunner().invoke(main.app, ["train-matcher", str(self.log), *options])
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found.exit_code, found.output


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


def teaching() -> list[tuple[str, str]]:
    """What callers of a city say when they mean the life event; a few mean the item, a few something else altogether."""
    return [(shape.format(thing), (f"item-{i}", f"life-{(i + 5) % len(THINGS)}", f"life-{i}")[min((i + j) % 9, 2)]) for i, thing in enumerate(THINGS) for j, shape in enumerate(SHAPES)]


# --- what a log teaches ----------------------------------------------------------------------------------------------
def test_a_log_that_teaches_is_put_into_service(bench: Bench) -> None:
    assert bench.knowledge.matcher.match("路灯装设咋弄").candidates[0].code == "item-0"
    bench.write(teaching())
    code, told = bench.run()
    assert (code, bench.target.exists()) == (0, True), told
    assert "128 行" in told and "重启" in told
    models, usual = load_models(bench.target)
    assert usual == 0.125, "the usual gap is that of the product"
    assert models.sparse.rank == pytest.approx(model(-5.0).rank), "a log teaches nothing about lists of names alone"
    taught = KnowledgeMatcher(names(), {}, words(), models)
    right, before = (sum(matcher.match(text).candidates[0].code == expected for text, expected in teaching())
                     for matcher in (taught, bench.knowledge.matcher))
    assert right > 0.6 * len(teaching()) > 0.3 * len(teaching()) > before
    assert list(bench.settings.data_dir.iterdir()) == [bench.target], "nothing half written is left"


def test_a_dry_run_tells_and_changes_nothing(bench: Bench) -> None:
    bench.write(teaching())
    code, told = bench.run("--dry-run")
    assert code == 0
    assert "更好" in told and "--dry-run" in told
    assert not bench.target.exists()


def test_what_is_in_service_already_is_not_taught_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.serve(5.0, monkeypatch)
    bench.write(teaching())
    code, told = bench.run()
    assert (code, bench.target.exists()) == (0, False), told
    assert "仍用原来的权重" in told


def test_a_log_of_noise_is_not_put_into_service(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.serve(5.0, monkeypatch)
    codes = sorted(bench.knowledge.said)
    taken = 0
    for seed in range(5):
        draw = random.Random(seed)  # item and life event by the toss of a coin, and now and then anything
        bench.write([(shape.format(thing), draw.choice((f"item-{i}", f"life-{i}", draw.choice(codes))))
                     for i, thing in enumerate(THINGS) for shape in SHAPES])
        assert bench.run()[0] == 0
        taken += bench.target.exists()
        bench.target.unlink(missing_ok=True)
    assert taken == 0


def test_a_log_of_which_all_is_found_already_changes_nothing(bench: Bench) -> None:
    bench.write([(f"{shape.format(thing)}", f"item-{i}") for i, thing in enumerate(THINGS) for shape in SHAPES])
    code, told = bench.run()
    assert (code, bench.target.exists()) == (0, False), told
    assert "仍用原来的权重" in told


# --- what a log must look like ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("bad", [
    "not json", "[]", "5", "null", "{}", '{"query": "路灯装设"}', '{"code": "item-0"}', '{"query": 5, "code": "item-0"}', '{"query": "路灯", "code": null}',
    '{"query": "路灯", "code": "nobody"}', '{"query": "路灯", "code": ["item-0"]}', '{"query": null, "code": "item-0"}',
])
def test_a_bad_line_is_told_with_its_number(bench: Bench, bad: str) -> None:
    lines = [json.dumps({"query": text, "code": code}) for text, code in teaching()]
    bench.log.write_text("\n".join([*lines[:40], "", bad, *lines[40:]]), encoding="utf-8")
    code, told = bench.run()
    assert code != 0
    assert "第 42 行" in told.replace("\n", "")
    assert not bench.target.exists()


def test_a_line_ends_where_the_file_says_and_not_within_what_was_said(bench: Bench) -> None:
    lines = [json.dumps({"query": f"{text}\u2028吧\x85", "code": code}, ensure_ascii=False) for text, code in teaching()]
    bench.log.write_text("\n".join(lines), encoding="utf-8")
    found = matcher_training.read_log(bench.log, bench.knowledge.said)
    assert len(found) == len(lines)


@pytest.mark.parametrize("content", [b"", b"\n\n", b'{"query": "a", "code": "item-0"}\n' * 49])
def test_too_short_a_log_is_told(bench: Bench, content: bytes) -> None:
    bench.log.write_bytes(content)
    code, told = bench.run()
    assert code != 0
    assert f"至少要 {matcher_training.FEWEST} 行" in told.replace("\n", "")


def test_a_log_in_another_encoding_is_told(bench: Bench) -> None:
    bench.log.write_bytes("\n".join('{"query": "路灯装设", "code": "item-0"}' for _ in range(60)).encode("gb18030"))
    code, told = bench.run()
    assert code != 0
    assert bench.log.name in told.replace("\n", "")


def test_a_log_that_is_not_there_is_told(bench: Bench) -> None:
    code, told = bench.run()
    assert code != 0
    assert bench.log.name in told.replace("\n", "")


@pytest.mark.parametrize("arguments", [[], ["calls.jsonl", "--own"]])
def test_either_a_log_or_our_own(arguments: list[str], bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*given: object) -> None:
        raise AssertionError("nothing is to be learned")

    monkeypatch.setattr(matcher_training, "train_own", never)
    monkeypatch.setattr(matcher_training, "train_on", never)
    found = CliRunner().invoke(main.app, ["train-matcher", *arguments])
    assert found.exit_code != 0
    assert isinstance(found.exception, SystemExit), found.exception


def test_numbered_lines_are_kept_as_they_were_said(bench: Bench) -> None:
    bench.write(teaching())
    found = matcher_training.read_log(bench.log, bench.knowledge.said)
    assert [(line.text, line.code) for line in found] == teaching()
