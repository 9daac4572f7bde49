"""How a conversation stands for its caller, and waiting until it stands otherwise: the same for the stream and for long polling."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, AsyncIterator, Mapping

from api.conversations import Conversation, channel_of, told
from api.gateway import Gateway
from api.news import Listener

LINE_S = 5.0  # nobody tells a caller who waits that the line before him has moved: he looks again after so long
LISTENS_S = 2.0
STAND_LENGTH = 16
_FOREVER = float("inf")


@dataclass(frozen=True)
class Sight:
    """What a caller sees of his conversation: the state as JSON, which holds for `lasts` seconds unless there is news."""

    state: dict[str, Any]
    lasts: float

    def is_new(self, stand: str) -> bool:
        """Whether there are messages, or all else stands otherwise than under this mark."""
        return bool(self.state["messages"]) or self.state["stand"] != stand


class Following:
    """One page's look at its conversation. News is only a nudge to look again."""

    def __init__(self, gateway: Gateway, id: str, news: Listener) -> None:
        self._gateway, self._id, self._news = gateway, id, news
        self._left = False

    async def next(self, after: int, stand: str, patience: float) -> Sight | None:
        """Return the first sight that is new, None after `patience` seconds or once the page has left. Raises ConversationGone."""
        until = time.monotonic() + patience
        while not self._left:
            sight = await sight_of(self._gateway, await self._gateway.conversations.load(self._id), after)
            if sight.is_new(stand):
                return sight
            left = until - time.monotonic()
            if left <= 0:
                return None
            await self._news.next(min(left, sight.lasts))
        return None

    def leave(self) -> None:
        """The page has gone: whoever waits for news waits no more."""
        self._left = True
        self._news.nudge(channel_of(self._id))


@asynccontextmanager
async def following(gateway: Gateway, id: str) -> AsyncIterator[Following]:
    """Follow a conversation within the block."""
    with gateway.news.listen(channel_of(id)) as news:
        await news.next(LISTENS_S)  # the server's word that it listens; one that comes later is a nudge like any other
        yield Following(gateway, id, news)


async def sight_of(gateway: Gateway, conversation: Conversation, after: int) -> Sight:
    """Return the messages after a number and how the conversation stands; `stand` is a digest of all but the messages."""
    messages = [told(message) for message in await gateway.conversations.messages(conversation.id, after)]
    signs = await gateway.signs.of(conversation, "operator")
    standing: dict[str, Any] = {"owner": conversation.owner, "outcome": conversation.outcome, "read": signs.read}
    if conversation.owner == "operator":
        standing |= {"person": conversation.fields.get("operator_name"), "typing": signs.typing_s > 0}
    if conversation.owner == "queue" and (place := await gateway.reception.standing(conversation.id)):
        standing["queue"] = {name: value for name, value in asdict(place).items() if value is not None}
    known = {name: value for name, value in standing.items() if value}
    state = {"messages": messages, "last_seq": messages[-1]["seq"] if messages else after, "stand": stand_of(known), **known}
    return Sight(state, LINE_S if conversation.owner == "queue" else signs.typing_s or _FOREVER)


def stand_of(standing: Mapping[str, Any]) -> str:
    """Return the mark of a state: STAND_LENGTH hexadecimal digits, equal for equal states."""
    text = json.dumps(standing, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:STAND_LENGTH]
