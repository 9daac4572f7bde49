"""Our messages in the words of Rasa's own channels, and theirs in ours. Everything here is pure."""

from __future__ import annotations

import re
from typing import Any, Mapping

from pydantic import ValidationError, parse_obj_as

from api.conversations import Message, told
from api.errors import ApiError, field_message
from api.schemas import ChatText, MessageId

# What clients send by themselves when a chat begins (/get_started, /greet{"name": "x"}): a command to Rasa, never a caller's words.
_COMMAND = re.compile(r"/[A-Za-z_][\w.+-]*\s*(\{.*\})?", re.DOTALL | re.ASCII)
_SESSION = re.compile(r"(w[0-9a-f]{32})\.([A-Za-z0-9_-]{43})")


def session_id(conversation: str, token: str) -> str:
    """Return what a client calls its session: the conversation and the secret (256 bits) that opens it."""
    return f"{conversation}.{token}"


def read_session(value: object) -> tuple[str, str] | None:
    """Return conversation and token of a session id that we once gave out, None for anything else."""
    found = _SESSION.fullmatch(value) if isinstance(value, str) else None
    return (found[1], found[2]) if found else None


def is_command(text: str) -> bool:
    """Say whether a text is one of Rasa's commands."""
    return _COMMAND.fullmatch(text.strip()) is not None


def words_of(value: object) -> str:
    """Return a caller's words; raise ApiError("invalid_request") for what a chat does not take."""
    try:
        return parse_obj_as(ChatText, value)
    except ValidationError as error:
        raise ApiError("invalid_request", field_message(error.errors()[0]), "message") from None


def message_id(body: Mapping[str, Any]) -> str | None:
    """Return the id by which a client that repeats messages marks them: `message_id`, beside the text or in `metadata`."""
    metadata = body.get("metadata")
    for place in (body, metadata if isinstance(metadata, dict) else {}):
        value = place.get("message_id")
        if isinstance(value, str) and re.fullmatch(MessageId.regex or "", value):
            return value
    return None


def bot_uttered(message: Message) -> dict[str, Any]:
    """Return a message as Rasa's Socket.IO channel sends it; clients drop one that holds any other key."""
    options = message.get("options") or []
    replies = [{"content_type": "text", "title": option, "payload": option} for option in options]
    return {"text": message["text"], **({"quick_replies": replies} if replies else {})}


def entry(message: Message, recipient: str) -> dict[str, Any]:
    """Return a message as Rasa's REST channel answers it; `custom` holds what Rasa has no place for."""
    options = message.get("options") or []
    custom = {key: value for key, value in told(message).items() if key not in ("text", "options", "client_message_id")}
    return {"recipient_id": recipient, "text": message["text"],
            **({"buttons": [{"title": option, "payload": option} for option in options]} if options else {}), "custom": custom}
