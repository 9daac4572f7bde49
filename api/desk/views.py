"""How a conversation looks from the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.conversations import Conversation, Conversations, Message
from api.ports import Key, Regions
from api.signs import SignBoard

PAGE = 200  # messages that are told at once


@dataclass(frozen=True)
class View:
    """A conversation as JSON; unless there is news it looks so for `lasts` seconds more, None: for good."""

    told: dict[str, Any]
    lasts: float | None


def holds(key: Key, conversation: Conversation) -> bool:
    """Whether this person has the conversation."""
    return conversation.owner == "operator" and conversation.operator == key.id


def may_read(key: Key, conversation: Conversation) -> bool:
    """Whether this person may see what was said."""
    return holds(key, conversation) or key.role == "supervisor"


def message_told(message: Message) -> dict[str, Any]:
    """Return a message without its inner mark; of a reply that was taken from a suggestion, the record it came from."""
    mark = message.get("turn") or {}
    told = {name: value for name, value in message.items() if name != "turn"}
    return {**told, "suggested": mark["item"]} if message["author"] == "operator" and mark.get("item") else told


async def view_of(conversations: Conversations, signs: SignBoard, conversation: Conversation, after: int, key: Key) -> View:
    """Return what was said after a number, PAGE messages at most, and how the conversation stands; `mine`: this person has it.

    `typing` and `read` are the caller's.
    """
    messages = [message_told(message) for message in await conversations.messages(conversation.id, after, after + PAGE)]
    fields, caller = conversation.fields, await signs.of(conversation, "caller")
    known = {"outcome": conversation.outcome, "operator_name": fields.get("operator_name"), "mood": fields.get("mood"),
             "ended": fields.get("ended"), "elderly": fields.get("elderly") == "1" or None,
             "typing": caller.typing_s > 0, "read": caller.read}
    told = {"id": conversation.id, "messages": messages, "owner": conversation.owner, "mine": holds(key, conversation),
            "last_seq": messages[-1]["seq"] if messages else max(after, 0), **{name: value for name, value in known.items() if value}}
    return View(told, caller.typing_s or None)


def place_name(regions: Regions, code: str | None) -> str | None:
    """Return a region's name with its city's before it, None for an unknown code."""
    found = regions.get(code) if code else None
    if found is None:
        return None
    city = regions.get(found.parent) if found.parent and not found.parent.endswith("0000") else None
    return f"{city.name if city else ''}{found.name}"
