"""Takes personal numbers and addresses out of text before it reaches a log."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

_DIGIT = "0-9\uff10-\uff19"
_SPOKEN = "零〇一二三四五六七八九幺两"
_GAP = r"[ \t\u3000\-\u2010-\u2015]{0,2}"
_EMAIL = r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+"
# Left alone: moments and identifiers that a log needs and that only look like personal numbers.
_MOMENT = r"(?<![0-9])20\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?(?![0-9])"
_IDENTIFIER = r"\b(?=[0-9a-f\-]*[a-f])(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b"
# A spoken number comes with the pauses that a recogniser writes as commas; printed digits with commas are amounts or lists.
_RUN = rf"(?:\+{_GAP})?[{_DIGIT}{_SPOKEN}](?:{_GAP}[{_DIGIT}{_SPOKEN}]){{6,}}(?:{_GAP}[xX])?"
_SPOKEN_RUN = rf"[{_SPOKEN}](?:[ ,\uff0c、\-]{{0,2}}[{_SPOKEN}]){{6,}}"
_PATTERN = re.compile(
    f"(?P<keep>{_MOMENT}|{_IDENTIFIER})|(?P<email>{_EMAIL})|(?P<spoken>{_SPOKEN_RUN})|(?P<run>{_RUN})"
)
_TO_DIGITS = str.maketrans("零〇一二三四五六七八九幺两", "0012345678912")


def mask(text: str) -> str:
    """Return `text` with phones, ID numbers, bank cards, e-mail and ticket numbers made unreadable.

    Any run of seven or more digits, printed or spoken, is starred but for a date. A mobile keeps its first three digits
    (its last four prove who owns a ticket), a ticket number its last four. Idempotent; never raises.
    """
    return _PATTERN.sub(_starred, text)


def _starred(match: re.Match[str]) -> str:
    if match["keep"]:
        return match["keep"]
    if match["email"]:
        return "***@***"
    digits = unicodedata.normalize("NFKC", match[0]).translate(_TO_DIGITS)
    digits = re.sub(r"[^0-9xX]", "", digits)
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 8 and _is_date(digits):
        return match[0]
    if len(digits) == 16 and _is_date(digits[:8]):
        return "*" * 12 + digits[12:]
    if re.fullmatch(r"1[3-9]\d{9}", digits):
        return digits[:3] + "*" * 8
    return "*" * len(digits)


def _is_date(digits: str) -> bool:
    if not digits.startswith("20"):
        return False
    try:
        datetime.strptime(digits, "%Y%m%d")
    except ValueError:
        return False
    return True
