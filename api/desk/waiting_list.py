"""The line as people at the desk see it: the same for all of them, looked up once for all who ask at about the same time."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from api.conversations import ConversationGone, Conversations
from api.desk.line import Line, Waiting
from core.clock import SHANGHAI
from core.pii import mask

MOST = 100      # conversations that are told of; the best come first
GATHER_S = 0.1  # news of the line comes in bursts
_RECENT = 20    # messages among which the caller's last words are looked for
_SHOWN = 100    # characters of them


class WaitingList:
    """One for each gateway."""

    def __init__(self, line: Line, conversations: Conversations) -> None:
        self._line = line
        self._conversations = conversations
        self._coming: asyncio.Task[list[dict[str, Any]]] | None = None

    async def soon(self) -> list[dict[str, Any]]:
        """Return the line as it is in a moment; all who ask until then share one look."""
        if self._coming is None or self._coming.done():
            self._coming = asyncio.ensure_future(self._later())
        return await asyncio.shield(self._coming)

    async def now(self) -> list[dict[str, Any]]:
        """Return the line; personal numbers in the callers' words are masked, for nobody has them in hand yet."""
        told = []
        for position, entry in enumerate((await self._line.waiting())[:MOST], 1):
            try:
                told.append(await self._told(entry, position))
            except ConversationGone:
                await self._line.leave(entry.id)
        return told

    async def _later(self) -> list[dict[str, Any]]:
        await asyncio.sleep(GATHER_S)
        self._coming = None  # who asks from here on has heard of something newer
        return await self.now()

    async def _told(self, entry: Waiting, position: int) -> dict[str, Any]:
        conversation = await self._conversations.load(entry.id)
        messages = await self._conversations.messages(entry.id, max(0, conversation.seq - _RECENT))
        said = next((message["text"] for message in reversed(messages) if message["author"] == "caller"), None)
        since = datetime.fromtimestamp(entry.since, SHANGHAI).isoformat(timespec="seconds")
        known = {"region": entry.region or conversation.region, "last_text": mask(said)[:_SHOWN] if said else None,
                 "mood": conversation.fields.get("mood")}
        return {"id": entry.id, "reason": entry.reason, "skill": entry.skill, "priority": entry.priority, "alarm": entry.alarm,
                "owner": conversation.owner, "channel": conversation.channel, "waiting_since": since, "position": position,
                "elderly": conversation.fields.get("elderly") == "1", **{name: value for name, value in known.items() if value}}
