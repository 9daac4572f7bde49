"""Answers about a life event: its steps, its one checklist, the longest path, what it costs."""

from __future__ import annotations

import re
from typing import Mapping, Sequence

import cn2an

from knowledge import wording
from knowledge.life_event import LifeEvent, Step
from knowledge.load import Department
from knowledge.model import Facet, Item, Reply
from knowledge.plan import Duration, Entry, Plan

SPOKEN_PAPERS = 8  # more than that nobody keeps in mind; the card and the steps tell the rest
HEARD = 4  # and on the telephone fewer still
_FREE = re.compile("不收|免费|取消")  # a note that itself says what is free


def event_reply(event: LifeEvent, plan: Plan, items: Mapping[str, Item], departments: Mapping[str, Department], facet: Facet | None,
                asked: str | None) -> Reply:
    """Return the reply about a life event; `items` are those of its steps in the caller's regional form."""
    base = {"name": spoken_name(event), "steps": "、".join(step.title for step in event.steps)}
    card = event_card(event, plan, items)
    for question in event.questions:
        if question.ask == asked:
            return Reply("utter_event_question", base | {"answer": wording.sentence(question.answer)}, card)
    if facet is None:
        return Reply("utter_event_summary", base | {"summary": wording.sentence(event.summary)}, card)
    if facet == "materials" and any(entry.always for entry in plan.bring):
        return Reply("utter_event_materials", base | _papers(plan), card)
    if facet == "time_limit" and plan.longest.working_days:
        return Reply("utter_event_time", base | _time(plan), card)
    if facet == "process":
        return Reply("utter_event_process", base | {"process": spoken_stages(plan), "short": heard_stages(plan)}, card)
    if facet == "fee" and (told := _fees(event.steps, items)):
        return Reply("utter_event_fee", base | told, card)
    if facet == "location" and items:
        names = tuple(dict.fromkeys(departments[item.department].name if item.department in departments else item.department
                                    for item in items.values()))
        return Reply("utter_event_location", base | {"departments": "、".join(names), "few": _few(names, "家")}, card)
    if facet == "online":
        online = [step.title for step in event.steps if (item := items.get(step.item or "")) and item.online and item.online.available]
        if online:
            return Reply("utter_event_online", base | {"online": "、".join(online), "few": _few(online, "样")}, card)
    if facet == "basis":
        return Reply("utter_event_basis", base | {"basis": "、".join(event.basis), "law": event.basis[0]}, card)
    return Reply("utter_event_by_step", base | {"facet": wording.FACET_NAMES[facet]}, card)


def spoken_name(event: LifeEvent) -> str:
    """Return the name without the word that says what it is, to be built into a sentence: 开餐馆."""
    return event.name.removesuffix("一件事")


def spoken_stages(plan: Plan) -> str:
    """Return the stages as spoken: 第一步，办营业执照；第二步，A和B，可以同时办；…"""
    return _numbered([[_title(step) for step in stage] for stage in plan.stages])


def heard_stages(plan: Plan) -> str:
    """Return the stages of what everybody needs, and how many steps are for some cases alone: short enough for the telephone."""
    cases = sum(step.only_if is not None for stage in plan.stages for step in stage)
    if not plan.core:
        return spoken_stages(plan)
    return _numbered([[step.title for step in stage] for stage in plan.core]) + (f"。另有{cases}样看情况办" if cases else "")


def event_card(event: LifeEvent, plan: Plan, items: Mapping[str, Item]) -> dict[str, object]:
    """Return the card of a life event: rows like an item's, and its steps with stage (from 0), case and code for whoever wants more."""
    stages = {step.key: position for position, stage in enumerate(plan.stages) for step in stage}
    rows: list[tuple[str, str, list[str]]] = [
        ("stages", "分几步", [f"{_stage(n)}：{'；'.join(map(_title, stage))}{'（可以同时办）' if len(stage) > 1 else ''}"
                            for n, stage in enumerate(plan.stages)]),
        ("materials", "材料清单", [_paper(entry) for entry in plan.bring]),
        ("on_the_way", "办的过程中会拿到", [f"{paper}（{title}时拿到）" for paper, title in plan.on_the_way]),
        ("limit", "最长要多久", _time_lines(plan)),
        ("fee", "收费", [f"{step.title}：{wording.fee(item.fee)}" for step in event.steps if (item := items.get(step.item or "")) and item.fee]),
        ("reminders", "提醒", [f"{step.title}：{step.note}" for step in event.steps if step.note]),
    ]
    return {"kind": "life_event", "code": event.code, "name": event.name, "as_of": event.as_of.isoformat(), "basis": list(event.basis),
            "steps": [{"title": step.title, "item": step.item, "stage": stages[step.key], **({"only_if": step.only_if} if step.only_if else {})}
                      for step in event.steps],
            "rows": wording.card_rows(rows)}


def _stage(position: int) -> str:
    return f"第{cn2an.an2cn(position + 1)}步"


def _numbered(stages: Sequence[Sequence[str]]) -> str:
    told = [stage[0] if len(stage) == 1 else f"{'、'.join(stage[:-1])}和{stage[-1]}，可以同时办" for stage in stages]
    return "；".join(f"{_stage(position)}，{together}" for position, together in enumerate(told)) if len(told) > 1 else told[0]


def _few(names: Sequence[str], unit: str) -> str:
    return "、".join(names) if len(names) <= HEARD else f"{'、'.join(names[:HEARD])}等{len(names)}{unit}"


def _title(step: Step) -> str:
    return f"{step.title}（{step.only_if}）" if step.only_if else step.title


def _paper(entry: Entry) -> str:
    parts = ["原件"] if entry.original and entry.handed_in else []
    parts += [f"复印件{entry.handed_in}份"] if entry.handed_in else []
    head = entry.name + (f"（{'、'.join(parts)}）" if parts else "") + ("" if entry.always else "：部分情况需要")
    return head + (f"，{len(entry.steps)}步共用" if len(entry.steps) > 1 else "")


def _papers(plan: Plan) -> dict[str, str]:
    """Names are parted by a comma, for many of them hold the lesser mark themselves."""
    always = [entry.name for entry in plan.bring if entry.always]
    told = ["，".join(always[:most]) + ("等等" if len(always) > most else "") for most in (SPOKEN_PAPERS, HEARD)]
    rest = len(plan.bring) - len(always)
    return {"materials": told[0], "few": told[1], "count": str(len(always)), "rest": f"另有{rest}样看情况要。" if rest else ""}


def _time(plan: Plan) -> dict[str, str]:
    path, unknown = plan.longest.path, plan.longest.unknown
    return {"days": _days(plan.longest), "path": f"先{'，再'.join(path)}" if len(path) > 1 else path[0],
            "unknown": f"{'、'.join(unknown)}要多久我没有准确信息，没算在里面。" if unknown else "",
            "uncounted": f"有{len(unknown)}样没有准确时限，没算在里面。" if unknown else ""}


def _days(duration: Duration) -> str:
    return f"{'折合' if duration.converted else ''}{duration.working_days}个工作日"


def _time_lines(plan: Plan) -> list[str]:
    lines = [f"按先后顺序最长{_days(plan.longest)}：{'→'.join(plan.longest.path)}"] if plan.longest.working_days else []
    if plan.with_all.working_days > plan.longest.working_days:
        lines.append(f"按情况才办的也都办，最长{_days(plan.with_all)}：{'→'.join(plan.with_all.path)}")
    if plan.with_all.unknown:
        lines.append(f"没有准确时限、未计入：{'、'.join(plan.with_all.unknown)}")
    return lines


def _fees(steps: Sequence[Step], items: Mapping[str, Item]) -> dict[str, str] | None:
    """Everything known about the cost, and for the telephone only what costs anything."""
    known = [(step.title, item.fee) for step in steps if (item := items.get(step.item or "")) and item.fee]
    paid = [title for title, fee in known if fee.charged]
    parts = [f"{title}{'收费，' if fee.amount else ''}{wording.clause(wording.fee(fee))}" for title, fee in known if fee.charged]
    parts += [f"{title}{'，' if _FREE.search(fee.note) else '不收费，'}{wording.clause(fee.note)}" for title, fee in known
              if not fee.charged and fee.note]
    free = [title for title, fee in known if not fee.charged and not fee.note]
    parts += [f"{'、'.join(free)}不收费"] if free else []
    short = [f"{_few(paid, '样')}要收费"] if paid else []
    short += [f"{'其余' if paid else '查得到的'}{len(known) - len(paid)}样窗口不收费"] if len(known) > len(paid) else []
    return {"fees": "；".join(parts), "short": "，".join(short)} if known else None
