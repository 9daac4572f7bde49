"""When the model is trained anew, and the words that the segmenter keeps whole."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from cli import dictionary, training
from cli.paths import CONFIG, EVALUATION, JIEBA, nlu_files
from core.settings import ROOT
from knowledge.bootstrap import load_lexicon


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two sources and a model folder of the test's own."""
    files = [tmp_path / "config.yml", tmp_path / "wishes.yml"]
    for file in files:
        file.write_text("one", encoding="utf-8")
    monkeypatch.setattr(training, "sources", lambda: files)
    monkeypatch.setattr(training, "MODELS", tmp_path / "models")
    monkeypatch.setattr(training, "MODEL", tmp_path / "models" / "hotline.tar.gz")
    monkeypatch.setattr(training, "FINGERPRINT", tmp_path / "models" / "hotline.sha256")
    monkeypatch.setattr(dictionary, "JIEBA", tmp_path / "jieba" / "hotline.txt")
    return files


def test_the_fingerprint_follows_content_and_name_and_nothing_else(sources: list[Path]) -> None:
    before = training.fingerprint()
    sources[0].touch()
    assert training.fingerprint() == before
    sources[0].write_text("two", encoding="utf-8")
    changed = training.fingerprint()
    assert changed != before
    sources[0].write_text("one", encoding="utf-8")
    assert training.fingerprint() == before
    sources[1] = sources[1].rename(sources[1].with_name("questions.yml"))
    assert training.fingerprint() not in (before, changed)


def test_words_that_move_from_one_file_to_the_next_change_the_fingerprint(sources: list[Path]) -> None:
    sources[0].write_text("ab", encoding="utf-8")
    sources[1].write_text("c", encoding="utf-8")
    before = training.fingerprint()
    sources[0].write_text("a", encoding="utf-8")
    sources[1].write_text("bc", encoding="utf-8")
    assert training.fingerprint() != before


def test_the_model_is_made_of_its_data_and_never_of_what_judges_it() -> None:
    found = training.sources()
    assert set(nlu_files()) | {CONFIG, JIEBA, ROOT / "knowledge" / "facets.py", ROOT / "zh" / "normalise.py"} <= set(found)
    assert [path for path in found if EVALUATION in path.parents] == []
    assert [path for path in found if not path.exists()] == []


def test_a_model_is_current_only_with_the_fingerprint_of_what_is_there(sources: list[Path]) -> None:
    assert training.is_current() is False
    training.MODELS.mkdir()
    training.MODEL.write_bytes(b"model")
    assert training.is_current() is False
    training.FINGERPRINT.write_text(training.fingerprint() + "\n", encoding="utf-8")
    assert training.is_current() is True
    sources[1].write_text("changed", encoding="utf-8")
    assert training.is_current() is False


def rasa(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let a small script stand for `rasa train`; $0 is where the model is to be written."""
    real = training.subprocess.Popen
    monkeypatch.setattr(training.subprocess, "Popen", lambda command, **options: real(
        ["sh", "-c", script, str(training.MODELS / "hotline-new.tar.gz")], **options))


def test_a_current_model_is_not_trained_again_unless_forced(sources: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    rasa(monkeypatch, 'echo "Starting to train component \'X\'"; echo new > "$0"')
    console = Console(file=io.StringIO())
    assert [training.train(console), training.train(console), training.train(console, force=True)] == [True, False, True]
    assert training.MODEL.read_text(encoding="utf-8") == "new\n"
    sources[0].write_text("changed", encoding="utf-8")
    assert training.train(console) is True
    assert training.is_current() is True


@pytest.mark.parametrize("script", ['echo broken line; exit 1', 'echo broken line', 'echo broken line; echo half > "$0"; exit 1'],
                         ids=["failed", "no model", "failed with half a model"])
def test_a_failed_training_keeps_the_old_model_and_tells_the_end_of_its_output(sources: list[Path], monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    training.MODELS.mkdir()
    training.MODEL.write_text("old", encoding="utf-8")
    rasa(monkeypatch, script)
    with pytest.raises(training.TrainingFailed, match="broken line"):
        training.train(Console(file=io.StringIO()))
    assert training.MODEL.read_text(encoding="utf-8") == "old"
    assert not training.FINGERPRINT.exists()


# --- the dictionary --------------------------------------------------------------------------------------------------
def test_the_dictionary_holds_the_words_that_must_stay_whole() -> None:
    words = dictionary.words()
    assert {"身份证", "驾照", "医疗保障局", "居民户口簿", "结婚证", "历下区", "烟台市", "烟台"} <= set(words)
    assert words == sorted(set(words))
    assert [word for word in words if not 2 <= len(word) <= dictionary.LONGEST or not word.isalnum() or word.isascii()] == []


def test_everyday_words_stay_whole_but_their_phrases_are_left_to_be_parted() -> None:
    words, lexicon = set(dictionary.words()), load_lexicon()
    spoken = {word for word in lexicon.words if word.isalnum() and not word.isascii()}
    assert {word for word in spoken if 2 <= len(word) <= dictionary.LONGEST_SPOKEN} <= words
    own = set(lexicon.terms) | lexicon.actions.scanner.words | lexicon.subjects.scanner.words | set(lexicon.question_words)
    assert own == set(lexicon.words)


def test_each_word_has_a_line_as_jieba_reads_it() -> None:
    assert dictionary.render().splitlines() == [f"{word} 2000 n" for word in dictionary.words()]


def test_the_dictionary_is_written_only_when_it_changed(sources: list[Path]) -> None:
    assert [dictionary.write(), dictionary.write()] == [True, False]
    dictionary.JIEBA.write_text("old\n", encoding="utf-8")
    assert dictionary.write() is True
    assert dictionary.JIEBA.read_text(encoding="utf-8") == dictionary.render()
