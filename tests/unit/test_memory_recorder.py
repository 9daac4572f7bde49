"""Writing down never breaks or delays a turn, whatever the database does."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from core.clock import SHANGHAI
from core.db import connect
from knowledge.memory import recorder
from knowledge.memory.model import Miss, Pick
from knowledge.memory.privacy import who
from knowledge.memory.recorder import Recorder
from knowledge.store.memory import SqlMemory
from tests.support.gateway_fakes import RecordingLog

AT = datetime(2026, 11, 5, 10, 30, tzinfo=SHANGHAI)


class FakeKeeper:
    """Keeps in lists; waits for `open` before it does anything, raises `error` if it has one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.kept: list[Any] = []
        self.error = error
        self.open = threading.Event()
        self.open.set()

    def _note(self, entry: Any) -> None:
        self.open.wait(10)
        if self.error:
            raise self.error
        self.kept.append(entry)

    def salt(self) -> str:
        return "salt"

    def keep_pick(self, pick: Pick) -> None:
        self._note(pick)

    def keep_miss(self, miss: Miss) -> None:
        self._note(miss)

    def take_back(self, who: str, text: str, code: str) -> None:
        self._note((who, text, code))

    def silence(self, who: str) -> None:
        self._note(who)


def test_what_is_written_is_masked_and_stands_for_a_caller_nobody_can_find() -> None:
    keeper = FakeKeeper()
    memory = Recorder(keeper, lambda: AT, RecordingLog())
    memory.pick("w1", "我电话13812345678驾照到期", "lamp", "choice")
    memory.miss("w1", "我叫王建国,养龙虾要啥证")
    memory.miss("w1", "养龙虾要啥证")
    memory.take_back("w1", "驾照到期", "lamp")
    memory.silence("w2")
    memory.settle()
    caller = who("salt", "w1")
    assert keeper.kept == [Pick("我电话138********驾照到期", "lamp", "choice", AT, caller), Miss("养龙虾要啥证", AT, caller), (caller, "驾照到期", "lamp"),
                           who("salt", "w2")]


def test_a_database_fault_is_logged_without_the_callers_words_and_the_next_record_is_kept() -> None:
    keeper, log = FakeKeeper(OperationalError("INSERT 养龙虾", {}, Exception("养龙虾"))), RecordingLog()
    memory = Recorder(keeper, lambda: AT, log)
    memory.miss("w1", "养龙虾要啥证")
    memory.settle()
    assert log.lines == [("error", "memory_not_kept", {"error": "OperationalError"})]
    keeper.error = None
    memory.miss("w1", "养龙虾要啥证")
    memory.settle()
    assert len(keeper.kept) == 1


def test_a_turn_does_not_wait_for_a_slow_database_and_what_is_too_much_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "WAITING", 3)
    keeper, log = FakeKeeper(), RecordingLog()
    keeper.open.clear()
    memory = Recorder(keeper, lambda: AT, log)
    began = time.monotonic()
    for n in range(20):
        memory.miss(f"w{n}", "养龙虾要啥证")
    assert time.monotonic() - began < 1
    keeper.open.set()
    memory.settle()
    assert 3 <= len(keeper.kept) <= 4, "the one at work and those that wait"
    assert len(log.named("memory_full")) == 20 - len(keeper.kept)


def test_without_a_database_a_turn_is_answered_all_the_same(tmp_path: Any) -> None:
    log = RecordingLog()
    memory = Recorder(SqlMemory(connect(f"sqlite:///{tmp_path / 'never-migrated.db'}")), lambda: AT, log)
    memory.pick("w1", "驾照快到日子了", "lamp", "choice")
    memory.settle()
    assert log.named("memory_not_kept") == [{"error": "OperationalError"}]
