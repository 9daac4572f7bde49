"""Times in spoken Chinese: finding them, and the day they mean where they mean one. Texts are expected normalised."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from zh.extract_rules import Span
from zh.numerals import to_digits, to_number

_CN = "一二三四五六七八九十"
_N = rf"(?:[0-9]{{1,4}}(?:\.[0-9])?|好?几|十几|半|数|[{_CN}两百]{{1,5}}几?)"
_DAYS = {
    "大前天": -3, "前天": -2, "前日": -2, "前晚": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "昨夜": -1, "昨儿": -1,
    "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "今儿": 0, "今晨": 0, "刚才": 0, "刚刚": 0, "现在": 0,
    "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "明儿": 1, "大后天": 3, "后天": 2,
}  # fmt: skip
_DAY = "(?:" + "|".join(sorted(_DAYS, key=len, reverse=True)) + ")(?!津|照常)(?:个(?=[早晚上下]))?"
_PART = (
    r"(?:大?半夜三更|三更半夜|(?:大清?|一大?)?(?:早上|清早|早晨|清晨|凌晨|上午|中午|晌午|下午|午后|傍晚|晚上|晚间|"
    r"夜里|夜间|后半夜|前半夜|大?半夜|深夜|白天(?!鹅)|头午|过午))"
)
_HOUR = rf"(?:[0-9]{{1,2}}|[{_CN}两]{{1,3}})"
_MINUTE = rf"(?:钟|半|一刻|三刻|多钟?|来钟|(?:零|过)?(?:[0-9]{{1,2}}|[{_CN}]{{1,3}})分)"
# 三点 may be three points of a plan: a bare hour needs a part of the day before it.
_CLOCK = rf"(?:[0-9]{{1,2}}:[0-9]{{2}}|{_HOUR}点{_MINUTE}|(?<=[上晨早午晚夜里间天到至\-~]){_HOUR}点)"
_WEEK = (
    r"(?:(?:上上|下下|[上这本下])个?)?(?:周[一二三四五六日末](?![次回趟个])|(?:星期|礼拜)[一二三四五六日天])|"
    r"(?:上上|[上这下])个?(?:周|星期|礼拜)(?![边围])"
)
_MONTH = r"(?:(?:上上|[上这下])个?|本)月(?![亮饼子球薪供租收])(?:份|底|初|中旬|上旬|下旬)?"
_YEAR = rf"(?:大前年|去年|今年|前年|明年|(?:20|19)?[0-9]{{2}}年(?!级)|[一二][零〇九][零〇{_CN}]{{2}}年)"
_MONTH_NUMBER = rf"(?<![0-9{_CN}个])(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?(?:底|初|中旬|上旬|下旬)?"
_DAY_NUMBER = rf"(?:[0-3]?[0-9]|二?三?十?[{_CN}])[号日](?![楼院门线厅窗])"
_FULL = r"(?:20[0-9]{2}[\-/.][01]?[0-9][\-/.][0-3]?[0-9])"
_DATE = rf"(?:{_FULL}|{_MONTH_NUMBER}(?:的?{_DAY_NUMBER})?|(?<=月){_DAY_NUMBER}|{_DAY_NUMBER}(?={_PART}|那天|当天|开始))"
_SEASON = (
    r"(?:春天|夏天|秋天|冬天|春季|夏季|秋季|冬季|入冬|开春|入夏|年底|年初|年前|年后|上半年|下半年|月底|月初|春节|过年|除夕|"
    r"(?:国庆|中秋|端午|清明|元旦|元宵)节?|(?:五一|十一|七一|八一)(?=节|假|期间|放假|那天)节?|暑假|寒假|麦收|三伏天)"
    r"(?![路街小广新花酒大])(?:假期|期间|前|后(?![面来]))?"
)
_DURATION = (
    rf"(?:快|将近|大概|差不多)?(?:{_N}(?:多|来)?(?:年(?![级龄纪度])|天(?![桥气然])|周(?![岁边围期转])|小时(?![候工])|分钟|宿)|"
    rf"{_N}(?:多|来)?个(?:多|来|半)?(?:月|星期|礼拜|小时|钟头|晚上|白天|夏天|冬天))(?:多|半(?![夜年]))?(?:了|以?前(?![面边台])|之前|以来|之内|以?内(?!容)|左右)?"
)
_OFTEN = (
    rf"(?:每(?:天|日|晚|夜|年|逢|到|个?月|个?(?:周|星期|礼拜)(?:[一二三四五六日天末](?![次回趟]))?|隔{_N}个?(?:天|小时|月|星期))|"
    rf"天天|整天|成天|整夜|整宿|夜夜|常年|长年|三天两头|一天到晚|一到(?={_PART}|{_SEASON}))"
)
_LATELY = (
    r"(?:目前|最近|近期|近来|前(?:几|两|些)天|前(?:一?段时间|一?阵子?)|这(?:几|两|些)天|这(?:段时间|一?阵子?)|那天|当天(?!桥)|当晚|当时|"
    r"那时候|上次|上回|[上这]两[天年]|近几年|这几年)"
)
_UNIT = f"(?:{_FULL}|{_LATELY}|{_OFTEN}|{_DAY}|{_YEAR}|{_DATE}|{_WEEK}|{_MONTH}|{_DURATION}|{_SEASON}|{_PART}|{_CLOCK})"
_END = r"(?:一?直?到(?:现在|今天|目前)|至今|开始|以来|以后|之后|以前|之前|左右|前后|起(?![火诉因来床])|那天)"
_TIME = re.compile(rf"(?P<from>自从|打从|[从自打])?(?P<core>{_UNIT}(?:的?{_UNIT})*(?:(?:一直)?[到至\-~]{_UNIT}+)?)(?P<end>{_END}{{1,2}})?")

_WITH_YEAR = re.compile(rf"(?P<year>{_YEAR})?的?(?P<month>{_MONTH_NUMBER})的?(?P<day>[0-9{_CN}]{{1,3}})[号日]")
_IN_MONTH = re.compile(rf"(?P<month>上个?|这个?|本|下个?)月的?(?P<day>[0-9{_CN}]{{1,3}})[号日]")
_IN_WEEK = re.compile(r"(?P<week>上上|下下|[上这本下])个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])")
_AGO = re.compile(rf"(?P<count>[0-9]{{1,3}}|[{_CN}两]{{1,3}})(?:(?P<day>天)|周|个?星期|个?礼拜)(?:以|之)?前")
_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
_YEARS = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "明年": 1}
# Callers tell of what happened, or of an appointment soon; so a day without a year lies at most this far ahead.
_SOON = timedelta(days=31)


def find_times(text: str, now: datetime | None) -> list[Span]:
    """Return the times in `text`; value is the ISO date where `now` and the words settle one day, else None.

    A word like 从 belongs to the span when the span also says where it ends (从去年冬天开始). Of a range the first day counts.
    """
    spans = []
    for match in _TIME.finditer(text):
        start = match.start() if match["end"] else match.start("core")
        said = text[start : match.end()]
        day = _day(said, now.date()) if now else None
        spans.append(Span("time", said, start, match.end(), day.isoformat() if day else None))
    return spans


def _day(said: str, today: date) -> date | None:
    if "每" in said:
        return None  # every month's third is no day
    said = re.split("[到至~]", said)[0]
    try:
        return _written(said) or _numbered(said, today) or _relative(said, today)
    except (ValueError, OverflowError):
        return None  # 2月30号


def _written(said: str) -> date | None:
    match = re.search(_FULL, said)
    if not match:
        return None
    year, month, day = (int(part) for part in re.split(r"[\-/.]", match[0]))
    return date(year, month, day)


def _numbered(said: str, today: date) -> date | None:
    if match := _WITH_YEAR.search(said):
        month, day = _int(re.sub(r"月.*", "", match["month"])), _int(match["day"])
        year = match["year"]
        if year is None:
            this = date(today.year, month, day)
            return this if this <= today + _SOON else date(today.year - 1, month, day)
        return date(_year(year, today), month, day)
    if match := _IN_MONTH.search(said):
        months = today.year * 12 + today.month - 1 + _WEEKS[match["month"][0]]
        return date(months // 12, months % 12 + 1, _int(match["day"]))
    return None


def _relative(said: str, today: date) -> date | None:
    if match := _IN_WEEK.search(said):
        monday = today - timedelta(days=today.weekday())
        return monday + timedelta(weeks=_WEEKS[match["week"]], days="一二三四五六日天".replace("天", "日").index(match["day"].replace("天", "日")))
    if match := _AGO.search(said):
        return today - timedelta(days=_int(match["count"]) * (1 if match["day"] else 7))
    if named := re.search(_DAY, said):
        offset = next(days for word, days in sorted(_DAYS.items(), key=lambda item: -len(item[0])) if named[0].startswith(word))
        return today + timedelta(days=offset)
    return None


def _year(said: str, today: date) -> int:
    if said in _YEARS:
        return today.year + _YEARS[said]
    digits = to_digits(said[:-1]) or "0"
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) <= today.year % 100 + 1 else 1900)


def _int(said: str) -> int:
    value = to_number(said)
    if value is None:
        raise ValueError(said)
    return int(value)
