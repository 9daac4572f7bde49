"""Service centres that take bookings, as local policy has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Mapping


@dataclass(frozen=True)
class Centre:
    """A service centre: `seats` can be booked in each slot; `hours` holds the spans of each weekday (0 is Monday)."""

    code: str
    name: str
    region: str
    seats: int
    hours: Mapping[int, tuple[tuple[time, time], ...]]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Centres:
    """Local policy: all centres, and the bounds of booking."""

    centres: tuple[Centre, ...]
    days_ahead: int
    notice: timedelta
    slot: timedelta

    def get(self, code: str) -> Centre | None:
        """Return the centre with this code, or None."""
        return next((centre for centre in self.centres if centre.code == code), None)

    def named(self, text: str, region: str | None = None) -> Centre | None:
        """Return the centre that a normalised text names, else the one of the region that it names (`region`)."""
        said = [(len(name), -place, centre) for place, centre in enumerate(self.centres) for name in (centre.name, *centre.aliases) if name in text]
        if said:
            return max(said, key=lambda one: one[:2])[2]
        return next((centre for centre in self.centres if centre.region == region), None)

    def near(self, region: str) -> tuple[Centre, ...]:
        """Return the centres of a region's city, those of the region itself first; all of them where that city has none."""
        city = [centre for centre in self.centres if centre.region[:4] == region[:4]]
        return tuple(sorted(city or self.centres, key=lambda centre: centre.region != region))
