"""The link in a message with which the owner of a ticket rates it without further proof."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

from core.cipher import Cipher

_PURPOSE = "rating link"  # no phone looks like it, so no column that the blind key fills ever holds this key
_BYTES = 16  # 128 bits: 22 characters


def rating_token(number: str, cipher: Cipher) -> str:
    """Return the token of a ticket: 22 characters of a-z, A-Z, 0-9, - and _; the same whenever asked."""
    key = cipher.index(_PURPOSE)  # by the blind key, which never rotates: links in old messages stay good
    assert key is not None
    digest = hmac.new(key.encode("ascii"), number.encode("ascii"), hashlib.sha256).digest()
    return urlsafe_b64encode(digest[:_BYTES]).rstrip(b"=").decode("ascii")


def may_rate(number: str, token: str, cipher: Cipher) -> bool:
    """Whether the token belongs to the ticket with this number; compared in constant time. That it rates once is the ticket's own rule."""
    return number.isascii() and hmac.compare_digest(rating_token(number, cipher).encode("ascii"), token.encode("utf-8", "replace"))


def rating_link(public_url: str, number: str, cipher: Cipher) -> str:
    """Return the address to rate at, or an empty text without a `public_url`.

    Number and token stand behind the #: browsers send that part to nobody, so it is in no log on the way.
    """
    return f"{public_url.rstrip('/')}/rate#{number}.{rating_token(number, cipher)}" if public_url else ""
