"""docs/benchmarks/conversations.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Sequence

from benchmarks.crowd.checking import examine
from benchmarks.crowd.figures import CHANNELS, Figures, Outage, of_blow, of_run
from benchmarks.crowd.plan import THINKING
from benchmarks.crowd.runs import Blow, Run
from cli.evaluation.report import table

HEALTHY_S = 15.0
PARTS = {"rasa": "Rasa", "actions": "the action server", "gateway": "a gateway", "redis": "Redis"}
_ABOUT = (
    "The real product (`hotline serve`: Redis with its append-only file, Rasa, action server, gateways, worker) on a folder of its own, and callers "
    "driven by locust on the same machine, so that they share its processors. Seven of ten callers use the web chat, three the phone (JSON of an "
    "exchange). They ask, choose from what is asked back, open tickets, ask how those stand, want a person, press keys and keep silent; a script "
    f"has three to five turns, then the next caller comes. Between hearing and saying they take {THINKING[0]:g} to {THINKING[1]:g} seconds. "
    "Durations are in ms as a caller sees them, and belong to a machine.")
_CHECKED = (
    "At the end every conversation is read back: the web chat's through the gateway, the phone's from Redis. Each message has a mark of its own "
    "(the client's message id; on the phone the words, no two of which are alike in a call), each caller a house number of his own. **Lost**: "
    "acknowledged and not there. **Doubled**: there twice, or answered twice. **Out of order**: in another order than it was said. "
    "**Foreign**: in a conversation that it does not belong to. **Empty**: answered with nothing. **Unanswered**: given up after 45 s of repeating. "
    "Each must be 0.")
_PEER = ("The same web scripts without thinking, through the gateway and straight to Rasa's own channel: what the gateway costs (safety, storing "
         "every message, one turn at a time, ownership) and how many turns the machine can take, the callers' own work included.")
_CHAOS = (
    "Fifty active callers while one process after the other is killed with SIGKILL and the supervisor brings it back. **Healthy** is the time "
    "from the kill until the process is there and listens again, the product says that it is ready, and new conversations get an answer that only "
    f"Rasa and the action server together can give; the aim is {HEALTHY_S:g} s. Callers do as the page does: what was not answered is sent again "
    "after 3 s with the same id, on the phone after 1 s. Counted are the turns that were under way or begun in that time. "
    "An apology says honestly that something does not work and offers a ticket or a person; "
    "a call that goes to a person because nothing can be stored acknowledges nothing.")


@dataclass(frozen=True)
class Results:
    """`loads` with thinking, `peers` in pairs (through the gateway, straight) without; `stormy` with the blows, or None."""

    loads: Sequence[Run]
    peers: Sequence[tuple[Run, Run]]
    stormy: tuple[Run, Sequence[Blow]] | None
    note: str = ""

    @property
    def calm(self) -> list[Run]:
        """All runs through the gateway in which nothing is killed."""
        return [*self.loads, *(run for run, _ in self.peers)]

    @property
    def storm(self) -> list[Run]:
        return [self.stormy[0]] if self.stormy else []


def failures(results: Results) -> list[str]:
    """Return what is not as it must be, in a few words each."""
    found = []
    for run in [*results.calm, *results.storm]:
        findings = examine(run.talks, run in results.storm)
        if not findings.clean:
            found.append(f"{run.name}: {findings}")
    for run in results.calm:
        if run.held < run.plan.idle:
            found.append(f"{run.name}: {run.held} of {run.plan.idle} streams stayed open")
        if errors := sum(one.errors for one in of_run(run)):
            found.append(f"{run.name}: {errors} errors")
    for blow in results.stormy[1] if results.stormy else ():
        if blow.healthy is None or blow.healthy > HEALTHY_S:
            found.append(f"{PARTS[blow.part]}: healthy after {_seconds(blow.healthy)}")
    return found


def markdown(results: Results, pictures: Sequence[str]) -> str:
    """Return the whole report."""
    parts = ["<!-- Written by benchmarks/conversations.py; changes by hand are lost. -->", "# Conversations under load",
             *filter(None, [results.note]), _ABOUT, "## Active callers", _loads(results.loads),
             "## Lost, doubled, out of order", _CHECKED, _checked(results)]
    if results.peers:
        parts += ["## What the gateway costs", _PEER, _peers(results.peers)]
    if results.stormy:
        run, blows = results.stormy
        parts += ["## Parts that die", _CHAOS, _outages([of_blow(blow, [turn for talk in run.talks for turn in talk.turns]) for blow in blows])]
    parts += [f"![{name}]({name})" for name in pictures]
    return "\n\n".join(parts) + "\n"


def _loads(runs: Iterable[Run]) -> str:
    rows = [(run.name, CHANNELS[one.channel], one.turns, f"{one.a_second:.1f}", *_times(one), one.errors, one.apologies)
            for run in runs for one in of_run(run)]
    return table(("callers", "channel", "turns", "turns a second", "p50", "p95", "p99", "errors", "apologies"), rows)


def _checked(results: Results) -> str:
    rows = []
    for run in [*results.calm, *results.storm]:
        found = examine(run.talks, run in results.storm)
        rows.append((run.name, len(run.talks), sum(len(talk.turns) for talk in run.talks), found.lost, found.doubled, found.out_of_order,
                     found.foreign, found.empty, found.unanswered, f"{run.held}/{run.streams}" if run.streams else "–"))
    return table(("run", "conversations", "turns", "lost", "doubled", "out of order", "foreign", "empty", "unanswered", "streams held"), rows)


def _peers(pairs: Iterable[tuple[Run, Run]]) -> str:
    rows = []
    for ours, straight in pairs:
        figures = [next(iter(of_run(run)), None) for run in (ours, straight)]
        for run, one in zip((ours, straight), figures):
            if one:
                ratio = f"{one.p50 / figures[1].p50:.2f} ×" if figures[1] else "–"
                rows.append((run.name, one.turns, f"{one.a_second:.1f}", *_times(one), ratio))
    return table(("callers", "turns", "turns a second", "p50", "p95", "p99", "p50 to Rasa's own"), rows)


def _outages(outages: Iterable[Outage]) -> str:
    rows = [(PARTS[one.blow.part], _seconds(one.blow.healthy), one.turns, one.at_once, one.repeated, one.apologies, one.unanswered,
             f"{one.longest:.1f} s") for one in outages]
    head = ("killed", "healthy after", "turns", "answered at once", "answered after repeats", "of them apologies", "unanswered", "longest wait")
    return table(head, rows)


def _times(one: Figures) -> tuple[str, str, str]:
    return f"{one.p50:.0f}", f"{one.p95:.0f}", f"{one.p99:.0f}"


def _seconds(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f} s"
