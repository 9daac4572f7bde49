"""Starts the load's process, follows it, ends it, and hands back what it found."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Callable, Mapping

from benchmarks.crowd import ledger
from benchmarks.crowd.plan import Plan
from benchmarks.crowd.runs import Run
from core.settings import ROOT

END_S = 300.0  # reading hundreds of conversations back on a busy machine
Told = Callable[[Mapping[str, Any]], None]


class LoadFailed(Exception):
    """The load's process broke down; the message is what it said last."""


class Load:
    """A running load, as a context: left early it is ended. `told` hears of its progress, in a thread."""

    def __init__(self, name: str, plan: Plan, told: Told) -> None:
        self._name = name
        self._told = told
        self._folder = tempfile.TemporaryDirectory()
        self._plan = replace(plan, into=str(Path(self._folder.name) / "talks.jsonl"))
        self._last: Mapping[str, Any] = {}

    def __enter__(self) -> "Load":
        path = self._plan.write(Path(self._folder.name) / "plan.json")
        self._errors = (Path(self._folder.name) / "errors").open("w+b")
        self._process = subprocess.Popen([sys.executable, "-m", "benchmarks.crowd.load", str(path)], cwd=ROOT, stdout=subprocess.PIPE,
                                         stderr=self._errors, start_new_session=True)  # Ctrl-C reaches it through this process alone
        self._follower = threading.Thread(target=self._follow, name="progress of the load", daemon=True)
        self._follower.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._errors.close()
        self._folder.cleanup()

    def alive(self) -> bool:
        """Return whether it still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Let the callers finish what they are saying and go."""
        self._process.terminate()

    def result(self) -> Run:
        """Wait for the end and return the run; raises LoadFailed."""
        try:
            code = self._process.wait(self._plan.seconds + END_S)
        except subprocess.TimeoutExpired:
            raise LoadFailed("the callers did not come to an end") from None
        self._follower.join(10)
        if code or "used" not in self._last:
            self._errors.seek(0)
            raise LoadFailed(self._errors.read()[-3000:].decode("utf-8", "replace"))
        last = self._last
        return Run(self._name, self._plan, ledger.read(Path(self._plan.into)), last["began"], last["ended"], int(last["used"]), int(last["streams"]),
                   int(last["held"]))

    def _follow(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._last = json.loads(line)
            self._told(self._last)
