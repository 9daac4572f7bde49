"""Official names made sayable: what several have in common, and the short part that sets each apart."""

from __future__ import annotations

import re
from functools import lru_cache
from os.path import commonprefix
from typing import Sequence

from knowledge.matching.lexicon import Lexicon, Scanner
from zh.normalise import normalise

SHORTEST_BEGIN = 3  # characters; fewer that names begin with are hardly a thing (小型)
LONGEST_ABOUT = 10  # characters of what names have in common, said before the question
LONGEST_WHOLE = 16  # characters of an official name that may be read out whole
_BRACKETS = re.compile(r"[(\[〔【<《][^)\]〕】>》]*[)\]〕】>》]")
_MARKS = re.compile(r"[^\w]|_")
_LOOSE = "的、和及与或等"
# What nearly every official name has; it says nothing about which one is meant.
_GENERIC = ("登记", "许可", "许可证", "审批", "办理", "申请", "申报", "核发", "备案", "业务", "服务", "审核", "核准", "手续", "事项", "一件事")
_TAIL = re.compile(rf"(?:{'|'.join(sorted(_GENERIC, key=len, reverse=True))}|[{_LOOSE}])+$")
_FIRST = re.compile(r"^(?:许可证?|登记)(?=..)")  # what is left of 食品经营许可新办 when the thing was said
_HEAD = re.compile(rf"^(?:从事|对|关于|申请|办理|[{_LOOSE}])+")


def plain_names(names: Sequence[str]) -> list[str]:
    """Return names without brackets and marks; what stands in brackets stays where it alone tells two names apart."""
    whole = [_MARKS.sub("", normalise(name)) for name in names]
    bare = [_MARKS.sub("", _BRACKETS.sub("", normalise(name))) or full for name, full in zip(names, whole)]
    return [own if own and all(other != own or whole[j] == whole[i] for j, other in enumerate(bare)) else whole[i] or names[i]
            for i, own in enumerate(bare)]


def short_name(name: str) -> str:
    """Return a name of at most 16 characters to be said whole: brackets and formal words go first, then its beginning is cut off."""
    plain = plain_names([name])[0]
    for shorter in (name, plain, _HEAD.sub("", plain), _TAIL.sub("", _HEAD.sub("", plain))):
        if 2 <= len(shorter) <= LONGEST_WHOLE:
            return shorter
    return plain[-LONGEST_WHOLE:]


def common_to(names: Sequence[str], things: Sequence[str], lexicon: Lexicon) -> str | None:
    """Return the thing that all names speak of (居民身份证), in whole words of at most ten characters, else the one of `things`, one a
    name, that half of them are about; None when there is none to say."""
    inside = [_inside(name, lexicon) for name in names]
    first = min(names, key=len, default="")
    begins = (first[:end] for end in range(SHORTEST_BEGIN, min(len(first), LONGEST_ABOUT) + 1))
    terms = (term for term in lexicon.terms if 2 <= len(term) <= LONGEST_ABOUT and term in first)
    common = [text for text in (*begins, *terms) if all(_whole(text, name, cuts) for name, cuts in zip(names, inside))]
    longest = cores([max(common, key=len, default="")], lexicon)[0]
    main = max(things, key=things.count, default="")
    half = things.count(main) >= max(2, len(names) / 2) and len(main) <= LONGEST_ABOUT
    return max((text for text in (longest, main if half else "") if len(text) > 1), key=len, default=None)


def cores(names: Sequence[str], lexicon: Lexicon) -> list[str]:
    """Return the thing of each plain name, without what is done to it: 机动车驾驶证 of 机动车驾驶证期满换证; the name where it has none."""
    found: list[str] = []
    for name in names:
        kept, place = "", 0
        while place < len(name):
            word = lexicon.actions.scanner.at(name, place)
            kept += "" if word else name[place]
            place += len(word) if word else 1
        kept = _TAIL.sub("", kept)
        found.append(kept if len(kept) > 1 else name)
    return found


def heads(cores: Sequence[str]) -> list[str]:
    """Return for each thing the shortest one among them that it is a kind of: 公司 for 分公司."""
    return [min((other for other in cores if own.endswith(other)), key=len) for own in cores]


def parts(names: Sequence[str], about: str | None, lexicon: Lexicon, longest: int) -> list[str]:
    """Return for each plain name the short part that sets it apart, at most `longest` characters where any such part does.

    Equal names have equal parts; all others differ.
    """
    distinct = list(dict.fromkeys(names))
    begin, end = _shared(distinct, lexicon)
    told = [_without(name, about, lexicon) if about else name for name in distinct]
    cut = [name[begin:len(name) - end].strip(_LOOSE) for name in distinct]
    bare = [_TAIL.sub("", _HEAD.sub("", text)) for text in cut]
    leading = [re.split("[和与及]", text)[0] for text in bare]
    found: dict[str, str] = {}
    for i, name in enumerate(distinct):
        others = [other for other in distinct if other != name]
        tries = (*(texts[i] for texts in (told, distinct, cut, bare, leading) if texts.count(texts[i]) == 1),
                 _window(cut[i], others, lexicon, longest))
        found[name] = next((text for text in tries if 2 <= len(text) <= longest and text not in found.values()), name)
    return [found[name] for name in names]


def _without(name: str, about: str, lexicon: Lexicon) -> str:
    """The name without the thing that was said before; whole where that would tear it or leave nothing of its own."""
    rest = _FIRST.sub("", name.replace(about, "", 1)).strip(_LOOSE)
    apart = name.startswith(about) or len(about) > 2
    return rest if apart and _TAIL.sub("", rest) and _whole(about, name, _inside(name, lexicon)) else name


def _window(text: str, others: Sequence[str], lexicon: Lexicon, longest: int) -> str:
    """The longest piece within `longest` that no other name holds: of whole words from the beginning, of whole words, any."""
    inside = _inside(text, lexicon)
    sizes = range(min(longest, len(text)), 1, -1)
    pieces = [(start, start + size) for size in sizes for start in dict.fromkeys((0, len(text) - size, *range(len(text) - size)))]
    alone = [(start, end) for start, end in pieces if not any(text[start:end] in other for other in others)]
    clean = [piece for piece in alone if inside.isdisjoint(piece)]
    begins = [(start, end) for start, end in clean if start == 0 and 2 * end >= longest]
    return next((text[start:end] for start, end in (*begins, *clean, *alone)), "")


def _inside(name: str, lexicon: Lexicon) -> frozenset[int]:
    """Places that lie inside a word, where a name must not be cut."""
    found: set[int] = set()
    for scanner in (lexicon.actions.scanner, lexicon.subjects.scanner, _terms(lexicon)):
        for place in range(len(name)):
            word = scanner.at(name, place)
            found.update(range(place + 1, place + len(word or "")))
    return frozenset(found)


@lru_cache(maxsize=4)
def _terms(lexicon: Lexicon) -> Scanner:
    return Scanner(filter(None, lexicon.terms))


def _whole(text: str, name: str, inside: frozenset[int]) -> bool:
    place = name.find(text)
    return place >= 0 and place not in inside and place + len(text) not in inside and len(text) < len(name)


def _shared(names: Sequence[str], lexicon: Lexicon) -> tuple[int, int]:
    """How many characters all names begin and end with, in whole words, so that two characters of each are left."""
    inside = [_inside(name, lexicon) for name in names]
    shortest = min(map(len, names), default=0)
    begin = min(len(commonprefix(list(names))), max(shortest - 2, 0)) if len(names) > 1 else 0
    while begin and any(begin in cuts for cuts in inside):
        begin -= 1
    end = min(len(commonprefix([name[::-1] for name in names])), max(shortest - begin - 2, 0)) if len(names) > 1 else 0
    while end and any(len(name) - end in cuts for name, cuts in zip(names, inside)):
        end -= 1
    return begin, end
