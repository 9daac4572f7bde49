"""Words, what lies beyond the hotline, and weights are read from files; a fault names the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest

from knowledge.errors import KnowledgeFaulty
from knowledge.load_words import load_beyond, load_lexicon, load_models, models_document
from knowledge.matching.decision import SIGNS, Calibration
from knowledge.matching.matcher import Model, Models
from knowledge.matching.ranking import COLUMNS

FILES = {
    "terms/papers.yml": "居民身份证: [身份证]\n结婚证: [小红本]\n",
    "terms/work.yml": "居民身份证: [二代证]\n",
    "actions.yml": "补领: {say: 丢了补办, words: [补领, 丢了]}\n申领: {say: 新办, bare: true, words: [申领], except: [申领表]}\n",
    "subjects.yml": "企业: {group: 单位, say: 企业, words: [公司]}\n个体户: {group: 单位, say: 个体户, words: [小店]}\n",
    "latin.yml": "sfz: [身份证]\nhz: [护照, 合作]\n",
}


def written(root: Path, **changed: str | bytes) -> Path:
    """Write the small words into a folder, some files otherwise: `actions` stands for actions.yml, `terms_work` for terms/work.yml."""
    for name, text in {**FILES, **{f"{key.replace('_', '/')}.yml": text for key, text in changed.items()}}.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


# --- words -----------------------------------------------------------------------------------------------------------
def test_words_are_read_as_they_stand(tmp_path: Path) -> None:
    found = load_lexicon(written(tmp_path))
    assert [found.readings(text)[-1] for text in ("身份证丢了", "二代证丢了", "小红本丢了")] == ["居民身份证丢了", "居民身份证丢了", "结婚证丢了"]
    assert [(sense.name, sense.say, sense.words, sense.exceptions, sense.bare) for sense in found.actions.all] == [
        ("补领", "丢了补办", ("补领", "丢了"), (), False), ("申领", "新办", ("申领",), ("申领表",), True)]
    assert [(sense.name, sense.group) for sense in found.subjects.all] == [("企业", "单位"), ("个体户", "单位")]
    assert {letters: list(words) for letters, words in found.latin.items()} == {"sfz": ["身份证"], "hz": ["护照", "合作"]}


def test_the_shipped_words_and_what_lies_beyond_us_can_be_read() -> None:
    found = load_lexicon()
    assert found.terms and found.actions.all and found.subjects.all and found.latin
    beyond = load_beyond()
    assert {name.kind for name in beyond} == {"beyond"}
    assert len({name.code for name in beyond}) == len({name.official for name in beyond}) > 50


@pytest.mark.parametrize(("file", "content"), [
    ("terms_papers", "居民身份证: []\n"), ("terms_papers", "居民身份证: 身份证\n"), ("terms_papers", "居民身份证:\n"), ("terms_papers", "- 身份证\n"),
    ("terms_work", ""), ("actions", ""), ("actions", "- 补领\n"), ("subjects", "企业\n"), ("latin", "[]\n"),
])
def test_words_of_a_wrong_shape_are_a_fault_that_names_the_file(tmp_path: Path, file: str, content: str) -> None:
    with pytest.raises(KnowledgeFaulty) as caught:
        load_lexicon(written(tmp_path, **{file: content}))
    assert [fault.file for fault in caught.value.faults] == [f"{file.removeprefix('terms_')}.yml"]


@pytest.mark.parametrize(("file", "content"), [
    ("actions", "补领: {words: [补领]}\n"), ("actions", "补领: {say: 补办}\n"), ("actions", "补领: 丢了\n"), ("subjects", "企业: {say: 企业, words: 5}\n"),
    ("latin", "sfz: 5\n"), ("actions", "补领: {say: [补办\n"), ("terms_papers", "居民身份证: [身份证\n"), ("terms_papers", b"\xff\xfe\x00"),
])
def test_a_file_that_cannot_be_understood_is_a_fault_that_names_it(tmp_path: Path, file: str, content: str | bytes) -> None:
    with pytest.raises(KnowledgeFaulty) as caught:
        load_lexicon(written(tmp_path, **{file: content}))
    assert [fault.file for fault in caught.value.faults] == [f"{file.removeprefix('terms_')}.yml"]


# --- what lies beyond us ---------------------------------------------------------------------------------------------
def test_what_lies_beyond_us_is_a_name_for_each_phrase(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("- {code: beyond-love, name: 恋爱, turn_to: null, phrases: [怎么追人, 520]}\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("- {code: beyond-game, name: 游戏, turn_to: 客服, phrases: [咋上分]}\n", encoding="utf-8")
    assert [(name.code, name.text, name.kind, name.official) for name in load_beyond(tmp_path)] == [
        ("beyond-love", "恋爱", "beyond", "恋爱"), ("beyond-love", "怎么追人", "beyond", "恋爱"), ("beyond-love", "520", "beyond", "恋爱"),
        ("beyond-game", "游戏", "beyond", "游戏"), ("beyond-game", "咋上分", "beyond", "游戏")]
    assert load_beyond(tmp_path / "nowhere") == ()


# --- weights ---------------------------------------------------------------------------------------------------------
def models() -> Models:
    draw = np.random.default_rng(3)

    def model() -> Model:
        rank = draw.normal(size=len(COLUMNS)).round(3).astype(np.float32)
        rank[::5] = 0.0
        return Model(rank, Calibration(*draw.normal(size=(2, len(SIGNS))).round(3).astype(np.float32)))

    return Models(model(), model())


def test_weights_come_back_as_they_were_written(tmp_path: Path) -> None:
    path, before = tmp_path / "weights.json", models()
    path.write_text(json.dumps(models_document(before, 0.25)), encoding="utf-8")
    after, usual = load_models(path)
    assert usual == 0.25
    for one, other in ((before.sparse, after.sparse), (before.rich, after.rich)):
        assert other.rank == pytest.approx(one.rank, abs=1e-4)
        assert other.calibration.right == pytest.approx(one.calibration.right, abs=1e-4)
        assert other.calibration.among == pytest.approx(one.calibration.among, abs=1e-4)
        assert other.calibration.shift == 0.0


def test_the_shipped_weights_fit_this_version() -> None:
    found, usual = load_models()
    assert all(np.isfinite(part).all() and np.abs(part).max() > 0 for model in (found.sparse, found.rich)
               for part in (model.rank, model.calibration.right, model.calibration.among))
    assert -3 < usual < 3


@pytest.mark.parametrize("spoil", [
    lambda found: found["rich"]["rank"].update(unheard_of=1.0), lambda found: found["rich"]["right"].pop(SIGNS[0]),
    lambda found: found["sparse"]["among"].update(unheard_of=1.0), lambda found: found.pop("sparse"), lambda found: found.pop("usual_gap"),
    lambda found: found.update(rich=None), lambda found: found.update(usual_gap="viel"), lambda found: found["rich"]["right"].update({SIGNS[0]: "a"}),
])
def test_weights_of_another_version_are_a_fault_that_names_the_file(tmp_path: Path, spoil: Callable[[dict[str, Any]], object]) -> None:
    path, document = tmp_path / "matcher.json", models_document(models(), 0.0)
    spoil(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(KnowledgeFaulty, match="matcher.json.*hotline train-matcher"):
        load_models(path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"sparse": 1}'])
def test_weights_that_are_no_weights_are_a_fault_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "matcher.json"
    path.write_bytes(content)
    with pytest.raises(KnowledgeFaulty, match="matcher.json.*hotline train-matcher"):
        load_models(path)


def test_weights_that_are_missing_are_a_fault_that_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeFaulty, match="matcher.json.*hotline train-matcher"):
        load_models(tmp_path / "matcher.json")
