"""docs/benchmarks/matching.md: what was asked of whom, and the figures as tables."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Mapping, Sequence

import psutil

from benchmarks.matchers import scores
from benchmarks.matchers.rasa_selector import COPIES, EPOCHS
from benchmarks.matchers.registry import FEW, OURS, OURS_WITH_CONDITIONS, PEERS
from benchmarks.matchers.sets import ITEMS, MIXED, PLAIN, QUESTIONS, SAMPLE, SAMPLED, title
from benchmarks.matchers.trial import WARM, Trial
from cli.evaluation.measures import Share, percentile
from cli.evaluation.report import table

Found = Mapping[int, Mapping[str, Trial]]
MISSING = "—"
LIBRARIES = ("rapidfuzz", "scikit-learn", "bm25s", "tantivy", "jieba", "rasa", "numpy", "scipy", "numba")
_QUALITY = ("matcher", "hit@1", "hit@3", "hit@5", "MRR", "precision of answers", f"hit@1, {MIXED}", f"precision of answers, {MIXED}")
_COVERAGES = (0.2, 0.4, 0.6, 0.8)
_COVERED = ("matcher", *(f"best {coverage:.0%}" for coverage in _COVERAGES), *(f"best {coverage:.0%}, {MIXED}" for coverage in _COVERAGES))
_COST = ("matcher", "p50", "p99", "p50 to ours", "build", "build to ours", "libraries and dictionaries", "index")

_SETS = f"""- **A**: the distinct names of a real list of service items, asked with the portal's own short and everyday names of them, which no
  matcher is given. {SAMPLE} of the names: all that {SAMPLED} of the queries are after, and others drawn with a fixed seed.
- **B**: one standard question a matter, asked with other phrasings of it.
- Both are development sets: ours was made with an eye on them, and the peers are taken as they come. A sealed half of each is kept back.
- **Composed**: the names of A for cities, counties and streets of Shandong, each also with an action behind it. A query of A is asked at a place;
  right is that place's name without an action. From 100,000 names on, rapidfuzz is asked {FEW} texts only.
- **{MIXED}**: the same queries with two homophone swaps each, and a dropped character in 30 % of them (`benchmarks/noise`). On the composed lists
  the place stays whole."""
_HOW = f"""Nobody learns from the queries. Every matcher stands in a process of its own on one thread, and gets the same names and texts; the
peers have jieba's own dictionary, folded widths and cases, and the settings their libraries come with. Precision of answers: for ours, of the
texts it answers by itself rather than asking back or saying no, how many are answered right. A peer only scores, so of its texts those with the
highest scores are taken, as many as ours answers: that is the best that one threshold on its score could do at the same coverage. The second
table does so for all alike, ours too: hit@1 among the texts with the best scores. MRR looks at ten ranks. A difference below about four points
on A or B is within chance. “{MISSING}” is a matcher that is not run there; the reasons stand below the tables. Rasa's ResponseSelector
(JiebaTokenizer, words and runs of one to three characters, {EPOCHS} epochs) learns each standard question in {len(COPIES)} copies that differ by
a word at an end: it drops what is alike. tantivy scores either jieba's words or runs of one to three characters."""
_TIMES = f"""Times are of the processor, not of the clock on the wall, for other programs share the machine: milliseconds a text, plain queries, after
{WARM} that are not counted; seconds for the build. They belong to this machine; the ratios travel better. Memory is by how much the resident size of
the fresh process grows: with the libraries and dictionaries, then with the index and the first {WARM} texts. The names themselves, which every
process holds, are in neither."""
_NOISE = """One kind at a time over all queries of the set; a text in which a kind finds nothing to spoil is asked as it is."""
_RELIABLE = """The score of our first candidate is to be read as the probability that it is right. Calibration error: the mean distance between
predicted and observed over ten bins, weighted by their counts."""


def facts() -> dict[str, str]:
    """Return what ran this."""
    try:
        models = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if "model name" in line]
    except OSError:
        models = []
    return {"processor": f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, one used",
            "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GB", "Python": platform.python_version(),
            "libraries": ", ".join(f"{library} {version(library)}" for library in LIBRARIES)}


def markdown(found: Found, reasons: Mapping[int, Mapping[str, str]], pictures: Sequence[str], note: str) -> str:
    """Return the report; `reasons` say by size and matcher why one is missing; `note` stands under the title."""
    parts = ["<!-- Written by benchmarks/matching.py; changes by hand are lost. -->", "# Matching against other ways to match", note, _SETS, _HOW,
             table(("what", "value"), facts().items()), f"![hit@1 by matcher and set]({pictures[0]})"]
    for size, trials in found.items():
        names = [peer.name for peer in PEERS if peer.name in trials or peer.name in reasons.get(size, {})]
        why = dict.fromkeys(f"{name}: {reason}" for name, reason in reasons.get(size, {}).items())
        parts += [f"## {title(size)}", _asked(trials), table(_QUALITY, (_quality(name, trials) for name in names)),
                  table(_COVERED, (_covered(name, trials) for name in names)),
                  table(_COST, (_cost(name, trials) for name in names)), f"Not run: {'; '.join(why)}." if why else ""]
    parts += ["## Time and memory", _TIMES, f"![time against size]({pictures[1]})", "## Noise by kind, hit@1", _NOISE]
    for size in (QUESTIONS, ITEMS):
        if size in found:
            parts += [f"### {title(size)}", _noise(found[size])]
    parts += ["## What ours decides", table(("set", "texts", "answers", "of them right", "asks back", "of them with something right to choose",
                                             "says no", "calibration error"), _decisions(found)),
              _RELIABLE, f"![predicted and observed]({pictures[2]})"]
    return "\n\n".join(part for part in parts if part) + "\n"


def _asked(trials: Mapping[str, Trial]) -> str:
    trial = trials[OURS.name]
    answered = scores.decided(trial.outcomes[PLAIN], "answer")
    return f"{len(trial.seconds)} queries. Ours answers {Share(len(answered), len(trial.seconds))} by itself."


def _coverage(trials: Mapping[str, Trial], kind: str) -> float:
    outcomes = trials[OURS.name].outcomes[kind]
    return len(scores.decided(outcomes, "answer")) / len(outcomes)


def _quality(name: str, trials: Mapping[str, Trial]) -> tuple[object, ...]:
    if name not in trials:
        return (name, *[MISSING] * (len(_QUALITY) - 1))
    plain, mixed = (trials[name].outcomes[kind] for kind in (PLAIN, MIXED))
    return (name, *(scores.hit(plain, rank) for rank in (1, 3, 5)), f"{scores.mean_reciprocal_rank(plain):.3f}",
            scores.precision(plain, _coverage(trials, PLAIN)), scores.hit(mixed, 1), scores.precision(mixed, _coverage(trials, MIXED)))


def _covered(name: str, trials: Mapping[str, Trial]) -> tuple[object, ...]:
    if name not in trials:
        return (name, *[MISSING] * (len(_COVERED) - 1))
    return (name, *(_percent(scores.precision_of_best(trials[name].outcomes[kind], coverage)) for kind in (PLAIN, MIXED) for coverage in _COVERAGES))


def _cost(name: str, trials: Mapping[str, Trial]) -> tuple[object, ...]:
    if name not in trials:
        return (name, *[MISSING] * (len(_COST) - 1))
    trial, first = trials[name], trials[OURS.name]
    half = percentile(trial.seconds, 0.5)
    return (name, f"{1000 * half:.3g} ms", f"{1000 * percentile(trial.seconds, 0.99):.3g} ms", f"{half / percentile(first.seconds, 0.5):.2g} ×",
            f"{trial.build:.2f} s", f"{trial.build / first.build:.2g} ×", f"{trial.program / 2**20:.0f} MB", f"{trial.index / 2**20:.0f} MB")


def _noise(trials: Mapping[str, Trial]) -> str:
    changed = trials[OURS.name].changed
    return table(("noise", "texts it changes", *trials), ((kind, count, *(_percent(scores.hit(trial.outcomes[kind], 1)) for trial in trials.values()))
                                                          for kind, count in changed.items()))


def _percent(share: Share) -> str:
    return f"{100 * share.hits / share.of:.1f} %"


def _decisions(found: Found) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for size, trials in found.items():
        for name in (OURS.name, OURS_WITH_CONDITIONS.name):
            for kind in (PLAIN, MIXED):
                if name in trials:
                    label = f"{title(size)}{', with conditions' if name != OURS.name else ''}, {kind}"
                    rows.append(_decision(label, trials[name].outcomes[kind]))
    return rows


def _decision(label: str, outcomes: Sequence[scores.Outcome]) -> tuple[object, ...]:
    count = len(outcomes)
    answered, asked, denied = (scores.decided(outcomes, decision) for decision in ("answer", "clarify", "none"))
    return (label, count, Share(len(answered), count), scores.hit(answered, 1), Share(len(asked), count), scores.offered(outcomes),
            Share(len(denied), count), f"{scores.calibration_error(outcomes):.3f}")
