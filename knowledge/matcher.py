"""Callers' words → ranked items and policy answers, and the decision whether to answer, to ask back, or to say no."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Mapping, Sequence
from zlib import crc32

from knowledge.facets import facet_of, matter_of, spoken, without_question
from knowledge.index import build_index, rarity
from knowledge.lexicon import Lexicon, actions_in
from knowledge.model import Candidate, Decision, Kind, Match
from knowledge.similarity import ACTION_PENALTY, FUNCTION, Words, coverage, evidence, exclude, similarity
from zh.normalise import normalise

MAX_TEXT = 2000       # characters looked at; a caller's matter stands in the first minutes of what he says
MAX_CLAUSES = 12
NEAR = 60             # names re-ranked per clause
SAME_MATTER = 0.9     # score of a text that names the matter exactly as one item does, question words aside
TOPIC = 4             # characters; a shorter clause names a topic and needs the next one
EVIDENCE = 0.13       # what the whole text says for a name
RAMBLING = 100         # characters; in a longer text a clause is judged by itself
SAID = 0.4            # of the best name
SCANT = 3             # telling characters; 首次办 with two names no matter, unless a name is exactly that
RIVALS = 4            # candidates that are weighed against each other, and at most offered
CHAIN_BONUS = 0.15    # who asks for all that has to be done means the life event, not one of its items
_CHAIN = re.compile("|".join((
    r"都(?:得|要|需要|该|能)*(?:办|跑|走|弄|干|找|准备|备)(?:些|点)?(?:什么|哪)",
    r"(?:哪些|全套|整套|一套|一连串|所有|各样|一整套)(?:的)?(?:手续|证|部门)|(?:哪几|几)(?:家|个部门|道)|哪几样证",
    r"从头|一条龙|一件事|一步步",
)))
_NUMBER = re.compile(r"\d{3,}")
_CLAUSE = re.compile(r"[,。?!;、:\n ]+")


@dataclass(frozen=True)
class Name:
    """One way to say a record: its official name, an everyday name, or a question about it."""

    code: str
    text: str
    kind: Kind
    official: str


@dataclass(frozen=True)
class Thresholds:
    """What a score must reach; set by `hotline evaluate` from the cost of a wrong answer against a question back."""

    answer: float = 0.44
    clarify: float = 0.34
    margin: float = 0.07


def _one_sign(match: "re.Match[str]") -> str:
    # A number is itself or another number: 13812345678 has nothing of 12345. One private-use character stands for each.
    return chr(0xE000 + crc32(match.group().encode()) % 6400)


def forms(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return what a text is about, without the words of the question: with everyday words folded, and as it stands.

    Both, for folding helps 驾照 find 驾驶证, but would hide 公司设立 behind the 开公司 that 公司设立登记 is folded to.
    """
    plain = without_question(normalise(text))
    found = (_NUMBER.sub(_one_sign, form).strip() for form in (lexicon.fold(plain), plain))
    return tuple(dict.fromkeys(form for form in found if form))


def _joined(parts: Sequence[str]) -> list[str]:
    """Join a bare topic to what is said of it: 护照,丢了补办 speaks of 护照丢了补办, not of 护照."""
    found: list[str] = []
    for part in parts:
        if found and len(matter_of(found[-1])) < TOPIC:
            found[-1] += part
        else:
            found.append(part)
    return found


@lru_cache(maxsize=100_000)
def _forms_of_name(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """`forms`, kept from edition to edition: of thousands of names a new edition changes a few. Callers' words are never kept."""
    return forms(text, lexicon)


@lru_cache(maxsize=20_000)
def _folded_record(text: str, lexicon: Lexicon) -> str:
    """What a record says of itself, folded; kept like its names."""
    return lexicon.fold(spoken(normalise(text)))


class KnowledgeMatcher:
    """Two stages over all names; holds no state between calls and is safe to share between threads."""

    def __init__(self, names: Sequence[Name], texts: Mapping[str, str], lexicon: Lexicon, thresholds: Thresholds) -> None:
        """Index `names`; `texts` holds by code whatever else the item says of itself. Raises ValueError without names."""
        self._lexicon = lexicon
        self._thresholds = thresholds
        items = {_folded_record(name.text, lexicon) for name in names if name.kind == "item"}
        # 开公司 said alone is the item of that name; the life event is meant by whoever asks for all that has to be done.
        names = [name for name in names if name.kind != "life_event" or _folded_record(name.text, lexicon) not in items]
        entries = [(name, form) for name in names for form in _forms_of_name(name.text, lexicon)]
        self._names = [name for name, _ in entries]  # one entry a form
        self._index = build_index([form for _, form in entries])
        groups: dict[str, list[str]] = {}
        for name, form in entries:
            groups.setdefault(name.code, []).append(form)
        self._official = {name.code: actions_in(name.official) for name in names}
        self._idf = rarity(list(groups.values()))
        self._words = [Words(form, self._idf) for _, form in entries]
        self._whole_item = {code: Words(" ".join((*group, _folded_record(texts.get(code, ""), lexicon))), self._idf)
                            for code, group in groups.items()}
        owners: dict[str, set[str]] = {}
        for name, form in entries:
            owners.setdefault(form, set()).add(name.code)
        # 办护照多少钱 asked as 护照要多少钱: the same matter in so many words, and no other item is called so.
        self._same = {form: i for i, (_, form) in reversed(list(enumerate(entries))) if len(owners[form]) == 1}
        self._exact = self._exact_names()

    def _exact_names(self) -> dict[str, int]:
        """Where each folded name stands. One that several records bear belongs to the only one of them that has other names as well:
        a list that was imported brings names alone. Otherwise nobody has it for himself."""
        many = {code for code, count in Counter(name.code for name in dict.fromkeys(self._names)).items() if count > 1}
        bearers: dict[str, dict[str, int]] = {}
        for i, name in enumerate(self._names):
            bearers.setdefault(_folded_record(name.text, self._lexicon), {}).setdefault(name.code, i)
        found: dict[str, int] = {}
        for folded, codes in bearers.items():
            owners = list(codes) if len(codes) == 1 else [code for code in codes if code in many]
            if len(owners) == 1:
                found[folded] = codes[owners[0]]
        return found

    def match(self, text: str, limit: int = 5) -> Match:
        """Return the decision and at most `limit` candidates for a text of any length; never raises."""
        plain = normalise(text[:MAX_TEXT])
        best: dict[str, tuple[float, int]] = {}
        whole = Words(" ".join(forms(plain, self._lexicon)), self._idf)
        chain = CHAIN_BONUS if _CHAIN.search(spoken(plain)) else 0.0
        rambles = len(plain) > RAMBLING
        for clause, weight in self._clauses(plain):
            words = Words(clause, self._idf)
            context = words if rambles else whole
            explained: dict[str, float] = {}
            for position in self._index.nearest(clause, NEAR):
                name, code = self._words[position], self._names[position].code
                if code not in explained:
                    explained[code] = coverage(context, self._whole_item[code])
                score = weight * similarity(words, context, name, explained[code]) + EVIDENCE * evidence(name, whole)
                score -= ACTION_PENALTY * exclude(words.actions or whole.actions, name.actions)
                score += chain * (self._names[position].kind == "life_event")
                if score > best.get(code, (0.0, 0))[0]:
                    best[code] = (score, position)
        exact = self._exact.get(self._fold(plain))
        if exact is not None:
            best[self._names[exact].code] = (1.0, exact)
        same = next((self._same[form] for form in forms(plain, self._lexicon) if form in self._same), None)
        if exact is None and same is not None:
            code = self._names[same].code
            best[code] = (max(SAME_MATTER, best.get(code, (0.0, same))[0]), same)
        ranked = sorted(best.items(), key=lambda entry: (-entry[1][0], entry[0]))[:max(limit, 5)]
        candidates = tuple(self._candidate(score, position) for _, (score, position) in ranked)
        opposed = bool(ranked) and exclude(whole.actions, self._words[ranked[0][1][1]].actions or self._official[ranked[0][0]])
        scant = len([char for char in matter_of(plain) if char not in FUNCTION]) < SCANT
        # Below what is answered, a name of which hardly anything was said, or a text that says hardly anything, is no choice worth a question.
        far = bool(ranked) and (scant or coverage(self._words[ranked[0][1][1]], whole) < SAID)
        decision, choices = self._decide(candidates, exact is not None or same is not None, opposed or scant, far)
        return Match(decision, facet_of(plain), candidates[:limit], choices)

    def _fold(self, text: str) -> str:
        return self._lexicon.fold(spoken(normalise(text)))

    def _clauses(self, plain: str) -> list[tuple[str, float]]:
        """The whole text and its clauses; a clause alone is trusted a little less."""
        parts = _joined([part for part in _CLAUSE.split(plain) if len(part) > 1])[:MAX_CLAUSES]
        whole = plain if len(plain) <= RAMBLING else ""
        found: dict[str, float] = {}
        for part, weight in [(whole, 1.0)] + [(part, 1.0 if len(parts) == 1 else 0.96) for part in parts]:
            for form in forms(part, self._lexicon):
                found[form] = max(weight, found.get(form, 0.0))
        return list(found.items())

    def _candidate(self, score: float, position: int) -> Candidate:
        name = self._names[position]
        return Candidate(name.code, name.official, name.kind, round(score, 4), name.text)

    def _decide(self, candidates: Sequence[Candidate], exact: bool, doubtful: bool, far: bool) -> tuple[Decision, tuple[str, ...]]:
        """`doubtful`: too little was said, or the first candidate is about another action, so it is never answered by itself; `far`: it is
        not even offered unless its score alone would more than do for an answer."""
        if not candidates or candidates[0].score < self._thresholds.clarify:
            return "none", ()
        first = candidates[0].score
        if far and not exact and first < self._thresholds.answer + self._thresholds.margin:
            return "none", ()
        rivals = [c for c in candidates[:RIVALS] if c.score >= max(first - 0.12, self._thresholds.clarify - 0.05)]
        clear = len(candidates) < 2 or first - candidates[1].score >= self._thresholds.margin
        if exact or (first >= self._thresholds.answer and clear and not doubtful):
            return "answer", ()
        return "clarify", tuple(candidate.code for candidate in rivals)
