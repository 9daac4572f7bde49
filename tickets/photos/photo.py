"""A photo of a ticket: what is known of it beside its pixels, how much is taken, and what keeps both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Collection, Protocol, Sequence

MOST_BYTES = 10 * 1024 * 1024  # as sent
MOST_PHOTOS = 6                # of one ticket


@dataclass(frozen=True)
class Photo:
    """One photo as it is kept: `id` is random and names its file, `width` and `height` are pixels, `sha256` (hexadecimal) is that of its bytes.

    `request_id` is what the sender calls it, so that sending it again is harmless.
    """

    id: str
    number: str
    media_type: str
    width: int
    height: int
    bytes: int
    sha256: str
    at: datetime
    request_id: str | None = field(default=None, repr=False)


class PhotoRecords(Protocol):
    """The rows of photos; written by the ticket repository, together with the act that brings a photo."""

    def of(self, number: str) -> Sequence[Photo]:
        """Return the photos of a ticket, the oldest first."""

    def count(self, number: str) -> int:
        """Return how many photos a ticket has."""

    def none(self) -> bool:
        """Whether there is no photo at all."""

    def known(self, ids: Collection[str]) -> set[str]:
        """Return those of the ids that are photos."""


class PhotoFiles(Protocol):
    """The pixels of photos."""

    def put(self, id: str, data: bytes) -> None:
        """Keep a photo's bytes: on the disk, whatever happens, when it returns."""

    def get(self, id: str) -> bytes | None:
        """Return a photo's bytes, or None; raises KeysFaulty when no key reads them."""

    def remove(self, name: str) -> None:
        """Delete a file, if it is there."""


class Scanner(Protocol):
    """Looks for malicious content."""

    def scan(self, data: bytes) -> str | None:
        """Return the name of what was found, None if nothing was; raises ScannerAway when nobody can tell."""
