"""Spoken Chinese numerals: digit strings (幺三八…) and numbers (三百二十). Texts are expected normalised."""

from __future__ import annotations

import re
from typing import NamedTuple

import cn2an

_SPOKEN = "零〇幺一二三四五六七八九"
_DIGITS = str.maketrans(_SPOKEN, "001123456789")
_UNITS = "十百千万亿"
# Written digits take 幺 and 零 in their middle; spoken ones alone need three, for 一二 and 三四 are also "a few".
_GROUP = rf"(?:[{_SPOKEN}]{{3,}}|[幺零〇]*[0-9][0-9幺零〇]*|[幺零〇][{_SPOKEN}]|[{_SPOKEN}][幺零〇])"
# 四个八 is 8888 only within a number already begun (一八六四个八 alone could be read two ways, so a word must part them).
_REPEAT = rf"(?:,?(?:后面|后边|最后|然后|再)(?:是|加)?(?P<times>[两二三四五六])个(?P<digit>[0-9{_SPOKEN}])(?![{_UNITS}月年]))"
_RUN = re.compile(rf"{_GROUP}(?:[ \-]{{0,3}}{_GROUP})*{_REPEAT}?")
_PAUSED_RUN = re.compile(rf"{_GROUP}(?:[ \-,、]{{0,3}}{_GROUP})*{_REPEAT}?")
_FEW = re.compile(r"[二三四五六七八]{3}$")
_MEASURE = tuple("年个天月人次号楼层户块元岁米里")
_NEXT_WORD = re.compile(r"[直个下样定般些共起次遍会点天年月家边旦致律切味]")
_TAIL = re.compile(rf"(?:尾号|后四位|末四位|最后四位|后4位|末4位|最后4位)(?:是|为|:|,|的是|数字是)*(?P<run>(?:[0-9{_SPOKEN}][ \-]?){{4,}})")
_COUNT = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_NUMBER = re.compile(rf"(?:[0-9]+(?:\.[0-9]+)?|[{_SPOKEN}两{_UNITS}])[{_SPOKEN}两{_UNITS}0-9点]*")


class DigitRun(NamedTuple):
    """A string of digits said or written in a text: its place there, and the digits."""

    start: int
    end: int
    digits: str


def to_digits(run: str) -> str | None:
    """Return the digits of a run (幺三八 0531 → 1380531), or None if anything but digits, spaces and dashes is in it."""
    digits = re.sub(r"[ \-]", "", run).translate(_DIGITS)
    return digits if digits.isascii() and digits.isdigit() else None


def to_number(text: str) -> float | None:
    """Return the value of a number in digits or characters (三百二十, 1.5万, 三千五), or None if it is none."""
    if len(text) > 24 or not _NUMBER.fullmatch(text):
        return None
    if text in ("百", "千", "万", "亿"):
        return None
    said = f"一{text}" if text[0] in "百千" else text  # 百八十 for 一百八十
    try:
        return float(cn2an.cn2an(said.replace("〇", "零").replace("幺", "一"), "smart"))
    except (ValueError, KeyError, IndexError, OverflowError):
        return None


def digit_runs(text: str, *, pauses: bool = False) -> list[DigitRun]:
    """Return the strings of digits in `text`, groups parted by spaces or dashes joined.

    With `pauses`, commas join groups too, as a recogniser writes a telephone number said slowly. Characters that belong
    to a number (三百二十一) are not taken, nor a lone 一 that begins the next word.
    """
    runs = []
    for match in (_PAUSED_RUN if pauses else _RUN).finditer(text):
        start, end = match.span()
        repeat, end = (_repeated(match), end) if match["times"] else ("", end)
        body = text[start : match.start("times") if match["times"] else end]
        body = re.sub(rf"[^0-9{_SPOKEN}]", "", body)
        if not repeat and not body.isascii():
            if text[start - 1 : start] in tuple(_UNITS) or text[end : end + 1] in tuple(_UNITS):
                continue
            if _FEW.match(body) and text[end : end + 1] in _MEASURE:
                continue  # 住了三四五年
            if body[-1] == "一" and _NEXT_WORD.match(text, end):
                body, end = body[:-1], end - 1
        runs.append(DigitRun(start, end, body.translate(_DIGITS) + repeat))
    return runs


def digits_in(text: str) -> list[str]:
    """Return the strings of digits in `text` in their order: 幺三八 零五三一 → 1380531."""
    return [run.digits for run in digit_runs(text)]


def last_four(text: str) -> str | None:
    """Return the last four digits of a telephone number that `text` gives: after 尾号, as four digits, or whole.

    None if it gives none, or more than one without saying which.
    """
    named = _TAIL.search(text)
    if named:
        digits = to_digits(named["run"])
        return digits[-4:] if digits else None
    runs = [run for run in digit_runs(text, pauses=True) if text[run.end : run.end + 1] not in tuple("年月号块元")]
    fitting = {run.digits[-4:] for run in runs if len(run.digits) == 4 or (len(run.digits) == 11 and run.digits[0] == "1")}
    return fitting.pop() if len(fitting) == 1 else None


def _repeated(match: re.Match[str]) -> str:
    return match["digit"].translate(_DIGITS) * _COUNT[match["times"]]
