"""Tickets: what a text would become, opening one, and looking one up."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import APIKeyHeader

from api.errors import ApiError
from api.gateway import Gateway, gateway_of
from api.keys import verify
from api.rates import ADDRESS_LONG_TEXTS, ADDRESS_QUESTIONS, ADDRESS_TICKETS, address_of, asker_of
from api.schemas import failures
from api.tickets.advice import STAFF, similar_told, suggestions_told
from api.tickets.proof import ProofHeader, proof_of
from api.tickets.schemas import ClassificationBody, NewTicketBody, TextBody, TicketBody, told
from tickets.duplicates import COMPARED
from tickets.model import NewTicket, Queue, TicketType
from zh.normalise import normalise

router = APIRouter(prefix="/v1/tickets", tags=["工单"])
TheGateway = Annotated[Gateway, Depends(gateway_of)]
_KEYED_QUEUES = (Queue.CALL_BACK.value, Queue.POLICE.value)  # nobody calls himself back, or hands over for the police
_IN_HEADER = "已不推荐：地址会留在日志里，请改用请求头 X-Ticket-Proof"
_key = APIKeyHeader(name="X-API-Key", auto_error=False)


@router.post("/classify", response_model=ClassificationBody, response_model_exclude_unset=True, responses=failures(401, 413, 429),
             summary="看一段话会成为什么工单；工作人员的密钥还能看到派单建议和可以并案的工单")
async def classify(body: TextBody, request: Request, gateway: TheGateway, token: Annotated[str | None, Security(_key)] = None) -> Any:
    key = await verify(request, token) if token else None
    await gateway.rates.check("questions", address_of(request), ADDRESS_QUESTIONS)
    if len(body.text) > COMPARED and (key is None or key.role not in STAFF):
        await gateway.rates.check("long_texts", asker_of(request), ADDRESS_LONG_TEXTS)
    tickets, region = gateway.parts.tickets, _region(gateway, body)
    found = await run_in_threadpool(tickets.classify, body.text)
    similar = await run_in_threadpool(tickets.similar, body.text, found.category, region, body.address or found.elements.where,
                                      gateway.parts.clock())
    answer = {"type": _value(found.type), "category": found.category, "department": found.department, "urgency": _value(found.urgency),
              "elements": dataclasses.asdict(found.elements), "similar": similar_told(similar, key)}
    if key is not None and key.role in STAFF:
        answer["suggestions"] = suggestions_told(await run_in_threadpool(tickets.suggest, body.text, region))
    return answer


@router.post("", status_code=201, response_model=TicketBody, response_model_exclude_none=True,
             responses=failures(401, 403, 409, 413, 429), summary="提交工单")
async def open_ticket(body: NewTicketBody, request: Request, gateway: TheGateway,
                      token: Annotated[str | None, Security(_key)] = None) -> Any:
    if body.source_channel != "web" and (await verify(request, token)).role != body.source_channel:
        raise ApiError("forbidden")
    if body.source_channel == "web" and body.queue in _KEYED_QUEUES:
        raise ApiError("forbidden", field="queue")
    if body.hold and body.source_channel != "operator":
        raise ApiError("forbidden", field="hold")
    await gateway.rates.check("tickets", asker_of(request), ADDRESS_TICKETS)
    new = NewTicket(
        type=TicketType(body.type), text=body.text, region=_region(gateway, body), address=body.address,
        name=body.name, phone=body.phone, id_number=body.id_number, anonymous=body.anonymous, confidential=body.confidential,
        queue=Queue(body.queue) if body.queue else None, matter=body.matter, enterprise=body.enterprise, held=body.hold,
        latitude=body.latitude, longitude=body.longitude,
        source_channel=body.source_channel, request_id=f"{body.source_channel}:{body.request_id}" if body.request_id else None)
    opened = await run_in_threadpool(gateway.parts.tickets.open, new, at=gateway.parts.clock())
    return {**told(opened.ticket), "code": opened.code, "alarm": _alarm(gateway, body)}


@router.get("/{number}", response_model=TicketBody, response_model_exclude_none=True,
            responses=failures(404, 429), summary="查工单进度")
async def view(number: Annotated[str, Path(regex=r"^\d{16}$", example="2026110112345678")], request: Request, gateway: TheGateway,
               proof: ProofHeader = None,
               phone_last4: Annotated[str | None, Query(regex=r"^\d{4}$", example="1234", deprecated=True, description=_IN_HEADER)] = None,
               code: Annotated[str | None, Query(regex=r"^\d{8}$", deprecated=True, description=_IN_HEADER)] = None) -> Any:
    proven = proof_of(proof) if proof is not None else {"phone_last4": phone_last4, "code": code}
    if not any(proven.values()):
        raise ApiError("proof_required", field="phone_last4")
    ticket = await run_in_threadpool(gateway.parts.tickets.view, number, **proven, asker=asker_of(request), at=gateway.parts.clock())
    return {**told(ticket), "photos": await run_in_threadpool(gateway.parts.photos.count, ticket.number)}


def _region(gateway: Gateway, body: NewTicketBody | TextBody) -> str:
    """The region given, else the one that address or text name, else this hotline's own."""
    if body.region is None:
        named = gateway.parts.regions.find(normalise(f"{body.address or ''},{body.text}"), gateway.settings.region)
        return named.code if named else gateway.settings.region
    return gateway.region(body.region)


def _alarm(gateway: Gateway, body: NewTicketBody) -> dict[str, str] | None:
    """A form is filled in calmly, but some write of a danger that will not wait for a department."""
    alarm = gateway.parts.detector.detect(body.text)
    if alarm is None:
        return None
    answer = gateway.responder.emergency(alarm, "web")
    gateway.parts.log.warning("alarm_in_ticket", outcome=answer.outcome)
    return {"outcome": answer.outcome, "text": answer.utterances[0].text}


def _value(choice: Any) -> str:
    return str(getattr(choice, "value", choice))
