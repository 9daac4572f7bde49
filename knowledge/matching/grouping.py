"""The one short question back: items that may be meant, grouped by what tells them apart, as at most four choices."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import Callable, Literal, Sequence

from knowledge.matching.lexicon import Lexicon, Senses
from knowledge.matching.sayable import common_to, cores, heads, parts, plain_names

By = Literal["action", "subject", "family", "place", "name"]
MAX_OFFERS = 8    # items that are still worth a question
MAX_OPTIONS = 4   # choices that can be kept in mind while they are heard
LONGEST_SAY = 12  # characters of a choice
SHORT_NAME = 6    # characters; names this short are said as they are
REST = "别的"


@dataclass(frozen=True)
class Offer:
    """An item that may be meant. `actions` and `subjects` are bits of the lexicon's senses; `department` and `region` are names as
    spoken; `score` is above 0, larger is likelier."""

    code: str
    name: str
    actions: int
    subjects: int
    department: str | None
    region: str | None
    score: float


@dataclass(frozen=True)
class Option:
    """One choice: what is said, the items behind it, likeliest first, and what a caller may say for it."""

    say: str
    codes: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Enquiry:
    """A question back with two to four options, likeliest first; `about` is what the items have in common, None when nothing is worth saying."""

    about: str | None
    by: By
    options: tuple[Option, ...]


@dataclass(frozen=True)
class _Group:
    """Places of offers that one option stands for; `say` None where they have no word in common."""

    say: str | None
    words: tuple[str, ...]
    places: tuple[int, ...]


def enquiry(offers: Sequence[Offer], lexicon: Lexicon) -> Enquiry | None:
    """Return the question that leaves least to ask about the first eight offers; None when they cannot be told apart."""
    offers = offers[:MAX_OFFERS]
    names = plain_names([offer.name for offer in offers])
    things = heads(cores(names, lexicon))
    about = common_to(names, things, lexicon)
    said = parts(names, about, lexicon, LONGEST_SAY)
    ways: tuple[tuple[By, Callable[[], list[_Group]]], ...] = (
        ("action", lambda: _by_sense([offer.actions for offer in offers], lexicon.actions, "", names, things)),
        ("subject", lambda: _by_sense([offer.subjects for offer in offers], lexicon.subjects, "的", names)),
        ("family", lambda: _by_family(things, cores(names, lexicon))),
        ("place", lambda: _by_place(offers, names)),
        ("name", lambda: _alike(said, said, [(name, offer.name) for name, offer in zip(names, offers)])),
    )
    found = [Enquiry(about, by, options) for by, groups in ways if (options := _options(groups(), offers, said))]
    return min(found, key=lambda asked: _cost(asked, offers, names), default=None)


def questions_needed(offers: Sequence[Offer], right: str, lexicon: Lexicon) -> int | None:
    """Return after how many questions back a caller who answers rightly has the item `right`; None when he never has."""
    left, asked = list(offers[:MAX_OFFERS]), 0
    if right not in {offer.code for offer in left}:
        return None
    while len(left) > 1:
        question = enquiry(left, lexicon)
        if question is None:
            return max(asked, 1) if left[0].code == right else None
        codes = next(option.codes for option in question.options if right in option.codes)
        left, asked = [offer for offer in left if offer.code in codes], asked + 1
    return max(asked, 1)


def spoken(options: Sequence[Option]) -> str:
    """Return two or more options as they are said: 补领，还是换领; 补领、换领，还是注销."""
    *former, last = (option.say for option in options)
    return f"{'、'.join(former)}，还是{last}"


def _cost(asked: Enquiry, offers: Sequence[Offer], names: Sequence[str]) -> tuple[object, ...]:
    """What is sayable goes first, then the fewest questions at worst, then the most that is told, then the fewest characters."""
    says = [option.say for option in asked.options]
    scores = {offer.code: offer.score for offer in offers}
    total = sum(scores.values())
    shares = [sum(scores[code] for code in option.codes) / total for option in asked.options]
    told = -sum(share * log2(share) for share in shares if share > 0)
    worst = max(_depth(len(option.codes)) for option in asked.options)
    short = asked.by == "name" and all(len(name) <= SHORT_NAME for name in names)
    official = asked.by == "name" and not short
    return max(map(len, says)) > LONGEST_SAY, worst, REST in says, -round(told, 1), not short, official, sum(map(len, says))


def _depth(count: int) -> int:
    """Questions that so many items still need at worst: four at once, else three and the rest."""
    depth = 0
    while count > 1:
        count = 1 if count <= MAX_OPTIONS else count - MAX_OPTIONS + 1
        depth += 1
    return depth


def _options(groups: Sequence[_Group], offers: Sequence[Offer], said: Sequence[str]) -> tuple[Option, ...]:
    """Return the groups as options, what goes beyond four as one of them; empty when they are no choice."""
    def mass(group: _Group) -> float:
        return sum(offers[place].score for place in group.places)

    def by_name(group: _Group) -> _Group:
        place = group.places[0]
        return _Group(said[place], (*group.words, offers[place].name), group.places)

    named = [group if group.say or len(group.places) > 1 else by_name(group) for group in groups]
    spare = [group for group in named if group.say is None]
    named = sorted((group for group in named if group.say), key=lambda group: (-mass(group), group.places))
    if len(named) + bool(spare) > MAX_OPTIONS:
        spare += named[MAX_OPTIONS - 1:]
        named = named[:MAX_OPTIONS - 1]
    if spare and named:
        places = tuple(sorted(place for group in spare for place in group.places))
        named.append(_Group(REST, ("其他", "其它", "另外的"), places))
    says = [group.say for group in named if group.say]
    if len(says) < 2 or len(set(says)) < len(says):
        return ()
    return tuple(Option(say, tuple(offers[place].code for place in group.places), tuple(dict.fromkeys((say, *group.words))))
                 for say, group in zip(says, named))


def _by_sense(bits: Sequence[int], senses: Senses, ending: str, names: Sequence[str], things: Sequence[str] = ()) -> list[_Group]:
    """Group by what is done or for whom, beside what all have in common; each is called by what it alone has.

    An item alone of its kind that does several things, or something to another thing than the rest, is called by its name.
    """
    common, main = ~0, max(things, key=things.count, default="")
    for own in bits:
        common &= own
    keys = [own & ~common for own in bits]
    groups: list[_Group] = []
    for key in dict.fromkeys(keys):
        places = tuple(place for place, own in enumerate(keys) if own == key)
        others = 0
        for own in keys:
            others |= own if own != key else 0
        alone = senses.named(key & ~others)
        named = sorted(alone or senses.named(key), key=lambda sense: -max(names[places[0]].rfind(word) for word in sense.words))
        say = next((say for sense in named if (say := sense.say.removesuffix("的") + ending) not in {group.say for group in groups}), None)
        odd = len(places) == 1 and (len(named) > 1 or bool(things) and things[places[0]] != main)
        groups.append(_Group(None if odd else say, tuple(word for sense in alone for word in (sense.say, *sense.words)), places))
    return groups


def _by_family(things: Sequence[str], cores: Sequence[str]) -> list[_Group]:
    """Group by the thing itself: 驾驶证 and 行驶证; an item alone of its thing is called by its name."""
    groups = _alike(things, [thing if things.count(thing) > 1 else None for thing in things], [(own,) for own in cores])
    return groups if len(groups) < len(cores) else []


def _by_place(offers: Sequence[Offer], names: Sequence[str]) -> list[_Group]:
    """Group twins of one name by who deals with them, or by where they hold."""
    if len(set(names)) > 1:
        return []
    regions = [offer.region or "全省" for offer in offers]
    departments = [offer.department or "" for offer in offers]
    told = max((regions, departments), key=lambda values: len(set(values)))
    return _alike(told, [f"{value}的" if value else None for value in told], [(value, value.rstrip("市区县局")) if value else () for value in told])


def _alike(keys: Sequence[str], says: Sequence[str | None], words: Sequence[Sequence[str]]) -> list[_Group]:
    places = {key: tuple(place for place, own in enumerate(keys) if own == key) for key in dict.fromkeys(keys)}
    return [_Group(says[own[0]], tuple(dict.fromkeys(word for place in own for word in words[place])), own) for own in places.values()]
