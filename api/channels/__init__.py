"""The channels. A further one is a package in this folder and nothing else: docs/channels.md says what it owes."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Awaitable, Callable, Sequence

from fastapi import APIRouter

if TYPE_CHECKING:  # it imports channels itself
    from api.gateway import Gateway


async def _nothing() -> None:
    """Close what holds nothing open."""


@dataclass(frozen=True)
class Channel:
    """What a package of this folder gives to the app; `duties` run until they are cancelled, then `close` is called once."""

    router: APIRouter
    phrases: Sequence[str] = ()
    duties: Sequence[Callable[[], Awaitable[None]]] = ()
    close: Callable[[], Awaitable[None]] = _nothing


def further(gateway: Gateway) -> list[Channel]:
    """Return the configured channels of all packages here, each built by its `channel(gateway) -> Channel | None`.

    Raises PhraseMissing for words that bot/domain lacks, and what a package raises for settings that do not fit together.
    """
    packages = sorted(found.name for found in pkgutil.iter_modules(__path__) if found.ispkg)
    built: list[Channel | None] = [importlib.import_module(f"{__name__}.{name}").channel(gateway) for name in packages]
    channels = [channel for channel in built if channel]
    for channel in channels:
        gateway.parts.phrases.require(channel.phrases)
    return channels
