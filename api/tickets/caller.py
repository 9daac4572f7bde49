"""What callers do to their own tickets: press, add, take back, rate. Proof of ownership as for looking one up."""

from __future__ import annotations

from typing import Annotated, Any, Callable

from fastapi import APIRouter, Depends, Path, Request
from fastapi.concurrency import run_in_threadpool

from api.errors import ApiError
from api.gateway import Gateway, gateway_of
from api.rates import ADDRESS_TICKETS, asker_of
from api.schemas import failures
from api.tickets.schemas import ProofBody, RatedBody, RatingBody, SupplementBody, TicketBody, UrgeBody, told

router = APIRouter(prefix="/v1/tickets/{number}", tags=["工单"])
TheGateway = Annotated[Gateway, Depends(gateway_of)]
Number = Annotated[str, Path(regex=r"^\d{16}$", example="2026110112345678")]
_ANSWERS: dict[str, Any] = {"response_model": TicketBody, "response_model_exclude_none": True, "responses": failures(404, 409, 429)}


@router.post("/urge", summary="催办", **_ANSWERS)
async def urge(number: Number, body: UrgeBody, request: Request, gateway: TheGateway) -> Any:
    return await _done(gateway, request, body, gateway.parts.tickets.urge, number, note=body.text or "")


@router.post("/supplement", summary="补充内容", **_ANSWERS)
async def supplement(number: Number, body: SupplementBody, request: Request, gateway: TheGateway) -> Any:
    return await _done(gateway, request, body, gateway.parts.tickets.supplement, number, body.text)


@router.post("/withdraw", summary="撤销", **_ANSWERS)
async def withdraw(number: Number, body: UrgeBody, request: Request, gateway: TheGateway) -> Any:
    return await _done(gateway, request, body, gateway.parts.tickets.withdraw, number, note=body.text or "")


@router.post("/rate", response_model=RatedBody, responses=failures(404, 409, 429), summary="评价，每张工单一次")
async def rate(number: Number, body: RatingBody, request: Request, gateway: TheGateway) -> Any:
    linked = body.token is not None
    if body.token is not None and not gateway.parts.may_rate(number, body.token):
        await gateway.rates.check("tickets", asker_of(request), ADDRESS_TICKETS)
        raise ApiError("ticket_not_found")
    return await _done(gateway, request, body, gateway.parts.tickets.rate, number, body.grade.value, reason=body.reason or "", trusted=linked)


async def _done(gateway: Gateway, request: Request, proof: ProofBody, act: Callable[..., Any], *words: str, trusted: bool = False,
                **more: str) -> Any:
    if not trusted and proof.phone_last4 is None and proof.phone is None and proof.code is None:
        raise ApiError("proof_required", field="phone_last4")
    asker = asker_of(request)
    await gateway.rates.check("tickets", asker, ADDRESS_TICKETS)
    return told(await run_in_threadpool(act, *words, at=gateway.parts.clock(), phone_last4=proof.phone_last4, code=proof.code, phone=proof.phone,
                                        asker=asker, trusted=trusted, **more))
