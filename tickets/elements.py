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
           r"养老院|加油站|停车场|银行|保险公司|自来水公司|供电公司|燃气公司|热力公司|(?:教育|民政|公安|水务|税务|人社|医保|住建|环保|卫生|供电|邮政)局")
# Without a span for it a name is not told from the words before it (漏水物业): the kind of office alone is sure.
_OFFICE_ALONE = re.compile(rf"(?:{_OFFICE})(?!门口|旁边|对面|楼下|附近)")
_KIND_ONLY = re.compile(rf"黑?(?:{_OFFICE})")
_CALLED = re.compile(r"(?:^|[,。;])(?:就)?叫([\u4e00-\u9fff]{2,12})$")
# A name may stand before the kind of office; these characters cannot be part of one.
_OFFICE_NAMED = re.compile(
    rf"[^\W\d_的是在给让被把和跟我俺你他她们有了说去到找从对这那个要想不没也都就门口旁边楼下里]{{0,8}}(?:{_OFFICE})"
    r"(?!门口|旁边|对面|楼下|附近)"
)
# Such a name is the matter itself.
_WRONG_BY_NAME = re.compile(r"黑(?:诊所|车|中介|网吧|作坊|工厂|厂|店|加油)|无证|无照|违建|假(?:药|酒|货|烟)|传销|赌")
_SELF = re.compile(r"(?:我|俺)(?:的名字)?(?:叫|姓|是)$|本人(?:姓名)?(?:是)?$|姓名(?:是)?$|免贵姓$")
_SELF_WITH = re.compile(r"^(?:我叫|俺叫|我姓|俺姓|我是|本人|免贵姓|姓名)")
# 姓王 is the caller's where nobody else stands before it; 姓王的司机 is not he.
_SURNAME_OF_SELF = re.compile(r"(?:^|我|俺|本人|免贵|[,。;!?:、\d\s])$")
_TROUBLE = re.compile(r"^.*(?:漏水|漏雨|停水|停电|停气|停暖|没水|没电|乱收费)(?=.)")
# A name of many characters may swallow the wish before it: 要表扬政务大厅.
_WISH = re.compile(r"^(?:我们?|俺们?|要|想|来|去|投诉|举报|表扬|反映|一下|的)+")
_OWN_PHONE = re.compile(r"(?:我|俺|本人)(?:的|这个)?(?:联系)?(?:电话|手机|号码|联系方式)|(?:联系|打给|回给|打)(?:我|俺)|(?:给我|给俺)(?:回|打)|回电")
_OTHERS_PHONE = re.compile(
    r"骗|诈|骚扰|推销|打来|打过来|打给我的|发来|来电|短信|对方|[他她]们?的?(?:电话|手机|号)|有个|有一个|"
    r"(?:老板|公司|店|店里|物业|房东|司机|经理|中介|商家|单位|门头|广告|上面)(?:的|写的|留的)?(?:联系)?(?:电话|手机|号码)"
)
# What leads to a number: "电话是", "不要用这个号码,用".
_TO_NUMBER = (r"(?:(?:不要|别|不)?(?:使?用|打|拨|留|换成?|改成?|记)(?:到)?|这个|那个|另外?一?个|我家的?|我的?|俺的?|本人的?|联系|"
              r"电话|手机|号码|号|方式|是|为|给我|回|请|就|[:,，、 ]){0,12}")
_NUMBER_NEAR = 14  # characters before and after a number that tell whose it is
# All that a caller says before he says anything.
_EMPTY = re.compile(
    r"你好|您好|喂|哎|那个|我们|我|俺们|俺|咱|要|想|打算|必须|来|得|帮忙|帮|给|跟|向|和|对|你们|你|您|这里|这边|麻烦|请|实名|匿名|投诉|举报|揭发|检举|"
    r"求助|建议|表扬|咨询|反映|反馈|提|说|讲|问|一下|一个|一件|个|下|点|件|事情|事儿|事|问题|情况|意见|的|了|吗|呢|啊|吧|呀|有|是|就|打电话|登记|记录|记|"
    r"工单|继续|接着|还是|申请|办理|提交|等等|等一下|先|"
    r"[,。?!;:\s]"
)
_EDGES = re.compile(r"^[,。;、:!\s]+|[,;、:\s]+$")


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
    office = _OFFICE_ALONE.search(text)
    return named(text, spans) or (office[0] if office else None)


def named(text: str, spans: Sequence[Span]) -> str | None:
    """As `who`, but only a name: 万科物业 and 王老师, not 物业."""
    for label in ("org", "person"):
        for span in spans:
            if span.label == label and not _is_self(text, span) and not span.text.startswith("姓"):
                return _TROUBLE.sub("", span.text)
    called = _CALLED.search(text)
    return called[1] if called else None


def kind_only(words: str) -> bool:
    """Return whether the words tell a kind of office and no name."""
    return bool(_KIND_ONLY.fullmatch(words))


def name(text: str, spans: Sequence[Span]) -> str | None:
    """Return the name that the caller gave himself; 姓王 where he gave no more."""
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


def answered_phone(text: str, spans: Sequence[Span]) -> str | None:
    """Return a phone told in an answer: the caller's, unless the words around it give it to another."""
    number = phone(text, spans)
    return None if number is None or _OTHERS_PHONE.search(_around(text, number, spans)) else number


def own_phone(text: str, spans: Sequence[Span]) -> str | None:
    """Return a phone only where the caller calls it his own: a number told along the way may be the swindler's."""
    if _OWN_PHONE.search(text):
        return phone(text, spans)
    number = answered_phone(text, spans)
    if number is None:
        return None
    led = re.search(rf"(?:电话|手机号?|号码|联系方式)(?:号码)?(?:是|:)?\s?{_written(number, spans)}", text)
    return number if led or len(substance(without_caller(text, number, name(text, spans), spans), spans)) < 2 else None


def without_caller(text: str, number: str | None, own_name: str | None, spans: Sequence[Span]) -> str:
    """Return the text without the caller's own phone and name: a department reads it."""
    if number:
        text = re.sub(rf"{_TO_NUMBER}{_written(number, spans)}(?:联系我|找我|打给我)?", ",", text)
    if own_name:
        self = r"(?:我的名字[叫是]|(?:我|俺|本人)(?:叫|是|姓)?|姓名[是:]?|免贵姓?)"
        optional = "?" if own_name.startswith("姓") else ""
        text = re.sub(rf"{self}{optional}{re.escape(own_name)}", ",", text)
    return _EDGES.sub("", re.sub(r",{2,}", ",", text)) if number or own_name else text


def _written(number: str, spans: Sequence[Span]) -> str:
    said = [re.escape(span.text) for span in spans if span.label == "phone" and (span.value or re.sub(r"\D", "", span.text)) == number]
    return rf"(?:{'|'.join([*said, r'[ -]?'.join(number)])})"


def _around(text: str, number: str, spans: Sequence[Span]) -> str:
    found = re.search(_written(number, spans), text)
    return text[max(0, found.start() - _NUMBER_NEAR):found.end() + _NUMBER_NEAR] if found else ""


def cause(text: str) -> str | None:
    """Return why it came about, if the text says so."""
    for pattern in _CAUSES:
        found = pattern.search(text)
        if found:
            return found[1].strip() or None
    return None


def course(text: str, spans: Sequence[Span]) -> str | None:
    """Return the text if it tells what happened, None if it is only greeting, wish, name and place."""
    return text if len(substance(text, spans)) >= 2 or _WRONG_BY_NAME.search(text) else None


def substance(text: str, spans: Sequence[Span]) -> str:
    """Return what is left of the text (or of a part of it) without names, places, times and all that says nothing."""
    for span in spans:
        text = text.replace(span.text, " ")
    return _EMPTY.sub("", _OFFICE_NAMED.sub("", text))


def _is_self(text: str, span: Span) -> bool:
    before = text[max(0, span.start - 8):span.start]
    if span.text.startswith("姓"):
        return bool(_SURNAME_OF_SELF.search(before)) and text[span.end:span.end + 1] != "的"
    return bool(_SELF_WITH.match(span.text) or _SELF.search(before))
