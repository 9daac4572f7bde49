"""The wish to go on with what was left unfinished, and nothing else: 接着登记, 那继续吧."""

from __future__ import annotations

import re

_GO_ON = re.compile(r"接着|继续|(?:往|接)下")
_TYPE = re.compile(r"工单|投诉|举报|求助|建议|表扬|咨询")
_WORDS = re.compile(
    rf"(?:接着|继续|[往接]下去?|那|就|先|还是|好的?|行|可以|嗯|对|是的?|中|要|想|请|麻烦|咱们?|我们?|俺们?|你们?|您|帮|给|替|再|从|把|跟|"
    rf"刚才|方才|前面|之前|上次|上回|那里|这里|那儿|这儿|那个|这个|那件|这件|那张|这张|一?[个件张]|没|完|好|事|地方|表|的|了|"
    rf"登记|反映|{_TYPE.pattern}|说|讲|填|记|办|报|弄|来|下去|一下|吧|呀|啊|呗|啦|[,。!? ])+")


def goes_on(text: str) -> bool:
    """Return whether a normalised text only asks to go on."""
    return bool(_GO_ON.search(text) and _WORDS.fullmatch(text))


def names_type(text: str) -> bool:
    """Return whether a normalised text names a ticket or a type of it."""
    return bool(_TYPE.search(text))
