"""The first thing that looks at a caller's words: is someone in danger at this moment?

No model takes part. A sign of danger has a weight; cues around it (now, here, come quickly; last year, what if, how to
apply) add or take away; what reaches the threshold is an alarm. Signs, cues and weights are tables in `lexicon/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from safety.hearing import Garbled, clean, mask
from safety.lexicon import PRIORITY, Cue, Kind, Lexicon, Sign
from safety.patterns import CLAUSE_END

# Longer texts are letters, not cries; the gateway takes 2,000 characters in a chat and 5,000 in a ticket.
LONGEST = 5000
_DENIAL_REACH = 6
_CLAUSE_BREAK = re.compile(f"[{CLAUSE_END}]")


@dataclass(frozen=True)
class Alarm:
    """A danger of this moment: who must come, the words that told so, and who else must come."""

    kind: Kind
    matched: str
    also: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """The outcome of the turn: `emergency_<number>` or `crisis`."""
        return "crisis" if self.kind == "crisis" else f"emergency_{self.kind}"


@dataclass(frozen=True)
class _Finding:
    sign: Sign
    score: int
    matched: str
    start: int
    end: int


class Detector:
    """Reads one text at a time; holds only compiled tables and may be shared between threads."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._garbled = Garbled(lexicon.garbled)

    def detect(self, text: str) -> Alarm | None:
        """Return the alarm that `text` raises, or None. Never raises; time grows with the length of the text."""
        heard = self._garbled.repair(mask(clean(text[:LONGEST]), self._lexicon.lookalikes))
        findings = list(self._findings(heard))
        raised = [f for f in findings if f.score >= self._lexicon.threshold] or self._together(findings)
        if not raised:
            return None
        named = [f for f in raised if not f.sign.plea] or raised
        first = min(named, key=lambda f: (PRIORITY.index(f.sign.kind), -f.score))
        # Once a danger is certain, a weaker sign of another kind is enough to send those people along.
        beside = {f.sign.kind for f in findings if not f.sign.plea and f.score >= self._lexicon.threshold - 1}
        beside.update(kind for f in named for kind in f.sign.also)
        return Alarm(first.sign.kind, first.matched, tuple(k for k in PRIORITY if k in beside and k != first.sign.kind))

    def _together(self, findings: list[_Finding]) -> list[_Finding]:
        """Two signs of one danger, each a little too weak, bear each other out: 被树砸了 起不来."""
        near = [f for f in findings if f.score == self._lexicon.threshold - 1 and f.sign.weight > 1]
        return [f for f in near if any(f.sign.kind == g.sign.kind and (f.end <= g.start or g.end <= f.start) for g in near)]

    def _findings(self, text: str) -> Iterator[_Finding]:
        for sign in self._lexicon.signs:
            for match in sign.words.finditer(text):
                if not self._denied(text, match.start()):
                    yield _Finding(sign, sign.weight + self._context(text, match, sign.kind), match[0], *match.span())

    def _denied(self, text: str, start: int) -> bool:
        return bool(self._lexicon.denial.search(text[max(0, start - _DENIAL_REACH) : start]))

    def _context(self, text: str, match: re.Match[str], kind: Kind) -> int:
        total = sum(cue.weight for cue in self._lexicon.cues if kind not in cue.not_for and _hears(cue, text, match))
        return total + self._tense(text, match)

    def _tense(self, text: str, match: re.Match[str]) -> int:
        """The nearer word of time before the sign decides: 去年装的…现在漏气 is now, 刚说的是去年着火 is past."""
        past, now = self._lexicon.past, self._lexicon.now
        # One character more than the sign: its last one may open a word of time (剐蹭上|周).
        before = text[max(0, match.start() - past.before) : match.end() + 1]
        past_at, now_at = _last(past.words, before), _last(now.words, before)
        if now_at > past_at:
            return now.weight
        if past_at >= 0:
            return past.weight
        if now.words.search(text, match.start(), match.end() + now.after):
            return now.weight
        after = past.words.search(text, match.end(), _clause_end(text, match.end(), past.after))
        return past.weight if after else 0


def _hears(cue: Cue, text: str, match: re.Match[str]) -> bool:
    """Is the cue said near the sign? Words inside the sign itself count for neither side of the reach."""
    start, end = max(0, match.start() - cue.before), match.end() + cue.after
    if cue.clause:
        breaks = [b.end() for b in _CLAUSE_BREAK.finditer(text, start, match.start())]
        start, end = (breaks[-1] if breaks else start), _clause_end(text, match.end(), cue.after)
    # What bears on the verb (如果, 经常) may also stand inside the sign: 电梯经常困人.
    before = cue.before and cue.words.search(text, start, match.end() if cue.clause else match.start())
    return bool(before or (cue.after and cue.words.search(text, match.end(), end)))


def _clause_end(text: str, at: int, reach: int) -> int:
    found = _CLAUSE_BREAK.search(text, at, at + reach)
    return found.start() if found else at + reach


def _last(words: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in words.finditer(text)), default=-1)
