"""How the outbox is told: letters, pauses between tries, and the signature that webhooks bear (Standard Webhooks, v1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Mapping

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64  # bytes of a secret
TOLERANCE = timedelta(minutes=5)


class SignatureWrong(Exception):
    """The headers do not prove that the body is ours and fresh; says what is wrong."""


@dataclass(frozen=True)
class Letter:
    """One row of the outbox: an event (`name`, `payload`) or a notice (`name` is its template). `tries` have failed so far."""

    id: str
    name: str
    number: str
    at: datetime
    payload: Mapping[str, Any]
    tries: int = 0


@dataclass(frozen=True)
class BackOff:
    """Pauses between tries: each `factor` times as long as the one before, up to `longest`; after `most` tries there is none."""

    first: timedelta
    longest: timedelta
    most: int | None = None
    factor: int = 3

    def pause(self, tries: int) -> timedelta:
        """Return the pause after so many failed tries (1 or more)."""
        seconds, longest = self.first.total_seconds(), self.longest.total_seconds()
        for _ in range(tries - 1):
            if seconds >= longest:
                break
            seconds *= self.factor
        return timedelta(seconds=min(seconds, longest))

    def next_at(self, tries: int, at: datetime) -> datetime | None:
        """Return when to try again after so many failed tries (1 or more); None when enough is enough."""
        if self.most is not None and tries >= self.most:
            return None
        return at + self.pause(tries)


def new_secret() -> str:
    """Return a fresh secret of 32 random bytes, as Standard Webhooks writes them."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def key_of(secret: str) -> bytes:
    """Return the key that a secret spells; raises ValueError unless it is base64 of 24 to 64 bytes, with or without its prefix."""
    try:
        key = base64.b64decode(secret[len(_PREFIX):] if secret.startswith(_PREFIX) else secret, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a secret is base64") from None
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"a secret has {_SHORTEST} to {_LONGEST} bytes")
    return key


def body_of(letter: Letter) -> bytes:
    """Return an event as webhooks carry it: JSON in UTF-8 with `type`, `timestamp` (when it happened) and `data`."""
    told = {"type": letter.name, "timestamp": letter.at.isoformat(), "data": dict(letter.payload)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(secret: str, id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers that prove a body; `at` is the moment of sending, anew at every try."""
    stamp = str(int(at.timestamp()))
    return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{_signature(secret, id, stamp, body)}"}


def verify(secret: str, headers: Mapping[str, str], body: bytes, at: datetime, tolerance: timedelta = TOLERANCE) -> str:
    """Return the id by which repeats are dropped; raises SignatureWrong. `headers` by lower-case names."""
    try:
        id, stamp, given = (headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        sent = int(stamp)
    except (KeyError, ValueError):
        raise SignatureWrong("a header is missing or unreadable") from None
    if abs(at.timestamp() - sent) > tolerance.total_seconds():
        raise SignatureWrong("sent too long ago, or by a clock that is wrong")
    wanted = f"v1,{_signature(secret, id, stamp, body)}".encode()
    # While a secret is being changed the header holds two signatures, parted by a space.
    if not any(hmac.compare_digest(wanted, one.encode()) for one in given.split(" ")):
        raise SignatureWrong("the signature does not fit")
    return id


def _signature(secret: str, id: str, stamp: str, body: bytes) -> str:
    signed = b".".join((id.encode(), stamp.encode(), body))
    return base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode("ascii")
