"""What has a fixed shape in a caller's words: persons, money, telephone and identity numbers. Texts are normalised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

import phonenumbers

from zh.numerals import digit_runs, to_number

Label = Literal["person", "time", "place", "phone", "money", "org", "id_number"]


@dataclass(frozen=True)
class Span:
    """A piece of a text: `text` stands at [start, end); `value` is what it means in one written form, where there is one."""

    label: Label
    text: str
    start: int
    end: int
    value: str | None = None


# The surnames of nearly all Shandong callers. The second row also ends or is an everyday word (对方, 关于, 提高): such a
# one counts before a title only where no other character can join it from the left.
_SURE = (
    "王李张刘陈杨赵黄周吴徐孙胡朱郭马罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田姜范石姚谭廖邹熊陆郝孔崔邱秦顾侯邵孟龙段雷汤尹黎易武乔贺赖龚文庞樊殷施陶"
    "翟颜倪严牛温芦季俞鲁葛伍韦申尤毕聂丛焦柳邢岳齐梅莫庄辛祝左谷祁舒耿牟卜詹苗凌纪靳盛童欧甄项屈鲍霍翁甘景柏宁柯阮闵解强柴华冉辜饶刁瞿戚丘滕晋苑邬臧畅苟褚廉娄符奚穆燕邸冀屠郜晏栾郁"
)
_DOUBTFUL = "高林何于常任方金白康毛江史万钱安洪兰管时路关费向成车全"
_DOUBLE = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|司徒|长孙|宇文"
_SURNAME = rf"(?:{_DOUBLE}|[{_SURE}{_DOUBTFUL}])"
_TITLE = (
    "(?:副?(?:经理|主任|书记|队长|所长|局长|科长|处长|院长|校长|村长|组长|站长|店长|厂长|会长)|老师|医生|大夫|警官|律师|老板|师傅|"
    "先生|女士|小姐|同志|阿姨|大爷|大妈|大娘|大叔|大哥|大姐|教练|会计|总(?=[,。?!、说的]|$))"
)
_ALONE = r"(?:^|(?<=[^\u4e00-\u9fff])|(?<=[的了是找叫位让跟给请问说]))"
_TITLED = re.compile(rf"(?:{_DOUBLE}|(?<![紧慌夸一两几这那每])[{_SURE}]|{_ALONE}[{_DOUBTFUL}]){_TITLE}")
_CALLED = re.compile(
    r"(?:我的?名字[叫是]|名字[叫是]|姓名[是叫:]?|[我他她]叫|[我他她]本人叫|本人叫|全名[叫是]|名叫|(?:老板|老公|老婆|爱人|对象|父亲|母亲|爸爸?|妈妈?|儿子|女儿|孩子|邻居)叫|联系人[叫是:]?|经办人[叫是:]?)"
    rf"(?P<name>(?:{_DOUBLE}|[\u4e00-\u9fff])[\u4e00-\u9fff]{{1,2}})"
)
_NOT_GIVEN = re.compile(r"[的了在是有住我你您他她这那和跟与电手身家要想来去今说就也都从到男女今年现地联报反]")
_SURNAMED = re.compile(rf"(?:[我他她您]|免贵|老板|经理|司机)?姓(?P<name>{_SURNAME})(?![名氏])")

# Bounded, and not begun inside a number: otherwise a text of nothing but digits takes the square of its length.
_AMOUNT = (
    r"(?:(?<![0-9.])[0-9]{1,10}(?:\.[0-9]{1,2})?[十百千万亿]{0,2}|"
    r"(?<![零一二两三四五六七八九十百千万亿])[零一二两三四五六七八九十百千万亿]{1,16}(?:点[零一二三四五六七八九]{1,2})?)"
)
_MONEY = re.compile(
    rf"(?P<yuan>{_AMOUNT})(?P<about>多|来|几|余)?(?P<wan>万)?(?:(?P<small>毛|角|分)钱|(?P<plain>块钱|元钱?(?![旦宵素件])|块(?P<jiao>[一二三四五六七八九1-9])(?![个次天月年块])|"
    r"块(?![地儿牌石砖板空土木玻肉表布屏大小田草钢铁手墓电的就在])(?=$|[,。?!;、 了多押租左一]))(?:多)?)"
)
_SMALL = {"毛": 0.1, "角": 0.1, "分": 0.01}

_ID_RUN = re.compile(r"(?<![0-9Xx])[0-9]{17}[0-9Xx](?![0-9Xx])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643, ISO 7064 MOD 11-2


def find_persons(text: str) -> list[Span]:
    """Return names after words like 我叫, surnames after 姓, and surnames with a title; value is the name."""
    spans = []
    for match in _TITLED.finditer(text):
        surname = re.match(_DOUBLE, match[0])
        spans.append(Span("person", match[0], *match.span(), surname[0] if surname else match[0][0]))
    for match in _CALLED.finditer(text):
        name = _full_name(match["name"])
        if name:
            start = match.start("name")
            spans.append(Span("person", name, start, start + len(name), name))
    for match in _SURNAMED.finditer(text):
        start = match.start() if match[0][0] == "姓" else text.index("姓", match.start())
        spans.append(Span("person", text[start : match.end()], start, match.end(), match["name"]))
    return spans


def find_money(text: str) -> list[Span]:
    """Return sums of money; value is yuan without trailing zeros (3.5), None where the sum is only about right."""
    spans = []
    for match in _MONEY.finditer(text):
        yuan = to_number(match["yuan"])
        if yuan is None:
            continue
        yuan *= 10000 if match["wan"] else 1
        yuan *= _SMALL.get(match["small"] or "", 1)
        yuan += (to_number(match["jiao"]) or 0) / 10 if match["jiao"] else 0
        vague = match["about"] or match[0].endswith("多")
        spans.append(Span("money", match[0], *match.span(), None if vague else f"{round(yuan, 2):.2f}".rstrip("0").rstrip(".")))
    return spans


def find_phones(text: str) -> list[Span]:
    """Return telephone numbers, written or spoken, that exist in the numbering plan of China; value is their digits."""
    spans: dict[int, Span] = {}
    for run in [*digit_runs(text), *digit_runs(text, pauses=True)]:
        digits = run.digits[2:] if len(run.digits) == 13 and run.digits.startswith("86") else run.digits
        if 10 <= len(digits) <= 12 and digits[0] in "014" and run.start not in spans and _exists(digits):
            spans[run.start] = Span("phone", text[run.start : run.end], run.start, run.end, digits)
    return list(spans.values())


def find_id_numbers(text: str) -> list[Span]:
    """Return identity numbers of 18 places whose birthday and check digit are right; value has a capital X."""
    spans = [Span("id_number", m[0], *m.span(), m[0].upper()) for m in _ID_RUN.finditer(text) if is_id_number(m[0])]
    for run in digit_runs(text):
        end, digits = run.end, run.digits
        if len(digits) == 17 and text[end : end + 1] in ("X", "x", "叉"):
            end, digits = end + 1, f"{digits}X"
        if not any(span.start == run.start for span in spans) and is_id_number(digits):
            spans.append(Span("id_number", text[run.start : end], run.start, end, digits))
    return spans


def is_id_number(number: str) -> bool:
    """Return whether `number` has 18 places with a real birthday and the right check digit (GB 11643)."""
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9Xx]", number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[17].upper()


def _exists(digits: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, "CN"))
    except phonenumbers.NumberParseException:
        return False


def _full_name(said: str) -> str | None:
    surname = re.match(_SURNAME, said)
    if not surname:
        return None
    given = said[surname.end() :]
    stop = _NOT_GIVEN.search(given)
    given = given[: stop.start()] if stop else given
    return surname[0] + given if given else None
