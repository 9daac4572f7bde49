"""The first thing that looks at a caller's words: is someone in danger at this moment?

No model takes part in these rules. A sign of danger has a weight; cues around it (now, here, come quickly; last year, what if, how to
apply) add or take away; what reaches the threshold is an alarm. Signs, cues and weights are tables in `lexicon/`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from safety.context import Context
from safety.hearing import Garbled, clean, mask
from safety.lexicon import PRIORITY, Kind, Lexicon, Sign

# Longer texts are letters, not cries; the gateway takes 2,000 characters in a chat and 5,000 in a ticket.
LONGEST = 5000
_DENIAL_REACH = 6


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

    def hear(self, text: str) -> str:
        """Return `text` as the tables see it: normalised, look-alikes blotted out, garbled phrases put right."""
        return self._garbled.repair(mask(clean(text[:LONGEST]), self._lexicon.lookalikes))

    def detect(self, text: str) -> Alarm | None:
        """Return the alarm that `text` raises, or None. Never raises; time grows with the length of the text."""
        findings = list(self._findings(self.hear(text)))
        threshold = self._lexicon.threshold
        raised = [f for f in findings if f.score >= threshold] or _together(findings, threshold - 1)
        if not raised:
            return None
        kinds: dict[Kind, set[Sign]] = defaultdict(set)
        for finding in raised:
            kinds[finding.sign.kind].add(finding.sign)
        named = [f for f in raised if not any(kinds[kind] - {f.sign} for kind in f.sign.yields_to)] or raised
        first = min(named, key=lambda f: (PRIORITY.index(f.sign.kind), -f.score))
        # Once a danger is certain, a weaker sign of another kind is enough to send those people along.
        beside = {f.sign.kind for f in findings if f.score >= threshold - 1 and f.sign.kind not in f.sign.yields_to}
        beside.update(kind for f in named for kind in f.sign.also)
        return Alarm(first.sign.kind, first.matched, tuple(k for k in PRIORITY if k in beside and k != first.sign.kind))

    def doubts(self, text: str) -> bool:
        """Return whether a sign of danger stands in `text` that is denied, or that its context speaks against: past, what-if, paper."""
        heard = self.hear(text)
        context = Context(heard, self._lexicon)
        return any(
            self._lexicon.denial.search(heard[max(0, match.start() - _DENIAL_REACH) : match.start()]) or context.weigh(match, sign.kind) < 0
            for sign, match in self._lexicon.signs.find(heard)
        )

    def _findings(self, text: str) -> Iterator[_Finding]:
        context: Context | None = None
        for sign, match in self._lexicon.signs.find(text):
            if self._lexicon.denial.search(text[max(0, match.start() - _DENIAL_REACH) : match.start()]):
                continue
            context = context or Context(text, self._lexicon)
            yield _Finding(sign, sign.weight + context.weigh(match, sign.kind), match[0], *match.span())


def _together(findings: list[_Finding], score: int) -> list[_Finding]:
    """Two signs of one danger, each a little too weak, bear each other out: 被树砸了 起不来."""
    near = [f for f in findings if f.score == score and f.sign.weight >= score]
    kinds = {kind for kind in PRIORITY for f in near for g in near if f.sign.kind == g.sign.kind == kind and f.end <= g.start}
    return [f for f in near if f.sign.kind in kinds]
