"""Second stage: how well one name explains a text, and the text the name. All in 0..1."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Mapping

from rapidfuzz.distance import LCSseq

from knowledge.lexicon import actions_in
from zh.pinyin import syllables

SOUND_CREDIT = 0.75   # a character that only sounds alike is worth less than the character itself
ACTION_PENALTY = 0.18  # 注销 asked, 设立 offered: never the same matter
UNKNOWN_WEIGHT = 4.0  # idf of a character that no name has
# Grammar, not matter: such a character alone tells next to nothing (in a pair it still counts: 不动产).
FUNCTION = frozenset("的了着过吗呢啊吧呀不没我俺你您他她它们咱人家自己想要能会可以得需让叫请问下那这个些现在还就才又再给是有在去到上来把被跟和与及也都很太办弄整做说道事时候里边头为因所从向对只")
FUNCTION_WEIGHT = 0.2
FULL_EVIDENCE = 18.0  # summed idf of a name that says enough: about four telling characters


@dataclass(frozen=True)
class Words:
    """A folded text with what the comparison needs, made once."""

    text: str
    idf: Mapping[str, float]

    @cached_property
    def sounds(self) -> tuple[str, ...]:
        return syllables(self.text)

    @cached_property
    def chars(self) -> frozenset[str]:
        return frozenset(self.text)

    @cached_property
    def sound_set(self) -> frozenset[str]:
        return frozenset(self.sounds)

    @cached_property
    def pairs(self) -> frozenset[str]:
        return frozenset(self.text[i:i + 2] for i in range(len(self.text) - 1))

    @cached_property
    def sound_pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(zip(self.sounds, self.sounds[1:]))

    @cached_property
    def weights(self) -> tuple[float, ...]:
        return tuple(0.0 if c.isspace() else self.idf.get(c, UNKNOWN_WEIGHT) * (FUNCTION_WEIGHT if c in FUNCTION else 1.0) for c in self.text)

    @cached_property
    def pair_weights(self) -> tuple[float, ...]:
        return tuple(a + b for a, b in zip(self.weights, self.weights[1:]))

    @cached_property
    def actions(self) -> frozenset[str]:
        return actions_in(self.text)


def coverage(inner: Words, outer: Words) -> float:
    """Return how much of `inner`, weighted by rarity, stands in `outer`: as characters, as pairs, or as sounds."""
    total = sum(inner.weights)
    if not total:
        return 0.0
    chars = sum(w if c in outer.chars else w * SOUND_CREDIT * (s in outer.sound_set)
                for c, s, w in zip(inner.text, inner.sounds, inner.weights)) / total
    pair_total = sum(inner.pair_weights)
    if not pair_total:
        return chars
    pairs = sum(w if inner.text[i:i + 2] in outer.pairs
                else w * SOUND_CREDIT * ((inner.sounds[i], inner.sounds[i + 1]) in outer.sound_pairs)
                for i, w in enumerate(inner.pair_weights)) / pair_total
    return 0.5 * chars + 0.5 * pairs


def evidence(name: Words, whole: Words) -> float:
    """Return how much the whole text says for a name: the part of it that is explained, counting more the more it says.

    Of two names that are both explained, 退休 and 退休取公积金, the longer one is the better founded.
    """
    return coverage(name, whole) * min(1.0, sum(name.weights) / FULL_EVIDENCE)


def similarity(clause: Words, context: Words, name: Words, explained: float) -> float:
    """Return how likely a clause speaks of `name`, 0..1 but for what the whole text adds.

    `context` is the text that the clause stands in, or the clause itself where the text rambles; `explained` is how much of it the item
    knows in whatever it says of itself: words that it does not know at all (渔船 for 劳务派遣) speak against it.
    The weights are the mean of the best ones on the tuning half of the evaluation questions, where many did equally well.
    """
    order = max(LCSseq.normalized_similarity(clause.text, name.text),
                SOUND_CREDIT * LCSseq.normalized_similarity(clause.sounds, name.sounds))
    return 0.12 * coverage(name, clause) + 0.18 * order + 0.16 * coverage(context, name) + 0.41 * explained


def exclude(asked: frozenset[str], offered: frozenset[str]) -> bool:
    """Return whether two sets of actions exclude each other: both name some, and none in common."""
    return bool(asked and offered and not asked & offered)
