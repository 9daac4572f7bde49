"""Changes the field that a caller corrects: "不是历下是历城", "地址说错了,是…", "电话是138…"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Sequence

from tickets import elements
from tickets.draft import Draft
from tickets.errors import InvalidTicket
from tickets.model import TicketType
from tickets.place import district, moved
from tickets.ports import Span
from tickets.validation import MAX_TEXT, phone_digits

_SWAPS = (
    re.compile(r"不是(?:在|叫|我说的)?(?P<old>[^,。!;是]{1,30}?)[,。;]?(?:而是|应该是|其实是|是)(?:在|叫)?(?P<new>[^,。!;]{1,60})"),
    re.compile(r"(?:应该)?是(?:在|叫)?(?P<new>[^,。!;是]{1,60})[,。;]?不是(?:在|叫)?(?P<old>[^,。!;是]{1,30})"),
    re.compile(r"(?:把)?(?P<old>[^,。!;把]{1,30})(?:改成|改为|换成)(?P<new>[^,。!;]{1,60})"),
)
_FIELD_WORDS = {"where": "地址|地点|位置|地方|哪里", "phone": "电话|手机号码|手机号|手机|号码|联系方式", "when": "时间|日期",
                "name": "名字|姓名", "who": "单位|公司名|公司|对象|店名|商家", "cause": "原因"}
_NAMED = {
    field: re.compile(rf"(?:{words})(?:我)?(?:刚才|上面|前面)?(?:说错了?|弄错了?|记错了?|不对|错了|有误|搞错了?)?[,。]?"
                      rf"(?:应该是|改成|改为|换成|是在|是叫|是{'|在' if field == 'where' else ''})(?P<new>[^,。!;]{{1,60}})")
    for field, words in _FIELD_WORDS.items()
}
_HOUSE = re.compile(r"\d+号")
_ONLY_HOUSE = re.compile(r"^(?:不对|错了?|说错了?|不是)[,。]?(?:应该)?是(?P<new>\d+号)(?:楼|院)?$")
_MY_NAME = re.compile(r"^(?:不对|不是|错了)?[,。]?(?:我|俺)叫(?P<new>[\u4e00-\u9fff]{2,4})$")
_WRONG = re.compile(r"(?:说错了?|弄错了?|记错了?|不对|错了|搞错了?|更正|改一下|改成|改为|应该是)")
_LABEL_FIELDS = {"place": "where", "time": "when", "phone": "phone", "org": "who", "person": "who"}
_SPOKEN_FIELDS = {"where": "地点", "when": "时间", "who": "反映对象", "cause": "原因"}
_TEXT_FIELDS = ("where", "when", "who", "name", "cause", "phone", "course")
_TAIL = re.compile(r"(?:才对|的|了|啊|呀|哈|吧|呢|嘛)+$")
# 要不匿名吧 is a wish for it; 不想实名 is one too.
NO_ANONYMITY = re.compile(r"(?:不用|不要|不需要|不必|不想|别|取消|(?<!要)不)匿名|(?<![不想要用意别])实名|可以(?:公开|留名)")
ANONYMITY = re.compile(
    r"匿名|不(?:想|要|用|愿意?)?实名|不(?:想|愿意?|要|用|必|需要|方便)?(?:留|说|透露|公开)(?:姓名|名字?|电话|号码|身份|联系方式)"
    r"|别(?:写|留|记)(?:我的?|俺的?)?(?:名|电话)|不(?:想)?留名"
)
NO_SECRECY = re.compile(r"(?:不用|不要|不需要|不必|取消|不)保密")
SECRECY = re.compile(
    r"保密|(?:别|不要|不能|不想|不愿意?|甭|莫)(?:让|叫|给|跟|和|对|向)[^,。;!?]{1,8}?(?:知道|泄露|透露|告诉|公开|说|讲)"
    r"|(?:别|不要|不能|不想|甭|莫)(?:告诉|泄露|透露|公开|传出去)"
)
_OF_MYSELF = re.compile(
    r"(?:我|俺)(?:想|要|得|能|可以|希望|是)?(?:不)?(?:匿名|实名|保密)|(?:匿名|实名)(?:举报|投诉|反映)"
    r"|(?:给|替|帮|为)(?:我|俺)保密|^匿名|(?:说|知道)(?:了)?是(?:我|俺)|知道(?:我|俺)(?:是谁|的|叫)|不想让人知道"
)


def correct(draft: Draft, message: str, spans: Sequence[Span] = (), region: str | None = None) -> Draft:
    """Return the draft with what `message` (normalised, with its spans) corrects; the same draft if it corrects nothing.

    `region` is the code that the message names, if any. The correction also joins the text, for the first words stay there
    and must not mislead the handler.
    """
    changed = flags(_corrected(draft, message, spans), message)
    if changed.where and changed.where != draft.where:
        swapped = draft.where is not None and district(changed.where) != ""
        changed = replace(changed, where=changed.where if region or swapped else moved(draft.where, changed.where))
        if district(changed.where or "") != district(draft.where or "") or region:
            changed = replace(changed, region=region)
    told = [f"{label}是{getattr(changed, field)}" for field, label in _SPOKEN_FIELDS.items() if getattr(changed, field) != getattr(draft, field)]
    if told:
        return changed.more(f"更正：{'，'.join(told)}")
    # Who the caller is stays out of the text: a department reads it.
    return changed.more(f"更正：{message}") if (changed.course, changed.type) != (draft.course, draft.type) else changed


def own_flags(draft: Draft, message: str) -> Draft:
    """As `flags`, but only where the message plainly speaks of the caller himself and not of what he reports."""
    return flags(draft, message) if _OF_MYSELF.search(message) else draft


def flags(draft: Draft, message: str) -> Draft:
    """Return the draft with what the message says of anonymity and confidentiality."""
    if NO_ANONYMITY.search(message):
        draft = replace(draft, anonymous=False)
    elif ANONYMITY.search(message):
        draft = replace(draft, anonymous=True)
    if NO_SECRECY.search(message):
        draft = replace(draft, confidential=False)
    elif SECRECY.search(message):
        draft = replace(draft, confidential=True)
    return draft


def _corrected(draft: Draft, message: str, spans: Sequence[Span]) -> Draft:
    for field, pattern in (*_NAMED.items(), ("name", _MY_NAME)):
        found = pattern.search(message)
        if found:
            return _set(draft, field, _clean(found["new"]), message, spans)
    house = _ONLY_HOUSE.match(message)
    if house and draft.where and _HOUSE.search(draft.where):
        return replace(draft, where=_HOUSE.sub(house["new"], draft.where, count=1))
    for pattern in _SWAPS:
        found = pattern.search(message)
        if found:
            swapped = _swap(draft, _clean(found["old"]), _clean(found["new"]), message, spans)
            if swapped != draft:
                return swapped
    if _WRONG.search(message):
        for span in spans:
            target = _LABEL_FIELDS.get(span.label)
            if target:
                return _set(draft, target, span.text, message, spans)
    return draft


def _swap(draft: Draft, old: str, new: str, message: str, spans: Sequence[Span]) -> Draft:
    kinds = {kind.value for kind in TicketType}
    if old in kinds and new[:2] in kinds:
        return replace(draft, type=TicketType(new[:2]))
    if not old or not new:
        return draft
    for field in _TEXT_FIELDS:
        value = getattr(draft, field)
        if value and old in value:
            if field == "phone":
                return _set(draft, field, new, message, spans)
            return replace(draft, **_values(field, _exchange(value, old, new)[:MAX_TEXT]))
    start = message.rfind(new)
    for span in spans:
        target = _LABEL_FIELDS.get(span.label)
        if target and span.start >= start:
            return _set(draft, target, new, message, spans)
    return draft


def _exchange(value: str, old: str, new: str) -> str:
    start = value.index(old)
    rest = value[start + len(old):]
    # 不是历下是历城区, said of 历下区解放路: the 区 would stand twice.
    if rest and new.endswith(rest[0]) and not old.endswith(rest[0]):
        rest = rest[1:]
    return value[:start] + new + rest


def _set(draft: Draft, field: str, new: str, message: str, spans: Sequence[Span]) -> Draft:
    if field == "phone":
        try:
            digits = phone_digits(elements.phone(message, spans) or new)
        except InvalidTicket:  # "电话是不是要留", or a digit too few
            return draft
        return replace(draft, phone=digits, known_caller=False)
    return replace(draft, **_values(field, new)) if new else draft


def _values(field: str, value: str) -> dict[str, Any]:
    return {field: value}


def _clean(words: str) -> str:
    return _TAIL.sub("", words.strip())
