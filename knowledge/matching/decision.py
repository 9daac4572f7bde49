"""Answer, ask back, or say no: from the chance of being right and the stated cost of being wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

NOTHING = 4.0        # score that a further record is taken to have at least
NECK_AND_NECK = 1.5  # score within which another record is a rival
OFFERED = 4  # choices of a question back, at most
SIGNS = ("one", "share", "first", "lead", "lead_third", "mass", "cover_text", "cover_name", "order_name", "evidence", "known_chars",
         "known_pairs", "action_conflict", "gained", "telling", "bare_action",
         "names_found", "run_text", "order_text", "rivals", "both", "clear", "full")


@dataclass(frozen=True)
class Costs:
    """What a turn costs the caller, in questions back: a wrong answer is a journey, no answer a call to a person."""

    wrong: float = 10.0
    question: float = 1.0
    refusal: float = 1.5

    @property
    def answer_from(self) -> float:
        """The chance from which an answer is cheaper than a question back."""
        return 1 - self.question / self.wrong

    @property
    def ask_from(self) -> float:
        """The chance that the right one is among the choices from which asking is cheaper than saying no."""
        return self.question / self.refusal


@dataclass(frozen=True)
class Calibration:
    """Two logistic models over SIGNS: that the first is right, and that the right one is among the first OFFERED; `shift` belongs to one index."""

    right: NDArray[np.float32]
    among: NDArray[np.float32]
    shift: float = 0.0

    def chances(self, signs: NDArray[np.float32]) -> tuple[float, float]:
        """Return both chances for one row of SIGNS; the second is never below the first."""
        first = _logistic(float(signs @ self.right) + self.shift)
        return first, max(first, _logistic(float(signs @ self.among) + self.shift))


def _logistic(value: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(value, -30, 30))))


def shares(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the share of each score's weight among all and NOTHING (softmax), for scores best first."""
    weight = np.exp(scores - scores[0])
    return np.asarray(weight / (weight.sum() + np.exp(min(NOTHING - scores[0], 30.0))), dtype=np.float32)


def signs_of(scores: NDArray[np.float32], best: Mapping[str, float], telling: int) -> NDArray[np.float32]:
    """Return SIGNS of a ranking: scores of the records best first, the columns of the best one's best name, and how much was said."""
    part = shares(scores)
    second, third = (max(NOTHING, float(scores[i])) if len(scores) > i else NOTHING for i in (1, 2))
    gained = max(0.0, best["gain_cover_text"], best["gain_cover_name"])
    lead = min(8.0, float(scores[0]) - second) / 4
    heard = best["heard_text"] + max(0.0, best["gain_heard_text"])
    rivals = int((scores[1:] > scores[0] - NECK_AND_NECK).sum())
    values = (1.0, float(part[0]), float(scores[0]) / 10, lead, min(8.0, float(scores[0]) - third) / 4,
              float(part[:OFFERED].sum()), best["cover_text"], best["cover_name"], best["order_name"], best["evidence"], best["known_chars"],
              best["known_pairs"], best["action_conflict"], gained, min(telling, 8) / 8, best["action_unasked"], best["names_found"] / 50,
              best["run_text"], best["order_text"], np.log1p(rivals) / 2, heard * best["heard_name"], heard * lead, max(0.0, heard - 0.9) * 10)
    return np.array(values, dtype=np.float32)


def chances_of_each(first: float, part: NDArray[np.float32]) -> Sequence[float]:
    """Return the chance of each record: the first's as calibrated, the rest of it shared among the others by their weights."""
    rest = float(1 - part[0])
    if len(part) == 1 or rest <= 0:
        return [first, *([0.0] * (len(part) - 1))]
    return [first, *(min(first, (1 - first) * float(share) / rest) for share in part[1:])]
