"""Appointments: where they can be made, and which slots of a day are free. One is made by POST /v1/tickets with the queue 预约."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from api.errors import ApiError
from api.gateway import Gateway, gateway_of
from api.rates import ADDRESS_QUESTIONS, address_of
from api.schemas import RegionCode, failures

router = APIRouter(prefix="/v1/appointments", tags=["预约"])
TheGateway = Annotated[Gateway, Depends(gateway_of)]


class OfficeBody(BaseModel):
    """A service centre that takes bookings."""

    code: str
    name: str
    region: str

    class Config:
        schema_extra = {"example": {"code": "jinan-lixia", "name": "历下区政务服务中心", "region": "370102"}}


class SlotBody(BaseModel):
    """A slot ("09:30") and how many seats are left in it."""

    slot: str
    free: int


class SlotsBody(BaseModel):
    """The slots of a day that can still be booked; none on a closed day."""

    office: str
    name: str
    day: date
    slots: list[SlotBody]

    class Config:
        schema_extra = {"example": {"office": "jinan-lixia", "name": "历下区政务服务中心", "day": "2026-11-24",
                                    "slots": [{"slot": "09:00", "free": 3}]}}


@router.get("/offices", response_model=list[OfficeBody], responses=failures(429), summary="能预约的办事大厅")
async def offices(request: Request, gateway: TheGateway, region: RegionCode | None = None) -> Any:
    await gateway.rates.check("questions", address_of(request), ADDRESS_QUESTIONS)
    centres = _bookable(gateway).centres
    found = centres.near(gateway.region(region)) if region else centres.centres
    return [{"code": centre.code, "name": centre.name, "region": centre.region} for centre in found]


@router.get("/slots", response_model=SlotsBody, responses=failures(422, 429), summary="大厅某一天还有哪些时段")
async def slots(request: Request, gateway: TheGateway,
                office: Annotated[str, Query(max_length=30, example="jinan-lixia")],
                day: Annotated[date, Query(example="2026-11-24")]) -> Any:
    await gateway.rates.check("questions", address_of(request), ADDRESS_QUESTIONS)
    bookable = _bookable(gateway)
    found = await run_in_threadpool(bookable.slots, office, day, gateway.parts.clock())
    return {"office": office, "name": bookable.centres.get(office).name, "day": day,
            "slots": [{"slot": slot.matter["slot"], "free": slot.free} for slot in found]}


def _bookable(gateway: Gateway) -> Any:
    appointments = getattr(gateway.parts.tickets, "appointments", None)
    if appointments is None:
        raise ApiError("not_found")
    return appointments
