"""Answers about a life event: its steps, its one checklist, the longest path, what it costs."""

from __future__ import annotations

from typing import Mapping, Sequence

import cn2an

from knowledge import wording
from knowledge.life_event import LifeEvent, Step
from knowledge.load import Department
from knowledge.model import Facet, Item, Reply
from knowledge.plan import Duration, Entry, Plan

SPOKEN_PAPERS = 8  # more than that nobody keeps in mind; the card and the steps tell the rest


def event_reply(event: LifeEvent, plan: Plan, items: Mapping[str, Item], departments: Mapping[str, Department], facet: Facet | None,
                asked: str | None) -> Reply:
    """Return the reply about a life event; `items` are those of its steps in the caller's regional form."""
    base = {"name": event.name, "steps": "、".join(step.title for step in event.steps)}
    card = event_card(event, plan, items)
    for question in event.questions:
        if question.ask == asked:
            return Reply("utter_event_question", base | {"answer": wording.sentence(question.answer)}, card)
    if facet is None:
        return Reply("utter_event_summary", base | {"summary": wording.sentence(event.summary)}, card)
    if facet == "materials" and plan.bring:
        always = [entry.name for entry in plan.bring if entry.always]
        return Reply("utter_event_materials", base | {"materials": wording.joined(always or [entry.name for entry in plan.bring], SPOKEN_PAPERS),
                                                      "count": str(len(plan.bring))}, card)
    if facet == "time_limit" and plan.longest.working_days:
        return Reply("utter_event_time", base | _time(plan), card)
    if facet == "process":
        return Reply("utter_event_process", base | {"process": spoken_stages(plan)}, card)
    if facet == "fee" and (told := _fees(event.steps, items)):
        return Reply("utter_event_fee", base | {"fees": told}, card)
    if facet == "location":
        names = dict.fromkeys(departments[item.department].name if item.department in departments else item.department for item in items.values())
        return Reply("utter_event_location", base | {"departments": "、".join(names)}, card)
    if facet == "online":
        online = [step.title for step in event.steps if (item := items.get(step.item or "")) and item.online and item.online.available]
        if online:
            return Reply("utter_event_online", base | {"online": "、".join(online)}, card)
    if facet == "basis":
        return Reply("utter_event_basis", base | {"basis": "、".join(event.basis)}, card)
    return Reply("utter_event_by_step", base | {"facet": wording.FACET_NAMES[facet]}, card)


def spoken_stages(plan: Plan) -> str:
    """Return the stages as spoken: 第一步，办营业执照；第二步，A和B可以同时办；…"""
    told = []
    for position, stage in enumerate(plan.stages):
        names = [_title(step) for step in stage]
        together = names[0] if len(names) == 1 else f"{'、'.join(names[:-1])}和{names[-1]}，可以同时办"
        told.append(f"{_stage(position)}，{together}")
    return "；".join(told)


def event_card(event: LifeEvent, plan: Plan, items: Mapping[str, Item]) -> dict[str, object]:
    """Return the card of a life event: the same rows as an item's, and the codes of its steps for whoever wants more."""
    rows: list[tuple[str, list[str]]] = [
        ("分几步", [f"{_stage(n)}：{'；'.join(map(_title, stage))}{'（可以同时办）' if len(stage) > 1 else ''}"
                 for n, stage in enumerate(plan.stages)]),
        ("材料清单", [_paper(entry) for entry in plan.bring]),
        ("办的过程中会拿到", [f"{paper}（{title}时拿到）" for paper, title in plan.on_the_way]),
        ("最长要多久", _time_lines(plan)),
        ("收费", [f"{step.title}：{wording.fee(item.fee)}" for step in event.steps if (item := items.get(step.item or "")) and item.fee]),
        ("提醒", [f"{step.title}：{step.note}" for step in event.steps if step.note]),
    ]
    return {"kind": "life_event", "code": event.code, "name": event.name, "as_of": event.as_of.isoformat(), "basis": list(event.basis),
            "steps": [{"title": step.title, "item": step.item} for step in event.steps],
            "rows": [{"title": title, "lines": lines} for title, lines in rows if lines]}


def _stage(position: int) -> str:
    return f"第{cn2an.an2cn(position + 1)}步"


def _title(step: Step) -> str:
    return f"{step.title}（{step.only_if}）" if step.only_if else step.title


def _paper(entry: Entry) -> str:
    parts = ["原件"] if entry.original and entry.handed_in else []
    parts += [f"复印件{entry.handed_in}份"] if entry.handed_in else []
    head = entry.name + (f"（{'、'.join(parts)}）" if parts else "") + ("" if entry.always else "：部分情况需要")
    return head + (f"，{len(entry.steps)}步共用" if len(entry.steps) > 1 else "")


def _time(plan: Plan) -> dict[str, str]:
    unknown = f"{'、'.join(plan.longest.unknown)}要多久我没有准确信息，没算在里面。" if plan.longest.unknown else ""
    return {"days": _days(plan.longest), "path": "，再".join(plan.longest.path), "unknown": unknown}


def _days(duration: Duration) -> str:
    return f"{'折合' if duration.converted else ''}{duration.working_days}个工作日"


def _time_lines(plan: Plan) -> list[str]:
    if not plan.longest.working_days:
        return []
    lines = [f"按先后顺序最长{_days(plan.longest)}：{'→'.join(plan.longest.path)}"]
    if plan.with_all.working_days > plan.longest.working_days:
        lines.append(f"按情况才办的也都办，最长{_days(plan.with_all)}")
    if plan.with_all.unknown:
        lines.append(f"没有准确时限、未计入：{'、'.join(plan.with_all.unknown)}")
    return lines


def _fees(steps: Sequence[Step], items: Mapping[str, Item]) -> str:
    known = [(step, item.fee) for step in steps if (item := items.get(step.item or "")) and item.fee]
    charged = [f"{step.title}{wording.clause(wording.fee(fee))}" for step, fee in known if fee.charged]
    free = [step.title for step, fee in known if not fee.charged]
    parts = ["；".join(charged)] if charged else []
    parts += [f"{'、'.join(free)}不收费"] if free else []
    return "；".join(parts)
