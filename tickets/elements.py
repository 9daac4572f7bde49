"""Takes the five elements out of what a caller said. Works on normalised text and the spans found in it."""

from __future__ import annotations

import re
from typing import Sequence

from tickets.model import Elements
from tickets.ports import Span

_END = ",。?!;:\n"
_CAUSES = (
    re.compile(rf"(?:就是因为|是因为|因为|由于|原因是|起因是)([^{_END}]{{2,60}}?)(?=所以|导致|造成|才|就|[{_END}]|$)"),
    re.compile(rf"([^{_END}]{{2,60}}?)(?:导致|造成|引起)"),
)
# What goes on tells when it happens, as far as a handler needs it.
_ONGOING = re.compile(
    r"(?:从)?(?:今天|昨天|前天|大前天|今晚|昨晚|今早|刚才|刚刚|上周|上个?月|去年|今年|前年|前几天|这几天|最近)(?:早上|上午|中午|下午|晚上|夜里)?"
    r"|每天(?:早上|晚上|半夜|夜里)?|天天|经常|一直|现在|正在|半夜|[一二两三四五六七八九十几半\d]+(?:个)?(?:多)?(?:天|周|星期|月|年)(?:多)?(?:了|(?=没))"
)
_OFFICE = (r"物业|开发商|房产中介|中介|公司|饭店|饭馆|酒店|宾馆|超市|商场|药店|医院|诊所|卫生院|学校|小学|中学|幼儿园|大学|驾校|培训班|培训机构|"
           r"健身房|工厂|化工厂|厂子|工地|施工队|包工头|老板|房东|派出所|居委会|村委会|村支书|村主任|村干部|街道办|窗口|服务大厅|政务大厅|"
           r"营业厅|公交司机|出租车司机|网约车司机|司机|快递员|快递|外卖|教练|老师|医生|护士|民警|警察|城管|交警|网吧|棋牌室|KTV|烧烤店|烧烤摊|"
           r"养老院|加油站|停车场|银行|保险公司|自来水公司|供电公司|燃气公司|热力公司|[\u4e00-\u9fff]局")
# A name may stand before the kind of office; these characters cannot be part of one.
_OFFICE_NAMED = re.compile(
    rf"[^\W\d_的是在给让被把和跟我俺你他她们有了说去到找从对这那个要想不没也都就门口旁边楼下里]{{0,8}}(?:{_OFFICE})"
    r"(?!门口|旁边|对面|楼下|附近)"
)
_TARGET = re.compile(
    r"(?:投诉|举报|揭发|检举|表扬|感谢|反映)(?:一下|下|一个|个)?([^,。?!;:\n\d我俺你有说关]{2,15}?)"
    r"(?=的|乱|不|没|欠|违|偷|拖|态度|服务|收|$|[,。!;])"
)
_SELF = re.compile(r"(?:我|俺)(?:的名字)?(?:叫|姓|是)$|本人(?:姓名)?(?:是)?$|姓名(?:是)?$|免贵姓$")
_SELF_WITH = re.compile(r"^(?:我叫|俺叫|我姓|俺姓|我是|本人|免贵姓|姓名)")
# A name of many characters may swallow the wish before it: 要表扬政务大厅.
_WISH = re.compile(r"^(?:我们?|俺们?|要|想|来|去|投诉|举报|表扬|反映|一下|的)+")
_OWN_PHONE = re.compile(r"(?:我|俺|本人)(?:的|这个)?(?:联系)?(?:电话|手机|号码|联系方式)|(?:联系|打给|回给|打)(?:我|俺)|(?:给我|给俺)(?:回|打)|回电")
# All that a caller says before he says anything.
_EMPTY = re.compile(
    r"你好|您好|喂|哎|那个|我们|我|俺们|俺|咱|要|想|打算|必须|来|得|帮忙|帮|给|跟|向|和|对|你们|你|您|这里|这边|麻烦|请|实名|匿名|投诉|举报|揭发|检举|"
    r"求助|建议|表扬|咨询|反映|提|说|讲|问|一下|一个|一件|个|下|点|件|事情|事儿|事|问题|情况|意见|的|了|吗|呢|啊|吧|呀|有|是|就|打电话|登记|记|"
    r"[,。?!;:\s]"
)


def elements(text: str, spans: Sequence[Span]) -> Elements:
    """Return who, when, where, cause and course as far as the text says them; pieces are in the caller's words."""
    return Elements(who(text, spans), when(text, spans), where(text, spans), cause(text), course(text, spans))


def where(text: str, spans: Sequence[Span]) -> str | None:
    """Return the longest place; neighbouring place spans make one."""
    chains: list[tuple[int, int]] = []
    for span in spans:
        if span.label == "place":
            if chains and span.start - chains[-1][1] <= 2 and not set(text[chains[-1][1]:span.start]) & set("和到跟。"):
                chains[-1] = (chains[-1][0], span.end)
            else:
                chains.append((span.start, span.end))
    places = (_WISH.sub("", text[start:end]) for start, end in chains)
    return max(places, key=len, default="") or None


def when(text: str, spans: Sequence[Span]) -> str | None:
    """Return the first time that is told."""
    for span in spans:
        if span.label == "time":
            return span.text
    found = _ONGOING.search(text)
    return found[0] if found else None


def who(text: str, spans: Sequence[Span]) -> str | None:
    """Return the firm, office or person that the request is about, never the caller himself."""
    for label in ("org", "person"):
        for span in spans:
            if span.label == label and not _is_self(text, span):
                return span.text
    target = _TARGET.search(text)
    if target and len(_EMPTY.sub("", target[1])) >= 2:
        return target[1]
    office = _OFFICE_NAMED.search(text)
    return office[0] if office else None


def name(text: str, spans: Sequence[Span]) -> str | None:
    """Return the name that the caller gave himself."""
    for span in spans:
        if span.label == "person" and _is_self(text, span):
            return _SELF_WITH.sub("", span.text) or None
    return None


def phone(text: str, spans: Sequence[Span]) -> str | None:
    """Return the digits of the last phone that was said (a caller corrects himself towards the end)."""
    digits = [span.value or re.sub(r"\D", "", span.text) for span in spans if span.label == "phone"]
    if digits:
        return digits[-1]
    plain = re.findall(r"(?<!\d)1[3-9]\d(?:[ \-]?\d){8}(?!\d)", text)
    return re.sub(r"\D", "", plain[-1]) if plain else None


def own_phone(text: str, spans: Sequence[Span]) -> str | None:
    """Return a phone only where the caller calls it his own: a number told along the way may be the swindler's."""
    return phone(text, spans) if _OWN_PHONE.search(text) else None


def cause(text: str) -> str | None:
    """Return why it came about, if the text says so."""
    for pattern in _CAUSES:
        found = pattern.search(text)
        if found:
            return found[1].strip() or None
    return None


def course(text: str, spans: Sequence[Span]) -> str | None:
    """Return the text if it tells what happened, None if it is only greeting, wish, name and place."""
    rest = list(text)
    for span in spans:
        rest[span.start:span.end] = " " * (span.end - span.start)
    left = _OFFICE_NAMED.sub("", "".join(rest))
    return text if len(_EMPTY.sub("", left)) >= 2 else None


def _is_self(text: str, span: Span) -> bool:
    return bool(_SELF_WITH.match(span.text) or _SELF.search(text[max(0, span.start - 8):span.start]))
