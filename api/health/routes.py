"""Whether the process lives, and whether all that it needs answers."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Awaitable, Sequence

from fastapi import APIRouter, Depends, Response

from api.gateway import Gateway, gateway_of
from api.rasa_client import addresses

router = APIRouter(prefix="/health", tags=["运行状态"])
PATIENCE_S = 1.5


@router.get("/live", summary="网关在运行")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/ready", summary="各部分都能用", responses={503: {"description": "有一部分不可用，parts 里写明是哪一部分"}})
async def ready(response: Response, gateway: Annotated[Gateway, Depends(gateway_of)]) -> dict[str, Any]:
    checks: dict[str, Awaitable[Any]] = {
        "rasa": _any_answers(gateway, addresses(gateway.settings.rasa_url)),
        "actions": _answers(gateway, gateway.settings.actions_url.rstrip("/") + "/health"),
        "redis": gateway.parts.redis.ping(),
        "database": asyncio.to_thread(gateway.parts.ping_database),
    }
    results = await asyncio.gather(*(asyncio.wait_for(check, PATIENCE_S) for check in checks.values()), return_exceptions=True)
    # Only names leave: what an error says may hold addresses and passwords.
    parts = {name: "down" if isinstance(result, BaseException) else "ok" for name, result in zip(checks, results, strict=True)}
    whole = all(state == "ok" for state in parts.values())
    response.status_code = 200 if whole else 503
    return {"status": "ok" if whole else "down", "parts": parts}


async def _any_answers(gateway: Gateway, urls: Sequence[str]) -> None:
    """One process of several is enough: it takes the others' conversations over."""
    faults = [fault for fault in await asyncio.gather(*(_answers(gateway, f"{url}/") for url in urls), return_exceptions=True) if fault]
    if len(faults) == len(urls):
        raise faults[0]


async def _answers(gateway: Gateway, url: str) -> None:
    (await gateway.parts.http.get(url)).raise_for_status()
