"""Photos of tickets: taken from callers, shown to those who may see them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Callable, Sequence

from core.ids import new_id
from core.logs import get_logger
from tickets.acting import Acting
from tickets.doing import CALLER
from tickets.errors import TicketError, TicketNotFound
from tickets.photos.errors import PhotoKept, PhotoNotFound, PhotoRefused, TooManyPhotos
from tickets.photos.photo import MOST_PHOTOS, Photo, PhotoFiles, PhotoRecords, Scanner
from tickets.photos.picture import cleaned
from tickets.vocabulary import Act

NOTE = "补充照片1张"
_log = get_logger(__name__)


@dataclass(frozen=True)
class Album:
    """The use cases; whose ticket it is, and who may see it, is the caller's to check. Blocking: decoding takes a second and much memory."""

    acting: Acting
    records: PhotoRecords
    files: PhotoFiles
    scanner: Scanner | None = None
    make_id: Callable[[], str] = new_id

    def expect(self, number: str, request_id: str | None, at: datetime) -> Photo | None:
        """Return the photo that this request brought before, None if it may bring one now: to be asked before its bytes are sent.

        Raises TicketNotFound, TooManyPhotos, and ActRefused where nothing can be added to the ticket any more.
        """
        ticket = self.acting.repository.find(number)
        if ticket is None:
            raise TicketNotFound
        held = self.records.of(number)
        if before := _brought(held, request_id):
            return before
        self.acting.check(ticket, Act.SUPPLEMENT, by=CALLER, at=at, note=NOTE)
        if len(held) >= MOST_PHOTOS:
            raise TooManyPhotos
        return None

    def attach(self, number: str, data: bytes, request_id: str | None, at: datetime) -> Photo:
        """Keep a photo, sent as the bytes of an image file, and note it in the ticket's trail; the same request again returns the same photo.

        Raises what `expect` does, PhotoTooLarge, PhotoUnreadable, PhotoRefused, ScannerAway, TicketBusy.
        """
        if before := self.expect(number, request_id, at):
            return before
        self._scan(number, data)  # as it was sent, and before any decoder meets it
        picture = cleaned(data)
        photo = Photo(self.make_id(), number, picture.media_type, picture.width, picture.height, len(picture.data),
                      hashlib.sha256(picture.data).hexdigest(), at, request_id)
        # The file first: dying here leaves a file that nobody knows, and never a photo without one.
        self.files.put(photo.id, picture.data)
        try:
            self.acting.act(number, Act.SUPPLEMENT, by=CALLER, at=at, note=NOTE, photos=(photo,))
        except (TicketError, PhotoKept) as error:  # on any other the row may be stored: then the file is left to the sweep
            self.files.remove(photo.id)
            before = _brought(self.records.of(number), request_id) if isinstance(error, PhotoKept) else None
            if before is None:
                raise
            return before
        return photo

    def of(self, number: str) -> Sequence[Photo]:
        """Return the photos of a ticket, the oldest first."""
        return self.records.of(number)

    def count(self, number: str) -> int:
        """Return how many photos a ticket has."""
        return self.records.count(number)

    def shown(self, number: str, id: str) -> tuple[Photo, bytes]:
        """Return a photo of a ticket with its bytes; raises PhotoNotFound, also where the file is gone or another one."""
        photo = next((photo for photo in self.records.of(number) if photo.id == id), None)
        if photo is None:
            raise PhotoNotFound
        data = self.files.get(id)
        if data is None or hashlib.sha256(data).hexdigest() != photo.sha256:
            _log.error("photo_lost", number=number, photo=id)
            raise PhotoNotFound
        return photo, data

    def _scan(self, number: str, data: bytes) -> None:
        found = self.scanner.scan(data) if self.scanner else None
        if found is not None:
            _log.warning("photo_refused", number=number, found=found)
            raise PhotoRefused


def _brought(held: Sequence[Photo], request_id: str | None) -> Photo | None:
    return next((photo for photo in held if photo.request_id == request_id), None) if request_id else None
