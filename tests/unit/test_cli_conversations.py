"""`hotline conversations show`: the words of a conversation that is over."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.archive import Archive, Kept
from api.conversations import conversation_of, new_message
from cli import main
from core.cipher import load_cipher
from core.clock import SHANGHAI
from core.db import connect, migrate
from core.settings import Settings

AT = datetime(2026, 11, 5, 10, 30, tzinfo=SHANGHAI)
FIELDS = {"key": "k", "channel": "web", "owner": "bot", "region": "370102", "caller": "13812345678", "digest": "", "seq": "1", "outcome": "answered",
          "opened_at": str(AT.timestamp()), "ended_at": str(AT.timestamp() + 60), "ended": "caller", "due": "1"}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("HOTLINE_KEYS_FILE", raising=False)
    for console in (main.console, main.errors):
        monkeypatch.setattr(console, "_width", 200)
    return Settings(data_dir=tmp_path)


def show(id: str) -> tuple[int, str]:
    result = CliRunner().invoke(main.app, ["conversations", "show", id])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def kept(settings: Settings) -> None:
    migrate(settings.database)
    said = [{**new_message("caller", "[red]我叫王建国[/]", AT), "seq": 1}]
    Archive(connect(settings.database), load_cipher(settings.personal_keys)).keep(Kept(conversation_of("w1", FIELDS), said))


def test_words_and_number_are_shown_as_they_were(data: Settings) -> None:
    kept(data)
    code, said = show("w1")
    assert code == 0
    for words in ("2026-11-05 10:30 到 2026-11-05 10:31", "号码：13812345678", "结束原因：caller", "来访人", "[red]我叫王建国[/]"):
        assert words in said, said


def test_what_is_not_there_is_said_so(data: Settings) -> None:
    kept(data)
    code, said = show("w2")
    assert (code, "没有这次会话" in said) == (1, True), said


def test_without_its_keys_or_a_database_the_reason_is_told(data: Settings) -> None:
    code, said = show("w1")
    assert (code, "数据库用不了" in said) == (1, True), said
    kept(data)
    data.personal_keys.unlink()
    code, said = show("w1")
    assert (code, "密钥文件读不了" in said) == (1, True), said
