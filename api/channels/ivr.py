"""The phone: an exchange with an ivr key brings words or keys and gets a prompt and an action."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal, Mapping

from fastapi import APIRouter, Depends, Path, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, Field, constr, root_validator, validator
from redis.exceptions import RedisError

from api.call_rating import CallRating
from api.calls import Calls, Heard, Spoken, call_token, caller_number, conversation_id
from api.conversations import ConversationGone
from api.errors import ApiError
from api.gateway import Gateway, gateway_of
from api.keys import key_of, verify
from api.phone import voicexml
from api.phone.reading import fields_of, is_form, turn_fields, validated, wants_voicexml
from api.phone.speakable import speakable
from api.ports import Key
from api.schemas import CHAT_LIMIT, RegionCode, failures
from core.clock import SHANGHAI
from tickets.model import NewTicket, Queue, TicketType

router = APIRouter(prefix="/v1/ivr", tags=["电话"])
IvrKey = Annotated[Key, Depends(key_of("ivr"))]
TheGateway = Annotated[Gateway, Depends(gateway_of)]
_Header = Annotated[str | None, Security(APIKeyHeader(name="X-API-Key", auto_error=False, description="由 hotline admin key 发放"))]
_BODIES = ("application/json", "application/x-www-form-urlencoded")
PHRASES = ("utter_call_over", "utter_fault_transfer", "utter_transfer_failed", "utter_call_yourself")
_CALL = r"^[A-Za-z0-9_.:@\-]{1,64}$"
_TOKEN = re.compile(r"i[0-9a-f]{32}\.[A-Za-z0-9_\-]{1,64}")  # see api.calls.call_token
CallId = Annotated[str, Path(regex=_CALL, example="20261101-000123")]


class NewCall(BaseModel):
    """`vouched`: false for a number that the exchange only passes on; it is then nobody's number here. `returns`: after a transfer
    the exchange asks whether it goes on."""

    call_id: constr(regex=_CALL)  # type: ignore[valid-type]
    caller: constr(max_length=64) | None = None  # type: ignore[valid-type]
    region: RegionCode | None = None
    vouched: bool = True
    returns: bool = False

    class Config:
        schema_extra = {"example": {"call_id": "20261101-000123", "caller": "13812345678", "region": "370102"}}


class CallTurn(BaseModel):
    """Exactly one of text, dtmf and silence."""

    text: constr(max_length=CHAT_LIMIT, strip_whitespace=True) | None = None  # type: ignore[valid-type]
    dtmf: constr(regex=r"^[0-9*#]{1,32}$") | None = None  # type: ignore[valid-type]
    silence: bool | None = None
    confidence: float | None = Field(None, ge=0, le=1)

    @root_validator(skip_on_failure=True)
    def one_of_three(cls, values: dict[str, Any]) -> dict[str, Any]:
        given = [values["text"] is not None, values["dtmf"] is not None, bool(values["silence"])]
        if sum(given) != 1:
            raise ValueError("text、dtmf、silence 要填其中一项，也只能填一项")
        return values

    class Config:
        schema_extra = {"example": {"text": "小区门口路灯坏了一个月没人修", "confidence": 0.92}}


class CallEnd(BaseModel):
    reason: constr(min_length=1, max_length=100, strip_whitespace=True)  # type: ignore[valid-type]

    class Config:
        schema_extra = {"example": {"reason": "caller_hung_up"}}


class MissedCall(BaseModel):
    """A call that nobody answered; `at` with its zone, the present moment if it is left out."""

    call_id: constr(regex=_CALL)  # type: ignore[valid-type]
    caller: constr(min_length=1, max_length=64)  # type: ignore[valid-type]
    at: datetime | None = None
    region: RegionCode | None = None

    @validator("at")
    def with_zone(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("at 要带时区")
        return value

    class Config:
        schema_extra = {"example": {"call_id": "20261101-000124", "caller": "13812345678", "at": "2026-11-01T08:30:00+08:00"}}


class CallBack(BaseModel):
    """The ticket by which somebody calls back."""

    number: str
    due_at: datetime


class CallAnswer(BaseModel):
    """What the exchange says and does next: `prompt` in words for a voice, `text` the same as it is written; `slow`: to be said slowly."""

    prompt: str
    text: str
    expects: Literal["speech", "dtmf", "both", "none"]
    options: list[str]
    action: Literal["continue", "transfer", "hangup"]
    transfer_to: str | None = None
    slow: bool | None = None
    outcome: str


def _documented(model: type[BaseModel]) -> dict[str, Any]:
    """The body is read by hand, as JSON or as a form; this is what OpenAPI says of it."""
    schema = model.schema(ref_template="#/components/schemas/{model}")
    return {"requestBody": {"required": True, "content": {media: {"schema": schema} for media in _BODIES}}}


_ANSWERS: dict[str, Any] = {"response_model": CallAnswer, "response_model_exclude_none": True}


@router.post("/calls", summary="电话接入", responses=failures(401, 403), openapi_extra=_documented(NewCall), **_ANSWERS)
@router.get("/calls", include_in_schema=False)
async def begin(request: Request, key: IvrKey, gateway: TheGateway) -> Any:
    body = validated(NewCall, await fields_of(request))
    id, caller = conversation_id(key.id, body.call_id), caller_number(body.caller) if body.vouched else None
    line = conversation_id(key.id, f"caller {caller}") if caller else ""
    token = call_token(id)
    returns = body.returns and not wants_voicexml(request)  # a browser is gone once it has transferred
    spoken = await Calls(gateway).begin(id, caller, gateway.region(body.region), line=line, token=token, returns=returns)
    return _answer(request, gateway, body.call_id, token, spoken)


@router.post("/calls/{call_id}/turns", summary="来电人说了一句话或按了键", responses=failures(401, 403, 404, 409),
             openapi_extra=_documented(CallTurn), **_ANSWERS)
@router.get("/calls/{call_id}/turns", include_in_schema=False)
async def turn(call_id: CallId, request: Request, gateway: TheGateway, header: _Header = None) -> Any:
    sent = await fields_of(request)
    try:
        id, token = await _admitted(request, gateway, call_id, sent, header)
    except RedisError:  # the token cannot be proved: what is answered now tells nothing of any call
        token = str(sent.get("token", ""))
        return _answer(request, gateway, call_id, token, Calls(gateway).unkept(_unproved(token), _heard(request, sent)))
    heard = _heard(request, sent)
    try:
        spoken = await Calls(gateway).turn(id, heard)
    except ApiError as error:
        if not wants_voicexml(request) or error.code not in ("call_ended", "turn_in_progress"):
            raise
        # A browser that is answered with an error hangs up without a word.
        name = "utter_call_over" if error.code == "call_ended" else "utter_fault_transfer"
        spoken = Spoken(gateway.parts.phrases.render(name, "ivr"), "fault", action="hangup" if error.code == "call_ended" else "transfer")
    return _answer(request, gateway, call_id, token, spoken)


@router.post("/calls/{call_id}/onward", summary="工作人员挂机以后：要不要接着转到别的热线",
             responses={204: {"description": "不用再转"}, **failures(401, 403, 404, 409)}, **_ANSWERS)
async def onward(call_id: CallId, key: IvrKey, gateway: TheGateway) -> Any:
    spoken = await Calls(gateway).onward(conversation_id(key.id, call_id))
    return told(spoken) if spoken else Response(status_code=204)


@router.post("/calls/{call_id}/end", status_code=204, response_model=None, responses=failures(401, 403, 404, 409), summary="电话结束",
             openapi_extra=_documented(CallEnd))
@router.get("/calls/{call_id}/end", include_in_schema=False, response_model=None)
async def end(call_id: CallId, request: Request, gateway: TheGateway, header: _Header = None) -> Response:
    sent = await fields_of(request)
    id, _ = await _admitted(request, gateway, call_id, sent, header)
    body = validated(CallEnd, sent)
    try:
        await CallRating(gateway).settle(id)
        await Calls(gateway).end(id, body.reason)
    except ApiError as error:
        if not wants_voicexml(request) or error.code != "call_ended":
            raise
    return Response(voicexml.ended(), media_type=voicexml.MEDIA_TYPE) if wants_voicexml(request) else Response(status_code=204)


@router.post("/missed-calls", status_code=201, response_model=CallBack, responses=failures(401, 403), summary="有人打来没接上，登记回拨")
async def missed(body: MissedCall, key: IvrKey, gateway: TheGateway) -> Any:
    """Open the call-back ticket, once for each call id."""
    caller = caller_number(body.caller)
    if caller is None:
        raise ApiError("invalid_request", "这个号码没法回拨", "caller")
    now = gateway.parts.clock()
    at = (body.at or now).astimezone(SHANGHAI).replace(microsecond=0)
    new = NewTicket(TicketType.HELP, "来电没有接通，请回拨。", "ivr", request_id=f"missed:{key.id}:{body.call_id}", title="未接来电回拨",
                    region=gateway.region(body.region), when=f"{at:%Y-%m-%d %H:%M}", phone=caller, queue=Queue.CALL_BACK,
                    matter={"at": at.isoformat()})
    opened = await run_in_threadpool(gateway.parts.tickets.open, new, at=now)
    return {"number": opened.ticket.number, "due_at": opened.ticket.due_at}


def told(spoken: Spoken) -> dict[str, Any]:
    """Return the JSON of what is spoken."""
    return {"prompt": speakable(spoken.prompt), "text": spoken.prompt, "expects": spoken.expects, "options": list(spoken.options),
            "action": spoken.action, "transfer_to": spoken.transfer_to, "slow": spoken.slow or None, "outcome": spoken.outcome}


def _heard(request: Request, sent: Mapping[str, Any]) -> Heard:
    body = validated(CallTurn, turn_fields(sent) if is_form(request) else sent)
    return Heard((body.text or "").replace("\x00", " ").encode("utf-8", "replace").decode("utf-8"), body.dtmf or "", body.confidence)


def _unproved(token: str) -> str:
    """Return the conversation that a token names; raise ApiError("unauthorised") for what can be no token."""
    if not _TOKEN.fullmatch(token):
        raise ApiError("unauthorised")
    return token.partition(".")[0]


async def _admitted(request: Request, gateway: Gateway, call_id: str, sent: Mapping[str, Any], header: str | None) -> tuple[str, str]:
    """Return the conversation and its token ("" with a key); raise ApiError("unauthorised"), ("forbidden") or ("call_not_found")."""
    token = str(sent.get("token", "")) if is_form(request) else ""
    if header or not token:
        key = await verify(request, header)
        if key.role != "ivr":
            raise ApiError("forbidden")
        return conversation_id(key.id, call_id), ""
    id = token.partition(".")[0]
    if not re.fullmatch(r"i[0-9a-f]{32}", id):
        raise ApiError("unauthorised")
    try:
        conversation = await gateway.conversations.load(id)
    except ConversationGone:
        raise ApiError("unauthorised") from None
    if conversation.channel != "ivr" or not conversation.opened_by(token):
        raise ApiError("unauthorised")
    return conversation.id, token


def _answer(request: Request, gateway: Gateway, call_id: str, token: str, spoken: Spoken) -> Any:
    if not wants_voicexml(request):
        return told(spoken)
    phrases, settings, here = gateway.parts.phrases, gateway.settings, f"{request.scope.get('root_path', '')}/v1/ivr/calls/{call_id}"
    session = voicexml.Session(
        f"{here}/turns", f"{here}/end", token, settings.vxml_grammar, settings.vxml_transfer, phrases.render("utter_fault_transfer", "ivr"),
        phrases.render("utter_transfer_failed", "ivr"), phrases.render("utter_call_yourself", "ivr", number="{number}"))
    return Response(voicexml.document(spoken, session, gateway.settings.transfer_to), media_type=voicexml.MEDIA_TYPE)
