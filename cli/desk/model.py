"""What a seat at the desk knows: the line, the conversations it holds, and what it asked of the server."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Mapping, Optional, Union


@dataclass(frozen=True)
class Waiting:
    """One conversation in the line, as the server ranks it."""

    id: str
    reason: str
    skill: str
    since: Optional[datetime]
    alarm: bool = False
    elderly: bool = False
    held: bool = False  # a colleague has it already, and help is wanted
    channel: str = ""
    region: str = ""
    mood: str = ""
    last_text: str = ""


@dataclass(frozen=True)
class Said:
    """One message; `at` is the time on the wall, as 09:12."""

    seq: int
    author: str
    text: str
    at: str
    client_id: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A reply that the knowledge base proposes; `item` is the record it comes from."""

    text: str
    name: str
    item: str = ""


@dataclass(frozen=True)
class Package:
    """What is handed over with a conversation."""

    reason: str = ""
    mood: str = ""
    elderly: bool = False
    caller: str = ""
    note: str = ""
    summary: str = ""
    failed: tuple[str, ...] = ()
    ticket: str = ""
    form: str = ""
    filled: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Talk:
    """One conversation of this seat; `seen` is the last number that was read, `mine` ends when the server says so.

    `typing`: the caller types; `read` is how far he has read, `read_told` how far he was told that this seat has.
    """

    id: str
    channel: str = ""
    region: str = ""
    said: tuple[Said, ...] = ()
    last_seq: int = 0  # up to here nothing is missing
    asked_after: int = -1  # the number from which a gap was asked for
    seen: int = 0
    mine: bool = True
    draft: str = ""
    typing: bool = False
    read: int = 0
    read_told: int = 0
    package: Optional[Package] = None
    suggestions: tuple[Suggestion, ...] = ()
    item: str = ""  # the record whose suggestion stands in the input line

    @property
    def unread(self) -> int:
        return sum(1 for message in self.said if message.seq > self.seen and message.author == "caller")


@dataclass(frozen=True)
class Asked:
    """A request that is not yet answered; it is sent again under the same name until it is.

    `state` of a message: open, kept (acknowledged, but not yet seen among the messages) or refused; `after` is the last
    number that was seen when it was written.
    """

    request: str
    type: str
    id: str
    more: tuple[tuple[str, str], ...] = ()
    sent_at: float = 0.0
    state: str = "open"
    after: int = 0

    @property
    def frame(self) -> dict[str, Any]:
        return {"type": self.type, "id": self.id, **dict(self.more), "request": self.request}

    @property
    def text(self) -> str:
        return dict(self.more).get("text", "")


@dataclass(frozen=True)
class Desk:
    """Everything the screen shows; `prefix` makes the names of requests unique, `now` is in seconds of a steady clock."""

    prefix: str
    skills: tuple[str, ...] = ()
    region: Optional[str] = None
    name: str = ""
    ready: bool = True
    linked: bool = False
    waiting: tuple[Waiting, ...] = ()
    rung: frozenset[str] = frozenset()  # whose bell was rung
    talks: tuple[Talk, ...] = ()
    current: Optional[str] = None
    asked: tuple[Asked, ...] = ()
    confirming: Optional[Asked] = None
    leaving: bool = False
    typed: bool = False  # something stands in the input line
    typing_told: float = -60.0
    notice: str = ""
    help: bool = False
    scroll: int = 0
    count: int = 0
    now: float = 0.0

    def talk(self, id: Optional[str]) -> Optional[Talk]:
        """Return a conversation of this seat."""
        return next((talk for talk in self.talks if talk.id == id), None)

    def unsent(self, id: str) -> tuple[Asked, ...]:
        """Return what was typed in a conversation and does not stand among its messages yet."""
        return tuple(asked for asked in self.asked if asked.type == "say" and asked.id == id)

    def put(self, talk: Talk) -> "Desk":
        """Return the desk with this state of a conversation; a new one comes last."""
        if self.talk(talk.id) is None:
            return replace(self, talks=(*self.talks, talk))
        return replace(self, talks=tuple(talk if old.id == talk.id else old for old in self.talks))

    def drop(self, id: str) -> "Desk":
        """Return the desk without a conversation. None is current then: words must not reach another caller by accident."""
        return replace(self, talks=tuple(talk for talk in self.talks if talk.id != id), current=None if self.current == id else self.current,
                       asked=tuple(asked for asked in self.asked if asked.id != id))

    def show(self, id: str) -> "Desk":
        """Return the desk with another conversation in the middle; what stood there before is read."""
        left = self.talk(self.current)
        desk = self.put(replace(left, seen=left.last_seq)) if left else self
        return replace(desk, current=id, scroll=0, help=False, leaving=False, confirming=None)

    def tell(self, notice: str) -> "Desk":
        return replace(self, notice=notice)


@dataclass(frozen=True)
class Send:
    """A frame for the server."""

    frame: Mapping[str, Any]


@dataclass(frozen=True)
class Fetch:
    """The package of a conversation is wanted."""

    id: str


@dataclass(frozen=True)
class Next:
    """The best of the line is wanted."""

    wish: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ring:
    """The bell."""


@dataclass(frozen=True)
class Fill:
    """Words for the input line, in place of what stands there or after it."""

    text: str
    add: bool = False


@dataclass(frozen=True)
class Quit:
    """The seat is left."""


Effect = Union[Send, Fetch, Next, Ring, Fill, Quit]
Step = tuple[Desk, tuple[Effect, ...]]
