"""Names that are near by meaning alone, when a model of meaning is there; and a start that says what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from cli.main import app
from knowledge.bootstrap import load_matching
from knowledge.dense.port import DenseModelFaulty
from knowledge.matching.matcher import KnowledgeMatcher
from knowledge.matching.names import Name

NAMES = [Name("notary", "亲属关系公证", "item", "亲属关系公证"), Name("lamp", "路灯报修", "item", "路灯报修"),
         Name("dog", "犬只登记", "item", "犬只登记"), Name("water", "自来水开户", "item", "自来水开户")]
ALIKE = {"兄弟姐妹": 0, "亲属关系公证": 0, "路灯报修": 1, "犬只登记": 2, "自来水开户": 3}


class Meanings:
    """Tells the same vector for texts that mean the same."""

    dimensions = 5

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.eye(5, dtype=np.float32)[[ALIKE.get(text, 4) for text in texts]]


class Broken(Meanings):
    """Works for names and fails on a caller's words."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if list(texts) == ["路灯坏了"]:
            raise DenseModelFaulty("not a number")
        return super().encode(texts)


def matcher(encoder: Meanings | None) -> KnowledgeMatcher:
    matching = load_matching()
    return KnowledgeMatcher(NAMES, {}, matching.lexicon, matching.models, encoder=encoder)


def test_what_shares_no_character_is_found_by_meaning() -> None:
    assert matcher(None).match("兄弟姐妹").candidates == ()
    assert matcher(Meanings()).match("兄弟姐妹").candidates[0].code == "notary"


def test_an_update_brings_its_meanings_along() -> None:
    fresh = matcher(Meanings()).updated({"notary": (), "kin": (Name("kin", "亲属关系公证", "item", "亲属关系公证"),)}, {})
    assert fresh is not None
    assert [candidate.code for candidate in fresh.match("兄弟姐妹").candidates][:1] == ["kin"]


def test_a_model_that_fails_on_a_text_leaves_the_words() -> None:
    assert matcher(Broken()).match("路灯坏了").candidates[0].code == "lamp"


def test_a_wrong_folder_stops_the_start_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_DENSE_MODEL", str(tmp_path / "nothing"))
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    told = CliRunner().invoke(app, ["serve"])
    assert told.exit_code == 1
    assert not (tmp_path / "redis").exists()
