"""The conversation that fills a ticket of a special queue: its own questions, never one whose answer was said. Pure; words and spans come in."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Sequence

from tickets import elements, intake
from tickets.answer import UNKNOWN, YES
from tickets.draft import Draft
from tickets.place import exact
from tickets.ports import Span
from tickets.queues import QUESTIONS, type_of
from tickets.validation import MAX_TEXT, UNTOLD
from tickets.vocabulary import Queue
from zh.numerals import digit_runs

_INTAKES = frozenset({"course", "where", "contact", "confirm"})  # questions that every ticket knows
_KEPT_IN = {"moment": "slot"}  # where another entry of the matter tells that a question is settled
_ABOUT_QUEUE = re.compile(
    r"(?:我们?|俺们?)?(?:就是|是)?(?:要|想|来)?(?:投诉|反映|举报)(?:一下)?(?:个|一个)?(?:你们|当地|本地|这里|咱)?(?:的)?营商环境(?:的)?(?:事|问题)?"
    r"|(?:我们?|俺们?)?(?:报了?警|报了110|打了110)|110[^,。?!;]*|(?:报警|警察|民警|派出所)[^,。?!;]{0,12}(?:12345|你们|热线)"
    r"|(?:警情|接警|报警|案件|工单)?(?:编号|单号)(?:是|为|:)?[0-9A-Za-z\-]*")
_COMPANY = re.compile(r"(?P<name>[^\W_我俺咱们是在叫的,。?!;:]{2,30}?"
                      r"(?:有限责任公司|股份有限公司|有限公司|分公司|公司|合作社|个体户|工作室|集团|工厂|商行|经营部))")
_SOME_COMPANY = re.compile(r"(?:[开有办注册成立了过]{1,4})?(?:一?家|一?个|小)?(?:公司|工厂|工作室|集团|合作社|个体户|商行)$|(?:开|注册|成立|办)了?")
_MINE = re.compile(r"^(?:我们?|俺们?|咱们?)?(?:的|家)?(?:企业|公司|单位|厂子?|店)?(?:名字?|全称)?(?:是|叫)?")
_ITEM = re.compile(r"(?:补办|换领|代办|帮办|办理|申请|领取|办|领)(?:一下|一个|一张|个|张)?(?P<item>[^,。?!;]{2,20})")
_NO_ITEM = re.compile(r"(?:预约|代办|帮办|事情?|业务|手续|点事|公司|一下|跑腿)[吧了啊呀]*")
_ITEM_TAIL = re.compile(r"(?:的(?:事情?|业务|手续)|业务|手续|可以|行|吧|了|啊|呀|呢|[,。!?])+$")
_ITEM_LEAD = re.compile(r"^(?:我|俺)?(?:就是|是|要|想|得)*(?:去|来)?(?:补办|办理|代办|帮办|申请|领取|办|领)?(?:一下|一个|一张|个|张)?")
_CASE = re.compile(r"(?:编号|单号|号码?)(?:是|为|:)?\s?(?P<case>[0-9A-Za-z\-]{6,30})")
_REFUSED = re.compile(r"^(?:不|别|甭|没有?|算了)")
_AGREES = re.compile(r"^(?:同意|可以|行|公开|没问题|愿意|能)")
_BY_PROXY = re.compile(r"替|代(?!码)|委托|来不了|去不了|走不动|不方便|不在|你们(?:去|办|跑|来)|上门|帮我办")
_IN_PERSON = re.compile(r"自己|本人|到场|我(?:能)?(?:去|来)|不用(?:替|代|委托)|陪")


def begin(draft: Draft, queue: Queue, text: str, spans: Sequence[Span] = ()) -> Draft:
    """Make a draft that `intake.start` began on `text` one of a special queue."""
    draft = replace(draft, queue=queue, type=type_of(queue))
    if not draft.text:
        draft = draft.more(text[:MAX_TEXT])
    if queue in (Queue.BUSINESS, Queue.POLICE) and not elements.course(_ABOUT_QUEUE.sub("", text), spans):
        draft = replace(draft, course=None)
    return _gathered(draft, text)


def next_question(draft: Draft) -> str | None:
    """Return what to ask now; None only when the caller has said yes to the read-back. Five questions are the most."""
    if draft.again:
        return "contact"
    if draft.confirmed:
        return None
    open_ones = [] if draft.queue is None or "confirm" in draft.asked else QUESTIONS[draft.queue]
    return next((question for question in open_ones if question not in draft.asked and _wanted(draft, question)), "confirm")


def absorb(draft: Draft, question: str, message: str, spans: Sequence[Span] = (), region: str | None = None) -> Draft:
    """Return the draft with the answer to `question` and whatever else the message tells; `region` is the code it names."""
    message = message[:MAX_TEXT]
    if question in _INTAKES:
        kind, before = draft.type, draft
        draft = replace(intake.absorb(draft, question, message, spans, region), type=kind)
        return _gathered(draft, message) if question != "contact" else _with_phone(draft, before)
    draft = _gathered(replace(draft, asked=(*draft.asked, question), again=False), message, question)
    own = elements.own_phone(message, spans) if question != "case" else None
    return replace(draft, phone=own, known_caller=False) if own and draft.phone is None else draft


def _with_phone(draft: Draft, before: Draft) -> Draft:
    """An appointment is not made without a phone: it is asked for once more."""
    first = "contact" not in before.asked
    return replace(draft, again=True) if draft.queue is Queue.APPOINTMENT and draft.phone is None and first else draft


def completed(draft: Draft, place: str) -> Draft:
    """Return a draft that can be filed: what a queue must know and nobody told is said to be so; `place` stands in for an address."""
    matter = dict(draft.matter)
    if draft.queue in (Queue.ERRAND, Queue.APPOINTMENT):
        matter.setdefault("item", UNTOLD)
    if draft.queue is Queue.BUSINESS:
        matter = {"enterprise": UNTOLD, "publish": False, **matter}
    where = draft.where or (place if draft.queue is Queue.ERRAND else None)
    return replace(draft, matter=matter, where=where)


def summary(draft: Draft) -> dict[str, str]:
    """Return what to read back, label by label; what is not known is left out."""
    rows = intake.summary(draft)
    matter = draft.matter
    if draft.queue in (Queue.ERRAND, Queue.APPOINTMENT):
        rows.pop("内容", None)
    if draft.queue is Queue.APPOINTMENT:
        rows = {label: rows[label] for label in ("称呼", "联系方式") if label in rows}
    own = {"企业": matter.get("enterprise"), "事项": matter.get("item"), "警情编号": matter.get("case"),
           "公开典型问题": {True: "同意，隐去名字", False: "不同意"}.get(matter.get("publish", "")),
           "办法": {True: "我们替您办，要写委托书", False: "您到场，我们陪着办"}.get(matter.get("proxy", ""))}
    return {**{label: value for label, value in own.items() if value}, **rows}


def _wanted(draft: Draft, question: str) -> bool:
    if question == "course":
        return draft.course is None
    if question == "where":
        return not exact(draft.where)
    if question == "contact":
        return draft.phone is None and not draft.anonymous
    return _KEPT_IN.get(question, question) not in draft.matter


def _gathered(draft: Draft, text: str, question: str | None = None) -> Draft:
    """Take what a text tells of the matter; the answer to `question` may be shorter than what is understood unasked."""
    if draft.queue is None:
        return draft
    found = {name: value for name in QUESTIONS[draft.queue] if name in _TOLD and (name == question or name not in draft.matter)
             and (value := _TOLD[name](text, name == question)) is not None}
    enterprise = found.get("enterprise")
    if enterprise and draft.who and draft.who in enterprise:
        draft = replace(draft, who=None)  # it is the one that complains
    return replace(draft, matter={**draft.matter, **found}) if found else draft


def _enterprise(text: str, asked: bool) -> str | None:
    if named := _COMPANY.search(text):
        return named["name"] if not _SOME_COMPANY.match(named["name"]) else None
    said = _MINE.sub("", text).strip(",。!? ")
    return said[:100] if asked and said and not UNKNOWN.search(text) and not _REFUSED.match(text) else None


def _item(text: str, asked: bool) -> str | None:
    if asked:
        said = _ITEM_TAIL.sub("", _ITEM_LEAD.sub("", text)).strip(",。!? ")
        return said[:100] if said and not UNKNOWN.search(text) else None
    said_items = [_ITEM_TAIL.sub("", found["item"]) for found in _ITEM.finditer(text)]
    return next((said for said in reversed(said_items) if len(said) > 1 and not _NO_ITEM.fullmatch(said)), None)


def _publish(text: str, asked: bool) -> bool | None:
    if not asked:
        return None
    if _REFUSED.match(text):
        return False
    return True if _AGREES.match(text) or YES.fullmatch(text) else None


def _proxy(text: str, asked: bool) -> bool | None:
    if asked and _IN_PERSON.search(text) and not re.search(r"来不了|去不了", text):
        return False
    return True if (asked and _BY_PROXY.search(text)) or re.search(r"来不了|去不了|走不动|委托", text) else None


def _case(text: str, asked: bool) -> str | None:
    if led := _CASE.search(text):
        return led["case"]
    runs = [run.digits for run in digit_runs(text, pauses=True) if 6 <= len(run.digits) <= 30] if asked else []
    return max(runs, key=len, default=None)


_TOLD: dict[str, Any] = {"enterprise": _enterprise, "item": _item, "publish": _publish, "proxy": _proxy, "case": _case}
