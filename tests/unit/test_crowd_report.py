"""Figures and report of the load runs, and the callers' own patience."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.crowd import scripts
from benchmarks.crowd.figures import of_blow, of_run
from benchmarks.crowd.ledger import Stored, Talk, Turn
from benchmarks.crowd.peers import GIVE_UP_S, Dialogue, Reply
from benchmarks.crowd.plan import Plan
from benchmarks.crowd.report import Results, failures, markdown
from benchmarks.crowd.runs import Blow, Run
from benchmarks.crowd.scripts import Step
from benchmarks.crowd.wire import NoAnswer

PLAN = Plan("http://g", ("http://r",), "key", 10, 60.0, "talks")


def turn(at: float, ms: float, *faults: str, outcome: str = "answered", mark: str = "c") -> Turn:
    return Turn(f"{mark}{at}", at, ms, ms / 1000 + len(faults), outcome, words="好的", faults=faults)


def talk(*turns: Turn) -> Talk:
    return Talk("w1", "web", "20001", turns, tuple(Stored(n, "caller", one.mark, "好的") for n, one in enumerate(turns, 1)))


def test_figures_leave_out_the_time_in_which_callers_come() -> None:
    run = Run("ten", PLAN, [talk(turn(1.0, 9000.0), *(turn(10.0 + n, 10.0 * n) for n in range(1, 51)))], 0.0, 105.0)
    (figures,) = of_run(run)
    assert (figures.turns, figures.p50, figures.p99) == (50, 260.0, 500.0)
    assert figures.a_second == pytest.approx(0.5)


def test_an_outage_counts_who_was_met_by_it_and_nobody_else() -> None:
    blow = Blow("rasa", 100.0, 5.0)
    turns = [turn(50.0, 10.0), turn(99.5, 900.0), turn(101.0, 10.0, "503", "503"), turn(104.0, 10.0, outcome="fault"),
             turn(103.0, 0.0, "timeout", outcome=""), turn(200.0, 10.0)]
    outage = of_blow(blow, turns)
    assert (outage.turns, outage.at_once, outage.repeated, outage.apologies, outage.unanswered) == (4, 2, 1, 1, 1)
    assert outage.longest == pytest.approx(2.01)


def test_a_clean_run_passes_and_each_bar_that_fails_is_named() -> None:
    clean = Run("ten", PLAN, [talk(turn(10.0, 10.0))], 0.0, 60.0)
    assert failures(Results([clean], [], None)) == []
    lost = Run("lost", PLAN, [Talk("w1", "web", "20001", (turn(10.0, 10.0),), ())], 0.0, 60.0)
    failed = Run("failed", PLAN, [talk(turn(10.0, 10.0, "500 unexplained"))], 0.0, 60.0)
    slow = (clean, [Blow("redis", 20.0, 15.5), Blow("rasa", 60.0, None), Blow("actions", 90.0, 14.0)])
    assert [text.split(":")[0] for text in failures(Results([lost, failed], [], slow))] == ["lost", "failed", "Redis", "Rasa"]


def test_the_report_holds_every_run_and_every_blow() -> None:
    run = Run("ten callers", PLAN, [talk(turn(10.0, 10.0))], 0.0, 60.0)
    text = markdown(Results([run], [(run, run)], (run, [Blow("gateway", 9.0, 2.5)]), "**quick**"), ["a.png"])
    for part in ("| ten callers | web | 1 |", "| a gateway | 2.5 s | 1 |", "1.00 ×", "**quick**", "![a.png](a.png)"):
        assert part in text


class Flaky:
    """A peer that fails as often as it is told."""

    channel = "web"

    def __init__(self, *failed: NoAnswer) -> None:
        self.failed = list(failed)
        self.marks: list[str] = []

    def marked(self, step: Step) -> str:
        return step.text

    def say(self, step: Step, mark: str) -> Reply:
        self.marks.append(mark)
        if self.failed:
            raise self.failed.pop(0)
        return Reply("answered", ("b1",), "好的")


def dialogue(peer: Any) -> Dialogue:
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed[0] += seconds

    return Dialogue(peer, "20001", sleep, lambda: passed[0])


def test_a_caller_repeats_the_same_message_until_it_is_answered() -> None:
    peer = Flaky(NoAnswer("ConnectionRefusedError"), NoAnswer("503 service_unavailable", 503))
    said = dialogue(peer).say(Step("你好"))
    assert peer.marks == ["你好"] * 3
    assert (said.outcome, said.waited, said.faults) == ("answered", 6.0, ("ConnectionRefusedError", "503 service_unavailable"))


def test_a_caller_gives_up_in_the_end_and_at_once_where_repeating_is_of_no_use() -> None:
    patient = dialogue(Flaky(*(NoAnswer("timeout") for _ in range(99)))).say(Step("你好"))
    assert patient.outcome == "" and patient.waited <= GIVE_UP_S
    gone = Flaky(NoAnswer("404 session_not_found", 404))
    assert dialogue(gone).say(Step("你好")).outcome == "" and len(gone.marks) == 1


@pytest.mark.parametrize("script", [scripts.web, scripts.phone])
def test_no_text_stands_twice_in_a_script(script: Any) -> None:
    for number in range(400):
        texts = [step.text for step in script(number, "20001").steps if step.text]
        assert len(texts) == len(set(texts))


def test_houses_are_all_different_and_hold_no_number_of_an_alarm() -> None:
    houses = list(scripts.houses())
    assert len(houses) == len(set(houses)) > 60_000
    assert not any(short in house for house in houses for short in ("110", "119", "120", "122"))
