"""What goes out over the WebSocket of the desk: the line and the watched conversations, told anew whenever Redis says that they changed."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from starlette.websockets import WebSocket

from api.conversations import ConversationGone, channel_of
from api.desk.desk import Desk
from api.desk.moves import DESK
from api.desk.views import PAGE, holds, may_read
from api.errors import ApiError
from api.gateway import Gateway
from api.news import Listener
from api.ports import Key

SLOW_S = 10.0   # whoever does not take a frame for so long is closed: nothing is piled up for him
WATCHED = 50    # conversations at once
LISTEN_S = 10.0


class TooSlow(Exception):
    """The other side takes nothing any more."""


class Outlet:
    """One frame at a time; a sender waits for the one before, so what is on its way is bounded by the number of senders."""

    def __init__(self, socket: WebSocket, patience: float = SLOW_S) -> None:
        self._socket = socket
        self._patience = patience
        self._turn = asyncio.Lock()

    async def send(self, frame: dict[str, Any]) -> None:
        """Send a frame as JSON; raise TooSlow."""
        try:
            await asyncio.wait_for(self._one(json.dumps(frame, ensure_ascii=False, separators=(",", ":"))), self._patience)
        except asyncio.TimeoutError:
            raise TooSlow from None

    async def _one(self, text: str) -> None:
        async with self._turn:
            await self._socket.send_text(text)


class Telling:
    """News in Redis is only a nudge to look again, so nothing told before is lost and nothing is told twice."""

    def __init__(self, gateway: Gateway, desk: Desk, key: Key, outlet: Outlet, news: Listener) -> None:
        self._gateway = gateway
        self._desk = desk
        self._key = key
        self._outlet = outlet
        self._news = news
        self._watched: dict[str, int] = {}              # conversation → the last number told
        self._stood: dict[str, dict[str, Any]] = {}     # conversation → how it stood when it was told last
        self._nudged: dict[str, None] = {}
        self._fading: dict[str, asyncio.TimerHandle] = {}  # conversation → the look at it when the caller's typing has run out
        self._changed, self._line_changed = asyncio.Event(), asyncio.Event()

    async def watch(self, id: str, after: int) -> None:
        """Tell a conversation from after this number; raise ApiError where this person may not see it, or watches too many."""
        await self._desk.readable(id, self._key)
        if id not in self._watched and len(self._watched) >= WATCHED:
            raise ApiError("too_many_requests", f"一次最多看{WATCHED}个会话")
        self._watched[id] = after
        self._stood.pop(id, None)
        self._news.subscribe(channel_of(id))
        self._nudge(id)

    async def watch_own(self) -> None:
        """Watch what this person has in hand: his console may have been started anew, or the answer to his claim was lost."""
        for id, key_id in (await self._desk.hands.soon()).items():
            if key_id == self._key.id and id not in self._watched:
                with suppress(ApiError):  # it has just left his hands, or he has too many
                    await self.watch(id, 0)

    async def listen(self) -> None:
        """Take nudges from Redis, for ever; its word that it listens to a channel is one, too: something may have come before it did."""
        self._news.subscribe(DESK)
        while True:
            channel = await self._news.next(LISTEN_S)
            if channel == DESK:
                self._line_changed.set()
            elif channel:
                self._nudge(channel.removeprefix(channel_of("")))

    async def tell_line(self) -> None:
        """Send the line whenever it looks different, for ever; what came into his hands in any way is watched."""
        before: list[dict[str, Any]] | None = None
        while True:
            await self._line_changed.wait()
            self._line_changed.clear()
            waiting = await self._desk.waiting.soon()
            if waiting != before:
                await self._outlet.send({"type": "queue", "waiting": waiting})
                before = waiting
            await self.watch_own()

    async def tell_conversations(self) -> None:
        """Send what is new in watched conversations, for ever."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            nudged, self._nudged = self._nudged, {}
            for id in nudged:
                if id in self._watched:
                    await self._tell(id)

    def _nudge(self, id: str) -> None:
        self._nudged[id] = None
        self._changed.set()

    async def _tell(self, id: str) -> None:
        after = self._watched[id]
        try:
            conversation = await self._gateway.conversations.load(id)
        except ConversationGone:
            await self._drop(id, {"owner": "bot", "ended": "gone"}, after)
            return
        if not may_read(self._key, conversation):  # given back, taken over by another, or back in the line
            if id in self._nudged:
                return  # and perhaps his again meanwhile: it is looked at once more
            ended = {"ended": conversation.fields["ended"]} if "ended" in conversation.fields else {}
            await self._drop(id, {"owner": conversation.owner, **ended}, after)
            return
        seen = await self._desk.view(conversation, after, self._key)
        view = seen.told
        self._look_again(id, seen.lasts)
        stands = {name: value for name, value in view.items() if name not in ("messages", "last_seq")}
        if view["messages"] or stands != self._stood.get(id):
            await self._outlet.send({"type": "conversation", **view})
            self._stood[id] = stands
            if self._watched.get(id) == after:  # unless he asked to be told from elsewhere meanwhile
                self._watched[id] = view["last_seq"]
        if len(view["messages"]) == PAGE:
            self._nudge(id)
        said = [message["text"] for message in view["messages"] if message["author"] == "caller"]
        if said and holds(self._key, conversation):
            with suppress(ApiError):  # it has just left his hands
                await self.suggest(id, said[-1])

    def _look_again(self, id: str, after: float | None) -> None:
        if fading := self._fading.pop(id, None):
            fading.cancel()
        if after is not None:
            self._fading[id] = asyncio.get_running_loop().call_later(after, self._nudge, id)

    async def suggest(self, id: str, text: str | None = None) -> None:
        """Send what could be answered to `text`, else to what the caller said last; raise ApiError where he may not see it."""
        conversation = await self._desk.readable(id, self._key)
        found = await self._desk.suggestions(conversation, text)
        await self._outlet.send({"type": "suggestions", "id": id, "suggestions": [asdict(one) for one in found]})

    async def _drop(self, id: str, stands: dict[str, Any], after: int) -> None:
        self._watched.pop(id, None)
        self._stood.pop(id, None)
        self._look_again(id, None)
        self._news.unsubscribe(channel_of(id))
        await self._outlet.send({"type": "conversation", "id": id, "messages": [], "mine": False, "last_seq": after, **stands})
