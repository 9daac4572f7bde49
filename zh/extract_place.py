"""Places and organisations: they end in a telling word (路, 小区, 饭店) and begin where a function word ends.

Chinese writes no spaces, so each telling word is found first and its name is read leftwards, character by character, until a
word that cannot be part of a name. Time is linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from zh.extract_rules import Span


class _Kind(NamedTuple):
    """A family of telling words: how long the name before them is, and whether they count without one."""

    label: str
    words: str
    shortest: int
    longest: int
    bare: str  # "yes", "with a tail" or "no"


_KINDS = {
    "road": _Kind(
        "place",
        r"大街|大道(?!理)|街(?![道坊上头边办])|路(?![灯面段况费政人子过程线由径障基标牌边旁])|巷(?!子)|胡同(?!口)|高速公路|高速|国道|省道|快速路|立交桥|高架桥?|大桥|桥(?=附近|[上下头底]|路口|[东西南北][边头])|隧道",
        2, 4, "no",
    ),
    "estate": _Kind(
        "place",
        r"小区|花园|家园|家苑|苑|公寓|新村|社区(?![矫服医工干])|大厦|广场(?!舞)|商城|市场(?![监价主准经局])|公园|火车站|高铁站|地铁站|汽车站|公交站|"
        r"车站|工业园|产业园|开发区|高新区|政务服务中心|政务服务大厅|政务大厅|办事大厅|服务大厅|收费站|水库|体育场|景区|古城|(?:服装|建材|家居|家具|五金|美食)城|大集|山庄|[东西南北]站(?![在着起])|名城|新城|山水城|国际城|星城|华府|学府|豪庭|名邸|公馆|嘉园|佳园|雅居|御园|别墅|工地|街道(?!办)",
        2, 6, "with a tail",
    ),
    "village": _Kind("place", r"村(?![民委支书长干庄镇主])|庄(?![稼园重])|屯(?!积)|镇(?![痛静压定村政])|乡(?![镇村下亲政音])", 1, 4, "with a tail"),
    "shop": _Kind(
        "org",
        r"大酒店|酒店|宾馆|饭店|旅馆|旅店|餐馆|餐厅|烧烤店|火锅店|超市|商店|便利店|药店|大药房|药房|诊所|托管班|辅导班|培训班|培训学校|培训机构|驾校|健身房|"
        r"美容院|理发店|网吧|KTV|洗浴中心|养老院|敬老院|银行(?![卡流账存])|加油站|工厂|厂(?![家房长子区])|有限责任公司|有限公司|公司|集团|项目部|工程队",
        1, 12, "with a tail",
    ),
    "body": _Kind(
        "org",
        r"物业管理公司|物业服务中心|物业公司|物业(?![费管服纠合])|供热公司|供暖公司|热力公司|自来水公司|燃气公司|供电公司|公交公司|幼儿园|医院|卫生院|卫生室|"
        r"学校|小学(?!生)|初中(?!生)|高中(?!生)|中学(?!生)|派出所|村委会|村委|居委会|居委|街道办事处|街道办|业委会|业主委员会|交警队|交警大队|法院|检察院|"
        r"城管|供电所|司法所|社保所|仲裁委",
        1, 8, "yes",
    ),
    "office": _Kind("org", r"人民政府|政府|局(?![面限部长里势])|分局|大学(?!生)|学院|管委会", 2, 8, "no"),
}  # fmt: skip
_HEAD = re.compile("|".join(f"(?P<{name}>{kind.words})" for name, kind in _KINDS.items()))

# Words a name cannot hold: the name begins after the last of them.
_STOP_CHARS = frozenset("的了在到从是我你您他她它们俺咱叫被把给让去吗呢吧啊呀嘛着得过说这那哪很没不就又也还住离靠姓请您个每该全")
_STOP_WORDS = tuple(
    "家住 住址 地址 位于 就在 来自 经过 路过 旁边 附近 对面 门口 前面 后面 里面 外面 楼下 楼上 举报 投诉 反映 咨询 询问 问问 关于 因为 由于 希望 "
    "建议 感谢 发现 看见 看到 听说 购买 买的 租的 回家 出门 进村 进了 有人 有家 有条 有辆 一家 几家 两家 有个 一个 一条 两个 几个 几条 各个 "
    "向 跟 与 及 或 比如 例如 叫做 什么 怎么 哪个 现在 今天 昨天 以前 以后 之前 之后 我家 我们 他们 附近的 靠近 紧邻 挨着 隔壁 找 问 打 告 买 租 卖 "
    "通过 参加 进入 走 开车 骑车 逛 修 堵 被 等 一下 联系 催 要求 解决 整治 治理 管理 归 属于 户口 老家 孩子 小孩 老人 上班 上学 工作 干活 打工 施工 "
    "入职 报名 就读 毕业".split()
)
# ... unless a name itself is made with them.
_NAMES_WITH_STOP = re.compile(r"(?:百姓|向阳|走马|打渔|修文|不夜|个体|全福|全民|全通|等驾|归德|过驾|管理[学局]|管理委)")
_AND = re.compile(r"和(?![平谐信美睦润园兴泰顺悦苑府盛])|跟|与|、")
_NAME_CHAR = re.compile(r"[\u4e00-\u9fffA-Za-z]")
_NO_NAMES = {
    "road": re.compile(
        r"(?:[公铁网道]|(?:^|[大小走过条油])马|水泥|柏油|断头|乡村|农村|生产|门口|门前|村里|小区|进村|出村|十字|三岔|丁字|交叉|过街|[上下]坡|"
        r"人行|地下|跨[海河])$"
    ),
    "village": re.compile(r"^(?:农|乡|本|外|同|邻|自然|行政|老|新|城中|回|进|出|驻|下|返|家|城|集|各|村|饭|钱|古|全|我|有|整|一)$|[城家]$"),
    "shop": re.compile(r"^(?:有|一|家|开|某|大|小|新|老|分|总|子|母|这家|那家|几|两|厂|进|出|各|因|本|原|外|和|同|跟)$"),
    "body": re.compile(r"^(?:有|老|新|小|大|各|本|一|原|和|同|跟|中|上|公|私立?|民办|公办|找)$"),
    "office": re.compile(r"(?:结|格|布|当|饭|邮|上|各级|相关|有关)$"),
}
_N = r"(?:[0-9]{1,4}[A-Za-z]?|[A-Za-z]|[一二三四五六七八九十百]{1,4})"
_STRONG_UNIT = rf"{_N}(?:号楼|栋楼?|幢|单元)"
_UNIT = rf"(?:{_STRONG_UNIT}|{_N}(?:号院?|楼(?![房盘市宇梯板])|层|室|排|区|弄|期|座)|[东西中]户(?!口)|负[一二]楼|{_N}-{_N}(?:-{_N})?)"
_SPOT = (
    r"(?:的?(?:大门口|[东西南北]门口?|门口|门前|楼下(?!水)|楼上|楼顶|楼道里?|楼前|楼后|路口|路边|路旁|路中间|附近|旁边|斜?对面|后面|前面|里面|里边|外面|[东西南北]头|"
    r"[东西南北][边侧]|[东西南北][东西南北]角|村头|村口|(?:十字|丁字|交叉)路口|交叉口|交汇处|交界处?|院内|院里|院子里?|周边|周围|一带|桥[下上底]|地下车库|车库|"
    r"地下室|停车场|电梯[口里间]|隔壁|胡同口|路段)|(?<=桥)[下上]面?|里(?![程面边头])|内(?![部容])|段(?!时))"
)
_TAIL = re.compile(rf"(?:{_UNIT}|{_SPOT})+")
_ALONE = re.compile(
    rf"(?:{_STRONG_UNIT}|[0-9]{{1,2}}楼(?![房盘市宇梯板])|家门口|单元门口|楼下(?!水)|楼上|楼道|楼顶|村[东西南北]头|村[口头]|十字路口|丁字路口|三岔路口|马路[边上]|路边|路口|胡同口|"
    rf"地下车库|地下室|停车场|院子里|河边|桥下)(?:{_UNIT}|{_SPOT})*"
)
_OF_STREET = re.compile(r"[东西南北中一二三四五六七八九十]?(?:路(?![口灯面段况费政边])|街(?![上头道])|大街|大道|巷)")
_OURS = re.compile(r"(?:俺们?|咱们?|我们|我)$")
_JUNCTION = re.compile(r"(?:路口|交叉口|交汇处|交界处?)$")


class _Head(NamedTuple):
    kind: str
    start: int
    end: int
    named: bool
    tail: bool


def find_places(text: str, known: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Return places and organisations in `text`: `known` ones (names given beforehand) and those their last word tells.

    Names do not reach into `taken` spans (times, persons, numbers). Touching parts make one place; two roads and a word
    for their crossing make one; an organisation with a spot after it (饭店门口) is a place.
    """
    known = list(known)
    walls = sorted([*(span.end for span in known), *(span.end for span in taken)])
    inside = {place for span in known for place in range(span.start, span.end)}
    heads = [_Head(f"known {s.label}", s.start, (t.end() if (t := _TAIL.match(text, s.end)) else s.end), True, t is not None) for s in known]
    floor = 0
    for match in _HEAD.finditer(text):
        if match.start() in inside or match.end() - 1 in inside:
            continue
        position = bisect_right(walls, match.start())
        head = _head(text, match, max(floor, walls[position - 1] if position else 0))
        if head:
            heads.append(head)
            floor = head.end
    covered = {place for head in heads for place in range(head.start, head.end)}
    for match in _ALONE.finditer(text):
        if match.start() not in covered:
            heads.append(_Head("spot", match.start(), match.end(), False, True))
    return [_span(text, head) for head in _join(text, sorted(heads, key=lambda h: (h.start, -h.end)))]


def _head(text: str, match: re.Match[str], floor: int) -> _Head | None:
    name = str(match.lastgroup)
    kind = _KINDS[name]
    if name != "road" and _OF_STREET.match(text, match.end()):
        return None  # 花园路, 公园东街
    start = _name_start(text, match.start(), max(floor, match.start() - kind.longest))
    said = text[start : match.start()]
    refused = _NO_NAMES.get(name)
    named = len(said) >= kind.shortest and not (refused and refused.search(said))
    tail = _TAIL.match(text, match.end())
    end = tail.end() if tail else match.end()
    if named:
        return _Head(name, start, end, True, tail is not None)
    touching = match.start() == floor and floor > 0 and not match[0].endswith(("路", "街", "道", "巷"))
    if touching or kind.bare == "yes" or (kind.bare == "with a tail" and tail) or match[0] in ("小区", "高新区", "开发区"):
        ours = _OURS.search(text[max(floor, match.start() - 2) : match.start()])
        return _Head(name, match.start() - (len(ours[0]) if ours and tail else 0), end, False, tail is not None)
    return None


def _name_start(text: str, end: int, floor: int) -> int:
    start = end
    while start > floor and _NAME_CHAR.match(text[start - 1]):
        if not _NAMES_WITH_STOP.search(text[max(floor, start - 2) : start + 2]):
            if text[start - 1] in _STOP_CHARS or text.endswith(_STOP_WORDS, max(floor, start - 3), start):
                break
            if _AND.match(text, start - 1):
                break
        start -= 1
    return start


def _join(text: str, heads: list[_Head]) -> list[_Head]:
    joined: list[_Head] = []
    for head in heads:
        if joined:
            last = joined[-1]
            gap = text[last.end : head.start]
            crossing = last.kind == head.kind == "road" and gap in ("和", "与", "跟", "、") and _JUNCTION.search(text[: head.end][-3:])
            if crossing or (head.start == last.end and _touch(last, head)):
                kind = head.kind if head.kind != "spot" else last.kind
                joined[-1] = _Head(kind, last.start, head.end, True, head.tail)
                continue
            if head.start < last.end:
                continue
        joined.append(head)
    return joined


def _touch(last: _Head, head: _Head) -> bool:
    """Whether two touching parts are one thing: an organisation with a name of its own is not part of the street before."""
    if _label(head) == "org" and not head.tail:
        region = last.kind == "known place" and not last.tail
        return region or (not head.named and not last.tail)
    return _label(last) == "place" or last.tail or not head.named


def _label(head: _Head) -> str:
    return head.kind.removeprefix("known ") if head.kind.startswith("known ") else _KINDS[head.kind].label if head.kind in _KINDS else "place"


def _span(text: str, head: _Head) -> Span:
    label = "place" if head.tail or _label(head) == "place" else "org"
    return Span("place" if label == "place" else "org", text[head.start : head.end], head.start, head.end)
