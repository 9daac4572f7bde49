"""Which of the six types a request is, by plain rules over the caller's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tickets.model import TicketType

# The caller names the type himself: "我要投诉", "想举报一个". The earliest one counts, for what follows is the matter.
_WANTS = (r"(?:我|俺|咱|我们|俺们)?(?:就是|还是|也)?(?:要|想|得|来|打算|必须|准备|这是|是来|打电话)(?:去|来|要)?(?:实名|匿名)?"
          r"(?:给你们|跟你们|和你们|向你们|帮我)?")
_OBJECT = r"(?:一下|下|个|一个|几个|点|条|一条)?"
_NAMED = re.compile(
    rf"{_WANTS}(?P<early>投诉|举报|揭发|检举|表扬|咨询|求助)|(?P<proposal>{_WANTS}(?:提|反映|说){_OBJECT}(?:建议|意见))"
    r"|(?:^|[,。!;\s])(?P<bare>投诉|举报|表扬|建议|咨询|求助)"
)
_ALIASES = {"揭发": "举报", "检举": "举报"}

# Weighed evidence where the type is not named: each word counts once.
_EVIDENCE: dict[TicketType, tuple[tuple[str, int], ...]] = {
    TicketType.PRAISE: (("表扬", 3), ("点赞", 3), ("锦旗", 4), ("好人好事", 4), ("拾金不昧", 4), ("感谢", 2), ("热心", 1),
                        ("态度特别好", 3), ("服务真好", 3), ("很负责", 2), ("多亏", 2), ("太好了", 1)),
    TicketType.SUGGESTION: (("建议", 3), ("能不能增设", 3), ("能不能增加", 3), ("能不能加", 2), ("希望增加", 3), ("希望能", 1),
                            ("最好能", 2), ("应该增加", 3), ("可以考虑", 2), ("能否增设", 3), ("能否增加", 3)),
    TicketType.REPORT: (("举报", 4), ("违法", 2), ("无证", 2), ("偷着", 2), ("偷偷", 2), ("偷排", 3), ("赌博", 3), ("吸毒", 3),
                        ("卖淫", 3), ("传销", 3), ("假冒", 2), ("黑作坊", 3), ("私自", 1), ("聚众", 2), ("骗保", 3), ("非法", 2)),
    TicketType.COMPLAINT: (("投诉", 4), ("态度", 2), ("不作为", 3), ("推诿", 3), ("踢皮球", 3), ("乱收费", 3), ("多收", 2),
                           ("不退", 2), ("骗", 2), ("坑人", 2), ("太过分", 2), ("要个说法", 3), ("讨个说法", 3), ("扰民", 2),
                           ("吵", 1), ("拖欠", 3), ("骂人", 2), ("欺负", 2), ("不讲理", 2), ("拒载", 3), ("霸王", 2)),
    TicketType.CONSULTATION: (("咨询", 3), ("请问", 2), ("问一下", 2), ("想问", 2), ("打听", 2), ("怎么办理", 3), ("需要什么材料", 3),
                              ("有什么政策", 3), ("什么条件", 2), ("多少钱", 1), ("几点上班", 3), ("在哪办", 3), ("是怎么规定", 3)),
    TicketType.HELP: (("求助", 3), ("帮帮", 2), ("坏了", 2), ("没人修", 2), ("不亮", 2), ("停水", 2), ("停电", 2), ("漏水", 2),
                      ("堵了", 2), ("没人管", 1), ("麻烦", 1), ("帮忙", 2), ("救救", 2), ("帮我解决", 2)),
}
_ENOUGH = 2


@dataclass(frozen=True)
class TypeVerdict:
    """The type, the words that speak for it, and whether the caller named it himself."""

    type: TicketType
    evidence: tuple[str, ...]
    named: bool = False


def request_type(text: str) -> TypeVerdict | None:
    """Return the type of a normalised text, or None when its words do not say."""
    named = _NAMED.search(text)
    if named:
        word = named["early"] or named["bare"] or "建议"
        return TypeVerdict(TicketType(_ALIASES.get(word, word)), (named[0].strip(",。!; "),), named=True)
    scores = {kind: [(word, weight) for word, weight in words if word in text] for kind, words in _EVIDENCE.items()}
    # max keeps the first of equals: the table's order settles a draw.
    best = max(scores, key=lambda kind: sum(weight for _, weight in scores[kind]))
    if sum(weight for _, weight in scores[best]) < _ENOUGH:
        return None
    return TypeVerdict(best, tuple(word for word, _ in scores[best]))
