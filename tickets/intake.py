"""The conversation that fills a ticket: what to ask next, and what an answer tells. Pure; words and spans come in."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal, Sequence, cast

from tickets import elements
from tickets.correction import correct, flags, own_flags
from tickets.draft import MOST_QUESTIONS, QUESTIONS, Draft
from tickets.model import TicketType
from tickets.ports import Span
from tickets.validation import MAX_TEXT

__all__ = ["Draft", "Question", "absorb", "correct", "next_question", "start", "summary"]

Question = Literal["course", "where", "who", "when", "contact", "confirm"]

_PLACELESS = frozenset({TicketType.PRAISE, TicketType.SUGGESTION})
_ABOUT_SOMEONE = frozenset({TicketType.COMPLAINT, TicketType.REPORT, TicketType.PRAISE})
_DATED = frozenset({TicketType.COMPLAINT, TicketType.REPORT})
_ORDER: tuple[str, ...] = QUESTIONS
# Who reports wants to know that he is safe before he tells anything.
_REPORT_ORDER = ("contact", "course", "where", "who", "when", "confirm")
_DROPPED_FIRST = ("when", "who", "where")  # when five questions are not enough

# A department cannot find a broken lamp by "历下区".
_COARSE = re.compile(r"[^路街巷村号楼园]{0,6}(?:省|(?<![超门夜早菜集])市|(?<![小社园校厂景病])区|县|镇|乡)")
_REGION_FIRST = re.compile(r"[^路街巷村号楼园]{1,6}?(?:(?<![超门夜早菜集])市|(?<![小社园校厂景病])区|县)")
# "小区门口" names no place either: every estate has a gate.
_VAGUE = re.compile(
    r"(?:我们|我|俺们|俺|咱|你们|他们|这个|那个|这|那|一个|家里|家|小区|村里|村头|村口|村|庄|楼下|楼上|楼顶|楼道|楼里|楼|门口|大门|路口|路边|路上|马路|街上|单位|"
    r"学校|医院|超市|工地|饭店|河边|公园|广场|对面|对门|隔壁|附近|旁边|外面|里面|里|上|下|前|后|东|西|南|北|头|边|的)+"
)
_UNKNOWN = re.compile(r"不知道|不(?:太)?清楚|记不清|记不得|不记得|不晓得|忘了|忘记|说不好|说不清|不了解|没注意|不好说|不方便说|不想说|不确定|知不道")
# The whole message must agree: "要改一下" and "对了,还有一件事" begin like a yes.
_YES = re.compile(r"(?:嗯|对的|对|是的|是|行|好的|好|可以|没错|没有?问题|没毛病|正确|确认|中|管|成|就这样|就这些|不用改|提交|要|需要|愿意|ok|OK|"
                  r"谢谢|麻烦|您|你|帮我|吧|了|啊|呀|呢|嘛|都|[,。!~ ])+")
_NO = re.compile(r"^(?:不对|不是|不行|不可以|不正确|不确认|不提交|先不|先别|错|有错|有问题|不[,。!]?$"
                 r"|(?:我)?(?:要|想|得)?(?:修改|更正|改)(?:一下|一改|改)?[,。!]?$)")
_LEAD = {
    "where": re.compile(r"^(?:就)?(?:在|是在|是|地址是|地址在|地点是|位置是|位置在|住在)"),
    "who": re.compile(r"^(?:就)?(?:是|叫|名字叫|单位是|公司叫|投诉的是|举报的是|表扬的是)"),
    "when": re.compile(r"^(?:就)?(?:是|在|大概是?|大约是?|从|时间是)"),
}
_TAIL = re.compile(r"[,。!?;:\s的了吧啊呀呢]+$")


def start(type: TicketType, text: str, spans: Sequence[Span] = (), *, phone: str | None = None, region: str | None = None) -> Draft:
    """Begin with what the caller has said; `phone` is the number he calls from, where the channel vouches for it."""
    draft = Draft(type, region=region, phone=phone, known_caller=phone is not None)
    return _fill(own_flags(draft, text), text[:MAX_TEXT], spans)


def next_question(draft: Draft) -> Question | None:
    """Return what to ask now, or None when all is said, refused, or five questions are spent."""
    left = MOST_QUESTIONS - len(draft.asked)
    wanted = [question for question in (_REPORT_ORDER if draft.type is TicketType.REPORT else _ORDER) if _wanted(draft, question)]
    for spare in _DROPPED_FIRST:
        if len(wanted) > left and spare in wanted:
            wanted.remove(spare)
    return cast(Question, wanted[0]) if wanted and left > 0 else None


def absorb(draft: Draft, question: str, message: str, spans: Sequence[Span] = ()) -> Draft:
    """Return the draft with the answer to `question` and whatever else the message tells.

    Raises ValueError for a question that `next_question` never asks.
    """
    if question not in QUESTIONS:
        raise ValueError(f"unknown question: {question}")
    draft = replace(draft, asked=(*draft.asked, question))
    message = message[:MAX_TEXT]
    if question == "confirm":
        return _confirm(draft, message, spans)
    if question == "contact":
        return _contact(draft, message, spans)
    unknown = bool(_UNKNOWN.search(message))
    if question == "course":
        filled = _fill(own_flags(draft, message), message, spans)
        return filled if filled.course or unknown else replace(filled, course=message or None)
    draft = _fill_gaps(own_flags(draft, message), message, spans, keep_course=True)
    if unknown:
        return draft
    answer = _answer(question, message, spans)
    told: dict[str, Any] = {question: _joined(draft, question, answer)} if answer else {}
    return replace(draft, **told)


def summary(draft: Draft) -> dict[str, str]:
    """Return what to read back, label by label; what is not known is left out."""
    rows = {
        "诉求类型": draft.type.value, "内容": draft.course or draft.text, "地点": draft.where, "时间": draft.when,
        "反映对象": draft.who, "原因": draft.cause, "称呼": None if draft.anonymous else draft.name,
        "联系方式": "匿名，不留姓名和电话" if draft.anonymous else draft.phone,
        "保密": "对承办单位保密" if not draft.anonymous and draft.to_new("").confidential else None,
    }
    return {label: value for label, value in rows.items() if value}


def _wanted(draft: Draft, question: str) -> bool:
    if question == "confirm":
        return draft.confirmed is None
    if question in draft.asked:
        return False
    if question == "course":
        return draft.course is None
    if question == "where":
        return draft.type not in _PLACELESS and not _exact(draft.where)
    if question == "who":
        return draft.type in _ABOUT_SOMEONE and draft.who is None
    if question == "when":
        return draft.type in _DATED and draft.when is None
    if draft.anonymous:
        return False
    if draft.type is TicketType.REPORT:
        return draft.anonymous is None and draft.confidential is None
    return draft.phone is None


def _fill(draft: Draft, text: str, spans: Sequence[Span]) -> Draft:
    return _fill_gaps(draft, text, spans, keep_course=False).more(text)


def _fill_gaps(draft: Draft, text: str, spans: Sequence[Span], *, keep_course: bool) -> Draft:
    found = elements.elements(text, spans)
    return replace(
        draft, where=draft.where or found.where, when=draft.when or found.when, who=draft.who or found.who,
        cause=draft.cause or found.cause, course=draft.course if keep_course else draft.course or found.course,
        name=draft.name or elements.name(text, spans), phone=draft.phone or elements.own_phone(text, spans),
    )


def _answer(question: str, message: str, spans: Sequence[Span]) -> str | None:
    if question == "where":
        found = elements.where(message, spans)
        # "我家楼下" is no place span, and still all the answer there is; a long message is not one.
        return found if found and len(message) > 30 else _TAIL.sub("", _LEAD["where"].sub("", message))[:100] or found
    spoken = _TAIL.sub("", _LEAD[question].sub("", message))
    if len(spoken) <= 30:
        return spoken or None
    return elements.who(message, spans) if question == "who" else elements.when(message, spans)


def _joined(draft: Draft, question: str, answer: str) -> str:
    before = draft.where
    if question != "where" or not before or _exact(before) or before in answer:
        return answer
    if _COARSE.fullmatch(before):
        return answer if _REGION_FIRST.match(answer) else before + answer
    # 阳光花园小区 + 小区门口: what both share stands once.
    shared = max(size for size in range(len(before) + 1) if answer.endswith(before[:size]))
    return answer + before[shared:]


def _exact(place: str | None) -> bool:
    return place is not None and not _COARSE.fullmatch(place) and not _VAGUE.fullmatch(place)


def _contact(draft: Draft, message: str, spans: Sequence[Span]) -> Draft:
    told = flags(draft, message)
    number = elements.phone(message, spans)
    if number:
        told = replace(told, phone=number, known_caller=False)
    told = replace(told, name=told.name or elements.name(message, spans))
    decided = (told.anonymous, told.confidential) != (draft.anonymous, draft.confidential)
    if draft.type is TicketType.REPORT and not decided and not number and _YES.fullmatch(message):
        # A bare yes may mean either offer: confidentiality protects him and keeps the way to answer him.
        return replace(told, confidential=True)
    return told


def _confirm(draft: Draft, message: str, spans: Sequence[Span]) -> Draft:
    corrected = correct(draft, message, spans)
    if corrected != draft:
        # Once more if there is a question left; otherwise the correction itself is the consent to the rest.
        return replace(corrected, confirmed=None if len(draft.asked) < MOST_QUESTIONS else True)
    if _NO.match(message):
        return replace(draft, confirmed=False)
    if _YES.fullmatch(message):
        return replace(draft, confirmed=True)
    return _fill_gaps(draft, message, spans, keep_course=True).more(message) if elements.course(message, spans) else draft
