"""What an editor never sees: words that are rude, suspicious, or no name for anything."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Collection, Iterable, Mapping, Sequence

from knowledge.facets import matter_of
from knowledge.memory.likeness import SAME, grouped, plain
from knowledge.memory.model import Pick
from zh.normalise import normalise

SHORTEST, LONGEST = 3, 40  # telling characters
CHINESE = 0.5              # of letters, digits and characters; below it the words are mostly something else
RESTLESS = 3               # records that one caller named for the same words: he tries things out
VARIED = 0.5               # different characters; 发发发发钱钱 has a third
LONG_ENOUGH_TO_VARY = 6
_TELLS_NOTHING = frozenset("的了着过吗呢啊吧呀嘛哦嗯我俺咱你您他她它们想要请问下个这那就是")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LINK = re.compile(r"https?|www\.|://|(?:\.|点 ?)(?:com|cn|net|org|top|xyz|cc)(?![a-z])|@", re.I)
_CODE = re.compile(r"[{}<>\\$`=|]|;\s*$|\(\s*\)|\b(?:select|insert|update|delete|drop|union)\b.{0,40}\b(?:from|into|table|where|select|set)\b"
                   r"|\b(?:script|function|import|def|return|null|sudo|curl|bash)\b|--|/\*", re.I)
_MASH = re.compile(r"(.)\1{3}|(..+?)\2{2}|[bcdfghjklmnpqrstvwxz]{5}", re.I)
# Characters, not words: 那个 read as a word and as two characters would take forever on a long row of them.
_CHOOSES = re.compile(r"(?!.*[0-9]{2})办?[那这我俺就要选说问想是的吧呗嗯哦啊呢对好行中可以没错正不都也有哪算了随便"
                      r"一二三四五第1-5个种项样条号最后头前上下面边]+")


def only_chooses(text: str) -> bool:
    """Return whether words only answer a question: 第二个, 是的, 就这个吧."""
    return bool(_CHOOSES.fullmatch(plain(text)))


def telling(text: str) -> int:
    """Return how many characters of a text say something of a matter, question words and particles aside."""
    return sum(char.isalnum() and char not in _TELLS_NOTHING for char in matter_of(normalise(text)))


class Vetting:
    """The rules, with the words of a file; holds no state."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """`words` holds by reason what must not stand in a text (see unfit.yml)."""
        self._patterns = {reason: re.compile("|".join(sorted((re.escape(plain(word)) for word in found), key=len, reverse=True)))
                          for reason, found in words.items() if found}

    def unfit(self, text: str) -> str | None:
        """Return why nobody needs to read these words, None when they are fit: the key of a list, or link, code, mash, choice, foreign,
        masked, short, long."""
        bare = plain(text)
        named = next((reason for reason, pattern in self._patterns.items() if pattern.search(bare)), None)
        if named or _LINK.search(text):
            return named or "link"
        if _CODE.search(text):
            return "code"
        if _MASH.search(bare) or (len(bare) >= LONG_ENOUGH_TO_VARY and len(set(bare)) / len(bare) < VARIED):
            return "mash"
        if only_chooses(text):
            return "choice"
        if len(_HAN.findall(bare)) < CHINESE * len(bare) or not bare:
            return "foreign"
        if "*" in text:
            return "masked"
        count = telling(text)
        return "short" if count < SHORTEST else "long" if count > LONGEST else None

    def fit(self, picks: Iterable[Pick], names: Collection[str]) -> list[Pick]:
        """Return the picks that an editor may see; `names` holds, plain, whatever a record is called already."""
        reasons: dict[str, str | None] = {}
        found = []
        for pick in picks:
            if pick.text not in reasons:
                reasons[pick.text] = "named" if plain(pick.text) in names else self.unfit(pick.text)
            if reasons[pick.text] is None:
                found.append(pick)
        leader = grouped((plain(pick.text) for pick in found), SAME)
        named: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for pick in found:
            named[pick.who, leader[plain(pick.text)]].add(pick.code)
        return [pick for pick in found if len(named[pick.who, leader[plain(pick.text)]]) < RESTLESS]
