"""What differs between two documents, field by field, for people to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

TITLES = {
    "name": "名称", "topic": "主题", "kind": "事项类型", "action": "动作", "subject": "服务对象", "department": "部门", "aliases": "常见问法",
    "summary": "一句话说明", "conditions": "受理条件", "materials": "材料", "not_required": "不用再带", "process": "流程", "limit": "时限",
    "fee": "收费", "location": "地点", "hours": "时间", "phone": "电话", "online": "网上办理", "visits": "到现场次数", "reach": "通办范围",
    "result": "结果", "basis": "依据", "questions": "常见问答", "variants": "各地不同", "only_in": "只在哪里有", "as_of": "核对日期",
    "valid_from": "生效日期", "valid_to": "失效日期", "national": "国家表其他字段", "answer": "回答", "document": "出处", "stated_on": "出处日期",
    "steps": "步骤",
}
_PARTS = {
    "charged": "是否收费", "amount": "金额", "note": "说明", "form": "形式", "copies": "份数", "source": "来源", "required": "是否必须",
    "legal": "法定", "promised": "承诺", "otherwise": "不定天数说明",
    "value": "数", "unit": "单位", "available": "能否网上办", "channel": "渠道", "validity": "有效期",
    "ask": "问", "region": "区划", "key": "步", "title": "做什么", "item": "事项", "after": "排在谁后面", "only_if": "什么情况才办",
}


@dataclass(frozen=True)
class FieldChange:
    """One field that differs; '' stands for a field that is not there."""

    field: str
    before: str
    after: str

    @property
    def title(self) -> str:
        """The field's name as people read it."""
        return TITLES.get(self.field, self.field)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Return the fields that differ, in the order of TITLES, unknown ones last."""
    order = {name: position for position, name in enumerate(TITLES)}
    names = sorted({*before, *after}, key=lambda name: (order.get(name, len(order)), name))
    return tuple(FieldChange(name, told(before.get(name)), told(after.get(name)))
                 for name in names if before.get(name) != after.get(name))


def told(value: Any) -> str:
    """Return any value of a document as text, one entry of a list a line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return "，".join(f"{TITLES.get(key) or _PARTS.get(key, key)}：{told(part)}" for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return "\n".join(told(part) for part in value)
    return str(value)
