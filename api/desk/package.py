"""What is handed to the person who takes a conversation over: what was said, what it was about, the form as far as it is filled."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Collection, Mapping, Sequence

from api.conversations import Conversation, Conversations, Message
from api.desk.privacy import UNKNOWN, Privacy, wished
from api.desk.views import holds, message_told, place_name
from api.form import draft_of
from api.ports import Key, Regions
from api.summary import Names, summarise
from core.pii import mask
from tickets import intake, queue_intake
from tickets.draft import Draft
from tickets.queues import QUESTIONS

_LABELS = {"course": "内容", "where": "地点", "who": "反映对象", "when": "时间", "contact": "联系方式", "enterprise": "企业",
           "publish": "公开典型问题", "item": "事项", "proxy": "办法", "office": "办事大厅", "moment": "预约的时间", "case": "警情编号"}
_CALLS_BEFORE = 5
_MOST_QUESTIONS = sum(len(questions) for questions in QUESTIONS.values())


@dataclass(frozen=True)
class Form:
    """A ticket that is being told: `filled` by label, and the labels of what would still be asked."""

    type: str
    filled: Mapping[str, str]
    missing: tuple[str, ...]
    anonymous: bool = False
    reachable: bool = False
    confidential: bool = False


def form_of(slots: Mapping[str, Any]) -> Form | None:
    """Return the form that a tracker's slots hold, None if there is none or it cannot be read."""
    draft = draft_of(slots)
    if draft is None:
        return None
    try:
        filled = queue_intake.summary(draft) if draft.queue else intake.summary(draft)
        return Form(draft.kind, filled, _missing(draft), bool(draft.anonymous), bool(draft.phone), draft.to_new("").confidential)
    except (KeyError, ValueError, TypeError, AttributeError):  # of another release
        return None


def privacy_of(conversation: Conversation, slots: Mapping[str, Any] | None) -> Privacy:
    """Return what a caller wants kept from others; `slots` None could not be read."""
    if slots is None:
        return UNKNOWN
    said, form = wished(conversation.fields), form_of(slots)
    return Privacy(said.anonymous or bool(form and form.anonymous), said.confidential or bool(form and form.confidential))


async def messages_of(conversations: Conversations, conversation: Conversation) -> list[Message]:
    """Return what was said, after what was said in the calls before it that it goes on with; the numbers of those end at 0."""
    earlier: list[Message] = []
    before = conversation.fields.get("continues")
    for _ in range(_CALLS_BEFORE):
        last = (await conversations.find(before))[0] if before else None
        if last is None:
            break
        earlier = [*await conversations.messages(last.id), *earlier]
        before = last.fields.get("continues")
    numbered = [{**message, "seq": place - len(earlier)} for place, message in enumerate(earlier, 1)]
    return [*numbered, *await conversations.messages(conversation.id)]


def package_of(conversation: Conversation, messages: Sequence[Message], slots: Mapping[str, Any] | None, names: Names, regions: Regions,
               key: Key) -> dict[str, Any]:
    """Return the package as JSON; `slots` None could not be read.

    Numbers of the caller are in clear only for the person who has the conversation, and not if the caller wants to stay anonymous.
    """
    fields, mine = conversation.fields, holds(key, conversation)
    handoff = json.loads(fields.get("handoff") or "{}")
    form, anonymous = form_of(slots or {}), privacy_of(conversation, slots).anonymous
    caller = conversation.caller if mine and not anonymous else mask(conversation.caller or "") or None
    known = {"region": conversation.region, "region_name": place_name(regions, conversation.region), "reason": handoff.get("reason"),
             "skill": handoff.get("skill"), "waiting_since": handoff.get("since"), "caller": caller, "note": fields.get("note")}
    return {"id": conversation.id, "channel": conversation.channel, "mood": fields.get("mood") or "calm", "elderly": fields.get("elderly") == "1",
            "may_call_back": not anonymous and bool(conversation.caller or (form and form.reachable)),
            "summary": asdict(summarise(messages, fields, names)), "form": form_told(form, clear=mine),
            "transcript": [message_told(message) for message in messages], **{name: value for name, value in known.items() if value}}


def form_told(form: Form | None, *, clear: bool, without: Collection[str] = ()) -> dict[str, Any] | None:
    """Return a form as JSON but for the labels in `without`, personal numbers masked unless `clear`."""
    if form is None:
        return None
    filled = {label: value if clear else mask(value) for label, value in form.filled.items() if label not in without}
    return {"type": form.type, "filled": filled, "missing": list(form.missing)}


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
