"""The one zone that everything here is told in, and the clock that the edges hand to the domain."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Callable

# China keeps one zone and has had no summer time since 1992, so a fixed offset is exact and needs no zone file.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present moment in Shanghai time."""
    return datetime.now(SHANGHAI)
