"""People at the desk, over REST: who waits, taking a conversation over, writing, and letting it go."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response, status

from api.channels import operator_bodies as bodies
from api.channels.operator_bodies import ConversationId
from api.conversations import Owner
from api.desk import overview
from api.desk.desk import PHRASES, Desk, desk_of
from api.gateway import Gateway, gateway_of
from api.keys import key_of
from api.ports import Key
from api.schemas import failures

__all__ = ["PHRASES", "router"]
ACTS = 600  # a minute for one key, reading among them
router = APIRouter(prefix="/v1/operator", tags=["人工座席"])
TheGateway = Annotated[Gateway, Depends(gateway_of)]
TheDesk = Annotated[Desk, Depends(desk_of)]
_FAILURES = failures(401, 403, 404, 409, 413, 429, 503)
_STATE: dict[str, Any] = {"response_model": bodies.DeskState, "response_model_exclude_none": True, "responses": _FAILURES}


async def _person(gateway: TheGateway, key: Annotated[Key, Depends(key_of("operator", "supervisor"))]) -> Key:
    await gateway.rates.check("desk", key.id, ACTS)
    return key


async def _supervisor(gateway: TheGateway, key: Annotated[Key, Depends(key_of("supervisor"))]) -> Key:
    return await _person(gateway, key)


Person = Annotated[Key, Depends(_person)]
Supervisor = Annotated[Key, Depends(_supervisor)]


@router.get("/queue", response_model=bodies.Line, response_model_exclude_none=True, responses=failures(401, 403, 429, 503), summary="谁在等人工")
async def line(_: Person, desk: TheDesk) -> Any:
    return {"waiting": await desk.waiting.now()}


@router.post("/next", summary="接下一位", **{**_STATE, "responses": {204: {"description": "没有人在等"}, **failures(401, 403, 409, 429, 503)}})
async def following(key: Person, gateway: TheGateway, desk: TheDesk, body: bodies.NextWanted | None = None) -> Any:
    wanted = body or bodies.NextWanted()
    region = gateway.region(wanted.region) if wanted.region else None
    await gateway.presence.acts(key.id, key.name, wanted.skills, region, gateway.parts.clock())
    id = await desk.next(key, wanted.skills, region)
    return await _state(desk, id, key) if id else Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/seat", status_code=status.HTTP_204_NO_CONTENT, response_model=None, responses=failures(401, 403, 422, 429, 503), summary="我在座席上")
async def seat(body: bodies.SeatTaken, key: Person, gateway: TheGateway) -> None:
    """To be told every 10 s by a console without the WebSocket; who is not heard of for 30 s is gone, and what he had waits again."""
    if body.state == "away":
        await gateway.presence.away(key.id)
        return
    region = gateway.region(body.region) if body.region else None
    await gateway.presence.here(key.id, key.name, body.skills, region, body.state, gateway.parts.clock())


@router.get("/seats", response_model=bodies.Seats, response_model_exclude_none=True, responses=failures(401, 403, 429, 503), summary="谁在座席上")
async def seats(_: Supervisor, gateway: TheGateway) -> Any:
    return {"seats": [asdict(seat) for seat in await gateway.presence.present()]}


@router.get("/conversations", response_model=bodies.Conversations, response_model_exclude_none=True, responses=failures(401, 403, 422, 429, 503),
            summary="正在进行的会话")
async def conversations(_: Supervisor, gateway: TheGateway, owner: Owner | None = None,
                        limit: Annotated[int, Query(ge=1, le=overview.MOST)] = 50) -> Any:
    """Those first in which something happened last; not a word of what was said."""
    return {"conversations": await overview.conversations_of(gateway.parts.redis, owner, limit)}


@router.post("/conversations/{id}/claim", summary="接入会话", **_STATE)
async def claim(id: ConversationId, key: Person, gateway: TheGateway, desk: TheDesk) -> Any:
    await desk.claim(id, key, over=key.role == "supervisor")
    await gateway.presence.acts(key.id, key.name, (), None, gateway.parts.clock())
    return await _state(desk, id, key)


@router.get("/conversations/{id}/messages", summary="看会话", **_STATE)
async def read(id: ConversationId, key: Person, gateway: TheGateway, desk: TheDesk,
               after: Annotated[int, Query(ge=0, le=2**53)] = 0) -> Any:
    """What the person who has it fetches counts as read."""
    view = await desk.view(await desk.readable(id, key), after, key)
    if view.told["mine"] and view.told["messages"]:
        await gateway.signs.reads(id, "operator", view.told["last_seq"], key.id)
    return view.told


@router.post("/conversations/{id}/messages", response_model=bodies.DeskMessage, response_model_exclude_none=True,
             responses=_FAILURES, summary="回复来访人")
async def write(id: ConversationId, body: bodies.OperatorMessage, key: Person, desk: TheDesk) -> Any:
    return await desk.say(id, key, body.text, body.client_message_id, body.item)


@router.get("/conversations/{id}/package", response_model=bodies.Package, responses=_FAILURES, summary="交接的全部情况")
async def package(id: ConversationId, key: Person, desk: TheDesk) -> Any:
    return await desk.package(id, key)


@router.get("/conversations/{id}/suggestions", response_model=bodies.SuggestionList, responses=_FAILURES, summary="可以怎么回")
async def suggestions(id: ConversationId, key: Person, desk: TheDesk) -> Any:
    return {"suggestions": [asdict(found) for found in await desk.suggestions(await desk.readable(id, key))]}


@router.post("/conversations/{id}/return", summary="交还给智能助手", **_STATE)
async def give_back(id: ConversationId, key: Person, desk: TheDesk, body: bodies.GiveBack | None = None) -> Any:
    await desk.give_back(id, key, body.note if body else None)
    return await _state(desk, id, key)


@router.post("/conversations/{id}/transfer", summary="转给别的热线或别的队列", **_STATE)
async def transfer(id: ConversationId, body: bodies.Handing, key: Person, desk: TheDesk) -> Any:
    await desk.transfer(id, key, body.to, body.skill, body.note, clear=body.clear)
    return await _state(desk, id, key)


@router.post("/conversations/{id}/end", summary="结束会话", **_STATE)
async def end(id: ConversationId, key: Person, desk: TheDesk, body: bodies.Ending | None = None) -> Any:
    await desk.end(id, key, body.reason if body else None)
    return await _state(desk, id, key)


@router.post("/corrections", status_code=status.HTTP_202_ACCEPTED, responses=failures(401, 403, 404, 413, 429),
             summary="告诉知识库这句话说的是哪个事项")
async def correct(body: bodies.Correction, key: Person, gateway: TheGateway) -> dict[str, str]:
    gateway.parts.knowledge.catalogue.record(body.code)
    if gateway.parts.detector.detect(body.text) is None:  # nothing is kept of who is in danger
        gateway.parts.memory.pick(f"operator {key.id}", body.text, body.code, "operator")
    return {"status": "accepted"}


async def _state(desk: Desk, id: str, key: Key) -> dict[str, Any]:
    return (await desk.view(await desk.load(id), 0, key)).told
