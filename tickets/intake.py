"""The conversation that fills a ticket: what to ask next, and what an answer tells. Pure; words and spans come in."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal, Sequence, cast

from tickets import elements
from tickets.answer import MATTER, UNKNOWN, YES, answer
from tickets.correction import ANONYMITY, NO_ANONYMITY, NO_SECRECY, SECRECY, correct, flags, own_flags
from tickets.draft import MOST_QUESTIONS, QUESTIONS, Draft
from tickets.model import TicketType
from tickets.place import exact, joined
from tickets.ports import Span
from tickets.request_type import request_type
from tickets.validation import MAX_TEXT
from zh.numerals import digit_runs

__all__ = ["Draft", "Question", "absorb", "correct", "next_question", "start", "summary"]

Question = Literal["course", "where", "who", "when", "contact", "confirm"]

_ABOUT_SOMEONE = frozenset({TicketType.COMPLAINT, TicketType.REPORT, TicketType.PRAISE})
_DATED = frozenset({TicketType.COMPLAINT, TicketType.REPORT})
_ORDER = ("course", "where", "who", "when", "contact")
# Who reports wants to know that he is safe before he tells anything.
_REPORT_ORDER = ("contact", "course", "where", "who", "when")
_DROPPED_FIRST = ("when", "who", "where")  # when five questions are not enough

_NO = re.compile(r"^(?:不对|不是|不行|不可以|不正确|不确认|错|有错|有问题|不(?=[,。!]|$)"
                 r"|(?:我)?(?:要|想|得)?(?:修改|更正|改)(?:一下|一改|改)?(?=[,。!]|$))")
_ASKS = re.compile(r"[?]|(?:吗|呢|不|没|多久|几天|多少|啥|什么|咋办|怎么办)[,。!]*$")
_USE_NUMBER = re.compile(r"用|打|拨|留|换|改|记|电话|手机|号|联系")
_LOCAL_NUMBER = re.compile(r"[2-8]\d{6,7}")
# What a caller says of himself and of his telephone, and what says nothing: no part of the matter.
_ABOUT_CALLER = (SECRECY, ANONYMITY, NO_SECRECY, NO_ANONYMITY)
_NOTHING = re.compile(r"(?:我|俺|就|那|也|还是|但是|改主意|不用|不要|不需要|不必|不想|不愿意?|不留|不给|不行|不对|不|没有?|没啥|没什么|暂时|"
                      r"先|留|打|这个|那个|用|电话|手机|号码?|联系方式|什么|谢谢|再说|一遍|听|了|吧|啊|呀|的|[,。!;?\d \-])")
_CLAUSE = re.compile(r"[,。;!?]")
SHORT = 14  # characters; so short a question tells nothing along with it


def start(type: TicketType, text: str, spans: Sequence[Span] = (), *, phone: str | None = None, region: str | None = None) -> Draft:
    """Begin with what the caller has said; `phone` is the number he calls from, where the channel vouches for it."""
    draft = own_flags(Draft(type, region=region, phone=phone, known_caller=phone is not None), text)
    text = text[:MAX_TEXT]
    own = elements.own_phone(text, spans)
    draft = replace(draft, phone=own or phone, known_caller=not own and draft.known_caller, name=elements.name(text, spans))
    draft = _gaps(draft, text, text, spans)
    rest = elements.without_caller(text, elements.own_phone(text, spans), draft.name, spans)
    if elements.course(rest, spans):
        return draft.tell(rest)
    # A bare wish (我要投诉) is no matter; with a name it is the little there is.
    return draft.more(rest) if draft.who else draft


def next_question(draft: Draft) -> Question | None:
    """Return what to ask now; None only when the caller has said yes to the read-back. Five questions are the most."""
    if draft.again:
        return "contact"
    if draft.confirmed:
        return None
    left = MOST_QUESTIONS - 1 - len(set(draft.asked) - {"confirm"})  # the read-back is always among the five
    order = _REPORT_ORDER if draft.type is TicketType.REPORT else _ORDER
    wanted = [] if "confirm" in draft.asked else [question for question in order if question not in draft.asked and _wanted(draft, question)]
    for spare in _DROPPED_FIRST:
        if len(wanted) > left and spare in wanted:
            wanted.remove(spare)
    return cast(Question, wanted[0]) if wanted and left > 0 else "confirm"


def absorb(draft: Draft, question: str, message: str, spans: Sequence[Span] = (), region: str | None = None) -> Draft:
    """Return the draft with the answer to `question` and whatever else the message tells; `region` is the code it names.

    Raises ValueError for a question that `next_question` never asks.
    """
    if question not in QUESTIONS:
        raise ValueError(f"unknown question: {question}")
    first = question not in draft.asked
    before = replace(draft, asked=(*draft.asked, question), again=False)
    message = message[:MAX_TEXT]
    if question == "confirm":
        return _confirm(before, message, spans, region)
    draft = flags(before, message) if question == "contact" else own_flags(before, message)
    draft = _retyped(_beside(draft, question, message, spans), message, spans)
    if question == "contact":
        draft = _secret_or_again(before, draft, message, first)
    return replace(draft, region=_finer(draft.region, region))


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
    if question == "course":
        return draft.course is None
    if question == "where":
        return draft.type is not TicketType.PRAISE and not exact(draft.where)
    if question == "who":
        return draft.type in _ABOUT_SOMEONE and draft.who is None
    if question == "when":
        return draft.type in _DATED and draft.when is None
    if draft.anonymous:
        return False
    if draft.type is TicketType.REPORT:
        return draft.anonymous is None and (draft.confidential is None or draft.phone is None)
    return draft.phone is None


def _beside(draft: Draft, question: str, message: str, spans: Sequence[Span]) -> Draft:
    """Take all that a message tells, the answer to `question` first."""
    # What happened may hold another's number; the answer to any other question hardly does.
    number = elements.own_phone(message, spans) if question == "course" else elements.answered_phone(message, spans)
    local = _LOCAL_NUMBER.fullmatch(message) if question == "contact" else None
    number = number or (local[0] if local else None)
    if number and (draft.phone is None or question == "contact" or _USE_NUMBER.search(message)):
        draft = replace(draft, phone=number, known_caller=False)
    draft = replace(draft, name=draft.name or elements.name(message, spans))
    words = _of_the_matter(elements.without_caller(message, draft.phone, draft.name, spans))
    told = answer(question, message, spans) if question in ("where", "who", "when") else None
    if told and question == "where":
        draft = replace(draft, where=joined(draft.where, told))
    elif told:
        draft = replace(draft, who=told) if question == "who" else replace(draft, when=told)
    draft = _gaps(draft, message, words, spans)
    left = UNKNOWN.sub("", elements.substance(words.replace(told, "") if told else words, spans))
    if question == "course" and left and elements.course(words, spans):
        return draft.tell(words)
    tells = len(left) >= 2 and (MATTER.search(left) or len(left) >= 4)
    return draft.tell(words) if tells or _new(draft, words, spans) else draft


def _of_the_matter(words: str) -> str:
    clauses = (clause for clause in _CLAUSE.split(words) if _NOTHING.sub("", clause))
    return ",".join(clause for clause in clauses if clause and not any(pattern.search(clause) for pattern in _ABOUT_CALLER))


def _new(draft: Draft, words: str, spans: Sequence[Span]) -> bool:
    """Return whether the words name a place, time, firm, person or sum that no field and no word before holds."""
    known = "\n".join(filter(None, (draft.text, draft.where, draft.when, draft.who)))
    return any(span.text in words and span.text not in known for span in spans if span.label not in ("phone", "id_number"))


def _gaps(draft: Draft, message: str, words: str, spans: Sequence[Span]) -> Draft:
    """Fill what is not known yet from the words; a better place or a name replaces a vaguer one."""
    found = elements.elements(message, spans)
    place, who = (value if value and value in words else None for value in (found.where, found.who))
    when, cause = (value if value and value in words else None for value in (found.when, found.cause))
    if place and not exact(draft.where):
        draft = replace(draft, where=joined(draft.where, place))
    if who and who not in (draft.where or "") and (draft.who is None or (elements.kind_only(draft.who) and elements.named(message, spans) == who)):
        draft = replace(draft, who=who)
    return replace(draft, when=draft.when or when, cause=draft.cause or cause)


def _retyped(draft: Draft, message: str, spans: Sequence[Span]) -> Draft:
    """继续投诉 and 我想投诉, said while the form is open, name the type and nothing else."""
    verdict = None if elements.course(message, spans) else request_type(message)
    return replace(draft, type=verdict.type) if verdict and verdict.named else draft


def _secret_or_again(before: Draft, draft: Draft, message: str, first: bool) -> Draft:
    undecided = (draft.anonymous, draft.confidential) == (before.anonymous, before.confidential)
    if draft.type is TicketType.REPORT and undecided and draft.phone == before.phone and YES.fullmatch(message):
        # A bare yes may mean either offer: confidentiality protects him and keeps the way to answer him.
        draft = replace(draft, confidential=True)
    broken = any(len(run.digits) >= 7 for run in digit_runs(message))
    return replace(draft, again=first and draft.phone is None and not draft.anonymous and (broken or bool(draft.confidential)))


def _confirm(draft: Draft, message: str, spans: Sequence[Span], region: str | None) -> Draft:
    if YES.fullmatch(message):
        # Without a matter there is nothing to say yes to.
        return replace(draft, confirmed=True if draft.text or draft.course else None)
    changed = correct(replace(draft, confirmed=None), message, spans, region)
    if (changed.text, changed.course) != (draft.text, draft.course):
        return changed
    if len(message) <= SHORT and _ASKS.search(message):
        return changed
    rest = _NO.sub("", message)
    told = _retyped(_beside(changed, "confirm", message, spans), message, spans) if rest else changed
    if told.where != draft.where:
        told = replace(told, region=_finer(told.region, region))
    return replace(told, confirmed=False) if told == changed == replace(draft, confirmed=None) and _NO.match(message) else told


def _finer(known: str | None, said: str | None) -> str | None:
    """A city said after its own district takes nothing back (GB/T 2260: four digits of city, 00 for all of it)."""
    return known if said is None or (known and said.endswith("00") and known.startswith(said[:4])) else said
