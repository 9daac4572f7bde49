"""The one input channel of Rasa: the gateway posts a turn, and gets its messages or an honest error."""

from __future__ import annotations

import logging
import re
from typing import Any, Awaitable, Callable

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import tuning

logger = logging.getLogger(__name__)
CHANNELS = ("web", "ivr")
_COMMAND = re.compile(r"^[\s/\uff0f]+")


class _Collector(CollectingOutputChannel):
    """Collects replies under the caller's own channel name, so that responses written for the phone are picked."""

    def __init__(self, channel: str) -> None:
        super().__init__()
        self._channel = channel

    def name(self) -> str:  # type: ignore[override]  # upstream has a classmethod; one class serves every channel here
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep text and custom data of one reply together; upstream splits them into two messages."""
        self.messages.append({key: message[key] for key in ("text", "custom", "buttons") if message.get(key)})


class HotlineInput(InputChannel):
    """POST /webhooks/hotline/webhook; a failed turn is a 500, never an empty 200."""

    @classmethod
    def name(cls) -> str:
        return "hotline"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes of this channel."""
        tuning.apply()
        routes = Blueprint("hotline_channel", "hotline_channel")

        @routes.get("/")
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            body = request.json if isinstance(request.json, dict) else {}
            sender, text, channel = body.get("sender"), body.get("message"), body.get("channel")
            metadata = body.get("metadata") or {}
            if not isinstance(sender, str) or not isinstance(text, str) or channel not in CHANNELS or not isinstance(metadata, dict):
                return response.json({"error": "sender, message, channel and metadata are wrong or missing"}, status=400)
            collector = _Collector(channel)
            try:
                # A leading slash is Rasa's own door for commands (/restart); callers have no business there.
                await on_new_message(UserMessage(_COMMAND.sub("", text), collector, sender, input_channel=channel, metadata=metadata))
            except Exception:
                logger.exception("a turn failed")
                return response.json({"error": "the turn failed"}, status=500)
            return response.json(collector.messages)

        return routes
