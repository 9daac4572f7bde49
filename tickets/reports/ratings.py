"""好差评: the grades that conversations and tickets were given, as a table."""

from __future__ import annotations

from fractions import Fraction
from typing import Mapping, Sequence

from tickets.reports.table import TOTAL, Cell, Percent, Sheet
from tickets.vocabulary import Grade

# What was rated and over which channel → how often each grade was given.
Grades = Mapping[tuple[str, str], Mapping[Grade, int]]
CONVERSATION, TICKET = "会话", "工单"
_CHANNELS = {"web": "网上", "ivr": "电话", "operator": "话务员", "open311": "Open311", "import": "历史导入"}
HEADER = ("评价对象", "渠道", *(grade.value for grade in Grade), "合计", "差评", "满意率")


def ratings_sheet(title: str, given: Grades) -> Sheet:
    """Return the table with its line of totals; 满意率 is 基本满意 or better among all that were given."""
    whole = {grade: sum(grades.get(grade, 0) for grades in given.values()) for grade in Grade}
    lines = [((what, _CHANNELS.get(channel, channel)), grades) for (what, channel), grades in sorted(given.items())]
    return Sheet(title, HEADER, tuple((*key, *_figures(grades)) for key, grades in (*lines, ((TOTAL, ""), whole))))


def _figures(grades: Mapping[Grade, int]) -> Sequence[Cell]:
    counts = [grades.get(grade, 0) for grade in Grade]
    bad, given = sum(count for grade, count in zip(Grade, counts) if grade.bad), sum(counts)
    return (*counts, given, bad, Percent(Fraction(given - bad, given)) if given else None)
