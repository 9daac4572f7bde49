"""What contested dispatch teaches: a request that ended in another office becomes a proposed lesson, which a supervisor accepts or drops."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Iterable

from core.pii import mask
from tickets.doing import TrailEntry
from tickets.errors import InvalidTicket
from tickets.model import Ticket
from tickets.place import exact
from tickets.routing import Learned, Router
from tickets.views import hides_caller
from tickets.vocabulary import Act
from zh.normalise import normalise

if TYPE_CHECKING:
    from tickets.ports import Extract

SHORTEST, LONGEST = 4, 60  # characters of a phrase
_STARRED = re.compile(r"[0-9]*\*[0-9*]*")
# A firm's name with what stands before it in the clause; the kind of firm alone tells nobody which.
_FIRM = re.compile(r"[^\s的在是被给向把跟叫去到从这那,.。，、;；:：?!？！]{0,30}(?:公司|厂|店)")
_KIND = frozenset({"公司", "厂", "店", "工厂", "厂子", "饭店", "酒店", "商店", "药店", "网店", "小店", "门店", "书店", "分店",
                   "物业公司", "保险公司", "快递公司"})
_REMOVED = frozenset({"person", "phone", "id_number"})
_CONSIDERED = 10  # likeliest categories among which that of the new office is looked for


class LessonState(str, Enum):
    """What a supervisor made of a lesson."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DROPPED = "dropped"

    @property
    def label(self) -> str:
        return {"proposed": "待定", "accepted": "已采纳", "dropped": "不采纳"}[self.value]


@dataclass(frozen=True)
class Lesson:
    """Callers who say `phrase` mean `category`; with `region` (its code) the category was right, and there `department` answers for it.

    `number` and `version` name the act that it comes from, `digest` the text (so that copies of one complaint can be told).
    """

    number: str
    version: int
    digest: str
    phrase: str = field(repr=False)
    wrong_category: str
    wrong_department: str
    category: str
    department: str
    region: str | None
    at: datetime
    state: LessonState = LessonState.PROPOSED
    author: str = ""
    decided_at: datetime | None = None
    id: int | None = None


def lesson_of(before: Ticket, entry: TrailEntry, router: Router, extract: Extract) -> Lesson | None:
    """Return what an act on a ticket teaches, if it sends on what had been sent elsewhere; a special queue's office says nothing of words.

    二次派单 goes down to a street as it should: it teaches where it names another category, or finds the office of what none fitted.
    """
    if entry.act not in (Act.TRANSFER, Act.DISPATCH, Act.REDISPATCH) or before.started_at is None or before.queue:
        return None
    after = before.after(entry)
    if (after.category, after.department) == (before.category, before.department):
        return None
    matches = router.ranked(before.text, _CONSIDERED)
    category = after.category
    if category == before.category:
        # Whoever sends it on names the office; the category is then the likeliest one of that office.
        category = next((match.leaf.name for match in matches if router.office_of(match.leaf, after.office_region)[0] == after.department), category)
    if entry.act is Act.REDISPATCH and not _corrects(before, entry, category, after.department, router):
        return None
    decided = next((match.clause for match in matches if match.leaf.name == before.category), before.title)
    # Who stays hidden is not quoted: the supervisor writes the words himself, if he wants to teach any.
    phrase = "" if hides_caller(before) else impersonal(decided, before.name, extract)
    return Lesson(before.number, entry.version, digest_of(before.text), phrase, before.category, before.department,
                  category, after.department, after.office_region if category == before.category else None, entry.at)


def _corrects(before: Ticket, entry: TrailEntry, category: str, department: str, router: Router) -> bool:
    """Whether a 二次派单 sets the category right, and what it names in free words stands in the catalogue."""
    named = before.category == router.backstop.name or entry.details.category not in (None, before.category)
    return named and category != before.category and router.category(category) is not None and router.knows(department)


def impersonal(words: str, name: str | None, extract: Extract) -> str:
    """Return words without names, firms, phones, numbers and places that somebody could go to; at most LONGEST characters."""
    words = normalise(words).rstrip("…")
    if name and len(name) > 1:
        words = words.replace(normalise(name), "")
    for span in sorted(extract(words), key=lambda span: -span.start):
        if span.label in _REMOVED or span.label == "place" and exact(span.text):
            words = words[:span.start] + words[span.end:]
    words = _FIRM.sub(lambda found: found[0] if found[0] in _KIND else "", words)
    return _STARRED.sub("", mask(words)).strip(",。?!;:、 ")[:LONGEST]


def set_right(lesson: Lesson, router: Router, category: str | None = None, region: str | None = None, phrase: str | None = None) -> Lesson:
    """Return the lesson as a supervisor puts it: another category, another phrase, or, with `region`, that only the office differs there.

    Raises InvalidTicket for what could teach nothing.
    """
    if region:
        lesson = replace(lesson, category=category or lesson.wrong_category, region=region)
    elif category:
        lesson = replace(lesson, category=category, region=None)
    if phrase is not None:
        lesson = replace(lesson, phrase=normalise(phrase).strip())
    if router.category(lesson.category) is None:
        raise InvalidTicket(f"没有“{lesson.category}”这个类别。", "category")
    if lesson.region is None and lesson.category == lesson.wrong_category:
        raise InvalidTicket("这张工单的类别没有变，请写明正确的类别，或者写明是哪个地方的单位不同。", "category")
    if lesson.region is None and not SHORTEST <= len(lesson.phrase) <= LONGEST:
        raise InvalidTicket(f"说法要有{SHORTEST}到{LONGEST}个字，请另写一句。", "phrase")
    return lesson


def learned(lessons: Iterable[Lesson]) -> Learned:
    """Return what accepted lessons make the router know; of two about one office the later one counts."""
    says: defaultdict[str, list[str]] = defaultdict(list)
    offices: dict[tuple[str, str], str] = {}
    for lesson in sorted((one for one in lessons if one.state is LessonState.ACCEPTED), key=lambda one: (one.decided_at or one.at, one.number)):
        if lesson.region is None:
            says[lesson.category].append(lesson.phrase)
        else:
            offices[lesson.category, lesson.region] = lesson.department
    return Learned({category: tuple(dict.fromkeys(phrases)) for category, phrases in says.items()}, offices)


def digest_of(text: str) -> str:
    """Return what tells one text from another without showing it."""
    return hashlib.sha256(normalise(text).encode("utf-8", "replace")).hexdigest()
