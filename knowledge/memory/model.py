"""What the product remembers of callers' words: what they picked, what found nothing, and what an editor made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

# Half a year sees each yearly season of questions (enrolment, heating) from its start to its end; longer nothing needs to lie about.
KEPT = timedelta(days=180)

How = Literal["choice", "correction", "operator"]  # after a question back; a right answer after a rejected one; a person at the desk


@dataclass(frozen=True)
class Pick:
    """These words meant this record. `who` stands for one conversation and cannot be led back to it."""

    text: str
    code: str
    how: How
    at: datetime
    who: str


@dataclass(frozen=True)
class Miss:
    """These words found nothing."""

    text: str
    at: datetime
    who: str


@dataclass(frozen=True)
class Learned:
    """A name that an editor took from callers' words; `evidence` counts the callers who said it then."""

    code: str
    text: str
    author: str
    at: datetime
    evidence: int
