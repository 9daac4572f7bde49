"""Open311 GeoReport v2: civic clients list our services, hand in requests and follow them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Mapping
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api.errors import ApiError
from api.gateway import Gateway, gateway_of
from api.keys import verify
from api.open311 import records
from api.open311.formats import Open311Error, answer, answer_one, failure
from api.rates import ADDRESS_QUESTIONS, ADDRESS_TICKETS, address_of
from core.clock import SHANGHAI
from tickets.errors import TicketError
from tickets.load import Category
from tickets.model import NewTicket
from tickets.open_data import midnight
from tickets.validation import tidy

router = APIRouter(prefix="/open311/v2", tags=["Open311"])
TheGateway = Annotated[Gateway, Depends(gateway_of)]
Kind = Literal["json", "xml"]
MOST = 1000            # requests an answer, as the specification has it
LONGEST = timedelta(days=90)
_YEARS = range(2000, 2100)  # beyond them days can no longer be counted back and forth
_MAY_OPEN = frozenset({"open311", "operator"})


def _guarded(kind: str, error: Exception) -> Response:
    if isinstance(error, Open311Error):
        return failure(kind, error)
    if isinstance(error, TicketError):
        return failure(kind, Open311Error(400, error.message))
    if isinstance(error, ApiError):
        status = {"unauthorised": 403, "forbidden": 403, "too_many_requests": 429}.get(error.code, 400)
        return failure(kind, Open311Error(status, error.message or error.code))
    raise error


@router.get("/discovery.{kind}", summary="发现")
async def discovery(kind: Kind, request: Request, gateway: TheGateway) -> Any:
    base = str(request.base_url).rstrip("/")
    endpoint = {"specification": "http://wiki.open311.org/GeoReport_v2", "url": f"{base}/open311/v2", "changeset": "2026-11-22 00:00",
                "type": "production", "formats": ("text/xml", "application/json")}
    return answer_one(kind, "discovery", {"changeset": "2026-11-22 00:00", "contact": "12345", "key_service": "向热线中心申请 open311 密钥",
                                          "endpoints": (endpoint,)})


@router.get("/services.{kind}", summary="可以反映的事")
async def services(kind: Kind, gateway: TheGateway) -> Any:
    return answer(kind, "services", "service", [records.service(leaf) for leaf in gateway.parts.tickets.router.categories])


@router.get("/services/{code}.{kind}", summary="一类事要填什么")
async def definition(code: str, kind: Kind, gateway: TheGateway) -> Any:
    try:
        return answer_one(kind, "service_definition", records.definition(_category(gateway, code, 404)))
    except Open311Error as error:
        return failure(kind, error)


@router.post("/requests.{kind}", status_code=201, summary="提交一件事")
async def submit(kind: Kind, request: Request, gateway: TheGateway) -> Any:
    try:
        form = _form(await request.body())
        key = await verify(request, form.get("api_key") or request.headers.get("X-API-Key"))
        if key.role not in _MAY_OPEN:
            raise ApiError("forbidden")
        await gateway.rates.check("tickets", address_of(request), ADDRESS_TICKETS)
        opened = await run_in_threadpool(gateway.parts.tickets.open, _new(gateway, form, key.id), at=gateway.parts.clock())
        public_id = await run_in_threadpool(gateway.parts.public_tickets.id_of, opened.ticket.number)
    except (Open311Error, ApiError, TicketError) as error:
        return _guarded(kind, error)
    # Everybody may ask after the id; the number is for whoever handed it in.
    notice = f"工单编号 {opened.ticket.number}" + (f"，查询码 {opened.code}" if opened.code else "")
    record = {"service_request_id": public_id, "service_notice": notice, "account_id": ""}
    return answer(kind, "service_requests", "request", [record], 201)


@router.get("/requests.{kind}", summary="公开的诉求")
async def listed(kind: Kind, request: Request, gateway: TheGateway) -> Any:
    try:
        await gateway.rates.check("questions", address_of(request), ADDRESS_QUESTIONS)
        query = request.query_params
        if query.get("service_request_id"):
            wanted = [one.strip() for one in query["service_request_id"].split(",")][:MOST]
            found = await run_in_threadpool(gateway.parts.public_tickets.find, wanted)
        else:
            codes = [code for code in query.get("service_code", "").split(",") if code]
            categories = [_category(gateway, code, 400).name for code in codes]
            start, end = _span(query, gateway.parts.clock())
            found = await run_in_threadpool(gateway.parts.public_tickets.newest, start, end, categories, _done(query.get("status")), MOST)
    except (Open311Error, ApiError) as error:
        return _guarded(kind, error)
    return answer(kind, "service_requests", "request", [records.request(ticket) for ticket in found])


@router.get("/requests/{public_id}.{kind}", summary="一件诉求")
async def one(public_id: str, kind: Kind, request: Request, gateway: TheGateway) -> Any:
    try:
        await gateway.rates.check("questions", address_of(request), ADDRESS_QUESTIONS)
        found = await run_in_threadpool(gateway.parts.public_tickets.find, [public_id])
        if not found:
            raise Open311Error(404, "没有这件诉求，或者它不公开")
    except (Open311Error, ApiError) as error:
        return _guarded(kind, error)
    return answer(kind, "service_requests", "request", [records.request(ticket) for ticket in found])


@router.get("/tokens/{token}.{kind}", summary="凭证对应的诉求")
async def token(token: str, kind: Kind, request: Request, gateway: TheGateway) -> Any:
    """Requests get their id at once, so a token is the id itself."""
    try:
        await gateway.rates.check("questions", address_of(request), ADDRESS_QUESTIONS)
        if not await run_in_threadpool(gateway.parts.public_tickets.find, [token]):
            raise Open311Error(404, "没有这个凭证")
    except (Open311Error, ApiError) as error:
        return _guarded(kind, error)
    return answer(kind, "service_requests", "request", [{"service_request_id": token, "token": token}])


def _category(gateway: Gateway, code: str, status: int) -> Category:
    for leaf in gateway.parts.tickets.router.categories:
        if records.service_code(leaf.name) == code:
            return leaf
    raise Open311Error(status, f"没有 service_code {code[:20]}")


def _form(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=100)
    except ValueError:
        raise Open311Error(400, "请用 UTF-8 的 application/x-www-form-urlencoded 提交") from None
    return {name: values[0] for name, values in fields.items()}


def _new(gateway: Gateway, form: Mapping[str, str], key: str) -> NewTicket:
    category = _category(gateway, form.get("service_code", ""), 400)
    address = " ".join(filter(None, (form.get("address_string"), form.get("attribute[where]"), form.get("attribute[WHERE]"))))
    latitude, longitude = _degrees(form.get("lat"), 90), _degrees(form.get("long"), 180)
    if not address and (latitude is None or longitude is None):
        raise Open311Error(400, "请提供 lat 和 long，或者 address_string")
    text = tidy(form.get("description", "")) or category.name
    named = gateway.parts.regions.find(f"{address},{text}", gateway.settings.region)
    name = tidy(f"{form.get('last_name', '')}{form.get('first_name', '')}") or None
    account = form.get("account_id") or form.get("device_id")
    return NewTicket(category.type, text, "open311", category=category.name, region=named.code if named else gateway.settings.region,
                     address=address or None, name=name, phone=form.get("phone") or None, latitude=latitude, longitude=longitude,
                     request_id=f"open311:{key}:{account}:{form['request_id']}" if form.get("request_id") else None)


def _degrees(text: str | None, most: int) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        raise Open311Error(400, "lat 或 long 不是度数")
    return value


def _span(query: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """The days asked for: 90 at most, the newest unless told; whole ones, or asking again and again would find out the hour."""
    last = _moment(query.get("end_date")) or now
    start = _moment(query.get("start_date")) or last - LONGEST
    if start > last:
        raise Open311Error(400, "start_date 在 end_date 之后")
    end = midnight(last - timedelta(microseconds=1)) + timedelta(days=1)
    return midnight(max(start, end - LONGEST)), end


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+").replace("Z", "+00:00"))
    except ValueError:
        raise Open311Error(400, "日期请写成 2026-11-05T00:00:00+08:00") from None
    if at.year not in _YEARS:
        raise Open311Error(400, f"日期的年份要在 {_YEARS[0]} 到 {_YEARS[-1]} 之间")
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def _done(status: str | None) -> bool | None:
    if status in (None, "", "open,closed", "closed,open"):
        return None
    if status not in ("open", "closed"):
        raise Open311Error(400, "status 只能是 open 或 closed")
    return status == "closed"
