"""What is handed to the person who takes a conversation over: what was said, what it was about, the form as far as it is filled."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Mapping, Sequence

from api.conversations import Conversation, Message
from api.desk.views import holds, message_told, place_name
from api.ports import Key, Regions
from api.summary import Names, summarise
from core.pii import mask
from tickets import intake, queue_intake
from tickets.draft import Draft
from tickets.queues import QUESTIONS

_LABELS = {"course": "内容", "where": "地点", "who": "反映对象", "when": "时间", "contact": "联系方式", "enterprise": "企业",
           "publish": "公开典型问题", "item": "事项", "proxy": "办法", "office": "办事大厅", "moment": "预约的时间", "case": "警情编号"}
_MOST_QUESTIONS = sum(len(questions) for questions in QUESTIONS.values())


@dataclass(frozen=True)
class Form:
    """A ticket that is being told: `filled` by label, and the labels of what would still be asked."""

    type: str
    filled: Mapping[str, str]
    missing: tuple[str, ...]
    anonymous: bool = False
    reachable: bool = False


def form_of(slots: Mapping[str, Any]) -> Form | None:
    """Return the form that a tracker's slots hold, None if there is none or it cannot be read."""
    raw = slots.get("ticket_draft")
    if not isinstance(raw, Mapping):
        return None
    try:
        draft = Draft.from_dict(raw)
        filled = queue_intake.summary(draft) if draft.queue else intake.summary(draft)
        return Form(draft.kind, filled, _missing(draft), bool(draft.anonymous), bool(draft.phone))
    except (KeyError, ValueError, TypeError, AttributeError):  # of another release
        return None


def package_of(conversation: Conversation, messages: Sequence[Message], slots: Mapping[str, Any], names: Names, regions: Regions,
               key: Key) -> dict[str, Any]:
    """Return the package as JSON. Numbers of the caller are in clear only for the person who has the conversation."""
    fields, mine = conversation.fields, holds(key, conversation)
    handoff = json.loads(fields.get("handoff") or "{}")
    form = form_of(slots)
    anonymous = form is not None and form.anonymous
    caller = conversation.caller if mine and not anonymous else mask(conversation.caller or "") or None
    known = {"region": conversation.region, "region_name": place_name(regions, conversation.region), "reason": handoff.get("reason"),
             "skill": handoff.get("skill"), "waiting_since": handoff.get("since"), "caller": caller, "note": fields.get("note")}
    return {"id": conversation.id, "channel": conversation.channel, "mood": fields.get("mood") or "calm", "elderly": fields.get("elderly") == "1",
            "may_call_back": not anonymous and bool(conversation.caller or (form and form.reachable)),
            "summary": asdict(summarise(messages, fields, names)), "form": form_told(form, clear=mine),
            "transcript": [message_told(message) for message in messages], **{name: value for name, value in known.items() if value}}


def form_told(form: Form | None, *, clear: bool) -> dict[str, Any] | None:
    """Return a form as JSON, personal numbers masked unless `clear`."""
    if form is None:
        return None
    return {"type": form.type, "filled": {label: value if clear else mask(value) for label, value in form.filled.items()},
            "missing": list(form.missing)}


def _missing(draft: Draft) -> tuple[str, ...]:
    """Ask in thought what would be asked, until the read-back."""
    ask = queue_intake.next_question if draft.queue else intake.next_question
    missing: list[str] = []
    for _ in range(_MOST_QUESTIONS):
        question = ask(draft)
        if question in (None, "confirm"):
            break
        missing.append(_LABELS[question])
        draft = replace(draft, asked=(*draft.asked, question), again=False)
    return tuple(missing)
