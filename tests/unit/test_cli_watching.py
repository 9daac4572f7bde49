"""Parts that live and do not answer: a process is killed only after long silence, and never for being slow or young."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from cli.children import Child
from cli.watching import FEWEST, SILENCE_S, STARTING_S, Pulse, Watch

PID = 4711


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    found = Child("part", ["sh", "-c", "exec sleep 600"], {}, tmp_path / "part.log", lambda: True)
    found.start()
    yield found
    found.stop()


def silent_for(pulse: Pulse, seconds: float, *, questions: int) -> list[bool]:
    """Ask so many times in vain, the last time `seconds` after the last answer."""
    return [pulse.note(PID, False, pulse.since + seconds * (i + 1) / questions) for i in range(questions)]


def answering(now: float = 1000.0) -> Pulse:
    pulse = Pulse()
    assert pulse.note(PID, True, now) is False
    return pulse


def test_a_part_hangs_when_it_has_been_silent_for_a_minute() -> None:
    assert silent_for(answering(), SILENCE_S, questions=FEWEST) == [False] * (FEWEST - 1) + [True]


def test_less_than_a_minute_of_silence_is_slowness() -> None:
    assert not any(silent_for(answering(), SILENCE_S - 0.1, questions=50))


def test_a_clock_that_leapt_while_the_machine_slept_kills_nobody() -> None:
    assert silent_for(answering(), 3600.0, questions=FEWEST - 1) == [False] * (FEWEST - 1)


def test_one_answer_in_between_begins_the_minute_anew() -> None:
    pulse = answering()
    assert silent_for(pulse, SILENCE_S - 1, questions=30)[-1] is False
    assert pulse.note(PID, True, 1060.0) is False
    assert silent_for(pulse, SILENCE_S - 1, questions=30)[-1] is False


def test_a_part_that_has_not_answered_yet_may_take_its_time_to_start() -> None:
    pulse = Pulse()
    pulse.note(PID, False, 1000.0)
    assert not any(silent_for(pulse, STARTING_S - 1, questions=60))
    assert pulse.note(PID, False, 1000.0 + STARTING_S) is True


def test_the_next_process_of_a_part_starts_without_its_faults() -> None:
    pulse = answering()
    silent_for(pulse, SILENCE_S - 1, questions=30)
    assert [pulse.note(PID + 1, False, 2000.0 + i) for i in range(int(SILENCE_S))] == [False] * int(SILENCE_S)


def test_a_part_that_hangs_is_killed_and_restarted_by_whoever_tends_it(child: Child) -> None:
    first, told = child.process, iter([True] + [False] * FEWEST)
    clock = (i * SILENCE_S for i in count())
    watch = Watch(child, lambda: next(told), lambda: next(clock))
    for _ in range(FEWEST):
        watch.ask()
    assert child.alive()
    watch.ask()
    assert isinstance(first, subprocess.Popen)
    assert first.wait(timeout=10) == -9
    child.tend(0.0)
    child.tend(10.0)
    assert child.alive()
    assert child.process is not first


def test_a_dead_part_is_not_asked(child: Child) -> None:
    child.stop()
    Watch(child, lambda: pytest.fail("asked")).ask()


def test_a_process_that_took_the_place_of_a_hanging_one_is_not_killed(child: Child) -> None:
    first = child.process
    assert first is not None
    child.stop()
    child.start()
    child.kill(first)
    assert child.alive()


def test_a_part_is_well_when_the_process_of_this_moment_answered_last(child: Child) -> None:
    told = iter([True, False, True])
    watch = Watch(child, lambda: next(told), time.monotonic)
    seen = [watch.well()]
    for _ in range(3):
        watch.ask()
        seen.append(watch.well())
    child.stop()
    child.start()
    assert [*seen, watch.well()] == [False, True, False, True, False]
