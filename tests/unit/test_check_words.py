"""`hotline check` finds what is wrong with the matcher's words and with what lies beyond the hotline."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.checks.source import Unreadable
from cli.checks.words import beyond_faults, latin_faults, sense_faults, term_faults, word_faults
from core.settings import ROOT
from knowledge.load_words import load_beyond

SENSE = "补领: {say: 补办, words: [补领, 补办], except: [补办公用品]}\n"
BEYOND = "- code: beyond-weather\n  name: 天气\n  turn_to: 气象台\n  phrases: [明天下雨吗, 今天多少度]\n"


def written(folder: Path, text: str, name: str = "words.yml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def told(faults: object) -> list[tuple[str, int, str]]:
    return [(fault.file, fault.line, fault.message) for fault in faults]  # type: ignore[attr-defined]


def test_well_formed_terms_are_right(tmp_path: Path) -> None:
    assert told(term_faults([written(tmp_path, "驾驶证: [驾照, 驾本]\n护照: [出国本, 驾照]\n")])) == []


def test_an_everyday_word_that_is_its_own_term_is_a_fault(tmp_path: Path) -> None:
    path = written(tmp_path, "护照: [出国本]\n驾驶证:\n  - 驾照\n  - 驾驶证\n")
    assert told(term_faults([path])) == [("words.yml", 4, "'驾驶证' is an everyday word of itself")]


@pytest.mark.parametrize("words", ["[]", "", "驾照", "{驾照: 1}"])
def test_a_term_without_a_list_of_words_is_a_fault(tmp_path: Path, words: str) -> None:
    assert told(term_faults([written(tmp_path, f"护照: [出国本]\n驾驶证: {words}\n")])) == [("words.yml", 2, "'驾驶证' has no words")]


@pytest.mark.parametrize("word", ["''", "null", "' '"])
def test_an_empty_word_is_a_fault(tmp_path: Path, word: str) -> None:
    assert told(term_faults([written(tmp_path, f"驾驶证: [驾照, {word}]\n")])) == [("words.yml", 1, "'驾驶证' has an empty word")]


def test_a_word_twice_under_a_term_is_a_fault_in_one_file_and_in_two(tmp_path: Path) -> None:
    one, two = written(tmp_path, "驾驶证: [驾照, 驾照]\n", "a.yml"), written(tmp_path, "\n驾驶证: [驾本, 驾照]\n", "b.yml")
    message = "'驾照' stands twice under '驾驶证', first at a.yml:1"
    assert told(term_faults([one, two])) == [("a.yml", 1, message), ("b.yml", 2, message)]


def test_a_well_formed_sense_is_right(tmp_path: Path) -> None:
    assert told(sense_faults(written(tmp_path, SENSE + "注销: {say: 注销, words: [注销]}\n"))) == []


def test_two_senses_of_one_say_are_a_fault(tmp_path: Path) -> None:
    path = written(tmp_path, SENSE + "换领: {say: 补办, words: [换领]}\n")
    assert told(sense_faults(path)) == [("words.yml", 2, "'补办' is said of two senses, first in line 1")]


def test_a_sense_defined_twice_is_a_fault(tmp_path: Path) -> None:
    path = written(tmp_path, SENSE + "补领: {say: 重办, words: [重办]}\n")
    assert told(sense_faults(path)) == [("words.yml", 2, "'补领' is defined twice, first in line 1")]


@pytest.mark.parametrize("sense", ["{say: 换证}", "{say: 换证, words: []}", "{say: 换证, words: 换领}"])
def test_a_sense_without_words_is_a_fault(tmp_path: Path, sense: str) -> None:
    assert told(sense_faults(written(tmp_path, SENSE + f"换领: {sense}\n"))) == [("words.yml", 2, "'换领' has no words")]


@pytest.mark.parametrize("sense", ["{words: [换领]}", "{say: '', words: [换领]}", "{say: null, words: [换领]}"])
def test_a_sense_without_a_say_is_a_fault(tmp_path: Path, sense: str) -> None:
    assert told(sense_faults(written(tmp_path, SENSE + f"换领: {sense}\n"))) == [("words.yml", 2, "'换领' has no 'say'")]


@pytest.mark.parametrize("letters", ["SFZ", "身份证", "s f z", "ü"])
def test_shorthand_in_anything_but_lower_case_letters_is_a_fault(tmp_path: Path, letters: str) -> None:
    faults = told(latin_faults(written(tmp_path, f"hkb: [户口本]\n{letters}: [身份证]\n")))
    assert faults == [("words.yml", 2, f"'{letters}' is not in lower-case Latin letters")]


def test_shorthand_defined_twice_or_for_nothing_is_a_fault(tmp_path: Path) -> None:
    faults = told(latin_faults(written(tmp_path, "hkb: [户口本]\nsfz: []\nhkb: [户口簿]\n")))
    assert faults == [("words.yml", 2, "'sfz' has no words"), ("words.yml", 3, "'hkb' is defined twice, first in line 1")]


def test_well_formed_records_beyond_the_hotline_are_right(tmp_path: Path) -> None:
    assert told(beyond_faults([written(tmp_path, BEYOND)], {"护照": "passport"})) == []


def test_a_record_beyond_may_turn_callers_to_nobody(tmp_path: Path) -> None:
    assert told(beyond_faults([written(tmp_path, BEYOND.replace("气象台", "null"))], {})) == []


@pytest.mark.parametrize(("name", "line"), [("今天多少度", 4), ("天气", 2)])
def test_a_phrase_or_name_that_is_a_name_of_a_record_is_a_fault(tmp_path: Path, name: str, line: int) -> None:
    faults = told(beyond_faults([written(tmp_path, BEYOND)], {name: "heat-allowance"}))
    assert faults == [("words.yml", line, f"'{name}' is a name of 'heat-allowance', which we know")]


def test_a_code_of_a_record_or_of_another_file_is_a_fault(tmp_path: Path) -> None:
    one = written(tmp_path, BEYOND, "a.yml")
    two = written(tmp_path, BEYOND.replace("明天下雨吗, 今天多少度", "台风来不来"), "b.yml")
    assert told(beyond_faults([one, two], {})) == [("b.yml", 1, "the code 'beyond-weather' is used twice, first at a.yml:1")]
    assert [line for _, line, _ in told(beyond_faults([one], {"护照": "beyond-weather"}))] == [1]


def test_a_phrase_of_two_records_is_a_fault(tmp_path: Path) -> None:
    one, two = written(tmp_path, BEYOND, "a.yml"), written(tmp_path, BEYOND.replace("weather", "storm"), "b.yml")
    assert [(file, line) for file, line, _ in told(beyond_faults([one, two], {}))] == [("b.yml", 4), ("b.yml", 4)]


@pytest.mark.parametrize("key", ["code", "name"])
def test_a_record_beyond_without_code_or_name_is_a_fault(tmp_path: Path, key: str) -> None:
    text = BEYOND.replace("code: beyond-weather", "code: ''") if key == "code" else BEYOND.replace("name: 天气", "name: ''")
    assert [(line, message.split()[-1]) for _, line, message in told(beyond_faults([written(tmp_path, text)], {}))] == [(1, f"'{key}'")]


def test_a_record_beyond_without_phrases_is_a_fault(tmp_path: Path) -> None:
    text = "- code: beyond-weather\n  name: 天气\n"
    assert told(beyond_faults([written(tmp_path, text)], {})) == [("words.yml", 1, "'beyond-weather' has no words")]


def test_a_file_of_the_wrong_form_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "- 驾照\n")
    with pytest.raises(Unreadable, match="not a mapping"):
        list(term_faults([path]))
    assert told(beyond_faults([written(tmp_path, "天气: 1\n")], {})) == [("words.yml", 1, "not a list of records")]


def test_a_missing_file_of_words_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        list(word_faults(tmp_path))


def test_the_records_beyond_the_hotline_are_well_formed() -> None:
    assert list(beyond_faults(sorted((ROOT / "knowledge" / "beyond").glob("*.yml")), {})) == []
    assert all(name.kind == "beyond" and name.text for name in load_beyond())


@pytest.mark.parametrize("file", ["actions.yml", "subjects.yml"])
def test_the_actions_and_subjects_are_well_formed(file: str) -> None:
    assert list(sense_faults(ROOT / "knowledge" / "words" / file)) == []
