"""Which of the choices offered does a caller mean: 第二个, 后面那个, 补的那个; none of them; whichever."""

from __future__ import annotations

import re
from typing import Sequence

from rapidfuzz import fuzz

from knowledge.facets import matter_of
from knowledge.matching.lexicon import Scanner

_ORDINALS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_ORDINAL = re.compile(r"^(?:我?(?:要|选|说|问)?(?:的是)?)?第?\s*([一二三四1-4])\s*(?:个|种|项|样|条|号)?(?:吧|的|呗|哈|啊)?[。.]?$|第\s*([一二三四1-4])\s*(?:个|种|项|样|条)")
_LAST = re.compile(r"最后(?:一个|那个|一样|一种|面)|末了")
_FORMER = re.compile(r"前(?:面|边|头)?(?:那|这|一)?个|头(?:一)?(?:个|样|种|项)|上面那个")
_LATTER = re.compile(r"后(?:面|边|头)(?:那|这|一)?个|下面那个")
_NONE = re.compile(r"(?:都|也|全)(?:不[是对要选行想办]|没有)|没有我(?:要|想)|哪个都不")
_ONE_OF_THEM = r"(?:第\s*[一二三四1-4]\s*(?:个|种|项|样|条)|最后(?:一|那)?个|[前后上下](?:面|边|头)?(?:那|这|一)?个)"
_DENIED = re.compile(rf"(?:不是|不要|不选|别选|不办){_ONE_OF_THEM}|{_ONE_OF_THEM}(?:不是|不对|不要|不办)")
_EITHER = re.compile(r"(?:那|就|我|你)*(?:随便|都行|都可以|都中|都管|哪个都[行中]|哪个都可以|哪样都[行中]|无所谓|看着办|看着说)(?:哪个|哪样|说|一个|一样)?(?:吧|呗|啊|的)?[。.!]?")
_NOT_THIS = re.compile(r"(?:不是|不要|不办|别说|不问)[^,。;]{1,8}[,。;](?=.)")  # 不是补的,是换的
_EMPTY = frozenset("的了是要想办个那这我俺吧呢啊啦就用给去在,。")
TELLING_SHARE = 0.5  # of the words that say something
NEAR = 55  # rapidfuzz partial ratio, 0..100; below it the words point at no choice


def refused(text: str) -> bool:
    """Return whether a normalised answer says that it is none of them."""
    return _NONE.search(text) is not None


def indifferent(text: str) -> bool:
    """Return whether a normalised answer leaves the choice to us: 随便, 都行."""
    return _EITHER.fullmatch(text) is not None


def ordered(text: str, says: Sequence[str]) -> int | None:
    """Return the position that a normalised answer names by order or by exactly the words of the choice; len(says) or more when it names
    one that is not there."""
    text = _DENIED.sub("", text)
    return says.index(text) if text in says else _position(text, len(says))


def chosen(text: str, names: Sequence[str], everyday: Sequence[Sequence[str]] = (), words: Sequence[Sequence[str]] = ()) -> int | None:
    """Return the position among `names` that a normalised answer points at, None when it points at none of them.

    `words` holds for each of them what means it and nothing else; `everyday` how callers call it: looked at when the names do not settle it.
    """
    if refused(text):
        return None
    position = ordered(text, names)
    if position is not None:
        return position if position < len(names) else None
    text = _NOT_THIS.sub("", _DENIED.sub("", text))
    if (told := _by_words(text, words)) is not None:
        return told
    content = re.sub(r"^那?(?:我|俺)?(?:要|想|是|选|办|问|说)*(?:的是)?|(?:的)?(?:那个|这个|那种)?(?:吧|呗|的|呢|啊)*$", "", text) or text
    scores = [_likeness(content, name, [other for other in names if other != name]) for name in names]
    best = max(scores, default=0.0)
    if best >= NEAR and scores.count(best) == 1:
        return scores.index(best)
    return _by_everyday_names(matter_of(content), everyday)  # 多少钱 stands in the names of one choice and means none of them


def _by_words(text: str, words: Sequence[Sequence[str]]) -> int | None:
    """The one choice whose words the text holds, where no other's are: longer words hide the shorter ones that begin within them."""
    owners: dict[str, set[int]] = {}
    for place, own in enumerate(words):
        for word in own:
            owners.setdefault(word, set()).add(place)
    scanner, place = Scanner(filter(None, owners)), 0
    meant: set[int] = set()
    while place < len(text):
        word = scanner.at(text, place)
        meant |= owners[word] if word and len(owners[word]) == 1 else set()
        place += len(word) if word else 1
    return meant.pop() if len(meant) == 1 else None


def _by_everyday_names(text: str, everyday: Sequence[Sequence[str]]) -> int | None:
    """The choice whose everyday names hold what the others' do not: 丢了 is in those of 补领 alone."""
    known = [set("".join(names)) for names in everyday]
    chars = [char for char in text if char not in _EMPTY]
    shares = [sum(char in own and sum(char in other for other in known) == 1 for char in chars) / max(len(chars), 1) for own in known]
    best = max(shares, default=0.0)
    return shares.index(best) if best >= TELLING_SHARE and shares.count(best) == 1 else None


def _position(text: str, count: int) -> int | None:
    if match := _ORDINAL.search(text):
        return _ORDINALS[match.group(1) or match.group(2)] - 1
    if _LAST.search(text) or (_LATTER.search(text) and count == 2):
        return count - 1
    return 0 if _FORMER.search(text) else None


def _likeness(text: str, name: str, others: Sequence[str]) -> float:
    """Compare with what sets the name apart: characters that every other name has as well tell nothing."""
    own = "".join(char for char in name if not others or not all(char in other for other in others)) or name
    telling = [char for char in text if char not in _EMPTY and (char in own or char not in name)]
    hits = sum(char in own for char in telling)
    return max(float(fuzz.ratio(text, name)), 100.0 * hits / len(telling)) if hits else 0.0
