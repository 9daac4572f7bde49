"""Numbers and identifiers. Randomness comes in as a function, so that tests can choose it."""

from __future__ import annotations

import secrets
import uuid
from datetime import date
from typing import Callable

# below(n) returns a whole number in 0..n-1.
Below = Callable[[int], int]


def ticket_number(day: date, below: Below = secrets.randbelow) -> str:
    """Return 16 digits: yyyymmdd and 8 random ones; digits only, so that a phone can key them in.

    The random half is no secret (progress is shown against a second proof), it only keeps numbers from being counted up.
    """
    return f"{day.year:04d}{day.month:02d}{day.day:02d}{below(10**8):08d}"


def new_id() -> str:
    """Return 32 hexadecimal characters that nobody can guess."""
    return uuid.uuid4().hex
