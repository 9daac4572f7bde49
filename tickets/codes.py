"""The query code of a ticket that no phone proves: told once, kept only as a digest."""

from __future__ import annotations

import hashlib
import hmac

# About 15 ms a try: 10^8 codes take weeks to search even for someone who has stolen the table.
_COST = {"n": 2**13, "r": 8, "p": 1}


def query_code(request_id: str) -> str:
    """Return the 8 digits that belong to a request; a repeat of the request is told the same code again."""
    digest = hmac.new(request_id.encode("utf-8", "replace"), b"query code", hashlib.sha256).digest()
    return f"{int.from_bytes(digest, 'big') % 10**8:08d}"


def digest_code(code: str, number: str) -> str:
    """Return the salted digest (64 hex characters) of a code for the ticket with this number."""
    return hashlib.scrypt(code.encode("utf-8", "replace"), salt=number.encode("utf-8", "replace"), dklen=32, **_COST).hex()


def digest_request(request_id: str) -> str:
    """Return what is stored of a request's id: the id itself would give the code away."""
    return hashlib.sha256(request_id.encode("utf-8", "replace")).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))
