"""Digits written as words and number words written as digits, the way a recogniser puts them down."""

from __future__ import annotations

import re

from benchmarks.noise.tables import tables

_UNITS = {"十": 10, "百": 100, "千": 1000}
_PLACES = ("", "十", "百", "千")
_DIGITS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_ROUGHLY = re.compile(r"^[^零〇十百千]{2}$|[^零〇十百千]{2}(?=[十百千])|[十百千][^零〇十百千]{2}")  # 两三, 四五十, 十七八: no one number
_WORDS = re.compile(r"[零〇一二两三四五六七八九十][零〇一二两三四五六七八九十百千]*")


def spoken(text: str) -> str:
    """Every run of digits as words: years, long numbers and numbers with a leading nought digit by digit, others by their value below 10,000."""
    return _DIGITS.sub(lambda run: _said(run.group(), text[run.end() : run.end() + 1]), text)


def written(text: str) -> str:
    """Every number word as digits; rough numbers and words such as 一下 or 统一, whose numeral counts nothing, stay."""
    kept = {place for word in tables().no_number for hit in re.finditer(re.escape(word), text) for place in range(hit.start(), hit.end())}
    return _WORDS.sub(lambda run: run.group() if kept.intersection(range(*run.span())) else _figures(run.group()), text)


def _said(run: str, after: str) -> str:
    whole, _, fraction = run.partition(".")
    tail = "点" + _one_by_one(fraction) if fraction else ""
    if whole.endswith("0000") and whole[0] != "0" and len(whole) <= 8 and not tail:
        return _value(int(whole[:-4])) + "万"
    if len(whole) > 4 or (len(whole) > 1 and whole[0] == "0") or (len(whole) == 4 and after == "年"):
        return _one_by_one(whole) + tail
    if whole == "2" and not tail and after and after in tables().counters:
        return "两"
    return _value(int(whole)) + tail


def _one_by_one(digits: str) -> str:
    return "".join(tables().digits[int(digit)] for digit in digits)


def _value(number: int) -> str:
    """The words for 0 to 9,999: 105 is 一百零五, 12 is 十二."""
    names = tables().digits
    said = ""
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += names[digit] + _PLACES[place]
        elif said and not said.endswith(names[0]):
            said += names[0]
    said = said.rstrip(names[0])
    return (said[1:] if said.startswith("一十") else said) or names[0]


def _figures(words: str) -> str:
    if _ROUGHLY.search(words):
        return words
    values = [_UNITS.get(word) or tables().digits.index(word.replace("两", "二").replace("〇", "零")) for word in words]
    if not any(word in _UNITS for word in words):
        return "".join(map(str, values))
    total = pending = 0
    for word, value in zip(words, values):
        if word in _UNITS:
            total += (pending or 1) * value
            pending = 0
        else:
            pending = value
    return str(total + pending)
