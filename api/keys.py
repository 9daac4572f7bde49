"""API keys of channels and staff: shown once, kept as a digest."""

from __future__ import annotations

import hashlib
import secrets
from typing import Annotated, Any, Callable, get_args

from fastapi import Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import APIKeyHeader
from sqlalchemy import insert, select, update
from starlette.requests import HTTPConnection

from api.errors import ApiError
from api.ports import Key, Keys, Role
from core.clock import Clock
from core.db import Database, api_keys
from core.ids import new_id

PREFIX = "hk_"
ROLES: tuple[str, ...] = get_args(Role)
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="由 hotline admin key 发放")


class KeyStore:
    """Keys in the database; every method is one transaction."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def create(self, role: str, label: str, department: str | None = None, region: str | None = None) -> str:
        """Keep a new key and return its token, which cannot be shown again.

        Raises ValueError for an unknown role, and for an office that is missing with a department's key or given with another.
        """
        if role not in ROLES:
            raise ValueError(f"unknown role: {role}")
        if (role == "department") != bool(department and region) or bool(department) != bool(region):
            raise ValueError("a department's key, and no other, names its department and region")
        token = PREFIX + secrets.token_urlsafe(32)
        row = {"id": new_id(), "role": role, "label": label, "department": department, "region": region, "digest": _digest(token),
               "created_at": self._clock()}
        with self._database.write() as connection:
            connection.execute(insert(api_keys).values(row))
        return token

    def verify(self, token: str) -> Key | None:
        """Return the key behind a token, None if there is none or it was revoked.

        The look-up goes by digest: its time tells nothing about a token.
        """
        wanted = select(api_keys).where(api_keys.c.digest == _digest(token), api_keys.c.revoked_at.is_(None))
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return Key(row.id, row.role, row.label, row.department or "", row.region) if row else None

    def revoke(self, id: str) -> bool:
        """Make a key worthless; False if it is unknown or was so already."""
        change = update(api_keys).where(api_keys.c.id == id, api_keys.c.revoked_at.is_(None)).values(revoked_at=self._clock())
        with self._database.write() as connection:
            return bool(connection.execute(change).rowcount)


def key_of(*roles: Role) -> Callable[..., Any]:
    """Return a dependency that lets only keys of `roles` pass: 401 without a valid key, 403 with another role's."""

    async def verified(connection: HTTPConnection, token: Annotated[str | None, Security(_header)] = None) -> Key:
        key = await verify(connection, token)
        if key.role not in roles:
            raise ApiError("forbidden")
        return key

    return verified


async def verify(connection: HTTPConnection, token: str | None) -> Key:
    """Return the key of a request; raise ApiError("unauthorised")."""
    keys: Keys = connection.app.state.gateway.parts.keys
    key = await run_in_threadpool(keys.verify, token) if token else None
    if key is None:
        raise ApiError("unauthorised")
    return key


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
