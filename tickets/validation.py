"""What a ticket may contain when it is handed in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Mapping

from core.pii import mask
from tickets.errors import InvalidTicket
from tickets.model import NewTicket, Ticket
from tickets.queues import check_request, checked_matter
from tickets.views import hides_caller
from tickets.vocabulary import Queue

MAX_TEXT = 5000
# How else each digit from 0 to 9, and the check character X, is written or spoken.
_SPOKEN = {"0": "０零〇", "1": "１一幺", "2": "２二两", "3": "３三", "4": "４四", "5": "５五", "6": "６六", "7": "７七", "8": "８八", "9": "９九",
           "X": "xＸｘ叉"}
_LIMITS = {"title": 100, "address": 500, "when": 200, "who": 500, "cause": 500, "name": 50, "request_id": 200}
_FORM = re.compile(r"(?:有限责任公司|股份有限公司|有限公司|公司|厂|店)$")
UNTOLD = "未说明"  # where a caller did not say which
_READ_BY_OFFICES = ("title", "address", "when", "who", "cause")
# Mobile, landline with area code, local number, 400/800 number.
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|[2-8]\d{6,7}|[48]00\d{7}")
# GB 11643: the remainder of the weighted sum picks the check character.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def checked(new: NewTicket) -> NewTicket:
    """Return the request with clean text, phone and ID number without punctuation; anonymous keeps no name and neither number.

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
    id_number = id_digits(new.id_number) if new.id_number and new.id_number.strip() else None
    matter = _matter(new, short["address"], None if new.anonymous else phone)
    if hides_caller(new):
        # The text goes to the department: whom it must not know it must not read there either.
        caller = _Caller(short["name"], enterprise_of(matter), phone, id_number)
        text = caller.taken_out(text)
        short |= {field: short[field] and caller.taken_out(short[field])[:_LIMITS[field]] for field in _READ_BY_OFFICES}
        # What the queue knows is kept in forms of its own, with case numbers and moments: only what is known of him goes.
        known = replace(caller, firm=None)
        matter = {entry: known.known_taken_out(value) if isinstance(value, str) else value for entry, value in matter.items()}
    new = replace(new, matter=matter, enterprise=new.enterprise or new.queue is Queue.BUSINESS)
    if new.anonymous:
        return replace(new, text=text, **{**short, "name": None}, phone=None, id_number=None)
    return replace(new, text=text, **short, phone=phone, id_number=id_number)


def _matter(new: NewTicket, address: str | None, phone: str | None) -> dict[str, Any]:
    """Return what the special queue wants to know; without a queue there is nothing of the kind."""
    if new.queue is None:
        if new.matter:
            raise InvalidTicket("普通工单没有这一项。", "matter")
        return {}
    check_request(new.queue, new.type, address, phone)
    return checked_matter(new.queue, new.matter, by_staff=new.source_channel == "operator")


def scrubbed(text: str, ticket: Ticket) -> str:
    """Return words said about a ticket without its caller's name, his firm's, and any personal number, where departments must not learn them."""
    if not hides_caller(ticket):
        return text
    return _Caller(ticket.name, enterprise_of(ticket.matter), ticket.phone, ticket.id_number).taken_out(text)


def enterprise_of(matter: Mapping[str, Any]) -> str | None:
    """Return the enterprise that a special queue's ticket names, if it does."""
    name = matter.get("enterprise")
    return name if isinstance(name, str) and name != UNTOLD else None


def without_firm(text: str, name: str | None, instead: str) -> str:
    """Return a text with a firm's name replaced, whole or without its legal form."""
    return _without_name(_without_name(text, name, instead), _FORM.sub("", name or ""), instead)


def _without_name(text: str, name: str | None, instead: str) -> str:
    # People also write a name with blanks in it; a single character is no name.
    characters = re.sub(r"\s", "", name or "")
    return re.sub(r"\s?".join(map(re.escape, characters)), instead, text) if len(characters) > 1 else text


@dataclass(frozen=True)
class _Caller:
    """Whom words must not show."""

    name: str | None
    firm: str | None
    phone: str | None
    id_number: str | None

    def taken_out(self, text: str) -> str:
        """Return a text without him and without any number that could be somebody's; plates, houses and dates stay."""
        return mask(self.known_taken_out(text))

    def known_taken_out(self, text: str) -> str:
        for digits, instead in ((self.id_number, "（身份证号已隐去）"), (self.phone, "（电话已隐去）")):
            if digits:
                text = re.sub(r"[\s\W_]{0,4}".join(f"[{digit}{_SPOKEN[digit]}]" for digit in digits), instead, text)
        return without_firm(_without_name(text, self.name, "（姓名已隐去）"), self.firm, "（企业名称已隐去）")


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


def id_digits(id_number: str) -> str:
    """Return an ID number as 17 digits and its check character (GB 11643-1999); raises InvalidTicket."""
    found = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", id_number)).upper()
    if not (re.fullmatch(r"[1-9][0-9]{16}[0-9X]", found) and _is_day(found[6:14]) and found[17] == _check_of(found)):
        raise InvalidTicket("身份证号好像不对，请再核对一下。", "id_number")
    return found


def _check_of(id_number: str) -> str:
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(id_number, _WEIGHTS)) % 11]


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
