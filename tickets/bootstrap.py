"""Builds the ticket service from settings."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Sequence

from redis import Redis

from core.bootstrap import load_regions
from core.calendar import published_calendar
from core.cipher import Cipher, load_cipher
from core.db import connect
from core.settings import Settings
from tickets.appointments import Appointments
from tickets.load import AttemptLimits, load_catalogue, load_centres, load_policy
from tickets.photos.album import Album
from tickets.photos.clamd import scanner_of
from tickets.photos.vault import Vault
from tickets.ports import AttemptLimiter, Extract, Span
from tickets.routing import Router
from tickets.service import TicketService
from tickets.store.appointments import SqlBookings
from tickets.store.attempts import MemoryAttempts, RedisAttempts
from tickets.store.lessons import SqlLessons
from tickets.store.photos import SqlPhotos
from tickets.store.reports import SqlReports
from tickets.store.sql import SqlTickets
from tickets.teaching import Teaching


def serving(settings: Settings, redis_client: Redis[Any] | None, extract: Extract | None = None) -> TicketService:
    """Return the service of a serving process: as `build` does, and what supervisors accept anywhere is learnt within seconds."""
    service = build(settings, redis_client, extract)
    Teaching(SqlLessons(connect(settings.database)), service.router).watch()
    return service


def build(settings: Settings, redis_client: Redis[Any] | None, extract: Extract | None = None) -> TicketService:
    """Return the service over the configured database, whose schema `core.db.migrate` must have made.

    `extract` is the process's own, where it has one; else one is loaded at the first ticket, which takes seconds: a server
    that must answer at once passes its own or classifies something before it opens its doors.
    Without Redis wrong look-ups are counted in this process alone, which is right for one process only.
    Raises CatalogueError when the catalogue or the policy cannot be used, KeysFaulty for an unusable key file.
    """
    policy, catalogue = load_policy(), load_catalogue()
    departments = tuple(sorted({leaf.department for leaf in catalogue}))
    database, calendar, centres = connect(settings.database), published_calendar(), load_centres()
    store = SqlTickets(database, load_cipher(settings.personal_keys), {centre.code: centre.seats for centre in centres.centres})
    router = Router(catalogue, policy)
    Teaching(SqlLessons(database), router).refresh()
    return TicketService(store, _limiter(policy.attempts, redis_client), router, policy, calendar, extract or _extraction(departments),
                         appointments=Appointments(centres, calendar, SqlBookings(database)), guesses=_limiter(policy.guesses, redis_client))


def build_album(settings: Settings, service: TicketService) -> Album:
    """Return the photos of the service's tickets; raises KeysFaulty for an unusable key file, ValueError for an address of no scanner."""
    return Album(service.acting, SqlPhotos(connect(settings.database)), build_vault(settings, load_cipher(settings.personal_keys)),
                 scanner_of(settings.scanner, settings.scanner_timeout))


def build_vault(settings: Settings, cipher: Cipher) -> Vault:
    """Return the files of photos, in the data folder."""
    return Vault(settings.data_dir / "photos", cipher)


def build_reports(settings: Settings) -> SqlReports:
    """Return what counts and lists tickets over the configured database; raises CatalogueError and KeysFaulty as `build` does."""
    policy = load_policy()
    return SqlReports(connect(settings.database), load_cipher(settings.personal_keys), policy.receive, published_calendar(), policy.ranking)


def _limiter(limits: AttemptLimits, redis_client: Redis[Any] | None) -> AttemptLimiter:
    spare = MemoryAttempts(limits)
    return spare if redis_client is None else RedisAttempts(redis_client, limits, spare)


def _extraction(departments: tuple[str, ...]) -> Extract:
    @lru_cache(maxsize=1)
    def extractor() -> Any:
        # spaCy takes a second to load: a process that only looks tickets up never pays for it.
        from zh.extract import Extractor
        regions = load_regions()
        return Extractor(regions.names(), departments, regions.other_words())

    def extract(text: str) -> Sequence[Span]:
        spans: Sequence[Span] = extractor().extract(text)
        return spans

    return extract
