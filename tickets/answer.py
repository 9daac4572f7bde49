"""What an answer to "where", "who" or "when" is worth: words of another kind are no answer to it. Works on normalised text."""

from __future__ import annotations

import re
from typing import Sequence

from tickets import elements
from tickets.place import vague
from tickets.ports import Span

UNKNOWN = re.compile(r"不知道|不(?:太)?清楚|记不清|记不得|不记得|不晓得|忘了|忘记|说不好|说不清|不了解|没注意|不好说|不方便说|不想说"
                     r"|不确定|知不道|没看清|没有?(?:个)?(?:名字?|招牌|字号)")
# The whole message must agree: "要改一下" and "对了,还有一件事" begin like a yes.
YES = re.compile(r"(?:嗯|对的|对|是的|是|行|好的|好|可以|没错|没有?问题|没毛病|正确|确认|中|管|成|就这样|就这些|不用改|提交|要|需要|愿意|ok|OK|"
                 r"谢谢|麻烦|您|你|帮我|吧|了|啊|呀|呢|嘛|都|[,。!~ ])+")
# Words of what happened: neither a place nor a name nor a time is told with them.
MATTER = re.compile(
    r"[不没坏漏欠骗偷吵扰噪臭脏骂赔退违贪堵断爆掉塌裂丢拖咋啥吗呢冒]|太(?!平)|乱(?!石)|停[水电气暖]|收费|态度|垃圾|投诉|举报|反映|表扬|建议|登记|工单|打[人我孩了]|"
    r"怎么|什么|多少|污水|排污|施工|养[鸡鸭鹅猪狗]|涨价|虫|死了"
)
_LEAD = {
    "where": re.compile(r"^(?:就)?(?:在|是在|是|地址是|地址在|地点是|位置是|位置在|住在)"),
    "who": re.compile(r"^(?:就)?(?:是|叫|名字叫|单位是|公司叫|投诉的是|举报的是|表扬的是)"),
    "when": re.compile(r"^(?:就)?(?:是|在|大概是?|大约是?|从|时间是)"),
}
_TAIL = re.compile(r"[,。!?;:\s的了吧啊呀呢]+$")
_TIME_LIKE = re.compile(r"[年月日天周点晚早午夜季春夏秋冬号]|时候|之前|以前|刚|最近|一直|经常|好久|很久|开学|过年|暑假|寒假|国庆|五一|星期|礼拜")
LONGEST_PLACE, LONGEST_NAME, LONGEST_TIME = 100, 12, 30


def answer(question: str, message: str, spans: Sequence[Span]) -> str | None:
    """Return what the message answers to `question` (where, who or when), in its words; None for words of another kind."""
    if UNKNOWN.search(message) or YES.fullmatch(message):
        return None
    said = _TAIL.sub("", _LEAD[question].sub("", message))
    kinds = {span.label for span in spans}
    if question == "where":
        return _where(said, message, spans, kinds)
    return _who(said, message, spans, kinds) if question == "who" else _when(said, message, spans, kinds)


def _where(said: str, message: str, spans: Sequence[Span], kinds: set[str]) -> str | None:
    rest = elements.substance(message, spans)
    plain = not kinds & {"time", "phone", "person", "money"} and not MATTER.search(rest)
    if kinds & {"place", "org"}:
        if plain and len(rest) <= LONGEST_NAME:
            return said[:LONGEST_PLACE]
        return elements.where(message, spans) or next(span.text for span in spans if span.label == "org")
    # "我家楼下" is no place span, and still all the answer there is; a long message is not one.
    return said or None if plain and not MATTER.search(said) and len(said) <= 20 and not _mostly(elements.when(message, spans), said) else None


def _who(said: str, message: str, spans: Sequence[Span], kinds: set[str]) -> str | None:
    known = elements.named(message, spans)
    plain = not kinds & {"time", "phone", "place"} and not MATTER.search(said) and len(said) <= LONGEST_NAME
    if known and not plain:
        return known
    if plain and said and not vague(said) and not _mostly(elements.when(message, spans), said):
        return said
    return elements.who(message, spans)


def _when(said: str, message: str, spans: Sequence[Span], kinds: set[str]) -> str | None:
    times = [span for span in spans if span.label == "time"]
    if times:
        piece = message[times[0].start:times[-1].end]
        return piece if len(piece) <= LONGEST_TIME and not MATTER.search(piece) else times[0].text
    if kinds & {"place", "org", "person", "phone"}:
        return None
    return said if _TIME_LIKE.search(said) and len(said) <= LONGEST_TIME and not MATTER.search(said) else elements.when(message, spans)


def _mostly(part: str | None, whole: str) -> bool:
    return part is not None and 2 * len(part) >= len(whole)
