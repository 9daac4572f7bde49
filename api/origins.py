"""Which pages may connect: the gateway's own, and those of the sites that the settings name."""

from __future__ import annotations

from typing import Collection
from urllib.parse import urlsplit


def allowed(origin: str | None, host: str | None, others: Collection[str]) -> bool:
    """Say whether a page of `origin` may speak to the server called `host`; without an origin it is no page.

    The scheme is not compared: a proxy in front may have taken TLS away.
    """
    if origin is None:
        return True
    try:
        netloc = urlsplit(origin.lower()).netloc
    except ValueError:
        return False
    return origin.lower() in others or bool(netloc and host and netloc == host.lower())
