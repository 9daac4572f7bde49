"""Figures of a run: how many turns a second and how long they take, by channel; what callers met while a part was dead. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from benchmarks.crowd.ledger import APOLOGY, Turn
from benchmarks.crowd.plan import RAMP_S
from benchmarks.crowd.runs import Blow, Run
from cli.evaluation.measures import percentile

CHANNELS = {"web": "web", "ivr": "phone", "rasa": "Rasa itself"}
AFTER_S = 5.0  # a turn that begins so soon after the recovery may still have waited for it


@dataclass(frozen=True)
class Figures:
    """Of one channel of a run; durations in ms, `errors`: tries that failed."""

    channel: str
    turns: int
    a_second: float
    p50: float
    p95: float
    p99: float
    errors: int
    apologies: int


@dataclass(frozen=True)
class Outage:
    """What callers met around one blow; `longest` in seconds from saying something to its answer, with all repeats."""

    blow: Blow
    turns: int
    at_once: int
    repeated: int
    apologies: int
    unanswered: int
    longest: float


def of_run(run: Run) -> list[Figures]:
    """Return the figures of each channel, without the time in which the callers come."""
    first = run.began + min(RAMP_S, (run.ended - run.began) / 2)
    found = []
    for channel in CHANNELS:
        turns = [turn for talk in run.talks if talk.channel == channel for turn in talk.turns]
        turns = [turn for turn in turns if first <= turn.at < run.ended]
        took = [turn.ms for turn in turns if turn.outcome]
        if took:
            found.append(Figures(channel, len(took), len(took) / (run.ended - first), percentile(took, .5), percentile(took, .95),
                                 percentile(took, .99), sum(len(turn.faults) for turn in turns), sum(turn.outcome == APOLOGY for turn in turns)))
    return found


def of_blow(blow: Blow, turns: Sequence[Turn]) -> Outage:
    """Return what happened to the turns that began before the recovery and ended after the blow."""
    met = [turn for turn in turns if turn.at < blow.over + AFTER_S and turn.at + turn.waited > blow.at]
    answered = [turn for turn in met if turn.outcome]
    repeated = sum(bool(turn.faults) for turn in answered)
    return Outage(blow, len(met), len(answered) - repeated, repeated, sum(turn.outcome == APOLOGY for turn in answered), len(met) - len(answered),
                  max((turn.waited for turn in met), default=0.0))
