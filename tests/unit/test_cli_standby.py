"""A warm spare: begun once, told the port of a process that has died, and never left behind."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.children import MAX_CRASHES, Child
from cli.standby import PAUSE_S, Standby

WAITS = 'read port && echo "serves on $port" && exec sleep 600'


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Standby]]:
    made: list[Standby] = []

    def standby(script: str) -> Standby:
        made.append(Standby("spare", ["sh", "-c", script], {}, tmp_path / "spare.log"))
        return made[-1]

    yield standby
    for one in made:
        one.stop()


@pytest.fixture
def part(tmp_path: Path) -> Iterator[Child]:
    child = Child("part", ["sh", "-c", "exec sleep 600"], {}, tmp_path / "part.log", lambda: True)
    child.start()
    yield child
    child.stop()


def until(happened: Callable[[], object]) -> bool:
    for _ in range(1000):
        if happened():
            return True
        time.sleep(0.01)
    return False


def died(child: Child) -> None:
    assert child.process is not None
    child.process.send_signal(signal.SIGKILL)
    child.process.wait()


def test_a_spare_takes_the_dead_ones_place_at_once_and_writes_into_its_log(make: Callable[[str], Standby], part: Child) -> None:
    standby = make(WAITS)
    standby.keep(0.0)
    spare = standby.pid
    part.relief = lambda: standby.take(5005, part.log)
    died(part)
    assert part.tend(0.0) is True
    assert part.process is not None
    assert (part.process.pid, part.alive(), standby.pid) == (spare, True, None)
    assert until(lambda: part.last_words() == "serves on 5005")


def test_a_part_without_a_spare_is_started_as_ever(make: Callable[[str], Standby], part: Child) -> None:
    standby = make(WAITS)
    part.relief = lambda: standby.take(5005, part.log)
    died(part)
    part.tend(0.0)
    assert not part.alive()
    part.tend(10.0)
    assert part.alive()


def test_a_part_that_dies_again_and_again_is_given_up_in_spite_of_its_spare(make: Callable[[str], Standby], part: Child) -> None:
    standby = make(WAITS)
    part.relief = lambda: standby.take(5005, part.log)
    kept = []
    for now in range(MAX_CRASHES + 1):
        standby.keep(float(now))
        died(part)
        kept.append(part.tend(float(now)))
    assert kept == [True] * MAX_CRASHES + [False]


def test_there_is_one_spare_at_a_time(make: Callable[[str], Standby]) -> None:
    standby = make(WAITS)
    standby.keep(0.0)
    first = standby.pid
    standby.keep(10 * PAUSE_S)
    assert standby.pid == first is not None


def test_a_spare_that_dies_in_waiting_is_begun_again_after_a_pause(make: Callable[[str], Standby]) -> None:
    standby = make("exit 1")
    standby.keep(0.0)
    assert until(lambda: standby.pid is None)
    assert standby.take(5005, Path("unused.log")) is None
    standby.keep(PAUSE_S - 1)
    assert standby.pid is None
    standby.keep(PAUSE_S)
    assert until(lambda: standby.pid is None)


def test_after_one_was_taken_the_next_is_begun_without_a_pause(make: Callable[[str], Standby], part: Child) -> None:
    standby = make(WAITS)
    standby.keep(0.0)
    taken = standby.take(5005, part.log)
    assert taken is not None
    standby.keep(1.0)
    assert standby.pid not in (None, taken.pid)
    taken.kill()
    taken.wait()


def test_a_spare_whose_input_was_closed_is_no_spare(make: Callable[[str], Standby], part: Child) -> None:
    standby = make("exec 0<&-; echo closed; exec sleep 600")
    standby.keep(0.0)
    log = part.log.with_name("spare.log")
    assert until(lambda: log.exists() and "closed" in log.read_text(encoding="utf-8"))
    assert standby.take(5005, part.log) is None


def test_stopping_ends_the_spare(make: Callable[[str], Standby]) -> None:
    standby = make(WAITS)
    standby.keep(0.0)
    standby.stop()
    assert standby.pid is None
