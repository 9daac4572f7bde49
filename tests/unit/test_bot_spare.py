"""What a spare Rasa is told: a port of one line, or nothing when its supervisor is gone."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading

import pytest

import bot.__main__ as spare
from bot.__main__ import ModelNotLoaded, _loaded_aside, told_port
from core.settings import ROOT


@pytest.mark.parametrize(("said", "port"), [
    ("5005\n", 5005), ("65535\n", 65535), ("", None), ("\n", None), ("0\n", None), ("65536\n", None), ("-1\n", None), ("５００５\n", None), ("all\n", None),
], ids=["a port", "the last one", "the end", "an empty line", "zero", "too high", "negative", "full width", "a word"])
def test_a_spare_serves_only_on_a_port_that_it_was_told(said: str, port: int | None) -> None:
    assert told_port(io.StringIO(said)) == port


def test_a_spare_loads_in_a_thread_of_low_priority_and_keeps_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(model: str, endpoints: str) -> tuple[str, int, bool]:
        return model, os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), threading.current_thread() is threading.main_thread()

    monkeypatch.setattr(spare, "load", load)
    before = os.getpriority(os.PRIO_PROCESS, 0)
    assert _loaded_aside("model", "endpoints") == ("model", max(spare.LOW_PRIORITY, before), False)  # type: ignore[comparison-overlap]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_a_spare_without_a_model_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_: str) -> None:
        raise ModelNotLoaded

    monkeypatch.setattr("bot.__main__.load", load)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    with pytest.raises(ModelNotLoaded):
        _loaded_aside("model", "endpoints")


@pytest.mark.parametrize("where", [[], ["--port", "5005", "--spare"]], ids=["neither", "both"])
def test_a_process_has_a_port_or_is_a_spare(where: list[str]) -> None:
    command = [sys.executable, "-m", "bot", "--model", "m", "--endpoints", "e", "--credentials", "c", *where]
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 2
