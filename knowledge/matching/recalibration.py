"""Fits the chances to one index without labels: made-up callers tell how much easier or harder it is than the one the model learned on."""

from __future__ import annotations

import random
from typing import Iterator, Sequence

import numpy as np

from knowledge.matching.matcher import KnowledgeMatcher
from knowledge.matching.names import Name

SAMPLE = 200   # names that are asked for
SEED = 12345   # the same index is calibrated alike in every process
MOST = 2.0     # log odds by which chances are moved at most
KEPT = (0.55, 0.75)  # share of a name's characters that a made-up caller says


def pseudo_queries(names: Sequence[Name], sample: int = SAMPLE) -> Iterator[tuple[str, Name]]:
    """Yield texts as callers might shorten some names, and the name meant: a stretch of it, or with a stretch left out."""
    draw = random.Random(SEED)  # noqa: S311  # no secret hangs on it
    pool = [name for name in names if name.kind != "beyond" and len(name.text) >= 5]
    for name in draw.sample(pool, min(sample, len(pool))):
        said = round(len(name.text) * draw.uniform(*KEPT))
        at = draw.randrange(len(name.text) - said + 1)
        whole = draw.random() < 0.5
        yield (name.text[at:at + said] if whole else name.text[:at] + name.text[at + len(name.text) - said:]), name


def gap(matcher: KnowledgeMatcher, names: Sequence[Name]) -> float:
    """Return by how much (log odds) made-up callers are served better than the model expects; negative when it expects too much.

    0 for an index too small to tell.
    """
    chances, right = [], 0
    for text, name in pseudo_queries(names):
        found = matcher.chance_of_first(text)
        if found is not None:
            chances.append(found[1])
            right += found[0] == name.code
    if len(chances) < 20:
        return 0.0
    return _log_odds((right + 0.5) / (len(chances) + 1)) - _log_odds(float(np.mean(chances)))


def recalibrated(matcher: KnowledgeMatcher, names: Sequence[Name], usual: float) -> KnowledgeMatcher:
    """Return the matcher with its chances moved by what this index's gap differs from the `usual` one, that of the index it learned on."""
    return matcher.calibrated(float(np.clip(gap(matcher, names) - usual, -MOST, MOST)))


def _log_odds(chance: float) -> float:
    chance = min(max(chance, 1e-3), 1 - 1e-3)
    return float(np.log(chance / (1 - chance)))
