"""Readings of names kept on disk: the same as made anew, and never taken from a file that is damaged or that others could write."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge import kept_readings
from knowledge.kept_readings import KEPT, KeptReadings, keep_readings, load_readings
from knowledge.load_words import load_lexicon
from knowledge.matching.names import Name
from knowledge.matching.reading import Reader
from knowledge.matching.segment import Reading, build_segment, read_name

LEXICON = load_lexicon()
TEXTS = ("身份证丢了怎么补办", "護照換發", "𠮷林路占道要多少钱", "12345 热线", "ETC怎么办", "?", "孤\ud800字多久")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_readings, "WORTH", 2)


def made(*texts: str) -> dict[str, Reading]:
    return {text: read_name(LEXICON, text) for text in texts or TEXTS}


def written(folder: Path) -> Path:
    kept = load_readings(folder)
    assert keep_readings(kept, made())
    return kept.file


def test_what_is_read_back_is_what_was_made(tmp_path: Path) -> None:
    written(tmp_path)
    assert load_readings(tmp_path).by_text == made()


def test_an_index_of_kept_readings_is_the_index_made_anew(tmp_path: Path) -> None:
    written(tmp_path)
    names = [Name(f"code{i % 3}", text, "item", text) for i, text in enumerate(TEXTS)]
    anew, kept = (build_segment(names, {"code1": "补办要两张照片"}, Reader(LEXICON), known=known) for known in ({}, load_readings(tmp_path).by_text))
    for part in ("text", "asks", "starts", "firsts", "context", "context_names", "actions", "subjects", "lengths"):
        assert np.array_equal(getattr(anew, part), getattr(kept, part)), part
    assert np.array_equal(anew.exact.hashes, kept.exact.hashes)
    assert np.array_equal(anew.matters.hashes, kept.matters.hashes)


def test_what_is_known_is_not_read_again() -> None:
    known = {"甲": (("乙",), "乙", 0, 0, ((),))}
    segment = build_segment([Name("code", "甲", "item", "甲")], {}, Reader(LEXICON), known=known)
    assert segment.text.tobytes().decode("utf-16-le") == "乙"


@pytest.mark.parametrize("damage", [
    lambda whole: whole[:-10], lambda whole: whole.replace("怎".encode(), "咋".encode(), 1), lambda whole: b"", lambda whole: b"\xff" + whole,
    lambda whole: whole.partition(b"\n")[2],
], ids=["cut off", "a character changed", "empty", "no seal", "the seal is gone"])
def test_a_damaged_file_is_rebuilt_and_never_trusted(tmp_path: Path, damage: object) -> None:
    file = written(tmp_path)
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    assert load_readings(tmp_path) == KeptReadings(file)
    written(tmp_path)
    assert load_readings(tmp_path).by_text == made()


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_file_that_others_could_have_written_is_no_file(tmp_path: Path, mode: int) -> None:
    written(tmp_path).chmod(mode)
    assert load_readings(tmp_path).by_text == {}


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_a_file_of_another_user_is_no_file(tmp_path: Path) -> None:
    os.chown(written(tmp_path), 12345, 12345)
    assert load_readings(tmp_path).by_text == {}


def test_other_code_or_other_words_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path)
    monkeypatch.setattr(kept_readings, "version", lambda package: "another")
    assert load_readings(tmp_path).by_text == {}
    assert load_readings(tmp_path).file != file


def test_what_was_known_before_stays_beside_what_is_new(tmp_path: Path) -> None:
    written(tmp_path)
    keep_readings(load_readings(tmp_path), made("新开一家饭馆", "注销公司"))
    assert load_readings(tmp_path).by_text == made(*TEXTS, "新开一家饭馆", "注销公司")


def test_a_few_new_names_are_not_worth_writing(tmp_path: Path) -> None:
    file = written(tmp_path)
    before = file.read_bytes()
    assert keep_readings(load_readings(tmp_path), made("新开一家饭馆")) is False
    assert file.read_bytes() == before


def test_more_names_than_are_worth_keeping_are_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_readings, "MOST", len(TEXTS) - 1)
    assert keep_readings(load_readings(tmp_path), made()) is False
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("no folder", encoding="utf-8")
    assert keep_readings(load_readings(tmp_path / "models"), made()) is False


def test_the_newest_few_files_are_kept_and_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    kept = load_readings(tmp_path)
    for i in range(KEPT + 2):
        keep_readings(replace(kept, file=tmp_path / f"readings-{i}.json"), made())
        os.utime(tmp_path / f"readings-{i}.json", (i, i))
    (tmp_path / ".readings-left").write_bytes(b"half")
    os.utime(tmp_path / ".readings-left", (0, 0))
    file = written(tmp_path)
    assert {one.name for one in tmp_path.iterdir()} == {file.name, *(f"readings-{i}.json" for i in (KEPT, KEPT + 1))}


def test_a_write_that_fails_leaves_the_old_file_and_nothing_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path)

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    assert keep_readings(load_readings(tmp_path), made("新开一家饭馆", "注销公司")) is False
    assert [one.name for one in tmp_path.iterdir()] == [file.name]
    assert load_readings(tmp_path).by_text == made()
