"""Fields of an item as short spoken pieces; the sentences around them stand in bot/domain/answers.yml."""

from __future__ import annotations

from types import MappingProxyType
from typing import Mapping, Sequence

from knowledge.model import Facet, Fee, Item, Limit, Material, Policy

_ORDER_WORDS = ("先", "再", "然后", "接着", "最后", "如果", "要是")
FACET_NAMES: dict[Facet, str] = {
    "materials": "要带的材料", "process": "办理流程", "time_limit": "办理时限", "fee": "收费", "location": "办理地点",
    "hours": "办公时间", "phone": "咨询电话", "conditions": "办理条件", "online": "网上办理", "visits": "跑几趟",
    "basis": "办理依据", "result": "办理结果",
}


def clause(text: str) -> str:
    """Return the text without a full stop at its end, to be built into a sentence."""
    return text.rstrip("。")


def sentence(text: str | None) -> str:
    """Return the text closed by one mark, '' for none: an author may or may not have written the full stop."""
    if not text:
        return ""
    return text if text[-1] in "。？！" else f"{text}。"


def limit(value: Limit) -> str:
    """Return a limit as spoken: 当场办结, 20个工作日, 60天."""
    if value.value == 0:
        return "当场办结"
    unit = {"工作日": "个工作日", "自然日": "天", "小时": "小时", "分钟": "分钟", "个月": "个月"}[value.unit]
    return f"{value.value}{unit}"


def limit_with_note(value: Limit) -> str:
    """Return a limit with the condition under which it holds: a bare number would be half the truth."""
    return limit(value) + (f"，{clause(value.note)}" if value.note else "")


def material(value: Material) -> str:
    """Return one material with its form, copies and when it is needed."""
    copies = f"{value.copies}份" if value.copies and value.copies > 1 else ""
    form = "".join(filter(None, (value.form, copies)))
    return value.name + (f"（{form}）" if form else "")


def material_line(value: Material) -> str:
    """Return one material as a line of the card: what, whether always, from where, and the note."""
    rest = [] if value.required else ["部分情况需要"]
    rest += [f"由{value.source}出具"] if value.source and value.source not in ("自备", "申请人自备") else []
    rest += [value.note] if value.note else []
    return material(value) + (f"：{'；'.join(rest)}" if rest else "")


def fee(value: Fee) -> str:
    """Return a fee as a line of the card."""
    text = (value.amount or "收费，标准以窗口公示为准") if value.charged else "不收费"
    return "；".join(filter(None, (text, value.note)))


def online(item: Item) -> str | None:
    """Return the online way as a line of the card."""
    if item.online is None:
        return None
    head = f"可以，{item.online.channel}" if item.online.available and item.online.channel else "可以" if item.online.available else "不可以"
    return "；".join(filter(None, (head, item.online.note)))


def visits(count: int) -> str:
    """Return the number of visits as spoken."""
    return "不用跑现场" if count == 0 else f"跑{count}趟"


def steps(process: Sequence[str]) -> str:
    """Return the steps as one spoken sentence: 先…，再…，然后…，最后…; a step that has its own such word keeps it."""
    if len(process) == 1:
        return clause(process[0])
    words = ["先", "再", *["然后", "接着"] * len(process)][:len(process) - 1] + ["最后" if len(process) > 2 else "再"]
    return "，".join(clause(step) if step.startswith(_ORDER_WORDS) else word + clause(step) for word, step in zip(words, process))


def site(item: Item, sites: Mapping[str, str]) -> str | None:
    """Return the address of the first site that the online channel names."""
    channel = item.online.channel if item.online and item.online.available else None
    return next((url for name, url in sites.items() if name in channel), None) if channel else None


def card(item: Item, phone: str, places: str = "", sites: Mapping[str, str] = MappingProxyType({})) -> dict[str, object]:
    """Return the service card: every known field under its key and title, unknown ones left out; `places` are those where alone it holds.

    The row `online` has a `url` where one of `sites` (name → address) is the channel.
    """
    limits = [title + limit(value) + (f"（{clause(value.note)}）" if value.note else "")
              for title, value in (("法定", item.legal_limit), ("承诺", item.promised_limit)) if value]
    limits += [f"没有统一规定的天数，{clause(item.no_limit)}"] if item.no_limit else []
    rows: list[tuple[str, str, list[str]]] = [
        ("only_here", "只在这里有", [places] if places else []),
        ("conditions", "办理条件", [item.conditions] if item.conditions else []),
        ("materials", "要带的材料", [material_line(m) for m in item.materials]),
        ("not_required", "不用再带", list(item.not_required)),
        ("steps", "怎么办", list(item.process)),
        ("limit", "多久办好", limits),
        ("fee", "收费", [fee(item.fee)] if item.fee else []),
        ("place", "到哪儿办", [text for text in (item.location, item.reach) if text]),
        ("hours", "办公时间", [item.hours] if item.hours else []),
        ("online", "网上办", [text for text in (online(item),) if text]),
        ("visits", "跑几趟", [visits(item.visits)] if item.visits is not None else []),
        ("result", "办完拿到", [item.result.name + (f"，有效期{item.result.validity}" if item.result.validity else "")] if item.result else []),
        ("phone", "咨询电话", [phone]),
    ]
    told, url = card_rows(rows), site(item, sites)
    return {"kind": "item", "code": item.code, "name": item.name, "as_of": item.as_of.isoformat(), "basis": list(item.basis),
            "rows": [{**row, "url": url} if url and row["key"] == "online" else row for row in told]}


def card_rows(rows: Sequence[tuple[str, str, list[str]]]) -> list[dict[str, object]]:
    """Return the rows of a card from key, title and lines, without those that have no line. A key never changes; a title may."""
    return [{"key": key, "title": title, "lines": lines} for key, title, lines in rows if lines]


def policy_card(policy: Policy, when: str) -> dict[str, object]:
    """Return the card of a policy answer with the document it stands in."""
    return {"kind": "policy", "code": policy.code, "name": policy.name, "as_of": policy.as_of.isoformat(),
            "basis": [f"{policy.document}（{when}）"], "rows": card_rows([("answer", "说明", [policy.answer])])}


def joined(names: Sequence[str], most: int) -> str:
    """Return names as one spoken list; beyond `most` only the first ones, with how many there are in all."""
    if len(names) <= most:
        return "、".join(names)
    return f"{'、'.join(names[:most])}等{len(names)}样"
