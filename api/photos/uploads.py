"""The way of a photo's bytes into the gateway: counted as they come, few at once, for each of them costs memory."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import Iterator

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from api.ports import Photos
from api.rates import Places, asker_of
from core.clock import Clock
from tickets.photos.errors import PhotoTooLarge, PhotoUnreadable
from tickets.photos.photo import MOST_BYTES, Photo

ADDRESS_PHOTOS = 60        # a minute
_PATIENCE_S = 120.0        # 10 MB take a poor connection one and a half minutes
_OF_ADDRESS = 6            # on their way at once: a page may send all that a ticket may have
_OF_GATEWAY = 20
_DECODING = 1              # at once: 40 million pixels take up to 600 MB, most photos a tenth of it and a third of a second


class Uploads:
    """Photos on their way into this gateway process."""

    def __init__(self) -> None:
        self._places = Places()
        self._decoding = asyncio.Semaphore(_DECODING)

    @contextmanager
    def place(self, request: Request) -> Iterator[None]:
        """Hold a place for one photo; raise ApiError("too_many_requests") where an address or the gateway has none left."""
        with self._places.hold("all", _OF_GATEWAY), self._places.hold(asker_of(request), _OF_ADDRESS):
            yield

    async def attach(self, photos: Photos, number: str, data: bytes, request_id: str | None, clock: Clock) -> Photo:
        """Let the photo be looked at and kept, when its turn has come."""
        async with self._decoding:
            return await run_in_threadpool(photos.attach, number, data, request_id, clock())


async def body_of(request: Request, patience: float = _PATIENCE_S) -> bytes:
    """Return the body, at most 10 MB; raises PhotoTooLarge as soon as there is more, PhotoUnreadable for one that does not come whole in time."""
    try:
        return await asyncio.wait_for(_read(request), patience)
    except (asyncio.TimeoutError, ClientDisconnect):
        raise PhotoUnreadable from None


async def _read(request: Request) -> bytes:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            raise PhotoTooLarge
    return bytes(data)
