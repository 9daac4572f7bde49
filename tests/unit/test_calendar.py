from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import Due, WorkingCalendar, published_calendar

CALENDAR = published_calendar()


@pytest.mark.parametrize(("day", "working"), [
    (date(2025, 9, 28), True), (date(2025, 10, 1), False), (date(2025, 10, 8), False), (date(2025, 10, 9), True),
    (date(2025, 10, 11), True), (date(2025, 10, 12), False), (date(2026, 2, 14), True), (date(2026, 2, 16), False),
    (date(2026, 2, 23), False), (date(2026, 2, 28), True), (date(2026, 9, 20), True), (date(2026, 10, 10), True),
    (date(2026, 11, 7), False), (date(2027, 10, 1), True), (date(2027, 10, 2), False),
], ids=["make-up Sunday before 国庆 2025", "国庆 2025", "last day of 国庆 2025", "first day after it", "make-up Saturday after it",
        "plain Sunday", "make-up Saturday before 春节 2026", "eve of 春节", "last day of 春节", "make-up Saturday after 春节",
        "make-up Sunday before 国庆 2026", "make-up Saturday after 国庆 2026", "plain Saturday", "unpublished year knows no holidays",
        "unpublished year knows weekends"])
def test_offices_work_on_make_up_days_and_rest_on_holidays(day: date, working: bool) -> None:
    assert CALENDAR.is_working(day) is working


@pytest.mark.parametrize(("start", "days", "due"), [
    (date(2026, 11, 2), 5, date(2026, 11, 9)),
    (date(2025, 9, 30), 5, date(2025, 10, 14)),
    (date(2025, 9, 26), 1, date(2025, 9, 28)),
    (date(2026, 2, 13), 5, date(2026, 2, 27)),
    (date(2026, 2, 26), 3, date(2026, 3, 2)),
    (date(2026, 9, 30), 5, date(2026, 10, 13)),
    (date(2025, 10, 4), 1, date(2025, 10, 9)),
    (date(2026, 9, 18), 1, date(2026, 9, 20)),
], ids=["over a weekend", "over 国庆 2025 with its make-up Saturday", "make-up Sunday is day 1", "over 春节 2026 with both make-up days",
        "make-up Saturday counts", "over 国庆 2026", "from within the holiday", "from the Friday before a make-up Sunday"])
def test_day_one_is_the_first_working_day_after_the_start(start: date, days: int, due: date) -> None:
    assert CALENDAR.due(start, days) == Due(due)


def test_a_year_not_published_counts_weekends_only_and_is_reported() -> None:
    assert CALENDAR.due(date(2026, 12, 30), 5) == Due(date(2027, 1, 6), (2027,))


def test_a_year_is_published_when_its_national_day_is_known() -> None:
    assert (CALENDAR.is_published(2026), CALENDAR.is_published(2027)) == (True, False)


@pytest.mark.parametrize("days", [0, -1])
def test_a_term_of_less_than_a_day_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        CALENDAR.due(date(2026, 11, 2), days)


@given(st.dates(date(2024, 1, 1), date(2028, 1, 1)), st.integers(1, 40))
def test_exactly_that_many_working_days_lie_between_start_and_due(start: date, days: int) -> None:
    due = CALENDAR.due(start, days).day
    passed = [start + timedelta(days=n) for n in range(1, (due - start).days + 1)]
    assert sum(map(CALENDAR.is_working, passed)) == days
    assert CALENDAR.is_working(due)


def test_holidays_are_data_that_come_in() -> None:
    own = WorkingCalendar(frozenset({2030}), frozenset({date(2030, 1, 1)}), frozenset({date(2030, 1, 5)}))
    assert own.due(date(2029, 12, 31), 4) == Due(date(2030, 1, 5))
