"""The gateway's own objects, put together from the parts it is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import HTTPConnection

from api.conversations import Conversations
from api.desk.callback import CallBacks
from api.desk.line import Line
from api.desk.ownership import Ownership
from api.desk.patience import Patience
from api.desk.presence import Presence
from api.desk.reception import Reception
from api.desk.waits import Waits
from api.errors import ApiError
from api.fallback import Fallback
from api.hearing import Hearing
from api.news import News
from api.photos.uploads import Uploads
from api.ports import Parts
from api.rasa_client import RasaClient
from api.rates import Places, Rates
from api.responder import Responder
from api.signs import SignBoard
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
    line: Line
    ownership: Ownership
    presence: Presence
    waits: Waits
    rates: Rates
    rasa: RasaClient
    responder: Responder
    reception: Reception
    patience: Patience
    turns: Turns
    hearing: Hearing
    signs: SignBoard
    news: News
    places: Places
    uploads: Uploads

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
    lock, line = TurnLock(parts.redis), Line(parts.redis, parts.clock)
    presence, waits = Presence(parts.redis, parts.clock), Waits(parts.redis)
    rasa = RasaClient(parts.http, settings.rasa_url, settings.rasa_timeout)
    responder = Responder(rasa, Fallback(parts.knowledge, parts.regions, parts.phrases), parts.phrases, parts.log)
    callbacks = CallBacks(parts.tickets, parts.phrases, parts.clock, parts.log)
    reception = Reception(conversations, line, presence, waits, responder, callbacks, parts.knowledge.catalogue, parts.phrases, parts.clock)
    patience = Patience(parts.redis, conversations, line, presence, callbacks, parts.phrases, parts.clock, parts.log,
                        wait=timedelta(minutes=settings.handoff_patience_minutes), silence=timedelta(seconds=settings.operator_silence_seconds))
    turns = Turns(conversations, lock, reception, responder, parts.clock)
    return Gateway(settings, parts, conversations, lock, line, Ownership(parts.redis), presence, waits, Rates(parts.redis), rasa, responder,
                   reception, patience, turns, Hearing(parts.detector), SignBoard(parts.redis), News(parts.redis, parts.log), Places(),
                   Uploads())


def gateway_of(connection: HTTPConnection) -> Gateway:
    """FastAPI dependency: the gateway of the running app."""
    gateway: Gateway = connection.app.state.gateway
    return gateway
