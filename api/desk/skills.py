"""Who of the people at the desk a matter is for, and callers who go first."""

from __future__ import annotations

import json
import re
from typing import Mapping

GENERAL = "general"
TICKETS = "tickets"
# skill: the departments of its items, and the words that stand for it where no item is known.
SKILLS: Mapping[str, tuple[frozenset[str], "re.Pattern[str]"]] = {
    "housing-fund": (frozenset({"公积金"}), re.compile(r"公积金")),
    "tax": (frozenset({"税务"}), re.compile(r"税|发票")),
    "social-security": (frozenset({"人社", "医保"}), re.compile(
        r"社保|医保|养老(?:金|保险)|退休金|失业(?:金|保险)|工伤(?:认定|保险)|生育(?:津贴|保险)|社会保障")),
    TICKETS: (frozenset(), re.compile(r"工单|投诉|举报|催[办单]")),
}
_TICKET_OUTCOMES = "ticket"
_SEVENTY = r"(?:[六七八九]十|[6-9]\d)"
_OLD = re.compile(
    rf"(?:我|俺)(?:今年|现在|都|已经|也|快|这|是个?|一个)*{_SEVENTY}(?:多|好几|几|来|[一二三四五六七八九])?(?:岁|了|的人|的?老)"
    rf"|(?:我|俺)(?:今年|现在|都|已经|也|是个?|一个)*(?:岁数|年纪|年龄)(?:都|也|已经)?(?:太|很|挺)?(?:大|高)了|(?:我|俺)(?:都|也|已经)?上(?:了)?(?:岁数|年纪)"
    r"|(?:我|俺)(?:是|一)个?(?:老头|老太|老年人|老人)(?!家里|的?孩子)|(?:老头|老婆|老太婆)子(?:我|俺)")


def skill_of(department: str | None, text: str, outcome: str | None) -> str:
    """Return the skill for the item's department, an open ticket or form (`outcome` of the newest answer), or the caller's words."""
    if (outcome or "").startswith(_TICKET_OUTCOMES):
        return TICKETS
    if department:
        return next((skill for skill, (departments, _) in SKILLS.items() if department in departments), GENERAL)
    return next((skill for skill, (_, words) in SKILLS.items() if words.search(text)), GENERAL)


def says_old(text: str) -> bool:
    """Whether a caller says of himself that he is sixty or older; of others it does not count."""
    return bool(_OLD.search(text))


def skill_before(fields: Mapping[str, str]) -> str:
    """Return the skill with which a conversation last waited, from its field `handoff`."""
    return str(json.loads(fields.get("handoff") or "{}").get("skill") or GENERAL)
