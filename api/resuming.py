"""A web conversation that is over goes on in a new one: what it was about is said, and Rasa knows what is worth carrying over."""

from __future__ import annotations

import asyncio
from typing import Any, Mapping

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from api.archive import Kept
from api.conversations import Message, is_web, new_message
from api.gateway import Gateway
from api.rasa_client import RasaFault
from api.summary import names_of, summarise
from core.cipher import KeysFaulty
from tickets.vocabulary import TicketType

PHRASES = ("utter_chat_resumed",)
# Slots of Rasa that stay true in a new conversation; which ticket somebody has proved to be his is proved again.
_CARRIED = ("region", "last_item", "last_event", "last_facet", "unanswered", "ticket_type", "ticket_draft", "ticket_request")
_FORM = ("ticket_type", "ticket_draft", "ticket_request")
_FIELDS = {"last_item": "item", "last_facet": "facet", "region": "region"}
_CALLER = ("elderly", "mood", "anonymous", "confidential")
_CARRY_S = 2.0  # nobody waits longer for a greeting


async def find(gateway: Gateway, id: str, token: str) -> Kept | None:
    """Return the web conversation that is over and that this token opens; None for every other, and where the archive is away."""
    if not is_web(id):
        return None
    alive, over = await gateway.conversations.find(id)
    if alive and alive.opened_by(token):
        if alive.channel != "web" or not (over or alive.ended):
            return None
        return Kept(alive, await gateway.conversations.messages(id))
    try:
        kept = await run_in_threadpool(gateway.parts.archive.find, id)
    except (SQLAlchemyError, KeysFaulty) as error:  # whoever comes back is greeted all the same
        gateway.parts.log.error("conversation_not_resumed", error=type(error).__name__)
        return None
    return kept if kept and kept.conversation.channel == "web" and kept.conversation.opened_by(token) else None


def said_of(gateway: Gateway, before: Kept) -> list[Message]:
    """Return what the new conversation says of the one before, nothing where it was about nothing."""
    summary = summarise(before.messages, before.conversation.fields, names_of(gateway.parts.knowledge.catalogue))
    if not summary.text:
        return []
    text = gateway.parts.phrases.render("utter_chat_resumed", "web", summary=summary.text)
    return [new_message("bot", text, gateway.parts.clock(), turn=_matter(before))]


def fields_of(before: Kept) -> dict[str, str]:
    """Return the fields with which the new conversation begins."""
    caller = {name: value for name in _CALLER if (value := before.conversation.fields.get(name))}
    return {"resumed_from": before.conversation.id, **caller, **_matter(before)}


async def carry(gateway: Gateway, before: Kept, id: str) -> None:
    """Hand the new conversation's tracker what is worth keeping of the old one's; where Rasa is away only the words tell of it."""
    fields = before.conversation.fields
    known: dict[str, Any] = {slot: fields[name] for slot, name in _FIELDS.items() if fields.get(name)}
    try:
        await asyncio.wait_for(_carry(gateway, before.conversation.id, id, known), _CARRY_S)
    except (RasaFault, asyncio.TimeoutError) as fault:
        gateway.parts.log.warning("rasa_fault", reason=getattr(fault, "reason", "timeout"))


def _matter(before: Kept) -> dict[str, str]:
    # Whoever is silent in the new conversation and comes back once more is told of the same matter again.
    return {name: before.conversation.fields[name] for name in ("item", "facet") if before.conversation.fields.get(name)}


async def _carry(gateway: Gateway, old: str, new: str, known: Mapping[str, Any]) -> None:
    try:
        slots = await gateway.rasa.slots(old)
    except RasaFault:  # its tracker may have expired
        slots = {}
    draft = slots.get("ticket_draft")
    carried = [name for name in _CARRIED if slots.get(name) and not (name in _FORM and isinstance(draft, Mapping) and _hidden(draft))]
    await gateway.rasa.remember(new, {**known, **{name: slots[name] for name in carried}})


def _hidden(draft: Mapping[str, Any]) -> bool:
    # The machine may have changed hands: what somebody wanted to be kept from others is told again by whoever it is.
    return bool(draft.get("confidential") or draft.get("anonymous") or draft.get("type") == TicketType.REPORT.value)
