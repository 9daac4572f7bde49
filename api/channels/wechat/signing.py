"""Who may speak to the webhook: the platform's signature, and how long it holds."""

from __future__ import annotations

import hashlib
import hmac
import re

FRESH_S = 300  # a signature is refused before and after
_MOMENT = re.compile(r"\d{1,12}", re.ASCII)


def signature(token: str, *parts: str) -> str:
    """Return the SHA-1 (hex) of token and parts, sorted and joined, as the platform's protocol has it."""
    return hashlib.sha1("".join(sorted((token, *parts))).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def signed(given: str, token: str, *parts: str) -> bool:
    """Say, in constant time, whether a signature is that of token and parts."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), signature(token, *parts).encode())


def fresh(timestamp: str, now: float) -> bool:
    """Say whether a timestamp (seconds since the epoch) lies within FRESH_S of now."""
    return _MOMENT.fullmatch(timestamp) is not None and abs(int(timestamp) - now) <= FRESH_S
