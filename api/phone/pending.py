"""What the caller was asked that a yes or a no settles without Rasa."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Literal, Sequence

from zh.normalise import normalise

Kind = Literal["more", "confirm", "resume", "message", "person"]
_SHORT = 12  # characters; who says more says something of his own
_MORE = r"(?:继续|接着|听|说|讲|发|转|的|了|吧|啊|呀|嘛|哦|哈|呢|您|你|谢谢|[,.。!?])*"
_YES = re.compile(rf"(?:[嗯呃啊哎那,])*(?:是|对|好|要|行|中|管|成|可以|没错|想|听|继续|接着|发|转|愿意|需要|当然|嗯){_MORE}"
                  rf"(?:(?:是|对|好|要|行|可以|没错|需要){_MORE})?")
_NO = re.compile(rf"(?:[嗯呃啊哎,])*(?:不用|不要|不是|不对|不行|不想|不需要|不接着|没有|算了|错了|不|别){_MORE}"
                 rf"(?:(?:不用|不要|不是|不对|算了|不){_MORE})?")


@dataclass(frozen=True)
class Pending:
    """A question that is open: whether to go on (`pages`), was it said so (`text`), the call before (`call`), a text message (`addresses`).

    With `more`, `options`, `action` and `addresses` belong to the last page; with `confirm` and `person`, `options` are the choices before.
    """

    kind: Kind
    pages: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    action: str = "continue"
    text: str = ""
    call: str = ""


def dump(values: Sequence[str]) -> str:
    """Return a list of texts as a field of a conversation."""
    return json.dumps(list(values), ensure_ascii=False)


def write(pending: Pending | None) -> str:
    """Return the field of a conversation that keeps it; empty for nothing."""
    return json.dumps(asdict(pending), ensure_ascii=False) if pending else ""


def read(kept: str) -> Pending | None:
    """Return what `write` kept."""
    if not kept:
        return None
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(kept).items()}
    return Pending(**fields)


def settled(text: str, keys: str) -> bool | None:
    """Return True for a yes (1, #), False for a no (2), None for anything else."""
    if keys:
        return {"1": True, "#": True, "1#": True, "2": False, "2#": False}.get(keys)
    words = normalise(text)
    if len(words) > _SHORT:
        return None
    if _NO.fullmatch(words):
        return False
    return True if _YES.fullmatch(words) else None
