"""The gateway's own objects, put together from the parts it is given."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from api.conversations import Conversations
from api.errors import ApiError
from api.fallback import Fallback
from api.ports import Parts
from api.queue import Queue
from api.rasa_client import RasaClient
from api.rates import Rates
from api.responder import Responder
from api.turn_lock import TurnLock
from api.turns import Turns
from core.settings import Settings


@dataclass(frozen=True)
class Gateway:
    """What the endpoints work with."""

    settings: Settings
    parts: Parts
    conversations: Conversations
    lock: TurnLock
    queue: Queue
    rates: Rates
    responder: Responder
    turns: Turns

    def region(self, code: str | None) -> str:
        """Return a region that exists, this hotline's own if none is named; raise ApiError("unknown_region")."""
        if code is None:
            return self.settings.region
        if self.parts.regions.get(code) is None:
            raise ApiError("unknown_region", field="region")
        return code


def build_gateway(settings: Settings, parts: Parts) -> Gateway:
    """Build everything that the endpoints need; nothing connects yet."""
    conversations = Conversations(parts.redis, settings.session_hours * 3600)
    lock, queue = TurnLock(parts.redis), Queue(parts.redis)
    rasa = RasaClient(parts.http, settings.rasa_url, settings.rasa_timeout)
    responder = Responder(rasa, Fallback(parts.knowledge, parts.regions, parts.phrases), parts.phrases, parts.log)
    turns = Turns(conversations, lock, queue, responder, parts.phrases, parts.clock)
    return Gateway(settings, parts, conversations, lock, queue, Rates(parts.redis), responder, turns)


def gateway_of(connection: HTTPConnection) -> Gateway:
    """FastAPI dependency: the gateway of the running app."""
    gateway: Gateway = connection.app.state.gateway
    return gateway
