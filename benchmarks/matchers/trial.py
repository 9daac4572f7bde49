"""One matcher on one set in a process of its own: what it found, how long it took, what it holds."""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Sequence

import psutil

from benchmarks.matchers.base import Found
from benchmarks.matchers.registry import PEERS, kind_of
from benchmarks.matchers.sets import PLAIN, Query, load
from core.settings import ROOT

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS",
              "TF_INTRA_OP_PARALLELISM_THREADS", "TF_INTER_OP_PARALLELISM_THREADS")
WARM = 3  # texts asked before the clock runs


@dataclass(frozen=True)
class Outcome:
    """What became of one text; `rank` from 1, or 0 where nothing right was ranked; `offered`: something right is among the choices."""

    rank: int
    score: float
    decision: str
    offered: bool


@dataclass(frozen=True)
class Trial:
    """Outcomes by kind of text; how many texts a kind changed; processor seconds a text (plain ones) and for the build; bytes by which the
    process grew."""

    outcomes: Mapping[str, Sequence[Outcome]]
    changed: Mapping[str, int]
    seconds: Sequence[float]
    build: float
    program: int
    index: int


def run(name: str, size: int, data: Path, quick: bool, keep: Path | None = None) -> Trial:
    """Run the trial in a child on one thread, or take it from the folder `keep` where an earlier run left it.

    Raises CalledProcessError with what the child told.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = (keep or Path(folder)).resolve() / f"{name}-{size}{'-quick' if quick else ''}.json"
        if not result.is_file():
            result.parent.mkdir(parents=True, exist_ok=True)
            command = [sys.executable, "-m", "benchmarks.matchers.trial", name, str(size), str(data.resolve()), str(result), str(int(quick))]
            subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=os.environ | dict.fromkeys(ONE_THREAD, "1"))
        told = json.loads(result.read_text(encoding="utf-8"))
    told["outcomes"] = {kind: [Outcome(*row) for row in rows] for kind, rows in told["outcomes"].items()}
    return Trial(**told)


def judged(query: Query, found: Found) -> Outcome:
    """Set what was found beside what is right."""
    ranks = [rank for rank, (code, _) in enumerate(found.ranked, 1) if code in query.right]
    return Outcome(ranks[0] if ranks else 0, found.ranked[0][1] if found.ranked else 0.0, found.decision, not query.right.isdisjoint(found.choices))


def measure(name: str, size: int, data: Path, quick: bool) -> Trial:
    """Do the work of `run` in this process."""
    peer = next(peer for peer in PEERS if peer.name == name)
    trials = load(size, data, quick)
    asked = {kind: queries[:peer.texts(size)] for kind, queries in trials.asked.items()}
    kind = kind_of(name)
    start = _held()
    kind.prepare()
    prepared, clock = _held(), time.process_time()
    matcher = kind.build(trials.names, trials.texts if peer.with_texts else {})
    build = time.process_time() - clock
    for query in asked[PLAIN][:WARM]:
        matcher.find(query.text)
    built = _held()
    outcomes: dict[str, list[Outcome]] = {}
    seconds: list[float] = []
    for noise, queries in asked.items():
        outcomes[noise] = []
        for query in queries:
            clock = time.process_time()
            found = matcher.find(query.text)
            if noise == PLAIN:
                seconds.append(time.process_time() - clock)
            outcomes[noise].append(judged(query, found))
    changed = {noise: sum(query.text != told.text for query, told in zip(asked[PLAIN], queries)) for noise, queries in asked.items()}
    return Trial(outcomes, changed, seconds, build, prepared - start, built - prepared)


def _held() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def main(name: str, size: str, data: str, result: str, quick: str) -> None:
    """Write the trial as JSON; outcomes as plain rows."""
    trial = measure(name, int(size), Path(data), quick == "1")
    told = dataclasses.asdict(trial) | {"outcomes": {kind: [dataclasses.astuple(one) for one in rows] for kind, rows in trial.outcomes.items()}}
    Path(result).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
