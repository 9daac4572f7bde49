"""`hotline check` refuses keys that a component ignores, a stale dictionary, and a region tree of the wrong size."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.check import gather
from cli.checks.dictionary import dictionary_faults
from cli.checks.pipeline import config_faults, rasa_defaults, read_config
from cli.checks.regions import region_faults
from cli.checks.source import compose
from core.bootstrap import load_regions
from knowledge.errors import Fault

CONFIG = """\
pipeline:
  - name: JiebaTokenizer
    dictionary_path: words
policies:
  - name: RulePolicy
    core_fallback_threshold: 0.3
"""
KNOWN = {"JiebaTokenizer": frozenset(("dictionary_path",)), "RulePolicy": frozenset(("core_fallback_threshold",))}


def config_of(folder: Path, text: str) -> list[Fault]:
    path = folder / "config.yml"
    path.write_text(text, encoding="utf-8")
    return list(config_faults(read_config(path), KNOWN.get))


def test_keys_that_the_components_know_are_right(tmp_path: Path) -> None:
    assert config_of(tmp_path, CONFIG) == []


@pytest.mark.parametrize(("good", "bad", "fault"), [
    ("dictionary_path", "dictionary", Fault("config.yml", 3, "'JiebaTokenizer' knows no key 'dictionary'")),
    ("core_fallback_threshold", "threshold", Fault("config.yml", 6, "'RulePolicy' knows no key 'threshold'")),
    ("JiebaTokenizer", "Jieba", Fault("config.yml", 2, "there is no component 'Jieba'")),
], ids=["component", "policy", "unknown component"])
def test_a_key_that_nobody_reads_is_a_fault(tmp_path: Path, good: str, bad: str, fault: Fault) -> None:
    assert config_of(tmp_path, CONFIG.replace(good, bad)) == [fault]


def test_rasa_is_asked_for_the_keys_of_its_components_and_of_ours() -> None:
    ours = rasa_defaults("bot.components.intent_decision.IntentDecision")
    theirs = rasa_defaults("LogisticRegressionClassifier")
    assert ours == {"threshold", "overrule"}
    # Scikit-learn's name for the strength of regularisation, which Rasa does not pass on.
    assert theirs is not None and "max_iter" in theirs and "C" not in theirs
    assert rasa_defaults("bot.components.gone.Gone") is None and rasa_defaults("Gone") is None


def test_the_generated_dictionary_alone_is_right(tmp_path: Path) -> None:
    path = tmp_path / "hotline.txt"
    path.write_text("济南 2000 n\n", encoding="utf-8")
    assert list(dictionary_faults(path, "济南 2000 n\n")) == []


def test_a_stale_dictionary_is_a_fault_at_the_first_line_that_differs(tmp_path: Path) -> None:
    path = tmp_path / "hotline.txt"
    path.write_text("济南 2000 n\n青岛 2000 n\n", encoding="utf-8")
    assert [(fault.file, fault.line) for fault in dictionary_faults(path, "济南 2000 n\n烟台 2000 n\n")] == [("hotline.txt", 2)]


def test_a_missing_dictionary_is_a_fault(tmp_path: Path) -> None:
    assert [fault.message for fault in dictionary_faults(tmp_path / "hotline.txt", "")] == ["the dictionary is missing, `hotline train` writes it"]


def test_another_file_beside_the_dictionary_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "hotline.txt").write_text("", encoding="utf-8")
    (tmp_path / "old.txt").write_text("", encoding="utf-8")
    assert [fault.file for fault in dictionary_faults(tmp_path / "hotline.txt", "")] == ["old.txt"]


def test_the_tree_has_16_cities_and_136_counties() -> None:
    assert list(region_faults(load_regions())) == []


def test_a_county_too_few_is_a_fault() -> None:
    regions = [region for region in load_regions() if region.code != "370102"]
    assert list(region_faults(regions)) == [Fault("core/data/regions.yml", 1, "135 regions of level county, Shandong has 136")]


def test_faults_come_in_the_order_of_files_and_lines_each_once() -> None:
    one, two, three = Fault("a.yml", 1, "x"), Fault("a.yml", 9, "x"), Fault("b.yml", 2, "x")
    assert gather(lambda: [three, two, one, two]) == [one, two, three]


def test_a_file_that_is_missing_is_a_fault_beside_the_others(tmp_path: Path) -> None:
    def check() -> list[Fault]:
        compose(tmp_path / "gone.yml")
        return []
    assert gather(check) == [Fault("gone.yml", 1, "the file cannot be read")]
