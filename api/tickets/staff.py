"""The desk of operators, departments and supervisors: lists, one ticket, its trail, and acts on it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.concurrency import run_in_threadpool

from api.gateway import Gateway, gateway_of
from api.keys import key_of
from api.ports import Key
from api.schemas import RegionCode, failures
from api.tickets.advice import similar_to_staff
from api.tickets.staff_schemas import ActBody, PageBody, StaffTicketBody, TrailBody, entry, row, whole
from tickets.desk import Desk
from tickets.doing import Actor
from tickets.listing import MOST, Wanted, place_of
from tickets.vocabulary import Card, Pending, Queue, Role, Status

router = APIRouter(prefix="/v1/staff/tickets", tags=["工单办理"])
StaffKey = Annotated[Key, Depends(key_of("operator", "department", "supervisor", "admin"))]
TheGateway = Annotated[Gateway, Depends(gateway_of)]
Number = Annotated[str, Path(regex=r"^\d{16}$", example="2026110112345678")]
Word = Annotated[str | None, Query(min_length=1, max_length=60)]


def desk_of(gateway: TheGateway, key: StaffKey) -> Desk:
    """FastAPI dependency: the desk of whoever holds this key."""
    return Desk(gateway.parts.tickets, Actor(Role(key.role), key.name, key.department, key.region))


TheDesk = Annotated[Desk, Depends(desk_of)]


@router.get("", response_model=PageBody, response_model_exclude_none=True, responses=failures(401, 403), summary="列出工单，新的在前")
async def listed(desk: TheDesk, gateway: TheGateway, key: StaffKey, status: Status | None = None, department: Word = None,
                 region: Annotated[RegionCode | None, Query(description="区县、市或全省的六位代码")] = None, category: Word = None,
                 queue: Queue | None = None, card: Card | None = None, pending: Pending | None = None,
                 phone: Annotated[str | None, Query(max_length=30, description="留下的电话，承办单位不能用")] = None,
                 helping: Annotated[bool, Query(description="承办单位：请我单位协办的，而不是主办的")] = False,
                 after: Annotated[str | None, Query(max_length=40, description="上一页的 next")] = None,
                 limit: Annotated[int, Query(ge=1, le=MOST)] = 50) -> Any:
    wanted = Wanted(status=status, department=department, region=region, category=category, queue=queue, card=card, pending=pending,
                    phone=phone or None, helper=desk.actor.department or None if helping else None, after=place_of(after) if after else None)
    found = await run_in_threadpool(desk.page, wanted, limit)
    if wanted.phone:
        gateway.parts.log.info("phone_searched", found=len(found.tickets), key=key.id)
    return {"tickets": [row(ticket) for ticket in found.tickets], "next": found.next.cursor if found.next else None}


@router.get("/{number}", response_model=StaffTicketBody, response_model_exclude_none=True, responses=failures(401, 403, 404), summary="看一张工单")
async def one(number: Number, desk: TheDesk, gateway: TheGateway, key: StaffKey) -> Any:
    ticket = await run_in_threadpool(desk.ticket, number)
    gateway.parts.log.info("ticket_seen", number=number, key=key.id)  # whoever looks at personal data leaves a trace
    return whole(ticket, desk.open_acts(ticket, gateway.parts.clock()))


@router.get("/{number}/trail", response_model=TrailBody, response_model_exclude_none=True, responses=failures(401, 403, 404), summary="看办理记录")
async def trail(number: Number, desk: TheDesk, gateway: TheGateway, key: StaffKey) -> Any:
    entries = await run_in_threadpool(desk.trail, number)
    gateway.parts.log.info("trail_seen", number=number, key=key.id)
    return {"number": number, "entries": [entry(done) for done in entries]}


@router.get("/{number}/similar", responses=failures(401, 403, 404), summary="可以并案的工单")
async def similar(number: Number, desk: TheDesk, gateway: TheGateway) -> dict[str, Any]:
    found = await run_in_threadpool(desk.similar, number, gateway.parts.clock())
    return {"similar": [similar_to_staff(one) for one in found]}


@router.post("/{number}/acts", response_model=StaffTicketBody, response_model_exclude_none=True,
             responses=failures(401, 403, 404, 409, 413), summary="办理工单：签收、答复、审核、转派等")
async def act(number: Number, body: ActBody, desk: TheDesk, gateway: TheGateway, key: StaffKey) -> Any:
    details = body.details
    if details.region is not None:
        gateway.region(details.region)
    now = gateway.parts.clock()
    ticket = await run_in_threadpool(desk.act, number, body.act, now, body.text or "", details, body.version)
    gateway.parts.log.info("ticket_acted_on", number=number, act=body.act.value, key=key.id)
    return whole(ticket, desk.open_acts(ticket, now))
