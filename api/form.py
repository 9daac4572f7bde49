"""What is already known for a ticket: the draft that Rasa keeps, else what the messages tell."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from api.conversations import Conversation, Message
from api.desk.callback import CHOICES
from api.ports import Log
from api.rasa_client import RasaClient, RasaFault
from tickets.draft import Draft
from tickets.model import TicketType

_ASKED = ("ticket_form", "fault", "not_found", "clarified")  # what leads to a ticket
_SETTLED = ("ticket_opened", "booked", "ticket_added", "ticket_withdrawn")
_TYPES = {kind.value for kind in TicketType}


async def slots_of(rasa: RasaClient, conversation: Conversation, log: Log) -> Mapping[str, Any] | None:
    """Return what Rasa knows of a conversation, None if it does not say."""
    try:
        return await rasa.slots(conversation.fields.get("sender") or conversation.id)
    except RasaFault as fault:
        log.warning("rasa_fault", reason=fault.reason)
        return None


def draft_of(slots: Mapping[str, Any]) -> Draft | None:
    """Return the ticket that a tracker's slots hold, None if there is none or it cannot be read."""
    raw = slots.get("ticket_draft")
    if not isinstance(raw, Mapping):
        return None
    try:
        return Draft.from_dict(raw)
    except (KeyError, ValueError, TypeError, AttributeError):  # of another release
        return None


def known_of(conversation: Conversation, messages: Sequence[Message], slots: Mapping[str, Any]) -> dict[str, str | bool]:
    """Return what a form can begin with: `type`, `text`, `address`, `name`, `phone`, `region`, `anonymous`, `confidential`, as far as known."""
    draft = draft_of(slots)
    if draft is None:
        wishes = {name: True for name in ("anonymous", "confidential") if conversation.fields.get(name) == "1"}
        return {**_told(messages), **({"region": conversation.region} if conversation.region else {}), **wishes}
    shown = not draft.anonymous  # who wants to stay anonymous gives no number
    hidden = {"anonymous": True} if draft.anonymous else {}
    hidden |= {"confidential": True} if draft.confidential else {}
    known = {"type": draft.type.value, "text": draft.text or draft.course, "address": draft.where, "name": draft.name if shown else None,
             "phone": draft.phone if shown else None, "region": draft.region or conversation.region}
    return {**{name: value for name, value in known.items() if isinstance(value, str) and value}, **hidden}


def _told(messages: Sequence[Message]) -> dict[str, str]:
    """Return the caller's last words that nobody could settle, with the type that the form had; of a form, the words that began it."""
    told: dict[str, str] = {}
    words, within = "", False
    for message in messages:
        if message["author"] == "caller":
            words = message["text"]
        mark = message.get("turn") or {}
        outcome = mark.get("outcome")
        if message["author"] != "bot" or not outcome or message.get("options") == list(CHOICES):  # a call back that is offered
            continue
        begun, within = within, outcome == "ticket_form"
        if outcome in _SETTLED or mark.get("draft") == "dropped":
            told = {}
        elif words and (outcome in _ASKED or mark.get("unanswered")) and not (begun and within):
            type = mark.get("ticket_type")
            told = {**({"type": type} if type in _TYPES else {}), "text": words}
    return told
