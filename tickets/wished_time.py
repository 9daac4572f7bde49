"""The day and hour that a caller would like to come, out of his words; texts are expected normalised."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from core.clock import SHANGHAI
from tickets.appointments import Wish
from zh.extract_time import find_times
from zh.numerals import to_number

_N = r"[0-9]{1,2}|[一二两三四五六七八九十]{1,3}"
_PART = r"(?P<part>早上|早晨|清早|上午|头午|中午|晌午|下午|午后|过午|傍晚|晚上)?"
_CLOCK = re.compile(rf"{_PART}的?(?P<hour>{_N})(?:点钟?|时)(?:(?P<half>半)|(?P<quarter>[一三])刻|(?:零|过)?(?P<minute>{_N})分?)?")
_WRITTEN = re.compile(rf"{_PART}(?P<hour>[0-2]?[0-9]):(?P<minute>[0-5][0-9])")
_SPANS = {("上午", "早上", "早晨", "清早", "头午"): (time(0), time(12)), ("中午", "晌午"): (time(11), time(14)),
          ("下午", "午后", "过午"): (time(12), time(20)), ("傍晚", "晚上"): (time(16), time(20))}
_PARTS = {name: span for names, span in _SPANS.items() for name in names}
_ONLY_PART = re.compile("|".join(_PARTS))
_NEXT_DAY = re.compile(r"(?<![上下这本])(?:周|星期|礼拜)(?P<day>[一二三四五六日天])(?![次回趟个])")
_OF_MONTH = re.compile(r"(?<![0-9月])(?P<day>[0-3]?[0-9]|[一二三]?十[一二三四五六七八九]?)[号日](?![楼院门线厅窗])")
_WEEK = "一二三四五六日"
_LONG_PAST = 31  # days; a date so far back is next year's


def wish_in(text: str, now: datetime) -> Wish:
    """Return what a text says of when its speaker would come; what it leaves open stays None."""
    now = now.astimezone(SHANGHAI)
    start, end = _hours(text)
    return Wish(_day(text, now), start, end)


def _day(text: str, now: datetime) -> date | None:
    told = [date.fromisoformat(span.value) for span in find_times(text, now) if span.value]
    if told:
        day = told[-1]  # who corrects himself says the right day last
        return day if day >= now.date() or (now.date() - day).days < _LONG_PAST else _next_year(day)
    if weekdays := _NEXT_DAY.findall(text):
        wanted = _WEEK.index(weekdays[-1].replace("天", "日"))
        return now.date() + timedelta(days=(wanted - now.weekday() - 1) % 7 + 1)
    if numbered := _OF_MONTH.findall(text):
        return _this_or_next_month(int(to_number(numbered[-1]) or 0), now.date())
    return None


def _next_year(day: date) -> date:
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 3, 1)


def _this_or_next_month(number: int, today: date) -> date | None:
    for months in range(2):
        year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
        try:
            day = date(year, month + 1, number)
        except ValueError:
            continue
        if day >= today:
            return day
    return None


def _hours(text: str) -> tuple[time | None, time | None]:
    clocks = [*_CLOCK.finditer(text)] or [*_WRITTEN.finditer(text)]
    if clocks:
        found = clocks[-1]
        hour = int(to_number(found["hour"]) or 0)
        groups = found.groupdict()
        minute = 30 if groups.get("half") else 15 * _WEEK.index(groups["quarter"]) + 15 if groups.get("quarter") else int(
            to_number(groups.get("minute") or "0") or 0)
        afternoon = _PARTS.get(found["part"] or "", (time(0), time(12)))[0] >= time(12)
        if hour < 12 and (afternoon or 1 <= hour <= 6):  # nobody means three in the morning
            hour += 12
        return (time(hour, minute), None) if hour < 24 and minute < 60 else (None, None)
    parts = _ONLY_PART.findall(text)
    return _PARTS[parts[-1]] if parts else (None, None)
