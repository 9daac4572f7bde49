"""`hotline admin key`."""

from __future__ import annotations

from api.keys import KeyStore
from core.cipher import load_cipher
from core.clock import system_clock
from core.db import connect, migrate
from core.settings import Settings


def create_key(settings: Settings, role: str, label: str, department: str | None = None, region: str | None = None) -> str:
    """Make a key of this role in the database and return it; it cannot be shown again.

    A department's key needs the office for which it acts: ValueError without.
    """
    migrate(settings.database, load_cipher(settings.personal_keys))
    return KeyStore(connect(settings.database), system_clock).create(role, label, department, region)
