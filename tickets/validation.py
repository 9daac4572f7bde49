"""What a ticket may contain when it is handed in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any

from tickets.errors import InvalidTicket
from tickets.model import NewTicket

MAX_TEXT = 5000
# How each digit from 0 to 9 is spoken.
_SPOKEN = ("零〇", "一幺", "二两", "三", "四", "五", "六", "七", "八", "九")
_LIMITS = {"title": 100, "address": 500, "when": 200, "who": 500, "cause": 500, "name": 50, "request_id": 200}
# Mobile, landline with area code, local number, 400/800 number.
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|[2-8]\d{6,7}|[48]00\d{7}")


def checked(new: NewTicket) -> NewTicket:
    """Return the request with clean text and a phone of digits only; anonymous keeps no name and no phone.

    Raises InvalidTicket naming the field.
    """
    text = tidy(new.text)
    if not text:
        raise InvalidTicket("请说一下是什么事。", "text")
    if len(text) > MAX_TEXT:
        raise InvalidTicket(f"内容最多{MAX_TEXT}个字，请简短一些。", "text")
    if new.region is not None and not re.fullmatch(r"37\d{4}", new.region):
        raise InvalidTicket("所在区县不对，请重新选择。", "region")
    if not 0 < len(new.source_channel) <= 20:
        raise InvalidTicket("来源渠道不对。", "source_channel")
    short: dict[str, Any] = {}
    for field, limit in _LIMITS.items():
        value = getattr(new, field)
        value = tidy(value) or None if value is not None else None
        if value is not None and len(value) > limit:
            raise InvalidTicket(f"这一项最多{limit}个字。", field)
        short[field] = value
    phone = phone_digits(new.phone) if new.phone and new.phone.strip() else None
    if new.anonymous or new.confidential:
        # The text goes to the department: whom it must not know it must not read there either.
        text = _without_caller(text, short["name"], phone)
        short["title"] = short["title"] and _without_caller(short["title"], short["name"], phone)
    if new.anonymous:
        return replace(new, text=text, **{**short, "name": None}, phone=None)
    return replace(new, text=text, **short, phone=phone)


def _without_caller(text: str, name: str | None, phone: str | None) -> str:
    if phone:
        text = re.sub(r"[\s,，、\-]{0,2}".join(f"[{digit}{_SPOKEN[int(digit)]}]" for digit in phone), "（电话已隐去）", text)
    return text.replace(name, "（姓名已隐去）") if name and len(name) > 1 else text


def tidy(text: str) -> str:
    """Drop control characters and lone surrogates, which databases refuse; keep line breaks."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def phone_digits(phone: str) -> str:
    """Return the digits of a phone without country code; raises InvalidTicket."""
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", phone))
    digits = re.sub(r"^(?:\+|00)?86(?=1\d{10}$|0\d{9,11}$)", "", digits)
    if not (digits.isascii() and _PHONE.fullmatch(digits)):
        raise InvalidTicket("电话号码好像不对，请再核对一下。", "phone")
    return digits
