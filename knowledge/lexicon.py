"""Everyday words folded to one common form, and the actions that exclude each other."""

from __future__ import annotations

import re
from typing import Mapping, Sequence

# Actions on the same object that are never the same matter: 补领 is not 换领, 注销 is not 设立.
_ACTIONS: tuple[tuple[str, str], ...] = (
    ("补领", r"补|丢|遗失"),
    ("换领", r"换|到期|期满|过期|快到日子|损坏|坏了|旧了"),
    ("延续", r"延续|续展|续期|续办"),
    ("注销", r"注销|销户|报停|停用|关门|不干了|倒闭|死亡|去世|过世|没了人|走了以后"),
    ("变更", r"变更|改名|改姓|改地址|改法人|换法人|换地址|更改|修改|改经营|[得要想该]改|改(?:一下|成|到|为)|搬家|搬迁"),
    ("转移", r"过户|转移|转让|转接|迁|转到|转过|继承|落户|赠与"),
    ("查询", r"查询|查档|查一下|查下|打印|认证"),
    ("抵押", r"抵押|解押"),
    ("临时", r"临时"),
    ("设立", r"首次|第一次|初次|新办|开办|设立|注册|开个|开家|开一|想开|新开|刚生|刚出生|开业|开张|头一回|头回"),
)
_COMPILED = tuple((action, re.compile(pattern)) for action, pattern in _ACTIONS)


def actions_in(text: str) -> frozenset[str]:
    """Return the classes of action that a normalised text speaks of; empty when it names none."""
    return frozenset(action for action, pattern in _COMPILED if pattern.search(text))


class Lexicon:
    """Folds everyday words; one pass, longest word first, so that a folded word is not folded again."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self._common = {word: common for common, words in groups.items() for word in (common, *words)}
        ordered = sorted(self._common, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    @property
    def words(self) -> tuple[str, ...]:
        """Return every word that the lexicon knows, for the segmenter's dictionary."""
        return tuple(self._common)

    def fold(self, text: str) -> str:
        """Return `text` with everyday words in their common form."""
        return self._pattern.sub(lambda m: self._common[m.group()], text) if self._pattern else text
