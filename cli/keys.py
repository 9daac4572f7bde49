"""`hotline admin key`."""

from __future__ import annotations

from api.keys import KeyStore
from core.clock import system_clock
from core.db import connect, migrate
from core.settings import Settings


def create_key(settings: Settings, role: str, label: str) -> str:
    """Make a key of this role in the database and return it; it cannot be shown again."""
    migrate(settings.database)
    return KeyStore(connect(settings.database), system_clock).create(role, label)
