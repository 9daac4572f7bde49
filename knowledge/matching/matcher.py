"""Callers' words → ranked records and the decision whether to answer, to ask back, or to say no."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.dense.port import DenseModelFaulty, Encoder
from knowledge.dense.similarity import DenseIndex
from knowledge.facets import facet_of, matter_of, spoken
from knowledge.matching.decision import OFFERED, Calibration, Costs, chances_of_each, shares, signs_of
from knowledge.matching.encode import FUNCTION, Weights
from knowledge.matching.lexicon import Lexicon
from knowledge.matching.names import Name
from knowledge.matching.ranking import COLUMNS, Near, look_up
from knowledge.matching.reading import MAX_TEXT, NUMBERS, Heard, Reader, latin_words
from knowledge.matching.repair import learn_repair
from knowledge.matching.requests import requests
from knowledge.matching.segment import Progress, Reading, Segment, build_segment, entries_of, matter_key, rarity_of
from knowledge.model import Candidate, Decision, Match
from zh.normalise import normalise

TEACHING = 200_000    # names that teach how characters follow each other
MEANING = 6.0         # weight of the likeness of meaning, until a city's log teaches another
RICH = 4.0            # names a record, in the mean, from which records know how callers speak of them
SCANT = 3             # telling characters; fewer (换证, 护照) hardly name a matter
SURE_OF_LITTLE, LIKELY_OF_LITTLE = 0.98, 0.6  # chances from which so few words are answered, and asked back
SURE = 1.0            # chance of a text that is a record's very name
BARE = 3              # characters; a shorter matter is a thing of which many records may speak
SAME_MATTER = 0.95    # of a text that names the matter exactly as one record does, question words aside
GROWN, FEW = 0.2, 100  # share of the base, and names beyond it, that changes may grow to before all is built anew
_CHAIN = re.compile("|".join((
    r"都(?:得|要|需要|该|能)*(?:办|跑|走|弄|干|找|准备|备)(?:些|点)?(?:什么|哪)",
    r"(?:哪些|全套|整套|一套|一连串|所有|各样|一整套)(?:的)?(?:手续|证|部门)|(?:哪几|几)(?:家|个部门|道)|哪几样证",
    r"从头|一条龙|一件事|一步步",
)))


@dataclass(frozen=True)
class Model:
    """Weights of COLUMNS and the calibration that goes with them."""

    rank: NDArray[np.float32]
    calibration: Calibration


@dataclass(frozen=True)
class Models:
    """One model for lists that hold official names alone, one for records that know how callers speak of them."""

    sparse: Model
    rich: Model


@dataclass(frozen=True)
class Ranked:
    """Records of one text best first: code, score, place of the segment and of the name that carried it, and that name's columns."""

    codes: tuple[str, ...]
    scores: NDArray[np.float32]
    carriers: tuple[tuple[int, int], ...]
    best: Mapping[str, float]


def telling(heard: Heard) -> int:
    """Return how many characters of a text tell something beside the question and grammar."""
    return len([char for char in matter_of(heard.canonical) if char not in FUNCTION and not char.isspace()])


class KnowledgeMatcher:
    """Two stages over all names; immutable, and safe to share between threads."""

    def __init__(self, names: Sequence[Name], texts: Mapping[str, str], lexicon: Lexicon, models: Models, *, costs: Costs = Costs(),
                 encoder: Encoder | None = None, progress: Progress | None = None, known: Mapping[str, Reading] = MappingProxyType({})) -> None:
        """Index `names`; `texts` holds by code whatever else the item says of itself; an `encoder` compares by meaning as well; `known` are
        readings of names that this lexicon has made before.

        Raises ValueError without names.
        """
        latin = latin_words([name.text for name in names])
        base = build_segment(names, texts, Reader(lexicon), progress, known)
        self._reader = Reader(lexicon, latin, learn_repair([*lexicon.terms, *entries_of(base, TEACHING)]))
        self._segments: tuple[Segment, ...] = (base,)
        self._dead: tuple[NDArray[np.bool_], ...] = (np.zeros(base.postings.size, dtype=bool),)
        self._changed: dict[str, tuple[Name, ...]] = {}  # since the base was built
        self._rarity: Weights = rarity_of(base)
        self._lexicon = lexicon
        self._costs = costs
        self._model = models.rich if len(names) >= RICH * len(base.codes) else models.sparse
        if encoder:
            rank = self._model.rank.copy()
            rank[COLUMNS.index("meaning")] = rank[COLUMNS.index("meaning")] or MEANING
            self._model = replace(self._model, rank=rank)
        self._texts = texts
        self._encoder = encoder
        self._meanings: tuple[DenseIndex | None, ...] = (self._meaning(names),)

    def _meaning(self, names: Sequence[Name]) -> DenseIndex | None:
        return DenseIndex(self._encoder, [name.text for name in names]) if self._encoder else None

    @property
    def reader(self) -> Reader:
        """Return what reads callers' texts for this index."""
        return self._reader

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Return the base and, when something has changed since, the changes."""
        return self._segments

    @property
    def size(self) -> int:
        """Return how many names are indexed."""
        return sum(int((~dead[segment.firsts[:-1]]).sum()) for segment, dead in zip(self._segments, self._dead))

    def calibrated(self, shift: float) -> "KnowledgeMatcher":
        """Return a matcher over the same index whose chances are moved by `shift` (in log odds)."""
        found = self._copy()
        found._model = replace(self._model, calibration=replace(self._model.calibration, shift=shift))
        return found

    def updated(self, changed: Mapping[str, Sequence[Name]], texts: Mapping[str, str]) -> "KnowledgeMatcher | None":
        """Return a matcher in which the records `changed` have these names (none: they are gone) and texts; None when all should be built anew.

        The base is shared; only what has changed since it was built is indexed, so that one changed item costs milliseconds.
        """
        since = {**self._changed, **{code: tuple(names) for code, names in changed.items()}}
        fresh = [name for names in since.values() for name in names]
        base = self._segments[0]
        if len(fresh) > GROWN * len(base.names) + FEW:
            return None
        found = self._copy()
        found._changed, found._texts = since, {**self._texts, **texts}
        buried = np.array([i for i, code in enumerate(base.codes) if code in since], dtype=np.int32)
        found._segments, found._dead = (base,), (np.isin(base.record_of, buried)[base.name_of],)
        found._meanings = self._meanings[:1]
        if fresh:
            delta = build_segment(fresh, found._texts, self._reader)
            found._segments, found._dead = (base, delta), (*found._dead, np.zeros(delta.postings.size, dtype=bool))
            found._meanings = (self._meanings[0], self._meaning(fresh))
        return found

    def _copy(self) -> "KnowledgeMatcher":
        found = object.__new__(type(self))
        found.__dict__.update(self.__dict__)
        return found

    def chance_of_first(self, text: str) -> tuple[str, float] | None:
        """Return the first record for a text as the ranking alone sees it, and the chance that it is right; None when nothing is near."""
        heard = self._reader.hear(text)
        ranked = self.rank(heard)
        if not ranked.codes:
            return None
        return ranked.codes[0], self._model.calibration.chances(signs_of(ranked.scores, ranked.best, telling(heard)))[0]

    def match(self, text: str, limit: int = 5) -> Match:
        """Return the decision and at most `limit` candidates for a text of any length, of its first request where it holds several; never raises."""
        known: dict[str, Match] = {}

        def matched(part: str) -> Match:
            if part not in known:
                known[part] = self._match(part, limit)
            return known[part]

        found = requests(normalise(text[:MAX_TEXT]), matched)
        if not found:
            return matched(text)
        first = matched(found[0])
        if first.decision == "none":  # it names its record and says too little beside to be answered
            first = replace(first, decision="clarify", choices=(first.candidates[0].code,))
        return replace(first, others=found[1:])

    def _match(self, text: str, limit: int) -> Match:
        """Return the verdict on a text that is one request."""
        heard = self._reader.hear(text)
        facet = facet_of(heard.plain) or facet_of(heard.readings[-1])  # misheard or typed as pinyin, it may be heard only when set right
        ranked = self.rank(heard)
        named, whole = self._named(heard)
        if not ranked.codes and not named:
            return Match("none", facet, ())
        said = telling(heard)
        candidates, chances = self._candidates(ranked, named, whole, said, max(limit, OFFERED))
        decision, choices = self._decide(candidates, chances, bool(named), len(named) == 1, said)
        return Match(decision, facet, self._shown(candidates, limit), choices)

    def near(self, heard: Heard) -> list[Near]:
        """Return the names near a text, with their COLUMNS, by segment."""
        chain = bool(_CHAIN.search(spoken(heard.plain)))
        parts = list(zip(self._segments, self._dead, self._meanings))
        try:
            return [look_up(segment, dead, heard, self._rarity, self._lexicon, chain, meaning) for segment, dead, meaning in parts]
        except DenseModelFaulty:  # a model that fails on this text: the words alone must do
            return [look_up(segment, dead, heard, self._rarity, self._lexicon, chain) for segment, dead, _ in parts]

    def rank(self, heard: Heard) -> Ranked:
        """Return the records near a text with raw scores, best first."""
        best: dict[str, tuple[float, int, int, int]] = {}
        nears = self.near(heard)
        for i, near in enumerate(nears):
            codes, scores = self._segments[i].codes, near.rows @ self._model.rank
            for row, (record, score) in enumerate(zip(near.records.tolist(), scores.tolist())):
                if codes[record] not in best or score > best[codes[record]][0]:
                    best[codes[record]] = (score, i, int(near.names[row]), row)
        order = sorted(best, key=lambda code: (-best[code][0], code))
        columns: dict[str, float] = {}
        if order:
            _, i, _, row = best[order[0]]
            columns = dict(zip(COLUMNS, nears[i].rows[row].tolist()))
        return Ranked(tuple(order), np.array([best[code][0] for code in order], dtype=np.float32),
                      tuple((best[code][1], best[code][2]) for code in order), columns)

    def _named(self, heard: Heard) -> tuple[dict[str, tuple[int, int]], bool]:
        """The records that are called exactly what was said (code → the name), else by its matter; and whether word for word.

        A name that several bear belongs to the only one of them that has other names as well: a list that was imported brings names alone.
        """
        for whole, key in ((True, heard.canonical), (False, matter_key(heard.canonical))):
            found: dict[str, tuple[int, int]] = {}
            for i, (segment, dead) in enumerate(zip(self._segments, self._dead)):
                for name in (segment.exact if whole else segment.matters).find(key) if len(key) > 1 or key >= chr(NUMBERS) else ():
                    canonical = self._reader.name(segment.names[name].text)[0]
                    same = key == (canonical if whole else matter_key(canonical))
                    if len(key) == 1:  # a number: its sign may be another's as well
                        same = heard.plain == normalise(segment.names[name].text)
                    if same and not dead[segment.firsts[name]]:
                        found.setdefault(segment.names[name].code, (i, name))
            if not whole and len(key) < BARE:
                continue  # 办身份证 names no more than a thing, whoever else was asked about it in so few words
            if found:
                found = self._of_one_kind(found, heard)
                several = {code: place for code, place in found.items() if self._names_of(place) > 1}
                return (several if len(several) == 1 and len(found) > 1 else found), whole
        return {}, False

    def _of_one_kind(self, found: dict[str, tuple[int, int]], heard: Heard) -> dict[str, tuple[int, int]]:
        """公司注销 said alone is the item of that name; the life event is meant by whoever asks for all that has to be done."""
        chain = bool(_CHAIN.search(spoken(heard.plain)))
        events = {code: (i, name) for code, (i, name) in found.items() if self._segments[i].is_event[name]}
        others = {code: place for code, place in found.items() if code not in events}
        return (events if chain else others) if events and others else found

    def _names_of(self, place: tuple[int, int]) -> int:
        segment = self._segments[place[0]]
        return int((segment.record_of == segment.record_of[place[1]]).sum())

    def _candidates(self, ranked: Ranked, named: Mapping[str, tuple[int, int]], whole: bool, said: int,
                    wanted: int) -> tuple[list[Candidate], tuple[float, float]]:
        """The best records and both chances; `wanted` of them that are ours, and whatever lies beyond before these."""
        carriers = dict(zip(ranked.codes, ranked.carriers))
        chances = (0.0, 0.0)
        scored: dict[str, float] = {}
        if ranked.codes:
            part = shares(ranked.scores)
            chances = self._model.calibration.chances(signs_of(ranked.scores, ranked.best, said))
            scored = dict(zip(ranked.codes, chances_of_each(chances[0], part)))
        if named:
            sure = (SURE if whole else SAME_MATTER) / len(named)
            scored = {code: (sure if code in named else min(score, 1 - sure * len(named))) for code, score in scored.items()}
            scored.update({code: sure for code in named})
            carriers.update(named)
            chances = (sure, sure * len(named))
        order = sorted(scored, key=lambda code: -scored[code])
        found = []
        for code in order:
            i, place = carriers[code]
            name = self._segments[i].names[place]
            wanted -= name.kind != "beyond"
            found.append(Candidate(code, name.official, name.kind, round(scored[code], 4), name.text))
            if not wanted:
                break
        return found, chances

    def _decide(self, candidates: Sequence[Candidate], chances: tuple[float, float], named: bool, alone: bool,
                said: int) -> tuple[Decision, tuple[str, ...]]:
        """`named`: the text is a record's very name, `alone`: of one record; `said`: how many characters tell something."""
        if not candidates or candidates[0].kind == "beyond":
            return "none", ()
        offered = [candidate for candidate in candidates if candidate.kind != "beyond"][:OFFERED]
        if not named and (said == 0 or (said < SCANT and chances[0] < LIKELY_OF_LITTLE)):
            return "none", ()
        surely = SURE_OF_LITTLE if said < SCANT else self._costs.answer_from
        if alone or (not named and chances[0] >= surely):
            return "answer", ()
        if named or chances[1] >= self._costs.ask_from:
            return "clarify", tuple(candidate.code for candidate in offered)
        return "none", ()

    @staticmethod
    def _shown(candidates: Iterable[Candidate], limit: int) -> tuple[Candidate, ...]:
        return tuple(candidate for candidate in candidates if candidate.kind != "beyond")[:limit]
