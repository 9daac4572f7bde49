"""A ticket service over a real database whose text recognition is left out: what acts and tells needs none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from core.calendar import WorkingCalendar, published_calendar
from core.clock import SHANGHAI
from core.settings import Settings
from tickets.bootstrap import build
from tickets.model import NewTicket, TicketType
from tickets.service import TicketService

AT = datetime(2026, 11, 5, 10, tzinfo=SHANGHAI)
LAMP = NewTicket(TicketType.HELP, "小区门口路灯坏了一个月没人修", "ivr", region="370102", phone="13812345678")


def settings_of(folder: Path, url: str, **more: Any) -> Settings:
    """Return settings whose data stand in `folder` and whose tickets in the database at `url`."""
    return Settings(data_dir=folder, database_url=url, **more)


def service_of(settings: Settings, calendar: WorkingCalendar | None = None) -> TicketService:
    """Return the real service over a migrated database."""
    return replace(build(settings, None, lambda text: ()), calendar=calendar or published_calendar())


def request(n: int, **changes: Any) -> NewTicket:
    """Return the n-th request for a lamp to be mended."""
    return replace(LAMP, request_id=f"request-{n}", **changes)
