"""What the gateway needs of the rest of the product; api/wiring.py fills it with the real things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Callable, Literal, Protocol, Sequence

from httpx import AsyncClient
from redis.asyncio import Redis

from api.phrases import Phrases
from knowledge.memory.recorder import Memory
from knowledge.model import Facet, Reply
from knowledge.ports import Catalogue, Matcher
from tickets.conversation_ratings import ConversationRating
from tickets.notices.message import Gateway as TextGateway
from tickets.open_data import PublicTicket
from tickets.photos.photo import Photo
from tickets.routing import Router

if TYPE_CHECKING:  # it needs Channel from here
    from api.archive import Kept

Channel = Literal["web", "ivr"]
Role = Literal["ivr", "operator", "department", "supervisor", "editor", "admin", "open311", "rasa"]


class Log(Protocol):
    """A structured logger that masks personal data itself."""

    def info(self, event: str, **values: Any) -> Any: ...

    def warning(self, event: str, **values: Any) -> Any: ...

    def error(self, event: str, **values: Any) -> Any: ...


class Alarm(Protocol):
    """A danger heard in a caller's words."""

    @property
    def kind(self) -> str: ...

    @property
    def also(self) -> tuple[str, ...]: ...

    @property
    def outcome(self) -> str: ...


class Detector(Protocol):
    """Hears danger; never raises."""

    def detect(self, text: str) -> Alarm | None: ...


class Region(Protocol):
    """A province, city or county."""

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def parent(self) -> str | None: ...


class Regions(Protocol):
    """The region tree of the province."""

    def get(self, code: str) -> Region | None: ...

    def find(self, text: str, within: str | None = None) -> Region | None: ...


class Answerer(Protocol):
    """Words a fact; `asked` is the name that matched, which may be one of the item's own questions."""

    def about(self, code: str, facet: Facet | None, region: str | None = None, asked: str | None = None) -> Reply: ...

    def place_and_name(self, code: str) -> str: ...


class Knowledge(Protocol):
    """Everything that is known, as knowledge.bootstrap builds it."""

    @property
    def catalogue(self) -> Catalogue: ...

    @property
    def matcher(self) -> Matcher: ...

    @property
    def answerer(self) -> Answerer: ...


class Tickets(Protocol):
    """The ticket service; blocking, so it is called in a worker thread."""

    @property
    def router(self) -> Router: ...

    def open(self, new: Any, at: datetime) -> Any: ...

    def classify(self, text: str) -> Any: ...

    def suggest(self, text: str, region: str | None) -> Any: ...

    def similar(self, text: str, category: str, region: str | None, where: str | None, at: datetime) -> Any: ...

    def view(self, number: str, *, at: datetime, phone_last4: str | None = None, code: str | None = None, phone: str | None = None,
             asker: str = "", trusted: bool = False) -> Any: ...

    def urge(self, number: str, *, at: datetime, note: str = "", **proof: Any) -> Any: ...

    def supplement(self, number: str, text: str, *, at: datetime, **proof: Any) -> Any: ...

    def withdraw(self, number: str, *, at: datetime, note: str = "", **proof: Any) -> Any: ...

    def rate(self, number: str, grade: str, *, at: datetime, reason: str = "", **proof: Any) -> Any: ...


class Photos(Protocol):
    """Photos of tickets; blocking, so it is called in a worker thread. See tickets.photos.album."""

    def expect(self, number: str, request_id: str | None, at: datetime) -> Photo | None: ...

    def attach(self, number: str, data: bytes, request_id: str | None, at: datetime) -> Photo: ...

    def of(self, number: str) -> Sequence[Photo]: ...

    def count(self, number: str) -> int: ...

    def shown(self, number: str, id: str) -> tuple[Photo, bytes]: ...


@dataclass(frozen=True)
class Key:
    """A verified API key: `name` says for whom it was made, `department` and `region` (its code) for which office a handler acts."""

    id: str
    role: Role
    name: str = ""
    department: str = ""
    region: str | None = None


class PublicTickets(Protocol):
    """What anybody may know of tickets; blocking, so it is called in a worker thread."""

    def find(self, public_ids: Sequence[str]) -> list[PublicTicket]: ...

    def id_of(self, number: str) -> str: ...

    def newest(self, start: datetime, end: datetime, categories: Sequence[str], done: bool | None, limit: int) -> list[PublicTicket]: ...


class Ratings(Protocol):
    """Ratings of conversations; blocking, so it is called in a worker thread."""

    def rated(self, session: str) -> bool: ...

    def rate(self, rating: ConversationRating, phone: str | None) -> bool: ...


class KeptConversations(Protocol):
    """Conversations that are over; blocking, so it is called in a worker thread."""

    def find(self, id: str) -> Kept | None: ...


class Keys(Protocol):
    """API keys; blocking, so it is called in a worker thread."""

    def verify(self, token: str) -> Key | None: ...


@dataclass(frozen=True)
class Parts:
    """All that create_app is given."""

    redis: Redis[str]  # with decode_responses
    http: AsyncClient  # pooled; speaks to Rasa and the action server only
    detector: Detector
    knowledge: Knowledge
    regions: Regions
    tickets: Tickets
    photos: Photos
    public_tickets: PublicTickets
    ratings: Ratings
    archive: KeptConversations
    keys: Keys
    memory: Memory
    phrases: Phrases
    ping_database: Callable[[], None]  # raises when the database does not answer
    clock: Callable[[], datetime]
    log: Log
    may_rate: Callable[[str, str], bool] = lambda number, token: False  # whether the token of a message's link belongs to a ticket
    text_messages: TextGateway | None = None  # carries what cannot be read out on the phone
