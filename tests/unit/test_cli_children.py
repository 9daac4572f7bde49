"""A supervised process: started, restarted with growing pauses, given up, stopped with all it started, its log masked."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli import children
from cli.children import BACK_OFF, CRASH_WINDOW, MAX_CRASHES, Child

FOREVER = ["sh", "-c", "exec sleep 600"]
AT_ONCE = ["sh", "-c", "exit 3"]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Child]]:
    made: list[Child] = []

    def child(command: list[str], environment: dict[str, str] | None = None) -> Child:
        made.append(Child("part", command, environment or {}, tmp_path / "logs" / "part.log", lambda: True))
        return made[-1]

    yield child
    for one in made:
        one.stop()


def until(happened: Callable[[], object]) -> bool:
    """Wait for what another process does; how long it takes is nobody's concern."""
    for _ in range(1000):
        if happened():
            return True
        time.sleep(0.01)
    return False


def ended(child: Child) -> bool:
    return until(lambda: not child.alive())


def logged(child: Child, words: str) -> bool:
    return until(lambda: words in child.last_words())


def runs(pid: int) -> bool:
    """Whether a process does anything yet: one that nobody has buried is dead all the same."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_process_that_runs_is_left_alone(make: Callable[..., Child]) -> None:
    child = make(FOREVER)
    child.start()
    first = child.process
    assert child.alive()
    assert [child.tend(now) for now in (0.0, 1000.0)] == [True, True]
    assert child.process is first
    assert list(child.crashes) == []


def test_it_runs_in_a_group_of_its_own_with_its_own_environment(make: Callable[..., Child]) -> None:
    child = make(["sh", "-c", 'echo "colour $COLOUR"; exec sleep 600'], {"COLOUR": "green"})
    child.start()
    assert child.process is not None
    assert os.getpgid(child.process.pid) == child.process.pid != os.getpgid(0)
    assert logged(child, "colour green")


@pytest.mark.parametrize("crash", range(MAX_CRASHES))
def test_each_crash_waits_longer_before_the_restart(make: Callable[..., Child], crash: int) -> None:
    child = make(AT_ONCE)
    child.crashes.extend([99.0] * crash)
    child.start()
    assert ended(child)
    first = child.process
    pause = BACK_OFF[crash]
    assert child.tend(100.0) is True
    assert child.tend(100.0 + pause - 0.01) is True
    assert child.process is first
    assert child.tend(100.0 + pause) is True
    assert child.process is not first
    assert len(child.crashes) == crash + 1


def test_after_too_many_crashes_it_is_given_up(make: Callable[..., Child]) -> None:
    child = make(AT_ONCE)
    child.start()
    now, kept = 0.0, []
    for _ in range(MAX_CRASHES + 1):
        assert ended(child)
        kept.append(child.tend(now))
        now += max(BACK_OFF)
        if kept[-1]:
            child.tend(now)
    assert kept == [True] * MAX_CRASHES + [False]


def test_crashes_of_long_ago_are_forgotten(make: Callable[..., Child]) -> None:
    child = make(AT_ONCE)
    child.crashes.extend([0.0] * MAX_CRASHES)
    child.start()
    assert ended(child)
    assert child.tend(CRASH_WINDOW + 0.1) is True
    assert list(child.crashes) == [CRASH_WINDOW + 0.1]


def test_crashes_of_the_same_window_are_counted(make: Callable[..., Child]) -> None:
    child = make(AT_ONCE)
    child.crashes.extend([0.0] * MAX_CRASHES)
    child.start()
    assert ended(child)
    assert child.tend(CRASH_WINDOW) is False


def test_the_log_holds_no_phone_number(make: Callable[..., Child]) -> None:
    child = make(["sh", "-c", "echo '来电13812345678'; echo '工单2026110112345678' >&2; echo end"])
    child.start()
    assert logged(child, "end")
    assert child.last_words() == "来电138********\n工单************5678\nend"
    assert child.log.read_text(encoding="utf-8") == child.last_words() + "\n"


def test_bytes_that_are_no_text_do_not_stop_the_log(make: Callable[..., Child]) -> None:
    child = make(["sh", "-c", r"printf '\377\376 bad\n'; echo end"])
    child.start()
    assert logged(child, "end")
    assert child.last_words() == "\ufffd\ufffd bad\nend"


def test_a_log_that_is_too_long_starts_anew_and_keeps_the_old_one(make: Callable[..., Child], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LOG_LIMIT", 10)
    child = make(["sh", "-c", "echo first line; echo end"])
    child.start()
    assert logged(child, "end")
    assert child.log.read_text(encoding="utf-8") == "end\n"
    assert child.log.with_suffix(".old.log").read_text(encoding="utf-8") == "first line\n"


def test_the_last_words_are_the_end_of_the_log(make: Callable[..., Child]) -> None:
    child = make(AT_ONCE)
    assert child.last_words() == ""
    child.log.parent.mkdir()
    child.log.write_text("".join(f"{i}\n" for i in range(30)), encoding="utf-8")
    assert child.last_words(3) == "27\n28\n29"
    assert len(child.last_words().splitlines()) == 15


def test_stopping_ends_whatever_the_process_started_even_what_will_not_listen(make: Callable[..., Child], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "STOP_PATIENCE", 0.1)
    deaf = "trap '' TERM; echo {} $$; while :; do sleep 600; done"
    child = make(["sh", "-c", f'sh -c "$INNER" & {deaf.format("outer")}'], {"INNER": deaf.format("inner")})
    child.start()
    assert logged(child, "outer")
    assert logged(child, "inner")
    pids = [int(line.split()[1]) for line in child.last_words().splitlines()]
    assert len(pids) == 2
    assert all(map(runs, pids))
    child.stop()
    assert not child.alive()
    assert until(lambda: not any(map(runs, pids)))
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_a_process_that_listens_ends_politely(make: Callable[..., Child]) -> None:
    child = make(["sh", "-c", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.02; done"])
    child.start()
    assert logged(child, "up")
    child.stop()
    assert child.process is not None
    assert child.process.returncode == 0
    assert logged(child, "bye")


def test_stopping_twice_or_before_the_start_does_nothing(make: Callable[..., Child]) -> None:
    child = make(FOREVER)
    child.stop()
    child.start()
    child.stop()
    child.stop()
    assert not child.alive()
