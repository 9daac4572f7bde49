"""What the emergency rules know: signs of danger, cues around them, look-alike expressions, garbled phrases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from safety.patterns import Table

Kind = Literal["119", "110", "120", "122", "crisis"]

# Who is told first when several dangers show in one call. A person about to die by their own hand is spoken to at
# once; fire outranks the crash it came from; a crash with injured people stays a crash (122 as well as 120).
PRIORITY: tuple[Kind, ...] = ("crisis", "119", "122", "110", "120")


@dataclass(frozen=True)
class Sign:
    """Words that point to one kind of danger. `weight` is set against `Lexicon.threshold` together with the cues.

    `also` are the kinds that come along; an alarm of a kind in `yields_to` goes before this one (a bare 救命 names no
    danger, so any named danger goes before it; a driver caught in a wreck is a crash first).
    """

    kind: Kind
    weight: int
    also: tuple[Kind, ...] = ()
    yields_to: tuple[Kind, ...] = ()


@dataclass(frozen=True)
class Cue:
    """Words that make a sign likelier (positive weight) or less likely to be a danger of this moment (negative).

    `before` and `after` are how many characters away from the sign the cue is still heard; `clause` keeps it within the
    sign's own clause; `not_for` are the kinds it says nothing about; of the
    cues of one `subject` only the heaviest counts.
    """

    name: str
    weight: int
    before: int = 0
    after: int = 0
    clause: bool = False
    not_for: tuple[Kind, ...] = ()
    subject: str = ""


@dataclass(frozen=True)
class Lexicon:
    """All tables, compiled. `past` and `now` are told apart by which of them stands nearer before the sign."""

    threshold: int
    signs: Table[Sign]
    cues: Table[Cue]
    past: Cue
    now: Cue
    denial: re.Pattern[str]  # a negation that ends directly before the sign
    lookalikes: Table[None]
    garbled: tuple[str, ...]  # phrases recognised by their sound, three syllables and more
