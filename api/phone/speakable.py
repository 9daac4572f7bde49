"""Written Chinese as a synthesiser should say it: digits, dates, hours, money and numbers of telephones and tickets as words."""

from __future__ import annotations

import re
import unicodedata

import cn2an

_WIDE = str.maketrans("％￥", "%¥")
_NAMES = "零一二三四五六七八九"
_BY_DIGIT = str.maketrans("0123456789Xx", _NAMES.replace("一", "幺") + "叉叉")
_YEAR_DIGIT = str.maketrans("0123456789", _NAMES)
_AMOUNT = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MEASURE = r"个|次|张|份|种|年(?!级)|天|件|位|项|户|人|套|本|条|名|周|小时|分钟|元|万|亿|倍|岁|米|平方|公里|公斤|步|样|笔|家|间"
_TO = r"\s*[-~～—–－]+\s*"  # 9:00-11:30 is said as 到
_PATTERN = re.compile("|".join((
    r"(?P<key>(?<=[按拨])[0-9](?![0-9.])|(?<=数字键)[0-9](?![0-9]))",  # one key is one digit: every voice reads it right
    r"(?P<date>(?<!\d)(?:19|20)\d\d(?:[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|年\d{1,2}月(?:\d{1,2}[日号])?|[-/](?:0[1-9]|1[0-2])(?![\d\-/])|年))",
    r"(?P<clock>(?<!\d)(?:[01]?\d|2[0-4])[:：][0-5]\d(?::[0-5]\d)?(?!\d))",
    rf"(?P<money>¥\s*(?:{_AMOUNT})(?:万|亿)?元?|(?:\d{{1,3}}(?:,\d{{3}})+|\d+)\.\d{{1,2}}元)",
    rf"(?P<percent>(?:{_AMOUNT})%)",
    r"(?P<mobile>(?<!\d)(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?!\d))",
    r"(?P<line>(?<!\d)(?:0\d{2,3}[ \-]?\d{7,8}|[48]00[ \-]?\d{3}[ \-]?\d{4})(?!\d))",
    rf"(?P<short>(?<![\d.])(?:11[0-9]|12[02]|12[1-9]\d\d|9[56]\d{{3}}|10086|10010)(?![\d.%]|\s*(?:{_MEASURE}|号(?!码))))",
    r"(?P<long>(?<!\d)(?:\d{7,}[Xx]?|0\d+)(?!\d))",
    rf"(?P<to>(?<=[\d年月日号时分元天点]){_TO}(?=[\d¥]))",
    r"(?P<heading>(?<![\d.])\d{1,2}[.．、](?=[^\d\s]))",
    rf"(?P<number>{_AMOUNT})",
)))
_TWO = re.compile(rf"\s*(?:{_MEASURE})")
_SIGNS = {"㎡": "平方米", "m²": "平方米", "℃": "摄氏度"}
_STAR, _HASH = re.compile(r"(?<=按)[*＊]键?|[*＊](?=键)键"), re.compile(r"(?<=按)[#＃]键?|[#＃](?=键)键")
_LINES = re.compile(r"[ \t]*\n\s*")
_ENDED = tuple("，。；：？！、（“")
_URL = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+(?:com|cn|net|org|gov|edu|info|top|vip)"
_ADDRESS = re.compile(rf"(?P<lead>(?:网址|网站|链接|地址|官网)(?:[是为]|[:：])?\s*)?"
                      rf"(?P<address>[A-Za-z0-9._%+\-]+@{_HOST}|(?:https?|ftp)://{_URL}|{_HOST}(?![A-Za-z0-9\-])"
                      rf"(?::\d+)?(?:/{_URL})?)", re.IGNORECASE)
PAGE_WORD = "相关网页"
_CLAUSE_END = re.compile(r"[，；：]")


def speakable(text: str) -> str:
    """Return the text in words; said again it stays as it is. A key to press (按0) keeps its one digit."""
    text = "".join(str(unicodedata.decimal(sign, sign)) for sign in text.translate(_WIDE))  # whatever script the digits are of
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    text = _HASH.sub("井号键", _STAR.sub("星号键", text))
    text = _LINES.sub(lambda gap: "" if text[: gap.start()].endswith(_ENDED) else "，", text.strip())
    said: str = _PATTERN.sub(lambda found: _said(found, text), text)
    return said


def slowly(text: str) -> str:
    """Return the text with a stop after each clause, for a voice that has no rate of its own to slow down."""
    return _CLAUSE_END.sub("。", text)


def without_addresses(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text with a word in the place of each web or mail address, and the addresses in their order."""
    found = tuple(dict.fromkeys(match["address"].rstrip(".,;:!?") for match in _ADDRESS.finditer(text)))
    return _ADDRESS.sub(PAGE_WORD, text), found


def by_digit(digits: str, *groups: int) -> str:
    """Return digits one by one (幺三八，…), in groups of these sizes and then of four."""
    parts, rest = [], digits
    for size in (*groups, *[4] * len(digits)):
        parts.append(rest[:size])
        rest = rest[size:]
        if len(rest) <= size + 1 and len(rest) < 6 and not groups:
            parts.append(rest)
            break
    return "，".join(part.translate(_BY_DIGIT) for part in parts if part)


def _said(found: re.Match[str], text: str) -> str:
    kind, said = found.lastgroup, found[0]
    if kind == "key":
        return said
    if kind == "date":
        return _date(said)
    if kind == "clock":
        hour, minute = re.split("[:：]", said)[:2]
        return f"{_number(hour)}点" + (f"{'零' if minute[0] == '0' else ''}{_number(minute)}分" if minute != "00" else "")
    if kind == "money":
        return _money(said)
    if kind == "percent":
        return f"百分之{_number(said[:-1])}"
    digits = re.sub(r"[ \-+]", "", said)
    if kind == "mobile":
        return by_digit(digits[-11:], 3)
    if kind == "line":
        return by_digit(digits, 3 if digits[0] in "48" or digits[1] in "12" else 4)
    if kind == "short":
        return digits.translate(_BY_DIGIT)
    if kind == "long":
        return by_digit(digits)
    if kind == "to":
        return "到"
    if kind == "heading":
        return f"{_number(said[:-1])}，"
    return "两" if said == "2" and _TWO.match(text, found.end()) else _number(said)


def _number(written: str) -> str:
    return str(cn2an.an2cn(written.replace(",", ""), "low"))


def _date(said: str) -> str:
    year, *rest = re.findall(r"\d+", said)
    names = ("月", "号" if said.endswith("号") else "日")
    return f"{year.translate(_YEAR_DIGIT)}年" + "".join(f"{_number(str(int(part)))}{name}" for part, name in zip(rest, names, strict=False))


def _money(said: str) -> str:
    amount = said.strip("¥ 元").replace(",", "")
    if amount.endswith(("万", "亿")):
        return f"{_number(amount[:-1])}{amount[-1]}元"
    yuan, _, cents = amount.partition(".")
    names = "".join(f"{_NAMES[int(digit)]}{name}" for digit, name in zip(cents, "角分", strict=False) if digit != "0")
    between = "零" if len(cents) == 2 and cents[0] == "0" and cents[1] != "0" else ""
    return f"{_number(yuan)}元{between}{names}"
