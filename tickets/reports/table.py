"""Reports as rows of cells: what a line, the ranking and the totals look like before they are shown or written."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Callable, Sequence, Union

from tickets.reports.measures import COUNTS, MEASURES, Dimension, Line, Measure, Tally, total
from tickets.reports.ranking import THREE, Ranking


@dataclass(frozen=True)
class Percent:
    """A share of 1, shown in percent."""

    value: Fraction

    def __str__(self) -> str:
        tenths = int(self.value * 1000 + Fraction(1, 2))
        return f"{tenths // 10}.{tenths % 10}%"


Cell = Union[str, int, float, Percent, None]
NOTHING = "—"  # where nothing can be said
TOTAL = "合计"
_COUNTED = tuple(label for _, label in COUNTS)


@dataclass(frozen=True)
class Sheet:
    """A table with its headings; every row is as wide as they are."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def report_sheet(title: str, by: Dimension, lines: Sequence[Line]) -> Sheet:
    """Return a report for a file, with its line of totals: each rate with its numerator and denominator beside it."""
    rates = [heading for measure in MEASURES for heading in (measure.label, f"{measure.label}分子", f"{measure.label}分母")]
    return _sheet(title, by, lines, [*_COUNTED, *rates], lambda tally: [*_counts(tally), *(cell for one in MEASURES for cell in _parts(one, tally))])


def screen_sheets(title: str, by: Dimension, lines: Sequence[Line]) -> tuple[Sheet, Sheet]:
    """Return a report for the screen, with lines of totals: the counts, and below them the rates."""
    return (_sheet(title, by, lines, _COUNTED, _counts),
            _sheet(f"三率和别的指标 {title}", by, lines, [one.label for one in MEASURES], lambda tally: [_value(one, tally) for one in MEASURES]))


def ranking_sheets(title: str, ranking: Ranking) -> tuple[Sheet, Sheet]:
    """Return the ranking of offices, and apart from it those with too few tickets to be compared."""
    def standing(line: Line) -> tuple[Cell, ...]:
        """A rate over too few tickets did not count, so it is not shown either."""
        rates = ((measure, measure.rate(line.tally)) for measure in THREE)
        return (*line.key, line.tally.settled, *(_value(one, line.tally) if rate.whole >= ranking.smallest else None for one, rate in rates))

    columns = (*Dimension.DEPARTMENT.columns, "办结", *(measure.label for measure in THREE))
    placed = tuple((f"{one.place}{'（并列）' if one.shared else ''}", *standing(one.line), one.score / 100) for one in ranking.places)
    return (Sheet(f"排名 {title}", ("名次", *columns, "综合得分"), placed),
            Sheet(f"不排名 {title}", columns, tuple(standing(line) for line in ranking.apart)))


def named(lines: Sequence[Line], by: Dimension, name_of: Callable[[str], str]) -> list[Line]:
    """Return the lines with region codes put into words, and an empty key said as what it means."""
    def key(line: Line) -> tuple[str, ...]:
        if by is Dimension.DEPARTMENT:
            return (line.key[0], name_of(line.key[1]) if line.key[1] else "")
        if by is Dimension.REGION:
            return (name_of(line.key[0]) if line.key[0] else "没有说",)
        return (line.key[0] or "普通诉求",) if by is Dimension.QUEUE else line.key
    return [Line(key(line), line.tally) for line in lines]


def shown(cell: Cell) -> str:
    """Return a cell as it is read on a screen or in a CSV file."""
    if cell is None:
        return NOTHING
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def _sheet(title: str, by: Dimension, lines: Sequence[Line], headings: Sequence[str], figures: Callable[[Tally], list[Cell]]) -> Sheet:
    summed = Line((TOTAL, *[""] * (len(by.columns) - 1)), total(lines))
    return Sheet(title, (*by.columns, *headings), tuple((*line.key, *figures(line.tally)) for line in (*lines, summed)))


def _counts(tally: Tally) -> list[Cell]:
    return [getattr(tally, name) for name, _ in COUNTS]


def _parts(measure: Measure, tally: Tally) -> tuple[Cell, ...]:
    rate = measure.rate(tally)
    return _value(measure, tally), rate.part, rate.whole


def _value(measure: Measure, tally: Tally) -> Cell:
    value = measure.rate(tally).value
    if value is None:
        return None
    return round(float(value), 2) if measure.average else Percent(value)
